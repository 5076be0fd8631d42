// SPDX-License-Identifier: GPL-2.0-only
/* test_lab_links.c - what each way to communicate promises beside carrying the tokens. */
#include <sched.h>
#include <sys/resource.h>

#include "lab/task.h"
#include "lab_run.h"

static struct lab_spec spec_of(enum lab_model model, const char *via, uint32_t n_tasks,
			       uint64_t work)
{
	struct lab_spec spec = spec_for("pingpong", model, n_tasks, work);

	snprintf(spec.via, sizeof(spec.via), "%s", via);
	return spec;
}

static void test_links_two_hundred_tasks_end_on_stop(void **state)
{
	const struct job *job = job_find("pingpong");
	const char *via;

	(void)state;
	for (int model = 0; model < N_MODELS; model++)
		for (size_t i = 0; (via = way_at(job, JOB_VIA, (enum lab_model)model, i)); i++) {
			struct lab_spec spec = spec_of((enum lab_model)model, via, 200, 0);
			struct lab_run run = { 0 };

			run_start(&run, &spec);
			run_go(&run);
			wait_until(run_sum(&run, done) > 1000);
			run_stop(&run);
			run_to_end(&run, 0);
			assert_int_equal(run_sum(&run, alive), 0);
			run_free(&run);
		}
}

static uint64_t children_cpu_ns(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_S +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

/* The last unit is released 0.3 s after the first; one side that spins would take as much. */
static void test_shm_sleeps_while_it_waits(void **state)
{
	struct lab_spec spec = spec_of(MODEL_PROCESS, "shm", 2, 4);
	uint64_t before_ns = children_cpu_ns();
	struct lab_run run = { 0 };

	(void)state;
	run_start(&run, &spec);
	run.area->rate_hz = 10;
	run_to_end(&run, 0);
	assert_true(run.area->ended_ns - run.area->started_ns >= 300 * NS_PER_MS);
	assert_in_range(children_cpu_ns() - before_ns, 0, 200 * NS_PER_MS);
	run_free(&run);
}

static void pin_to_first_cpu(struct lab_spec *spec)
{
	cpu_set_t cpus;
	int cpu = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	while (!CPU_ISSET(cpu, &cpus))
		cpu++;
	spec->pin[cpu / 64] = 1ull << cpu % 64;
}

/* Each of the two has to let the other run once in a round trip, and does so before it is made to. */
static void test_spin_gives_way_on_one_cpu(void **state)
{
	struct lab_spec spec = spec_of(MODEL_THREAD, "spin", 2, 1000);
	struct lab_run run = { 0 };

	(void)state;
	pin_to_first_cpu(&spec);
	run_start(&run, &spec);
	run_to_end(&run, 0);
	assert_int_equal(run_sum(&run, done), 1000);
	assert_true(run_sum(&run, yielded) >= 1000);
	run_free(&run);
}

/* Message queues that the runner holds; none of them may still have a name. */
static unsigned nameless_queues(pid_t pid)
{
	static const char gone[] = " (deleted)";
	char path[64], link[256];
	unsigned n = 0;

	for (int fd = 0; fd < 64; fd++) {
		ssize_t length;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
		length = readlink(path, link, sizeof(link) - 1);
		if (length < 0)
			continue;
		link[length] = '\0';
		if (strncmp(link, "/swtch", 6))
			continue;
		assert_true(length > (ssize_t)strlen(gone));
		assert_string_equal(link + length - strlen(gone), gone);
		n++;
	}
	return n;
}

static void test_mqueue_has_no_name_that_could_stay_behind(void **state)
{
	struct lab_spec spec = spec_of(MODEL_PROCESS, "mqueue", 4, 4);
	struct lab_run run = { 0 };

	(void)state;
	run_start(&run, &spec);
	run_wait_phase(&run, LAB_READY);
	assert_int_equal(nameless_queues(run.pid), 4);
	run_to_end(&run, 0);
	run_free(&run);
}

static void few_descriptors(void)
{
	struct rlimit limit = { 32, 32 };

	setrlimit(RLIMIT_NOFILE, &limit);
}

/* A queue of one token takes some 100 of them; the rest would do for the tasks. */
static void few_bytes_of_queues(void)
{
	struct rlimit limit = { 100, 1000 };

	setrlimit(RLIMIT_MSGQUEUE, &limit);
}

/* Root may always make one more, so the limit is met as a user who has none yet. */
static void nobody_special(void)
{
	if (!getuid() && setuid(1000000 + (uid_t)getppid()))
		_exit(126);
}

static void assert_names_limit(uint32_t n_tasks, void (*prepare)(void), const char *says)
{
	struct lab_spec spec = spec_of(MODEL_PROCESS, "mqueue", n_tasks, 0);
	struct lab_run run = { .prepare = prepare };

	run_start(&run, &spec);
	run_to_end(&run, 1);
	if (!strstr(run.area->error, says))
		print_error("error is: %s\n", run.area->error);
	assert_non_null(strstr(run.area->error, says));
	run_free(&run);
}

/* Either would be EMFILE; descriptors are counted before. */
static void test_mqueue_names_the_limit_of_descriptors_or_of_bytes(void **state)
{
	(void)state;
	assert_names_limit(100, few_descriptors,
			   "needs 99 more descriptors, but RLIMIT_NOFILE is 32");
	assert_names_limit(100, few_bytes_of_queues, "cannot open mqueue ");
	assert_names_limit(100, few_bytes_of_queues, "RLIMIT_MSGQUEUE is 1000; raise ulimit -q");
}

static void test_mqueue_names_the_limit_of_queues(void **state)
{
	FILE *file = fopen("/proc/sys/fs/mqueue/queues_max", "re");
	char says[64];
	unsigned max;

	(void)state;
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%u", &max), 1);
	fclose(file);
	if (max > 2000)
		skip(); /* other limits may be met before */
	snprintf(says, sizeof(says), "fs.mqueue.queues_max is %u; raise sysctl", max);
	assert_names_limit((max + 2) & ~1u, nobody_special, says);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links_two_hundred_tasks_end_on_stop),
		cmocka_unit_test(test_shm_sleeps_while_it_waits),
		cmocka_unit_test(test_spin_gives_way_on_one_cpu),
		cmocka_unit_test(test_mqueue_has_no_name_that_could_stay_behind),
		cmocka_unit_test(test_mqueue_names_the_limit_of_descriptors_or_of_bytes),
		cmocka_unit_test(test_mqueue_names_the_limit_of_queues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
