/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Virtual functions of a NIC, as the kernel's driver of its physical function sets them up: in words
 * ("mac=02:00:00:00:00:01 vlan=10 trust=on"), and in netlink's bytes.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct errbuf;
struct netlink_request;
struct nlmsghdr;
struct strbuf;

/* What is set, a bit each; each is asked of the kernel by itself, so that a refusal has a name. */
enum vf_field {
	VF_MAC = 1,
	VF_VLAN = 2, /* with its priority */
	VF_RATE = 4, /* least and most, Mbit/s; 0: none */
	VF_TRUST = 8,
	VF_SPOOFCHK = 16,
	VF_LINK = 32,
};

enum vf_link {
	VF_LINK_AUTO, /* that of the NIC */
	VF_LINK_ON,
	VF_LINK_OFF,
};

struct vf {
	uint32_t index;
	unsigned has; /* enum vf_field */
	struct mac mac;
	uint16_t vlan; /* 0: none */
	uint8_t qos;
	uint32_t min_rate, max_rate;
	bool trust, spoofchk;
	uint8_t link; /* enum vf_link */
	char driver[32]; /* that shall have it, or "" */
};

/* Any thread. */

/* Words with blanks or commas between: mac, vlan, qos, min-rate, max-rate, trust, spoofchk,
 * link-state, driver. */
int vf_parse(const char *text, struct vf *vf, struct errbuf *err);
/* Appends what is set, in the same words. */
void vf_format(const struct vf *vf, struct strbuf *out);
/* "mac" and so on, for sentences. */
const char *vf_field_name(enum vf_field field);
/* Whether 'now' has in this field what 'wanted' asks for. */
bool vf_field_equal(const struct vf *wanted, const struct vf *now, enum vf_field field);

/* The request that sets one field of a function of the device. */
void vf_encode(
	struct netlink_request *request, int device, const struct vf *vf, enum vf_field field
);
/* The request for the states of all functions of the device. */
void vf_encode_question(struct netlink_request *request, int device);
/* Calls 'visit' for each function that the answer tells of. */
void vf_decode(
	const struct nlmsghdr *message,
	void (*visit)(void *context, const struct vf *vf),
	void *context
);
