/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Capture files in the format of libpcap: one that is read into memory, and one that is written by a
 * thread of its own, because workers must not wait for a disk.  */

#include <stdbool.h>
#include <stdint.h>

struct errbuf;
struct pcap_writer;
struct rte_mbuf;

/* The frames of a file, one behind the other. */
struct pcap_frames {
	uint8_t *bytes;
	uint32_t *ends; /* frame i ends there and begins where the one before ends */
	uint32_t n;
	uint32_t longest;
};

/* Main thread, or the one that opens slow devices. */

/* 'name' is the port's. */
int pcap_frames_load(
	struct pcap_frames *frames, const char *name, const char *path, struct errbuf *err
);
void pcap_frames_free(struct pcap_frames *frames);

/* Makes the file anew and starts its thread; no more than so many bytes are written. */
struct pcap_writer *
pcap_writer_open(const char *name, const char *path, uint64_t limit, struct errbuf *err);
/* Writes what is left, and ends. NULL is fine. */
void pcap_writer_close(struct pcap_writer *writer);
/* 0 or the errno for which nothing more is written; EFBIG: the limit is reached. */
int pcap_writer_error(const struct pcap_writer *writer);

/* Workers. */

/* Leaves packets to the thread. Returns how many it took. */
uint16_t pcap_writer_add(struct pcap_writer *writer, struct rte_mbuf **pkts, uint16_t n);
