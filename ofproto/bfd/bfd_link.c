/* SPDX-License-Identifier: Apache-2.0 */

/* Making links, and freeing them.  */

#include <stdio.h>
#include <stdlib.h>

#include <uv.h>

#include "lib/epoch.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/actions/room.h"
#include "ofproto/bfd/bfd_thread.h"
#include "ofproto/wire/action.h"

enum {
	FIRST_PORT = 49152, /* RFC 5881: where packets may come from */
	PORTS = 65536 - FIRST_PORT,
};

static struct rule_actions *make_actions(uint32_t number, bool oam)
{
	enum of_error error;
	struct action_list list;
	struct rule_actions *actions;
	char text[64];

	snprintf(text, sizeof(text), "%soutput:%u", oam ? "set_field:oam->tun_flags," : "", number);
	action_list_init(&list);
	actions_parse(&list, text, NULL, NULL);
	actions = rule_actions_new(&list, &error);
	action_list_fini(&list);
	return actions;
}

static uint32_t new_id(void)
{
	static uint32_t last;

	if (!last)
		last = (uint32_t)uv_hrtime();
	if (!++last)
		last = 1;
	return last;
}

struct bfd_link *bfd_link_new(const struct bfd_settings *settings, uint32_t bridge, uint32_t number)
{
	struct bfd_link *link = XNEW(struct bfd_link);

	link->bridge = bridge;
	link->number = number;
	link->id = new_id();
	link->settings = *settings;
	link->from_port = (uint16_t)(FIRST_PORT + hash_u64(link->id, 0) % PORTS);
	link->course.actions = make_actions(number, settings->oam);
	return link;
}

void bfd_link_free(struct bfd_link *link)
{
	rule_actions_free(link->course.actions);
	epoch_free(link->report, free);
	free(link);
}
