/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/openflow/socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "lib/errbuf.h"
#include "lib/stream/address.h"
#include "lib/xmalloc.h"
#include "utilities/connect.h"
#include "utilities/openflow/ofconn.h"

enum {
	DEFAULT_PORT = 6653
};

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

static int load_files(SSL_CTX *context, const struct ofconn_tls *tls, struct errbuf *err)
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

static int shake_hands(struct socket *socket, const char *name, int timeout_ms, struct errbuf *err)
{
	for (;;) {
		int result = SSL_connect(socket->ssl), why = SSL_get_error(socket->ssl, result);
		int ready;

		if (result == 1)
			return 0;
		if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
			return errbuf_set(err, -ECONNRESET, "%s: TLS: %s", name, reason());
		ready = socket_wait(socket, why == SSL_ERROR_WANT_WRITE, timeout_ms);
		if (ready <= 0)
			return errbuf_set(err, -ETIMEDOUT, "%s: no answer in time", name);
	}
}

static int
start_tls(struct socket *socket, const char *name, const struct ofconn_tls *tls, struct errbuf *err)
{
	int error;

	ERR_clear_error();
	socket->context = SSL_CTX_new(TLS_client_method());
	if (!socket->context)
		return errbuf_set(err, -ENOMEM, "%s: TLS: %s", name, reason());
	error = load_files(socket->context, tls, err);
	if (error)
		return error;
	socket->ssl = SSL_new(socket->context);
	if (!socket->ssl || SSL_set_fd(socket->ssl, socket->fd) != 1)
		return errbuf_set(err, -ENOMEM, "%s: TLS: %s", name, reason());
	return 0;
}

struct socket *
socket_open(const char *name, const struct ofconn_tls *tls, int timeout_ms, struct errbuf *err)
{
	struct address address;
	char host[ADDRESS_HOST_SIZE];
	struct errbuf why;
	struct socket *socket;
	int fd, error = address_parse_host(name, DEFAULT_PORT, &address, host, err);

	if (!error && address.passive)
		error = errbuf_set(err, -EINVAL, "%s: ofctl does not listen", name);
	if (error)
		return NULL;
	fd = connect_to(&address, host, timeout_ms, &why);
	if (fd < 0) {
		errbuf_set(
			err,
			fd,
			"%.80s: %.120s; is the switch running, and is that its name?",
			name,
			why.text
		);
		return NULL;
	}
	socket = XNEW(struct socket);
	socket->fd = fd;
	if (address.tls)
		error = start_tls(socket, name, tls, err);
	if (address.tls && !error)
		error = shake_hands(socket, name, timeout_ms, err);
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
