/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stream/resolver.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <uv.h>

#include "lib/errbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

struct resolver {
	uv_getaddrinfo_t request;
	char *host;
	resolver_done_fn *done; /* NULL: nobody wants to know any more */
	void *context;
};

static const char resolv_conf[] = "/etc/resolv.conf";
static unsigned n_under_way;

static void resolver_free(struct resolver *resolver)
{
	free(resolver->host);
	free(resolver);
}

/* What to do about it depends on whether there is anybody to ask. */
static void explain(const struct resolver *resolver, int status, char *text, size_t size)
{
	if (access(resolv_conf, R_OK))
		snprintf(
			text,
			size,
			"no address is known for %s: %s cannot be read, so no name server is "
			"asked; name one there, or the host in /etc/hosts",
			resolver->host,
			resolv_conf
		);
	else
		snprintf(
			text,
			size,
			"no address is known for %s: %s",
			resolver->host,
			uv_strerror(status)
		);
}

static void on_found(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct resolver *resolver = container_of(request, struct resolver, request);
	char reason[512] = "";

	n_under_way--;
	if (status)
		explain(resolver, status, reason, sizeof(reason));
	if (resolver->done)
		resolver->done(resolver->context, status ? NULL : found, reason);
	uv_freeaddrinfo(found);
	resolver_free(resolver);
}

struct resolver *resolver_start(
	struct uv_loop_s *loop,
	const char *host,
	resolver_done_fn *done,
	void *context,
	struct errbuf *err
)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct resolver *resolver = XNEW(struct resolver);

	resolver->host = xstrdup(host);
	resolver->done = done;
	resolver->context = context;
	/* It fails for names that are too long, or cannot be written in DNS. */
	int error = uv_getaddrinfo(loop, &resolver->request, on_found, host, NULL, &hints);

	if (error) {
		errbuf_set(err, error, "%.100s cannot be looked up: %s", host, uv_strerror(error));
		resolver_free(resolver);
		return NULL;
	}
	n_under_way++;
	return resolver;
}

void resolver_cancel(struct resolver *resolver)
{
	if (!resolver)
		return;
	resolver->done = NULL;
	/* One that a thread has begun goes on until it is told. */
	uv_cancel((uv_req_t *)&resolver->request);
}

bool resolvers_are_busy(void)
{
	return n_under_way;
}
