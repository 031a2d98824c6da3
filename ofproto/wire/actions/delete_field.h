/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* delete_field: the packet loses a tunnel option.  */

#include "ofproto/wire/action.h"

struct field;

struct action_delete_field {
	struct action action;
	const struct field *field;
};
