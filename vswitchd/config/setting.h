/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Settings: the values of keys in a row's maps, as their descriptions (config.h) allow them.
 *
 * Who reads a key here cannot take a value for another than the one that was checked: what is no
 * value of its kind, or out of bounds, has been complained about and counts as not set.  */

#include <stdbool.h>
#include <stdint.h>

struct db_row;

/* Main thread. 'row' may be NULL: nothing is set. */

int64_t
setting_get_int(const struct db_row *row, unsigned column, const char *key, int64_t fallback);
bool setting_get_bool(const struct db_row *row, unsigned column, const char *key, bool fallback);
