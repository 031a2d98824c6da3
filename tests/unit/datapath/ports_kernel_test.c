/* SPDX-License-Identifier: Apache-2.0 */

/* The port types on devices of the kernel: internal, tap, system. Needs root; everything happens in
 * network namespaces of its own.  */

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "datapath/ports/tap_home.h"
#include "datapath/worker.h"
#include "lib/errbuf.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

static bool is_able;

/* A network of our own, in which the kernel does not start to talk (IPv6 does, unasked): a packet
 * without a flow would wait for a translator that these tests do not have. */
static bool enter_new_network(void)
{
	if (unshare(CLONE_NEWNET))
		return false;
	FILE *file = fopen("/proc/sys/net/ipv6/conf/default/disable_ipv6", "we");

	if (file) {
		fputs("1", file);
		fclose(file);
	}
	return true;
}

static void sh(const char *command)
{
	if (system(command))
		fail_msg("failed: %s", command);
}

#define NEEDS_ROOT()                                                                               \
	do {                                                                                       \
		if (!is_able)                                                                      \
			skip();                                                                    \
	} while (0)

static struct port *must_open(const char *name, const char *type)
{
	json_t *none = json_object();
	struct errbuf err;
	struct port *port = port_open(name, type, none, &err);

	json_decref(none);
	if (!port)
		fail_msg("%s", err.text);
	plan_add_port(port);
	return port;
}

/* The kernel says a moment later what has become of a link. */
static void wait_for_link(struct port *port, bool up)
{
	for (int i = 0; i < 5000 && port_link_up(port) != up; i++)
		usleep(1000);
	assert_int_equal(port_link_up(port), up);
}

/* A pair of devices, va and vb; one that a failed test has left is made anew. */
static void make_pair(void)
{
	sh("ip link del va 2>/dev/null; ip link add va type veth peer name vb && "
	   "ip link set va up && ip link set vb up");
}

/* A raw socket that sees what arrives at the device, not what leaves by it. */
static int raw_socket(const char *device)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = be16_from(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(device),
	};
	struct timeval patience = {.tv_sec = 5};
	int one = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* Only frames from our address count, should the kernel talk all the same. */
static bool is_ours(const uint8_t *frame)
{
	return frame[6] == 2 && frame[11] == 1 && !frame[7];
}

static void receives(int fd, const void *frame, size_t length)
{
	uint8_t bytes[2048];
	ssize_t n;

	do
		n = recv(fd, bytes, sizeof(bytes), 0);
	while (n >= 14 && !is_ours(bytes));
	assert_int_equal(n, length);
	assert_memory_equal(bytes, frame, length);
}

static void arrives(struct port *port, const void *frame, size_t length)
{
	for (int i = 0; i < 5000; i++) {
		struct rte_mbuf *packet = fixture_sent(port);

		if (!packet) {
			usleep(1000);
			continue;
		}
		bool found = is_ours(rte_pktmbuf_mtod(packet, uint8_t *));

		if (found) {
			assert_int_equal(packet->pkt_len, length);
			assert_memory_equal(rte_pktmbuf_mtod(packet, void *), frame, length);
		}
		rte_pktmbuf_free(packet);
		if (found)
			return;
	}
	fail_msg("no frame came");
}

static void forwards_both_ways(struct port *test, int fd)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);

	assert_int_equal(send(fd, &frame, sizeof(frame), 0), sizeof(frame));
	arrives(test, &frame, sizeof(frame));
	fixture_receive(test, &frame, sizeof(frame));
	receives(fd, &frame, sizeof(frame));
}

static void test_internal_forwards_and_obeys(void **state)
{
	NEEDS_ROOT();
	struct port *port = must_open("wi0", "internal");
	struct port *test = fixture_port("test");
	struct flow *out = fixture_port_flow(port, fixture_output(test));
	struct flow *in = fixture_port_flow(test, fixture_output(port));
	struct errbuf err;

	wait_for_link(port, false);
	sh("ip link set wi0 up");
	wait_for_link(port, true);
	int fd = raw_socket("wi0");

	forwards_both_ways(test, fd);
	assert_int_equal(port_set_mtu(port, 9000, &err), 0);
	sh("ip link show wi0 | grep -q 'mtu 9000'");
	assert_int_equal(port_set_mac(port, (struct mac){{2, 0, 0, 0, 0, 9}}, &err), 0);
	sh("ip link show wi0 | grep -q 02:00:00:00:00:09");
	close(fd);
	port_close(port);
	assert_int_equal(if_nametoindex("wi0"), 0);
	port_close(test);
	flow_del(out);
	flow_del(in);
}

static void test_internal_is_found_in_another_namespace(void **state)
{
	NEEDS_ROOT();
	int ends[2];
	char command[64];
	char byte = 0;
	struct errbuf err;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();

	if (!child) {
		byte = enter_new_network() ? 0 : 1;
		if (write(ends[1], &byte, 1) == 1)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(byte, 0);
	struct port *port = must_open("wi1", "internal");

	snprintf(command, sizeof(command), "ip link set wi1 netns %d", (int)child);
	sh(command);
	assert_int_equal(if_nametoindex("wi1"), 0);
	assert_int_equal(port_set_mtu(port, 1400, &err), 0);
	snprintf(
		command,
		sizeof(command),
		"nsenter -t %d -n ip link show wi1 | grep -q 'mtu 1400'",
		(int)child
	);
	sh(command);
	wait_for_link(port, false);
	snprintf(command, sizeof(command), "nsenter -t %d -n ip link set wi1 up", (int)child);
	sh(command);
	wait_for_link(port, true);
	port_close(port);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ends[0]);
	close(ends[1]);
}

/* So that no more than two descriptors can be opened. */
static void leave_two_descriptors(struct rlimit *before)
{
	int a = dup(STDERR_FILENO), b = dup(STDERR_FILENO);

	assert_true(a >= 0 && b > a);
	close(a);
	close(b);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, before), 0);
	struct rlimit few = {.rlim_cur = (rlim_t)b + 1, .rlim_max = before->rlim_max};

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
}

static bool is_wanted(const char *name)
{
	return true;
}

/* As the next daemon begins. */
static void begin_anew(void)
{
	tap_home_fini();
	tap_home_init(NULL);
	assert_int_equal(ports_end_strays(is_wanted), 0);
}

/* The device of an earlier daemon, with all its addresses. */
static void test_internal_stays_when_it_cannot_be_opened(void **state)
{
	NEEDS_ROOT();
	json_t *none = json_object();
	struct rlimit before;
	struct errbuf err;
	struct port *port = port_open("wi2", "internal", none, &err);

	assert_non_null(port);
	port->keep_device = true;
	port_close(port);
	begin_anew();
	leave_two_descriptors(&before);
	port = port_open("wi2", "internal", none, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_null(port);
	assert_int_not_equal(if_nametoindex("wi2"), 0);
	port = port_open("wi2", "internal", none, &err);
	assert_non_null(port);
	port_close(port);
	assert_int_equal(if_nametoindex("wi2"), 0);
	json_decref(none);
}

static void test_tap_counts_what_a_device_that_is_down_refuses(void **state)
{
	NEEDS_ROOT();
	struct port *port = must_open("wt0", "tap");
	struct port *test = fixture_port("test");
	struct flow *in = fixture_port_flow(test, fixture_output(port));
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct port_stats stats;

	for (int i = 0; i < 3; i++)
		fixture_receive(test, &frame, sizeof(frame));
	fixture_settle();
	port_get_stats(port, &stats);
	assert_int_equal(stats.tx_dropped, 3);
	/* Somebody wanted it down. */
	assert_int_equal(stats.tx_errors, 0);
	assert_int_equal(stats.tx_packets, 0);
	assert_int_equal(stats.tx_bytes, 0);
	port_close(port);
	port_close(test);
	flow_del(in);
}

static void test_system_forwards_with_every_tag(void **state)
{
	NEEDS_ROOT();
	make_pair();
	struct port *port = must_open("va", "system");
	struct port *test = fixture_port("test");
	struct flow *out = fixture_port_flow(port, fixture_output(test));
	struct flow *in = fixture_port_flow(test, fixture_output(port));

	/* Before the kernel has seen the carrier it throws away what is sent. */
	wait_for_link(port, true);
	int fd = raw_socket("vb");

	forwards_both_ways(test, fd);
	for (int i = 0; i < 2; i++) {
		struct frame plain = fixture_udp(1, 2, 3, 4);
		uint8_t tagged[64];
		const uint8_t tags[2][4] = {{0x81, 0x00, 0x60, 0x05}, {0x88, 0xa8, 0x00, 0x07}};

		memcpy(tagged, plain.bytes, 12);
		memcpy(tagged + 12, tags[i], 4);
		memcpy(tagged + 16, plain.bytes + 12, 48);
		assert_int_equal(send(fd, tagged, sizeof(tagged), 0), sizeof(tagged));
		arrives(test, tagged, sizeof(tagged));
	}
	/* What we send does not come back. */
	fixture_settle();
	assert_int_equal(fixture_n_sent(test), 0);
	close(fd);
	port_close(port);
	port_close(test);
	flow_del(out);
	flow_del(in);
	sh("ip link del va");
}

static void test_system_takes_up_a_device_that_returns(void **state)
{
	NEEDS_ROOT();
	make_pair();
	struct port *port = must_open("va", "system");
	struct port *test = fixture_port("test");
	struct flow *out = fixture_port_flow(port, fixture_output(test));
	struct flow *in = fixture_port_flow(test, fixture_output(port));

	wait_for_link(port, true);
	sh("ip link set va down");
	wait_for_link(port, false);
	sh("ip link del va");
	wait_for_link(port, false);
	make_pair();
	wait_for_link(port, true);
	int fd = raw_socket("vb");

	forwards_both_ways(test, fd);
	close(fd);
	port_close(port);
	port_close(test);
	flow_del(out);
	flow_del(in);
	sh("ip link del va");
}

static void test_kernel_ports_explain_themselves(void **state)
{
	NEEDS_ROOT();
	json_t *none = json_object();
	struct errbuf err;

	assert_null(port_open("nosuchdevice", "system", none, &err));
	assert_non_null(strstr(err.text, "port nosuchdevice: there is no network device"));
	assert_null(port_open("lo", "internal", none, &err));
	assert_non_null(strstr(err.text, "is no tap device"));
	assert_null(port_open("sixteen-letters-", "tap", none, &err));
	assert_non_null(strstr(err.text, "at most 15"));
	json_decref(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_internal_forwards_and_obeys),
		cmocka_unit_test(test_internal_is_found_in_another_namespace),
		cmocka_unit_test(test_internal_stays_when_it_cannot_be_opened),
		cmocka_unit_test(test_tap_counts_what_a_device_that_is_down_refuses),
		cmocka_unit_test(test_system_forwards_with_every_tag),
		cmocka_unit_test(test_system_takes_up_a_device_that_returns),
		cmocka_unit_test(test_kernel_ports_explain_themselves),
	};

	is_able = !geteuid() && enter_new_network() && !access("/dev/net/tun", R_OK | W_OK);
	fixture_start(NULL);
	fixture_start_workers(1);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	fixture_stop(NULL);
	return failed;
}
