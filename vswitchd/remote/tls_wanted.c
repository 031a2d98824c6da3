/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/remote/tls_wanted.h"

#include <stddef.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db_row.h"
#include "lib/stream/tls.h"
#include "vswitchd/complaints.h"
#include "vswitchd/rows.h"

static struct tls *the_tls;

struct tls *tls_wanted_get(void)
{
	if (!the_tls)
		the_tls = tls_new();
	return the_tls;
}

static const char *non_empty(const struct db_row *row, unsigned column)
{
	const char *text = db_row_string(row, column, "");

	return *text ? text : NULL;
}

void tls_wanted_apply(const struct db_row *switch_row)
{
	const struct db_row *row = db_row_ref(switch_row, OPEN_VSWITCH_SSL);
	struct errbuf err;

	errbuf_init(&err);
	if (!row) {
		tls_set(tls_wanted_get(), NULL, &err);
	} else {
		struct tls_config config = {
			.private_key = db_row_string(row, SSL_PRIVATE_KEY, ""),
			.certificate = db_row_string(row, SSL_CERTIFICATE, ""),
			.ca_cert = db_row_string(row, SSL_CA_CERT, ""),
			.bootstrap_ca = db_row_boolean(row, SSL_BOOTSTRAP_CA_CERT, false),
			.protocols = non_empty(row, SSL_SSL_PROTOCOLS),
			.ciphers = non_empty(row, SSL_SSL_CIPHERS),
			.ciphersuites = non_empty(row, SSL_SSL_CIPHERSUITES),
		};

		tls_set(tls_wanted_get(), &config, &err);
	}
	complaints_log("SSL", err.error ? err.text : "");
}

void tls_wanted_fini(void)
{
	tls_free(the_tls);
	the_tls = NULL;
}
