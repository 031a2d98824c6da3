/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JSON as people like to read it: an array of objects as a table, an object as lines of "key:
 * value", an array of strings as lines, a string as it is.  */

#include <jansson.h>

struct strbuf;

/* Any thread but workers. */

void render_json(const json_t *json, struct strbuf *out);
