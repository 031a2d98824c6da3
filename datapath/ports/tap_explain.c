/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/tap_explain.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/errbuf.h"

/* The kernel's rules; and it would put a number in place of "%d". */
static bool is_device_name(const char *name)
{
	return *name && strlen(name) < IFNAMSIZ &&
		strcspn(name, "/%: \t\n\v\f\r") == strlen(name) && strcmp(name, ".") != 0 &&
		strcmp(name, "..") != 0;
}

int tap_check_name(const char *name, struct errbuf *err)
{
	if (is_device_name(name))
		return 0;
	return errbuf_set(
		err,
		-EINVAL,
		"port %s: the name of a network device has at most %d characters, is not . "
		"or .., and has no blanks nor any of / %% :",
		name,
		IFNAMSIZ - 1
	);
}

int tap_explain_open(const char *name, int error, struct errbuf *err)
{
	switch (error) {
	case -EPERM:
	case -EACCES:
		return errbuf_set(
			err,
			error,
			"port %s: no permission to make a network device: run as root or with the "
			"capability CAP_NET_ADMIN",
			name
		);
	case -ENOENT:
	case -ENODEV:
		return errbuf_set(
			err,
			error,
			"port %s: /dev/net/tun is missing: load the kernel module tun",
			name
		);
	case -EBUSY:
		return errbuf_set(
			err,
			error,
			"port %s: another program uses the tap device of that name",
			name
		);
	case -EINVAL:
		return errbuf_set(
			err,
			error,
			"port %s: there is a network device of that name that is no tap device: choose "
			"another name, or type=system to use that device",
			name
		);
	default:
		return errbuf_set(
			err, error, "port %s: cannot make a tap device: %s", name, strerror(-error)
		);
	}
}

int tap_explain_set(const struct port *port, const char *what, int error, struct errbuf *err)
{
	if (error == -EPERM)
		return errbuf_set(
			err,
			error,
			"port %s: no permission to set the %s: run as root (a device that was moved to "
			"another network namespace needs CAP_SYS_ADMIN)",
			port->name,
			what
		);
	return errbuf_set(
		err, error, "port %s: cannot set the %s: %s", port->name, what, strerror(-error)
	);
}
