/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Wording: types, uses and values as sentences have them.  */

#include "vswitchd/config/config.h"

struct option;
struct schema_column;
struct strbuf;

/* Main thread. */

/* "optional integer (0 to 4095)" */
void wording_add_type(const struct schema_column *column, struct strbuf *out);
/* "written by the switch"; NULL if there is nothing to say. */
const char *wording_use(enum config_use use);
/* When a change applies. */
const char *wording_apply(enum option_apply apply);
/* "true or false; false unless set" */
void wording_add_values(const struct option *key, struct strbuf *out);
