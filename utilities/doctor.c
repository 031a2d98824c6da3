/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/doctor.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/errbuf.h"

/* A check looks at one subject and fills the finding; good is what it starts as. */
typedef void check_fn(const struct doctor_host *host, struct doctor_finding *finding);

static void found(struct doctor_finding *finding, enum doctor_grade grade, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void advise(struct doctor_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void found(struct doctor_finding *finding, enum doctor_grade grade, const char *format, ...)
{
	va_list args;

	finding->grade = grade;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

static void advise(struct doctor_finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->remedy, sizeof(finding->remedy), format, args);
	va_end(args);
}

static void path_of(const struct doctor_host *host, const char *path, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s%s", host->root, path);
}

static bool exists(const struct doctor_host *host, const char *path)
{
	char full[PATH_MAX];

	path_of(host, path, full);
	return !access(full, F_OK);
}

/* The file's beginning without the newline at its end; "" if it cannot be read. */
static void read_text(const struct doctor_host *host, const char *path, char *text, size_t size)
{
	char full[PATH_MAX];
	FILE *file;
	size_t n = 0;

	path_of(host, path, full);
	file = fopen(full, "re");
	if (file) {
		n = fread(text, 1, size - 1, file);
		fclose(file);
	}
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

/* The number behind "NAME:" in a file like /proc/meminfo; -1 if it is not there. */
static long
read_number(const struct doctor_host *host, const char *path, const char *name, int base)
{
	char full[PATH_MAX], line[512];
	size_t n = strlen(name);
	long number = -1;
	FILE *file;

	path_of(host, path, full);
	file = fopen(full, "re");
	while (file && number < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, n) && line[n] == ':')
			number = strtol(line + n + 1, NULL, base);
	if (file)
		fclose(file);
	return number;
}

static DIR *open_folder(const struct doctor_host *host, const char *path)
{
	char full[PATH_MAX];

	path_of(host, path, full);
	return opendir(full);
}

static int count_entries(const struct doctor_host *host, const char *path)
{
	DIR *dir = open_folder(host, path);
	struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

static void check_privileges(const struct doctor_host *host, struct doctor_finding *finding)
{
	static const struct {
		int bit;
		const char *name;
	} wanted[] = {
		{12, "CAP_NET_ADMIN"},
		{13, "CAP_NET_RAW"},
		{14, "CAP_IPC_LOCK"},
		{21, "CAP_SYS_ADMIN"},
	};
	unsigned long caps = (unsigned long)read_number(host, "/proc/self/status", "CapEff", 16);
	char missing[128] = "";

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!(caps >> wanted[i].bit & 1))
			snprintf(
				missing + strlen(missing),
				sizeof(missing) - strlen(missing),
				" %s",
				wanted[i].name
			);
	if (!*missing) {
		found(finding, DOCTOR_GOOD, "everything the daemon needs is allowed here");
		return;
	}
	found(finding, DOCTOR_BAD, "the daemon, started like this, would lack%s", missing);
	advise(finding, "start it as root, or give it these capabilities in its service file");
}

static void check_cores(const struct doctor_host *host, struct doctor_finding *finding)
{
	char online[64], isolated[64];

	read_text(host, "/sys/devices/system/cpu/online", online, sizeof(online));
	read_text(host, "/sys/devices/system/cpu/isolated", isolated, sizeof(isolated));
	if (!strchr(online, '-') && !strchr(online, ',')) {
		found(finding,
		      DOCTOR_HINT,
		      "only core %s is there: workers share it with all else",
		      online);
		advise(finding, "give the machine more cores");
		return;
	}
	if (*isolated) {
		found(finding,
		      DOCTOR_GOOD,
		      "cores %s, of which %s are kept free of other work",
		      online,
		      isolated);
		return;
	}
	found(finding, DOCTOR_HINT, "cores %s, none of them kept free of other work", online);
	advise(finding,
	       "for steady latency boot with isolcpus=CORES nohz_full=CORES and run the workers "
	       "there: vsctl set Open_vSwitch . other_config:pmd-cpu-mask=0x…");
}

static void check_hugepages(const struct doctor_host *host, struct doctor_finding *finding)
{
	long total = read_number(host, "/proc/meminfo", "HugePages_Total", 10);
	long unused = read_number(host, "/proc/meminfo", "HugePages_Free", 10);
	long kb = read_number(host, "/proc/meminfo", "Hugepagesize", 10);

	if (total <= 0) {
		found(finding,
		      DOCTOR_HINT,
		      "there are none: the switch runs without, a little slower");
		advise(finding,
		       "sysctl -w vm.nr_hugepages=512 (1 GB of 2 MB pages), and in /etc/sysctl.d to "
		       "have it after a boot; guests on vhost-user ports are faster with them");
		return;
	}
	if (!unused) {
		found(finding, DOCTOR_HINT, "all %ld of %ld kB are in use", total, kb);
		advise(finding,
		       "if the daemon does not run yet: sysctl -w vm.nr_hugepages=%ld",
		       2 * total);
		return;
	}
	found(finding, DOCTOR_GOOD, "%ld of %ld kB, %ld of them free", total, kb, unused);
}

static void check_iommu(const struct doctor_host *host, struct doctor_finding *finding)
{
	int n = count_entries(host, "/sys/kernel/iommu_groups");

	if (n) {
		found(finding, DOCTOR_GOOD, "on, with %d groups", n);
		return;
	}
	found(finding, DOCTOR_HINT, "off: NICs and VFs cannot be handed to the switch safely");
	advise(finding,
	       "switch on VT-d or AMD-Vi in the firmware and boot with intel_iommu=on iommu=pt; "
	       "ports on kernel devices and guests need none of this");
}

static void check_vfio(const struct doctor_host *host, struct doctor_finding *finding)
{
	if (!exists(host, "/dev/vfio/vfio")) {
		found(finding,
		      DOCTOR_HINT,
		      "/dev/vfio/vfio is missing: no port of type dpdk on a NIC");
		advise(finding, "modprobe vfio-pci (package linux-image-amd64)");
		return;
	}
	if (!exists(host, "/sys/bus/pci/drivers/vfio-pci")) {
		found(finding, DOCTOR_HINT, "the driver vfio-pci is not loaded");
		advise(finding, "modprobe vfio-pci");
		return;
	}
	found(finding, DOCTOR_GOOD, "ready");
}

/* The last part of the link at 'path', or "". */
static void link_name(const struct doctor_host *host, const char *path, char *name, size_t size)
{
	char full[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	path_of(host, path, full);
	n = readlink(full, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	snprintf(name, size, "%.63s", strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
}

static bool is_user_driver(const char *driver)
{
	return !strcmp(driver, "vfio-pci") || !strcmp(driver, "igb_uio") ||
		!strcmp(driver, "uio_pci_generic");
}

/* Counts network devices on PCI; notes one that a kernel driver has. */
static void
count_nics(const struct doctor_host *host, int *n_all, int *n_ready, char *other, size_t size)
{
	DIR *dir = open_folder(host, "/sys/bus/pci/devices");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[PATH_MAX], class[32], driver[64];

		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/class", entry->d_name);
		read_text(host, path, class, sizeof(class));
		if (strncmp(class, "0x0200", 6))
			continue;
		++*n_all;
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", entry->d_name);
		link_name(host, path, driver, sizeof(driver));
		if (is_user_driver(driver))
			++*n_ready;
		else
			snprintf(
				other,
				size,
				"%.32s (driver %.32s)",
				entry->d_name,
				*driver ? driver : "none"
			);
	}
	if (dir)
		closedir(dir);
}

static void check_nics(const struct doctor_host *host, struct doctor_finding *finding)
{
	int n_all = 0, n_ready = 0;
	char other[128] = "";

	count_nics(host, &n_all, &n_ready, other, sizeof(other));
	if (!n_all) {
		found(finding,
		      DOCTOR_GOOD,
		      "no NIC on PCI: ports of type dpdk have nothing to drive");
		return;
	}
	if (n_ready) {
		found(finding,
		      DOCTOR_GOOD,
		      "%d of %d are ready for ports of type dpdk",
		      n_ready,
		      n_all);
		return;
	}
	found(finding, DOCTOR_HINT, "%d, all with the kernel, such as %s", n_all, other);
	advise(finding,
	       "to give one to the switch: echo vfio-pci >/sys/bus/pci/devices/ADDRESS/driver_override, "
	       "unbind it from its driver, echo ADDRESS >/sys/bus/pci/drivers_probe");
}

static void check_tun(const struct doctor_host *host, struct doctor_finding *finding)
{
	if (exists(host, "/dev/net/tun")) {
		found(finding, DOCTOR_GOOD, "/dev/net/tun is there, for internal and tap ports");
		return;
	}
	found(finding, DOCTOR_BAD, "/dev/net/tun is missing: no internal or tap port will work");
	advise(finding, "modprobe tun; in a container, pass the device in");
}

static bool is_number(const char *text)
{
	for (; *text; text++)
		if (!isdigit((unsigned char)*text))
			return false;
	return true;
}

/* The process id of a running program called 'name', or 0. */
static long find_process(const struct doctor_host *host, const char *name)
{
	DIR *dir = open_folder(host, "/proc");
	struct dirent *entry;
	long pid = 0;

	while (dir && !pid && (entry = readdir(dir))) {
		char path[PATH_MAX], comm[64];

		if (!is_number(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		read_text(host, path, comm, sizeof(comm));
		/* The kernel keeps 15 bytes of a name. */
		if (*comm && !strncmp(comm, name, 15))
			pid = strtol(entry->d_name, NULL, 10);
	}
	if (dir)
		closedir(dir);
	return pid;
}

static void check_clashes(const struct doctor_host *host, struct doctor_finding *finding)
{
	long switchd = find_process(host, "ovs-vswitchd");
	long server = find_process(host, "ovsdb-server");

	if (switchd) {
		found(finding,
		      DOCTOR_HINT,
		      "ovs-vswitchd is running (process %ld): two switches fight over devices, "
		      "names and sockets",
		      switchd);
		advise(finding,
		       "systemctl disable --now openvswitch-switch, or give the daemons "
		       "different run directories and devices");
	} else if (server) {
		found(finding,
		      DOCTOR_GOOD,
		      "ovsdb-server is running (process %ld), which is fine in a directory of "
		      "its own",
		      server);
	} else {
		found(finding, DOCTOR_GOOD, "no other switch daemon is running");
	}
}

static void check_rundir(const struct doctor_host *host, struct doctor_finding *finding)
{
	struct stat st;

	if (stat(host->rundir, &st)) {
		found(finding, DOCTOR_GOOD, "%s will be made when the daemon starts", host->rundir);
		return;
	}
	if (!S_ISDIR(st.st_mode)) {
		found(finding, DOCTOR_BAD, "%s is not a directory", host->rundir);
		advise(finding, "remove it, or choose another with --rundir");
		return;
	}
	if (access(host->rundir, W_OK | X_OK)) {
		found(finding, DOCTOR_BAD, "%s may not be written by this user", host->rundir);
		advise(finding,
		       "run this as the daemon's user, or: chown %d %s",
		       (int)getuid(),
		       host->rundir);
		return;
	}
	if (st.st_mode & S_IWOTH && !(st.st_mode & S_ISVTX)) {
		found(finding, DOCTOR_HINT, "everybody may write into %s", host->rundir);
		advise(finding, "chmod o-w %s", host->rundir);
		return;
	}
	found(finding, DOCTOR_GOOD, "%s can be written", host->rundir);
}

static void check_daemon(const struct doctor_host *host, struct doctor_finding *finding)
{
	char path[PATH_MAX];
	struct errbuf err;
	pid_t pid;

	errbuf_init(&err);
	snprintf(path, sizeof(path), "%s/vswitchd.pid", host->rundir);
	pid = pidfile_read(path, &err);
	if (pid > 0) {
		snprintf(path, sizeof(path), "%s/vswitchd.%d.ctl", host->rundir, (int)pid);
		if (!access(path, W_OK)) {
			found(finding, DOCTOR_GOOD, "running as process %d", (int)pid);
			return;
		}
		found(finding,
		      DOCTOR_BAD,
		      "running as process %d, but %s: %s",
		      (int)pid,
		      path,
		      strerror(errno));
		advise(finding, "run vsctl as root or as the daemon's user");
		return;
	}
	found(finding, DOCTOR_HINT, "not running in %s", host->rundir);
	advise(finding, "vswitchd --rundir=%s --detach --pidfile --log-file", host->rundir);
}

/* In the order in which they are reported. */
static const struct {
	const char *subject;
	check_fn *check;
} checks[] = {
	{"daemon", check_daemon},
	{"run directory", check_rundir},
	{"privileges", check_privileges},
	{"other daemons", check_clashes},
	{"cores", check_cores},
	{"hugepages", check_hugepages},
	{"tap devices", check_tun},
	{"IOMMU", check_iommu},
	{"vfio", check_vfio},
	{"NICs", check_nics},
};

enum doctor_grade
doctor_examine(const struct doctor_host *host, doctor_report_fn *report, void *context)
{
	enum doctor_grade worst = DOCTOR_GOOD;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct doctor_finding finding = {.subject = checks[i].subject};

		checks[i].check(host, &finding);
		report(context, &finding);
		if (finding.grade > worst)
			worst = finding.grade;
	}
	return worst;
}

static const char *const grades[] = {
	[DOCTOR_GOOD] = "good",
	[DOCTOR_HINT] = "hint",
	[DOCTOR_BAD] = "bad",
};

static void print_text(void *context, const struct doctor_finding *finding)
{
	printf("[%s] %s: %s\n", grades[finding->grade], finding->subject, finding->text);
	if (*finding->remedy)
		printf("       %s\n", finding->remedy);
}

static void add_json(void *context, const struct doctor_finding *finding)
{
	json_array_append_new(
		context,
		json_pack(
			"{ss,ss,ss,ss}",
			"subject",
			finding->subject,
			"grade",
			grades[finding->grade],
			"finding",
			finding->text,
			"remedy",
			finding->remedy
		)
	);
}

int doctor_main(const char *rundir, int json)
{
	struct doctor_host host = {.root = "", .rundir = rundir};
	enum doctor_grade worst;
	json_t *list;

	if (!json)
		return doctor_examine(&host, print_text, NULL) == DOCTOR_BAD ? EXIT_FAILURE
									     : EXIT_SUCCESS;
	list = json_array();
	worst = doctor_examine(&host, add_json, list);
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
	return worst == DOCTOR_BAD ? EXIT_FAILURE : EXIT_SUCCESS;
}
