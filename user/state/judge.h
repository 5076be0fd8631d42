/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge.h - verdicts from measurements: the rounds of a claim's figures, and what follows of them.
 *
 * Pure: results are made from values alone, by the rules that claims.c documents. A board holds all
 * claims as they stand; whoever measures owns it, views read it. One thread.
 */
#ifndef SWTCH_JUDGE_H
#define SWTCH_JUDGE_H

#include "state/claims.h"

#define JUDGE_ROUNDS_LEAST 5  /* fewer decide nothing */
#define JUDGE_ROUNDS_MOST  21 /* more are not kept */
#define JUDGE_ROUNDS_ASIDE 7  /* of so many the lowest and the highest are set aside */
#define CLAIM_NOTE_BYTES   256

enum judgement { NOT_DECIDED, HOLDS, DOES_NOT_HOLD };

/* "not decided", "holds", "does not hold here". */
const char *judgement_name(enum judgement judgement);

/* Of what was measured of one value; n 0: nothing, and the rest is NAN. */
struct spread {
	unsigned n;
	double median, least, most;
};

/* One condition: the figure, or the figure over the one beside it, and what that decides. */
struct condition_result {
	enum judgement judgement;
	struct spread spread;
	bool hopeless; /* exact, and now true, now false: no further round can decide it */
};

struct claim_result {
	double values[CLAIM_FIGURES][JUDGE_ROUNDS_MOST]; /* NAN: not measured */
	/* Made of them by judge_claim(): */
	enum judgement judgement;
	unsigned n_rounds; /* that it was judged by, or has so far */
	bool wants_more;   /* not decided, and further rounds may decide it */
	struct spread figures[CLAIM_FIGURES];
	struct condition_result conditions[CLAIM_CONDITIONS];
	/* Set by who measures: */
	bool wanted;		     /* it is among those to be judged */
	char note[CLAIM_NOTE_BYTES]; /* why something was not measured; ours or escaped */
};

/* All claims, and how far judging is. */
struct claim_board {
	struct claim_result results[N_CLAIMS];
	bool began; /* else there is nothing to see yet */
	bool running;
	unsigned round, n_rounds;     /* the one that runs, from 1; how many are planned so far */
	int claim;		      /* whose experiment runs, the first of them; -1: none */
	double share;		      /* of the planned rounds that is done, 0 to 1 */
	uint64_t elapsed_ns, left_ns; /* left: an estimate; COUNT_UNKNOWN: none yet */
	double others_share; /* of all CPUs, that other programs took meanwhile; negative: unknown */
};

/* Nothing measured of any claim. */
void board_clear(struct claim_board *board);

/* How many of those that are wanted came to this. */
unsigned board_count(const struct claim_board *board, enum judgement judgement);

/* Make the result's second part from its values. */
void judge_claim(const struct claim *claim, struct claim_result *result);

/* NANs among the n values are left out; at most JUDGE_ROUNDS_MOST. */
struct spread judge_spread(const double *values, unsigned n);

#endif
