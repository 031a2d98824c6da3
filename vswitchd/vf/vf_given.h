/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which settings virtual functions were given, so that those which nobody wants any more are taken
 * back: what is removed from the database must not stay on the NIC for whoever gets the function next.
 *
 * A pass says what is wanted; what an earlier one wanted and this one does not becomes what a fresh
 * function has. A setting that was removed cannot be taken back after a restart, but rows change only
 * while we run, and the first pass notes what they say.  */

struct strbuf;

/* Main thread. */

void vf_given_fini(void);
/* In each pass: begin, what is wanted, end. */
void vf_given_begin(void);
/* These fields (enum vf_field) are wanted for a function; 'refused' are those of them that its driver did
 * not set, so that only an earlier value may have to be taken back. */
void vf_given_want(const char *nic, unsigned index, unsigned fields, unsigned refused);
/* Nothing is known of what is wanted: all stays. */
void vf_given_hold(const char *nic, unsigned index);
/* The same for all functions of a NIC. */
void vf_given_hold_all(const char *nic);
/* Takes back what is not wanted. Calls 'refused' for each NIC whose driver would not, with its
 * sentences; it is asked again with the next pass. */
void vf_given_end(void (*refused)(const char *nic, const char *sentences));
