/* SPDX-License-Identifier: Apache-2.0 */

/* System calls that a switch has no use for.
 *
 * Refused with EPERM, not punished: a library that tries one and can do without goes on. The list is
 * of what gives an intruder more than the process already has; everything else is left to the
 * capabilities. Cards, vhost and libraries use so many others, by version and configuration, that a
 * list of those allowed would break switches to gain little.  */

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/types.h"
#include "vswitchd/privileges/privileges.h"

LOG_TOPIC(syscalls);

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#define OUR_ARCH 0
#endif

enum {
	X32_BIT = 0x40000000, /* another table of system calls for the same machine */
};

static const uint32_t refused[] = {
	/* Other programs, other processes. */
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kcmp,
	SYS_pidfd_getfd,
	/* Another view of files. */
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_open_by_handle_at,
	SYS_swapon,
	SYS_swapoff,
	SYS_quotactl,
	SYS_mknodat,
	SYS_unshare,
	/* The kernel itself. */
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_kexec_file_load,
	SYS_reboot,
	SYS_perf_event_open,
	SYS_syslog,
	SYS_acct,
	SYS_io_uring_setup,
	SYS_io_uring_register,
	SYS_personality,
	/* The machine's name and time. */
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_adjtimex,
	SYS_clock_adjtime,
	SYS_sethostname,
	SYS_setdomainname,
	/* Keys. */
	SYS_add_key,
	SYS_request_key,
	SYS_keyctl,
	/* Users. */
	SYS_setuid,
	SYS_setgid,
	SYS_setresuid,
	SYS_setresgid,
	SYS_setreuid,
	SYS_setregid,
	SYS_setgroups,
};

enum {
	HEAD = 5, /* instructions before the list */
	TAIL = 2, /* and behind it */
	PROGRAM = HEAD + sizeof(refused) / sizeof(refused[0]) + TAIL,
};

static_assert(PROGRAM < UINT8_MAX, "jumps have eight bits");

/* There in builds with AddressSanitizer, which stops threads with ptrace to look for leaks at the end. */
void __lsan_do_leak_check(void) __attribute__((weak));

/* Compares the number with each of the list, from top to bottom. */
static void make_program(struct sock_filter *code)
{
	const uint8_t n = ARRAY_LENGTH(refused);
	const uint32_t at_nr = offsetof(struct seccomp_data, nr);
	const uint32_t at_arch = offsetof(struct seccomp_data, arch);
	const uint8_t refuse = PROGRAM - 1, allow = PROGRAM - 2;

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at_arch);
	code[1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0);
	code[2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	code[3] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at_nr);
	code[4] = (struct sock_filter
	)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, (uint8_t)(refuse - HEAD), 0);
	for (uint8_t i = 0; i < n; i++) {
		bool checks_leaks = refused[i] == SYS_ptrace && __lsan_do_leak_check;
		uint8_t rest = (checks_leaks ? allow : refuse) - (HEAD + i) - 1;

		code[HEAD + i] = (struct sock_filter
		)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i], rest, 0);
	}
	code[allow] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[refuse] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
}

int syscalls_limit(struct errbuf *err)
{
	struct sock_filter code[PROGRAM];
	struct sock_fprog program = {.len = PROGRAM, .filter = code};

	if (!OUR_ARCH)
		return 0;
	make_program(code);
	if (!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0))
		return 0;
	/* A kernel without seccomp is no reason not to switch. */
	if (errno == EINVAL || errno == ENOSYS) {
		log_info("this kernel cannot limit system calls (seccomp)");
		return 0;
	}
	return errbuf_set(err, -errno, "cannot limit system calls: %s", strerror(errno));
}
