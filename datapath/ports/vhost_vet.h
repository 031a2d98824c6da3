/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a guest's side hands over is vetted before workers touch it.
 *
 * A descriptor may be a file that some process serves (FUSE) or another machine does: who reads a page of
 * it, writes to it or asks whether it is readable waits for that process, which need never answer, and no
 * signal ends that. So memory is taken of file systems that the kernel or a disk keeps, and kicks and
 * interrupts are eventfds.  */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct vhost_mapping {
	uint64_t begin, end;
	unsigned major, minor; /* of the device */
};

/* Any thread. */

/* Finds the mapping that 'at' is in; 'maps' is /proc/self/maps. */
bool vhost_vet_find_mapping(FILE *maps, uint64_t at, struct vhost_mapping *found);

/* The vhost thread. */

/* Whether the guest's memory and interrupts are fit for workers. The latter are made not to block. */
bool vhost_vet_guest(int vid);
bool vhost_vet_is_eventfd(int fd);
