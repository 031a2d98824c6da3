/* SPDX-License-Identifier: Apache-2.0 */

/* What tests need inside a guest:
 *
 * probe watch DEVICE: looks at every packet that arrives until a signal ends it, and says how many
 * there were, how many are large and to be cut, how many left their checksum to whoever sends them on,
 * and how many have a wrong one.
 * probe send ADDRESS PORT MS: sends a numbered datagram every MS milliseconds.
 * probe receive PORT: receives them until a signal ends it, and says how many came, how many of the
 * numbers in between did not, and the longest time without any. SIGUSR1: says how many came so far.  */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
};

static volatile sig_atomic_t is_over, is_asked;

static void end(int signal)
{
	is_over = 1;
}

static void ask(int signal)
{
	is_asked = 1;
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint32_t add(uint32_t sum, const uint8_t *p, size_t n)
{
	for (; n > 1; n -= 2, p += 2) {
		sum += (uint32_t)p[0] << 8 | p[1];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	if (n)
		sum += (uint32_t)p[0] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

struct seen {
	unsigned long packets, large, partial, bad;
};

/* The transport header's sum, 0xffff if it is right, with that of what stands for the IP header;
 * a sum that is left to be made has only the latter in it. */
static void look_at_transport(
	struct seen *seen,
	const uint8_t *p,
	size_t n,
	uint32_t pseudo,
	uint8_t protocol,
	bool is_partial
)
{
	size_t at = protocol == IPPROTO_TCP ? 16 : 6;

	if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) || n < at + 2)
		return;
	pseudo = add(pseudo, (const uint8_t[]){0, protocol, (uint8_t)(n >> 8), (uint8_t)n}, 4);
	uint32_t field = (uint32_t)p[at] << 8 | p[at + 1];

	if (is_partial) {
		seen->partial++;
		if (field != pseudo)
			seen->bad++;
	} else if (!(protocol == IPPROTO_UDP && !field) && add(pseudo, p, n) != 0xffff) {
		seen->bad++;
	}
}

static void look_at(struct seen *seen, const uint8_t *p, size_t n, bool is_partial)
{
	if (n < ETH_HLEN + IPV4_HEADER)
		return;
	unsigned type = (unsigned)p[12] << 8 | p[13];

	p += ETH_HLEN, n -= ETH_HLEN;
	if (type == ETH_P_IP) {
		size_t header = (size_t)(p[0] & 0xf) * 4, length = (size_t)p[2] << 8 | p[3];

		if (header < IPV4_HEADER || length < header || length > n ||
		    add(0, p, header) != 0xffff)
			seen->bad++;
		else if (!((p[6] & 0x3f) | p[7])) /* no fragment */
			look_at_transport(
				seen,
				p + header,
				length - header,
				add(0, p + 12, 8),
				p[9],
				is_partial
			);
	} else if (type == ETH_P_IPV6 && n > IPV6_HEADER) {
		size_t length = (size_t)p[4] << 8 | p[5];

		if (length > n - IPV6_HEADER)
			seen->bad++;
		else
			look_at_transport(
				seen, p + IPV6_HEADER, length, add(0, p + 8, 32), p[6], is_partial
			);
	}
}

static void watch(const char *device)
{
	static uint8_t packet[sizeof(struct virtio_net_hdr) + 70000];
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	struct seen seen = {0};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1, size = 16 << 20;
	socklen_t address_size = sizeof(address);

	must(fd >= 0, "packet socket");
	address.sll_ifindex = (int)if_nametoindex(device);
	must(address.sll_ifindex > 0, device);
	must(!setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)), "PACKET_VNET_HDR");
	must(!setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)), "SO_RCVBUFFORCE");
	must(!bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind");
	while (!is_over) {
		ssize_t n = recvfrom(
			fd, packet, sizeof(packet), 0, (struct sockaddr *)&address, &address_size
		);
		struct virtio_net_hdr header;

		if (n < (ssize_t)sizeof(header) || address.sll_pkttype == PACKET_OUTGOING)
			continue;
		memcpy(&header, packet, sizeof(header));
		n -= (ssize_t)sizeof(header);
		seen.packets++;
		seen.large += header.gso_type != VIRTIO_NET_HDR_GSO_NONE;
		look_at(&seen,
			packet + sizeof(header),
			(size_t)n,
			header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM);
	}
	printf("packets %lu large %lu partial %lu bad %lu\n",
	       seen.packets,
	       seen.large,
	       seen.partial,
	       seen.bad);
}

static void send_numbers(const char *host, const char *port, unsigned long ms)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	const struct timespec pause = {
		.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	must(fd >= 0, "socket");
	must(inet_pton(AF_INET, host, &address.sin_addr) == 1, host);
	address.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	for (uint32_t i = 1; !is_over; i++) {
		uint32_t number = htonl(i);

		/* Whatever happens to one, the next one follows. */
		sendto(fd,
		       &number,
		       sizeof(number),
		       0,
		       (const struct sockaddr *)&address,
		       sizeof(address));
		nanosleep(&pause, NULL);
	}
}

static void receive_numbers(const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint32_t n = 0, first = 0, last = 0, number;
	uint64_t before = 0, gap = 0;

	must(fd >= 0, "socket");
	address.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	must(!bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind");
	while (!is_over) {
		ssize_t size = recv(fd, &number, sizeof(number), 0);

		if (is_asked) {
			is_asked = 0;
			printf("so_far %u\n", n);
			fflush(stdout);
		}
		if (size != sizeof(number))
			continue;
		uint64_t now = now_us();

		number = ntohl(number);
		if (!n++)
			first = number;
		else if (now - before > gap)
			gap = now - before;
		if (number > last)
			last = number;
		before = now;
	}
	/* None since the last one is a gap too. */
	if (n && now_us() - before > gap)
		gap = now_us() - before;
	printf("received %u lost %d gap_ms %lu\n",
	       n,
	       n ? (int)(last - first + 1 - n) : 0,
	       (unsigned long)(gap / 1000));
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = end}, asked = {.sa_handler = ask};

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGUSR1, &asked, NULL);
	if (argc == 3 && !strcmp(argv[1], "watch"))
		watch(argv[2]);
	else if (argc == 5 && !strcmp(argv[1], "send"))
		send_numbers(argv[2], argv[3], strtoul(argv[4], NULL, 10));
	else if (argc == 3 && !strcmp(argv[1], "receive"))
		receive_numbers(argv[2]);
	else
		return fprintf(stderr, "usage: see the head of probe.c\n"), 1;
	return 0;
}
