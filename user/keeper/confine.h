/* SPDX-License-Identifier: GPL-2.0-only */
/* confine.h - system calls that a process which only reads, shows and writes files never makes, or only watches. */
#ifndef SWTCH_CONFINE_H
#define SWTCH_CONFINE_H

/*
 * From now on they fail with EPERM, here and in all that comes from this process: to run a program, make
 * a socket, look into or change other processes, use BPF, namespaces, keys, modules; and all calls of
 * another ABI. Wants no_new_privs. 0, or -errno: -EINVAL of a kernel without such filters (seccomp(2)).
 */
int confine(void);

/* Likewise a keeper that starts nothing: BPF, and descriptors of others (for marks), it keeps. */
int confine_keeper(void);

#endif
