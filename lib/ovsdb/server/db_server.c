/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/server/db_server.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "lib/jsonrpc/remote.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/monitor/db_monitor.h"
#include "lib/ovsdb/server/server_priv.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

struct server_remote {
	struct cds_list_head node;
	struct remote *remote;
};

static uv_timer_t *timer_new(struct db_server *server)
{
	uv_timer_t *timer = XNEW(uv_timer_t);

	uv_timer_init(server->loop, timer);
	timer->data = server;
	return timer;
}

static void trim(uv_timer_t *timer)
{
	malloc_trim(0);
}

void server_trim_soon(struct db_server *server)
{
	enum {
		TRIM_DELAY_MS = 500
	};

	uv_timer_start(server->trim_timer, trim, TRIM_DELAY_MS, 0);
}

struct db_server *db_server_new(struct uv_loop_s *loop)
{
	struct db_server *server = XNEW(struct db_server);

	server->loop = loop;
	uuid_new(&server->id);
	CDS_INIT_LIST_HEAD(&server->dbs);
	CDS_INIT_LIST_HEAD(&server->sessions);
	CDS_INIT_LIST_HEAD(&server->remotes);
	CDS_INIT_LIST_HEAD(&server->pending);
	session_locks_init(&server->locks);
	server->timer = timer_new(server);
	server->trim_timer = timer_new(server);
	server->server_db = server_db_new();
	db_server_add_db(server, server->server_db);
	return server;
}

static void timer_closed(uv_handle_t *timer)
{
	free(timer);
}

static void committed(void *context, const struct db_commit *commit)
{
	struct served *served = context;

	server_wake(served->server);
}

static void served_free(struct served *served)
{
	db_del_hook(served->db, committed, served);
	db_monitors_free(served->monitors);
	cds_list_del(&served->node);
	free(served);
}

void db_server_free(struct db_server *server)
{
	struct server_remote *remote, *next_remote;
	struct session *session, *next_session;
	struct served *served, *next_served;

	if (!server)
		return;
	cds_list_for_each_entry_safe(remote, next_remote, &server->remotes, node) {
		remote_close(remote->remote);
		free(remote);
	}
	cds_list_for_each_entry_safe(session, next_session, &server->sessions, node)
		jsonrpc_close(session->conn, true);
	cds_list_for_each_entry_safe(served, next_served, &server->dbs, node)
		served_free(served);
	db_close(server->server_db);
	session_locks_fini(&server->locks);
	uv_close((uv_handle_t *)server->timer, timer_closed);
	uv_close((uv_handle_t *)server->trim_timer, timer_closed);
	strbuf_fini(&server->text);
	free(server);
}

void db_server_add_db(struct db_server *server, struct db *db)
{
	struct served *served = XNEW(struct served);

	served->server = server;
	served->db = db;
	/* Monitors hear of a commit first: what they tell precedes the answers that follow. */
	served->monitors = db_monitors_new(db);
	db_add_hook(db, committed, served);
	cds_list_add_tail(&served->node, &server->dbs);
	server_db_add(server->server_db, db);
}

struct served *server_find_db(const struct db_server *server, const char *name)
{
	struct served *served;

	cds_list_for_each_entry(served, &server->dbs, node)
		if (!strcmp(db_name(served->db), name))
			return served;
	return NULL;
}

static struct server_remote *find_remote(const struct db_server *server, const char *name)
{
	struct server_remote *remote;

	cds_list_for_each_entry(remote, &server->remotes, node)
		if (!strcmp(remote_name(remote->remote), name))
			return remote;
	return NULL;
}

static void *connected(void *context, struct jsonrpc *conn)
{
	return session_new(context, conn);
}

void db_server_set_tls(struct db_server *server, struct tls *tls)
{
	server->tls = tls;
}

void db_server_get_remote_config(struct db_server *server, struct remote_config *config)
{
	*config = (struct remote_config){
		.handler = &session_handler,
		.connected = connected,
		.context = server,
		.tls = server->tls,
	};
}

struct remote *db_server_add_remote(struct db_server *server, const char *name, struct errbuf *err)
{
	struct server_remote *remote = find_remote(server, name);
	struct remote_config config;

	if (remote)
		return remote->remote;
	db_server_get_remote_config(server, &config);
	remote = XNEW(struct server_remote);
	remote->remote = remote_open(server->loop, name, &config, err);
	if (!remote->remote) {
		free(remote);
		return NULL;
	}
	cds_list_add_tail(&remote->node, &server->remotes);
	return remote->remote;
}

size_t db_server_n_sessions(const struct db_server *server)
{
	return server->n_sessions;
}
