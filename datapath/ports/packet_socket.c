/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/packet_socket.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datapath/batch.h"
#include "datapath/ports/vnet.h"
#include "lib/types.h"

enum {
	/* Room for TCP's largest windows in flight; the default holds four 64 kB packets. */
	RECEIVE_BUFFER = 4 << 20,
	SEND_BUFFER = 4 << 20,
	/* A few segments for each packet, and one packet of any number. */
	SEND_IOVECS = 4 * BATCH_SIZE + VNET_IOVECS,
};

/* Messages collected for one sendmmsg(). */
struct sending {
	struct packet_socket_sender *sender;
	struct rte_mbuf **pkts; /* all there are to send */
	unsigned n, n_iov;
	struct mmsghdr messages[BATCH_SIZE];
	struct virtio_net_hdr headers[BATCH_SIZE];
	struct iovec iov[SEND_IOVECS];
};

static int set_option(int sock, int level, int option, int value)
{
	return setsockopt(sock, level, option, &value, sizeof(value)) ? -errno : 0;
}

static void set_buffer(int sock, int forced, int asked, int size)
{
	if (set_option(sock, SOL_SOCKET, forced, size))
		set_option(sock, SOL_SOCKET, asked, size);
}

int packet_socket_open(void)
{
	/* Protocol 0: nothing is received before bind(). */
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (sock < 0)
		return -errno;
	int error = set_option(sock, SOL_PACKET, PACKET_VNET_HDR, 1);

	if (!error)
		error = set_option(sock, SOL_PACKET, PACKET_AUXDATA, 1);
	if (!error)
		error = set_option(sock, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
	if (error) {
		close(sock);
		return error;
	}
	set_buffer(sock, SO_RCVBUFFORCE, SO_RCVBUF, RECEIVE_BUFFER);
	set_buffer(sock, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER);
	return sock;
}

int packet_socket_bind(int sock, int index)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = be16_from(ETH_P_ALL),
		.sll_ifindex = index,
	};
	struct packet_mreq promiscuous = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};

	if (bind(sock, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(sock, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof(promiscuous)))
		return -errno;
	return 0;
}

int packet_socket_index(int sock)
{
	struct sockaddr_ll address = {0};
	socklen_t size = sizeof(address);

	if (getsockname(sock, (struct sockaddr *)&address, &size))
		return -errno;
	return address.sll_ifindex;
}

/* Sends what was collected. False when the device has no room; 'done' counts what is over with. */
static bool flush(struct sending *sending, uint16_t *done)
{
	unsigned at = 0;

	while (at < sending->n) {
		int n = sendmmsg(sending->sender->sock, sending->messages + at, sending->n - at, 0);

		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == EINTR))
			break;
		if (n <= 0) {
			/* Down, gone, or the packet is too long for it. */
			sending->sender->fail(
				sending->sender, sending->pkts[*done + at], n ? -errno : -EIO
			);
			n = 1;
		}
		at += n;
	}
	bool all = at == sending->n;

	*done += at;
	sending->n = sending->n_iov = 0;
	return all;
}

static int collect(struct sending *sending, struct rte_mbuf *packet)
{
	struct iovec *iov = &sending->iov[sending->n_iov];
	int n = vnet_gather(packet, &sending->headers[sending->n], iov);

	if (n < 0)
		return n;
	sending->messages[sending->n++].msg_hdr = (struct msghdr){.msg_iov = iov, .msg_iovlen = n};
	sending->n_iov += n;
	return 0;
}

uint16_t packet_socket_send(struct packet_socket_sender *sender, struct rte_mbuf **pkts, uint16_t n)
{
	struct sending sending;
	uint16_t done = 0;

	sending.sender = sender;
	sending.pkts = pkts;
	sending.n = sending.n_iov = 0;
	for (uint16_t i = 0; i < n; i++) {
		bool full = sending.n == BATCH_SIZE || sending.n_iov > SEND_IOVECS - VNET_IOVECS;

		if (full && !flush(&sending, &done))
			return done;
		int error = collect(&sending, pkts[i]);

		if (!error)
			continue;
		if (!flush(&sending, &done))
			return done;
		sender->fail(sender, pkts[i], error);
		done++;
	}
	flush(&sending, &done);
	return done;
}
