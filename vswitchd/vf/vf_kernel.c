/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vf/vf_kernel.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "lib/netlink/netlink.h"
#include "lib/strbuf.h"

static void keep(void *functions_, const struct vf *vf)
{
	struct vf_functions *functions = functions_;

	if (vf->index >= VF_FUNCTIONS_MAX)
		return;
	functions->now[vf->index] = *vf;
	functions->known[vf->index] = true;
}

static bool read_answer(void *functions, const struct nlmsghdr *message)
{
	vf_decode(message, keep, functions);
	return false;
}

static bool ignore(void *context, const struct nlmsghdr *message)
{
	return false;
}

void vf_kernel_ask(const char *nic, struct vf_functions *functions)
{
	unsigned device = if_nametoindex(nic);
	struct netlink_request request;

	memset(functions, 0, sizeof(*functions));
	if (!device)
		return;
	vf_encode_question(&request, (int)device);
	netlink_ask_now(&request, read_answer, functions);
}

/* What may be behind it. Drivers say no more than a number. */
static const char *explain(enum vf_field field, const struct vf *wanted, int error)
{
	if (error == -EOPNOTSUPP)
		return " (this NIC cannot do it: remove the setting)";
	if (field != VF_RATE || error != -EINVAL)
		return "";
	if (wanted->min_rate)
		return " (few NICs can do min-rate: remove it)";
	return " (has the NIC a link, and is max-rate below the link's?)";
}

unsigned
vf_kernel_set(const char *nic, const struct vf *wanted, const struct vf *now, struct strbuf *out)
{
	unsigned refused = 0;

	for (unsigned field = VF_MAC; field <= VF_LINK; field <<= 1) {
		struct netlink_request request;
		int error;

		if (!(wanted->has & field) || vf_field_equal(wanted, now, field))
			continue;
		vf_encode(&request, (int)if_nametoindex(nic), wanted, field);
		error = netlink_ask_now(&request, ignore, NULL);
		if (!error)
			continue;
		refused |= field;
		strbuf_addf(
			out,
			"%s%s: function %u: the driver refuses %s: %s%s",
			out->length ? "; " : "",
			nic,
			wanted->index,
			vf_field_name(field),
			strerror(-error),
			explain(field, wanted, error)
		);
	}
	return refused;
}
