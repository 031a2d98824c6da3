/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Guests' memory that is taken away while we use it.
 *
 * It is a file of the guest's side, which can cut it short at any moment; whoever then touches what is
 * mapped of it gets SIGBUS, which would end the switch. Seals against that (F_SEAL_SHRINK) exist for
 * some kinds of files only and are the guest's side's to set, and asking for the file's size leaves
 * time to cut it afterwards. So the signal is handled: the mapping is replaced by zeros of our own, in
 * which a ring is as dead as its guest wanted it.  */

#include <stdbool.h>

/* Main thread. */

/* Handles the signal from now on. */
void vhost_memory_init(void);
/* Whether the memory of a guest was replaced. */
bool vhost_memory_is_lost(int vid);
