// SPDX-License-Identifier: GPL-2.0-only
/* test_session_exit.c - however a session ends, nothing of it is left. */
#include "program.h"

#include <dirent.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define CLEAN_NS      (5 * NS_PER_S)
#define N_PROGRAMS    32
#define LISTING_BYTES 8192

/* What a session holds while it runs. */
struct held {
	struct family family;
	__u32 programs[N_PROGRAMS]; /* of BPF */
	unsigned n_programs;
	char shm[LISTING_BYTES], mqueue[LISTING_BYTES]; /* what was there before it */
};

static void list_folder(const char *path, char *text)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < n; i++) {
		used += (size_t)snprintf(text + used, LISTING_BYTES - used, "%s\n",
					 entries[i]->d_name);
		assert_true(used < LISTING_BYTES);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

/* The ids of the BPF programs that a process has descriptors of, as its fdinfo tells them. */
static void list_programs(pid_t pid, struct held *held)
{
	char path[64], file[320], text[1024];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)) && held->n_programs < N_PROGRAMS) {
		const char *at;

		snprintf(file, sizeof(file), "fdinfo/%s", entry->d_name);
		if (entry->d_name[0] == '.' || strlen(entry->d_name) > 8 ||
		    !read_proc(pid, file, text, sizeof(text)))
			continue;
		at = strstr(text, "prog_id:");
		if (at && sscanf(at, "prog_id: %u", &held->programs[held->n_programs]) == 1)
			held->n_programs++;
	}
	closedir(dir);
}

static bool has_program(__u32 id)
{
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool is_clean(const struct held *held)
{
	char text[LISTING_BYTES];

	for (unsigned i = 0; i < held->n_programs; i++)
		if (has_program(held->programs[i]))
			return false;
	if (!is_gone(held->family.keeper) || !is_gone(held->family.runner))
		return false;
	for (unsigned i = 0; i < held->family.n_tasks; i++)
		if (!is_gone(held->family.tasks[i]))
			return false;
	list_folder("/dev/shm", text);
	if (strcmp(text, held->shm) != 0)
		return false;
	list_folder("/dev/mqueue", text);
	return !strcmp(text, held->mqueue);
}

static void start_running(struct program *program, struct held *held)
{
	*held = (struct held){ 0 };
	list_folder("/dev/shm", held->shm);
	list_folder("/dev/mqueue", held->mqueue);
	*program = program_run(-1, "stat", "--job", "pingpong", "--model", "process", "--time",
			       "60", "--json");
	held->family = family_of(program, 2);
	list_programs(held->family.keeper, held);
	assert_true(held->n_programs >= 8);
	for (unsigned i = 0; i < held->n_programs; i++)
		assert_true(has_program(held->programs[i]));
}

enum victim { SWTCH, KEEPER, RUNNER, TASK };

/* The wait status of swtch after its victim got the signal while a run was going. */
static int end_by(enum victim victim, int number, char *out, char *err, size_t size)
{
	struct program program;
	struct held held;
	int status = -1;
	pid_t pid;

	start_running(&program, &held);
	pid = victim == SWTCH	 ? program.pid
	      : victim == KEEPER ? held.family.keeper
	      : victim == RUNNER ? held.family.runner
				 : held.family.tasks[1];
	assert_int_equal(kill(pid, number), 0);
	wait_until_within(CLEAN_NS, waitpid(program.pid, &status, WNOHANG) == program.pid);
	wait_until_within(CLEAN_NS, is_clean(&held));
	read_all(program.out_fd, out, size);
	read_all(program.err_fd, err, size);
	return status;
}

static void expect_clean_kill(void **state, enum victim victim)
{
	char out[16384], err[16384];
	int status;

	need_probes(state);
	status = end_by(victim, SIGKILL, out, err, sizeof(out));
	if (victim == SWTCH) {
		assert_true(WIFSIGNALED(status));
		return;
	}
	/* One line on stderr says what was lost. */
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_int_equal(strncmp(err, "swtch: ", 7), 0);
	assert_ptr_equal(strchr(err, '\n'), err + strlen(err) - 1);
}

static void test_kill_of_swtch_leaves_nothing(void **state)
{
	expect_clean_kill(state, SWTCH);
}

static void test_kill_of_keeper_leaves_nothing(void **state)
{
	expect_clean_kill(state, KEEPER);
}

static void test_kill_of_runner_leaves_nothing(void **state)
{
	expect_clean_kill(state, RUNNER);
}

static void test_kill_of_lab_task_leaves_nothing(void **state)
{
	expect_clean_kill(state, TASK);
}

/* It is told to end: it ends what runs, and still prints what it counted. */
static void expect_clean_end(void **state, int number)
{
	char out[16384], err[16384];
	int status;

	need_probes(state);
	status = end_by(SWTCH, number, out, err, sizeof(out));
	assert_true(WIFEXITED(status) || WTERMSIG(status) == number);
	assert_non_null(strstr(out, "\"lanes\":["));
}

static void test_sigterm_leaves_nothing(void **state)
{
	expect_clean_end(state, SIGTERM);
}

static void test_sigint_leaves_nothing(void **state)
{
	expect_clean_end(state, SIGINT);
}

static void test_sighup_leaves_nothing(void **state)
{
	expect_clean_end(state, SIGHUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kill_of_swtch_leaves_nothing),
		cmocka_unit_test(test_kill_of_keeper_leaves_nothing),
		cmocka_unit_test(test_kill_of_runner_leaves_nothing),
		cmocka_unit_test(test_kill_of_lab_task_leaves_nothing),
		cmocka_unit_test(test_sigterm_leaves_nothing),
		cmocka_unit_test(test_sigint_leaves_nothing),
		cmocka_unit_test(test_sighup_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, program_setup, NULL);
}
