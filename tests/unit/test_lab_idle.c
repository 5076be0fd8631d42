// SPDX-License-Identifier: GPL-2.0-only
/* test_lab_idle.c - tasks that stand there until they are told to go, as many as there may be. */
#include "lab/job.h"
#include "lab_run.h"

#ifdef __SANITIZE_THREAD__
#define MANY 1000 /* it keeps a thread's worth of records for each coroutine */
#elif defined(__SANITIZE_ADDRESS__)
#define MANY 10000 /* it unpoisons the whole stack of each */
#else
#define MANY 100000
#endif

static struct lab_spec spec_of(enum lab_model model, uint32_t n_tasks)
{
	struct lab_spec spec;

	job_spec(job_find("idle"), model, NULL, &spec);
	spec.n_tasks = n_tasks;
	return spec;
}

/* All stand, none ends by itself; then all do when told. */
static void stand_and_go(const struct lab_spec *spec, uint64_t rate_hz)
{
	struct lab_run run = { 0 };

	run_start(&run, spec);
	run.area->rate_hz = rate_hz;
	run_go(&run);
	wait_until(run_sum(&run, done) == spec->n_tasks);
	assert_int_equal(run_sum(&run, alive), spec->n_tasks);
	assert_int_equal(run_phase(&run), LAB_RUNNING);
	run_stop(&run);
	run_to_end(&run, 0);
	assert_int_equal(run_sum(&run, done), spec->n_tasks);
	assert_int_equal(run_sum(&run, alive), 0);
	run_free(&run);
}

static void test_idle_tasks_stand_until_told_to_go(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec = spec_of((enum lab_model)model, 50);

		stand_and_go(&spec, 0);
		spec.work = 0;
		stand_and_go(&spec, 0);
	}
}

/* A unit is to be there: there are as many as tasks. */
static void test_idle_work_and_rate_have_no_say(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec = spec_of((enum lab_model)model, 20);

		spec.work = 1;
		stand_and_go(&spec, 1);
	}
}

static void test_idle_very_many_coroutines_stand_until_told_to_go(void **state)
{
	struct lab_spec spec = spec_of(MODEL_COROUTINE, MANY);

	(void)state;
	stand_and_go(&spec, 0);
	spec.n_pool = 2;
	stand_and_go(&spec, 0);
}

/* Who waits costs nothing: the loop looks up now and then, its coroutines do not. */
static void test_idle_coroutines_are_not_switched_to(void **state)
{
	struct lab_spec spec = spec_of(MODEL_COROUTINE, 100);
	struct lab_run run = { 0 };
	uint64_t turns;

	(void)state;
	run_start(&run, &spec);
	run_go(&run);
	wait_until(run_sum(&run, done) == 100);
	turns = run_sum(&run, turns);
	wait_until(run_sum(&run, turns) > turns + 3);
	assert_int_equal(run_sum(&run, user_switches), 100);
	run_stop(&run);
	run_to_end(&run, 0);
	run_free(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idle_tasks_stand_until_told_to_go),
		cmocka_unit_test(test_idle_work_and_rate_have_no_say),
		cmocka_unit_test(test_idle_very_many_coroutines_stand_until_told_to_go),
		cmocka_unit_test(test_idle_coroutines_are_not_switched_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
