/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* DPDK's environment: started once per process, in memory, with whatever the machine offers.  */

#include <stdbool.h>
#include <stdint.h>

struct datapath_config;
struct errbuf;

struct eal_state {
	bool hugepages;
	bool pci;
	uint32_t memory_mb; /* reserved at start; with hugepages more is taken when needed */
	/* Why it started without the words of other_config:dpdk-extra; "" if it did not. */
	char refused[320];
};

/* Main thread. */

int eal_start(const struct datapath_config *config, struct errbuf *err);
void eal_stop(void);
const struct eal_state *eal_state(void);
/* Megabytes of hugepages that are free and promised to nobody, of all sizes; 'top' is the kernel's folder
 * about them. */
unsigned long eal_free_hugepages_mb(const char *top);

/* DPDK explains its failures only in its log. The first error it wrote on this thread since
 * eal_forget_error(), without line end; "" if none. */
const char *eal_first_error(void);
void eal_forget_error(void);
