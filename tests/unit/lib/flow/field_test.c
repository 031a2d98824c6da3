/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/field.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/errbuf.h"
#include "lib/flow/tlv.h"
#include "lib/log.h"

LOG_TOPIC(test);

static void test_field_names_find_their_row(void **state)
{
	char name[64];

	FIELDS_FOREACH(field) {
		assert_ptr_equal(field_find(field->name), field);
		if (*field->other_name)
			assert_ptr_equal(field_find(field->other_name), field);
		field_oxm_name(field, name, sizeof(name));
		assert_ptr_equal(field_find(name), field);
	}
	assert_ptr_equal(field_find("NXM_OF_ETH_SRC"), &fields[FIELD_ETH_SRC]);
	assert_ptr_equal(field_find("OXM_OF_IPV4_DST"), &fields[FIELD_IP_DST]);
	assert_ptr_equal(field_find("NXM_NX_TUN_IPV4_DST"), &fields[FIELD_TUN_DST]);
	assert_null(field_find("nw_sorc"));
}

static void test_field_oxm_ids_are_unique_and_found(void **state)
{
	FIELDS_FOREACH(field)
		for (unsigned i = 0; i < field->n_oxm; i++)
			assert_ptr_equal(
				field_find_oxm(
					field->oxm[i].class,
					field->oxm[i].number,
					field->oxm[i].vendor
				),
				field
			);
	assert_null(field_find_oxm(OXM_CLASS_OPENFLOW, 127, 0));
	assert_null(field_find_oxm(OXM_CLASS_EXPERIMENTER, 42, 1));
}

static void test_field_rows_fit_the_key_and_the_wire(void **state)
{
	FIELDS_FOREACH(field) {
		assert_true(field->bits > 0);
		assert_true(field->bits <= field->size * 8);
		assert_true(field->size <= FIELD_MAX_SIZE);
		if (field_is_option(field))
			continue;
		assert_true(field->offset + field->width <= sizeof(struct key));
		/* ARP's operation has 16 bits on the wire and 8 in the key. */
		if (field != &fields[FIELD_ARP_OP] && field != &fields[FIELD_CT_STATE])
			assert_true(field->shift + field->bits <= field->width * 8);
		assert_true(strlen(field->help) > 8);
	}
}

/* Each bit of each field goes into the key and comes back, and touches nothing else. */
static void test_field_bits_go_through_the_key(void **state)
{
	struct tlv_map map = {0};

	for (unsigned i = 0; i < 8; i++)
		assert_true(tlv_bind(&map, i, 4 * (i + 1)));
	FIELDS_FOREACH(field) {
		unsigned bits = field_bits(field, &map), size = field_size(field, &map);

		if (field == &fields[FIELD_ARP_OP])
			bits = 8;
		if (field == &fields[FIELD_CT_STATE])
			bits = 16;
		for (unsigned bit = 0; bit < bits; bit++) {
			uint8_t value[FIELD_MAX_SIZE] = {0}, back[FIELD_MAX_SIZE] = {0};
			struct key key = {0}, zero = {0};

			if (field->kind == FIELD_KIND_TOS && bit < 2)
				continue;
			value[size - 1 - bit / 8] = (uint8_t)(1 << bit % 8);
			field_set(field, &map, &key, value);
			assert_memory_not_equal(&key, &zero, sizeof(key));
			field_get(field, &map, &key, back);
			assert_memory_equal(back, value, size);
			memset(value, 0, sizeof(value));
			field_set(field, &map, &key, value);
			key.tunnel.options_present = 0;
			assert_memory_equal(&key, &zero, sizeof(key));
		}
	}
}

/* What goes leaves room for others, and those that stay are where they were. */
static void test_options_keep_their_places(void **state)
{
	struct tlv_map map = {0};

	for (unsigned i = 0; i < 16; i++)
		assert_true(tlv_bind(&map, i, 16));
	assert_false(tlv_bind(&map, 16, 4));
	tlv_unbind(&map, 3);
	tlv_unbind(&map, 5);
	assert_false(tlv_bind(&map, 16, 20));
	assert_true(tlv_bind(&map, 16, 12));
	assert_true(tlv_bind(&map, 17, 16));
	assert_true(tlv_bind(&map, 18, 4));
	assert_false(tlv_bind(&map, 19, 4));
	assert_int_equal(map.offset[4], 16);
	assert_int_equal(map.offset[16], 12);
	assert_int_equal(map.offset[17], 20);
	assert_int_equal(map.offset[18], 15);
	assert_false(tlv_bind(&map, 18, 8));
	assert_false(tlv_bind(&map, TLV_FIELDS, 4));
}

static void test_field_writes_only_its_own_bits(void **state)
{
	struct key key;
	uint8_t value[FIELD_MAX_SIZE] = {0};

	memset(&key, 0xff, sizeof(key));
	field_set(&fields[FIELD_VLAN_PCP], NULL, &key, value);
	assert_int_equal(be16_to(key.base.vlan_tci), 0x1fff);
	field_set(&fields[FIELD_NW_ECN], NULL, &key, value);
	assert_int_equal(key.base.ip_tos, 0xfc);
	field_set(&fields[FIELD_MPLS_LABEL], NULL, &key, value);
	assert_int_equal(be32_to(key.extra.mpls[0]), 0xfff);
}

static void test_field_ports_change_width(void **state)
{
	struct key key = {0};
	uint8_t value[4];

	key.base.in_port = 0xfffffffeU;
	field_get(&fields[FIELD_IN_PORT], NULL, &key, value);
	assert_int_equal(field_number(value, 2), 0xfffe);
	field_get(&fields[FIELD_IN_PORT_OXM], NULL, &key, value);
	assert_int_equal(field_number(value, 4), 0xfffffffeU);
	field_put_number(value, 2, 0xfffd);
	field_set(&fields[FIELD_IN_PORT], NULL, &key, value);
	assert_int_equal(key.base.in_port, 0xfffffffdU);
	assert_int_equal(field_port_to16(70000), 0xffff);
}

static void test_field_error_names_the_nearest(void **state)
{
	struct errbuf err;

	assert_null(field_find_or_explain("nw_scr", &err));
	assert_int_equal(err.error, -EINVAL);
	assert_non_null(strstr(err.text, "did you mean nw_src"));
}

static void test_tlv_bind_refuses_what_does_not_fit(void **state)
{
	struct tlv_map map = {0};

	assert_true(tlv_bind(&map, 0, 124));
	assert_true(tlv_bind(&map, 0, 124));
	assert_false(tlv_bind(&map, 0, 4));
	assert_true(tlv_bind(&map, 1, 124));
	assert_false(tlv_bind(&map, 2, 12));
	assert_true(tlv_bind(&map, 2, 8));
	assert_false(tlv_bind(&map, 3, 4));
	assert_false(tlv_bind(&map, 64, 4));
	assert_false(tlv_bind(&map, 4, 128));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_field_names_find_their_row),
		cmocka_unit_test(test_field_oxm_ids_are_unique_and_found),
		cmocka_unit_test(test_field_rows_fit_the_key_and_the_wire),
		cmocka_unit_test(test_field_bits_go_through_the_key),
		cmocka_unit_test(test_options_keep_their_places),
		cmocka_unit_test(test_field_writes_only_its_own_bits),
		cmocka_unit_test(test_field_ports_change_width),
		cmocka_unit_test(test_field_error_names_the_nearest),
		cmocka_unit_test(test_tlv_bind_refuses_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
