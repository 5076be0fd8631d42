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
	if (geteuid() != 0)
		return 0; /* it is our own already */
	if (identity->name[0] == '#' ? setgroups(1, &identity->gid)
				     : initgroups(identity->name, identity->gid))
		return -errno;
	if (setresgid(identity->gid, identity->gid, identity->gid) ||
	    setresuid(identity->uid, identity->uid, identity->uid))
		return -errno;
	return 0;
}

/* Empty sets, the bounding set too where we may; works before or after the uid changed. */
static int drop_all(const struct identity *identity)
{
	int err;

	capng_clear(CAPNG_SELECT_ALL);
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) || geteuid() == 0)
		capng_apply(
			CAPNG_SELECT_BOUNDS); /* refused without CAP_SETPCAP: sets below are empty */
	err = take_identity(identity);
	if (err)
		return err;
	if (capng_apply(CAPNG_SELECT_CAPS) || capng_apply(CAPNG_SELECT_AMBIENT))
		return -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}

int privilege_drop(const struct identity *identity, struct error *error)
{
	int err = drop_all(identity);

	if (!err && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		err = -errno;
	if (err)
		error_set(error, -err, "cannot give up privileges: %s (nothing was started)",
			  strerror(-err));
	return err;
}

int privilege_become_lab(const struct identity *identity)
{
	return drop_all(identity);
}

int privilege_become_user(const struct identity *identity)
{
	return take_identity(identity);
}

int privilege_keep_few(void)
{
	static const unsigned needed[] = {
		CAP_SETUID,	CAP_SETGID, /* start tasks as their user */
		CAP_SETPCAP,		    /* with an empty bounding set */
		CAP_KILL,		    /* end them */
		CAP_SYS_PTRACE,		    /* read the size of their memory */
	};

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	capng_get_caps_process();

	bool had[sizeof(needed) / sizeof(needed[0])];

	for (unsigned i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		had[i] = capng_have_capability(CAPNG_PERMITTED, needed[i]);
	capng_clear(CAPNG_SELECT_CAPS);
	for (unsigned i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (had[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, needed[i]);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}
