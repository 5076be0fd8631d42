// SPDX-License-Identifier: GPL-2.0-only
/* test_lab_hog.c - who waits for the task that never waits, and for how long. */
#include "lab_run.h"

#define N_WORKERS 3
#define N_WISHES  20 /* of each */
#define SLEEP_NS  (10 * NS_PER_MS)
#define HOG_NS	  (N_WISHES * SLEEP_NS)

static struct lab_spec spec_of(enum lab_model model, uint64_t work)
{
	struct lab_spec spec;

	job_spec(job_find("hog"), model, NULL, &spec);
	spec.n_tasks = 1 + N_WORKERS;
	spec.sleep_ns = SLEEP_NS;
	spec.work = work;
	return spec;
}

/* How late the wishes were, in a run of N_WISHES each. */
static struct latency_counts latencies_of(enum lab_model model)
{
	struct lab_spec spec = spec_of(model, N_WORKERS * N_WISHES);
	struct latency_counts counts;
	struct lab_run run = { 0 };

	run_start(&run, &spec);
	run_to_end(&run, 0);
	assert_int_equal(run_sum(&run, done), N_WORKERS * N_WISHES);
	assert_true(run.area->ended_ns - run.area->started_ns >= HOG_NS);
	latency_read(&run.area->latencies, &counts);
	assert_int_equal(counts.total, N_WORKERS * N_WISHES);
	run_free(&run);
	return counts;
}

/* The first wish was due after one interval, the last when the hog was through. */
static void test_hog_coroutines_wait_for_all_of_it(void **state)
{
	struct latency_counts counts = latencies_of(MODEL_COROUTINE);

	(void)state;
	assert_true(counts.max_ns >= HOG_NS - SLEEP_NS);
	/* Each is late by the rest of the hog's time: none is left out. */
	assert_true(latency_percentile(&counts, 0.5) >= HOG_NS / 3);
	assert_true(latency_percentile(&counts, 0.9) >= HOG_NS * 3 / 4);
}

static void test_hog_processes_and_threads_are_let_in(void **state)
{
	struct latency_counts starved = latencies_of(MODEL_COROUTINE);

	(void)state;
	for (int model = MODEL_PROCESS; model <= MODEL_THREAD; model++) {
		struct latency_counts counts = latencies_of((enum lab_model)model);

		assert_true(4 * latency_percentile(&counts, 0.5) <
			    latency_percentile(&starved, 0.5));
	}
}

/* Until five wishes of each are due, and until the kernel's tasks have had theirs. */
static void stop_after_five(struct lab_run *run)
{
	wait_until(run->area->started_ns && clock_now_ns() >= run->area->started_ns + 5 * SLEEP_NS);
	if (strcmp(run->area->spec.model, "coroutine") != 0)
		wait_until(run_sum(run, done) >= 5 * N_WORKERS);
	run_stop(run);
	run_to_end(run, 0);
}

static void test_hog_stopped_counts_wishes_that_stand_open(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec = spec_of((enum lab_model)model, 0);
		struct latency_counts counts;
		struct lab_run run = { 0 };

		run_start(&run, &spec);
		run_go(&run);
		stop_after_five(&run);
		latency_read(&run.area->latencies, &counts);
		assert_true(counts.total >= 5 * N_WORKERS);
		if (model == MODEL_COROUTINE) {
			assert_int_equal(run_sum(&run, done), 0);
			assert_true(counts.max_ns >= 4 * SLEEP_NS);
		}
		run_free(&run);
	}
}

/* No more wishes than there is work, however late it is. */
static void test_hog_wishes_end_with_the_work(void **state)
{
	struct lab_spec spec = spec_of(MODEL_COROUTINE, 2 * N_WORKERS);
	struct latency_counts counts;
	struct lab_run run = { 0 };

	(void)state;
	spec.sleep_ns = 1; /* all are overdue before the first task runs */
	run_start(&run, &spec);
	run.area->stop = 1;
	run_to_end(&run, 0);
	latency_read(&run.area->latencies, &counts);
	assert_int_equal(counts.total, 2 * N_WORKERS);
	run_free(&run);
}

/* Worker 1 of three belongs to the thread that the hog has not got. */
static void test_hog_of_a_pool_starves_its_own_thread_alone(void **state)
{
	struct lab_spec spec = spec_of(MODEL_COROUTINE, 0);
	struct lab_run run = { 0 };

	(void)state;
	spec.n_pool = 2;
	run_start(&run, &spec);
	run_go(&run);
	wait_until(run.area->lines[1].done >= 5);
	assert_int_equal(run.area->lines[0].done, 0);
	run_stop(&run);
	run_to_end(&run, 0);
	run_free(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hog_coroutines_wait_for_all_of_it),
		cmocka_unit_test(test_hog_processes_and_threads_are_let_in),
		cmocka_unit_test(test_hog_stopped_counts_wishes_that_stand_open),
		cmocka_unit_test(test_hog_wishes_end_with_the_work),
		cmocka_unit_test(test_hog_of_a_pool_starves_its_own_thread_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
