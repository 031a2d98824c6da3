/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Samples: messages of each kind in each version with something in every member, lists and properties
 * included. The unit tests send them there and back; the fuzz targets begin with them.  */

#include <stdint.h>

struct message_type;

enum {
	SAMPLE_VARIANTS = 4, /* of each message */
};

/* Makes '*body', a zeroed struct of the type, a sample of the version. Texts and runs of bytes belong
 * to the samples; the type's fini() frees the rest. */
void sample_fill(const struct message_type *type, uint8_t version, unsigned variant, void *body);
/* Frees what runs of bytes in samples point to. */
void sample_forget(void);
