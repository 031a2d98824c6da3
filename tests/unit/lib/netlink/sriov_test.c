/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/netlink/sriov.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "tests/unit/unit.h"

#define VF "0000:01:10.0"

/* A host made of files, in a temporary folder. */
static char root[64];

static void run(const char *format)
{
	char command[1024];

	snprintf(command, sizeof(command), "cd %s && %s", root, format);
	assert_int_equal(system(command), 0);
}

static int make_host(void **state)
{
	snprintf(root, sizeof(root), "/tmp/sriov_test.XXXXXX");
	if (!mkdtemp(root))
		return -1;
	run("mkdir -p sys/class/net sys/devices/pf/net/eth0 sys/devices/" VF
	    " sys/bus/pci/devices sys/bus/pci/drivers/igbvf sys/bus/pci/drivers/vfio-pci"
	    " && ln -s ../../devices/pf/net/eth0 sys/class/net/eth0"
	    " && ln -s ../.. sys/devices/pf/net/eth0/device"
	    " && ln -s ../../../devices/" VF " sys/bus/pci/devices/" VF " && ln -s ../" VF
	    " sys/devices/pf/virtfn1"
	    " && ln -s ../pf sys/devices/" VF "/physfn"
	    " && ln -s ../../bus/pci/drivers/igbvf sys/devices/" VF "/driver"
	    " && touch sys/bus/pci/drivers/igbvf/unbind sys/bus/pci/drivers_probe"
	    " && touch sys/devices/" VF "/driver_override"
	    " && echo 7 >sys/devices/pf/sriov_totalvfs && echo 0 >sys/devices/pf/sriov_numvfs");
	return 0;
}

static int remove_host(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static const char *read_back(const char *path)
{
	static char text[64];
	char full[256];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	file = fopen(full, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void test_functions_are_counted_and_made(void **state)
{
	struct errbuf err;
	int max = 0;

	errbuf_init(&err);
	/* As many as there are links, whatever sriov_numvfs says. */
	assert_int_equal(sriov_count(root, "eth0", &max), 1);
	assert_int_equal(max, 7);
	assert_int_equal(sriov_create(root, "eth0", 4, &err), 0);
	assert_string_equal(read_back("/sys/devices/pf/sriov_numvfs"), "4");
	assert_int_equal(sriov_create(root, "eth0", 4, &err), 0);
	assert_int_equal(sriov_create(root, "eth0", 5, &err), -EBUSY);
	assert_non_null(strstr(err.text, "set sriov-vfs=0 first"));
	assert_int_equal(sriov_create(root, "eth0", 8, &err), -ERANGE);
	assert_non_null(strstr(err.text, "can have 7 virtual functions, not 8"));
	assert_int_equal(sriov_create(root, "eth0", 0, &err), 0);
	assert_int_equal(sriov_create(root, "eth9", 1, &err), -ENOTSUP);
}

static void test_functions_are_found_both_ways(void **state)
{
	char name[SRIOV_NAME_SIZE];
	unsigned index = 0;

	sriov_find(root, "eth0", 1, name);
	assert_string_equal(name, VF);
	sriov_find(root, "eth0", 2, name);
	assert_string_equal(name, "");
	assert_int_equal(sriov_find_owner(root, VF, name, &index), 0);
	assert_string_equal(name, "eth0");
	assert_int_equal(index, 1);
	assert_int_equal(sriov_find_owner(root, "0000:01:10.2", name, &index), -ENOENT);
	assert_int_equal(sriov_find_owner(root, "../" VF, name, &index), -ENOENT);
	assert_int_equal(sriov_find_owner(root, "", name, &index), -ENOENT);
}

static void test_a_function_goes_to_another_driver(void **state)
{
	char driver[SRIOV_NAME_SIZE];
	struct errbuf err;

	errbuf_init(&err);
	sriov_get_driver(root, VF, driver);
	assert_string_equal(driver, "igbvf");
	assert_int_equal(sriov_bind(root, VF, "igbvf", &err), 0);
	assert_string_equal(read_back("/sys/bus/pci/drivers/igbvf/unbind"), "");
	assert_int_equal(sriov_bind(root, VF, "vfio-pci", &err), 0);
	assert_string_equal(read_back("/sys/devices/" VF "/driver_override"), "vfio-pci");
	assert_string_equal(read_back("/sys/bus/pci/drivers/igbvf/unbind"), VF);
	assert_string_equal(read_back("/sys/bus/pci/drivers_probe"), VF);
	assert_int_equal(sriov_bind(root, VF, "uio", &err), -ENOENT);
	assert_non_null(strstr(err.text, "modprobe uio"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_host, remove_host)
		TEST(test_functions_are_counted_and_made),
		TEST(test_functions_are_found_both_ways),
		TEST(test_a_function_goes_to_another_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
