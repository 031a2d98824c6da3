/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/doctor_fix.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "utilities/doctor.h"

enum {
	STEPS_MAX = 16,
	HUGEPAGES = 512, /* 1 GB of 2 MB pages: what the switch and a few small guests need */
	CORES_MAX = 256, /* as many as pmd-cpu-mask can name */
	CORES_TEXT_MAX =
		250, /* bytes of a list: it goes into the kernel's command line three times */
	CORES_WORDS = CORES_MAX / 64,
};

/* A file to be written or a program to be run. */
struct step {
	char why[128];
	char path[128];
	char text[1024];
	const char *program[4];
};

struct plan {
	const struct doctor_host *host;
	struct step steps[STEPS_MAX];
	unsigned n;
	char notes[2048]; /* what is left to a person */
};

static void full_path(const struct doctor_host *host, const char *path, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s%s", host->root, path);
}

static bool exists(const struct doctor_host *host, const char *path)
{
	char full[PATH_MAX];

	full_path(host, path, full);
	return !access(full, F_OK);
}

/* The number behind "NAME:" in /proc/meminfo, or -1. */
static long meminfo(const struct doctor_host *host, const char *name)
{
	char full[PATH_MAX], line[256];
	long number = -1;
	FILE *file;

	full_path(host, "/proc/meminfo", full);
	file = fopen(full, "re");
	while (file && number < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
			number = strtol(line + strlen(name) + 1, NULL, 10);
	if (file)
		fclose(file);
	return number;
}

static struct step *add_step(struct plan *plan, const char *why)
{
	struct step *step = &plan->steps[plan->n];

	/* There are fewer kinds of steps than places. */
	if (plan->n + 1 < STEPS_MAX)
		plan->n++;
	snprintf(step->why, sizeof(step->why), "%s", why);
	return step;
}

static void add_write(struct plan *plan, const char *why, const char *path, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void add_write(struct plan *plan, const char *why, const char *path, const char *format, ...)
{
	struct step *step = add_step(plan, why);
	va_list args;

	snprintf(step->path, sizeof(step->path), "%s", path);
	va_start(args, format);
	vsnprintf(step->text, sizeof(step->text), format, args);
	va_end(args);
}

static void add_modprobe(struct plan *plan, const char *why, const char *module)
{
	struct step *step = add_step(plan, why);

	step->program[0] = "modprobe";
	step->program[1] = module;
}

static void add_note(struct plan *plan, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add_note(struct plan *plan, const char *format, ...)
{
	size_t n = strlen(plan->notes);
	va_list args;

	va_start(args, format);
	vsnprintf(plan->notes + n, sizeof(plan->notes) - n, format, args);
	va_end(args);
}

/* A quarter of what is free, at most. */
static void plan_hugepages(struct plan *plan)
{
	long kb = meminfo(plan->host, "Hugepagesize"),
	     free_kb = meminfo(plan->host, "MemAvailable");
	long n = HUGEPAGES;

	if (meminfo(plan->host, "HugePages_Total") > 0 || kb <= 0)
		return;
	if (free_kb > 0 && n > free_kb / 4 / kb)
		n = free_kb / 4 / kb;
	if (n < 1) {
		add_note(plan, "There is too little memory for hugepages.\n");
		return;
	}
	add_write(plan, "reserve hugepages now", "/proc/sys/vm/nr_hugepages", "%ld\n", n);
	add_note(plan, "A switch that runs already takes hugepages when it is restarted.\n");
	if (!exists(plan->host, "/etc/sysctl.d/60-weir.conf"))
		add_write(
			plan,
			"and after each boot",
			"/etc/sysctl.d/60-weir.conf",
			"vm.nr_hugepages = %ld\n",
			n
		);
}

static void plan_modules(struct plan *plan)
{
	char full[PATH_MAX];
	bool has_iommu;

	if (!exists(plan->host, "/dev/net/tun"))
		add_modprobe(plan, "load the driver of tap devices", "tun");
	full_path(plan->host, "/sys/kernel/iommu_groups/0", full);
	has_iommu = !access(full, F_OK);
	if (!has_iommu) {
		add_note(
			plan,
			"No IOMMU: to hand NICs and VFs to the switch or to guests, switch on VT-d or "
			"AMD-Vi in the firmware and boot with intel_iommu=on iommu=pt.\n"
		);
		return;
	}
	if (!exists(plan->host, "/sys/bus/pci/drivers/vfio-pci"))
		add_modprobe(plan, "load the driver by which the switch drives NICs", "vfio-pci");
	if (!exists(plan->host, "/etc/modules-load.d/weir.conf"))
		add_write(
			plan, "and after each boot", "/etc/modules-load.d/weir.conf", "vfio-pci\n"
		);
}

/* "2-3,6" as bits. */
static int parse_cores(const char *list, uint64_t cores[CORES_WORDS])
{
	memset(cores, 0, CORES_WORDS * sizeof(cores[0]));
	for (const char *at = list; *at;) {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = first;

		if (end == at || !isdigit((unsigned char)*at))
			return -EINVAL;
		if (*end == '-') {
			at = end + 1;
			last = strtoul(at, &end, 10);
			if (end == at || !isdigit((unsigned char)*at))
				return -EINVAL;
		}
		if (last < first || last >= CORES_MAX || (*end && (*end != ',' || !end[1])))
			return -EINVAL;
		for (; first <= last; first++)
			cores[first / 64] |= 1ULL << first % 64;
		at = *end ? end + 1 : end;
	}
	return *list ? 0 : -EINVAL;
}

/* Whether the host has all of them; if it does not say, it has. */
static bool has_cores(const struct doctor_host *host, const uint64_t cores[CORES_WORDS])
{
	char full[PATH_MAX], text[256] = "";
	uint64_t present[CORES_WORDS], missing = 0;
	FILE *file;

	full_path(host, "/sys/devices/system/cpu/present", full);
	file = fopen(full, "re");
	if (!file)
		return true;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	if (parse_cores(text, present))
		return true;
	for (unsigned i = 0; i < CORES_WORDS; i++)
		missing |= cores[i] & ~present[i];
	return !missing;
}

static const char *
find_fault(const struct plan *plan, uint64_t cores[CORES_WORDS], const char *list)
{
	if (strlen(list) > CORES_TEXT_MAX)
		return "the list is too long: give ranges";
	if (parse_cores(list, cores))
		return "give cores such as 2-3,6, up to 255";
	if (cores[0] & 1)
		return "core 0 is left to the system";
	return has_cores(plan->host, cores) ? NULL : "this host does not have all of them";
}

/* As pmd-cpu-mask wants them. */
static void format_cores(const uint64_t cores[CORES_WORDS], char text[2 + CORES_MAX / 4 + 1])
{
	unsigned top = CORES_WORDS - 1;
	int n;

	while (top && !cores[top])
		top--;
	n = snprintf(text, 2 + 16 + 1, "0x%" PRIx64, cores[top]);
	while (top--)
		n += snprintf(text + n, 16 + 1, "%016" PRIx64, cores[top]);
}

static int plan_cores(struct plan *plan, const char *list)
{
	char command_line[1024], mask[2 + CORES_MAX / 4 + 1];
	uint64_t cores[CORES_WORDS];
	const char *fault;

	if (!list)
		return 0;
	fault = find_fault(plan, cores, list);
	if (fault) {
		fprintf(stderr, "vsctl: --cores=%s: %s\n", list, fault);
		return -EINVAL;
	}
	format_cores(cores, mask);
	snprintf(
		command_line,
		sizeof(command_line),
		"isolcpus=%s nohz_full=%s rcu_nocbs=%s",
		list,
		list,
		list
	);
	if (exists(plan->host, "/etc/default/grub")) {
		add_write(
			plan,
			"keep cores free of other work, from the next boot on",
			"/etc/default/grub.d/weir.cfg",
			"GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX %s\"\n",
			command_line
		);
		add_note(plan, "Then: update-grub, and boot");
	} else {
		add_note(
			plan,
			"This host does not boot by GRUB: add \"%s\" to its kernel's command line, and boot",
			command_line
		);
	}
	add_note(plan, "; vsctl set Open_vSwitch . other_config:pmd-cpu-mask=%s\n", mask);
	return 0;
}

static int write_file(const struct step *step, const struct doctor_host *host)
{
	char full[PATH_MAX];
	int fd, error = 0;
	size_t n = strlen(step->text);

	full_path(host, step->path, full);
	/* The last folder may be missing: not everybody has a grub.d. */
	*strrchr(full, '/') = '\0';
	mkdir(full, 0755);
	full_path(host, step->path, full);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (write(fd, step->text, n) != (ssize_t)n)
		error = errno ? -errno : -EIO;
	close(fd);
	return error;
}

static int run_program(const struct step *step)
{
	int status;
	pid_t pid;
	int error = posix_spawnp(
		&pid, step->program[0], NULL, NULL, (char *const *)step->program, environ
	);

	if (error)
		return -error;
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

static void say(const struct step *step)
{
	if (*step->path)
		printf("  %s: write to %s: %s", step->why, step->path, step->text);
	else
		printf("  %s: %s %s\n", step->why, step->program[0], step->program[1]);
}

static int do_step(const struct step *step, const struct doctor_host *host)
{
	int error = *step->path ? write_file(step, host) : *host->root ? 0 : run_program(step);

	if (error)
		fprintf(stderr, "vsctl: could not %s: %s\n", step->why, strerror(-error));
	else
		printf("done: %s\n", step->why);
	return error;
}

/* The kernel gives as many pages as it can find together. */
static void report_hugepages(const struct doctor_host *host)
{
	long n = meminfo(host, "HugePages_Total");

	if (n >= 0)
		printf("hugepages now: %ld\n", n);
}

int doctor_fix(const struct doctor_host *host, const struct doctor_fix_options *options)
{
	struct plan plan = {.host = host};
	int worst = 0;

	if (plan_cores(&plan, options->cores))
		return EXIT_FAILURE;
	plan_hugepages(&plan);
	plan_modules(&plan);
	puts(plan.n ? "to do:" : "nothing to do");
	for (unsigned i = 0; i < plan.n; i++)
		say(&plan.steps[i]);
	for (unsigned i = 0; i < plan.n && !options->only_say; i++)
		if (do_step(&plan.steps[i], host))
			worst = EXIT_FAILURE;
	if (plan.n && !options->only_say)
		report_hugepages(host);
	if (*plan.notes)
		printf("left to you:\n%s", plan.notes);
	return worst;
}

int doctor_fix_parse(char *const *words, int n, bool *fix, struct doctor_fix_options *options)
{
	*fix = false;
	*options = (struct doctor_fix_options){.cores = NULL};
	for (int i = 0; i < n; i++) {
		if (!strcmp(words[i], "--fix")) {
			*fix = true;
		} else if (!strcmp(words[i], "--dry-run")) {
			options->only_say = true;
		} else if (!strncmp(words[i], "--cores=", 8)) {
			options->cores = words[i] + 8;
		} else {
			fprintf(stderr,
				"vsctl: doctor: \"%s\" is not known here: there are --fix, and with "
				"it --dry-run and --cores=LIST\n",
				words[i]);
			return EXIT_FAILURE;
		}
	}
	if ((options->only_say || options->cores) && !*fix) {
		fputs("vsctl: doctor: --dry-run and --cores go with --fix\n", stderr);
		return EXIT_FAILURE;
	}
	return 0;
}
