/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/verb.h"

#include <string.h>

const struct verb *verb_find(const char *name)
{
	REGISTRY_FOREACH(verb, verb)
		if (!strcmp(verb->name, name))
			return verb;
	return NULL;
}

bool verb_has_option(const struct verb *verb, const char *name, size_t length, bool *wants_value)
{
	const char *at = verb->options;

	while (at && *at) {
		size_t n = strcspn(at, " ");
		bool wants = at[n - 1] == '=';
		size_t n_name = wants ? n - 1 : n;

		if (n_name == length && !strncmp(at, name, length)) {
			*wants_value = wants;
			return true;
		}
		at += n;
		at += strspn(at, " ");
	}
	return false;
}

const char *call_option(const struct call *call, const char *name)
{
	for (int i = 0; i < call->n_options; i++)
		if (strlen(name) == call->options[i].length &&
		    !strncmp(call->options[i].name, name, call->options[i].length))
			return call->options[i].value ? call->options[i].value : "";
	return NULL;
}
