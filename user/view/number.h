/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * number.h - figures as people read them: three significant digits, a unit where one is needed.
 * COUNT_UNKNOWN (and a rate that is not a number) prints as "-". No state; any thread may call.
 */
#ifndef SWTCH_NUMBER_H
#define SWTCH_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#define NUMBER_SIZE 24 /* room for any of them */

/* Each writes to `out` (NUMBER_SIZE bytes) and returns it. */
char *number_count(char *out, uint64_t count); /* 412, 1.23k, 20.0M */
char *number_rate(char *out, double rate);     /* 0, 2.5, 38, 20.0k */
char *number_ratio(char *out, double ratio);   /* 0.00, 0.013, 2.00, 153 */
char *number_time(char *out, double ns);       /* 32 ns, 1.20 us, 12.0 s */
char *number_bytes(char *out, uint64_t bytes); /* 4.10 KB of 1,024 bytes */
char *number_percent(char *out, double share); /* 0%, 0.3%, 42%; 1 is 100% */
char *number_clock(char *out, uint64_t ns);    /* 00:12, 1:00:07 */

#endif
