/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/devargs.h"

#include <errno.h>
#include <string.h>

#include "lib/errbuf.h"
#include "tests/unit/unit.h"

static void test_devargs_that_name_one_device(void **state)
{
	const struct {
		const char *text;
		bool by_class, is_representor;
	} cases[] = {
		{"0000:01:00.0", false, false},
		{"net_pcap0,rx_pcap=/tmp/representor,tx_pcap=x", false, false},
		{"0000:01:00.0,representor=1", false, true},
		{"0000:01:00.0,representor=[1]", false, true},
		{"0000:01:00.0,representor=[3-3]", false, true},
		{"0000:01:00.0,representor=vf1", false, true},
		{"0000:01:00.0,representor=sf[65535]", false, true},
		{"0000:01:00.0,representor=pf0", false, true},
		{"0000:01:00.0,representor=pf0vf1", false, true},
		{"0000:01:00.0,representor=pf[0]vf[1],dv_flow_en=1", false, true},
		{"0000:01:00.0,dv_flow_en=1,representor=c1pf0sf12", false, true},
		{"class=eth,mac=02:00:00:00:00:01", true, false},
		{"class=eth,mac=02:00:00:00:00:01,representor=[0]", true, true},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct devargs devargs;
		struct errbuf err;

		if (devargs_parse(cases[i].text, &devargs, &err))
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_ptr_equal(devargs.text, cases[i].text);
		assert_int_equal(devargs.by_class, cases[i].by_class);
		assert_int_equal(devargs.is_representor, cases[i].is_representor);
	}
}

static void test_devargs_that_do_not(void **state)
{
	const struct {
		const char *text, *expected;
	} cases[] = {
		{"", "is empty"},
		{"0000:01:00.0,representor=", "representor= names no representor"},
		{"0000:01:00.0,representor=[", "names no representor"},
		{"0000:01:00.0,representor=[]", "names no representor"},
		{"0000:01:00.0,representor=[1", "names no representor"},
		{"0000:01:00.0,representor=[3-1]", "names no representor"},
		{"0000:01:00.0,representor=1]", "names no representor"},
		{"0000:01:00.0,representor=65536", "names no representor"},
		{"0000:01:00.0,representor=000000000001", "names no representor"},
		{"0000:01:00.0,representor=vf", "names no representor"},
		{"0000:01:00.0,representor=c1vf1", "names no representor"},
		{"0000:01:00.0,representor=pf0,x=1,representor=pf", "names several"},
		{"0000:01:00.0,representor=pf0xf1", "names no representor"},
		{"0000:01:00.0,representor=pf01-", "names no representor"},
		{"0000:01:00.0,representor=[0-3]", "representor=[0-3] names several"},
		{"0000:01:00.0,representor=0-1", "names several"},
		{"0000:01:00.0,representor=[0,2],x=1", "representor=[0,2] names several"},
		{"0000:01:00.0,representor=pf[0-1]vf0", "names several"},
		{"0000:01:00.0,representor=c[0-65535]pf[0-65535]vf[0-65535]", "names several"},
		{"0000:01:00.0,representor=0,representor=1", "names several"},
		{"class=crypto,mac=02:00:00:00:00:01", "class=crypto: devices are of class eth"},
		{"class=eth", "class=eth is every device"},
		{"class=", "devices are of class eth"},
		{"class=et,mac=02:00:00:00:00:01", "devices are of class eth"},
		{"class=eth,mac=", "mac= is no MAC address"},
		{"class=eth,mac=02:00:00:00:00", "mac=02:00:00:00:00 is no MAC address"},
		{"class=eth,mac=02:00:00:00:00:0g", "is no MAC address"},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct devargs devargs;
		struct errbuf err;

		errbuf_init(&err);
		assert_int_equal(devargs_parse(cases[i].text, &devargs, &err), -EINVAL);
		if (!strstr(err.text, cases[i].expected))
			fail_msg("%s: %s", cases[i].text, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devargs_that_name_one_device),
		cmocka_unit_test(test_devargs_that_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
