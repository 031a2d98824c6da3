/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/sockets.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/command.h"
#include "lib/control/control.h"
#include "lib/errbuf.h"
#include "lib/ovsdb/server/db_server.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "vswitchd/options.h"
#include "vswitchd/remote/managers.h"
#include "vswitchd/stages.h"
#include "vswitchd/vsctl/vsctl.h"

/* What Open vSwitch has commands for and this switch has not got. Who types one is told that, not what
 * he may have mistyped. */
#define NO_BONDS       "there are no bonds yet"
#define NO_CONNECTIONS "there is no connection tracking yet"
#define NO_OFFLOAD     "cards do not forward flows by themselves here"
#define FLOWS_ARE_MADE "flows follow from rules here; ofctl adds and deletes those"

static const struct command_absent absent[] = {
	{"bond/", NO_BONDS},
	{"dpif-netdev/bond-show", NO_BONDS},
	{"lacp/", "there are no bonds yet, nor LACP"},
	{"cfm/", "there is no 802.1ag (CFM); BFD watches far ends, see bfd/show"},
	{"autoattach/", "there is no auto attach; lldp/show tells of neighbours"},
	{"dpctl/dump-conntrack", NO_CONNECTIONS},
	{"dpctl/flush-conntrack", NO_CONNECTIONS},
	{"dpctl/ct-", NO_CONNECTIONS},
	{"dpctl/ipf-", NO_CONNECTIONS},
	{"dpif/offload/", NO_OFFLOAD},
	{"dpctl/offload-stats-show", NO_OFFLOAD},
	{"dpctl/add-flow", FLOWS_ARE_MADE},
	{"dpctl/mod-flow", FLOWS_ARE_MADE},
	{"dpctl/del-flow", FLOWS_ARE_MADE},
	{"dpctl/add-dp", "there is one datapath for all bridges"},
	{"dpctl/del-dp", "there is one datapath for all bridges"},
	{"dpctl/add-if", "'vsctl add-port' adds ports"},
	{"dpctl/del-if", "'vsctl del-port' deletes ports"},
};

int sockets_start_control(struct daemon *daemon, struct errbuf *err)
{
	const struct options *options = daemon->options;
	char *path = xasprintf("%s/vswitchd.%d.ctl", options->rundir, (int)getpid());
	int error = 0;

	command_set_absent(absent, ARRAY_LENGTH(absent));
	daemon->control = control_open(daemon->loop, path, err);
	free(path);
	if (!daemon->control)
		return err->error;
	if (options->compat_names) {
		path = xasprintf("%s/ovs-vswitchd.%d.ctl", options->rundir, (int)getpid());
		error = control_add_name(daemon->control, path, err);
		free(path);
	}
	if (error)
		control_close(daemon->control);
	else
		vsctl_start(daemon->db, daemon->loop);
	return error;
}

void sockets_stop_control(struct daemon *daemon)
{
	daemon->cleanup = control_wants_cleanup(daemon->control);
	vsctl_stop();
	control_close(daemon->control);
}

static int add_remotes(struct daemon *daemon, struct errbuf *err)
{
	const struct options *options = daemon->options;
	char *own = xasprintf("punix:%s/db.sock", options->rundir);
	bool failed = !db_server_add_remote(daemon->db_server, own, err);

	free(own);
	for (unsigned i = 0; i < options->n_remotes && !failed; i++)
		failed = !db_server_add_remote(daemon->db_server, options->remotes[i], err);
	return failed ? err->error : 0;
}

int sockets_start_db(struct daemon *daemon, struct errbuf *err)
{
	daemon->db_server = db_server_new(daemon->loop);
	db_server_add_db(daemon->db_server, daemon->db);
	db_server_allow_command(daemon->db_server, "vsctl");
	db_server_allow_command(daemon->db_server, "vsctl/complete");
	int error = add_remotes(daemon, err);

	if (error) {
		db_server_free(daemon->db_server);
		return error;
	}
	managers_start(daemon->db, daemon->db_server, daemon->loop);
	return 0;
}

void sockets_stop_db(struct daemon *daemon)
{
	managers_stop();
	db_server_free(daemon->db_server);
}
