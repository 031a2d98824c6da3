/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stream/tls.h"

#include <stdio.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "lib/errbuf.h"
#include "lib/stream/endpoint.h"
#include "lib/stream/stream.h"
#include "tests/unit/loop.h"

struct side {
	struct endpoint *endpoint;
	struct stream *stream;
	int n_up, n_closed;
	size_t n_bytes;
	char reason[200];
	bool echo;
};

static uv_loop_t loop;
static struct side server, client;
static struct tls *server_tls, *client_tls;
static char *dir;

static void side_data(void *owner, const char *bytes, size_t n)
{
	struct side *side = owner;

	side->n_bytes += n;
	if (side->echo)
		stream_send(side->stream, bytes, n);
}

static void side_closed(void *owner, const char *reason)
{
	struct side *side = owner;

	side->n_closed++;
	side->stream = NULL;
	snprintf(side->reason, sizeof(side->reason), "%s", reason);
}

static const struct stream_handler handler = {.data = side_data, .closed = side_closed};

static void side_up(void *context, struct stream *stream)
{
	struct side *side = context;

	side->n_up++;
	side->stream = stream;
	stream_set_handler(stream, &handler, side);
}

static const char *path_of(const char *file)
{
	static char paths[8][128];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, file);
	return path;
}

static void write_key(const char *file, EVP_PKEY *key)
{
	FILE *out = fopen(path_of(file), "w");

	assert_int_equal(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(out);
}

static void write_certs(const char *file, X509 *first, X509 *second)
{
	FILE *out = fopen(path_of(file), "w");

	assert_int_equal(PEM_write_X509(out, first), 1);
	if (second)
		assert_int_equal(PEM_write_X509(out, second), 1);
	fclose(out);
}

static X509 *make_cert(const char *subject, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
	X509 *cert = X509_new();
	X509_NAME *own = X509_get_subject_name(cert);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(own, "CN", MBSTRING_ASC, (const void *)subject, -1, -1, 0);
	X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : own);
	if (!issuer) {
		X509_EXTENSION *ca =
			X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "CA:TRUE");

		X509_add_ext(cert, ca, -1);
		X509_EXTENSION_free(ca);
	}
	assert_true(X509_sign(cert, issuer_key, EVP_sha256()) > 0);
	return cert;
}

/* PREFIXca.pem, PREFIXkey.pem and PREFIXcert.pem (with the authority's behind it). */
static void make_identity(const char *prefix, const char *subject)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = make_cert("an authority", ca_key, NULL, ca_key);
	X509 *cert = make_cert(subject, key, ca, ca_key);
	char file[64];

	snprintf(file, sizeof(file), "%sca.pem", prefix);
	write_certs(file, ca, NULL);
	snprintf(file, sizeof(file), "%scert.pem", prefix);
	write_certs(file, cert, ca);
	snprintf(file, sizeof(file), "%skey.pem", prefix);
	write_key(file, key);
	X509_free(ca);
	X509_free(cert);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
}

static int
configure(struct tls *tls, const char *prefix, const char *ca, bool bootstrap, struct errbuf *err)
{
	char key[32], cert[32];

	snprintf(key, sizeof(key), "%skey.pem", prefix);
	snprintf(cert, sizeof(cert), "%scert.pem", prefix);
	const struct tls_config config = {
		.private_key = path_of(key),
		.certificate = path_of(cert),
		.ca_cert = path_of(ca),
		.bootstrap_ca = bootstrap,
	};

	return tls_set(tls, &config, err);
}

static void open_both(void)
{
	struct endpoint_config config = {.connected = side_up, .context = &server};
	struct endpoint_status status;
	struct errbuf err;
	char name[64];

	config.tls = server_tls;
	server.endpoint = endpoint_open(&loop, "pssl:0:127.0.0.1", &config, &err);
	assert_non_null(server.endpoint);
	endpoint_get_status(server.endpoint, &status);
	snprintf(name, sizeof(name), "ssl:127.0.0.1:%u", status.bound_port);
	config.tls = client_tls;
	config.context = &client;
	client.endpoint = endpoint_open(&loop, name, &config, &err);
	assert_non_null(client.endpoint);
	endpoint_set_max_backoff(client.endpoint, 20);
}

static const char *client_error(void)
{
	struct endpoint_status status;

	endpoint_get_status(client.endpoint, &status);
	return status.last_error;
}

static int setup(void **state)
{
	memset(&server, 0, sizeof(server));
	memset(&client, 0, sizeof(client));
	uv_loop_init(&loop);
	dir = loop_mkdir();
	server_tls = tls_new();
	client_tls = tls_new();
	make_identity("a-", "switch one");
	make_identity("b-", "a stranger");
	return 0;
}

static int teardown(void **state)
{
	endpoint_close(client.endpoint);
	endpoint_close(server.endpoint);
	loop_end(&loop);
	tls_free(server_tls);
	tls_free(client_tls);
	loop_rmdir(dir);
	return 0;
}

static void test_tls_carries_bytes_both_ways(void **state)
{
	static char block[3000000];
	struct errbuf err;

	assert_int_equal(configure(server_tls, "a-", "a-ca.pem", false, &err), 0);
	assert_int_equal(configure(client_tls, "a-", "a-ca.pem", false, &err), 0);
	server.echo = true;
	open_both();
	loop_until(&loop, client.stream && server.stream);
	assert_string_equal(stream_peer_subject(server.stream), "switch one");
	stream_send(client.stream, block, sizeof(block));
	loop_until(&loop, client.n_bytes == sizeof(block));
	stream_finish(client.stream, "done");
	loop_until(&loop, server.n_closed == 1);
	assert_string_equal(server.reason, "closed by the peer");
}

static void test_tls_refuses_a_stranger(void **state)
{
	struct errbuf err;

	configure(server_tls, "a-", "a-ca.pem", false, &err);
	configure(client_tls, "b-", "a-ca.pem", false, &err);
	open_both();
	loop_for(&loop, 200);
	assert_int_equal(server.n_up, 0);
	configure(client_tls, "a-", "a-ca.pem", false, &err);
	loop_until(&loop, server.n_up == 1);
}

static void test_tls_refuses_a_strange_server(void **state)
{
	struct errbuf err;

	configure(server_tls, "b-", "a-ca.pem", false, &err);
	configure(client_tls, "a-", "a-ca.pem", false, &err);
	open_both();
	loop_until(&loop, client_error());
	assert_non_null(strstr(client_error(), "certificate was not accepted"));
	assert_int_equal(client.n_up, 0);
}

static void test_tls_bootstraps_the_authority_once(void **state)
{
	struct errbuf err;

	configure(server_tls, "a-", "a-ca.pem", false, &err);
	assert_int_equal(configure(client_tls, "a-", "learnt.pem", true, &err), 0);
	open_both();
	loop_until(&loop, client.stream && server.stream);
	assert_int_equal(access(path_of("learnt.pem"), R_OK), 0);
	/* From now on it is checked: another authority's server is refused. */
	endpoint_close(client.endpoint);
	endpoint_close(server.endpoint);
	memset(&client, 0, sizeof(client));
	configure(server_tls, "b-", "a-ca.pem", false, &err);
	open_both();
	loop_until(&loop, client_error());
	assert_int_equal(client.n_up, 0);
}

static void test_tls_set_says_which_file_is_wrong(void **state)
{
	struct errbuf err;

	assert_true(configure(server_tls, "c-", "a-ca.pem", false, &err) < 0);
	assert_non_null(strstr(err.text, "c-key.pem"));
	assert_true(configure(server_tls, "a-", "none.pem", false, &err) < 0);
	assert_non_null(strstr(err.text, "none.pem"));
	assert_int_equal(rename(path_of("b-key.pem"), path_of("a-key.pem")), 0);
	assert_true(configure(server_tls, "a-", "a-ca.pem", false, &err) < 0);
	assert_non_null(strstr(err.text, "a-key.pem"));
}

static void test_tls_without_settings_refuses_and_recovers(void **state)
{
	struct errbuf err;

	configure(server_tls, "a-", "a-ca.pem", false, &err);
	open_both();
	loop_until(&loop, client_error());
	assert_non_null(strstr(client_error(), "set-ssl"));
	configure(client_tls, "a-", "a-ca.pem", false, &err);
	loop_until(&loop, client.stream && server.stream);
}

static void test_tls_closes_on_garbage(void **state)
{
	struct endpoint_config config = {.connected = side_up, .context = &client};
	struct endpoint_status status;
	struct errbuf err;
	char name[64];

	configure(server_tls, "a-", "a-ca.pem", false, &err);
	open_both();
	endpoint_close(client.endpoint);
	endpoint_get_status(server.endpoint, &status);
	snprintf(name, sizeof(name), "tcp:127.0.0.1:%u", status.bound_port);
	client.endpoint = endpoint_open(&loop, name, &config, &err);
	loop_until(&loop, client.stream);
	stream_send(client.stream, "{\"method\":\"echo\"}", 17);
	loop_until(&loop, client.n_closed == 1);
	assert_int_equal(server.n_up, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tls_carries_bytes_both_ways),
		TEST(test_tls_refuses_a_stranger),
		TEST(test_tls_refuses_a_strange_server),
		TEST(test_tls_bootstraps_the_authority_once),
		TEST(test_tls_set_says_which_file_is_wrong),
		TEST(test_tls_without_settings_refuses_and_recovers),
		TEST(test_tls_closes_on_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
