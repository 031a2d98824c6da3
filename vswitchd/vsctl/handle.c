/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/handle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"

void handles_init(struct handles *handles)
{
	hmap_init(&handles->map);
}

void handles_fini(struct handles *handles)
{
	struct handle *handle;

	HMAP_FOREACH_SAFE(handle, node, &handles->map) {
		hmap_del(&handles->map, &handle->node);
		free(handle);
	}
	hmap_fini(&handles->map);
}

struct handle *handles_find(const struct handles *handles, const char *name)
{
	struct handle *handle;

	HMAP_FOREACH_WITH_HASH(handle, node, hash_string(name, 0), &handles->map)
		if (!strcmp(handle->name, name))
			return handle;
	return NULL;
}

struct handle *handles_get(struct handles *handles, const char *name)
{
	struct handle *handle = handles_find(handles, name);
	size_t size = strlen(name) + 1;

	if (handle)
		return handle;
	handle = xcalloc(1, sizeof(*handle) + size);
	memcpy(handle->name, name, size);
	uuid_new(&handle->uuid);
	hmap_add(&handles->map, &handle->node, hash_string(name, 0));
	return handle;
}

struct handle *handles_define(struct handles *handles, const char *name, struct errbuf *err)
{
	struct handle *handle;

	if (name[0] != '@') {
		errbuf_set(err, -EINVAL, "row id \"%s\" does not begin with \"@\"", name);
		return NULL;
	}
	handle = handles_get(handles, name);
	if (handle->made) {
		errbuf_set(
			err, -EINVAL, "row id \"%s\" may only be specified on one --id option", name
		);
		return NULL;
	}
	handle->made = true;
	return handle;
}

int handles_check(
	const struct handles *handles,
	void (*warn)(void *context, const struct handle *handle),
	void *context,
	struct errbuf *err
)
{
	struct handle *handle;

	HMAP_FOREACH(handle, node, &handles->map)
		if (!handle->made)
			return errbuf_set(
				err,
				-EINVAL,
				"row id \"%s\" is referenced but never created (e.g. with "
				"\"-- --id=%s create ...\")",
				handle->name,
				handle->name
			);
	HMAP_FOREACH(handle, node, &handles->map)
		if (!handle->kept)
			warn(context, handle);
	return 0;
}
