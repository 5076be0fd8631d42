/* SPDX-License-Identifier: GPL-2.0-only */
/* confine.h - system calls that a process which only reads, shows and writes files never makes, or only watches. */
#ifndef SWTCH_CONFINE_H
#define SWTCH_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * From now on these fail, with EPERM for most of them, here and in all that comes from this process: to run
 * a program, make a socket, look into, change or hold up other processes, type into a terminal, use BPF,
 * namespaces, mounts, keys, modules; and all calls of another ABI. Wants no_new_privs. 0, or -errno: -EINVAL
 * of a kernel without such filters (seccomp(2)).
 *
 * What is not in the table is allowed. So what stays are files, as far as their modes allow (also /proc/PID/mem
 * of the user's other processes where these are dumpable and Yama does not forbid it), signals, and IPC by
 * name: this is a second fence behind the user's own rights, and no jail.
 */
int confine(void);

/* Likewise a keeper that starts nothing: BPF, and descriptors of others (for marks), it keeps. */
int confine_keeper(void);

/* A row of the table, which tests go through. */
struct denied_call {
	uint32_t number;
	int err;
	enum { DENIED_ALWAYS, DENIED_IF_IS, DENIED_IF_NOT } when;
	unsigned argument; /* its number, from 0; it is, or is not: */
	uint32_t value, mask;
	bool is_watching; /* a keeper needs it */
};

const struct denied_call *confine_table(unsigned *n);

#endif
