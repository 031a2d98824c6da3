/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/metrics/clients.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static struct client_peer peer(uint8_t number)
{
	return (struct client_peer){AF_INET, {192, 0, 2, number}};
}

static void test_clients_have_room_until_all_places_are_taken(void **state)
{
	struct clients clients = {.n = 0};

	for (int fd = 0; fd < CLIENTS_MAX; fd++) {
		assert_int_equal(clients_find_loser(&clients, peer(1)), -1);
		clients_add(&clients, fd, peer(1));
	}
	assert_int_equal(clients_find_loser(&clients, peer(1)), 0);
	clients_del(&clients, 3);
	assert_int_equal(clients_find_loser(&clients, peer(1)), -1);
}

static void test_clients_of_a_crowd_make_room(void **state)
{
	struct clients clients = {.n = 0};

	clients_add(&clients, 100, peer(2));
	for (int fd = 0; fd < CLIENTS_MAX - 1; fd++)
		clients_add(&clients, fd, peer(1));
	/* Whoever comes, it is the oldest of the crowd that goes. */
	for (uint8_t number = 1; number < 4; number++)
		assert_int_equal(clients_find_loser(&clients, peer(number)), 0);
	clients_del(&clients, 0);
	clients_add(&clients, 0, peer(1));
	assert_int_equal(clients_find_loser(&clients, peer(2)), 1);
}

static void test_clients_newcomer_counts(void **state)
{
	struct clients clients = {.n = 0};

	for (int fd = 0; fd < CLIENTS_MAX; fd++)
		clients_add(&clients, fd, peer(fd % 2));
	assert_int_equal(clients_find_loser(&clients, peer(0)), 0);
	assert_int_equal(clients_find_loser(&clients, peer(1)), 1);
	assert_int_equal(clients_find_loser(&clients, peer(2)), 0);
}

static void test_clients_peer_of_a_unix_socket_is_its_user(void **state)
{
	struct client_peer first, second;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	first = clients_peer(fds[0]);
	second = clients_peer(fds[1]);
	assert_int_equal(first.family, AF_UNIX);
	assert_memory_equal(&first, &second, sizeof(first));
	assert_memory_equal(first.bytes, &(uid_t){getuid()}, sizeof(uid_t));
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients_have_room_until_all_places_are_taken),
		cmocka_unit_test(test_clients_of_a_crowd_make_room),
		cmocka_unit_test(test_clients_newcomer_counts),
		cmocka_unit_test(test_clients_peer_of_a_unix_socket_is_its_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
