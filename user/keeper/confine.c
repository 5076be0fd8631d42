// SPDX-License-Identifier: GPL-2.0-only
/*
 * confine.c - a seccomp filter from a table of calls.
 *
 * What is not in the table is allowed: libraries choose their calls anew with each version, and what a
 * reader that was taken over could do harm with is known better. The kernel asks the filter once for each
 * call whose arguments do not matter and remembers the answer (seccomp_cache_prepare(), 5.11).
 *
 * Not by libseccomp: 2.5.4 was tried, crashed where an allocation failed, and took 0.3 ms of each start.
 * Here a row is two to six instructions, whatever the architecture.
 */
#include "keeper/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define OUR_ARCH  AUDIT_ARCH_X86_64
#define OTHER_ABI 0x40000000u /* __X32_SYSCALL_BIT, asm/unistd.h */
#elif defined(__aarch64__)
#define OUR_ARCH  AUDIT_ARCH_AARCH64
#define OTHER_ABI 0xffffffffu /* there is none */
#endif

#define ONE_PROCESS 1 /* IOPRIO_WHO_PROCESS, linux/ioprio.h of 5.15 */

/*
 * The kernel takes 32 bits of the arguments that rows are about, or has flags in these alone: what stands in
 * the others is not looked at.
 */
#define CALL(name)	.number = SYS_##name, .err = EPERM
#define IF_HAS(n, bit)	.when = DENIED_IF_IS, .argument = (n), .value = (bit), .mask = (bit)
#define IF_IS(n, word)	.when = DENIED_IF_IS, .argument = (n), .value = (word), .mask = ~0u
#define IF_NOT(n, word) .when = DENIED_IF_NOT, .argument = (n), .value = (word), .mask = ~0u

static const struct denied_call denied[] = {
	/* what a keeper watches with */
	{ CALL(bpf), .is_watching = true },
	{ CALL(pidfd_getfd), .is_watching = true },
	/* programs, and processes of others */
	{ CALL(execve) },
	{ CALL(execveat) },
#ifndef __SANITIZE_ADDRESS__ /* whose search for leaks stops the other threads with it */
	{ CALL(ptrace) },
#endif
	{ CALL(process_vm_readv) },
	{ CALL(process_vm_writev) },
	{ CALL(kcmp) },
	{ CALL(process_madvise) },
	{ CALL(process_mrelease) },
	{ CALL(migrate_pages), IF_NOT(0, 0) },
	{ CALL(move_pages), IF_NOT(0, 0) },
	{ CALL(prlimit64), IF_NOT(0, 0) },
	{ CALL(sched_setaffinity), IF_NOT(0, 0) },
	{ CALL(sched_setattr), IF_NOT(0, 0) },
	{ CALL(sched_setparam), IF_NOT(0, 0) },
	{ CALL(sched_setscheduler), IF_NOT(0, 0) },
	{ CALL(setpriority), IF_NOT(0, PRIO_PROCESS) },
	{ CALL(setpriority), IF_NOT(1, 0) },
	{ CALL(ioprio_set), IF_NOT(0, ONE_PROCESS) },
	{ CALL(ioprio_set), IF_NOT(1, 0) },
	/* what a terminal takes for typed: whoever called us reads it when we are gone */
	{ CALL(ioctl), IF_IS(1, TIOCSTI) },
	{ CALL(ioctl), IF_IS(1, TIOCLINUX) },
	/* the network, and other programs' sockets */
	{ CALL(socket) },
	{ CALL(socketpair) },
	{ CALL(connect) },
	{ CALL(bind) },
	{ CALL(listen) },
	{ CALL(accept) },
	{ CALL(accept4) },
	/* what watches or changes the kernel */
	{ CALL(perf_event_open) },
	{ CALL(fanotify_init) },
	{ CALL(init_module) },
	{ CALL(finit_module) },
	{ CALL(delete_module) },
	{ CALL(kexec_load) },
	{ CALL(kexec_file_load) },
	{ CALL(syslog) },
	{ CALL(reboot) },
	{ CALL(swapon) },
	{ CALL(swapoff) },
	{ CALL(acct) },
	{ CALL(quotactl) },
	{ CALL(quotactl_fd) },
	{ CALL(sethostname) },
	{ CALL(setdomainname) },
#ifdef __x86_64__
	{ CALL(iopl) },
	{ CALL(ioperm) },
	{ CALL(modify_ldt) },
#endif
	/* keys */
	{ CALL(add_key) },
	{ CALL(request_key) },
	{ CALL(keyctl) },
	/* namespaces, mounts, roots */
	{ CALL(clone), IF_HAS(0, CLONE_NEWNS) },
	{ CALL(clone), IF_HAS(0, CLONE_NEWCGROUP) },
	{ CALL(clone), IF_HAS(0, CLONE_NEWUTS) },
	{ CALL(clone), IF_HAS(0, CLONE_NEWIPC) },
	{ CALL(clone), IF_HAS(0, CLONE_NEWUSER) },
	{ CALL(clone), IF_HAS(0, CLONE_NEWPID) },
	{ CALL(clone), IF_HAS(0, CLONE_NEWNET) },
	/* Its flags lie in memory, which no filter sees; without it the C library calls clone(). */
	{ .number = SYS_clone3, .err = ENOSYS },
	{ CALL(unshare) },
	{ CALL(setns) },
	{ CALL(mount) },
	{ CALL(mount_setattr) },
	{ CALL(umount2) },
	{ CALL(move_mount) },
	{ CALL(open_tree) },
	{ CALL(fsopen) },
	{ CALL(fsconfig) },
	{ CALL(fsmount) },
	{ CALL(fspick) },
	{ CALL(pivot_root) },
	{ CALL(chroot) },
	{ CALL(open_by_handle_at) },
	/* ways to make the kernel wait, or call for one: what attacks on it begin with */
	{ CALL(userfaultfd) },
	{ CALL(io_uring_setup) },
	{ CALL(io_uring_enter) },
	{ CALL(io_uring_register) },
	{ CALL(personality) },
	/* clocks */
	{ CALL(settimeofday) },
	{ CALL(clock_settime) },
	{ CALL(adjtimex) },
	{ CALL(clock_adjtime) },
};

#define N_DENIED (sizeof(denied) / sizeof(denied[0]))

const struct denied_call *confine_table(unsigned *n)
{
	*n = N_DENIED;
	return denied;
}

#define LOAD(field)                                                                                \
	(struct sock_filter)                                                                       \
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOW(argument) args[argument] /* both architectures are little-endian */
#define AND(value)    (struct sock_filter) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, value)
#define JUMP(how, value, yes, no)                                                                  \
	(struct sock_filter) BPF_JUMP(BPF_JMP | (how) | BPF_K, value, yes, no)
#define ANSWER(value) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, value)
#define REFUSE(err)   ANSWER(SECCOMP_RET_ERRNO | (unsigned)(err))

#define N_HEAD	  5
#define N_ROW_MAX 6

/* The instructions of a row, begun and left with the call's number loaded. Returns how many. */
static unsigned write_row(const struct denied_call *call, struct sock_filter code[N_ROW_MAX])
{
	const bool is_not = call->when == DENIED_IF_NOT;

	if (call->when == DENIED_ALWAYS) {
		code[0] = JUMP(BPF_JEQ, call->number, 0, 1);
		code[1] = REFUSE(call->err);
		return 2;
	}
	code[0] = JUMP(BPF_JEQ, call->number, 0, 5);
	code[1] = LOAD(LOW(call->argument));
	code[2] = AND(call->mask);
	code[3] = JUMP(BPF_JEQ, call->value, is_not, !is_not);
	code[4] = REFUSE(call->err);
	code[5] = LOAD(nr);
	return 6;
}

static int confine_to(bool is_watching)
{
	struct sock_filter code[N_HEAD + N_DENIED * N_ROW_MAX + 1];
	struct sock_fprog program = { N_HEAD, code };

	code[0] = LOAD(arch);
	code[1] = JUMP(BPF_JEQ, OUR_ARCH, 0, 2);
	code[2] = LOAD(nr);
	code[3] = JUMP(BPF_JGE, OTHER_ABI, 0, 1);
	code[4] = REFUSE(EPERM);
	for (unsigned i = 0; i < N_DENIED; i++)
		if (!is_watching || !denied[i].is_watching)
			program.len = (unsigned short)(program.len +
						       write_row(&denied[i], &code[program.len]));
	code[program.len++] = ANSWER(SECCOMP_RET_ALLOW);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) ? -errno : 0;
}

int confine(void)
{
	return confine_to(false);
}

int confine_keeper(void)
{
	return confine_to(true);
}
