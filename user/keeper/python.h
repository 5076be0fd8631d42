/* SPDX-License-Identifier: GPL-2.0-only */
/* python.h - what must be known of a CPython file to see its coroutines run. */
#ifndef SWTCH_PYTHON_H
#define SWTCH_PYTHON_H

#include <stdbool.h>

#include "event.h"

/*
 * Read an executable or libpython, which anybody may have made: addresses for `interpreter`, and where
 * in the file the probes of the two functions go (0: there is none). False: it is none, or of no known
 * version (3.10 and later).
 */
bool python_read(int fd, struct interpreter *interpreter, uint64_t *send_offset,
		 uint64_t *leave_offset);

#endif
