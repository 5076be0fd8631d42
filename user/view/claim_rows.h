/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * claim_rows.h - what a claim was judged by, row by row, for the screen and for print: its figures,
 * each followed by what it is held against. No state; any thread may call.
 */
#ifndef SWTCH_CLAIM_ROWS_H
#define SWTCH_CLAIM_ROWS_H

#include <stddef.h>

#include "state/judge.h"
#include "view/number.h"

/* What each part takes at most; together with the blanks between them 80. */
#define CLAIM_MARK_COLUMNS   3
#define CLAIM_NAME_COLUMNS   34
#define CLAIM_VALUE_COLUMNS  9	/* "29.5 us" */
#define CLAIM_SPREAD_COLUMNS 17 /* "(28.5..32.0)" */
#define CLAIM_BOUND_COLUMNS  14 /* "at most 200 ms" */

struct claim_row {
	char name[64];
	char value[NUMBER_SIZE]; /* the median, with its unit; "-": not measured */
	char spread[2 * NUMBER_SIZE +
		    8];	  /* the least and the most, in the same unit; "always": no spread */
	char bound[32];	  /* in words; "": the row is there to be seen alone */
	const char *mark; /* "yes", "no", "?", or "" without a bound */
	enum judgement judgement; /* of the bound */
	int lane;		  /* whose figure it is; 0: of two of them */
};

/* Row number i, from 0; false after the last. */
bool claim_row(const struct claim *claim, const struct claim_result *result, unsigned i,
	       struct claim_row *row);

/* The one row that tells most: of the first condition. */
void claim_main_row(const struct claim *claim, const struct claim_result *result,
		    struct claim_row *row);

/* The experiments of a claim, each once: for (i = 0; (command = claim_command(claim, i)); i++). */
const char *claim_command(const struct claim *claim, unsigned i);

/*
 * The next line of `sudo swtch stat` with those options, as a shell takes it: where it is longer
 * than `width` it goes on in the next, before an option. *rest begins as the options; false when
 * nothing is left of them.
 */
bool claim_command_line(const char *options, const char **rest, size_t width, char *line,
			size_t size);

/*
 * A sentence on other programs that took so much of the CPUs that verdicts may be theirs; "" where
 * they did not.
 */
void claim_others(const struct claim_board *board, char *text, size_t size);

/* Claims in few words: "3 hold, 1 does not hold here, 13 not decided". */
void claim_summary(const struct claim_board *board, char *text, size_t size);

#endif
