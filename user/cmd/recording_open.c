// SPDX-License-Identifier: GPL-2.0-only
/* recording_open.c - open once, by one path; what it is, the descriptor tells. */
#include "cmd/recording_open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/import.h"
#include "cmd/values.h"
#include "keeper/privilege.h"

/* Why a file of this type cannot be read back and forth; NULL: it can. */
static const char *type_refused(mode_t mode)
{
	if (S_ISREG(mode))
		return NULL;
	if (S_ISDIR(mode))
		return "it is a directory; name a file in it";
	if (S_ISFIFO(mode) || S_ISSOCK(mode))
		return "it is a pipe, and a recording is read back and forth; write it to a file first";
	return "it is a device; name a file";
}

/* What is no recording of ours may still be a trace; the tape takes the descriptor with it. */
static struct tape *open_tape(int fd, const char *path, struct error *error)
{
	int again = fcntl(fd, F_DUPFD_CLOEXEC, 0), err;
	struct tape *tape = tape_open(fd, path, error);

	err = errno;
	if (!tape && err == ENOMSG && again >= 0) {
		tape = import_trace(again, path, error);
		err = errno;
	}
	if (again >= 0)
		close(again);
	errno = err;
	return tape;
}

static int open_readable(const char *path, struct error *error)
{
	char shown[VALUE_SHOWN];
	struct stat stat;
	const char *why;
	int fd;

	value_shown(shown, *path ? path : "\"\"");
	/* A FIFO without a writer is looked at, not waited for. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return error_set(error, errno, "cannot read %s: %s", shown, strerror(errno));
	if (fstat(fd, &stat)) {
		int err = errno;

		close(fd);
		return error_set(error, err, "cannot read %s: %s", shown, strerror(err));
	}
	why = type_refused(stat.st_mode);
	if (!why)
		return fd;
	close(fd);
	return error_set(error, EINVAL, "cannot read %s: %s", shown, why);
}

/*
 * A file may have been made to deceive: whoever reads it is the invoking user, and no more. Not root alone
 * has something to lose: the program's file may have capabilities. It is also opened as who called, for
 * whom sudo opens no file of others; only root in its own shell opens what root may.
 */
struct tape *recording_open(const char *path, struct error *error)
{
	struct identity identity;
	int err = identity_invoking(&identity, error), fd = -1;

	if (!err && identity.uid)
		err = privilege_drop(&identity, error);
	if (!err) {
		fd = open_readable(path, error);
		err = fd < 0 ? fd : 0;
	}
	if (!err && !identity.uid)
		err = privilege_drop(&identity, error);
	if (err) {
		if (fd >= 0)
			close(fd);
		errno = -err;
		return NULL;
	}
	return open_tape(fd, path, error);
}
