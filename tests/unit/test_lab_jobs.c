// SPDX-License-Identifier: GPL-2.0-only
/* test_lab_jobs.c - every job does the same under every model, in order, in time, at its rate. */
#include "lab/task.h"
#include "lab_run.h"

/* Run to the end; the sum over tasks of what they computed. */
static uint64_t checksum_of(const struct lab_spec *spec)
{
	struct lab_run run = { 0 };
	uint64_t checksum;

	run_start(&run, spec);
	run_to_end(&run, 0);
	assert_int_equal(run_sum(&run, done), spec->work);
	assert_int_equal(run_sum(&run, alive), 0);
	checksum = run_sum(&run, checksum);
	run_free(&run);
	return checksum;
}

static void test_jobs_every_model_gives_equal_results(void **state)
{
	static const uint32_t n_groups[] = { 1, 3, 10 };
	const struct job *job;
	struct lab_spec spec;
	uint64_t sums[N_MODELS];

	(void)state;
	for (size_t i = 0; (job = job_at(i)); i++)
		for (size_t n = 0; n < 3 && !job->dies && !job->lingers; n++) {
			for (int model = 0; model < N_MODELS; model++) {
				spec = spec_for(job->name, (enum lab_model)model,
						job->n_apart + n_groups[n] * job->group, 101);
				spec.sleep_ns = NS_PER_MS;
				sums[model] = checksum_of(&spec);
			}
			assert_int_not_equal(sums[0], 0);
			assert_int_equal(sums[0], sums[1]);
			assert_int_equal(sums[0], sums[2]);
		}
}

static void test_jobs_every_way_to_communicate_gives_equal_results(void **state)
{
	const struct job *job = job_find("pingpong");
	struct lab_spec spec = spec_for("pingpong", MODEL_PROCESS, 4, 100);
	uint64_t first = checksum_of(&spec);
	const char *via;

	(void)state;
	for (int model = 0; model < N_MODELS; model++)
		for (size_t i = 0; (via = way_at(job, JOB_VIA, (enum lab_model)model, i)); i++) {
			spec = spec_for("pingpong", (enum lab_model)model, 4, 100);
			snprintf(spec.via, sizeof(spec.via), "%s", via);
			assert_int_equal(checksum_of(&spec), first);
		}
}

static void test_compute_result_is_independent_of_the_number_of_tasks(void **state)
{
	struct lab_spec spec = spec_for("compute", MODEL_THREAD, 1, 60);
	uint64_t alone = checksum_of(&spec);

	(void)state;
	for (spec.n_tasks = 2; spec.n_tasks < 8; spec.n_tasks++)
		assert_int_equal(checksum_of(&spec), alone);
	spec.work++;
	assert_int_not_equal(checksum_of(&spec), alone);
}

static void test_yield_coroutines_take_turns_in_order(void **state)
{
	struct lab_spec spec = spec_for("yield", MODEL_COROUTINE, 3, 9);
	struct lab_run run = { 0 };
	char text[1024], wanted[1024] = "";

	(void)state;
	spec.log = 1;
	run_start(&run, &spec);
	run_to_end(&run, 0);
	for (int step = 1; step <= 3; step++)
		for (int task = 0; task < 3; task++)
			sprintf(wanted + strlen(wanted), "task %d step %d\n", task, step);
	run_log(&run, text, sizeof(text));
	assert_string_equal(text, wanted);
	assert_int_equal(run_sum(&run, user_switches), 12);
	assert_int_equal(run_sum(&run, yielded), 0);
	run_free(&run);
}

static void test_yield_calls_of_kernel_tasks_are_counted(void **state)
{
	(void)state;
	for (int model = MODEL_PROCESS; model <= MODEL_THREAD; model++) {
		struct lab_spec spec = spec_for("yield", (enum lab_model)model, 3, 999);
		struct lab_run run = { 0 };

		run_start(&run, &spec);
		run_to_end(&run, 0);
		assert_int_equal(run_sum(&run, yielded), 999);
		assert_int_equal(run_sum(&run, user_switches), 0);
		run_free(&run);
	}
}

static void test_sleep_ten_take_one_sleeps_time(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec = spec_for("sleep", (enum lab_model)model, 10, 10);
		struct lab_run run = { 0 };
		uint64_t took_ns;

		spec.sleep_ns = 300 * NS_PER_MS;
		run_start(&run, &spec);
		run_to_end(&run, 0);
		took_ns = run.area->ended_ns - run.area->started_ns;
		assert_in_range(took_ns, spec.sleep_ns, 5 * spec.sleep_ns);
		run_free(&run);
	}
}

static void test_jobs_stop_ends_every_job_under_every_model(void **state)
{
	const struct job *job;

	(void)state;
	for (size_t i = 0; (job = job_at(i)); i++)
		for (int model = 0; model < N_MODELS && !job->dies; model++) {
			struct lab_spec spec = spec_for(job->name, (enum lab_model)model,
							job->n_apart + 2 * job->group, 0);
			struct lab_run run = { 0 };

			spec.sleep_ns = NS_PER_MS;
			run_start(&run, &spec);
			run_go(&run);
			/* Tasks of their own pace may do next to nothing before they are asked. */
			wait_until(job->own_pace ? run_sum(&run, alive) > 0
						 : run_sum(&run, done) > 10);
			run_stop(&run);
			run_to_end(&run, 0);
			run_free(&run);
		}
}

/* A rate far below one unit in the test's life: all tasks wait for units when stop comes. */
static void test_jobs_stop_ends_tasks_that_wait_for_the_rate(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec = spec_for("pingpong", (enum lab_model)model, 6, 0);
		struct lab_run run = { 0 };
		uint64_t begin_ns;

		run_start(&run, &spec);
		run.area->rate_hz = 1;
		run_go(&run);
		wait_until(run_sum(&run, done) == 1);
		begin_ns = clock_now_ns();
		run_stop(&run);
		run_to_end(&run, 0);
		assert_in_range(clock_now_ns() - begin_ns, 0, NS_PER_S);
		run_free(&run);
	}
}

static void test_rate_is_held_and_followed_when_it_changes(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec = spec_for("yield", (enum lab_model)model, 3, 0);
		struct lab_run run = { 0 };
		uint64_t begin_ns, took_ns, n;

		run_start(&run, &spec);
		run.area->rate_hz = 1000;
		run_go(&run);
		wait_until(run_sum(&run, done) >= 300);
		n = run_sum(&run, done);
		took_ns = clock_now_ns() - run.area->started_ns;
		/* What is released in the time that it took, and a tick more for the rounding. */
		assert_in_range(n, 300, took_ns / NS_PER_MS + 21);
		begin_ns = clock_now_ns();
		run.area->rate_hz = 0; /* nobody wakes the tasks: they have to look */
		wait_until(run_sum(&run, done) >= n + 10000);
		assert_in_range(clock_now_ns() - begin_ns, 0, NS_PER_S);
		run.area->rate_hz = 1;
		run_stop(&run);
		run_to_end(&run, 0);
		run_free(&run);
	}
}

/* Every wait for the rate is a switch to the loop and back: one for each tick, not for each unit. */
static void test_rate_costs_a_switch_for_each_tick_not_each_unit(void **state)
{
	struct lab_spec spec = spec_for("compute", MODEL_COROUTINE, 1, 500);
	struct lab_run run = { 0 };

	(void)state;
	run_start(&run, &spec);
	run.area->rate_hz = 2000;
	run_to_end(&run, 0);
	assert_in_range(run_sum(&run, user_switches), 5, 100);
	run_free(&run);
}

static void test_rate_low_releases_units_one_by_one_in_turn(void **state)
{
	struct lab_spec spec = spec_for("yield", MODEL_THREAD, 5, 5);
	struct lab_run run = { 0 };

	(void)state;
	run_start(&run, &spec);
	run.area->rate_hz = 20;
	run_to_end(&run, 0);
	/* The fifth is released after 4 / 20 s. */
	assert_true(run.area->ended_ns - run.area->started_ns >= 200 * NS_PER_MS);
	for (int i = 0; i < 5; i++)
		assert_int_equal(run.area->lines[i].done, 1);
	run_free(&run);
}

static volatile uint64_t *counter; /* in memory that processes share */

/* Gives way inside of the lock, where an unlocked counter would lose updates. */
static void lock_body(struct task *self)
{
	uint64_t seen;

	while (task_next(self)) {
		task_lock(self);
		seen = *counter;
		task_yield(self);
		*counter = seen + 1;
		task_unlock(self);
		task_done(self, 1, 1);
	}
}

static const struct job job_lock = {
	.name = "lock", .comms = { "lock" }, .n_tasks = 4, .group = 1, .body = lock_body
};

static void test_lock_keeps_others_out_under_every_model(void **state)
{
	(void)state;
	counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(counter != MAP_FAILED);
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_area *area;
		struct lab lab;
		int fd;

		area = area_new(&fd);
		snprintf(area->spec.model, LAB_NAME_BYTES, "%s", model_name((enum lab_model)model));
		area->spec.n_tasks = 4;
		area->spec.work = 2000;
		*counter = 0;
		assert_int_equal(lab_init(&lab, area, &job_lock), 0);
		assert_int_equal(lab_run(&lab), 0);
		lab_fini(&lab);
		assert_int_equal(*counter, 2000);
		munmap(area, sizeof(*area));
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs_every_model_gives_equal_results),
		cmocka_unit_test(test_jobs_every_way_to_communicate_gives_equal_results),
		cmocka_unit_test(test_compute_result_is_independent_of_the_number_of_tasks),
		cmocka_unit_test(test_yield_coroutines_take_turns_in_order),
		cmocka_unit_test(test_yield_calls_of_kernel_tasks_are_counted),
		cmocka_unit_test(test_sleep_ten_take_one_sleeps_time),
		cmocka_unit_test(test_jobs_stop_ends_every_job_under_every_model),
		cmocka_unit_test(test_jobs_stop_ends_tasks_that_wait_for_the_rate),
		cmocka_unit_test(test_rate_is_held_and_followed_when_it_changes),
		cmocka_unit_test(test_rate_costs_a_switch_for_each_tick_not_each_unit),
		cmocka_unit_test(test_rate_low_releases_units_one_by_one_in_turn),
		cmocka_unit_test(test_lock_keeps_others_out_under_every_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
