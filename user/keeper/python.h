/* SPDX-License-Identifier: GPL-2.0-only */
/* python.h - what must be known of a CPython file to see its coroutines run. */
#ifndef SWTCH_PYTHON_H
#define SWTCH_PYTHON_H

#include <stdbool.h>

#include "event.h"

#define PYTHON_N_ENDS 16

/* Instructions by which a function returns; none where its code is not understood. */
struct python_ends {
	unsigned n;
	uint64_t at[PYTHON_N_ENDS];
};

/* Where in the file probes go; 0: nowhere. */
struct python_places {
	uint64_t send;			/* PyIter_Send(), which steps of asyncio begin with, */
	uint64_t leave;			/* and the function that ends them, */
	struct python_ends send_ends;	/* or what does where there is none */
	uint64_t method;		/* the method send() of coroutines and generators, */
	struct python_ends method_ends; /* and what ends its steps */
};

/*
 * Read an executable or libpython, which anybody may have made: addresses for `interpreter`, and where
 * in the file the probes go. False: it is none, or older than 3.10. Of
 * a version that nobody knows yet there are only the places.
 */
bool python_read(int fd, struct interpreter *interpreter, struct python_places *places);

#endif
