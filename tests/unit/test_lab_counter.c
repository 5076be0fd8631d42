// SPDX-License-Identifier: GPL-2.0-only
/* test_lab_counter.c - what is lost and what is not, what is shared and what is not. */
#include "lab/sync.h"
#include "lab_run.h"

#define N_TASKS 4

static struct lab_spec spec_of(enum lab_model model, const char *sync, uint64_t work)
{
	struct lab_spec spec = spec_for("counter", model, N_TASKS, work);

	snprintf(spec.sync, sizeof(spec.sync), "%s", sync);
	return spec;
}

static uint64_t figure(const struct lab_run *run, enum counter_figure number)
{
	return atomic_load(&run->area->figures[number]);
}

/* Figures that must hold whatever was lost. */
static void check_sums(const struct lab_run *run)
{
	assert_int_equal(figure(run, COUNTER_EXPECTED), run_sum(run, done));
	assert_int_equal(figure(run, COUNTER_EXPECTED) - figure(run, COUNTER_COUNTED),
			 figure(run, COUNTER_LOST));
	assert_true(figure(run, COUNTER_SEEN_LEAST) <= figure(run, COUNTER_SEEN_MOST));
	assert_true(figure(run, COUNTER_COUNTED) <= figure(run, COUNTER_SEEN_MOST));
}

static void run_counter(struct lab_run *run, const struct lab_spec *spec)
{
	*run = (struct lab_run){ 0 };
	run_start(run, spec);
	run_to_end(run, 0);
	check_sums(run);
}

static void test_counter_guarded_loses_nothing_under_any_model(void **state)
{
	const struct job *job = job_find("counter");
	const char *sync;
	size_t n = 0;

	(void)state;
	for (int model = 0; model < N_MODELS; model++)
		for (size_t i = 1; (sync = way_at(job, JOB_SYNC, (enum lab_model)model, i)); i++) {
			struct lab_spec spec = spec_of((enum lab_model)model, sync, 200000);
			struct lab_run run;

			run_counter(&run, &spec);
			assert_int_equal(figure(&run, COUNTER_EXPECTED), 200000);
			assert_int_equal(figure(&run, COUNTER_LOST), 0);
			run_free(&run);
			n++;
		}
	assert_true(n >= 4 + 4 + 2);
}

/*
 * Two at once on two CPUs, or one that was stopped in the middle: sooner or later one is lost. Each
 * round is asked to stop, so the figures of a stopped run are looked at too.
 */
static uint64_t lost_within_a_deadline(const struct lab_spec *spec)
{
	uint64_t until_ns = clock_now_ns() + DEADLINE_NS, lost = 0;

	while (!lost && clock_now_ns() < until_ns) {
		struct lab_run run = { 0 };

		run_start(&run, spec);
		run_go(&run);
		wait_until(run_sum(&run, done) > 3000000);
		run_stop(&run);
		run_to_end(&run, 0);
		check_sums(&run);
		lost = figure(&run, COUNTER_LOST);
		run_free(&run);
	}
	return lost;
}

static void test_counter_unguarded_loses_updates_of_processes_and_threads(void **state)
{
	struct lab_spec spec;

	(void)state;
	for (int model = MODEL_PROCESS; model <= MODEL_THREAD; model++) {
		spec = spec_of((enum lab_model)model, "none", 0);
		assert_true(lost_within_a_deadline(&spec) > 0);
	}
	spec = spec_of(MODEL_COROUTINE, "none", 0);
	spec.n_pool = 2;
	assert_true(lost_within_a_deadline(&spec) > 0);
}

static void test_counter_unguarded_loses_nothing_of_coroutines_of_one_thread(void **state)
{
	struct lab_spec spec = spec_of(MODEL_COROUTINE, "none", 5000000);
	struct lab_run run;

	(void)state;
	run_counter(&run, &spec);
	assert_int_equal(figure(&run, COUNTER_COUNTED), 5000000);
	assert_int_equal(figure(&run, COUNTER_LOST), 0);
	assert_int_equal(figure(&run, COUNTER_SEEN_MOST), 5000000);
	run_free(&run);
}

static void test_counter_private_each_process_sees_its_own_share(void **state)
{
	const char *sync;

	(void)state;
	for (size_t i = 0; (sync = way_at(job_find("counter"), JOB_SYNC, MODEL_PROCESS, i)); i++) {
		struct lab_spec spec = spec_of(MODEL_PROCESS, sync, 4000);
		struct lab_run run;

		spec.is_private = 1;
		run_counter(&run, &spec);
		assert_int_equal(figure(&run, COUNTER_EXPECTED), 4000);
		assert_int_equal(figure(&run, COUNTER_SEEN_LEAST), 1000);
		assert_int_equal(figure(&run, COUNTER_SEEN_MOST), 1000);
		run_free(&run);
	}
}

/* Private memory of one process is all that threads and coroutines have. */
static void test_counter_private_means_nothing_to_tasks_of_one_process(void **state)
{
	(void)state;
	for (int model = MODEL_THREAD; model <= MODEL_COROUTINE; model++) {
		struct lab_spec wish = { .is_private = 1 }, spec;
		struct lab_run run;

		job_spec(job_find("counter"), (enum lab_model)model, &wish, &spec);
		assert_int_equal(spec.is_private, 0);
		spec = spec_of((enum lab_model)model, "atomic", 4000);
		run_counter(&run, &spec);
		assert_int_equal(figure(&run, COUNTER_COUNTED), 4000);
		run_free(&run);
	}
}

static void test_counter_files_are_shared_by_threads_and_coroutines_alone(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++)
		for (uint64_t work = 1; work <= 4000;
		     work *= 4000) { /* 1: most have nothing to do */
			struct lab_spec spec = spec_of((enum lab_model)model, "atomic", work);
			struct lab_run run;

			run_counter(&run, &spec);
			assert_int_equal(figure(&run, COUNTER_FILES),
					 model == MODEL_PROCESS ? 0 : N_TASKS - 1);
			run_free(&run);
		}
}

/* While it works the sum is looked at now and then, so that one can watch what is lost. */
static void test_counter_figures_are_known_before_the_end(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec = spec_of((enum lab_model)model, "atomic", 0);
		struct lab_run run = { 0 };

		run_start(&run, &spec);
		run_go(&run);
		wait_until(figure(&run, COUNTER_EXPECTED) != COUNT_UNKNOWN &&
			   figure(&run, COUNTER_EXPECTED) > 0);
		assert_int_equal(run_phase(&run), LAB_RUNNING);
		run_stop(&run);
		run_to_end(&run, 0);
		check_sums(&run);
		assert_int_equal(figure(&run, COUNTER_LOST), 0);
		run_free(&run);
	}
}

/*
 * The machine code of the unguarded addition: one load, one store, and nothing that does both. On
 * x86-64 that is a lock prefix, xchg, or an operation whose last operand is memory.
 */
static bool changes_memory_at_once(const char *line)
{
	static const char *const words[] = { "lock",  "xchg",  "xadd", "inc",  "dec",	"cas",
					     "ldadd", "stadd", "ldxr", "stxr", "ldaxr", "swp" };
	const char *last = strrchr(line, ',');

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(line, words[i]))
			return true;
	return (strstr(line, "add") || strstr(line, "sub")) && last && strchr(last, ')');
}

static void test_counter_unguarded_is_a_load_and_a_store(void **state)
{
	char command[4200], line[256];
	unsigned n_lines = 0, n_memory = 0;
	FILE *code;

	(void)state;
	snprintf(command, sizeof(command),
		 "objdump -d --no-show-raw-insn --disassemble=counter_add_unguarded '%s'",
		 lab_path());
	code = popen(command, "r");
	assert_non_null(code);
	while (fgets(line, sizeof(line), code)) {
		char *tab = strchr(line, '\t');

		if (!tab)
			continue;
		if (changes_memory_at_once(tab))
			fail_msg("one instruction loads and stores: %s", tab);
		n_lines++;
		n_memory += strchr(tab, '(') || strchr(tab, '[');
	}
	assert_int_equal(pclose(code), 0);
	assert_true(n_lines >= 4); /* load, add, store, return */
	assert_true(n_memory >= 2);
}

/* Others wait for a condition when they are killed: nothing that waits for them may be called. */
static void test_counter_ends_when_a_task_is_killed(void **state)
{
	static const char *const ways[] = { "mutex", "semaphore", "condvar" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct lab_spec spec = spec_of(MODEL_PROCESS, ways[i], 0);
		struct lab_run run = { 0 };
		pid_t children[8];

		run_start(&run, &spec);
		run_go(&run);
		wait_until(children_of(run.pid, children, 8) == spec.n_tasks);
		wait_until(run_sum(&run, done) > 100000);
		kill(children[1], SIGKILL);
		run_to_end(&run, 1);
		assert_non_null(strstr(run.area->error, "killed by signal 9"));
		run_free(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counter_guarded_loses_nothing_under_any_model),
		cmocka_unit_test(test_counter_unguarded_loses_updates_of_processes_and_threads),
		cmocka_unit_test(test_counter_unguarded_loses_nothing_of_coroutines_of_one_thread),
		cmocka_unit_test(test_counter_private_each_process_sees_its_own_share),
		cmocka_unit_test(test_counter_private_means_nothing_to_tasks_of_one_process),
		cmocka_unit_test(test_counter_files_are_shared_by_threads_and_coroutines_alone),
		cmocka_unit_test(test_counter_figures_are_known_before_the_end),
		cmocka_unit_test(test_counter_unguarded_is_a_load_and_a_store),
		cmocka_unit_test(test_counter_ends_when_a_task_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
