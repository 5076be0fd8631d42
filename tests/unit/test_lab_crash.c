// SPDX-License-Identifier: GPL-2.0-only
/* test_lab_crash.c - who dies by the task that dies on purpose, and how. */
#include <sys/resource.h>

#include "lab_run.h"

#define N_TASKS 4

static struct lab_spec spec_of(enum lab_model model, uint32_t n_tasks, uint64_t work)
{
	return spec_for("crash", model, n_tasks, work);
}

static uint64_t figure(const struct lab_run *run, enum crash_figure number)
{
	return atomic_load(&run->area->figures[number]);
}

static void allow_cores(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &limit); /* as much as we may: only root may raise it */
}

static void test_crash_of_a_process_leaves_the_others(void **state)
{
	(void)state;
	for (uint32_t n = 1; n <= N_TASKS; n++) {
		struct lab_spec spec = spec_of(MODEL_PROCESS, n, 200 * n);
		struct lab_run run = { .prepare = allow_cores };
		char wanted[128];

		run_start(&run, &spec);
		run_to_end(&run, 0);
		assert_int_equal(figure(&run, CRASH_FINISHED), n - 1);
		assert_int_equal(figure(&run, CRASH_DIED), 1);
		assert_int_equal(run_sum(&run, alive), 0);
		assert_int_equal(run_sum(&run, done), 200 * (n - 1) + 100); /* half of its share */
		snprintf(wanted, sizeof(wanted),
			 "task %d was killed by SIGSEGV; %u of %u tasks finished", n > 1, n - 1, n);
		assert_string_equal(run.area->note, wanted);
		run_free(&run);
	}
}

/* No sanitizer makes something else of the signal, and no core is left. */
static void dies(const struct lab_spec *spec, bool stop)
{
	struct lab_run run = { .prepare = allow_cores };
	int status;

	run_start(&run, spec);
	run.area->stop = stop;
	run_go(&run);
	status = run_wait(&run);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_false(WCOREDUMP(status));
	assert_int_equal(run_phase(&run), LAB_RUNNING);
	assert_int_equal(figure(&run, CRASH_DIED), COUNT_UNKNOWN); /* nobody was left to count */
	run_free(&run);
}

/* With work without an end, with next to none, and told to stop before the first unit. */
static void test_crash_of_threads_and_coroutines_takes_all_whatever_the_work(void **state)
{
	struct lab_spec spec;

	(void)state;
	for (int model = MODEL_THREAD; model <= MODEL_COROUTINE; model++)
		for (uint32_t n = 1; n <= N_TASKS; n += N_TASKS - 1) {
			spec = spec_of((enum lab_model)model, n, 0);
			dies(&spec, false);
			dies(&spec, true);
			spec = spec_of((enum lab_model)model, n, 1);
			dies(&spec, false);
		}
	spec.n_pool = 2;
	spec.work = 0;
	dies(&spec, false);
}

static void test_crash_of_a_process_comes_even_if_stopped_at_once(void **state)
{
	struct lab_spec spec = spec_of(MODEL_PROCESS, N_TASKS, 0);
	struct lab_run run = { 0 };

	(void)state;
	run_start(&run, &spec);
	run.area->stop = 1;
	run_to_end(&run, 0);
	assert_int_equal(figure(&run, CRASH_FINISHED), N_TASKS - 1);
	assert_int_equal(figure(&run, CRASH_DIED), 1);
	run_free(&run);
}

/* In the live view the other processes work on, until they are told to stop. */
static void test_crash_of_a_process_does_not_stop_work_without_an_end(void **state)
{
	struct lab_spec spec = spec_of(MODEL_PROCESS, N_TASKS, 0);
	struct lab_run run = { 0 };
	uint64_t done;

	(void)state;
	run_start(&run, &spec);
	run_go(&run);
	wait_until(figure(&run, CRASH_DIED) == 1);
	done = run_sum(&run, done);
	wait_until(run_sum(&run, done) > done + 1000);
	assert_int_equal(run_sum(&run, alive), N_TASKS - 1);
	run_stop(&run);
	run_to_end(&run, 0);
	assert_int_equal(figure(&run, CRASH_FINISHED), N_TASKS - 1);
	run_free(&run);
}

/* A sanitizer that were told of the signal would make a status of it, and a report. */
static void no_handlers(void)
{
	setenv("ASAN_OPTIONS", "handle_segv=0", 1);
	setenv("TSAN_OPTIONS", "handle_segv=0", 1);
}

/* One death was asked for, by one signal: any other ends the job as it would any job. */
static void test_crash_another_death_is_a_failure(void **state)
{
	static const int signals[] = { SIGKILL, SIGSEGV };
	static const char *const says[] = { " was killed by signal 9", " was killed by signal 11" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct lab_spec spec = spec_of(MODEL_PROCESS, N_TASKS, 0);
		struct lab_run run = { .prepare = no_handlers };
		pid_t pids[8];

		run_start(&run, &spec);
		run_go(&run);
		wait_until(figure(&run, CRASH_DIED) == 1);
		wait_until(children_of(run.pid, pids, 8) == N_TASKS - 1);
		kill(pids[0], signals[i]);
		run_to_end(&run, 1);
		assert_non_null(strstr(run.area->error, says[i]));
		run_free(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crash_of_a_process_leaves_the_others),
		cmocka_unit_test(test_crash_of_threads_and_coroutines_takes_all_whatever_the_work),
		cmocka_unit_test(test_crash_of_a_process_comes_even_if_stopped_at_once),
		cmocka_unit_test(test_crash_of_a_process_does_not_stop_work_without_an_end),
		cmocka_unit_test(test_crash_another_death_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
