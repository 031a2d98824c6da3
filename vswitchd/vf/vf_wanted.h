/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Virtual functions as the database wants them.
 *
 * The row of a NIC's interface says how many the NIC has (other_config:sriov-vfs) and how each is set
 * up (vf-0, vf-1, …), whoever uses it; the row of a port that is a function itself says so with vf.
 * What is wanted is compared with what there is, in each pass, so that a restart restores it; a setting
 * that is removed becomes that of a fresh function. Making functions and giving them to drivers takes its
 * time and happens on libuv's pool.  */

#include <stdbool.h>

#include <jansson.h>

struct db_row;
struct uv_loop_s;

/* Main thread. */

/* 'done' is called when something has been made, and another pass can go on. */
void vf_wanted_start(struct uv_loop_s *loop, void (*done)(void));
/* False: a driver is still at work. */
bool vf_wanted_stop(void);
/* In each pass: begin, each row of Interface, end, which takes back what no row wants any more. */
void vf_wanted_begin(void);
void vf_wanted_apply(const struct db_row *row);
void vf_wanted_end(void);

/* Something was refused a while ago, and another pass may help: a NIC may have got a link. */
bool vf_wanted_retry_due(void);
/* What of a row could not be done, to be freed; or NULL. */
char *vf_wanted_error(const struct db_row *row);
/* Adds to Interface.status how many functions the NIC has and how they are. */
void vf_wanted_add_status(const struct db_row *row, json_t *status);
