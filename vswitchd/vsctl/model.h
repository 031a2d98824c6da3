/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Model: bridges and ports as vsctl speaks of them.
 *
 * A fake bridge is a port of a real bridge with fake_bridge set: it stands for one VLAN, and the
 * ports of the real bridge that are tagged with that VLAN count as its own. The local port of a
 * bridge, which has the bridge's name, counts as the bridge, not as a port.  */

#include <stdbool.h>

struct db_row;
struct errbuf;
struct request;

struct model_bridge {
	const char *name;
	struct db_row *row; /* of Bridge: itself or its parent */
	struct db_row *port; /* of Port, if it is a fake bridge, else NULL */
	int vlan; /* 0 for a real bridge */
};

/* Main thread. */

bool model_find_bridge(struct request *request, const char *name, struct model_bridge *bridge);
/* Says "no bridge named …", with the nearest name. */
int model_get_bridge(
	struct request *request, const char *name, struct model_bridge *bridge, struct errbuf *err
);
/* As above, but the parent of a fake bridge is refused. */
int model_get_real_bridge(
	struct request *request, const char *name, struct db_row **row, struct errbuf *err
);
/* The fake bridge of 'vlan' on 'parent', or NULL: its row of Port. */
struct db_row *model_find_child(const struct db_row *parent, int vlan);
bool model_is_fake(const struct db_row *port);

/* The port called 'name' and (if not NULL) its bridge; NULL for local ports and fake bridges. */
struct db_row *
model_find_port(struct request *request, const char *name, struct model_bridge *bridge);
struct db_row *model_get_port(
	struct request *request, const char *name, struct model_bridge *bridge, struct errbuf *err
);
/* The interface called 'name', its port and bridge; NULL for local ones. */
struct db_row *model_find_interface(
	struct request *request, const char *name, struct db_row **port, struct model_bridge *bridge
);
bool model_port_is_in(const struct db_row *port, const struct model_bridge *bridge);
/* Calls 'add' for each port of the bridge. */
void model_foreach_port(
	const struct model_bridge *bridge,
	void (*add)(void *context, struct db_row *port),
	void *context
);

/* Fails if a bridge, port or interface has the name already; 'format' begins the sentence. */
int model_check_free(
	struct request *request, const char *name, const char *what, struct errbuf *err
);

/* Removes the port and its interfaces, or the bridge with all that is in it. */
void model_del_port(struct request *request, struct db_row *bridge, struct db_row *port);
void model_del_bridge(struct request *request, const struct model_bridge *bridge);
