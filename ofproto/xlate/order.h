/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Orders: changes to rules that a packet asks for by what the rules do with it.
 *
 * A translation changes nothing: it leaves orders, each an object of its own that travels to the
 * main thread, which opens it as a letter.  */

#include "lib/mailbox.h"

struct order {
	struct letter letter; /* opened on the main thread; frees the order */
	struct order *next;
	void (*free)(struct order *order); /* nobody wants it done */
};
