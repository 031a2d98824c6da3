/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/socket.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "lib/errbuf.h"
#include "lib/stream/address.h"
#include "lib/xmalloc.h"
#include "utilities/connect.h"

struct socket {
	int fd;
	SSL_CTX *context; /* NULL without TLS */
	SSL *ssl;
};

static const char *reason(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *text = code ? ERR_reason_error_string(code) : NULL;

	return text ? text : "the peer closed the connection";
}

static int load_files(SSL_CTX *context, const struct socket_tls *tls, struct errbuf *err)
{
	if (!tls->private_key || !tls->certificate || !tls->ca_cert)
		return errbuf_set(
			err,
			-EINVAL,
			"TLS needs --private-key=FILE, --certificate=FILE and --ca-cert=FILE"
		);
	if (SSL_CTX_use_certificate_chain_file(context, tls->certificate) != 1)
		return errbuf_set(err, -EINVAL, "--certificate %s: %s", tls->certificate, reason());
	if (SSL_CTX_use_PrivateKey_file(context, tls->private_key, SSL_FILETYPE_PEM) != 1)
		return errbuf_set(err, -EINVAL, "--private-key %s: %s", tls->private_key, reason());
	if (SSL_CTX_load_verify_locations(context, tls->ca_cert, NULL) != 1)
		return errbuf_set(err, -EINVAL, "--ca-cert %s: %s", tls->ca_cert, reason());
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_mode(
		context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
	);
	return 0;
}

static int shake_hands(struct socket *socket, int timeout_ms, struct errbuf *err)
{
	for (;;) {
		int result = SSL_connect(socket->ssl), why = SSL_get_error(socket->ssl, result);
		int ready;

		if (result == 1)
			return 0;
		if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
			return errbuf_set(err, -ECONNRESET, "TLS: %s", reason());
		ready = socket_wait(socket, why == SSL_ERROR_WANT_WRITE, timeout_ms);
		if (ready <= 0)
			return errbuf_set(err, -ETIMEDOUT, "no answer in time");
	}
}

static int start_tls(struct socket *socket, const struct socket_tls *tls, struct errbuf *err)
{
	int error;

	/* OpenSSL writes without MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	ERR_clear_error();
	socket->context = SSL_CTX_new(TLS_client_method());
	if (!socket->context)
		return errbuf_set(err, -ENOMEM, "TLS: %s", reason());
	error = load_files(socket->context, tls, err);
	if (error)
		return error;
	socket->ssl = SSL_new(socket->context);
	if (!socket->ssl || SSL_set_fd(socket->ssl, socket->fd) != 1)
		return errbuf_set(err, -ENOMEM, "TLS: %s", reason());
	return 0;
}

struct socket *socket_open(
	const char *name,
	uint16_t default_port,
	const struct socket_tls *tls,
	int timeout_ms,
	struct errbuf *err
)
{
	struct address address;
	char host[ADDRESS_HOST_SIZE];
	struct socket *socket;
	int fd, error = address_parse_host(name, default_port, &address, host, err);

	if (!error && address.passive)
		error = errbuf_set(
			err, -EINVAL, "%s: nobody listens here; give unix:, tcp: or ssl:", name
		);
	if (error)
		return NULL;
	fd = connect_to(&address, host, timeout_ms, err);
	if (fd < 0)
		return NULL;
	socket = XNEW(struct socket);
	socket->fd = fd;
	if (address.tls)
		error = start_tls(socket, tls, err);
	if (address.tls && !error)
		error = shake_hands(socket, timeout_ms, err);
	if (!error)
		return socket;
	socket_close(socket);
	return NULL;
}

void socket_close(struct socket *socket)
{
	if (!socket)
		return;
	SSL_free(socket->ssl);
	SSL_CTX_free(socket->context);
	close(socket->fd);
	free(socket);
}

int socket_wait(struct socket *socket, int send, int timeout_ms)
{
	struct pollfd pollfd = {.fd = socket->fd, .events = POLLIN};
	int n;

	if (send)
		pollfd.events |= POLLOUT;
	if (!send && socket->ssl && SSL_pending(socket->ssl))
		return 1;
	do {
		n = poll(&pollfd, 1, timeout_ms);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static ssize_t tls_result(struct socket *socket, int result)
{
	if (result > 0)
		return result;
	switch (SSL_get_error(socket->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return 0;
	default:
		return -ECONNRESET;
	}
}

ssize_t socket_send(struct socket *socket, const void *data, size_t n)
{
	ssize_t sent;

	if (socket->ssl)
		return tls_result(
			socket, SSL_write(socket->ssl, data, n > INT16_MAX ? INT16_MAX : (int)n)
		);
	sent = send(socket->fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent >= 0)
		return sent;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

ssize_t socket_receive(struct socket *socket, void *data, size_t n)
{
	ssize_t got;

	if (socket->ssl)
		return tls_result(
			socket, SSL_read(socket->ssl, data, n > INT16_MAX ? INT16_MAX : (int)n)
		);
	got = recv(socket->fd, data, n, MSG_DONTWAIT);
	if (got > 0)
		return got;
	if (!got)
		return -ECONNRESET;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}
