/* SPDX-License-Identifier: Apache-2.0 */

/* Packets that controllers and threads of our own send: translated like any other, but for no flow.  */

#include <stdlib.h>
#include <string.h>

#include "datapath/punt.h"
#include "lib/xmalloc.h"
#include "ofproto/keeper/answers.h"
#include "ofproto/keeper/book.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/keeper/teach.h"
#include "ofproto/tables/rule.h"
#include "ofproto/xlate/pause.h"
#include "ofproto/xlate/xlate.h"

struct packet_out *packet_out_new(const void *bytes, uint32_t n)
{
	struct packet_out *packet = xcalloc(1, sizeof(*packet) + n);

	packet->n = n;
	memcpy(packet->bytes, bytes, n);
	return packet;
}

static void free_packet(struct packet_out *packet)
{
	if (packet->resumption)
		resumption_fini(packet->resumption);
	rule_actions_free(packet->actions);
	free(packet->resumption);
	free(packet->key);
	free(packet);
}

/* Headers are the packet's, as the controller may have changed it; the rest it keeps. */
static void
resume(const struct packet_out *packet,
       const struct view *view,
       const struct view_bridge *bridge,
       struct key *key)
{
	const struct key *kept = packet->key;

	memcpy(key->regs, kept->regs, sizeof(key->regs));
	key->pipeline = kept->pipeline;
	key->base.tun_id = kept->base.tun_id;
	key->base.tun_src = kept->base.tun_src;
	key->base.tun_dst = kept->base.tun_dst;
	key->tunnel = kept->tunnel;
	key->extra.pkt_mark = kept->extra.pkt_mark;
	xlate_resume(keeper_xlate(), view, bridge, key, packet->resumption);
}

/* All that a tunnel may ask of a packet and that is not in its bytes. */
static void
enter(const struct packet_out *packet,
      const struct view *view,
      const struct view_bridge *bridge,
      struct key *key)
{
	const struct key *kept = packet->key;

	key->base.tun_id = kept->base.tun_id;
	key->base.tun_src = kept->base.tun_src;
	key->base.tun_dst = kept->base.tun_dst;
	key->tunnel = kept->tunnel;
	memcpy(key->tunnel_options, kept->tunnel_options, sizeof(key->tunnel_options));
	key->extra.pkt_mark = kept->extra.pkt_mark;
	xlate_run_into(keeper_xlate(), view, bridge, key, packet->tunnel);
}

struct program *keeper_translate_packet(
	uint32_t bridge_index, const struct rule_actions *actions, const uint8_t *bytes, uint32_t n
)
{
	const struct view *view = view_get();
	const struct view_bridge *bridge = view->bridges[bridge_index];
	struct program *program;
	struct key key;

	if (!bridge || punt_parse(bytes, n, PORT_ANY, &key))
		return NULL;
	xlate_run_actions(keeper_xlate(), view, bridge, &key, actions);
	teach_collect(keeper_xlate());
	program = book_make(keeper_xlate(), &key, NULL, NULL);
	teach_send();
	return program;
}

static void open_packet(struct letter *letter)
{
	struct packet_out *packet = container_of(letter, struct packet_out, letter);
	const struct view *view = view_get();
	const struct view_bridge *bridge = view->bridges[packet->bridge];
	const struct view_port *port = bridge ? view_find_port(bridge, packet->in_port) : NULL;
	uint16_t id = port ? port->id : 0;
	struct key key;

	if (bridge && !punt_parse(packet->bytes, packet->n, packet->in_port, &key)) {
		if (packet->resumption)
			resume(packet, view, bridge, &key);
		else if (packet->tunnel)
			enter(packet, view, bridge, &key);
		else
			xlate_run_actions(keeper_xlate(), view, bridge, &key, packet->actions);
		teach_collect(keeper_xlate());
		struct program *program = book_make(keeper_xlate(), &key, NULL, NULL);

		teach_send();
		if (program && punt_inject(packet->bytes, packet->n, id, program))
			answers_keep_injected(program);
		else
			program_unref(program);
	}
	/* The translation is done with them; what it became stands for itself. */
	free_packet(packet);
}

void keeper_send_packet(struct packet_out *take_packet)
{
	take_packet->letter.open = open_packet;
	if (keeper_is_running()) {
		keeper_tell(&take_packet->letter);
		return;
	}
	free_packet(take_packet);
}
