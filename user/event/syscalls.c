// SPDX-License-Identifier: GPL-2.0-only
/* syscalls.c - names come from the kernel's headers at build time; the words are ours. */
#include "event/syscalls.h"

#include <asm/unistd.h>
#include <stddef.h>
#include <string.h>

#define NAME(name) [__NR_##name] = #name,
static const char *const names[] = {
#include "event/syscall_names.h" /* NAME(read) and so on, of this machine: see Makefile */
};
#undef NAME

#define N_NAMES (int)(sizeof(names) / sizeof(*names))

/*
 * Calls that tasks wait in, by what their names begin with; the first that does. The words are kept to what
 * the manual says of each (section 2); NULL: that is not told by the call alone.
 */
static const struct {
	const char *begin;
	enum leave_call kind;
	const char *says;
} calls[] = {
	{ "readlink", CALL_IO, NULL },
	{ "readahead", CALL_IO, NULL },
	{ "nanosleep", CALL_TIMER, "for time to pass" },
	{ "clock_nanosleep", CALL_TIMER, "for time to pass" },
	{ "futex", CALL_LOCK, "for another thread: a lock, a condition, the end of a thread" },
	{ "epoll_", CALL_POLL, "for a descriptor to become ready" },
	{ "poll", CALL_POLL, "for a descriptor to become ready" },
	{ "ppoll", CALL_POLL, "for a descriptor to become ready" },
	{ "select", CALL_POLL, "for a descriptor to become ready" },
	{ "pselect6", CALL_POLL, "for a descriptor to become ready" },
	{ "io_uring_enter", CALL_POLL, "for something in its ring to complete" },
	{ "io_getevents", CALL_POLL, "for asynchronous input or output to complete" },
	{ "io_pgetevents", CALL_POLL, "for asynchronous input or output to complete" },
	{ "accept", CALL_IO, "for somebody to connect" },
	{ "connect", CALL_IO, "for the other side to answer" },
	{ "recv", CALL_IO, "for something to be sent to a socket" },
	{ "sendfile", CALL_IO, "for bytes, or for room for them" },
	{ "send", CALL_IO, "for room in a socket" },
	{ "read", CALL_IO, "for bytes: of a pipe, a socket, a terminal, a disk" },
	{ "pread", CALL_IO, "for bytes of a file" },
	{ "getdents", CALL_IO, "for a directory to be read" },
	{ "write", CALL_IO, "for room: in a pipe, a socket, a terminal, or for a disk" },
	{ "pwrite", CALL_IO, "for a file to be written" },
	{ "splice", CALL_IO, "for bytes, or for room for them" },
	{ "fsync", CALL_IO, "for a disk to have it" },
	{ "fdatasync", CALL_IO, "for a disk to have it" },
	{ "sync", CALL_IO, "for a disk to have it" },
	{ "msync", CALL_IO, "for a disk to have it" },
	{ "wait", CALL_CHILD, "for a process that it made" },
	{ "vfork", CALL_CHILD, "for its child to execute a program, or end" },
	{ "rt_sigtimedwait", CALL_OTHER, "for a signal" },
	{ "rt_sigsuspend", CALL_OTHER, "for a signal" },
	{ "pause", CALL_OTHER, "for a signal" },
	{ "flock", CALL_LOCK, "for a lock on a file" },
	{ "fcntl", CALL_LOCK, "for a lock on a file" },
	{ "semop", CALL_LOCK, "for a semaphore" },
	{ "semtimedop", CALL_LOCK, "for a semaphore" },
	{ "msgrcv", CALL_IO, "for a message" },
	{ "msgsnd", CALL_IO, "for room in a message queue" },
	{ "mq_timedreceive", CALL_IO, "for a message" },
	{ "mq_timedsend", CALL_IO, "for room in a message queue" },
	{ "open", CALL_IO, "for a file to be opened: by the disk, or by a FIFO's other end" },
	{ "restart_syscall", CALL_OTHER,
	  "on, in a call that was interrupted and has a time limit" },
	{ "clone", CALL_CHILD, "for its child to execute a program, or end" },
	{ "close", CALL_IO, NULL },
	{ "creat", CALL_IO, NULL },
	{ "copy_file_range", CALL_IO, NULL },
	{ "tee", CALL_IO, NULL },
	{ "vmsplice", CALL_IO, NULL },
	{ "truncate", CALL_IO, NULL },
	{ "ftruncate", CALL_IO, NULL },
	{ "fallocate", CALL_IO, NULL },
	{ "stat", CALL_IO, NULL },
	{ "lstat", CALL_IO, NULL },
	{ "newfstatat", CALL_IO, NULL },
	{ "rename", CALL_IO, NULL },
	{ "unlink", CALL_IO, NULL },
	{ "mkdir", CALL_IO, NULL },
	{ "rmdir", CALL_IO, NULL },
};

#define N_ROWS (sizeof(calls) / sizeof(*calls))

const char *syscall_name(int number)
{
	return number >= 0 && number < N_NAMES ? names[number] : NULL;
}

/* The row of a call; N_ROWS: there is none. */
static size_t row_of(const char *name)
{
	size_t row = 0;

	while (row < N_ROWS && strncmp(name, calls[row].begin, strlen(calls[row].begin)) != 0)
		row++;
	return row;
}

const char *syscall_says(int number)
{
	const char *name = syscall_name(number);
	size_t row = name ? row_of(name) : N_ROWS;

	return row < N_ROWS ? calls[row].says : NULL;
}

void syscall_kinds(uint8_t kinds[N_CALLS])
{
	for (int number = 0; number < (int)N_CALLS; number++) {
		const char *name = syscall_name(number);
		size_t row = name ? row_of(name) : N_ROWS;

		kinds[number] = (uint8_t)(row < N_ROWS ? calls[row].kind : CALL_OTHER);
	}
}
