/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * import.h - another tool's Perfetto trace, made into a recording that every verb can read.
 *
 * The recording is a file without a name, in $TMPDIR or /tmp, and goes with its tape. Programs with
 * the most switches are its lanes; all others are in lane 0. Counts are made from the events, every
 * 100 ms of the trace. Progress and what had to be left out go to stderr.
 */
#ifndef SWTCH_IMPORT_H
#define SWTCH_IMPORT_H

#include "base/error.h"
#include "source/tape.h"

/*
 * import_trace - read `fd`, which stays the caller's; `path` is for sentences. NULL with errno and
 * `error` set: see foreign_open(), and what writing the recording met.
 */
struct tape *import_trace(int fd, const char *path, struct error *error);

#endif
