/* SPDX-License-Identifier: GPL-2.0-only */
/* python.h - what must be known of a CPython file to see its coroutines run. */
#ifndef SWTCH_PYTHON_H
#define SWTCH_PYTHON_H

#include <stdbool.h>

#include "event.h"

#define PYTHON_N_ENDS 8 /* N_RETURNS_MAX */

/* Where in the file probes go; 0: nowhere. */
struct python_places {
	uint64_t send;		      /* PyIter_Send(), which steps of asyncio begin with, */
	uint64_t leave;		      /* and the function that ends them */
	uint64_t method;	      /* the method send() of coroutines and generators */
	uint64_t ends[PYTHON_N_ENDS]; /* and each instruction by which it returns */
	unsigned n_ends;
};

/*
 * Read an executable or libpython, which anybody may have made: addresses for `interpreter`, and where
 * in the file the probes go. False: it is none, or of no known version (3.10 and later).
 */
bool python_read(int fd, struct interpreter *interpreter, struct python_places *places);

#endif
