/* SPDX-License-Identifier: GPL-2.0-only */
/* claims_print.h - judged claims as a table for people, and as JSON. */
#ifndef SWTCH_CLAIMS_PRINT_H
#define SWTCH_CLAIMS_PRINT_H

#include <stdio.h>

#include "state/judge.h"

/*
 * Those claims that were wanted, below a line of title; `colour`: escape sequences may be used. 0, or -errno of the first
 * write that failed.
 */
int claims_print_text(const struct claim_board *board, const char *title, FILE *out, bool colour);

/* The same as doc/json.md has it: one object on one line. */
int claims_print_json(const struct claim_board *board, FILE *out);

#endif
