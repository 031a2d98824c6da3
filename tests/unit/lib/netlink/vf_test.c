/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/netlink/vf.h"

#include <linux/if_link.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/netlink/netlink.h"
#include "lib/strbuf.h"
#include "tests/unit/unit.h"

static const char *text_of(const struct vf *vf)
{
	static struct strbuf out;

	strbuf_clear(&out);
	vf_format(vf, &out);
	return strbuf_text(&out);
}

static void test_words_are_read_and_written(void **state)
{
	const char *all = "mac=02:00:00:00:00:01 vlan=10 qos=3 min-rate=10 max-rate=1000 trust=on "
			  "spoofchk=off link-state=auto driver=vfio-pci";
	struct vf vf = {.index = 2};
	struct errbuf err;

	errbuf_init(&err);
	assert_int_equal(vf_parse(all, &vf, &err), 0);
	assert_int_equal(vf.index, 2);
	assert_string_equal(text_of(&vf), all);
	assert_int_equal(vf_parse("vlan=0,trust=off", &vf, &err), 0);
	assert_int_equal(vf.has, VF_VLAN | VF_TRUST);
	assert_string_equal(text_of(&vf), "vlan=0 trust=off");
	assert_int_equal(vf_parse("", &vf, &err), 0);
	assert_int_equal(vf.has, 0);
}

static void assert_refused(const char *text, const char *sentence)
{
	struct vf vf = {.index = 0};
	struct errbuf err;

	errbuf_init(&err);
	assert_true(vf_parse(text, &vf, &err) < 0);
	if (!strstr(err.text, sentence))
		fail_msg("'%s' is not in '%s'", sentence, err.text);
}

static void test_wrong_words_are_explained(void **state)
{
	assert_refused("vlam=3", "did you mean vlan?");
	assert_refused("vlan=4095", "vlan: give 0 to 4094");
	assert_refused("vlan=-1", "vlan: give");
	assert_refused("mac=02:00", "mac: give a MAC address");
	assert_refused("trust=yes", "trust: give on or off");
	assert_refused("trust", "trust: give on or off");
	assert_refused("min-rate=20 max-rate=10", "min-rate is above max-rate");
	assert_refused("qos=3", "give vlan too");
	assert_refused("driver=../../x", "driver: give");
	assert_refused("link-state=up", "auto, on or off");
}

static struct vf seen[4];
static unsigned n_seen;

static void keep(void *context, const struct vf *vf)
{
	if (n_seen < 4)
		seen[n_seen++] = *vf;
}

/* A request that sets one field has the very bytes by which the kernel tells of it. */
static void test_each_field_is_encoded(void **state)
{
	struct vf vf = {.index = 3};
	struct errbuf err;

	assert_int_equal(
		vf_parse(
			"mac=02:00:00:00:00:01 vlan=10 qos=3 min-rate=10 max-rate=1000 trust=on "
			"spoofchk=on link-state=off",
			&vf,
			&err
		),
		0
	);
	for (unsigned field = VF_MAC; field <= VF_LINK; field <<= 1) {
		struct netlink_request request, both;
		const struct ifinfomsg *head = NLMSG_DATA(&request.head);
		const struct rtattr *attributes[IFLA_VFINFO_LIST + 1];

		vf_encode(&request, 7, &vf, field);
		assert_int_equal(request.head.nlmsg_type, RTM_SETLINK);
		assert_int_equal(request.head.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
		assert_int_equal(head->ifi_index, 7);
		assert_true(netlink_parse(
			&request.head, sizeof(*head), attributes, IFLA_VFINFO_LIST + 1
		));
		assert_non_null(attributes[IFLA_VFINFO_LIST]);

		/* The kernel begins with the MAC. */
		const struct rtattr *info = RTA_DATA(attributes[IFLA_VFINFO_LIST]);
		const struct rtattr *setting = RTA_DATA(info);
		struct ifla_vf_mac mac = {.vf = 3, .mac = {2, 0, 0, 0, 0, 1}};
		struct rtattr inner = {.rta_len = RTA_LENGTH(sizeof(mac)), .rta_type = IFLA_VF_MAC};
		alignas(4) uint8_t bytes[160] = {0};
		size_t at = RTA_LENGTH(0);

		assert_int_equal(info->rta_type, IFLA_VF_INFO);
		memcpy(bytes + at, &inner, sizeof(inner));
		memcpy(bytes + at + RTA_LENGTH(0), &mac, sizeof(mac));
		at += RTA_SPACE(sizeof(mac));
		memcpy(bytes + at, setting, setting->rta_len);
		at += RTA_ALIGN(setting->rta_len);
		inner = (struct rtattr){.rta_len = (uint16_t)at, .rta_type = IFLA_VF_INFO};
		memcpy(bytes, &inner, sizeof(inner));
		netlink_begin(&both, RTM_NEWLINK, 0, head, sizeof(*head));
		netlink_add(&both, IFLA_VFINFO_LIST, bytes, at);
		n_seen = 0;
		vf_decode(&both.head, keep, NULL);
		assert_int_equal(n_seen, 1);
		assert_int_equal(seen[0].index, 3);
		assert_int_equal(seen[0].has, field | VF_MAC);
		assert_true(vf_field_equal(&vf, &seen[0], field));
	}
}

static void test_answers_that_make_no_sense_tell_nothing(void **state)
{
	static const uint8_t bytes[][12] = {
		{0},
		{4, 0, IFLA_VF_INFO, 0},
		{8, 0, IFLA_VF_INFO, 0, 200, 0, IFLA_VF_MAC, 0},
		{12, 0, IFLA_VF_INFO, 0, 8, 0, IFLA_VF_MAC, 0, 1, 2, 3, 4},
		{255, 255, IFLA_VF_INFO, 0, 8, 0, IFLA_VF_MAC, 0},
	};
	const struct ifinfomsg head = {.ifi_index = 1};
	struct netlink_request request;

	n_seen = 0;
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		netlink_begin(&request, RTM_NEWLINK, 0, &head, sizeof(head));
		netlink_add(&request, IFLA_VFINFO_LIST, bytes[i], sizeof(bytes[i]));
		vf_decode(&request.head, keep, NULL);
	}
	netlink_begin(&request, RTM_NEWLINK, 0, &head, 4);
	vf_decode(&request.head, keep, NULL);
	assert_int_equal(n_seen, 0);
}

static void test_question_asks_for_functions(void **state)
{
	const struct rtattr *attributes[IFLA_EXT_MASK + 1];
	struct netlink_request request;

	vf_encode_question(&request, 9);
	assert_int_equal(request.head.nlmsg_type, RTM_GETLINK);
	assert_true(netlink_parse(
		&request.head, sizeof(struct ifinfomsg), attributes, IFLA_EXT_MASK + 1
	));
	assert_int_equal(*(const uint32_t *)RTA_DATA(attributes[IFLA_EXT_MASK]), RTEXT_FILTER_VF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_read_and_written),
		cmocka_unit_test(test_wrong_words_are_explained),
		cmocka_unit_test(test_each_field_is_encoded),
		cmocka_unit_test(test_answers_that_make_no_sense_tell_nothing),
		cmocka_unit_test(test_question_asks_for_functions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
