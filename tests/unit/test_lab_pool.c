// SPDX-License-Identifier: GPL-2.0-only
/* test_lab_pool.c - coroutines of a pool of threads do the same as those of one; and of none. */
#include "lab_run.h"

static struct lab_spec spec_of(const struct job *job, uint32_t n_pool)
{
	struct lab_spec wish = { .n_tasks = 12, .work = 1200, .sleep_ns = NS_PER_MS }, spec;

	job_spec(job, MODEL_COROUTINE, &wish, &spec);
	spec.n_pool = n_pool;
	return spec;
}

static void test_pool_gives_the_results_of_one_thread(void **state)
{
	const struct job *job;

	(void)state;
	for (size_t i = 0; (job = job_at(i)); i++) {
		uint64_t sums[3] = { 0 };

		if (!(job->options & JOB_POOL) || job->lingers || job->dies)
			continue;
		for (uint32_t n_pool = 1; n_pool <= 3; n_pool++) {
			struct lab_spec spec = spec_of(job, n_pool);
			struct lab_run run = { 0 };

			run_start(&run, &spec);
			run_to_end(&run, 0);
			assert_int_equal(run_sum(&run, done), 1200);
			sums[n_pool - 1] = run_sum(&run, checksum);
			run_free(&run);
		}
		assert_int_not_equal(sums[0], 0);
		assert_int_equal(sums[1], sums[0]);
		assert_int_equal(sums[2], sums[0]);
	}
}

static void test_pool_counts_what_ran_on_which_thread(void **state)
{
	struct lab_spec spec = spec_of(job_find("yield"), 3);
	struct lab_run run = { 0 };

	(void)state;
	run_start(&run, &spec);
	run_to_end(&run, 0);
	for (int i = 0; i < 3; i++) { /* four coroutines each: once to begin, once for each step */
		assert_int_equal(run.area->lines[i].created, 4);
		assert_int_equal(run.area->lines[i].done, 400);
		assert_int_equal(run.area->lines[i].user_switches, 404);
		assert_int_not_equal(run.area->rings[i].tid, 0);
	}
	assert_int_equal(run.area->lines[3].user_switches, 0);
	assert_int_equal(run.area->rings[3].tid, 0);
	run_free(&run);
}

static void test_pool_stop_ends_every_job(void **state)
{
	const struct job *job;

	(void)state;
	for (size_t i = 0; (job = job_at(i)); i++) {
		struct lab_spec spec = spec_of(job, 2);
		struct lab_run run = { 0 };

		if (!(job->options & JOB_POOL) || job->lingers || job->dies || job->n_apart)
			continue; /* of the last, one thread is kept from its others on purpose */
		spec.work = 0;
		run_start(&run, &spec);
		run_go(&run);
		wait_until(run_sum(&run, done) > 20);
		run_stop(&run);
		run_to_end(&run, 0);
		run_free(&run);
	}
}

static void run_sends(uint32_t n_sends, uint32_t n_tasks, uint64_t work, const char *wanted,
		      uint64_t n_done)
{
	struct lab_spec spec = spec_of(job_find("yield"), 1);
	struct lab_run run = { 0 };
	char text[2048];

	spec.n_sends = n_sends;
	spec.n_tasks = n_tasks;
	spec.work = work;
	spec.log = 1;
	run_start(&run, &spec);
	run_to_end(&run, 0);
	run_log(&run, text, sizeof(text));
	if (wanted)
		assert_string_equal(text, wanted);
	assert_int_equal(run.area->figures[YIELD_ANSWERED_DONE], n_done);
	assert_int_equal(run_sum(&run, alive), 0);
	run_free(&run);
}

static void test_send_resumes_by_hand_and_is_told_the_end(void **state)
{
	(void)state;
	run_sends(4, 1, 3,
		  "task 0 is a coroutine that has not begun\n"
		  "task 0 step 1\ntask 0 step 2\ntask 0 step 3\n"
		  "task 0 is done: StopIteration\n",
		  1);
	run_sends(2, 1, 3, /* it never comes to its end */
		  "task 0 is a coroutine that has not begun\ntask 0 step 1\ntask 0 step 2\n", 0);
	run_sends(5, 1, 3, NULL, 2); /* who is done answers so again */
	run_sends(LAB_SENDS_ALL, 2, 4,
		  "task 0 is a coroutine that has not begun\n"
		  "task 1 is a coroutine that has not begun\n"
		  "task 0 step 1\ntask 1 step 1\ntask 0 step 2\ntask 1 step 2\n"
		  "task 0 is done: StopIteration\ntask 1 is done: StopIteration\n",
		  2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pool_gives_the_results_of_one_thread),
		cmocka_unit_test(test_pool_counts_what_ran_on_which_thread),
		cmocka_unit_test(test_pool_stop_ends_every_job),
		cmocka_unit_test(test_send_resumes_by_hand_and_is_told_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
