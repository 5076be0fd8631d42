// SPDX-License-Identifier: GPL-2.0-only
/* test_lab_runner.c - how a run ends: refused, killed, deadlocked; nobody stays. */
#include "base/error.h"
#include "lab/task.h"
#include "lab_run.h"

static struct lab_spec spec_of(const char *job, enum lab_model model, uint32_t n_tasks)
{
	return spec_for(job, model, n_tasks, 0);
}

static void run_until_working(struct lab_run *run, const struct lab_spec *spec)
{
	run_start(run, spec);
	run_wait_phase(run, LAB_READY);
	run_go(run);
	wait_until(run_sum(run, done) > 0 && run_sum(run, alive) >= spec->n_tasks);
}

/* Gone, or dead and not reaped by whoever inherited it. */
static bool has_ended(pid_t pid)
{
	char path[64], state = 'X';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return true;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 'X';
	fclose(file);
	return state == 'Z' || state == 'X';
}

static void read_comm(pid_t pid, pid_t tid, char comm[32])
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", (int)pid, (int)tid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(comm, 32, file));
	fclose(file);
	comm[strcspn(comm, "\n")] = '\0';
}

/* The runner is told fd is its area; what it says, and its exit status. */
static int refusal(int fd, char *text, size_t size)
{
	struct lab_run run = { 0 };
	int log[2], status;

	assert_int_equal(pipe2(log, O_CLOEXEC), 0);
	run.log_fd = log[0];
	run.pid = lab_exec(fd, log[1], NULL);
	close(log[1]);
	status = run_wait(&run);
	run_log(&run, text, size);
	close(log[0]);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void assert_refused(int fd)
{
	char text[512];

	assert_int_equal(refusal(fd, text, sizeof(text)), 2);
	assert_non_null(strstr(text, "started by swtch, not by hand"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1); /* one line */
}

static void test_runner_refuses_what_is_no_area(void **state)
{
	struct lab_area *area;
	int fd, ends[2];

	(void)state;
	assert_refused(-1);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_refused(ends[0]);
	area = area_new(&fd);
	area->magic++;
	assert_refused(fd);
	area->magic--;
	area->size--;
	assert_refused(fd);
	area->size++;
	assert_int_equal(ftruncate(fd, sizeof(*area) - 4096), 0); /* touching the rest would kill */
	assert_refused(fd);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_refused(fd);
	munmap(area, sizeof(*area));
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

static void assert_fails(const struct lab_spec *spec, const char *says)
{
	struct lab_run run = { 0 };

	run_start(&run, spec);
	run_to_end(&run, 1);
	if (!strstr(run.area->error, says))
		print_error("error is: %s\n", run.area->error);
	assert_non_null(strstr(run.area->error, says));
	run_free(&run);
}

static void test_runner_says_what_is_wrong_with_a_spec(void **state)
{
	struct lab_spec good = spec_of("pingpong", MODEL_PROCESS, 2), bad;

	(void)state;
	bad = good, strcpy(bad.job, "chess");
	assert_fails(&bad, "no job is called 'chess'");
	bad = good, strcpy(bad.model, "fibre");
	assert_fails(&bad, "no model is called 'fibre'");
	bad = good, strcpy(bad.via, "channel");
	assert_fails(&bad, "via 'channel' does not fit model process; these do: pipe");
	bad = good, bad.n_tasks = 3;
	assert_fails(&bad, "groups of 2; try 4");
	bad = good, bad.n_tasks = 0;
	assert_fails(&bad, "0 tasks: use 1 to");
	bad = good, bad.n_tasks = UINT32_MAX;
	assert_fails(&bad, "4294967295 tasks: use 1 to");
	bad = good, bad.stack_bytes = 1;
	assert_fails(&bad, "a stack of 1 bytes");
	bad = good, memset(bad.job, 'x', sizeof(bad.job));
	assert_fails(&bad, "no job is called 'xxxxxxxxxxxxxxx'");
	bad = good, memset(bad.via, 'x', sizeof(bad.via));
	assert_fails(&bad, "a name is longer than 15 bytes");
	bad = good, bad.pin[LAB_PIN_WORDS - 1] = 1ull << 63;
	assert_fails(&bad, "cannot pin");
}

static void test_runner_names_its_tasks(void **state)
{
	struct lab_spec spec = spec_of("pingpong", MODEL_PROCESS, 4);
	static const char *const names[] = { "ping-0", "pong-0", "ping-1", "pong-1" };
	struct lab_run run = { 0 };
	pid_t pids[8];
	char comm[32];

	(void)state;
	run_until_working(&run, &spec);
	read_comm(run.pid, run.pid, comm);
	assert_string_equal(comm, "lab-process");
	wait_until(children_of(run.pid, pids, 8) == 4); /* the last counts before it is made */
	for (int i = 0; i < 4; i++) {
		wait_until((read_comm(pids[i], pids[i], comm), !strcmp(comm, names[i])));
	}
	run_stop(&run);
	run_to_end(&run, 0);
	run_free(&run);
}

static void test_runner_task_killed_ends_the_job_and_says_so(void **state)
{
	(void)state;
	for (int victim = 0; victim < 4; victim++) {
		struct lab_spec spec = spec_of("pingpong", MODEL_PROCESS, 4);
		struct lab_run run = { 0 };
		char wanted[128];
		pid_t pids[8];

		run_until_working(&run, &spec);
		wait_until(children_of(run.pid, pids, 8) == 4);
		kill(pids[victim], SIGKILL);
		run_to_end(&run, 1);
		snprintf(wanted, sizeof(wanted), "task %d (pid %d) was killed by signal 9%s",
			 victim, (int)pids[victim], error_of_signal(SIGKILL));
		assert_string_equal(run.area->error, wanted);
		for (int i = 0; i < 4; i++)
			wait_until(has_ended(pids[i]));
		run_free(&run);
	}
}

static void runner_dies_by(int signal, const char *job, enum lab_model model)
{
	struct lab_spec spec = spec_of(job, model, 4);
	struct lab_run run = { 0 };
	pid_t pids[16];
	size_t n;
	int status;

	if (job_find(job)->one_maker)
		spec.n_tasks = 1;
	run_until_working(&run, &spec);
	n = children_of(run.pid, pids, 8);
	for (size_t i = n; i-- > 0;)
		n += children_of(pids[i], pids + n, 16 - n);
	assert_true(model != MODEL_PROCESS || n);
	kill(run.pid, signal);
	status = run_wait(&run);
	assert_true(WIFSIGNALED(status));
	for (size_t i = 0; i < n; i++)
		wait_until(has_ended(pids[i]));
	run_free(&run);
}

static void test_runner_killed_leaves_nobody(void **state)
{
	(void)state;
	for (int model = 0; model < N_MODELS; model++) {
		runner_dies_by(SIGKILL, "pingpong", (enum lab_model)model);
		runner_dies_by(SIGTERM, "compute", (enum lab_model)model);
	}
	for (int i = 0; i < 10; i++)
		runner_dies_by(SIGKILL, "spawn", MODEL_PROCESS);
}

/* A process between us and the runner is killed: the runner and its tasks end with it. */
static void test_runner_ends_with_its_parent(void **state)
{
	struct lab_spec spec = spec_of("pingpong", MODEL_PROCESS, 2);
	struct lab_run *run =
		mmap(NULL, sizeof(*run), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t middle, pids[4];
	struct lab_area *area;
	int fd, log[2];

	(void)state;
	assert_true(run != MAP_FAILED);
	area = area_new(&fd);
	area->spec = spec;
	area->go = 1;
	assert_int_equal(pipe2(log, O_CLOEXEC), 0);
	middle = fork();
	assert_true(middle >= 0);
	if (!middle) {
		area->spec.parent = (uint32_t)getpid();
		run->pid = lab_exec(fd, log[1], NULL);
		for (;;)
			pause();
	}
	run->area = area;
	wait_until(run_sum(run, done) > 0);
	assert_int_equal(children_of(run->pid, pids, 4), 2);
	kill(middle, SIGKILL);
	waitpid(middle, NULL, 0);
	wait_until(has_ended(run->pid) && has_ended(pids[0]) && has_ended(pids[1]));
	munmap(area, sizeof(*area));
	munmap(run, sizeof(*run));
	close(fd);
	close(log[0]);
	close(log[1]);
}

static void test_runner_orphaned_before_it_could_ask_ends(void **state)
{
	struct lab_spec spec = spec_of("pingpong", MODEL_THREAD, 2);
	struct lab_run run = { 0 };
	int status, log[2], fd;

	(void)state;
	run.area = area_new(&fd);
	run.area->spec = spec;
	run.area->spec.parent = (uint32_t)getpid() + 1; /* as if somebody else had adopted it */
	assert_int_equal(pipe2(log, O_CLOEXEC), 0);
	run.log_fd = log[0];
	run.pid = lab_exec(fd, log[1], NULL);
	status = run_wait(&run);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(run_phase(&run), LAB_STARTING);
	close(log[1]);
	close(fd);
	run_free(&run);
}

/* Each waits for a token that nobody sends. */
static void deadlock_body(struct task *self)
{
	task_receive(self, &self->lab->links[self->number]);
}

static int deadlock_open(struct lab *lab)
{
	return lab_open_links(lab, 2);
}

static const struct job job_deadlock = { .name = "deadlock",
					 .comms = { "deadlock" },
					 .n_tasks = 2,
					 .group = 1,
					 .options = JOB_VIA,
					 .open = deadlock_open,
					 .body = deadlock_body };

static void test_runner_deadlock_of_coroutines_is_reported(void **state)
{
	struct lab_area *area;
	struct lab lab;
	int fd;

	(void)state;
	area = area_new(&fd);
	area->spec = spec_of("pingpong", MODEL_COROUTINE, 2);
	assert_int_equal(lab_init(&lab, area, &job_deadlock), 0);
	assert_int_equal(lab_run(&lab), -EDEADLK);
	assert_string_equal(area->error, "deadlock: 2 coroutines wait and nothing can wake them");
	lab_fini(&lab);
	munmap(area, sizeof(*area));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runner_refuses_what_is_no_area),
		cmocka_unit_test(test_runner_says_what_is_wrong_with_a_spec),
		cmocka_unit_test(test_runner_names_its_tasks),
		cmocka_unit_test(test_runner_task_killed_ends_the_job_and_says_so),
		cmocka_unit_test(test_runner_killed_leaves_nobody),
		cmocka_unit_test(test_runner_ends_with_its_parent),
		cmocka_unit_test(test_runner_orphaned_before_it_could_ask_ends),
		cmocka_unit_test(test_runner_deadlock_of_coroutines_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
