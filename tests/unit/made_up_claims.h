/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * made_up_claims.h - what the tests of claims share: measurements made up from the conditions of the
 * table itself, on whichever side of them is asked for.
 */
#ifndef SWTCH_MADE_UP_CLAIMS_H
#define SWTCH_MADE_UP_CLAIMS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "state/judge.h"

/* What the condition compares with in this round. */
static inline double made_bound(const struct claim_condition *condition,
				const struct claim_result *result, unsigned round)
{
	return condition->beside == ALONE
		       ? condition->bound
		       : condition->bound * result->values[condition->beside][round];
}

static inline bool made_is_met(const struct claim_condition *condition,
			       const struct claim_result *result, unsigned round)
{
	double value = result->values[condition->figure][round];
	double bound = made_bound(condition, result, round);

	switch (condition->comparison) {
	case AT_LEAST:
		return value >= bound;
	case AT_MOST:
		return value <= bound;
	case EQUAL:
		return value == bound;
	case ABOVE:
		return value > bound;
	default:
		return value < bound;
	}
}

/* A value well on the side that is asked for. */
static inline void made_put(const struct claim_condition *condition, struct claim_result *result,
			    unsigned round, bool met)
{
	double bound = made_bound(condition, result, round);
	double above = bound * 1.25 + 1, below = bound * 0.75 - (bound < 1 && !bound);
	bool up = condition->comparison == AT_LEAST || condition->comparison == ABOVE;

	if (condition->comparison == EQUAL)
		result->values[condition->figure][round] = met ? bound : above;
	else
		result->values[condition->figure][round] = met == up ? above : below;
}

/* One round in which every condition is met: later conditions may not undo earlier ones. */
static inline void made_round(const struct claim *claim, struct claim_result *result,
			      unsigned round)
{
	for (unsigned i = 0; claim->figures[i].name; i++)
		result->values[i][round] = 1000 + round;
	for (unsigned pass = 0; pass < 3; pass++)
		for (unsigned i = 0; claim->conditions[i].comparison; i++)
			if (!made_is_met(&claim->conditions[i], result, round))
				made_put(&claim->conditions[i], result, round, true);
	for (unsigned i = 0; claim->conditions[i].comparison; i++)
		assert_true(made_is_met(&claim->conditions[i], result, round));
}

static inline void made_rounds(const struct claim *claim, struct claim_result *result, unsigned n)
{
	for (unsigned round = 0; round < n; round++)
		made_round(claim, result, round);
}

/*
 * A board as after five rounds of all claims but the last, the verdicts in turn: holds, does not,
 * not decided. Ratios wander by a few percent from round to round.
 */
static inline void made_board(struct claim_board *board)
{
	board_clear(board);
	board->began = true;
	board->n_rounds = board->round = JUDGE_ROUNDS_LEAST;
	board->elapsed_ns = 83000000000;
	board->left_ns = 0;
	board->others_share = 0.125;
	for (unsigned i = 0; i < N_CLAIMS; i++) {
		struct claim_result *result = &board->results[i];
		const struct claim_condition *first = &claims[i].conditions[0];

		result->wanted = true;
		if (i == N_CLAIMS - 1) {
			snprintf(result->note, sizeof(result->note),
				 "coroutine: cannot listen on loopback: Address already in use");
			continue;
		}
		made_rounds(&claims[i], result, JUDGE_ROUNDS_LEAST);
		for (unsigned round = 0; i % 3 && round < JUDGE_ROUNDS_LEAST; round += i % 3)
			made_put(first, result, round, false);
		judge_claim(&claims[i], result);
	}
}

#endif
