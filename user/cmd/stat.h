/* SPDX-License-Identifier: GPL-2.0-only */
/* stat.h - the two halves of the verb: of what runs (stat.c), of a recording (stat_tape.c). */
#ifndef SWTCH_CMD_STAT_H
#define SWTCH_CMD_STAT_H

#include "cmd/options.h"
#include "sink/report.h"

/* In the format that the options ask for. 0 or -errno. */
int stat_print(const struct options *options, const struct report *report, FILE *out);

/* The figures of the recording that the options name; the exit status. */
int stat_tape(const struct options *options);

#endif
