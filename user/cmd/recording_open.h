/* SPDX-License-Identifier: GPL-2.0-only */
/* recording_open.h - a file that holds a recording, for every verb that reads one. */
#ifndef SWTCH_RECORDING_OPEN_H
#define SWTCH_RECORDING_OPEN_H

#include "base/error.h"
#include "source/tape.h"

/*
 * Open it, see tape_open(); another tool's trace becomes a recording, see import_trace(). NULL with
 * errno and `error` set: what is wrong with `path`, and what to try.
 */
struct tape *recording_open(const char *path, struct error *error);

#endif
