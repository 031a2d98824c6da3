/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stream/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/stream/tls_priv.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

LOG_TOPIC(tls);

enum {
	N_FILES = 3,
	CHUNK = 16384,
	NAME_SIZE = 128
};

struct tls {
	char *files[N_FILES]; /* key, certificate, authority; NULL when not configured */
	char *protocols, *ciphers, *ciphersuites;
	bool bootstrap;
	bool bootstrapping; /* 'context' accepts anybody, to learn the authority */
	struct timespec read_at[N_FILES]; /* the files' times when 'context' was made */
	SSL_CTX *context; /* NULL: not usable; see 'failure' */
	struct errbuf failure;
};

struct tls_session {
	SSL *ssl;
	struct tls *tls;
	BIO *from_wire, *to_wire; /* owned by 'ssl' */
	bool up;
	bool bootstrapping;
	char subject[NAME_SIZE];
};

static const char *openssl_reason(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	return reason ? reason : "the reason is not known";
}

static char *copy(const char *text)
{
	return text && *text ? xstrdup(text) : NULL;
}

static void forget(struct tls *tls)
{
	for (int i = 0; i < N_FILES; i++) {
		free(tls->files[i]);
		tls->files[i] = NULL;
	}
	free(tls->protocols);
	free(tls->ciphers);
	free(tls->ciphersuites);
	tls->protocols = tls->ciphers = tls->ciphersuites = NULL;
	SSL_CTX_free(tls->context);
	tls->context = NULL;
}

struct tls *tls_new(void)
{
	struct tls *tls = XNEW(struct tls);

	tls_set(tls, NULL, NULL);
	return tls;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	forget(tls);
	free(tls);
}

static int accept_anybody(X509_STORE_CTX *store, void *context)
{
	return 1;
}

static int read_file_check(const char *what, const char *path, struct errbuf *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errbuf_set(
			err, -errno, "cannot read the %s \"%s\": %s", what, path, strerror(errno)
		);
	close(fd);
	return 0;
}

static int load_identity(SSL_CTX *context, const struct tls *tls, struct errbuf *err)
{
	const char *key = tls->files[0], *certificate = tls->files[1];
	int error = read_file_check("private key", key, err);

	if (!error)
		error = read_file_check("certificate", certificate, err);
	if (error)
		return error;
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		return errbuf_set(
			err, -EINVAL, "certificate \"%s\": %s", certificate, openssl_reason()
		);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		return errbuf_set(err, -EINVAL, "private key \"%s\": %s", key, openssl_reason());
	if (SSL_CTX_check_private_key(context) != 1)
		return errbuf_set(
			err,
			-EINVAL,
			"private key \"%s\" does not belong to certificate \"%s\"",
			key,
			certificate
		);
	return 0;
}

static int load_authority(SSL_CTX *context, struct tls *tls, struct errbuf *err)
{
	const char *path = tls->files[2];
	struct stat st;

	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	tls->bootstrapping = tls->bootstrap && stat(path, &st) && errno == ENOENT;
	if (tls->bootstrapping) {
		SSL_CTX_set_cert_verify_callback(context, accept_anybody, NULL);
		return 0;
	}
	int error = read_file_check("CA certificate", path, err);

	if (error)
		return error;
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(path);

	if (!names || SSL_CTX_load_verify_locations(context, path, NULL) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return errbuf_set(
			err, -EINVAL, "CA certificate \"%s\": %s", path, openssl_reason()
		);
	}
	SSL_CTX_set_client_CA_list(context, names);
	return 0;
}

/* "TLSv1.2,TLSv1.3", in any order; older ones are refused. */
static int set_protocols(SSL_CTX *context, const char *protocols, struct errbuf *err)
{
	uint64_t off = 0;

	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	if (!protocols)
		return 0;
	char *words = xstrdup(protocols), *save = NULL;
	bool v12 = false, v13 = false;
	int error = 0;

	for (char *word = strtok_r(words, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
		v12 |= !strcmp(word, "TLSv1.2");
		v13 |= !strcmp(word, "TLSv1.3");
		if (strcmp(word, "TLSv1.2") && strcmp(word, "TLSv1.3"))
			log_warn(
				"ssl_protocols: \"%s\" is not offered, TLSv1.2 and TLSv1.3 are",
				word
			);
	}
	free(words);
	off |= v12 ? 0 : SSL_OP_NO_TLSv1_2;
	off |= v13 ? 0 : SSL_OP_NO_TLSv1_3;
	if (!v12 && !v13)
		error = errbuf_set(
			err,
			-EINVAL,
			"ssl_protocols \"%s\": give TLSv1.2, TLSv1.3 or both",
			protocols
		);
	SSL_CTX_set_options(context, off);
	return error;
}

static int set_ciphers(SSL_CTX *context, const struct tls *tls, struct errbuf *err)
{
	if (tls->ciphers && SSL_CTX_set_cipher_list(context, tls->ciphers) != 1)
		return errbuf_set(
			err, -EINVAL, "ssl_ciphers \"%s\": %s", tls->ciphers, openssl_reason()
		);
	if (tls->ciphersuites && SSL_CTX_set_ciphersuites(context, tls->ciphersuites) != 1)
		return errbuf_set(
			err,
			-EINVAL,
			"ssl_ciphersuites \"%s\": %s",
			tls->ciphersuites,
			openssl_reason()
		);
	return 0;
}

/* Makes a context out of the settings, or keeps the old one and says why. */
static int load(struct tls *tls, struct errbuf *err)
{
	if (!tls->files[0] || !tls->files[1] || !tls->files[2])
		return errbuf_set(
			err,
			-EINVAL,
			"TLS needs a private key, a certificate and a CA certificate: "
			"\"vsctl set-ssl KEY CERT CA-CERT\" names them"
		);
	ERR_clear_error();
	SSL_CTX *context = SSL_CTX_new(TLS_method());

	if (!context)
		return errbuf_set(err, -ENOMEM, "TLS: %s", openssl_reason());
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	int error = set_protocols(context, tls->protocols, err);

	if (!error)
		error = set_ciphers(context, tls, err);
	if (!error)
		error = load_identity(context, tls, err);
	if (!error)
		error = load_authority(context, tls, err);
	if (error) {
		SSL_CTX_free(context);
		return error;
	}
	SSL_CTX_free(tls->context);
	tls->context = context;
	return 0;
}

static bool files_changed(struct tls *tls)
{
	bool changed = false;

	for (int i = 0; i < N_FILES; i++) {
		struct stat st = {0};

		if (tls->files[i] && stat(tls->files[i], &st))
			st = (struct stat){0};
		changed |= memcmp(&st.st_mtim, &tls->read_at[i], sizeof(st.st_mtim)) != 0;
		tls->read_at[i] = st.st_mtim;
	}
	return changed;
}

int tls_set(struct tls *tls, const struct tls_config *config, struct errbuf *err)
{
	forget(tls);
	tls->bootstrap = false;
	if (config) {
		tls->files[0] = copy(config->private_key);
		tls->files[1] = copy(config->certificate);
		tls->files[2] = copy(config->ca_cert);
		tls->protocols = copy(config->protocols);
		tls->ciphers = copy(config->ciphers);
		tls->ciphersuites = copy(config->ciphersuites);
		tls->bootstrap = config->bootstrap_ca;
	}
	files_changed(tls);
	int error = load(tls, &tls->failure);

	if (error && config)
		errbuf_set(err, error, "%s", tls->failure.text);
	return config ? error : 0;
}

/* Files may have been renewed, or put there after they were named. */
static void refresh(struct tls *tls)
{
	struct errbuf err;

	if (!files_changed(tls))
		return;
	if (!load(tls, &err)) {
		log_info("key, certificate or CA certificate changed on disk and were read again");
		return;
	}
	tls->failure = err;
	if (tls->context)
		log_warn("%s; staying with what was read before", err.text);
}

struct tls_session *
tls_session_new(struct tls *tls, bool server, struct strbuf *wire, struct errbuf *err)
{
	if (!tls) {
		errbuf_set(err, -EINVAL, "TLS is not set up");
		return NULL;
	}
	refresh(tls);
	if (!tls->context) {
		*err = tls->failure;
		return NULL;
	}
	struct tls_session *session = XNEW(struct tls_session);

	session->tls = tls;
	session->bootstrapping = tls->bootstrapping;
	session->ssl = SSL_new(tls->context);
	session->from_wire = BIO_new(BIO_s_mem());
	session->to_wire = BIO_new(BIO_s_mem());
	assert(session->ssl && session->from_wire && session->to_wire);
	SSL_set_bio(session->ssl, session->from_wire, session->to_wire);
	if (server) {
		SSL_set_accept_state(session->ssl);
	} else {
		struct strbuf none = STRBUF_INIT;

		SSL_set_connect_state(session->ssl);
		if (tls_session_receive(session, "", 0, &none, wire, err)) {
			tls_session_free(session);
			return NULL;
		}
	}
	return session;
}

void tls_session_free(struct tls_session *session)
{
	if (!session)
		return;
	SSL_free(session->ssl);
	free(session);
}

static void take_output(struct tls_session *session, struct strbuf *wire)
{
	char *data;
	long n = BIO_get_mem_data(session->to_wire, &data);

	if (n > 0)
		strbuf_add_n(wire, data, n);
	(void)BIO_reset(session->to_wire);
}

static int failed(struct tls_session *session, int result, struct errbuf *err)
{
	long verify = SSL_get_verify_result(session->ssl);

	switch (SSL_get_error(session->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		return errbuf_set(err, -ESHUTDOWN, "closed by the peer");
	default:
		break;
	}
	if (!session->up && verify != X509_V_OK)
		return errbuf_set(
			err,
			-EPROTO,
			"TLS: the peer's certificate was not accepted: %s",
			X509_verify_cert_error_string(verify)
		);
	return errbuf_set(err, -EPROTO, "TLS: %s", openssl_reason());
}

static int write_authority(const char *path, X509 *cert, struct errbuf *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file)
		return errbuf_set(
			err,
			-errno,
			"cannot write the CA certificate \"%s\": %s",
			path,
			strerror(errno)
		);
	bool ok = PEM_write_X509(file, cert) == 1;

	ok = !fclose(file) && ok;
	if (ok)
		return 0;
	unlink(path);
	return errbuf_set(err, -EIO, "cannot write the CA certificate \"%s\"", path);
}

/* The stream that taught us the authority ends here: the next one is checked against it. */
static int bootstrap(struct tls_session *session, struct errbuf *err)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(session->ssl);
	X509 *last = chain ? sk_X509_value(chain, sk_X509_num(chain) - 1) : NULL;
	const char *path = session->tls->files[2];

	if (!path)
		return errbuf_set(err, -ECONNRESET, "the TLS settings have changed");
	if (!last || X509_check_issued(last, last) != X509_V_OK)
		return errbuf_set(
			err,
			-EPROTO,
			"TLS: the peer did not send its CA certificate, so \"%s\" cannot be "
			"bootstrapped: copy it there by hand",
			path
		);
	int error = write_authority(path, last, err);

	if (error && error != -EEXIST)
		return error;
	log_warn("trusting the CA certificate of the first peer from now on: %s", path);
	return errbuf_set(err, -EAGAIN, "the CA certificate was learnt, connecting again");
}

static int completed(struct tls_session *session, struct errbuf *err)
{
	X509 *cert = SSL_get0_peer_certificate(session->ssl);

	if (session->bootstrapping)
		return bootstrap(session, err);
	session->up = true;
	if (cert)
		X509_NAME_get_text_by_NID(
			X509_get_subject_name(cert),
			NID_commonName,
			session->subject,
			sizeof(session->subject)
		);
	return 0;
}

static int handshake(struct tls_session *session, struct errbuf *err)
{
	int result = SSL_do_handshake(session->ssl);

	return result == 1 ? completed(session, err) : failed(session, result, err);
}

static int read_plain(struct tls_session *session, struct strbuf *plain, struct errbuf *err)
{
	for (;;) {
		int n = SSL_read(session->ssl, strbuf_reserve(plain, CHUNK), CHUNK);

		if (n <= 0)
			return failed(session, n, err);
		strbuf_commit(plain, n);
	}
}

int tls_session_receive(
	struct tls_session *session,
	const char *bytes,
	size_t n,
	struct strbuf *plain,
	struct strbuf *wire,
	struct errbuf *err
)
{
	int error = 0;

	ERR_clear_error();
	if (n && BIO_write(session->from_wire, bytes, (int)n) != (int)n)
		return errbuf_set(err, -ENOMEM, "TLS: out of memory");
	if (!session->up)
		error = handshake(session, err);
	if (!error && session->up)
		error = read_plain(session, plain, err);
	take_output(session, wire);
	return error;
}

int tls_session_send(
	struct tls_session *session,
	const char *bytes,
	size_t n,
	struct strbuf *wire,
	struct errbuf *err
)
{
	while (n) {
		size_t part = n < CHUNK ? n : CHUNK;

		ERR_clear_error();
		int written = SSL_write(session->ssl, bytes, (int)part);

		if (written <= 0)
			return errbuf_set(err, -EPROTO, "TLS: %s", openssl_reason());
		take_output(session, wire);
		bytes += written;
		n -= written;
	}
	return 0;
}

void tls_session_shutdown(struct tls_session *session, struct strbuf *wire)
{
	ERR_clear_error();
	if (session->up)
		SSL_shutdown(session->ssl);
	take_output(session, wire);
}

bool tls_session_is_up(const struct tls_session *session)
{
	return session->up;
}

const char *tls_session_subject(const struct tls_session *session)
{
	return session->subject[0] ? session->subject : NULL;
}
