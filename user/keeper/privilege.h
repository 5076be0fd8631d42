/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * privilege.h - who we are, who asked us, and how to become no more than that.
 */
#ifndef SWTCH_PRIVILEGE_H
#define SWTCH_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct identity {
	uid_t uid;
	gid_t gid;
	char name[64];
};

/* The user who typed the command: SUDO_UID's when root runs us through sudo, else our own. */
int identity_invoking(struct identity *identity, struct error *error);

/*
 * Whom lab tasks run as: `user` when given (--user, root only), else the invoking user, else
 * `nobody` when that is root. Never root.
 */
int identity_lab(struct identity *identity, const char *user, struct error *error);

/*
 * Become `identity` for good: its groups, no capability in any set, no_new_privs, not to be
 * traced or dumped, and confined (confine.h) where the kernel can. For the reader, the views and the sinks.
 */
int privilege_drop(const struct identity *identity, struct error *error);

/* In a fresh child, before exec: the same, but its user may trace and dump the program, and no call is denied. */
int privilege_become_lab(const struct identity *identity);

/*
 * Likewise for the user's own command: its user and groups, no capability that we were given, and
 * nothing forbidden to it. Root's own may go until exec where only root may: there its program may lie.
 */
int privilege_become_user(const struct identity *identity);

/* What the keeper starts, if anything. */
#define STARTS_LAB     1u
#define STARTS_COMMAND 2u
#define STARTS_ROOTS   4u /* with STARTS_COMMAND: it is root's own */

/*
 * The keeper, once the probes are attached: only what it needs to look into processes of others and to
 * start and end what it starts; if no command is, an empty bounding set and no_new_privs, too; if nothing
 * is, confined (confine.h) where the kernel can. CAP_BPF (CAP_SYS_ADMIN, of who has that instead) stays
 * where the maps cannot be called without, which `works` tries: before Linux 5.19, where BPF is not for
 * everybody (c8644cd0efe7). 0 or -errno.
 */
int privilege_keep_few(unsigned starts, bool (*works)(void *ctx), void *ctx);

/* What loading the probes needs and this process has not: "CAP_BPF + CAP_PERFMON", one of them, or "". */
void privilege_missing(char *names, size_t size);

/* Whether this process may look into those of other users (CAP_SYS_PTRACE). */
bool privilege_sees_others(void);

#endif
