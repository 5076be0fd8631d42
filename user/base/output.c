// SPDX-License-Identifier: GPL-2.0-only
/* output.c - open once, by one path, without following links; leave nothing half written. */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"

#define NOT_ROOT "; name a file where the user who called may write (root is given up before)"

static int refuse(const char *path, int err, struct error *error)
{
	static const struct {
		int err;
		const char *why; /* NULL: as strerror() has it */
		const char *try;
	} advice[] = {
		{ EEXIST, "it exists already", "; name another file or add --force" },
		{ EISDIR, "it is a directory", "; name a file in it" },
		{ ELOOP, "it is a symbolic link, which is not followed",
		  "; name the file itself, or - for standard output" },
		{ ENOENT, NULL, "; make its directory first" },
		{ ENOTDIR, NULL, "; name a file in a directory that exists" },
		{ EACCES, NULL, NOT_ROOT },
		{ EPERM, NULL, NOT_ROOT },
		{ EROFS, NULL, "; name a file where you may write" },
		{ ENXIO, "nobody reads from it", "; start its reader first" },
		{ ENOSPC, NULL, "; free some room or name a file elsewhere" },
		{ EDQUOT, NULL, "; free some room or name a file elsewhere" },
	};
	const char *why = strerror(err), *try = "";
	char shown[SHOWN_PATH];

	escape_name(shown, sizeof(shown), path);
	for (size_t i = 0; i < sizeof(advice) / sizeof(*advice); i++) {
		if (advice[i].err != err)
			continue;
		why = advice[i].why ? advice[i].why : why;
		try = advice[i].try;
	}
	return error_set(error, err, "cannot write %s: %s%s", *shown ? shown : "\"\"", why, try);
}

/*
 * Opened first, judged after, by the descriptor: between a look and an open the file could change.
 * O_NONBLOCK: a FIFO without a reader is an error, not a wait. It is emptied only once it is known
 * to be a plain file.
 */
static int open_existing(const char *path, struct stat *stat)
{
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int err;

	if (fd < 0)
		return -errno;
	if (fstat(fd, stat) || fcntl(fd, F_SETFL, 0) ||
	    (S_ISREG(stat->st_mode) && ftruncate(fd, 0))) {
		err = errno;
		close(fd);
		return -err;
	}
	return fd;
}

static int open_path(const char *path, bool force, mode_t mode, bool *created, struct stat *stat)
{
	struct stat there;
	int err;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, mode);

	*created = fd >= 0;
	if (fd >= 0) {
		if (!fstat(fd, stat))
			return fd;
		err = errno;
		close(fd);
		unlink(path);
		return -err;
	}
	if (errno != EEXIST)
		return -errno;
	if (lstat(path, &there))
		return -errno;
	if (S_ISDIR(there.st_mode))
		return -EISDIR;
	if (S_ISLNK(there.st_mode))
		return -ELOOP;
	/* What keeps nothing has nothing to lose: /dev/null, a terminal, a pipe. */
	if (!force && S_ISREG(there.st_mode))
		return -EEXIST;
	return open_existing(path, stat);
}

int output_open(struct output *output, const char *path, bool force, mode_t mode,
		struct error *error)
{
	struct stat stat = { 0 };
	int fd, err;

	*output = (struct output){ 0 };
	if (!path || !strcmp(path, "-")) {
		output->file = stdout;
		return 0;
	}
	fd = *path ? open_path(path, force, mode, &output->created, &stat) : -ENOENT;
	if (fd < 0)
		return refuse(path, -fd, error);
	output->file = fdopen(fd, "w");
	if (!output->file) {
		err = errno;
		close(fd);
		if (output->created)
			unlink(path);
		return refuse(path, err, error);
	}
	output->path = path;
	output->device = stat.st_dev;
	output->inode = stat.st_ino;
	return 0;
}

/* Only the file that was opened, not what somebody put in its place since. */
static void remove_partial(const struct output *output)
{
	struct stat there;

	if (output->created && output->path && !lstat(output->path, &there) &&
	    there.st_dev == output->device && there.st_ino == output->inode)
		unlink(output->path);
}

/* Flush and close; `err` came before. 0 or -errno. */
static int finish(struct output *output, int err)
{
	if (!err && fflush(output->file))
		err = -errno;
	if (!err && ferror(output->file))
		err = -EIO;
	if (output->path && fclose(output->file) && !err)
		err = -errno;
	output->file = NULL;
	return err;
}

static int tell(const struct output *output, int err, struct error *error)
{
	return refuse(output->path ? output->path : "standard output", -err, error);
}

int output_close(struct output *output, int err, struct error *error)
{
	if (!output->file)
		return err;
	err = finish(output, err);
	if (!err)
		return 0;
	remove_partial(output);
	return tell(output, err, error);
}

int output_keep(struct output *output, int err, struct error *error)
{
	if (!output->file)
		return err;
	err = finish(output, err);
	return err ? tell(output, err, error) : 0;
}
