/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Keys and certificates: the table SSL, for all that speak TLS.  */

struct db_row;
struct tls;

/* Main thread. */

/* The one object, made when it is first asked for. */
struct tls *tls_wanted_get(void);
/* Reads the row that the row of Open_vSwitch refers to. */
void tls_wanted_apply(const struct db_row *switch_row);
/* With all endpoints closed. */
void tls_wanted_fini(void);
