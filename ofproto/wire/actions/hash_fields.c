/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/hash_fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action_codec.h"

static const char *const names_of[HASH_FIELDS_COUNT] = {
	"eth_src",
	"symmetric_l4",
	"symmetric_l3l4",
	"symmetric_l3l4+udp",
	"nw_src",
	"nw_dst",
	"symmetric_l3",
};

int hash_fields_parse(const char *text, uint16_t *fields_out, struct errbuf *err)
{
	for (unsigned i = 0; text && i < HASH_FIELDS_COUNT; i++)
		if (!strcasecmp(text, names_of[i])) {
			*fields_out = (uint16_t)i;
			return 0;
		}
	return errbuf_set(
		err,
		-EINVAL,
		"'%s' is not one of eth_src, symmetric_l4, symmetric_l3l4, symmetric_l3l4+udp, "
		"symmetric_l3, nw_src, nw_dst",
		text ? text : ""
	);
}

const char *hash_fields_name(uint16_t which)
{
	return which < HASH_FIELDS_COUNT ? names_of[which] : "?";
}
