/* SPDX-License-Identifier: Apache-2.0 */

/* What clients say to the server of metrics.  */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <uv.h>

#include "lib/errbuf.h"
#include "lib/strbuf.h"
#include "tests/fuzz/fuzz.h"
#include "vswitchd/metrics/http.h"

static char path[64];

static void format(struct strbuf *out)
{
	strbuf_add(out, "weir_fuzz 1\n");
}

static void remove_socket(void)
{
	unlink(path);
}

static void open_server(void)
{
	static struct http *http;
	char address[80];
	struct errbuf err;

	if (http)
		return;
	snprintf(path, sizeof(path), "/tmp/weir-http-fuzz.%d", (int)getpid());
	snprintf(address, sizeof(address), "punix:%s", path);
	errbuf_init(&err);
	http = http_open(uv_default_loop(), address, format, &err);
	if (!http)
		abort();
	atexit(remove_socket);
}

static void turn(void)
{
	for (unsigned i = 0; i < 4; i++)
		uv_run(uv_default_loop(), UV_RUN_NOWAIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char answer[4096];
	int sock;

	open_server();
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (connect(sock, (struct sockaddr *)&address, sizeof(address)))
		abort();
	turn();
	/* In two pieces: the server must remember the first. */
	send(sock, data, n / 2, MSG_NOSIGNAL);
	turn();
	send(sock, data + n / 2, n - n / 2, MSG_NOSIGNAL);
	turn();
	while (recv(sock, answer, sizeof(answer), 0) > 0)
		;
	close(sock);
	turn();
	return 0;
}
