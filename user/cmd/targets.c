// SPDX-License-Identifier: GPL-2.0-only
/* targets.c - the targets of a command line, one after another; words as a shell splits them. */
#include "cmd/targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/escape.h"
#include "base/proc.h"
#include "cmd/values.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
#define N_WORDS_MAX 256
#define BLANKS	    " \t\n"

const char *target_kind_name(enum target_kind kind)
{
	static const char *const names[] = { [TARGET_COMMAND] = "command",
					     [TARGET_PIDS] = "pids",
					     [TARGET_CGROUP] = "cgroup",
					     [TARGET_ALL] = "all" };

	return names[kind];
}

static int no_memory(struct error *error)
{
	return error_set(error, EINVAL, "cannot read the command line: out of memory");
}

static int add(struct options *options, const struct target *target, struct error *error)
{
	char shown[VALUE_SHOWN];

	for (unsigned i = 0; target->name && i < options->n_targets; i++)
		if (options->targets[i].name && !strcmp(options->targets[i].name, target->name))
			return error_set(error, EINVAL,
					 "two lanes are called %s; call one otherwise",
					 value_shown(shown, target->name));
	if (options->n_targets == N_TARGETS_MAX)
		return error_set(error, EINVAL,
				 "more than %u things to watch; a lane can hold several processes "
				 "(-p 1,2) or a cgroup",
				 N_TARGETS_MAX);
	options->targets[options->n_targets++] = *target;
	return 0;
}

/* --- processes ------------------------------------------------------------------------------- */

static bool has_pid(const struct target *target, pid_t pid)
{
	for (unsigned i = 0; i < target->n_pids; i++)
		if (target->pids[i] == pid)
			return true;
	return false;
}

/* A task is in one lane. */
static int add_pid(const struct options *options, struct target *target, const char *option,
		   const char *word, struct error *error)
{
	char shown[VALUE_SHOWN];
	bool is_twice;
	uint64_t pid;
	int err;

	if (!*word || *word == '-') /* what $(pgrep -d, NAME) leaves when it finds none */
		return error_set(error, EINVAL, "%s: no process stands there; does it run?",
				 option);
	err = value_number(option, word, 1, 1u << TASK_PID_BITS, &pid, error);
	if (err)
		return err;
	is_twice = has_pid(target, (pid_t)pid);
	for (unsigned i = 0; i < options->n_targets; i++)
		is_twice |= has_pid(&options->targets[i], (pid_t)pid);
	if (is_twice)
		return error_set(error, EINVAL, "%s: %s stands there twice; leave one out", option,
				 value_shown(shown, word));
	if (target->n_pids == N_PIDS_MAX)
		return error_set(error, EINVAL, "%s: at most %d processes in a lane; see --cgroup",
				 option, N_PIDS_MAX);
	if ((pid_t)pid == getpid())
		return error_set(error, EINVAL, "%s: %s is swtch itself, which is never watched",
				 option, value_shown(shown, word));
	target->pids[target->n_pids++] = (pid_t)pid;
	return 0;
}

int targets_add_pids(struct options *options, const char *name, const char *option,
		     const char *value, struct error *error)
{
	struct target target = { .kind = TARGET_PIDS, .name = name };
	char word[32];

	for (const char *at = value;; at++) {
		size_t length = strcspn(at, ",");
		int err;

		snprintf(word, sizeof(word), "%.*s", length < 31 ? (int)length : 31, at);
		err = add_pid(options, &target, option, word, error);
		if (err)
			return err;
		at += length;
		if (!*at)
			return add(options, &target, error);
	}
}

/* --- cgroups --------------------------------------------------------------------------------- */

static bool is_cgroup(const char *path)
{
	struct statfs fs;
	struct stat file;

	return *path == '/' && !stat(path, &file) && S_ISDIR(file.st_mode) && !statfs(path, &fs) &&
	       fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* As it stands there, or below where cgroups of the second version are mounted; else as it was meant. */
static char *find_cgroup(const char *value)
{
	static const char *const roots[] = { "", CGROUP_ROOT "/", CGROUP_ROOT "/unified/" };
	const char *name = value + strspn(value, "/");
	char *path;

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		if (asprintf(&path, "%s%s", roots[i], *roots[i] ? name : value) < 0)
			return NULL;
		if (is_cgroup(path))
			return path;
		free(path);
	}
	return asprintf(&path, "%s%s", *value == '/' ? "" : CGROUP_ROOT "/", value) < 0 ? NULL
											: path;
}

int targets_add_cgroup(struct options *options, const char *name, const char *option,
		       const char *value, struct error *error)
{
	struct target target = { .kind = TARGET_CGROUP, .name = name };
	char shown[VALUE_SHOWN], *path;
	int err;

	if (!*value || strstr(value, ".."))
		return error_set(error, EINVAL,
				 "%s: %s is no cgroup; a path below " CGROUP_ROOT
				 ", as systemd-cgls shows it",
				 option, *value ? value_shown(shown, value) : "\"\"");
	path = find_cgroup(value);
	if (!path)
		return no_memory(error);
	for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
		path[n - 1] = '\0';
	target.cgroup = path;
	err = add(options, &target, error);
	if (err)
		free(path);
	return err;
}

int targets_add_all(struct options *options, const char *name, const char *option,
		    struct error *error)
{
	for (unsigned i = 0; i < options->n_targets; i++)
		if (options->targets[i].kind == TARGET_ALL)
			return error_set(error, EINVAL, "%s stands there twice; leave one out",
					 option);
	return add(options, &(struct target){ .kind = TARGET_ALL, .name = name }, error);
}

int targets_add_command(struct options *options, const char *name, char *const *command,
			struct error *error)
{
	struct target target = { .kind = TARGET_COMMAND, .name = name, .command = command };

	if (!options->command)
		options->command = command;
	return add(options, &target, error);
}

/* --- lanes ----------------------------------------------------------------------------------- */

/* One word of a line, in place: quotes and backslashes go, as in a shell; false: a quote is open. */
static bool take_word(char **at, char **word)
{
	char *from = *at, *to = *at, quote = 0;

	*word = to;
	for (; *from && (quote || !strchr(BLANKS, *from)); from++) {
		if (!quote && (*from == '\'' || *from == '"'))
			quote = *from;
		else if (quote && *from == quote)
			quote = 0;
		else if (*from == '\\' && quote != '\'' && from[1])
			*to++ = *++from;
		else
			*to++ = *from;
	}
	*at = *from ? from + 1 : from;
	*to = '\0';
	return !quote;
}

/*
 * The words behind NAME= and the name, all in one piece: free() ends it. NULL-terminated; NULL with
 * `error` set.
 */
static char **split(const char *option, const char *line, size_t name_length, const char **name,
		    struct error *error)
{
	size_t size = strlen(line) + 1;
	char **words = calloc(1, (N_WORDS_MAX + 1) * sizeof(*words) + size), *at;
	unsigned n = 0;

	if (!words) {
		no_memory(error);
		return NULL;
	}
	at = memcpy(words + N_WORDS_MAX + 1, line, size);
	*name = at;
	at[name_length] = '\0';
	at += name_length + 1;
	for (at += strspn(at, BLANKS); *at; at += strspn(at, BLANKS)) {
		int err = 0;

		if (n == N_WORDS_MAX)
			err = error_set(error, EINVAL, "%s: more than %d words", option,
					N_WORDS_MAX);
		else if (!take_word(&at, &words[n++]))
			err = error_set(error, EINVAL, "%s: a quote is not closed", option);
		if (err) {
			free(words);
			return NULL;
		}
	}
	return words;
}

static int add_words(struct options *options, const char *name, const char *option, char **words,
		     struct error *error)
{
	static const char what[] = "'-- CMD ARGS', '-p PID,PID', '--cgroup PATH' or -a";
	const char *first = words[0] ? words[0] : "";
	char shown[VALUE_SHOWN];

	if (!strcmp(first, "--") && words[1])
		return targets_add_command(options, name, words + 1, error);
	if ((!strcmp(first, "-p") || !strcmp(first, "--pid")) && words[1] && !words[2])
		return targets_add_pids(options, name, option, words[1], error);
	if (!strcmp(first, "--cgroup") && words[1] && !words[2])
		return targets_add_cgroup(options, name, option, words[1], error);
	if ((!strcmp(first, "-a") || !strcmp(first, "--all")) && !words[1])
		return targets_add_all(options, name, option, error);
	return error_set(error, EINVAL, "%s: behind NAME= comes %s, not %s", option, what,
			 *first ? value_shown(shown, first) : "nothing");
}

int targets_add_lane(struct options *options, const char *option, const char *value,
		     struct error *error)
{
	const char *equals = strchr(value, '=');
	char shown[VALUE_SHOWN], **words;
	const char *name;
	int err;

	if (!equals || equals == value)
		return error_set(
			error, EINVAL,
			"%s: %s has no NAME=; as in: %s 'web=-p 812' or %s 'make=-- make -j4'",
			option, *value ? value_shown(shown, value) : "\"\"", option, option);
	words = split(option, value, (size_t)(equals - value), &name, error);
	if (!words)
		return -EINVAL;
	err = add_words(options, name, option, words, error);
	if (err)
		free(words);
	else
		options->targets[options->n_targets - 1].memory = words;
	return err;
}

void targets_fini(struct options *options)
{
	for (unsigned i = 0; i < options->n_targets; i++) {
		free(options->targets[i].cgroup);
		free(options->targets[i].memory);
	}
	options->n_targets = 0;
}

enum target_kind targets_decide(const struct options *options)
{
	enum target_kind kind = TARGET_ALL;

	for (unsigned i = 0; i < options->n_targets; i++)
		if (options->targets[i].kind < kind)
			kind = options->targets[i].kind;
	return kind;
}

/* --- what can be known before ---------------------------------------------------------------- */

static int check_pid(pid_t pid, struct error *error)
{
	pid_t process = proc_process(pid);
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	if (access(path, F_OK))
		return error_set(error, ESRCH,
				 "cannot watch process %d: there is no such process (see pgrep -a "
				 "NAME)",
				 pid);
	if (process && process != pid)
		return error_set(
			error, EINVAL,
			"cannot watch %d alone: it is a thread of process %d; -p %d watches all "
			"of it, and --per-task tells each thread",
			pid, process, process);
	return 0;
}

static int check_cgroup(const char *path, struct error *error)
{
	char shown[SHOWN_PATH];

	escape_name(shown, sizeof(shown), path);
	if (access(path, F_OK))
		return error_set(error, errno,
				 "cannot watch cgroup %s: %s (systemd-cgls shows those there are)",
				 shown, strerror(errno));
	if (!is_cgroup(path))
		return error_set(error, ENOTSUP,
				 "cannot watch %s: it is no cgroup of the second version, see "
				 "cgroups(7)",
				 shown);
	return 0;
}

int targets_check(const struct options *options, struct error *error)
{
	int err = 0;

	for (unsigned i = 0; !err && i < options->n_targets; i++) {
		const struct target *target = &options->targets[i];

		for (unsigned j = 0; !err && j < target->n_pids; j++)
			err = check_pid(target->pids[j], error);
		if (!err && target->kind == TARGET_CGROUP)
			err = check_cgroup(target->cgroup, error);
	}
	return err;
}

/* --- words ----------------------------------------------------------------------------------- */

static void name_process(pid_t pid, char *name, size_t size)
{
	char comm[64];

	proc_name(pid, comm, sizeof(comm));
	if (*comm)
		escape_name(name, size, comm);
	else
		snprintf(name, size, "pid %d", pid);
}

/* Of several the first, and how many more. */
static void name_processes(const struct target *target, char *name, size_t size)
{
	size_t length;

	name_process(target->pids[0], name, size);
	length = strlen(name);
	if (target->n_pids > 1)
		snprintf(name + length, size - length, "+%u", target->n_pids - 1);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

void target_name(const struct target *target, char *name, size_t size)
{
	if (target->name)
		escape_name(name, size, target->name);
	else if (target->kind == TARGET_COMMAND)
		escape_name(name, size, last_part(target->command[0]));
	else if (target->kind == TARGET_PIDS)
		name_processes(target, name, size);
	else
		escape_name(name, size,
			    target->kind == TARGET_CGROUP ? last_part(target->cgroup) : "all");
}

static void put_pids(const struct target *target, char *text, size_t size)
{
	size_t length = 0;

	for (unsigned i = 0; i < target->n_pids && length + 12 < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%d", i ? "," : "-p ",
					   target->pids[i]);
}

void target_describe(const struct target *target, char *text, size_t size)
{
	size_t length = 0;

	*text = '\0';
	switch (target->kind) {
	case TARGET_COMMAND:
		for (unsigned i = 0; target->command[i] && length + 2 < size; i++) {
			if (i)
				text[length++] = ' ';
			length += escape_name(text + length, size - length, target->command[i]);
		}
		break;
	case TARGET_PIDS:
		put_pids(target, text, size);
		break;
	case TARGET_CGROUP:
		escape_name(text, size, target->cgroup);
		break;
	case TARGET_ALL:
		snprintf(text, size, "all tasks");
		break;
	}
}

void targets_describe(const struct options *options, char *text, size_t size)
{
	size_t n = 0;

	*text = '\0';
	for (unsigned i = 0; i < options->n_targets && n + 3 < size; i++) {
		n += (size_t)snprintf(text + n, size - n, "%s", i ? "; " : "");
		target_describe(&options->targets[i], text + n, size - n);
		n = strlen(text);
	}
}
