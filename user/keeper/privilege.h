/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * privilege.h - who we are, who asked us, and how to become no more than that.
 */
#ifndef SWTCH_PRIVILEGE_H
#define SWTCH_PRIVILEGE_H

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
 * Become `identity` for good: its groups, no capability in any set, no_new_privs, and not to be
 * traced or dumped. For the reader, the views and the sinks.
 */
int privilege_drop(const struct identity *identity, struct error *error);

/* In a fresh child, before exec: as privilege_drop, but the program may be traced by its user. */
int privilege_become_lab(const struct identity *identity);

/* Likewise for the user's own command: its user and groups, and nothing forbidden to it. */
int privilege_become_user(const struct identity *identity);

/* The keeper, once the probes are attached: only what starting, ending and measuring tasks needs. */
int privilege_keep_few(void);

#endif
