/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"
#include "utilities/doctor_fix.h"

LOG_TOPIC(test);

/* A host made of files, in a temporary folder. */
static char root[64];

static int make_host(void **state)
{
	snprintf(root, sizeof(root), "/tmp/doctor_test.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_host(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

/* Makes the file with its folders. */
static void put(const char *path, const char *text)
{
	char full[256];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *at = strchr(full + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(full, 0755);
		*at = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static struct doctor_finding seen;

static void keep(void *context, const struct doctor_finding *finding)
{
	if (!strcmp(finding->subject, context))
		seen = *finding;
}

static const struct doctor_finding *examine(const char *subject)
{
	struct doctor_host host = {.root = root, .rundir = root};
	char wanted[64];

	memset(&seen, 0, sizeof(seen));
	snprintf(wanted, sizeof(wanted), "%s", subject);
	doctor_examine(&host, keep, wanted);
	assert_non_null(seen.subject);
	return &seen;
}

static void test_doctor_counts_hugepages(void **state)
{
	put("/proc/meminfo",
	    "MemTotal: 1 kB\nHugePages_Total: 512\nHugePages_Free: 100\nHugepagesize: 2048 kB\n");
	assert_int_equal(examine("hugepages")->grade, DOCTOR_GOOD);
	assert_string_equal(seen.text, "512 of 2048 kB, 100 of them free");
	put("/proc/meminfo", "HugePages_Total: 0\nHugePages_Free: 0\nHugepagesize: 2048 kB\n");
	assert_int_equal(examine("hugepages")->grade, DOCTOR_HINT);
	assert_non_null(strstr(seen.remedy, "vm.nr_hugepages"));
	put("/proc/meminfo", "HugePages_Total: 8\nHugePages_Free: 0\nHugepagesize: 2048 kB\n");
	assert_int_equal(examine("hugepages")->grade, DOCTOR_HINT);
}

static void test_doctor_names_missing_privileges(void **state)
{
	put("/proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n");
	assert_int_equal(examine("privileges")->grade, DOCTOR_GOOD);
	put("/proc/self/status", "Name:\tx\nCapEff:\t0000000000001000\n");
	assert_int_equal(examine("privileges")->grade, DOCTOR_BAD);
	assert_non_null(strstr(seen.text, "CAP_NET_RAW"));
	assert_null(strstr(seen.text, "CAP_NET_ADMIN"));
}

static void test_doctor_finds_another_switch(void **state)
{
	assert_int_equal(examine("other daemons")->grade, DOCTOR_GOOD);
	put("/proc/77/comm", "ovs-vswitchd\n");
	assert_int_equal(examine("other daemons")->grade, DOCTOR_HINT);
	assert_non_null(strstr(seen.text, "77"));
}

static void test_doctor_sees_iommu_and_vfio(void **state)
{
	assert_int_equal(examine("IOMMU")->grade, DOCTOR_HINT);
	put("/sys/kernel/iommu_groups/0/x", "");
	put("/sys/kernel/iommu_groups/1/x", "");
	assert_int_equal(examine("IOMMU")->grade, DOCTOR_GOOD);
	assert_int_equal(examine("vfio")->grade, DOCTOR_HINT);
	put("/dev/vfio/vfio", "");
	assert_non_null(strstr(examine("vfio")->text, "vfio-pci"));
	put("/sys/bus/pci/drivers/vfio-pci/bind", "");
	assert_int_equal(examine("vfio")->grade, DOCTOR_GOOD);
}

static void test_doctor_looks_for_a_nic_to_use(void **state)
{
	char driver[256], link[256];

	assert_int_equal(examine("NICs")->grade, DOCTOR_GOOD);
	put("/sys/bus/pci/devices/0000:00:01.0/class", "0x010000\n");
	put("/sys/bus/pci/devices/0000:00:03.0/class", "0x020000\n");
	assert_int_equal(examine("NICs")->grade, DOCTOR_HINT);
	assert_non_null(strstr(seen.text, "0000:00:03.0 (driver none)"));
	put("/sys/bus/pci/drivers/vfio-pci/bind", "");
	snprintf(driver, sizeof(driver), "%s/sys/bus/pci/drivers/vfio-pci", root);
	snprintf(link, sizeof(link), "%s/sys/bus/pci/devices/0000:00:03.0/driver", root);
	assert_int_equal(symlink(driver, link), 0);
	assert_int_equal(examine("NICs")->grade, DOCTOR_GOOD);
}

static void test_doctor_examines_the_run_directory(void **state)
{
	struct doctor_host host = {.root = root};
	char path[96];

	assert_int_equal(chmod(root, 0755), 0);
	assert_int_equal(examine("run directory")->grade, DOCTOR_GOOD);
	assert_int_equal(chmod(root, 0777), 0);
	assert_int_equal(examine("run directory")->grade, DOCTOR_HINT);
	put("/file", "");
	snprintf(path, sizeof(path), "%s/file", root);
	host.rundir = path;
	doctor_examine(&host, keep, (void *)"run directory");
	assert_int_equal(seen.grade, DOCTOR_BAD);
	assert_int_equal(examine("daemon")->grade, DOCTOR_HINT);
	assert_non_null(strstr(seen.remedy, "vswitchd --rundir="));
}

static void test_doctor_looks_at_cores_and_taps(void **state)
{
	put("/sys/devices/system/cpu/online", "0\n");
	assert_int_equal(examine("cores")->grade, DOCTOR_HINT);
	put("/sys/devices/system/cpu/online", "0-7\n");
	put("/sys/devices/system/cpu/isolated", "2-7\n");
	assert_int_equal(examine("cores")->grade, DOCTOR_GOOD);
	assert_int_equal(examine("tap devices")->grade, DOCTOR_BAD);
	put("/dev/net/tun", "");
	assert_int_equal(examine("tap devices")->grade, DOCTOR_GOOD);
}

static const char *read_back(const char *path)
{
	static char text[1024];
	char full[256];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	file = fopen(full, "r");
	text[file ? fread(text, 1, sizeof(text) - 1, file) : 0] = '\0';
	if (file)
		fclose(file);
	return text;
}

static void test_doctor_sets_up_hugepages_once(void **state)
{
	const struct doctor_host host = {.root = root, .rundir = root};
	struct doctor_fix_options options = {.only_say = true};

	put("/dev/net/tun", "");
	put("/proc/sys/vm/nr_hugepages", "0\n");
	put("/etc/hosts", "");
	put("/proc/meminfo",
	    "MemAvailable: 819200 kB\nHugePages_Total: 0\nHugePages_Free: 0\nHugepagesize: 2048 kB\n"
	);
	assert_int_equal(doctor_fix(&host, &options), 0);
	assert_string_equal(read_back("/proc/sys/vm/nr_hugepages"), "0\n");
	options.only_say = false;
	assert_int_equal(doctor_fix(&host, &options), 0);
	/* A quarter of what is free. */
	assert_string_equal(read_back("/proc/sys/vm/nr_hugepages"), "100\n");
	assert_string_equal(read_back("/etc/sysctl.d/60-weir.conf"), "vm.nr_hugepages = 100\n");
	put("/proc/meminfo", "HugePages_Total: 7\nHugePages_Free: 7\nHugepagesize: 2048 kB\n");
	assert_int_equal(doctor_fix(&host, &options), 0);
	assert_string_equal(read_back("/proc/sys/vm/nr_hugepages"), "100\n");
}

static void test_doctor_keeps_cores_free_when_told(void **state)
{
	const struct doctor_host host = {.root = root, .rundir = root};
	struct doctor_fix_options options = {.cores = "2-3,6"};

	put("/dev/net/tun", "");
	put("/etc/default/keyboard", "");
	put("/proc/meminfo", "HugePages_Total: 7\nHugePages_Free: 7\nHugepagesize: 2048 kB\n");
	assert_int_equal(doctor_fix(&host, &options), 0);
	/* Nobody would read it. */
	assert_string_equal(read_back("/etc/default/grub.d/weir.cfg"), "");
	put("/etc/default/grub", "");
	assert_int_equal(doctor_fix(&host, &options), 0);
	assert_non_null(
		strstr(read_back("/etc/default/grub.d/weir.cfg"), "isolcpus=2-3,6 nohz_full=2-3,6")
	);
	for (unsigned i = 0; i < 8; i++) {
		static const char *const wrong[] = {
			"0-1", "a", "3-2", "2-", "2,", "1;reboot", "", "2-256"};

		options.cores = wrong[i];
		assert_int_not_equal(doctor_fix(&host, &options), 0);
	}
	put("/sys/devices/system/cpu/present", "0-7\n");
	options.cores = "6-7";
	assert_int_equal(doctor_fix(&host, &options), 0);
	options.cores = "6-8";
	assert_int_not_equal(doctor_fix(&host, &options), 0);
}

/* What is cut off would not boot. */
static void test_doctor_writes_long_lists_of_cores_whole(void **state)
{
	const struct doctor_host host = {.root = root, .rundir = root};
	struct doctor_fix_options options = {.cores = NULL};
	char list[512] = "2";

	put("/dev/net/tun", "");
	put("/etc/default/grub", "");
	put("/proc/meminfo", "HugePages_Total: 7\nHugePages_Free: 7\nHugepagesize: 2048 kB\n");
	for (unsigned i = 4; i <= 128; i += 2)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), ",%u", i);
	options.cores = list;
	assert_int_equal(doctor_fix(&host, &options), 0);
	const char *written = read_back("/etc/default/grub.d/weir.cfg");

	assert_non_null(strstr(written, " rcu_nocbs=2,4,"));
	assert_non_null(strstr(written, ",126,128\"\n"));
	for (unsigned i = 130; i <= 250; i += 2)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), ",%u", i);
	assert_int_not_equal(doctor_fix(&host, &options), 0);
}

static void test_doctor_reads_its_words(void **state)
{
	char *good[] = {"--fix", "--dry-run", "--cores=2"}, *alone[] = {"--dry-run"};
	char *wrong[] = {"--fixx"};
	struct doctor_fix_options options;
	bool fix;

	assert_int_equal(doctor_fix_parse(good, 3, &fix, &options), 0);
	assert_true(fix && options.only_say);
	assert_string_equal(options.cores, "2");
	assert_int_equal(doctor_fix_parse(good, 0, &fix, &options), 0);
	assert_false(fix);
	assert_int_not_equal(doctor_fix_parse(alone, 1, &fix, &options), 0);
	assert_int_not_equal(doctor_fix_parse(wrong, 1, &fix, &options), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_host, remove_host)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_doctor_counts_hugepages),
		TEST(test_doctor_names_missing_privileges),
		TEST(test_doctor_finds_another_switch),
		TEST(test_doctor_sees_iommu_and_vfio),
		TEST(test_doctor_looks_for_a_nic_to_use),
		TEST(test_doctor_examines_the_run_directory),
		TEST(test_doctor_looks_at_cores_and_taps),
		TEST(test_doctor_sets_up_hugepages_once),
		TEST(test_doctor_keeps_cores_free_when_told),
		TEST(test_doctor_writes_long_lists_of_cores_whole),
		TEST(test_doctor_reads_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
