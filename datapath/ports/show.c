/* SPDX-License-Identifier: Apache-2.0 */

/* port-types/show: what can stand in Interface.type and Interface.options.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/command.h"
#include "lib/strbuf.h"

static const char *const kinds[] = {
	[OPTION_STRING] = "text",
	[OPTION_BOOL] = "true|false",
	[OPTION_INT] = "number",
	[OPTION_MAC] = "MAC address",
	[OPTION_IPV4] = "IPv4 address",
	[OPTION_LIST] = "numbers",
	[OPTION_HEX] = "hexadecimal number",
};

static json_t *describe_option(const struct option *option)
{
	json_t *one = json_pack(
		"{s:s, s:s, s:b, s:s}",
		"name",
		option->name,
		"kind",
		option->kind == OPTION_ENUM ? option->choices : kinds[option->kind],
		"required",
		option->required,
		"help",
		option->help ? option->help : ""
	);

	if (option->default_text)
		json_object_set_new(one, "default", json_string(option->default_text));
	if (option->min || option->max) {
		json_object_set_new(one, "min", json_integer(option->min));
		json_object_set_new(one, "max", json_integer(option->max));
	}
	return one;
}

static json_t *describe_type(const struct port_type *type)
{
	json_t *options = json_array();

	for (int i = 0; i < type->n_options; i++)
		if (type->options[i].apply != OPTION_IGNORED)
			json_array_append_new(options, describe_option(&type->options[i]));
	return json_pack(
		"{s:s, s:s, s:o}", "name", type->name, "help", type->help, "options", options
	);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(
		(*(const struct port_type *const *)a)->name,
		(*(const struct port_type *const *)b)->name
	);
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	const struct port_type *types[64];
	size_t n = 0;
	json_t *all = json_array();

	REGISTRY_FOREACH(port_type, type) {
		bool wanted = !call->argc || !strcmp(call->argv[0], type->name);

		if (wanted && port_type_find(type->name) && n < ARRAY_LENGTH(types))
			types[n++] = type;
	}
	qsort(types, n, sizeof(types[0]), compare_names);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(all, describe_type(types[i]));
	if (n)
		return all;
	json_decref(all);
	errbuf_set(err, -ENOENT, "there is no port type '%s'", call->argc ? call->argv[0] : "");
	return NULL;
}

static void format_option(json_t *option, struct strbuf *out)
{
	json_t *min = json_object_get(option, "min"), *max = json_object_get(option, "max");
	const char *fallback = json_string_value(json_object_get(option, "default"));

	strbuf_addf(
		out,
		"  %s=<%s>",
		json_string_value(json_object_get(option, "name")),
		json_string_value(json_object_get(option, "kind"))
	);
	if (min && max)
		strbuf_addf(
			out, " from %lld to %lld", json_integer_value(min), json_integer_value(max)
		);
	if (fallback)
		strbuf_addf(out, ", %s if not given", fallback);
	if (json_is_true(json_object_get(option, "required")))
		strbuf_add(out, ", required");
	strbuf_addf(out, "\n      %s\n", json_string_value(json_object_get(option, "help")));
}

static void format_show(const json_t *answer, struct strbuf *out)
{
	size_t i, j;
	json_t *type, *option;

	json_array_foreach((json_t *)answer, i, type) {
		strbuf_addf(
			out,
			"%s\n    %s\n",
			json_string_value(json_object_get(type, "name")),
			json_string_value(json_object_get(type, "help"))
		);
		json_array_foreach(json_object_get(type, "options"), j, option)
			format_option(option, out);
	}
}
MGMT_COMMAND_TEXT(
	port_types_show,
	"port-types/show",
	"[TYPE]",
	0,
	1,
	cmd_show,
	"Lists the types of ports and the options each takes.",
	format_show
);
