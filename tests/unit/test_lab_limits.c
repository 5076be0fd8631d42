// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_lab_limits.c - a run that the system has no room for is refused before its first task, and
 * told which limit it is; one that meets a limit later has failed, and is told the same.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lab/cgroup.h"
#include "lab/task.h"
#include "lab_run.h"

#define CANNOT_PREPARE 99

#ifdef __SANITIZE_THREAD__
#define BY_US "" /* it may have a thread of its own */
#else
#define BY_US "1 of that are taken"
#endif

static struct lab_spec spec_of(const char *job, enum lab_model model, uint32_t n_tasks)
{
	return spec_for(job, model, n_tasks, 0);
}

static void assert_says(const struct lab_run *run, const char *words)
{
	if (!strstr(run->area->error, words))
		fail_msg("no \"%s\" in: %s", words, run->area->error);
}

/* Refused while it set itself up: no task was made, and no time passed at work. */
static void refused(const struct lab_spec *spec, void (*prepare)(void), const char *says,
		    const char *advice)
{
	struct lab_run run = { .prepare = prepare };
	int status;

	run_start(&run, spec);
	run_go(&run);
	status = run_wait(&run);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_PREPARE) {
		run_free(&run);
		skip(); /* not allowed to mount, say */
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_int_equal(run_phase(&run), LAB_FAILED);
	assert_int_equal(run.area->started_ns, 0);
	assert_int_equal(run_sum(&run, alive), 0);
	assert_says(&run, says);
	assert_says(&run, advice);
	run_free(&run);
}

/* --- descriptors --------------------------------------------------------------------------------- */

static void few_descriptors(void)
{
	struct rlimit limit = { 32, 32 };

	setrlimit(RLIMIT_NOFILE, &limit);
}

static void test_limits_descriptors_of_links_are_counted_before(void **state)
{
	struct lab_spec spec = spec_of("pingpong", MODEL_PROCESS, 100);

	(void)state;
	/* A hundred pipes with two each, the first of which is open already. */
	refused(&spec, few_descriptors,
		"job pingpong needs 198 more descriptors, but RLIMIT_NOFILE is 32 and ",
		" of that are taken; raise ulimit -n, or use fewer tasks");
}

static void test_limits_descriptors_that_suffice_are_no_obstacle(void **state)
{
	struct lab_spec spec = spec_of("pingpong", MODEL_PROCESS, 10);
	struct lab_run run = { .prepare = few_descriptors };

	(void)state;
	spec.work = 10;
	run_start(&run, &spec);
	run_to_end(&run, 0);
	run_free(&run);
}

/* --- tasks --------------------------------------------------------------------------------------- */

/* Root may always fork, so the limit is met as a user who has nothing else that runs. */
static void be_nobody_else(void)
{
	if (setuid(1000000 + (uid_t)getppid()))
		_exit(CANNOT_PREPARE);
}

static void few_processes(void)
{
	struct rlimit limit = { 3, 3 };

	setrlimit(RLIMIT_NPROC, &limit);
	be_nobody_else();
}

static void test_limits_processes_of_a_user_are_counted_before(void **state)
{
	struct lab_spec spec = spec_of("yield", MODEL_PROCESS, 20);

	(void)state;
	refused(&spec, few_processes,
		"job yield needs 20 processes, but RLIMIT_NPROC is 3 and " BY_US,
		"raise ulimit -u");
	spec = spec_of("yield", MODEL_THREAD, 20);
	refused(&spec, few_processes,
		"job yield needs 20 threads, but RLIMIT_NPROC is 3 and " BY_US, "raise ulimit -u");
	spec = spec_of("spawn", MODEL_PROCESS, 2); /* one makes the two */
	refused(&spec, few_processes, "job spawn needs 3 processes", "raise ulimit -u");
	spec = spec_of("yield", MODEL_COROUTINE, 20);
	spec.n_pool = 4;
	refused(&spec, few_processes, "job yield needs 3 threads", "raise ulimit -u");
}

/* As many as are needed, and one for a sanitizer's own thread. */
static void just_enough_processes(void)
{
	struct rlimit limit = { 4, 4 };

	setrlimit(RLIMIT_NPROC, &limit);
	be_nobody_else();
}

static void test_limits_processes_that_suffice_are_no_obstacle(void **state)
{
	(void)state;
	if (getuid())
		skip();
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec = spec_of("yield", (enum lab_model)model, 2);
		struct lab_run run = { .prepare = just_enough_processes };

		spec.work = 10;
		run_start(&run, &spec);
		run_to_end(&run, 0);
		run_free(&run);
	}
}

static void room_for_twenty(void)
{
	struct rlimit limit = { 25, 25 };

	setrlimit(RLIMIT_NPROC, &limit);
	be_nobody_else();
}

/* Another process of the same user, which ends with us at the latest. */
static pid_t crowd(void)
{
	uid_t uid = 1000000 + (uid_t)getpid();
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setuid(uid))
		_exit(CANNOT_PREPARE);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* cleared by the change */
	for (;;)
		pause();
}

static bool is_crowding(pid_t pid)
{
	struct stat owner;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return !stat(path, &owner) && owner.st_uid == 1000000 + (uid_t)getpid();
}

/* There is room when it is looked for, and then others take it. */
static void test_limits_met_in_the_middle_end_the_run_and_are_named(void **state)
{
	(void)state;
	if (getuid())
		skip();
	for (int model = MODEL_PROCESS; model <= MODEL_THREAD; model++) {
		struct lab_spec spec = spec_of("yield", (enum lab_model)model, 20);
		struct lab_run run = { .prepare = room_for_twenty };
		pid_t others[15];

		run_start(&run, &spec);
		run_wait_phase(&run, LAB_READY);
		for (int i = 0; i < 15; i++) {
			others[i] = crowd();
			wait_until(is_crowding(others[i]));
		}
		run_to_end(&run, 1);
		assert_says(&run, " of 20: ");
		assert_says(&run, "RLIMIT_NPROC is 25; raise ulimit -u");
		for (int i = 0; i < 15; i++) {
			kill(others[i], SIGKILL);
			waitpid(others[i], NULL, 0);
		}
		run_free(&run);
	}
}

static unsigned long number_in(const char *path)
{
	unsigned long number = 0;
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu", &number), 1);
	fclose(file);
	return number;
}

static void test_limits_of_the_system_are_named(void **state)
{
	struct lab_spec spec = spec_of("idle", MODEL_THREAD, LAB_MAX_TASKS);
	unsigned long pid_max = number_in("/proc/sys/kernel/pid_max");
	unsigned long threads_max = number_in("/proc/sys/kernel/threads-max");
	unsigned long mappings = number_in("/proc/sys/vm/max_map_count");
	uint64_t group_max, group_taken;
	struct rlimit own;
	char wanted[128];

	(void)state;
	cgroup_tasks(&group_max, &group_taken);
	getrlimit(RLIMIT_NPROC, &own);
	if (group_max < LAB_MAX_TASKS || (getuid() && own.rlim_cur < LAB_MAX_TASKS))
		skip(); /* nearer than those that are looked at here */
	if (pid_max <= LAB_MAX_TASKS && pid_max < threads_max)
		sprintf(wanted, "kernel.pid_max is %lu and ", pid_max);
	else if (threads_max <= LAB_MAX_TASKS)
		sprintf(wanted, "kernel.threads-max is %lu and ", threads_max);
	else if (mappings <= 2 * LAB_MAX_TASKS)
		sprintf(wanted, "%d mappings of memory for stacks, but vm.max_map_count is %lu",
			2 * LAB_MAX_TASKS, mappings);
	else
		skip(); /* there may be room for all */
	refused(&spec, NULL, wanted, "raise sysctl ");
}

/* --- mappings ------------------------------------------------------------------------------------ */

/* A kernel before 6.13: madvise(2) does not know MADV_GUARD_INSTALL, 102. */
static void no_guards(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 102, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(CANNOT_PREPARE);
}

static void test_limits_mappings_of_coroutines_are_counted_where_guards_take_some(void **state)
{
	struct lab_spec spec = spec_of("idle", MODEL_COROUTINE, LAB_MAX_TASKS);
	char wanted[128];

	(void)state;
	if (number_in("/proc/sys/vm/max_map_count") > 2 * LAB_MAX_TASKS)
		skip();
	sprintf(wanted, "job idle needs %d mappings of memory for stacks, but vm.max_map_count is ",
		2 * LAB_MAX_TASKS);
	refused(&spec, no_guards, wanted, "raise sysctl vm.max_map_count");
}

/* --- what files of /proc and /sys say, which are made up here in a mount namespace --------------- */

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(text, file) < 0 || fclose(file))
		_exit(CANNOT_PREPARE);
}

/* An empty /sys/fs/cgroup, which nobody else sees; files to be bound over others go there too. */
static void make_stage(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/sys/fs/cgroup", "tmpfs", 0, "size=1m"))
		_exit(CANNOT_PREPARE);
}

static void little_memory(void)
{
	make_stage();
	write_file("/sys/fs/cgroup/meminfo", "MemTotal: 99999999 kB\nMemAvailable: 2048 kB\n");
	if (mount("/sys/fs/cgroup/meminfo", "/proc/meminfo", NULL, MS_BIND, NULL))
		_exit(CANNOT_PREPARE);
}

static void test_limits_memory_that_is_there_is_held_against_the_least_need(void **state)
{
	struct lab_spec spec = spec_of("idle", MODEL_COROUTINE, 1000);

	(void)state;
	refused(&spec, little_memory,
		"job idle needs 3 MB of memory at the least, but MemAvailable is 2 MB",
		"free some, or use fewer tasks");
	spec = spec_of("idle", MODEL_THREAD, 100);
	refused(&spec, little_memory, "job idle needs 2 MB of memory", "or use fewer tasks");
}

/* Of three groups, one within the other, the middle one leaves the least. */
static void narrow_groups(const char *hierarchy)
{
	static const char *const groups[][3] = { { "", "1000", "10" },
						 { "/a", "20", "15" },
						 { "/a/b", "max", "1" } };
	char path[128];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup%s%s", hierarchy, groups[i][0]);
		mkdir(path, 0755);
		snprintf(path, sizeof(path), "/sys/fs/cgroup%s%s/pids.max", hierarchy,
			 groups[i][0]);
		write_file(path, groups[i][1]);
		snprintf(path, sizeof(path), "/sys/fs/cgroup%s%s/pids.current", hierarchy,
			 groups[i][0]);
		write_file(path, groups[i][2]);
	}
}

static void be_in_group(const char *lines)
{
	char path[64];

	write_file("/sys/fs/cgroup/mine", lines);
	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)getpid());
	if (mount("/sys/fs/cgroup/mine", path, NULL, MS_BIND, NULL))
		_exit(CANNOT_PREPARE);
}

static void groups_of_version_2(void)
{
	make_stage();
	narrow_groups("");
	be_in_group("0::/a/b\n");
}

static void groups_of_version_1(void)
{
	make_stage();
	narrow_groups("/pids");
	be_in_group("9:name=systemd:/x\n8:pids:/a/b\n4:memory:/y\n0::/\n");
}

static void test_limits_of_control_groups_are_found_above_too(void **state)
{
	struct lab_spec spec = spec_of("yield", MODEL_PROCESS, 6);

	(void)state;
	refused(&spec, groups_of_version_2,
		"job yield needs 6 processes, but the cgroup's pids.max is 20 and 15 of that are "
		"taken",
		"raise it");
	refused(&spec, groups_of_version_1,
		"but the cgroup's pids.max is 20 and 15 of that are taken", "raise it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits_descriptors_of_links_are_counted_before),
		cmocka_unit_test(test_limits_descriptors_that_suffice_are_no_obstacle),
		cmocka_unit_test(test_limits_processes_of_a_user_are_counted_before),
		cmocka_unit_test(test_limits_processes_that_suffice_are_no_obstacle),
		cmocka_unit_test(test_limits_met_in_the_middle_end_the_run_and_are_named),
		cmocka_unit_test(test_limits_of_the_system_are_named),
		cmocka_unit_test(
			test_limits_mappings_of_coroutines_are_counted_where_guards_take_some),
		cmocka_unit_test(test_limits_memory_that_is_there_is_held_against_the_least_need),
		cmocka_unit_test(test_limits_of_control_groups_are_found_above_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
