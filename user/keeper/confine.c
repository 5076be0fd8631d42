// SPDX-License-Identifier: GPL-2.0-only
/*
 * confine.c - a seccomp filter from a table of calls.
 *
 * What is not in the table is allowed: libraries choose their calls anew with each version, and what a
 * reader that was taken over could do harm with is known better. The filter is a comparison for each row,
 * which the kernel asks once for each call and remembers (seccomp_cache_prepare(), 5.11): a library to
 * write it, and to bring along for each architecture, would be more than it saves.
 */
#include "keeper/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define OUR_ARCH  AUDIT_ARCH_X86_64
#define OTHER_ABI 0x40000000u /* __X32_SYSCALL_BIT, asm/unistd.h */
#elif defined(__aarch64__)
#define OUR_ARCH  AUDIT_ARCH_AARCH64
#define OTHER_ABI 0xffffffffu /* there is none */
#endif

static const unsigned denied[] = {
	/* what a keeper watches with: first, as it is all that the two differ in */
	SYS_bpf,
	SYS_pidfd_getfd,
	/* programs, and processes of others */
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kcmp,
	SYS_process_madvise,
	/* the network, and other programs' sockets */
	SYS_socket,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	/* what watches or changes the kernel */
	SYS_perf_event_open,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_kexec_file_load,
	SYS_syslog,
	SYS_reboot,
	SYS_swapon,
	SYS_swapoff,
	SYS_acct,
	SYS_quotactl,
	/* keys */
	SYS_add_key,
	SYS_request_key,
	SYS_keyctl,
	/* namespaces, mounts, roots */
	SYS_unshare,
	SYS_setns,
	SYS_mount,
	SYS_umount2,
	SYS_move_mount,
	SYS_open_tree,
	SYS_fsopen,
	SYS_fsmount,
	SYS_fspick,
	SYS_pivot_root,
	SYS_chroot,
	SYS_open_by_handle_at,
	/* ways to make the kernel wait, or call for one: what attacks on it begin with */
	SYS_userfaultfd,
	SYS_io_uring_setup,
	SYS_io_uring_enter,
	SYS_io_uring_register,
	SYS_personality,
	/* clocks */
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_adjtimex,
	SYS_clock_adjtime,
};

#define N_DENIED  (sizeof(denied) / sizeof(denied[0]))
#define N_KEEPERS 2 /* the first of them */
#define N_HEAD	  4
#define LOAD(field)                                                                                \
	(struct sock_filter)                                                                       \
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define JUMP(how, value, yes, no)                                                                  \
	(struct sock_filter) BPF_JUMP(BPF_JMP | (how) | BPF_K, value, yes, no)
#define ANSWER(value) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, value)

/* All calls of the table but the first `n_allowed`. */
static int deny(unsigned n_allowed)
{
	struct sock_filter code[N_HEAD + N_DENIED + 2];
	unsigned n_denied = N_DENIED - n_allowed;
	unsigned allow = N_HEAD + n_denied, refuse = allow + 1; /* where these answers stand */
	const struct sock_fprog program = { (unsigned short)(refuse + 1), code };

	_Static_assert(N_HEAD + N_DENIED < 255, "a jump is of 8 bits");
	code[0] = LOAD(arch);
	code[1] = JUMP(BPF_JEQ, OUR_ARCH, 0, (unsigned char)(refuse - 2));
	code[2] = LOAD(nr);
	code[3] = JUMP(BPF_JGE, OTHER_ABI, (unsigned char)(refuse - 4), 0);
	for (unsigned i = 0; i < n_denied; i++)
		code[N_HEAD + i] = JUMP(BPF_JEQ, denied[n_allowed + i],
					(unsigned char)(refuse - N_HEAD - i - 1), 0);
	code[allow] = ANSWER(SECCOMP_RET_ALLOW);
	code[refuse] = ANSWER(SECCOMP_RET_ERRNO | EPERM);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) ? -errno : 0;
}

int confine(void)
{
	return deny(0);
}

int confine_keeper(void)
{
	return deny(N_KEEPERS);
}
