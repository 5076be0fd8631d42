// SPDX-License-Identifier: GPL-2.0-only
/* test_session_stat.c - the figures of a whole run, and how a command's end is passed on. */
#include "program.h"

#include <inttypes.h>

#define OUTPUT_BYTES 60000 /* less than a pipe holds */

/* --- figures --------------------------------------------------------------------------------- */

/* What stands behind "key": from `at` on; the test fails where there is none. */
static const char *value_of(const char *at, const char *key)
{
	char quoted[64];

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	at = strstr(at, quoted);
	if (!at)
		fail_msg("no \"%s\" in what stat printed", key);
	return at + strlen(quoted);
}

static uint64_t figure_of(const char *at, const char *key)
{
	uint64_t figure;

	if (sscanf(value_of(at, key), "%" SCNu64, &figure) != 1)
		fail_msg("\"%s\" is no number", key);
	return figure;
}

/* Where the object of a lane begins. */
static const char *lane_of(const char *text, const char *name)
{
	char named[64];

	snprintf(named, sizeof(named), "{\"name\":\"%s\"", name);
	text = strstr(text, named);
	if (!text)
		fail_msg("no lane %s", name);
	return text;
}

struct figures {
	uint64_t done, total, voluntary, involuntary, audited, exact, processes, threads;
};

/* The figures of a lane, its sums checked: switches by kind, by CPU, and the audit. */
static struct figures figures_of(const char *text, const char *name)
{
	const char *lane = lane_of(text, name), *cpus = value_of(lane, "per_cpu");
	const char *audit = value_of(lane, "audit"), *end = strchr(cpus, ']');
	struct figures figures = { .done = figure_of(lane, "done"),
				   .total = figure_of(lane, "total"),
				   .voluntary = figure_of(lane, "voluntary"),
				   .involuntary = figure_of(lane, "involuntary"),
				   .audited = figure_of(audit, "tasks"),
				   .exact = figure_of(audit, "exact"),
				   .processes = figure_of(value_of(lane, "created"), "processes"),
				   .threads = figure_of(value_of(lane, "created"), "threads") };
	uint64_t total = 0, voluntary = 0, involuntary = 0, run_ns = 0;

	for (const char *at = strchr(cpus, '{'); at && at < end; at = strchr(at + 1, '{')) {
		total += figure_of(at, "switches");
		voluntary += figure_of(at, "voluntary");
		involuntary += figure_of(at, "involuntary");
		run_ns += figure_of(at, "run_ns");
	}
	assert_int_equal(total, figures.total);
	assert_int_equal(voluntary, figures.voluntary);
	assert_int_equal(involuntary, figures.involuntary);
	assert_int_equal(figures.voluntary + figures.involuntary, figures.total);
	assert_int_equal(figure_of(end, "run_ns"), run_ns);
	assert_int_equal(figure_of(value_of(lane, "switches"), "missed"), 0);
	assert_int_equal(figures.exact, figures.audited);
	assert_int_equal(figure_of(lane, "exited"), figures.audited);
	return figures;
}

/* Which looks for leaks when the runner ends. */
#ifdef __SANITIZE_ADDRESS__
#define N_OF_SANITIZER 1
#else
#define N_OF_SANITIZER 0
#endif

static void test_pingpong_as_three_models_adds_up(void **state)
{
	char out[OUTPUT_BYTES], err[OUTPUT_BYTES];
	struct program program;
	struct figures figures;
	uint64_t user_switches;

	need_probes(state);
	program = program_run(-1, "stat", "--job", "pingpong", "--time", "1", "--json");
	assert_int_equal(program_end(&program, out, err, sizeof(out)), 0);
	assert_string_equal(err, "");
	assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1); /* one line */
	assert_int_equal(figure_of(value_of(out, "lost"), "events"), 0);

	/* A round trip is two handings over, and each makes its task wait. */
	figures = figures_of(out, "process");
	assert_int_equal(figures.processes, 2 + N_OF_SANITIZER);
	assert_int_equal(figures.audited, 3 + N_OF_SANITIZER);
	assert_true(figures.done > 100);
	assert_true(2 * figures.total >= 3 * figures.done);
	assert_true(figures.total <= 4 * figures.done + 1000);

	figures = figures_of(out, "thread");
	assert_int_equal(figures.threads, 2);
	assert_int_equal(figures.audited, 3 + N_OF_SANITIZER);
	assert_true(figures.done > 100 && figures.total > figures.done);

	figures = figures_of(out, "coroutine");
	assert_int_equal(figures.audited, 1 + N_OF_SANITIZER);
	assert_int_equal(figures.processes + figures.threads, N_OF_SANITIZER);
	user_switches = figure_of(lane_of(out, "coroutine"), "user_switches");
	assert_true(user_switches > 1000000);
	assert_true(figures.voluntary < 100);
	assert_true(figures.total < user_switches / 1000); /* others want the CPU as well */
}

/* The same work under each model, bounded by units: no clock in it. */
static void test_work_of_spawn_is_the_tasks_that_the_kernel_saw(void **state)
{
	char out[OUTPUT_BYTES], err[OUTPUT_BYTES];
	struct program program;

	need_probes(state);
	program = program_run(-1, "stat", "--job", "spawn", "--work", "300", "--json");
	assert_int_equal(program_end(&program, out, err, sizeof(out)), 0);
	assert_int_equal(figures_of(out, "process").done, 300);
	assert_true(figures_of(out, "process").processes >= 300);
	assert_int_equal(figures_of(out, "thread").done, 300);
	assert_true(figures_of(out, "thread").threads >= 300);
	assert_int_equal(figures_of(out, "coroutine").done, 300);
	assert_int_equal(figures_of(out, "coroutine").processes, N_OF_SANITIZER);
}

/* --- a command ------------------------------------------------------------------------------- */

static void expect_command(void **state, const char *script, int exit_code)
{
	char out[OUTPUT_BYTES], err[OUTPUT_BYTES];
	struct program program;
	int status;

	need_probes(state);
	program = program_run(-1, "stat", "--json", "--", "sh", "-c", script);
	status = program_end(&program, out, err, sizeof(out));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), exit_code);
	assert_string_equal(out, "its own\n"); /* results go to stderr */
	assert_non_null(strstr(err, "\"lanes\":["));
	assert_non_null(strstr(err, "\"kind\":\"command\""));
}

static void test_command_that_succeeds_passes_on_0(void **state)
{
	expect_command(state, "echo its own", 0);
}

static void test_command_that_fails_passes_on_its_status(void **state)
{
	expect_command(state, "echo its own; exit 3", 3);
}

static void test_command_that_is_killed_passes_on_128_and_the_signal(void **state)
{
	expect_command(state, "echo its own; kill -KILL $$", 128 + SIGKILL);
}

static void test_command_that_is_not_there_is_one_line_and_1(void **state)
{
	char out[OUTPUT_BYTES], err[OUTPUT_BYTES];
	struct program program;
	int status;

	need_probes(state);
	program = program_run(-1, "stat", "--", "/nowhere/at/all");
	status = program_end(&program, out, err, sizeof(out));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_string_equal(out, "");
	assert_int_equal(strncmp(err, "swtch: ", 7), 0);
	assert_non_null(strstr(err, "/nowhere/at/all"));
	assert_ptr_equal(strchr(err, '\n'), err + strlen(err) - 1);
}

static void test_command_is_followed_through_its_forks(void **state)
{
	char out[OUTPUT_BYTES], err[OUTPUT_BYTES];
	struct program program;
	const char *lane;

	need_probes(state);
	program = program_run(-1, "stat", "--json", "--", "sh", "-c",
			      "for i in 1 2 3 4 5; do (:); done; (exec sh -c '(:); :')");
	assert_int_equal(program_end(&program, out, err, sizeof(out)), 0);
	lane = lane_of(err, "sh");
	assert_int_equal(figure_of(value_of(lane, "created"), "processes"), 7);
	assert_int_equal(figure_of(lane, "exited"), 8);
	assert_int_equal(figure_of(value_of(lane, "audit"), "exact"),
			 figure_of(value_of(lane, "audit"), "tasks"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pingpong_as_three_models_adds_up),
		cmocka_unit_test(test_work_of_spawn_is_the_tasks_that_the_kernel_saw),
		cmocka_unit_test(test_command_that_succeeds_passes_on_0),
		cmocka_unit_test(test_command_that_fails_passes_on_its_status),
		cmocka_unit_test(test_command_that_is_killed_passes_on_128_and_the_signal),
		cmocka_unit_test(test_command_that_is_not_there_is_one_line_and_1),
		cmocka_unit_test(test_command_is_followed_through_its_forks),
	};

	return cmocka_run_group_tests(tests, program_setup, NULL);
}
