// SPDX-License-Identifier: GPL-2.0-only
/* adopt.c - /proc and cgroupfs, pass by pass, until one finds nothing new. */
#include "keeper/adopt.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/escape.h"
#include "base/proc.h"

#define N_PASSES_MAX 100 /* a fork bomb is watched as far as it is known then */
#define DEPTH_MAX    32	 /* of cgroups below a cgroup */

struct scan {
	struct probes *probes;
	uint32_t lane;
	struct adoption *adoption;
	unsigned n_found; /* in this pass, new ones */
	unsigned n_seen;  /* tasks, in all passes */
	pid_t own[2];	  /* processes that are swtch's */
};

/* One that ended before the hooks could see it would stay for ever: so look again. */
static void take_task(struct scan *scan, pid_t tgid, pid_t pid)
{
	struct proc_look look;
	int err;

	if (probes_watch(scan->probes, pid)) {
		scan->n_seen++;
		return;
	}
	if (!proc_look(tgid, pid, &look))
		return;
	scan->n_seen++;
	err = probes_adopt(scan->probes, pid, tgid, scan->lane);
	if (err == -ENOSPC)
		scan->adoption->n_untracked++;
	if (err)
		return;
	if (!proc_look(tgid, pid, &look)) {
		probes_forget(scan->probes, pid);
		return;
	}
	probes_found(scan->probes, pid, look.state, look.cpu);
	scan->adoption->n_new++;
	scan->n_found++;
}

/* The number that a name of /proc is, or 0. */
static pid_t number_of(const char *name)
{
	char *end;
	long number;

	if (!isdigit((unsigned char)*name))
		return 0;
	number = strtol(name, &end, 10);
	return *end || number <= 0 || number > INT_MAX ? 0 : (pid_t)number;
}

static int take_process(struct scan *scan, pid_t tgid)
{
	struct dirent *entry;
	char path[64];
	pid_t pid;
	DIR *dir;

	if (tgid == scan->own[0] || tgid == scan->own[1])
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/task", tgid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir)))
		if ((pid = number_of(entry->d_name)))
			take_task(scan, tgid, pid);
	closedir(dir);
	return 0;
}

static int take_pids(struct scan *scan, const struct target *target, struct error *error)
{
	for (unsigned i = 0; i < target->n_pids; i++)
		take_process(scan, target->pids[i]);
	if (!scan->n_seen)
		return error_set(error, ESRCH,
				 target->n_pids > 1
					 ? "cannot watch processes %d, ...: none of them "
					   "runs (see pgrep -a NAME)"
					 : "cannot watch process %d: there is no such "
					   "process (see pgrep -a NAME)",
				 target->pids[0]);
	return 0;
}

static int take_all(struct scan *scan, struct error *error)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	pid_t pid;

	if (!dir)
		return error_set(error, errno, "cannot read /proc: %s", strerror(errno));
	while ((entry = readdir(dir)))
		if ((pid = number_of(entry->d_name)))
			take_process(scan, pid);
	closedir(dir);
	return 0;
}

/* --- cgroups --------------------------------------------------------------------------------- */

/* Takes over `fd`. A cgroup below that is gone meanwhile is passed over. */
static int take_cgroup(struct scan *scan, int fd, unsigned depth)
{
	int list = openat(fd, "cgroup.threads", O_RDONLY | O_CLOEXEC), err = list < 0 ? -errno : 0;
	FILE *file = list < 0 ? NULL : fdopen(list, "r");
	struct dirent *entry;
	pid_t pid, tgid;
	DIR *dir;

	if (list >= 0 && !file)
		close(list);
	while (file && fscanf(file, "%d", &pid) == 1)
		if (probes_watch(scan->probes, pid))
			scan->n_seen++;
		else if ((tgid = proc_process(pid)) && tgid != scan->own[0] && tgid != scan->own[1])
			take_task(scan, tgid, pid);
	if (file)
		fclose(file);
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && depth < DEPTH_MAX && (entry = readdir(dir))) {
		int below;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		below = openat(dirfd(dir), entry->d_name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			take_cgroup(scan, below, depth + 1);
	}
	closedir(dir);
	return err;
}

/* What of a path lies behind the mount point, with its slash; "" for the mount point itself. */
static const char *behind_mount(const char *path)
{
	const char *at = path + strlen(path), *slash;
	char above[PATH_MAX];
	struct statfs fs;

	while ((slash = memrchr(path, '/', (size_t)(at - path))) && slash != path) {
		snprintf(above, sizeof(above), "%.*s", (int)(slash - path), path);
		if (statfs(above, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC)
			break;
		at = slash;
	}
	return at;
}

struct leavers {
	struct probes *probes;
	const char *below;
};

/* Its line of the second version is "0::PATH": cgroups(7). */
static void release_outside(void *ctx, pid_t pid, pid_t tgid)
{
	const struct leavers *leavers = ctx;
	size_t length = strlen(leavers->below);
	char path[64], line[PATH_MAX + 8];
	bool is_there = true;
	FILE *file;

	(void)tgid;
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	file = fopen(path, "re");
	if (!file)
		return; /* it has ended, which the hooks see */
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "0::", 3))
			is_there = !strncmp(line + 3, leavers->below, length) &&
				   (line[3 + length] == '/' || line[3 + length] == '\n');
	fclose(file);
	if (!is_there)
		probes_release(leavers->probes, pid);
}

static int take_cgroup_target(struct scan *scan, const struct target *target, struct error *error)
{
	struct leavers leavers = { scan->probes, behind_mount(target->cgroup) };
	int fd = open(target->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char shown[SHOWN_PATH];
	int err = fd < 0 ? -errno : take_cgroup(scan, fd, 0);

	escape_name(shown, sizeof(shown), target->cgroup);
	if (err == -ENOENT && fd >= 0)
		return error_set(
			error, ENOTSUP,
			"cannot watch %s: it is no cgroup of the second version (it has no "
			"cgroup.threads)",
			shown);
	if (err)
		return error_set(error, -err, "cannot watch cgroup %s: %s", shown, strerror(-err));
	if (*leavers.below)
		probes_tasks(scan->probes, scan->lane, release_outside, &leavers);
	return 0;
}

/* --- a target -------------------------------------------------------------------------------- */

static int pass(struct scan *scan, const struct target *target, struct error *error)
{
	scan->n_found = 0;
	switch (target->kind) {
	case TARGET_PIDS:
		return take_pids(scan, target, error);
	case TARGET_CGROUP:
		return take_cgroup_target(scan, target, error);
	case TARGET_ALL:
		return take_all(scan, error);
	case TARGET_COMMAND:
		break;
	}
	return error_set(error, EINVAL, "a command is started, not adopted");
}

int adopt(struct probes *probes, const struct target *target, uint32_t lane,
	  struct adoption *adoption, struct error *error)
{
	struct scan scan = {
		.probes = probes, .lane = lane, .adoption = adoption, .own = { getpid(), getppid() }
	};
	int err = 0;

	*adoption = (struct adoption){ 0 };
	for (unsigned i = 0; !err && i < N_PASSES_MAX; i++) {
		adoption->n_untracked = 0;
		err = pass(&scan, target, error);
		if (!scan.n_found)
			break;
	}
	return err;
}
