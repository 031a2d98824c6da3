/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/stages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "datapath/datapath.h"
#include "lib/daemon.h"
#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge.h"
#include "vswitchd/database.h"
#include "vswitchd/options.h"
#include "vswitchd/reconcile.h"
#include "vswitchd/remote/tls_wanted.h"
#include "vswitchd/sockets.h"

enum {
	MEMORY_MAX_MB = 1 << 20
};

struct stage {
	const char *name; /* for the reader */
	int (*start)(struct daemon *daemon, struct errbuf *err);
	void (*stop)(struct daemon *daemon); /* NULL: nothing to undo */
};

static int make_directory(const char *path, struct errbuf *err)
{
	char *copy = xstrdup(path);
	int result = 0;

	for (char *at = copy + 1; !result; at++) {
		char c = *at;

		if (c && c != '/')
			continue;
		*at = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			result = errbuf_set(
				err,
				-errno,
				"%s: cannot make the directory: %s (--rundir names another)",
				copy,
				strerror(errno)
			);
		*at = c;
		if (!c)
			break;
	}
	free(copy);
	return result;
}

static int start_rundir(struct daemon *daemon, struct errbuf *err)
{
	return make_directory(daemon->options->rundir, err);
}

static int start_log_file(struct daemon *daemon, struct errbuf *err)
{
	const char *path = daemon->options->log_file;

	return path ? log_open_file(path, err) : 0;
}

static int start_pidfile(struct daemon *daemon, struct errbuf *err)
{
	const struct options *options = daemon->options;

	daemon->pidfile = pidfile_open(options->pidfile, err);
	if (!daemon->pidfile)
		return err->error;
	if (!options->compat_names)
		return 0;
	char *other = xasprintf("%s/ovs-vswitchd.pid", options->rundir);
	int error = pidfile_add_name(daemon->pidfile, other, err);

	free(other);
	return error;
}

static void stop_pidfile(struct daemon *daemon)
{
	pidfile_close(daemon->pidfile);
}

static int start_database(struct daemon *daemon, struct errbuf *err)
{
	daemon->db = database_open(daemon->options->db, daemon->loop, err);
	return daemon->db ? 0 : err->error;
}

static void stop_database(struct daemon *daemon)
{
	database_close(daemon->db);
}

/* "1024,0,2048" is for three NUMA nodes; what cannot be read counts for nothing. */
static uint32_t wanted_memory_mb(struct db *db)
{
	const char *text = database_other_config(db, "dpdk-socket-mem");
	uint64_t sum = 0;

	if (!text)
		text = database_other_config(db, "dpdk-alloc-mem");
	for (const char *at = text; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		sum += strtoul(at, NULL, 10);
	return sum > MEMORY_MAX_MB ? MEMORY_MAX_MB : (uint32_t)sum;
}

static int start_datapath(struct daemon *daemon, struct errbuf *err)
{
	const struct options *options = daemon->options;
	struct datapath_config config = {
		.eal_extra = database_other_config(daemon->db, "dpdk-extra"),
		.memory_mb = wanted_memory_mb(daemon->db),
		.no_hugepages = options->no_hugepages,
		.enable_dummy = options->enable_dummy,
		.instance = options->rundir,
		.vhost_folder = database_other_config(daemon->db, "vhost-sock-dir"),
		.vhost_iommu = database_is_set(daemon->db, "vhost-iommu-support"),
		.vhost_postcopy = database_is_set(daemon->db, "vhost-postcopy-support"),
	};

	return datapath_start(&config, err);
}

static void stop_datapath(struct daemon *daemon)
{
	if (!daemon->device_is_stuck)
		datapath_stop();
}

static int start_bridges(struct daemon *daemon, struct errbuf *err)
{
	bridges_set_directory(daemon->options->rundir);
	return bridges_start(err);
}

static void stop_bridges(struct daemon *daemon)
{
	bridges_stop();
	tls_wanted_fini();
}

static int start_reconcile(struct daemon *daemon, struct errbuf *err)
{
	reconcile_start(daemon->db, daemon->loop, daemon->options->rundir);
	return 0;
}

static void stop_reconcile(struct daemon *daemon)
{
	daemon->device_is_stuck = !reconcile_stop(daemon->cleanup);
}

/* Order is information: what stands below uses what stands above. */
static const struct stage stages[] = {
	{"run directory", start_rundir, NULL},
	{"log file", start_log_file, NULL},
	{"pidfile", start_pidfile, stop_pidfile},
	{"database", start_database, stop_database},
	{"datapath", start_datapath, stop_datapath},
	{"bridges", start_bridges, stop_bridges},
	{"reconcile", start_reconcile, stop_reconcile},
	{"control socket", sockets_start_control, sockets_stop_control},
	{"database sockets", sockets_start_db, sockets_stop_db},
};

void stages_prepare(const struct options *options)
{
	datapath_prepare();
	if (options->user)
		datapath_claim_devices(options->rundir);
}

int stages_start(struct daemon *daemon, struct errbuf *err)
{
	for (size_t i = 0; i < ARRAY_LENGTH(stages); i++) {
		int error = stages[i].start(daemon, err);

		if (!error)
			continue;
		while (i-- > 0)
			if (stages[i].stop)
				stages[i].stop(daemon);
		return error;
	}
	return 0;
}

void stages_stop(struct daemon *daemon)
{
	for (size_t i = ARRAY_LENGTH(stages); i-- > 0;)
		if (stages[i].stop)
			stages[i].stop(daemon);
}
