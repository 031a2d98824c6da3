/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Fields that stand for options of tunnels, in actions.  */

struct field;
struct key;
struct tlv_map;
struct xlate;

/* Any thread that holds an epoch. */

/* Where they are in keys of the present bridge. */
const struct tlv_map *tunnel_option_map(const struct xlate *x);
/* What the field says mattered. One that is not there reads as zero. */
void tunnel_option_look(struct xlate *x, const struct field *field);
/* Writes the bits of 'bits'; both are keys that are zero but for the field. It is there then. */
void tunnel_option_write(
	struct xlate *x, const struct field *field, const struct key *to, const struct key *bits
);
