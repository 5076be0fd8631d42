// SPDX-License-Identifier: GPL-2.0-only
/* calls.c - the calls that tasks wait in, by what they wait for; a number that a system lacks is left out. */
#include "event/calls.h"

#include <string.h>
#include <sys/syscall.h>

/* clang-format off */
static const struct {
	unsigned number;
	uint8_t kind;
} calls[] = {
#ifdef __NR_futex
	{ __NR_futex, CALL_LOCK },
#endif
#ifdef __NR_futex_waitv
	{ __NR_futex_waitv, CALL_LOCK },
#endif
#ifdef __NR_futex_wait
	{ __NR_futex_wait, CALL_LOCK },
#endif
#ifdef __NR_semop
	{ __NR_semop, CALL_LOCK },
#endif
#ifdef __NR_semtimedop
	{ __NR_semtimedop, CALL_LOCK },
#endif
#ifdef __NR_flock
	{ __NR_flock, CALL_LOCK },
#endif
#ifdef __NR_fcntl
	{ __NR_fcntl, CALL_LOCK },
#endif
#ifdef __NR_epoll_wait
	{ __NR_epoll_wait, CALL_POLL },
#endif
#ifdef __NR_epoll_pwait
	{ __NR_epoll_pwait, CALL_POLL },
#endif
#ifdef __NR_epoll_pwait2
	{ __NR_epoll_pwait2, CALL_POLL },
#endif
#ifdef __NR_poll
	{ __NR_poll, CALL_POLL },
#endif
#ifdef __NR_ppoll
	{ __NR_ppoll, CALL_POLL },
#endif
#ifdef __NR_select
	{ __NR_select, CALL_POLL },
#endif
#ifdef __NR_pselect6
	{ __NR_pselect6, CALL_POLL },
#endif
#ifdef __NR_io_uring_enter
	{ __NR_io_uring_enter, CALL_POLL },
#endif
#ifdef __NR_io_getevents
	{ __NR_io_getevents, CALL_POLL },
#endif
#ifdef __NR_io_pgetevents
	{ __NR_io_pgetevents, CALL_POLL },
#endif
#ifdef __NR_read
	{ __NR_read, CALL_IO },
#endif
#ifdef __NR_write
	{ __NR_write, CALL_IO },
#endif
#ifdef __NR_readv
	{ __NR_readv, CALL_IO },
#endif
#ifdef __NR_writev
	{ __NR_writev, CALL_IO },
#endif
#ifdef __NR_pread64
	{ __NR_pread64, CALL_IO },
#endif
#ifdef __NR_pwrite64
	{ __NR_pwrite64, CALL_IO },
#endif
#ifdef __NR_preadv
	{ __NR_preadv, CALL_IO },
#endif
#ifdef __NR_pwritev
	{ __NR_pwritev, CALL_IO },
#endif
#ifdef __NR_preadv2
	{ __NR_preadv2, CALL_IO },
#endif
#ifdef __NR_pwritev2
	{ __NR_pwritev2, CALL_IO },
#endif
#ifdef __NR_recvfrom
	{ __NR_recvfrom, CALL_IO },
#endif
#ifdef __NR_recvmsg
	{ __NR_recvmsg, CALL_IO },
#endif
#ifdef __NR_recvmmsg
	{ __NR_recvmmsg, CALL_IO },
#endif
#ifdef __NR_sendto
	{ __NR_sendto, CALL_IO },
#endif
#ifdef __NR_sendmsg
	{ __NR_sendmsg, CALL_IO },
#endif
#ifdef __NR_sendmmsg
	{ __NR_sendmmsg, CALL_IO },
#endif
#ifdef __NR_accept
	{ __NR_accept, CALL_IO },
#endif
#ifdef __NR_accept4
	{ __NR_accept4, CALL_IO },
#endif
#ifdef __NR_connect
	{ __NR_connect, CALL_IO },
#endif
#ifdef __NR_splice
	{ __NR_splice, CALL_IO },
#endif
#ifdef __NR_tee
	{ __NR_tee, CALL_IO },
#endif
#ifdef __NR_vmsplice
	{ __NR_vmsplice, CALL_IO },
#endif
#ifdef __NR_sendfile
	{ __NR_sendfile, CALL_IO },
#endif
#ifdef __NR_copy_file_range
	{ __NR_copy_file_range, CALL_IO },
#endif
#ifdef __NR_fsync
	{ __NR_fsync, CALL_IO },
#endif
#ifdef __NR_fdatasync
	{ __NR_fdatasync, CALL_IO },
#endif
#ifdef __NR_sync
	{ __NR_sync, CALL_IO },
#endif
#ifdef __NR_syncfs
	{ __NR_syncfs, CALL_IO },
#endif
#ifdef __NR_sync_file_range
	{ __NR_sync_file_range, CALL_IO },
#endif
#ifdef __NR_msync
	{ __NR_msync, CALL_IO },
#endif
#ifdef __NR_msgrcv
	{ __NR_msgrcv, CALL_IO },
#endif
#ifdef __NR_msgsnd
	{ __NR_msgsnd, CALL_IO },
#endif
#ifdef __NR_mq_timedreceive
	{ __NR_mq_timedreceive, CALL_IO },
#endif
#ifdef __NR_mq_timedsend
	{ __NR_mq_timedsend, CALL_IO },
#endif
#ifdef __NR_open
	{ __NR_open, CALL_IO },
#endif
#ifdef __NR_openat
	{ __NR_openat, CALL_IO },
#endif
#ifdef __NR_openat2
	{ __NR_openat2, CALL_IO },
#endif
#ifdef __NR_close
	{ __NR_close, CALL_IO },
#endif
#ifdef __NR_creat
	{ __NR_creat, CALL_IO },
#endif
#ifdef __NR_truncate
	{ __NR_truncate, CALL_IO },
#endif
#ifdef __NR_ftruncate
	{ __NR_ftruncate, CALL_IO },
#endif
#ifdef __NR_fallocate
	{ __NR_fallocate, CALL_IO },
#endif
#ifdef __NR_getdents
	{ __NR_getdents, CALL_IO },
#endif
#ifdef __NR_getdents64
	{ __NR_getdents64, CALL_IO },
#endif
#ifdef __NR_stat
	{ __NR_stat, CALL_IO },
#endif
#ifdef __NR_lstat
	{ __NR_lstat, CALL_IO },
#endif
#ifdef __NR_newfstatat
	{ __NR_newfstatat, CALL_IO },
#endif
#ifdef __NR_statx
	{ __NR_statx, CALL_IO },
#endif
#ifdef __NR_rename
	{ __NR_rename, CALL_IO },
#endif
#ifdef __NR_renameat
	{ __NR_renameat, CALL_IO },
#endif
#ifdef __NR_renameat2
	{ __NR_renameat2, CALL_IO },
#endif
#ifdef __NR_unlink
	{ __NR_unlink, CALL_IO },
#endif
#ifdef __NR_unlinkat
	{ __NR_unlinkat, CALL_IO },
#endif
#ifdef __NR_mkdir
	{ __NR_mkdir, CALL_IO },
#endif
#ifdef __NR_mkdirat
	{ __NR_mkdirat, CALL_IO },
#endif
#ifdef __NR_rmdir
	{ __NR_rmdir, CALL_IO },
#endif
#ifdef __NR_readahead
	{ __NR_readahead, CALL_IO },
#endif
#ifdef __NR_nanosleep
	{ __NR_nanosleep, CALL_TIMER },
#endif
#ifdef __NR_clock_nanosleep
	{ __NR_clock_nanosleep, CALL_TIMER },
#endif
#ifdef __NR_wait4
	{ __NR_wait4, CALL_CHILD },
#endif
#ifdef __NR_waitid
	{ __NR_waitid, CALL_CHILD },
#endif
#ifdef __NR_vfork
	{ __NR_vfork, CALL_CHILD },
#endif
#ifdef __NR_clone
	{ __NR_clone, CALL_CHILD },
#endif
#ifdef __NR_clone3
	{ __NR_clone3, CALL_CHILD },
#endif
};
/* clang-format on */

void calls_fill(uint8_t kinds[N_CALLS])
{
	memset(kinds, CALL_OTHER, N_CALLS);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number < N_CALLS)
			kinds[calls[i].number] = calls[i].kind;
}

const char *call_name(unsigned kind)
{
	static const char *const names[N_LEAVE_CALLS] = {
		[CALL_LOCK] = "lock",	[CALL_POLL] = "poll",	[CALL_IO] = "io",
		[CALL_TIMER] = "timer", [CALL_CHILD] = "child", [CALL_OTHER] = "other",
		[CALL_NONE] = "none",
	};

	return kind < N_LEAVE_CALLS ? names[kind] : NULL;
}

const char *call_says(unsigned kind)
{
	static const char *const says[N_LEAVE_CALLS] = {
		[CALL_LOCK] = "a lock",	  [CALL_POLL] = "events",   [CALL_IO] = "I/O",
		[CALL_TIMER] = "a timer", [CALL_CHILD] = "a child", [CALL_OTHER] = "another call",
		[CALL_NONE] = "memory",
	};

	return kind < N_LEAVE_CALLS ? says[kind] : NULL;
}
