// SPDX-License-Identifier: GPL-2.0-only
/* test_lab_jobs.c - every job does the same under every model, and ends as it is told to. */
#include "lab_run.h"

/* Run job under model with this much work; the sum over tasks of what they computed. */
static uint64_t checksum_of(const struct job *job, enum lab_model model, const char *via,
			    uint32_t n_tasks, uint64_t work)
{
	struct lab_spec spec;
	struct lab_run run;
	uint64_t checksum;

	job_spec(job, model, &spec);
	if (via)
		snprintf(spec.via, sizeof(spec.via), "%s", via);
	spec.n_tasks = n_tasks;
	spec.work = work;
	spec.sleep_ns = NS_PER_MS;
	run_start(&run, &spec);
	run_to_end(&run, 0);
	assert_int_equal(run_sum(&run, done), work);
	assert_int_equal(run_sum(&run, alive), 0);
	checksum = run_sum(&run, checksum);
	run_free(&run);
	return checksum;
}

static void test_jobs_every_model_gives_equal_results(void **state)
{
	static const uint32_t n_groups[] = { 1, 3, 10 };
	const struct job *job;

	(void)state;
	for (size_t i = 0; (job = job_at(i)); i++)
		for (size_t n = 0; n < sizeof(n_groups) / sizeof(n_groups[0]); n++) {
			uint32_t n_tasks = n_groups[n] * job->group;
			uint64_t work = 101, process, thread, coroutine;

			process = checksum_of(job, MODEL_PROCESS, NULL, n_tasks, work);
			thread = checksum_of(job, MODEL_THREAD, NULL, n_tasks, work);
			coroutine = checksum_of(job, MODEL_COROUTINE, NULL, n_tasks, work);
			assert_int_not_equal(process, 0);
			assert_int_equal(process, thread);
			assert_int_equal(process, coroutine);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs_every_model_gives_equal_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
