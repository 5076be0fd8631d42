/* SPDX-License-Identifier: GPL-2.0-only */
/* must.h - what has to hold: if not, this is the end, which a fuzzer reports as it does a crash. */
#ifndef SWTCH_FUZZ_MUST_H
#define SWTCH_FUZZ_MUST_H

#include <stdlib.h>

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

#endif
