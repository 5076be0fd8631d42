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

/* Names that begin with this; the first that does. Kept to what the manual says of each (section 2). */
static const struct {
	const char *begin, *says;
} words[] = {
	{ "nanosleep", "for time to pass" },
	{ "clock_nanosleep", "for time to pass" },
	{ "futex", "for another thread: a lock, a condition, the end of a thread" },
	{ "epoll_", "for a descriptor to become ready" },
	{ "poll", "for a descriptor to become ready" },
	{ "ppoll", "for a descriptor to become ready" },
	{ "select", "for a descriptor to become ready" },
	{ "pselect6", "for a descriptor to become ready" },
	{ "io_uring_enter", "for something in its ring to complete" },
	{ "io_getevents", "for asynchronous input or output to complete" },
	{ "io_pgetevents", "for asynchronous input or output to complete" },
	{ "accept", "for somebody to connect" },
	{ "connect", "for the other side to answer" },
	{ "recv", "for something to be sent to a socket" },
	{ "sendfile", "for bytes, or for room for them" },
	{ "send", "for room in a socket" },
	{ "readlink", NULL },
	{ "readahead", NULL },
	{ "read", "for bytes: of a pipe, a socket, a terminal, a disk" },
	{ "pread", "for bytes of a file" },
	{ "getdents", "for a directory to be read" },
	{ "write", "for room: in a pipe, a socket, a terminal, or for a disk" },
	{ "pwrite", "for a file to be written" },
	{ "splice", "for bytes, or for room for them" },
	{ "fsync", "for a disk to have it" },
	{ "fdatasync", "for a disk to have it" },
	{ "sync", "for a disk to have it" },
	{ "msync", "for a disk to have it" },
	{ "wait", "for a process that it made" },
	{ "vfork", "for its child to execute a program, or end" },
	{ "rt_sigtimedwait", "for a signal" },
	{ "rt_sigsuspend", "for a signal" },
	{ "pause", "for a signal" },
	{ "flock", "for a lock on a file" },
	{ "fcntl", "for a lock on a file" },
	{ "semop", "for a semaphore" },
	{ "semtimedop", "for a semaphore" },
	{ "msgrcv", "for a message" },
	{ "msgsnd", "for room in a message queue" },
	{ "mq_timedreceive", "for a message" },
	{ "mq_timedsend", "for room in a message queue" },
	{ "open", "for a file to be opened: by the disk, or by a FIFO's other end" },
	{ "restart_syscall", "on, in a call that was interrupted and has a time limit" },
};

const char *syscall_name(int number)
{
	return number >= 0 && number < N_NAMES ? names[number] : NULL;
}

const char *syscall_says(int number)
{
	const char *name = syscall_name(number);

	for (size_t i = 0; name && i < sizeof(words) / sizeof(*words); i++)
		if (!strncmp(name, words[i].begin, strlen(words[i].begin)))
			return words[i].says;
	return NULL;
}
