/* SPDX-License-Identifier: Apache-2.0 */

/* Messages of guests that are connected: workers stay away from the rings meanwhile, and what was handed
 * over is vetted. The library holds the rings' locks in these functions.  */

#include <string.h>

#include <rte_vhost.h>

#include "datapath/ports/vhost.h"
#include "datapath/ports/vhost_connections.h"
#include "datapath/ports/vhost_socket.h"
#include "datapath/ports/vhost_thread.h"
#include "datapath/ports/vhost_vet.h"
#include "datapath/ports/vhost_wary.h"
#include "datapath/worker_priv.h"

enum {
	/* Of the protocol: where the guest's memory is, and what interrupts it. */
	SET_MEM_TABLE = 5,
	SET_LOG_BASE = 6,
	SET_VRING_CALL = 13,

	/* Its flags. */
	IS_ANSWER = 1 << 2,
	NEEDS_ANSWER = 1 << 3,
};

/* The message begins with its number and flags, as on the socket. */
struct header {
	uint32_t request, flags;
};

/* The library says nothing of the end of a message that fails, unless it closes the connection, which it
 * does where no answer is wanted: so none is, until all is well. */
static void put_answer_off(struct vhost_port *vhost, void *message)
{
	struct header header;

	memcpy(&header, message, sizeof(header));
	vhost->answer_wanted = header.flags & NEEDS_ANSWER;
	header.flags &= ~(uint32_t)NEEDS_ANSWER;
	memcpy(message, &header, sizeof(header));
}

/* Of two connections of one socket the newer one is the port's; workers may have the older one still, until
 * the newer one's driver is ready. One thread hears both. */
static bool is_concerned(const struct vhost_port *vhost, int vid)
{
	return vhost && (vhost->vid == vid || vhost_serves(vhost, vid));
}

static enum rte_vhost_msg_result message_begins(int vid, void *message)
{
	enum rte_vhost_msg_result result = RTE_VHOST_MSG_RESULT_NOT_HANDLED;

	vhost_thread_enter();
	vhost_thread_hear();
	struct vhost_port *vhost = vhost_thread_find(vid);

	if (vhost)
		vhost_adopt(vhost, vid);
	if (is_concerned(vhost, vid)) {
		vhost->speaks = vid;
		vhost->speaks_on = vhost->vid == vid ? vhost->socket : vhost->link->socket;
		put_answer_off(vhost, message);
		vhost->fails = !vhost_wary_message(vhost, true);
		if (vhost->fails)
			result = RTE_VHOST_MSG_RESULT_ERR;
	}
	vhost_thread_leave();
	return result;
}

static bool is_to_vet(uint32_t request)
{
	return request == SET_MEM_TABLE || request == SET_LOG_BASE || request == SET_VRING_CALL;
}

/* Who asks for answers and does not read them would have the library wait with the rings locked: the
 * connection ends. */
static enum rte_vhost_msg_result
answer(const struct vhost_port *vhost, struct header *header, void *message)
{
	if (vhost->fails)
		return RTE_VHOST_MSG_RESULT_ERR;
	if (!vhost->answer_wanted || header->flags & IS_ANSWER)
		return RTE_VHOST_MSG_RESULT_NOT_HANDLED;
	if (!vhost_socket_has_room(vhost->speaks_on, vhost->path))
		return RTE_VHOST_MSG_RESULT_ERR;
	header->flags |= NEEDS_ANSWER;
	memcpy(message, header, sizeof(*header));
	return RTE_VHOST_MSG_RESULT_NOT_HANDLED;
}

static void refuse(struct vhost_port *vhost)
{
	__atomic_store_n(&vhost->refused, true, __ATOMIC_RELAXED);
	vhost_set_stage(vhost, VHOST_NEGOTIATING);
}

static enum rte_vhost_msg_result message_ends(int vid, void *message)
{
	enum rte_vhost_msg_result result = RTE_VHOST_MSG_RESULT_NOT_HANDLED;
	struct header header;

	memcpy(&header, message, sizeof(header));
	vhost_thread_enter();
	struct vhost_port *vhost = vhost_thread_find(vid);

	if (vhost && vhost->speaks == vid) {
		if (vhost_serves(vhost, vid) && is_to_vet(header.request) &&
		    !vhost_vet_guest(vid)) {
			if (vhost->vid == vid)
				refuse(vhost);
			vhost_link_withdraw(vhost);
		}
		result = answer(vhost, &header, message);
		vhost->speaks = -1;
		vhost_wary_message(vhost, false);
		/* Who was about to sleep meanwhile could not ask for kicks. */
		workers_wake();
	}
	vhost_thread_leave();
	return result;
}

static const struct rte_vhost_user_extern_ops ops = {
	.pre_msg_handle = message_begins,
	.post_msg_handle = message_ends,
};

void vhost_messages_watch(int vid)
{
	rte_vhost_extern_callback_register(vid, &ops, NULL);
}
