/* SPDX-License-Identifier: Apache-2.0 */

/* Commands that say which tunnel options are which fields, and that flush connections.  */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/errbuf.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/messages.h"
#include "utilities/openflow/load.h"
#include "utilities/openflow/ofconn.h"
#include "utilities/openflow/ofctl.h"
#include "utilities/openflow/talk.h"

enum {
	TLV_ADD,
	TLV_DELETE,
	TLV_CLEAR,
};

/* One "{class=0xffff,type=0,len=4}->tun_metadata0". */
static int parse_map(const char **text, struct of_tlv_map *map, struct errbuf *err)
{
	unsigned class, type, length, index;
	int used = 0,
	    fields =
		    sscanf(*text,
			   " {class=%i,type=%i,len=%i}->tun_metadata%u%n",
			   (int *)&class,
			   (int *)&type,
			   (int *)&length,
			   &index,
			   &used);

	if (fields != 4 || !used || class > 0xffff || type > 0xff || length > 124 || index > 63)
		return errbuf_set(
			err,
			-EINVAL,
			"'%s' is not {class=CLASS,type=TYPE,len=BYTES}->tun_metadataN",
			*text
		);
	*map = (struct of_tlv_map){
		.class = (uint16_t) class,
		.type = (uint8_t)type,
		.length = (uint8_t)length,
		.index = (uint16_t)index,
	};
	*text += used;
	*text += strspn(*text, ", ");
	return 0;
}

static int run_map(const struct ofctl_command *command, char **args, int n)
{
	struct of_tlv_table_mod mod = {.command = command->detail ? TLV_ADD : TLV_DELETE};
	const char *text = n > 1 ? args[1] : "";
	struct ofconn *conn = talk_open(command, args[0]);
	struct errbuf err = {0};
	struct wire_out maps;
	struct load load;
	int status = EXIT_FINE;

	if (!conn)
		return EXIT_ERROR;
	if (!*text)
		mod.command = TLV_CLEAR;
	wire_out_init(&maps, ofconn_version(conn));
	while (!status && *text) {
		struct of_tlv_map map;

		status = parse_map(&text, &map, &err) ? fail(&err) : EXIT_FINE;
		if (!status)
			of_tlv_map_encode(&maps, &map);
	}
	if (!status) {
		mod.maps = (struct wire_bytes){maps.data, (uint32_t)maps.n, maps.version};
		load_init(&load, conn);
		message_encode(&load.out, &of_tlv_table_mod_type, load_xid(&load, 0), &mod);
		status = load_send(&load);
		load_fini(&load);
	}
	wire_out_fini(&maps);
	return talk_end(conn, status);
}

static int run_flush(const struct ofctl_command *command, char **args, int n)
{
	struct of_ct_flush_zone flush = {0};
	struct errbuf err = {0};
	uint64_t zone;
	struct ofconn *conn;
	struct load load;
	int status;

	if (action_number("ZONE", args[1], UINT16_MAX, &zone, &err))
		return fail(&err);
	flush.zone = (uint16_t)zone;
	conn = talk_open(command, args[0]);
	if (!conn)
		return EXIT_ERROR;
	load_init(&load, conn);
	message_encode(&load.out, &of_ct_flush_zone_type, load_xid(&load, 0), &flush);
	status = load_send(&load);
	load_fini(&load);
	return talk_end(conn, status);
}

static const char is_add;

OFCTL_COMMAND(
	add_tlv_map,
	.name = "add-tlv-map",
	.arguments = "SWITCH {class=CLASS,type=TYPE,len=BYTES}->tun_metadataN[,…]",
	.min_args = 2,
	.max_args = 2,
	.help = "Has tunnel options matched as fields.",
	.run = run_map,
	.detail = &is_add,
	.changes = true
);
OFCTL_COMMAND(
	del_tlv_map,
	.name = "del-tlv-map",
	.arguments = "SWITCH [{class=CLASS,type=TYPE,len=BYTES}->tun_metadataN[,…]]",
	.min_args = 1,
	.max_args = 2,
	.help = "Takes that back, without options for all.",
	.run = run_map,
	.changes = true
);
OFCTL_COMMAND(
	ct_flush_zone,
	.name = "ct-flush-zone",
	.arguments = "SWITCH ZONE",
	.min_args = 2,
	.max_args = 2,
	.help = "Forgets the connections of a zone.",
	.run = run_flush,
	.changes = true
);
