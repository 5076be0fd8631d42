// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_judge.c - the rule of each claim, fed with measurements made up from its own conditions: they
 * must give each of the three verdicts, and none when rounds or figures are missing.
 */
#include "made_up_claims.h"

#include <math.h>
#include <string.h>

static struct claim_board board;

static struct claim_result *result_of(unsigned number)
{
	return &board.results[number];
}

static enum judgement judged(unsigned number)
{
	judge_claim(&claims[number], result_of(number));
	return result_of(number)->judgement;
}

static unsigned n_conditions(const struct claim *claim)
{
	unsigned n = 0;

	while (claim->conditions[n].comparison)
		n++;
	return n;
}

/* Each claim and each of its conditions, all rounds met. */
#define for_each_condition(number, condition)                                                      \
	for (unsigned number = 0; number < N_CLAIMS; number++)                                     \
		for (const struct claim_condition *condition = claims[number].conditions;          \
		     condition->comparison; condition++)

/* --- the table ------------------------------------------------------------------------------------ */

static void test_claims_table_is_whole(void **unused)
{
	bool used[N_EXPERIMENTS] = { false };

	(void)unused;
	for (unsigned i = 0; i < N_CLAIMS; i++) {
		const struct claim *claim = &claims[i];
		unsigned n = 0;

		assert_int_equal(claim_find(claim->id), i);
		assert_true(*claim->says);
		for (; claim->figures[n].name; n++) {
			assert_true(n < CLAIM_FIGURES);
			assert_true(strlen(claim->figures[n].name) <= 34);
			used[claim->figures[n].experiment] = true;
			assert_true(claim_uses(claim, claim->figures[n].experiment));
		}
		assert_true(n > 0);
		assert_in_range(n_conditions(claim), 1, CLAIM_CONDITIONS);
		for (const struct claim_condition *at = claim->conditions; at->comparison; at++) {
			assert_true(at->figure < n);
			assert_true(at->beside == ALONE || at->beside < (int)n);
			assert_true(at->beside != (int)at->figure);
		}
	}
	for (unsigned i = 0; i < N_EXPERIMENTS; i++)
		assert_true(used[i] && experiments[i]);
	assert_int_equal(claim_find("p3"), claim_find("P3"));
	assert_int_equal(claim_find("P33"), -1);
	assert_int_equal(claim_find(""), -1);
}

/* A metric whose ratio, equality or bound makes no sense would show in its unit. */
static void test_claims_conditions_compare_like_with_like(void **unused)
{
	(void)unused;
	for_each_condition(i, condition)
	{
		const struct claim_figure *figures = claims[i].figures;
		enum metric_unit unit = metric_unit(figures[condition->figure].metric);

		if (condition->beside != ALONE)
			assert_int_equal(unit, metric_unit(figures[condition->beside].metric));
		if (comparison_is_exact(condition->comparison))
			assert_true(unit == UNIT_COUNT || unit == UNIT_CHECKSUM);
	}
}

/* --- three verdicts ------------------------------------------------------------------------------- */

static void test_judge_each_claim_holds_when_all_conditions_are_met(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < N_CLAIMS; i++) {
		board_clear(&board);
		made_rounds(&claims[i], result_of(i), JUDGE_ROUNDS_LEAST);
		assert_int_equal(judged(i), HOLDS);
		assert_int_equal(result_of(i)->n_rounds, JUDGE_ROUNDS_LEAST);
		assert_false(result_of(i)->wants_more);
	}
}

static void test_judge_each_condition_missed_is_does_not_hold(void **unused)
{
	(void)unused;
	for_each_condition(i, condition)
	{
		board_clear(&board);
		made_rounds(&claims[i], result_of(i), JUDGE_ROUNDS_LEAST);
		for (unsigned round = 0; round < JUDGE_ROUNDS_LEAST; round++)
			made_put(condition, result_of(i), round, false);
		assert_int_equal(judged(i), DOES_NOT_HOLD);
		assert_false(result_of(i)->wants_more);
	}
}

static void test_judge_each_condition_missed_now_and_then_is_not_decided(void **unused)
{
	(void)unused;
	for_each_condition(i, condition)
	{
		bool exact = comparison_is_exact(condition->comparison);

		board_clear(&board);
		made_rounds(&claims[i], result_of(i), JUDGE_ROUNDS_MOST);
		for (unsigned round = 0; round < JUDGE_ROUNDS_MOST; round += 2)
			made_put(condition, result_of(i), round, false);
		assert_int_equal(judged(i), NOT_DECIDED);
		assert_int_equal(result_of(i)->wants_more, !exact);
	}
}

static void test_judge_too_few_rounds_decide_nothing(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < N_CLAIMS; i++) {
		board_clear(&board);
		assert_int_equal(judged(i), NOT_DECIDED);
		for (unsigned round = 0; round < JUDGE_ROUNDS_LEAST; round++) {
			assert_int_equal(judged(i), NOT_DECIDED);
			assert_int_equal(result_of(i)->n_rounds, round);
			assert_true(result_of(i)->wants_more);
			made_round(&claims[i], result_of(i), round);
		}
		assert_int_equal(judged(i), HOLDS);
	}
}

/* Four misses are no verdict either, nor five of which one has no figure beside it. */
static void test_judge_too_few_misses_decide_nothing(void **unused)
{
	(void)unused;
	for_each_condition(i, condition)
	{
		board_clear(&board);
		made_rounds(&claims[i], result_of(i), JUDGE_ROUNDS_LEAST);
		for (unsigned round = 0; round < JUDGE_ROUNDS_LEAST; round++)
			made_put(condition, result_of(i), round, false);
		result_of(i)->values[condition->figure][JUDGE_ROUNDS_LEAST - 1] = NAN;
		assert_int_equal(judged(i), NOT_DECIDED);
		if (condition->beside == ALONE)
			continue;
		made_put(condition, result_of(i), JUDGE_ROUNDS_LEAST - 1, false);
		result_of(i)->values[condition->beside][JUDGE_ROUNDS_LEAST - 1] = NAN;
		judged(i);
		assert_int_equal(
			result_of(i)->conditions[condition - claims[i].conditions].judgement,
			NOT_DECIDED);
	}
}

static void test_judge_a_figure_never_measured_keeps_a_claim_from_holding(void **unused)
{
	(void)unused;
	for_each_condition(i, condition)
	{
		board_clear(&board);
		made_rounds(&claims[i], result_of(i), JUDGE_ROUNDS_MOST);
		for (unsigned round = 0; round < JUDGE_ROUNDS_MOST; round++)
			result_of(i)->values[condition->figure][round] = NAN;
		assert_int_equal(judged(i), NOT_DECIDED);
		assert_int_equal(result_of(i)->figures[condition->figure].n, 0);
		assert_true(isnan(result_of(i)->figures[condition->figure].median));
	}
}

/* --- the spread ----------------------------------------------------------------------------------- */

/* P3: one ratio, so that rounds can be told by it. */
static void put_ratios(const double *ratios, unsigned n)
{
	struct claim_result *result = result_of((unsigned)claim_find("P3"));

	board_clear(&board);
	for (unsigned i = 0; i < n; i++) {
		result->values[1][i] = 1000 * (i + 1); /* the machine may be slow in a round */
		result->values[0][i] = ratios[i] * result->values[1][i];
	}
}

static void test_judge_takes_ratios_within_each_round(void **unused)
{
	static const double ratios[] = { 2.5, 2.75, 2.5, 3, 2.5 };
	unsigned number = (unsigned)claim_find("P3");
	struct spread spread;

	(void)unused;
	put_ratios(ratios, 5);
	assert_int_equal(judged(number), HOLDS);
	spread = result_of(number)->conditions[0].spread;
	assert_true(spread.median == 2.5 && spread.least == 2.5 && spread.most == 3);
	assert_int_equal(spread.n, 5);
}

static void test_judge_sets_one_in_seven_aside_on_each_side(void **unused)
{
	static const double one_off[] = { 4, 4, 1, 4, 4, 4, 4 },
			    two_off[] = { 4, 1, 1, 4, 4, 4, 4 };
	unsigned number = (unsigned)claim_find("P3");

	(void)unused;
	put_ratios(one_off, 6);
	assert_int_equal(judged(number), NOT_DECIDED);
	assert_true(result_of(number)->wants_more);
	put_ratios(one_off, 7);
	assert_int_equal(judged(number), HOLDS);
	put_ratios(two_off, 7);
	assert_int_equal(judged(number), NOT_DECIDED);
}

/* A count that was wrong once was wrong. */
static void test_judge_sets_nothing_aside_of_what_is_counted(void **unused)
{
	unsigned number = (unsigned)claim_find("P2");

	(void)unused;
	board_clear(&board);
	made_rounds(&claims[number], result_of(number), JUDGE_ROUNDS_MOST);
	result_of(number)->values[0][3] = 2;
	assert_int_equal(judged(number), NOT_DECIDED);
	assert_false(result_of(number)->wants_more);
}

static void test_judge_median_is_between_the_middle_two(void **unused)
{
	static const double values[] = { 9, NAN, 1, 4, 2 };
	struct spread spread = judge_spread(values, 5);

	(void)unused;
	assert_int_equal(spread.n, 4);
	assert_true(spread.median == 3 && spread.least == 1 && spread.most == 9);
}

/* --- metrics -------------------------------------------------------------------------------------- */

/* But for what is always counted. */
static void test_metric_what_is_not_known_is_no_number(void **unused)
{
	struct lane_state lane = { .work = lane_work_unknown };

	(void)unused;
	for (unsigned i = 0; i < N_METRICS; i++) {
		assert_non_null(metric_unit_name(metric_unit(i)));
		if (i != METRIC_INVOLUNTARY && i != METRIC_THREADS && i != METRIC_DONE)
			assert_true(isnan(metric_measure(i, 0, &lane)));
	}
	assert_true(isnan(metric_measure(METRIC_FIGURE, LAB_N_FIGURES, &lane)));
	lane.work.done = 0; /* nothing to divide by */
	lane.work.wall_ns = 1000;
	assert_true(isnan(metric_measure(METRIC_UNIT_NS, 0, &lane)));
	assert_true(isnan(metric_measure(METRIC_SWITCH_NS, 0, &lane)));
	assert_true(isnan(metric_measure(METRIC_UNIT_SWITCHES, 0, &lane)));
}

static void test_metric_figures_are_made_of_what_was_counted(void **unused)
{
	struct lane_state lane = { .work = lane_work_unknown };

	(void)unused;
	lane.total.voluntary = 150;
	lane.total.involuntary = 50;
	lane.total.run_ns = 3000;
	lane.work.wall_ns = 8000;
	lane.work.done = 100;
	lane.work.user_switches = 400;
	lane.work.coroutines = 4;
	lane.work.ready = 30;
	lane.work.polls = 10;
	lane.work.checksum = 0x100000003;
	lane.work.figures[2] = 7;
	lane.work.n_pool = 3;
	lane.work.pool[0].user_switches = lane.work.pool[2].user_switches = 1;
	assert_true(metric_measure(METRIC_UNIT_NS, 0, &lane) == 80);
	assert_true(metric_measure(METRIC_UNIT_CPU_NS, 0, &lane) == 30);
	assert_true(metric_measure(METRIC_UNIT_SWITCHES, 0, &lane) == 2);
	assert_true(metric_measure(METRIC_SWITCH_NS, 0, &lane) == 40);
	assert_true(metric_measure(METRIC_USER_SWITCH_NS, 0, &lane) == 20);
	assert_true(metric_measure(METRIC_KERNEL_PER_USER, 0, &lane) == 0.5);
	assert_true(metric_measure(METRIC_UNASKED, 0, &lane) == 296);
	assert_true(metric_measure(METRIC_INVOLUNTARY, 0, &lane) == 50);
	assert_true(metric_measure(METRIC_POLL_READY, 0, &lane) == 3);
	assert_true(metric_measure(METRIC_CHECKSUM, 0, &lane) == 2);
	assert_true(metric_measure(METRIC_FIGURE, 2, &lane) == 7);
	assert_true(metric_measure(METRIC_POOL_THREADS, 0, &lane) == 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims_table_is_whole),
		cmocka_unit_test(test_claims_conditions_compare_like_with_like),
		cmocka_unit_test(test_judge_each_claim_holds_when_all_conditions_are_met),
		cmocka_unit_test(test_judge_each_condition_missed_is_does_not_hold),
		cmocka_unit_test(test_judge_each_condition_missed_now_and_then_is_not_decided),
		cmocka_unit_test(test_judge_too_few_rounds_decide_nothing),
		cmocka_unit_test(test_judge_too_few_misses_decide_nothing),
		cmocka_unit_test(test_judge_a_figure_never_measured_keeps_a_claim_from_holding),
		cmocka_unit_test(test_judge_takes_ratios_within_each_round),
		cmocka_unit_test(test_judge_sets_one_in_seven_aside_on_each_side),
		cmocka_unit_test(test_judge_sets_nothing_aside_of_what_is_counted),
		cmocka_unit_test(test_judge_median_is_between_the_middle_two),
		cmocka_unit_test(test_metric_what_is_not_known_is_no_number),
		cmocka_unit_test(test_metric_figures_are_made_of_what_was_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
