/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The manual as JSON: one object for each column and each key, for programs.  */

#include <jansson.h>

struct schema;

/* Main thread. */

/* A new array. 'table', 'column' and 'key' narrow it down; NULL: all of them. */
json_t *
manual_json(const struct schema *schema, const char *table, const char *column, const char *key);
