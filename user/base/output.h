/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * output.h - a file for results, or stdout: opened with care, closed with every error noticed.
 *
 * Owned by who opened it; one thread.
 */
#ifndef SWTCH_OUTPUT_H
#define SWTCH_OUTPUT_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/error.h"

struct output {
	FILE *file;
	const char *path; /* as the user wrote it; NULL: stdout. Must outlive the output */
	bool created;	  /* by us: ours to remove when writing fails */
	dev_t device;	  /* which file `path` named when it was opened */
	ino_t inode;
};

/*
 * output_open - open `path` for writing; "-" and NULL are stdout.
 *
 * An existing file is an error unless `force`; then a regular file is emptied, a device or pipe is
 * written to. A symbolic link is never followed, a directory never taken. A new file gets `mode`
 * (0600 for what may tell of other users' programs) less the umask.
 * 0, or -errno with `error` set: EEXIST, EISDIR, ELOOP, ENOENT, EACCES, ... as open(2).
 */
int output_open(struct output *output, const char *path, bool force, mode_t mode,
		struct error *error);

/*
 * output_close - flush and close; stdout is flushed and stays open. `err` is what writing met before
 * (0 or -errno): then, or when flushing or closing fails, a file that output_open() created is
 * removed. 0, or -errno with `error` set. A zeroed output will do.
 */
int output_close(struct output *output, int err, struct error *error);

/* What output_close() returned is a failure: EPIPE is not, who read has had enough (`| head`). */
static inline bool output_failed(int err)
{
	return err && err != -EPIPE;
}

/* As output_close, but what was written stays: for files that are of use when they are cut. */
int output_keep(struct output *output, int err, struct error *error);

#endif
