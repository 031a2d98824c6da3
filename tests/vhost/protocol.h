/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a guest's side of a vhost-user socket asks for, by the numbers of the protocol.  */

enum vhost_request {
	GET_FEATURES = 1,
	SET_FEATURES = 2,
	SET_OWNER = 3,
	SET_MEM_TABLE = 5,
	SET_VRING_NUM = 8,
	SET_VRING_ADDR = 9,
	SET_VRING_BASE = 10,
	SET_VRING_KICK = 12,
	SET_VRING_CALL = 13,
};
