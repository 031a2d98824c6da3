/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packet sockets: AF_PACKET with virtio-net headers, many packets per system call.  */

#include <stdint.h>

struct rte_mbuf;

/* Main thread. Return 0 (a descriptor, an index) or -errno. */

int packet_socket_open(void);
/* Receives what arrives at the device from now on, whatever its destination. */
int packet_socket_bind(int sock, int index);
/* The device bound to; negative when it has vanished. */
int packet_socket_index(int sock);

/* Workers. */

/* Sends in order; returns how many are done with. Those of them that could not be sent are given to
 * 'fail' with the reason. Frees nothing. */
struct packet_socket_sender {
	int sock;
	void (*fail)(struct packet_socket_sender *sender, struct rte_mbuf *packet, int error);
};
uint16_t
packet_socket_send(struct packet_socket_sender *sender, struct rte_mbuf **pkts, uint16_t n);
