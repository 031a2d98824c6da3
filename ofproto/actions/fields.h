/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading and writing fields, for all actions that do.  */

#include <stdint.h>

struct subfield;
struct xlate;

/* Any thread that holds an epoch. */

/* Values are right-aligned in FIELD_MAX_SIZE bytes. */
void fields_read(struct xlate *x, const struct subfield *sub, uint8_t *value);
/* The last 64 bits of it. */
uint64_t fields_read_number(struct xlate *x, const struct subfield *sub);
void fields_write(struct xlate *x, const struct subfield *sub, const uint8_t *value);
void fields_write_number(struct xlate *x, const struct subfield *sub, uint64_t number);
