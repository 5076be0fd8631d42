// SPDX-License-Identifier: GPL-2.0-only
/* privilege.c - identities from the environment and passwd; dropping with libcap-ng. */
#include "keeper/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "keeper/confine.h"

#ifndef CAP_PERFMON /* before Linux 5.8 */
#define CAP_PERFMON 38
#define CAP_BPF	    39
#endif

/* A number and nothing else; -1 otherwise. */
static long read_id(const char *text)
{
	char *end;
	long id;

	if (!text || !*text)
		return -1;
	errno = 0;
	id = strtol(text, &end, 10);
	return errno || *end || id < 0 || id >= 0xffffffffL ? -1 : id;
}

static void set_name(struct identity *identity, const struct passwd *entry)
{
	if (entry)
		snprintf(identity->name, sizeof(identity->name), "%s", entry->pw_name);
	else
		snprintf(identity->name, sizeof(identity->name), "#%u", identity->uid);
}

int identity_invoking(struct identity *identity, struct error *error)
{
	long uid = read_id(getenv("SUDO_UID")), gid = read_id(getenv("SUDO_GID"));

	*identity = (struct identity){ .uid = getuid(), .gid = getgid() };
	if (getuid() == 0 && getenv("SUDO_UID")) {
		if (uid < 0 || gid < 0)
			return error_set(error, EINVAL,
					 "cannot tell who called: SUDO_UID or SUDO_GID is not a "
					 "number (unset both to run as root)");
		identity->uid = (uid_t)uid;
		identity->gid = (gid_t)gid;
	}
	set_name(identity, getpwuid(identity->uid));
	return 0;
}

int identity_lab(struct identity *identity, const char *user, struct error *error)
{
	const struct passwd *entry;
	int err = identity_invoking(identity, error);

	if (err)
		return err;
	if (!user && identity->uid != 0)
		return 0;
	errno = 0;
	entry = getpwnam(user ? user : "nobody");
	if (!entry && (errno == ENOMEM || errno == EMFILE || errno == ENFILE || errno == EIO))
		return error_set(error, errno, "cannot look for the user '%s': %s",
				 user ? user : "nobody", strerror(errno));
	if (!entry)
		return error_set(error, EINVAL,
				 "cannot run lab tasks as '%s': no such user (name one with "
				 "--user NAME)",
				 user ? user : "nobody");
	if (entry->pw_uid == 0)
		return error_set(error, EINVAL,
				 "cannot run lab tasks as '%s': that is root (name another user "
				 "with --user NAME)",
				 entry->pw_name);
	if (geteuid() != 0 && entry->pw_uid != getuid())
		return error_set(error, EPERM,
				 "cannot run lab tasks as '%s': only root may choose another user "
				 "(leave --user out, or try sudo)",
				 entry->pw_name);
	identity->uid = entry->pw_uid;
	identity->gid = entry->pw_gid;
	set_name(identity, entry);
	return 0;
}

static int take_identity(const struct identity *identity)
{
	if (geteuid() != 0 || identity->uid == 0)
		return 0; /* it is our own already, and so are its groups */
	if (identity->name[0] == '#' ? setgroups(1, &identity->gid)
				     : initgroups(identity->name, identity->gid))
		return -errno;
	if (setresgid(identity->gid, identity->gid, identity->gid) ||
	    setresuid(identity->uid, identity->uid, identity->uid))
		return -errno;
	return 0;
}

/*
 * Empty sets; works before or after the uid changed. The bounding set too where we may: without
 * CAP_SETPCAP it stays, and under no_new_privs gives nothing to anybody.
 */
static int drop_all(const struct identity *identity)
{
	int err;

	capng_clear(CAPNG_SELECT_ALL);
	capng_apply(CAPNG_SELECT_BOUNDS);
	err = take_identity(identity);
	if (err)
		return err;
	if (capng_apply(CAPNG_SELECT_CAPS) || capng_apply(CAPNG_SELECT_AMBIENT))
		return -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}

/* A kernel without filters: all else holds. */
static int confine_if_it_can(int (*how)(void))
{
	int err = how();

	return err == -EINVAL ? 0 : err;
}

int privilege_drop(const struct identity *identity, struct error *error)
{
	int err = drop_all(identity);

	if (!err && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		err = -errno;
	if (!err)
		err = confine_if_it_can(confine);
	if (err)
		error_set(error, -err, "cannot give up privileges: %s (nothing was started)",
			  strerror(-err));
	return err;
}

int privilege_become_lab(const struct identity *identity)
{
	return drop_all(identity);
}

/*
 * Ours are for watching: none of them is inherited, however we got them. Exec gives root's own command
 * root's again (capabilities(7)).
 */
int privilege_become_user(const struct identity *identity)
{
	int err = take_identity(identity);
	bool is_roots;

	if (err)
		return err;
	capng_get_caps_process();
	is_roots = !identity->uid && capng_have_capability(CAPNG_PERMITTED, CAP_DAC_OVERRIDE);
	capng_clear(CAPNG_SELECT_CAPS);
	capng_clear(CAPNG_SELECT_AMBIENT);
	if (is_roots)
		capng_update(CAPNG_ADD, CAPNG_PERMITTED | CAPNG_EFFECTIVE, CAP_DAC_OVERRIDE);
	return capng_apply(CAPNG_SELECT_AMBIENT) || capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

/* --- the keeper's ------------------------------------------------------------------------------ */

/* What it needs once the probes are attached. */
static const struct {
	unsigned capability;
	unsigned starts;   /* only to start these */
	bool is_roots;	   /* others have no use for it */
	capng_type_t sets; /* permitted alone: for who it starts */
} needs[] = {
	/* look into processes of others: memory, calls, marks */
	{ CAP_SYS_PTRACE, 0, false, CAPNG_EFFECTIVE | CAPNG_PERMITTED },
	/* end them */
	{ CAP_KILL, STARTS_LAB | STARTS_COMMAND, false, CAPNG_EFFECTIVE | CAPNG_PERMITTED },
	/* start them as their user */
	{ CAP_SETUID, STARTS_LAB | STARTS_COMMAND, true, CAPNG_EFFECTIVE | CAPNG_PERMITTED },
	{ CAP_SETGID, STARTS_LAB | STARTS_COMMAND, true, CAPNG_EFFECTIVE | CAPNG_PERMITTED },
	/* find root's own command where only its owner may go: privilege_become_user() */
	{ CAP_DAC_OVERRIDE, STARTS_ROOTS, true, CAPNG_PERMITTED },
};

#define N_NEEDS (sizeof(needs) / sizeof(needs[0]))

/* What the calls of maps ask for: CAP_SYS_ADMIN does for who has not CAP_BPF (bpf_capable(), linux/capability.h). */
static unsigned for_bpf(void)
{
	return capng_have_capability(CAPNG_PERMITTED, CAP_BPF) ? CAP_BPF : CAP_SYS_ADMIN;
}

/* The needed ones that it has into their sets, and what it has for BPF into `bpf_sets`. */
static int apply_needs(unsigned starts, capng_type_t bpf_sets)
{
	unsigned bpf;
	bool had[N_NEEDS], had_bpf;

	capng_get_caps_process();
	bpf = for_bpf();
	had_bpf = capng_have_capability(CAPNG_PERMITTED, bpf);
	for (size_t i = 0; i < N_NEEDS; i++)
		had[i] = capng_have_capability(CAPNG_PERMITTED, needs[i].capability) &&
			 (!needs[i].starts || needs[i].starts & starts) &&
			 (!needs[i].is_roots || !geteuid());
	capng_clear(CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < N_NEEDS; i++)
		if (had[i])
			capng_update(CAPNG_ADD, needs[i].sets, needs[i].capability);
	if (had_bpf && bpf_sets)
		capng_update(CAPNG_ADD, bpf_sets, bpf);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

/* A command inherits both, and nothing that its user may do is to be forbidden to it. */
static int bound(void)
{
	capng_clear(CAPNG_SELECT_BOUNDS);
	capng_apply(CAPNG_SELECT_BOUNDS); /* as in drop_all() */
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

int privilege_keep_few(unsigned starts, bool (*works)(void *ctx), void *ctx)
{
	int err = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ? -errno : 0;

	if (!err && !(starts & STARTS_COMMAND))
		err = bound();
	if (!err)
		err = apply_needs(starts, CAPNG_PERMITTED);
	if (!err)
		err = apply_needs(starts, works(ctx) ? 0 : CAPNG_PERMITTED | CAPNG_EFFECTIVE);
	if (!err && !starts)
		err = confine_if_it_can(confine_keeper);
	return err;
}

/* --- what there is ----------------------------------------------------------------------------- */

static bool has(unsigned capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

void privilege_missing(char *names, size_t size)
{
	capng_get_caps_process();
	*names = '\0';
	if (has(CAP_SYS_ADMIN)) /* which is both: bpf_capable(), perfmon_capable(), linux/capability.h */
		return;
	snprintf(names, size, "%s%s%s", has(CAP_BPF) ? "" : "CAP_BPF",
		 has(CAP_BPF) || has(CAP_PERFMON) ? "" : " + ",
		 has(CAP_PERFMON) ? "" : "CAP_PERFMON");
}

bool privilege_sees_others(void)
{
	capng_get_caps_process();
	return has(CAP_SYS_PTRACE);
}
