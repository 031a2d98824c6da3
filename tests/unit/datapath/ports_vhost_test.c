/* SPDX-License-Identifier: Apache-2.0 */

/* The guest is DPDK's virtio-user in the same process, as a port of type dpdk.  */

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#include "datapath/drop.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

static char name[32];
static char devargs[96];

static int start(void **state)
{
	snprintf(name, sizeof(name), "weir-test-vhost-%d", (int)getpid());
	snprintf(devargs, sizeof(devargs), "net_virtio_user0,path=/tmp/%s,queues=1", name);
	fixture_start_workers(1);
	return 0;
}

static struct port *
must_open(const char *port_name, const char *type, const char *key, const char *value)
{
	json_t *options = key ? json_pack("{s:s}", key, value) : json_object();
	struct errbuf err;
	struct port *port = port_open(port_name, type, options, &err);

	json_decref(options);
	if (!port)
		fail_msg("%s", err.text);
	return port;
}

static void wait_for_link(struct port *port, bool up)
{
	for (int i = 0; i < 5000 && port_link_up(port) != up; i++)
		usleep(1000);
	assert_int_equal(port_link_up(port), up);
}

static unsigned count_received(struct port *port, unsigned wanted)
{
	unsigned n = 0;

	for (int i = 0; i < 3000 && n < wanted; i++) {
		usleep(1000);
		n += fixture_n_sent(port);
	}
	return n;
}

static void check_status(struct port *port, const char *key, const char *value)
{
	json_t *status = port_status(port);

	assert_string_equal(json_string_value(json_object_get(status, key)), value);
	json_decref(status);
}

static void test_vhost_carries_packets_both_ways(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct port *vhost = must_open(name, "dpdkvhostuser", NULL, NULL);
	struct port *host = fixture_port("host");
	struct port *inside = fixture_port("inside");

	check_status(vhost, "mode", "server");
	check_status(vhost, "status", "disconnected");
	assert_false(port_link_up(vhost));
	/* Twice: guests come and go. */
	for (int round = 0; round < 2; round++) {
		struct port *guest = must_open("guest", "dpdk", "dpdk-devargs", devargs);
		struct flow *ways[] = {
			fixture_port_flow(host, fixture_output(vhost)),
			fixture_port_flow(guest, fixture_output(inside)),
			fixture_port_flow(inside, fixture_output(guest)),
			fixture_port_flow(vhost, fixture_output(host)),
		};

		if (!round)
			plan_add_port(vhost);
		plan_add_port(guest);
		wait_for_link(vhost, true);
		check_status(vhost, "status", "connected");
		for (int i = 0; i < 50; i++) {
			fixture_receive(host, &frame, sizeof(frame));
			fixture_receive(inside, &frame, sizeof(frame));
		}
		assert_int_equal(count_received(inside, 50), 50);
		assert_int_equal(count_received(host, 50), 50);
		/* A worker that sleeps is woken by the guest's kick. */
		usleep(20000);
		fixture_receive(inside, &frame, sizeof(frame));
		assert_int_equal(count_received(host, 1), 1);

		port_close(guest);
		for (unsigned i = 0; i < ARRAY_LENGTH(ways); i++)
			flow_del(ways[i]);
		wait_for_link(vhost, false);
	}
	port_close(vhost);
	port_close(host);
	port_close(inside);
}

/* TCP whose sender left it to be cut. */
static struct rte_mbuf *uncut(uint16_t n_segments, uint16_t size)
{
	struct {
		struct rte_ether_hdr ether;
		struct rte_ipv4_hdr ip;
		struct rte_tcp_hdr tcp;
		uint8_t payload[64 * 16];
	} frame = {
		.ether = {.ether_type = be16_from(RTE_ETHER_TYPE_IPV4)},
		.ip = {.version_ihl = 0x45, .time_to_live = 64, .next_proto_id = IPPROTO_TCP},
		.tcp = {.data_off = 5 << 4},
	};
	uint16_t n = offsetof(typeof(frame), payload) + n_segments * size;
	struct rte_mbuf *packet = fixture_packet();

	assert_true(n <= sizeof(frame));
	frame.ip.total_length = be16_from(n - sizeof(frame.ether));
	memcpy(rte_pktmbuf_append(packet, n), &frame, n);
	packet->ol_flags = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM;
	packet->tso_segsz = size;
	return packet;
}

/* The library takes a batch at a time. */
static void test_vhost_sends_all_that_a_packet_was_cut_into(void **state)
{
	struct port *vhost = must_open(name, "dpdkvhostuser", NULL, NULL);
	struct port *guest = must_open("guest", "dpdk", "dpdk-devargs", devargs);
	struct port *host = fixture_port("host");
	struct port *inside = fixture_port("inside");
	struct flow *ways[] = {
		fixture_port_flow(host, fixture_output(vhost)),
		fixture_port_flow(guest, fixture_output(inside)),
	};

	plan_add_port(guest);
	wait_for_link(vhost, true);
	fixture_receive_packet(host, uncut(60, 16));
	assert_int_equal(count_received(inside, 60), 60);
	port_close(guest);
	for (unsigned i = 0; i < ARRAY_LENGTH(ways); i++)
		flow_del(ways[i]);
	port_close(vhost);
	port_close(host);
	port_close(inside);
}

static void test_vhost_drops_for_want_of_a_guest(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct port *vhost = must_open(name, "dpdkvhostuser", NULL, NULL);
	struct port *host = fixture_port("host");
	struct flow *flow = fixture_port_flow(host, fixture_output(vhost));
	struct port_stats stats;

	for (int i = 0; i < 5; i++)
		fixture_receive(host, &frame, sizeof(frame));
	fixture_settle();
	port_get_stats(vhost, &stats);
	assert_int_equal(stats.tx_packets, 0);
	assert_int_equal(stats.tx_dropped, 5);
	assert_int_equal(stats.tx_bytes, 0);
	REGISTRY_FOREACH(drop_reason, reason)
		if (!strcmp(reason->name, "no_guest"))
			assert_int_equal(drop_count(vhost->id, reason), 5);
	port_close(host);
	port_close(vhost);
	flow_del(flow);
}

static int stale_socket(const char *path, bool is_listening)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (is_listening)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void test_vhost_replaces_only_stale_sockets(void **state)
{
	json_t *none = json_object();
	char path[64];
	struct errbuf err;

	snprintf(path, sizeof(path), "/tmp/%s", name);
	close(stale_socket(path, false));
	port_close(must_open(name, "dpdkvhostuser", NULL, NULL));
	int fd = stale_socket(path, true);

	assert_null(port_open(name, "dpdkvhostuser", none, &err));
	assert_non_null(strstr(err.text, "in use"));
	close(fd);
	unlink(path);
	json_decref(none);
}

static void test_vhost_client_waits_for_its_server(void **state)
{
	json_t *options = json_pack("{s:s}", "vhost-server-path", "/tmp/weir-nobody-listens");
	struct errbuf err;
	struct port *port = port_open("c1", "dpdkvhostuserclient", options, &err);

	assert_non_null(port);
	check_status(port, "mode", "client");
	assert_false(port_link_up(port));
	assert_null(port_open("c2", "dpdkvhostuserclient", options, &err));
	assert_non_null(strstr(err.text, "used by port c1"));
	port_close(port);
	json_decref(options);
}

struct closing {
	struct port *port;
	sem_t closed, over;
};

static void *close_device(void *context)
{
	struct closing *closing = context;

	port_close_device(closing->port);
	sem_post(&closing->closed);
	/* As a pool's threads do, it stays for the next job. */
	sem_wait(&closing->over);
	return NULL;
}

/* The library tells who closes the port that the guest is gone. */
static void test_vhost_closed_by_another_thread_holds_up_nobody(void **state)
{
	struct port *vhost = must_open(name, "dpdkvhostuser", NULL, NULL);
	struct port *guest = must_open("guest", "dpdk", "dpdk-devargs", devargs);
	struct closing closing = {.port = vhost};
	pthread_t thread;

	wait_for_link(vhost, true);
	sem_init(&closing.closed, 0, 0);
	sem_init(&closing.over, 0, 0);
	ports_close_begin(&vhost, 1);
	assert_int_equal(pthread_create(&thread, NULL, close_device, &closing), 0);
	epoch_offline();
	sem_wait(&closing.closed);
	epoch_online();
	/* Ends the test if it must wait for ever. */
	alarm(10);
	epoch_wait();
	alarm(0);
	sem_post(&closing.over);
	pthread_join(thread, NULL);
	port_close(guest);
}

/* What the guest sent before may wait in its rings: nobody tells of that. */
static void test_vhost_wakes_workers_for_a_guest_that_comes(void **state)
{
	struct worker *sleeper = fixture_worker_new();
	struct port *vhost = must_open(name, "dpdkvhostuser", NULL, NULL);
	uint64_t count;

	sleeper->event_fd = eventfd(0, EFD_CLOEXEC);
	sleeper->asleep = 1;
	epoch_store(&workers[WORKERS_MAX - 1], sleeper);
	struct port *guest = must_open("guest", "dpdk", "dpdk-devargs", devargs);

	wait_for_link(vhost, true);
	/* Ends the test if nobody wakes it. */
	alarm(60);
	assert_int_equal(read(sleeper->event_fd, &count, sizeof(count)), sizeof(count));
	alarm(0);
	port_close(guest);
	port_close(vhost);
	epoch_store(&workers[WORKERS_MAX - 1], NULL);
	epoch_wait();
	close(sleeper->event_fd);
	fixture_worker_free(sleeper);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vhost_carries_packets_both_ways),
		cmocka_unit_test(test_vhost_sends_all_that_a_packet_was_cut_into),
		cmocka_unit_test(test_vhost_drops_for_want_of_a_guest),
		cmocka_unit_test(test_vhost_replaces_only_stale_sockets),
		cmocka_unit_test(test_vhost_client_waits_for_its_server),
		cmocka_unit_test(test_vhost_closed_by_another_thread_holds_up_nobody),
		cmocka_unit_test(test_vhost_wakes_workers_for_a_guest_that_comes),
	};

	/* As the daemon does: a guest says goodbye to a socket nobody reads. */
	signal(SIGPIPE, SIG_IGN);
	fixture_start(NULL);
	int failed = cmocka_run_group_tests(tests, start, NULL);

	fixture_stop(NULL);
	return failed;
}
