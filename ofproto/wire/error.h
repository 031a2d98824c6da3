/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* OpenFlow's errors, all versions' in one enum (desc/errors.of).
 *
 * Decoders and handlers return one; the connection sends it, with the type and code of its version.
 * Errors of OpenFlow are never mixed with errno.  */

#include <stddef.h>
#include <stdint.h>

#include "ofproto/wire/error_list.h"

struct wire_bytes;
struct wire_out;

enum {
	ERROR_VERSIONS = 5 /* 1.0, 1.1 with 1.2, 1.3, 1.4, 1.5 */
};

struct error_row {
	const char *name;
	struct {
		/* -1: the version does not have it; -2, -3: an experimenter's, the ONF's or Nicira's;
		 * -100 - TYPE: Nicira's in OpenFlow 1.0. */
		int16_t type;
		int16_t code;
	} codes[ERROR_VERSIONS];
};

extern const struct error_row error_rows[OF_ERRORS];

/* Any thread. */

const char *error_name(enum of_error error);
/* OF_OK if no error has them in that version. */
enum of_error error_find(uint8_t version, uint16_t type, uint16_t code, uint32_t vendor);
/* The error that a message of these means, or OF_OK. Takes off 'data' what says whose error it is; 'type'
 * and 'code' are then the ones that its owner has given it. */
enum of_error
error_decode(uint8_t version, uint16_t *type, uint16_t *code, struct wire_bytes *data);
/* Appends an OFPT_ERROR about the message 'about' ('n' bytes, the first 64 of which go along), with
 * its xid. */
void error_encode(
	struct wire_out *out, uint8_t version, enum of_error error, const void *about, size_t n
);
