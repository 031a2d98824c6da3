/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/netlink/vf.h"

#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/errbuf.h"
#include "lib/mac.h"
#include "lib/near.h"
#include "lib/netlink/netlink.h"
#include "lib/strbuf.h"

enum {
	TEXT_MAX = 512,
	VLAN_MAX = 4094,
	QOS_MAX = 7,
	NEST_SIZE = 96,
};

/* Words. */

static int parse_number(const char *text, uint32_t max, uint32_t *number)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || *text == '-' || value > max)
		return -EINVAL;
	*number = (uint32_t)value;
	return 0;
}

static int parse_mac(struct vf *vf, const char *text)
{
	vf->has |= VF_MAC;
	return mac_parse(text, &vf->mac) ? 0 : -EINVAL;
}

static int parse_vlan(struct vf *vf, const char *text)
{
	uint32_t number;

	vf->has |= VF_VLAN;
	if (parse_number(text, VLAN_MAX, &number))
		return -EINVAL;
	vf->vlan = (uint16_t)number;
	return 0;
}

static int parse_qos(struct vf *vf, const char *text)
{
	uint32_t number;

	vf->has |= VF_VLAN;
	if (parse_number(text, QOS_MAX, &number))
		return -EINVAL;
	vf->qos = (uint8_t)number;
	return 0;
}

static int parse_min_rate(struct vf *vf, const char *text)
{
	vf->has |= VF_RATE;
	return parse_number(text, UINT32_MAX, &vf->min_rate);
}

static int parse_max_rate(struct vf *vf, const char *text)
{
	vf->has |= VF_RATE;
	return parse_number(text, UINT32_MAX, &vf->max_rate);
}

static int parse_switch(const char *text, bool *on)
{
	*on = !strcmp(text, "on");
	return *on || !strcmp(text, "off") ? 0 : -EINVAL;
}

static int parse_trust(struct vf *vf, const char *text)
{
	vf->has |= VF_TRUST;
	return parse_switch(text, &vf->trust);
}

static int parse_spoofchk(struct vf *vf, const char *text)
{
	vf->has |= VF_SPOOFCHK;
	return parse_switch(text, &vf->spoofchk);
}

static const char *const links[] = {
	[VF_LINK_AUTO] = "auto",
	[VF_LINK_ON] = "on",
	[VF_LINK_OFF] = "off",
};

static int parse_link(struct vf *vf, const char *text)
{
	vf->has |= VF_LINK;
	for (vf->link = 0; vf->link < ARRAY_LENGTH(links); vf->link++)
		if (!strcmp(text, links[vf->link]))
			return 0;
	return -EINVAL;
}

/* It becomes part of a path. */
static int parse_driver(struct vf *vf, const char *text)
{
	if (!*text || strlen(text) >= sizeof(vf->driver) || strchr(text, '/') || *text == '.')
		return -EINVAL;
	snprintf(vf->driver, sizeof(vf->driver), "%s", text);
	return 0;
}

static const struct {
	const char *name, *value; /* the value's form, for people */
	int (*parse)(struct vf *vf, const char *text);
} words[] = {
	{"mac", "a MAC address", parse_mac},
	{"vlan", "0 to 4094", parse_vlan},
	{"qos", "0 to 7", parse_qos},
	{"min-rate", "Mbit/s", parse_min_rate},
	{"max-rate", "Mbit/s", parse_max_rate},
	{"trust", "on or off", parse_trust},
	{"spoofchk", "on or off", parse_spoofchk},
	{"link-state", "auto, on or off", parse_link},
	{"driver", "the name of one, such as vfio-pci", parse_driver},
};

static int parse_word(struct vf *vf, char *word, struct errbuf *err)
{
	char *value = strchr(word, '=');
	struct near near;

	if (value)
		*value++ = '\0';
	near_init(&near, word);
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
		near_add(&near, words[i].name);
		if (strcmp(words[i].name, word))
			continue;
		if (value && !words[i].parse(vf, value))
			return 0;
		return errbuf_set(err, -EINVAL, "%s: give %s", word, words[i].value);
	}
	return near_refuse(&near, err, -EINVAL, "there is no setting '%.40s'", word);
}

int vf_parse(const char *text, struct vf *vf, struct errbuf *err)
{
	char copy[TEXT_MAX], *rest = NULL;
	int error = 0;

	*vf = (struct vf){.index = vf->index};
	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return errbuf_set(err, -EINVAL, "more than %d characters", TEXT_MAX - 1);
	for (char *word = strtok_r(copy, ", ", &rest); word && !error;
	     word = strtok_r(NULL, ", ", &rest))
		error = parse_word(vf, word, err);
	if (!error && vf->max_rate && vf->min_rate > vf->max_rate)
		error = errbuf_set(err, -EINVAL, "min-rate is above max-rate");
	if (!error && vf->qos && !vf->vlan)
		error = errbuf_set(
			err, -EINVAL, "qos is the priority in a VLAN tag: give vlan too"
		);
	return error;
}

void vf_format(const struct vf *vf, struct strbuf *out)
{
	char mac[MAC_TEXT_SIZE];

	if (vf->has & VF_MAC)
		strbuf_addf(out, "mac=%s ", mac_format(vf->mac, mac));
	if (vf->has & VF_VLAN)
		strbuf_addf(out, "vlan=%u ", vf->vlan);
	if (vf->has & VF_VLAN && vf->qos)
		strbuf_addf(out, "qos=%u ", vf->qos);
	if (vf->has & VF_RATE)
		strbuf_addf(out, "min-rate=%u max-rate=%u ", vf->min_rate, vf->max_rate);
	if (vf->has & VF_TRUST)
		strbuf_addf(out, "trust=%s ", vf->trust ? "on" : "off");
	if (vf->has & VF_SPOOFCHK)
		strbuf_addf(out, "spoofchk=%s ", vf->spoofchk ? "on" : "off");
	if (vf->has & VF_LINK)
		strbuf_addf(out, "link-state=%s ", links[vf->link]);
	if (*vf->driver)
		strbuf_addf(out, "driver=%s ", vf->driver);
	strbuf_chomp(out, ' ');
}

const char *vf_field_name(enum vf_field field)
{
	switch (field) {
	case VF_MAC:
		return "mac";
	case VF_VLAN:
		return "vlan";
	case VF_RATE:
		return "min-rate and max-rate";
	case VF_TRUST:
		return "trust";
	case VF_SPOOFCHK:
		return "spoofchk";
	case VF_LINK:
		return "link-state";
	}
	return "";
}

bool vf_field_equal(const struct vf *wanted, const struct vf *now, enum vf_field field)
{
	if (!(now->has & field))
		return false;
	switch (field) {
	case VF_MAC:
		return !memcmp(&wanted->mac, &now->mac, sizeof(now->mac));
	case VF_VLAN:
		return wanted->vlan == now->vlan && wanted->qos == now->qos;
	case VF_RATE:
		return wanted->min_rate == now->min_rate && wanted->max_rate == now->max_rate;
	case VF_TRUST:
		return wanted->trust == now->trust;
	case VF_SPOOFCHK:
		return wanted->spoofchk == now->spoofchk;
	case VF_LINK:
		return wanted->link == now->link;
	}
	return false;
}

/* Bytes. */

static void begin(struct netlink_request *request, uint16_t type, uint16_t flags, int device)
{
	const struct ifinfomsg head = {.ifi_family = AF_UNSPEC, .ifi_index = device};

	netlink_begin(request, type, flags, &head, sizeof(head));
}

/* The list of one function of one setting. */
static void add_setting(struct netlink_request *request, uint16_t type, const void *data, size_t n)
{
	struct rtattr inner = {.rta_len = RTA_LENGTH(n), .rta_type = type};
	alignas(RTA_ALIGNTO) uint8_t bytes[NEST_SIZE] = {0};
	struct rtattr outer = {.rta_len = RTA_LENGTH(RTA_SPACE(n)), .rta_type = IFLA_VF_INFO};

	memcpy(bytes, &outer, sizeof(outer));
	memcpy(bytes + RTA_LENGTH(0), &inner, sizeof(inner));
	memcpy(bytes + RTA_LENGTH(0) + RTA_LENGTH(0), data, n);
	netlink_add(request, IFLA_VFINFO_LIST, bytes, RTA_LENGTH(RTA_SPACE(n)));
}

void vf_encode(
	struct netlink_request *request, int device, const struct vf *vf, enum vf_field field
)
{
	static const uint32_t states[] = {
		[VF_LINK_AUTO] = IFLA_VF_LINK_STATE_AUTO,
		[VF_LINK_ON] = IFLA_VF_LINK_STATE_ENABLE,
		[VF_LINK_OFF] = IFLA_VF_LINK_STATE_DISABLE,
	};
	struct ifla_vf_mac mac = {.vf = vf->index};
	struct ifla_vf_vlan vlan = {.vf = vf->index, .vlan = vf->vlan, .qos = vf->qos};
	struct ifla_vf_rate rate = {
		.vf = vf->index,
		.min_tx_rate = vf->min_rate,
		.max_tx_rate = vf->max_rate,
	};
	struct ifla_vf_trust trust = {.vf = vf->index, .setting = vf->trust};
	struct ifla_vf_spoofchk spoofchk = {.vf = vf->index, .setting = vf->spoofchk};
	struct ifla_vf_link_state link = {.vf = vf->index, .link_state = states[vf->link]};

	begin(request, RTM_SETLINK, NLM_F_ACK, device);
	memcpy(mac.mac, vf->mac.bytes, sizeof(vf->mac.bytes));
	switch (field) {
	case VF_MAC:
		add_setting(request, IFLA_VF_MAC, &mac, sizeof(mac));
		break;
	case VF_VLAN:
		add_setting(request, IFLA_VF_VLAN, &vlan, sizeof(vlan));
		break;
	case VF_RATE:
		add_setting(request, IFLA_VF_RATE, &rate, sizeof(rate));
		break;
	case VF_TRUST:
		add_setting(request, IFLA_VF_TRUST, &trust, sizeof(trust));
		break;
	case VF_SPOOFCHK:
		add_setting(request, IFLA_VF_SPOOFCHK, &spoofchk, sizeof(spoofchk));
		break;
	case VF_LINK:
		add_setting(request, IFLA_VF_LINK_STATE, &link, sizeof(link));
		break;
	}
}

void vf_encode_question(struct netlink_request *request, int device)
{
	uint32_t with_functions = RTEXT_FILTER_VF;

	begin(request, RTM_GETLINK, 0, device);
	netlink_add(request, IFLA_EXT_MASK, &with_functions, sizeof(with_functions));
}

/* A number of the attribute, behind the function's. -1 (all bits): drivers that do not say. */
static uint32_t second_word(const struct rtattr *attribute)
{
	uint32_t words_[2] = {0};

	if (RTA_PAYLOAD(attribute) >= sizeof(words_))
		memcpy(words_, RTA_DATA(attribute), sizeof(words_));
	return words_[1];
}

static void read_switch(struct vf *vf, enum vf_field field, bool *on, const struct rtattr *from)
{
	uint32_t word = second_word(from);

	if (word == UINT32_MAX)
		return;
	*on = word;
	vf->has |= field;
}

static void read_setting(struct vf *vf, const struct rtattr *attribute)
{
	const void *data = RTA_DATA(attribute);
	size_t n = RTA_PAYLOAD(attribute);
	struct ifla_vf_mac mac;
	struct ifla_vf_vlan vlan;
	struct ifla_vf_rate rate;

	switch (attribute->rta_type) {
	case IFLA_VF_MAC:
		if (n < sizeof(mac))
			return;
		memcpy(&mac, data, sizeof(mac));
		vf->index = mac.vf;
		memcpy(vf->mac.bytes, mac.mac, sizeof(vf->mac.bytes));
		vf->has |= VF_MAC;
		return;
	case IFLA_VF_VLAN:
		if (n < sizeof(vlan))
			return;
		memcpy(&vlan, data, sizeof(vlan));
		vf->vlan = (uint16_t)vlan.vlan;
		vf->qos = (uint8_t)vlan.qos;
		vf->has |= VF_VLAN;
		return;
	case IFLA_VF_RATE:
		if (n < sizeof(rate))
			return;
		memcpy(&rate, data, sizeof(rate));
		vf->min_rate = rate.min_tx_rate;
		vf->max_rate = rate.max_tx_rate;
		vf->has |= VF_RATE;
		return;
	case IFLA_VF_TRUST:
		read_switch(vf, VF_TRUST, &vf->trust, attribute);
		return;
	case IFLA_VF_SPOOFCHK:
		read_switch(vf, VF_SPOOFCHK, &vf->spoofchk, attribute);
		return;
	case IFLA_VF_LINK_STATE:
		vf->link = (uint8_t)second_word(attribute);
		if (vf->link < ARRAY_LENGTH(links))
			vf->has |= VF_LINK;
		return;
	default:
		return;
	}
}

static struct vf read_function(const struct rtattr *function)
{
	struct vf vf = {.index = 0};
	size_t n = RTA_PAYLOAD(function);

	for (const struct rtattr *at = RTA_DATA(function); RTA_OK(at, n); at = RTA_NEXT(at, n))
		read_setting(&vf, at);
	return vf;
}

void vf_decode(
	const struct nlmsghdr *message,
	void (*visit)(void *context, const struct vf *vf),
	void *context
)
{
	const struct rtattr *attributes[IFLA_VFINFO_LIST + 1];

	if (!netlink_parse(message, sizeof(struct ifinfomsg), attributes, IFLA_VFINFO_LIST + 1) ||
	    !attributes[IFLA_VFINFO_LIST])
		return;
	const struct rtattr *list = attributes[IFLA_VFINFO_LIST];
	size_t n = RTA_PAYLOAD(list);

	for (const struct rtattr *at = RTA_DATA(list); RTA_OK(at, n); at = RTA_NEXT(at, n)) {
		struct vf vf = read_function(at);

		if (at->rta_type == IFLA_VF_INFO && vf.has & VF_MAC)
			visit(context, &vf);
	}
}
