// SPDX-License-Identifier: GPL-2.0-only
/* judge.c - conditions from rounds, claims from conditions. */
#include "state/judge.h"

#include <math.h>
#include <stdlib.h>

const char *judgement_name(enum judgement judgement)
{
	static const char *const names[] = {
		[NOT_DECIDED] = "not decided",
		[HOLDS] = "holds",
		[DOES_NOT_HOLD] = "does not hold here",
	};

	return names[judgement];
}

/* --- spreads ------------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* What was measured, in order of size; returns how many there are. */
static unsigned sort_known(const double *values, unsigned n, double sorted[JUDGE_ROUNDS_MOST])
{
	unsigned n_known = 0;

	for (unsigned i = 0; i < n && i < JUDGE_ROUNDS_MOST; i++)
		if (!isnan(values[i]))
			sorted[n_known++] = values[i];
	if (n_known)
		qsort(sorted, n_known, sizeof(*sorted), compare);
	return n_known;
}

struct spread judge_spread(const double *values, unsigned n)
{
	double sorted[JUDGE_ROUNDS_MOST];
	struct spread spread = { .median = NAN, .least = NAN, .most = NAN };

	spread.n = sort_known(values, n, sorted);
	if (!spread.n)
		return spread;
	spread.least = sorted[0];
	spread.most = sorted[spread.n - 1];
	spread.median = (sorted[(spread.n - 1) / 2] + sorted[spread.n / 2]) / 2;
	return spread;
}

/* --- conditions --------------------------------------------------------------------------------- */

static bool is_true(const struct claim_condition *condition, double value)
{
	switch (condition->comparison) {
	case AT_LEAST:
		return value >= condition->bound;
	case AT_MOST:
		return value <= condition->bound;
	case EQUAL:
		return value == condition->bound;
	case ABOVE:
		return value > condition->bound;
	case BELOW:
		return value < condition->bound;
	default:
		return false;
	}
}

/* The value of each round: the figure, or its ratio to the one beside it; NAN if one is missing. */
static void condition_values(const struct claim_condition *condition,
			     const struct claim_result *result, double values[JUDGE_ROUNDS_MOST])
{
	const double *figure = result->values[condition->figure];

	for (unsigned i = 0; i < JUDGE_ROUNDS_MOST; i++)
		values[i] = condition->beside == ALONE
				    ? figure[i]
				    : figure[i] / result->values[condition->beside][i];
}

/* Exact: whatever is set aside elsewhere counts here. */
static void judge_condition(const struct claim_condition *condition,
			    const struct claim_result *result, struct condition_result *verdict)
{
	bool exact = comparison_is_exact(condition->comparison);
	double values[JUDGE_ROUNDS_MOST], sorted[JUDGE_ROUNDS_MOST];
	unsigned n, n_aside, n_true = 0, n_judged;

	condition_values(condition, result, values);
	*verdict = (struct condition_result){ .spread = judge_spread(values, JUDGE_ROUNDS_MOST) };
	n = sort_known(values, JUDGE_ROUNDS_MOST, sorted);
	n_aside = exact ? 0 : n / JUDGE_ROUNDS_ASIDE;
	n_judged = n - 2 * n_aside;
	for (unsigned i = n_aside; i < n - n_aside; i++)
		n_true += is_true(condition, sorted[i]);
	verdict->hopeless = exact && n_true && n_true < n_judged;
	if (n < JUDGE_ROUNDS_LEAST)
		return;
	if (n_true == n_judged)
		verdict->judgement = HOLDS;
	else if (!n_true)
		verdict->judgement = DOES_NOT_HOLD;
}

/* --- claims ------------------------------------------------------------------------------------- */

void judge_claim(const struct claim *claim, struct claim_result *result)
{
	bool all_hold = true, one_fails = false, hopeless = false;
	unsigned n_least = JUDGE_ROUNDS_MOST, n_failing = 0;

	for (unsigned i = 0; claim->figures[i].name; i++)
		result->figures[i] = judge_spread(result->values[i], JUDGE_ROUNDS_MOST);
	for (unsigned i = 0; claim->conditions[i].comparison; i++) {
		struct condition_result *condition = &result->conditions[i];
		unsigned n;

		judge_condition(&claim->conditions[i], result, condition);
		n = condition->spread.n;
		n_least = n < n_least ? n : n_least;
		all_hold &= condition->judgement == HOLDS;
		hopeless |= condition->hopeless;
		if (condition->judgement == DOES_NOT_HOLD) {
			one_fails = true;
			n_failing = n > n_failing ? n : n_failing;
		}
	}
	result->judgement = one_fails ? DOES_NOT_HOLD : all_hold ? HOLDS : NOT_DECIDED;
	result->n_rounds = one_fails ? n_failing : n_least;
	result->wants_more = result->judgement == NOT_DECIDED && !hopeless;
}

/* --- the board ---------------------------------------------------------------------------------- */

void board_clear(struct claim_board *board)
{
	*board = (struct claim_board){ .claim = -1, .left_ns = COUNT_UNKNOWN, .others_share = -1 };
	for (unsigned i = 0; i < N_CLAIMS; i++) {
		struct claim_result *result = &board->results[i];

		for (unsigned j = 0; j < CLAIM_FIGURES * JUDGE_ROUNDS_MOST; j++)
			result->values[j / JUDGE_ROUNDS_MOST][j % JUDGE_ROUNDS_MOST] = NAN;
		judge_claim(&claims[i], result);
	}
}

unsigned board_count(const struct claim_board *board, enum judgement judgement)
{
	unsigned n = 0;

	for (unsigned i = 0; i < N_CLAIMS; i++)
		n += board->results[i].wanted && board->results[i].judgement == judgement;
	return n;
}
