/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/sockets.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/control/control.h"
#include "lib/errbuf.h"
#include "lib/ovsdb/server/db_server.h"
#include "lib/xmalloc.h"
#include "vswitchd/options.h"
#include "vswitchd/remote/managers.h"
#include "vswitchd/stages.h"
#include "vswitchd/vsctl/vsctl.h"

int sockets_start_control(struct daemon *daemon, struct errbuf *err)
{
	const struct options *options = daemon->options;
	char *path = xasprintf("%s/vswitchd.%d.ctl", options->rundir, (int)getpid());
	int error = 0;

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
