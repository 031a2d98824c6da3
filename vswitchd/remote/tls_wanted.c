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

static const char *non_empty(const char *text)
{
	return text && *text ? text : NULL;
}

void tls_wanted_apply(const struct db_row *switch_row)
{
	const struct db_row *ssl = db_row_ref(switch_row, OPEN_VSWITCH_SSL);
	struct errbuf err;

	errbuf_init(&err);
	if (!ssl) {
		tls_set(tls_wanted_get(), NULL, &err);
	} else {
		struct ssl_row row;

		ssl_row_read(&row, ssl);
		struct tls_config config = {
			.private_key = row.private_key,
			.certificate = row.certificate,
			.ca_cert = row.ca_cert,
			.bootstrap_ca = row.bootstrap_ca_cert,
			.protocols = non_empty(row.ssl_protocols),
			.ciphers = non_empty(row.ssl_ciphers),
			.ciphersuites = non_empty(row.ssl_ciphersuites),
		};

		tls_set(tls_wanted_get(), &config, &err);
	}
	complaints_log_of_switch("SSL", err.error ? err.text : "");
}

void tls_wanted_fini(void)
{
	tls_free(the_tls);
	the_tls = NULL;
}
