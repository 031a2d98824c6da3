/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Front ends: the guest's side of a vhost-user port, as small as it can be.
 *
 * A front end meets the switch at a socket, hands it some memory and two split rings
 * in it, and then owns the rings' driver side, well-behaved or not: all of it is open to whoever
 * wants to write nonsense there.  */

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRONT_RINGS = 2, /* 0: what the guest receives from, 1: what it sends through */
	FRONT_RING_SIZE = 256,
	FRONT_BUFFER_SIZE = 2048,
	FRONT_HEADER_SIZE = 12, /* struct virtio_net_hdr_mrg_rxbuf */
	FRONT_MEMORY_SIZE = 4 << 20,
	FRONT_BASE = 0x100000, /* the guest's address of the memory's first byte */
};

enum front_ring_number {
	FRONT_RECEIVE,
	FRONT_SEND,
};

struct front_ring {
	struct vring_desc *descs;
	struct vring_avail *avail;
	struct vring_used *used;
	int kick, call; /* eventfds */
	uint16_t seen; /* the next entry of 'used' that was not looked at */
	uint16_t next; /* the next entry of 'avail' to fill */
};

struct front_end {
	int listener, connection;
	uint8_t *memory;
	int memory_fd;
	bool is_piped; /* interrupts are told by a pipe */
	bool is_cut; /* the memory is taken away again before the switch has heard of the rings */
	struct front_ring rings[FRONT_RINGS];
};

/* Connects to the switch if it serves the socket, else makes the socket. Whatever goes wrong is said
 * on stderr, and the program ends. */
void front_end_open(struct front_end *front, const char *path);
/* Waits for the switch if need be, and goes through the handshake. */
void front_end_accept(struct front_end *front, uint64_t features);
/* Says again where the memory is, and how large. */
void front_end_tell_memory(const struct front_end *front, uint64_t size);
/* Gives the switch every buffer of the receive ring. */
void front_end_offer(struct front_end *front);
void front_end_close(struct front_end *front);

/* The guest's address of a buffer, and where it is for us. */
uint64_t front_end_address(enum front_ring_number ring, unsigned buffer);
uint8_t *front_end_buffer(struct front_end *front, enum front_ring_number ring, unsigned buffer);

/* Makes 'n' entries of 'avail' known and tells the switch if it wants to be told. */
void front_end_publish(struct front_end *front, enum front_ring_number number, uint16_t n);

/* Sends a frame. Returns -1 when the switch has not taken the ring's earlier ones yet. */
int front_end_send(struct front_end *front, const void *frame, size_t size);
/* Takes the next frame that has arrived. Returns its size, 0 when there is none. */
size_t front_end_receive(struct front_end *front, void *frame, size_t size);
