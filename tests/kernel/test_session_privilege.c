// SPDX-License-Identifier: GPL-2.0-only
/* test_session_privilege.c - who may do what while a session is open, as /proc has it. */
#include "program.h"

#include <dirent.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sys/utsname.h>

#define SOMEBODY 12345 /* nobody's uid, and in no passwd */

static const char *const no_caps = "0000000000000000";

static void expect_ids(const char *status, unsigned uid)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "%u\t%u\t%u\t%u", uid, uid, uid, uid);
	expect_status(status, "\nUid:", wanted);
}

static void expect_no_capability(const char *status)
{
	expect_status(status, "\nCapInh:", no_caps);
	expect_status(status, "\nCapPrm:", no_caps);
	expect_status(status, "\nCapEff:", no_caps);
	expect_status(status, "\nCapBnd:", no_caps);
	expect_status(status, "\nCapAmb:", no_caps);
	expect_status(status, "\nNoNewPrivs:", "1");
}

/* Files of a process that must not be dumped belong to root (proc(5), dumpable). */
static void expect_not_dumpable(pid_t pid)
{
	struct stat stat_of;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_uid, 0);
}

/* Its streams are /dev/null, and all else it has are the pipes of its job. */
static void expect_descriptors(pid_t pid)
{
	char path[64], link[512], to[128];
	struct dirent *entry;
	unsigned n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		ssize_t length;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(link, sizeof(link), "%s/%s", path, entry->d_name);
		length = readlink(link, to, sizeof(to) - 1);
		if (length < 0)
			continue; /* closed meanwhile */
		to[length] = '\0';
		if (strcmp(to, "/dev/null") != 0 &&
		    (atoi(entry->d_name) <= 2 || strncmp(to, "pipe:", 5) != 0))
			fail_msg("%s is %s", link, to);
		n++;
	}
	closedir(dir);
	assert_true(n >= 3);
}

static unsigned long long mask_of(const char *status, const char *label)
{
	char word[64];

	status_word(status, label, word, sizeof(word));
	return strtoull(word, NULL, 16);
}

/* What the keeper of a session may do yet, with the probes attached, and what is left to who it starts. */
static const struct keeps {
	unsigned long long capabilities;
	bool is_bounded;  /* an empty bounding set, no_new_privs */
	bool is_confined; /* what it started would inherit that */
} keeps_lab = { 1ull << CAP_SYS_PTRACE | 1ull << CAP_KILL | 1ull << CAP_SETUID | 1ull << CAP_SETGID,
		true, false },
  keeps_command = { 1ull << CAP_SYS_PTRACE | 1ull << CAP_KILL | 1ull << CAP_SETUID |
			    1ull << CAP_SETGID,
		    false, false },
  keeps_watch = { 1ull << CAP_SYS_PTRACE, true, true };

/* Before 5.19, where BPF is not for everybody, the maps cannot be called without CAP_BPF. */
static bool has_calls_for_all(void)
{
	FILE *file = fopen("/proc/sys/kernel/unprivileged_bpf_disabled", "re");
	unsigned major, minor, disabled = 0;
	struct utsname name;

	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%u.%u", &major, &minor), 2);
	if (file) {
		assert_int_equal(fscanf(file, "%u", &disabled), 1);
		fclose(file);
	}
	return !disabled || major > 5 || (major == 5 && minor >= 19);
}

static void expect_keeper(pid_t pid, const struct keeps *keeps)
{
	unsigned long long mask = keeps->capabilities, bound;
	char status[4096], own[4096];

	assert_true(read_proc(pid, "status", status, sizeof(status)));
	assert_true(read_proc(getpid(), "status", own, sizeof(own)));
	if (!has_calls_for_all())
		mask |= 1ull << CAP_BPF;
	bound = keeps->is_bounded ? 0 : mask_of(own, "\nCapBnd:");
	assert_int_equal(mask_of(status, "\nCapPrm:"), mask);
	assert_int_equal(mask_of(status, "\nCapEff:"), mask);
	assert_int_equal(mask_of(status, "\nCapBnd:"), bound);
	expect_status(status, "\nCapInh:", no_caps);
	expect_status(status, "\nCapAmb:", no_caps);
	expect_status(status, "\nNoNewPrivs:", keeps->is_bounded ? "1" : "0");
	expect_status(status, "\nSeccomp:", keeps->is_confined ? "2" : "0");
	expect_not_dumpable(pid);
}

/* No group but its user's own: SOMEBODY is in none, and nobody but in its first one. */
static void expect_groups(const char *status, unsigned gid)
{
	char wanted[32];

	snprintf(wanted, sizeof(wanted), "%u ", gid); /* a space behind each */
	expect_status(status, "\nGroups:", wanted);
}

/* swtch itself: the view, the reader, what writes files. */
static void expect_reader(pid_t pid, unsigned uid)
{
	char status[4096];

	assert_true(read_proc(pid, "status", status, sizeof(status)));
	expect_ids(status, uid);
	if (uid)
		expect_groups(status, uid);
	expect_no_capability(status);
	wait_until(status_figure(pid, "Seccomp:") ==
		   SECCOMP_MODE_FILTER); /* the last that it does */
	expect_not_dumpable(pid);
}

/* The signals in the mask behind `label`; 32 and 33 are glibc's own, which signal() does not touch. */
static void expect_signals(const char *status, const char *label, unsigned long long wanted)
{
	const unsigned long long glibc = 3ull << 31;
	char word[64];

	status_word(status, label, word, sizeof(word));
	assert_int_equal(strtoull(word, NULL, 16) & ~glibc, wanted);
}

/* What whoever runs this test ignores, and so do its programs. */
static unsigned long long ignored_here(void)
{
	unsigned long long mask = 0;
	struct sigaction action;

	for (int number = 1; number < 65; number++)
		if (number != 32 && number != 33 && !sigaction(number, NULL, &action) &&
		    action.sa_handler == SIG_IGN)
			mask |= 1ull << (number - 1);
	return mask;
}

/* A sanitizer tells of these. */
#ifdef __SANITIZE_ADDRESS__
#define CAUGHT (1ull << (SIGBUS - 1) | 1ull << (SIGFPE - 1) | 1ull << (SIGSEGV - 1))
#else
#define CAUGHT 0
#endif

/* A task of the lab: its user's, nothing of ours but the area. */
static void expect_lab_task(pid_t pid, unsigned uid)
{
	char text[4096];
	size_t length;

	expect_descriptors(pid);
	assert_true(read_proc(pid, "status", text, sizeof(text)));
	expect_ids(text, uid);
	expect_groups(text, uid);
	expect_no_capability(text);
	expect_signals(text, "\nSigBlk:", 0);
	expect_signals(text, "\nSigCgt:", CAUGHT);
	expect_signals(text, "\nSigIgn:", 1ull << (SIGPIPE - 1)); /* by its own will */
	assert_true(read_proc(pid, "environ", text, sizeof(text)));
	length = strlen(text);
	assert_string_equal(text, "PATH=/usr/bin:/bin");
	assert_string_equal(text + length + 1, "LC_ALL=C.UTF-8");
}

static void expect_session(int sudo_uid, unsigned uid, unsigned lab_uid)
{
	struct program program = program_run(sudo_uid, "stat", "--job", "pingpong", "--model",
					     "process", "--time", "60");
	struct family family = family_of(&program, 2);
	char out[65536], err[65536];

	expect_reader(program.pid, uid);
	expect_keeper(family.keeper, &keeps_lab);
	expect_lab_task(family.runner, lab_uid);
	for (unsigned i = 0; i < family.n_tasks; i++)
		expect_lab_task(family.tasks[i], lab_uid);
	kill(program.pid, SIGTERM);
	program_end(&program, out, err, sizeof(err));
}

static void test_privileges_under_sudo_are_the_invoking_users(void **state)
{
	need_probes(state);
	expect_session(SOMEBODY, SOMEBODY, SOMEBODY);
}

static void test_privileges_of_root_leave_lab_tasks_to_nobody(void **state)
{
	const struct passwd *nobody = getpwnam("nobody");

	need_probes(state);
	assert_non_null(nobody);
	expect_session(-1, 0, nobody->pw_uid);
}

static bool has_keeper(pid_t pid, pid_t *keeper)
{
	pid_t pids[N_TASKS_MAX];
	char name[64] = "";

	if (children_of(pid, pids) != 1)
		return false;
	*keeper = pids[0];
	return read_proc(*keeper, "comm", name, sizeof(name)) && !strcmp(name, "swtch-keeper\n");
}

/* From here on the keeper answers. */
static bool is_settled(pid_t pid, const struct keeps *keeps)
{
	char status[4096];

	return read_proc(pid, "status", status, sizeof(status)) &&
	       mask_of(status, "\nCapEff:") == mask_of(status, "\nCapPrm:") &&
	       !(mask_of(status, "\nCapPrm:") & ~keeps->capabilities &
		 ~(has_calls_for_all() ? 0 : 1ull << CAP_BPF)) &&
	       (!keeps->is_confined || status_figure(pid, "Seccomp:") == SECCOMP_MODE_FILTER);
}

static void test_keeper_that_only_watches_may_only_look(void **state)
{
	struct program program;
	char number[16], out[65536], err[65536];
	pid_t keeper;

	need_probes(state);
	snprintf(number, sizeof(number), "%d", getpid());
	program = program_run(SOMEBODY, "stat", "-p", number, "-d", "60");
	wait_until(has_keeper(program.pid, &keeper) && is_settled(keeper, &keeps_watch));
	wait_until(status_figure(program.pid, "NoNewPrivs:")); /* its uid's change came before */
	expect_keeper(keeper, &keeps_watch);
	expect_reader(program.pid, SOMEBODY);
	kill(program.pid, SIGTERM);
	program_end(&program, out, err, sizeof(err));
}

static void test_keeper_of_a_command_leaves_its_bounds(void **state)
{
	struct program program;
	char out[65536], err[65536];
	pid_t keeper, children[N_TASKS_MAX];

	need_probes(state);
	program = program_run(SOMEBODY, "stat", "--", "sleep", "60");
	wait_until(has_keeper(program.pid, &keeper) && children_of(keeper, children) == 1);
	expect_keeper(keeper, &keeps_command);
	expect_reader(program.pid, SOMEBODY);
	kill(program.pid, SIGTERM);
	program_end(&program, out, err, sizeof(err));
}

/* What a command finds when it looks at itself. `out` is its own stdout, all of it. */
static void look_from_command(int sudo_uid, const char *file, char *out, size_t size)
{
	struct program program;
	char err[65536];

	program = program_run(sudo_uid, "stat", "--json", "--", "cat", file);
	assert_int_equal(program_end(&program, out, err, size), 0);
	assert_true(strstr(err, "\"audit\"") != NULL);
}

static void test_command_is_the_invoking_users_program(void **state)
{
	char out[65536];

	need_probes(state);
	look_from_command(SOMEBODY, "/proc/self/status", out, sizeof(out));
	expect_ids(out, SOMEBODY);
	expect_status(out, "\nCapPrm:", no_caps);
	expect_status(out, "\nCapEff:", no_caps);
	expect_status(out, "\nCapAmb:", no_caps);
	expect_status(out, "\nNoNewPrivs:", "0"); /* nothing is forbidden to it */
	expect_signals(out, "\nSigBlk:", 0);
	expect_signals(out, "\nSigIgn:", ignored_here()); /* as nohup(1) wants it */
}

static void test_command_has_only_its_three_streams(void **state)
{
	struct program program;
	char out[4096], err[65536];

	need_probes(state);
	program = program_run(SOMEBODY, "stat", "--", "sh", "-c",
			      "i=0; while [ $i -lt 40 ]; do [ -e /proc/$$/fd/$i ] && echo $i; "
			      "i=$((i + 1)); done; exit 0");
	assert_int_equal(program_end(&program, out, err, sizeof(out)), 0);
	assert_string_equal(out, "0\n1\n2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_privileges_under_sudo_are_the_invoking_users),
		cmocka_unit_test(test_privileges_of_root_leave_lab_tasks_to_nobody),
		cmocka_unit_test(test_keeper_that_only_watches_may_only_look),
		cmocka_unit_test(test_keeper_of_a_command_leaves_its_bounds),
		cmocka_unit_test(test_command_is_the_invoking_users_program),
		cmocka_unit_test(test_command_has_only_its_three_streams),
	};

	return cmocka_run_group_tests(tests, program_setup, NULL);
}
