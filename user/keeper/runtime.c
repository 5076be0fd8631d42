// SPDX-License-Identifier: GPL-2.0-only
/* runtime.c - /proc/PID/maps: which interpreters there are, each probed once, whoever maps it. */
#include "keeper/runtime.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/image.h"
#include "keeper/python.h"

#define PATH_BYTES     4096
#define FILE_BYTES_MAX ((off_t)256 << 20)

#define N_PENDING   64
#define LOOK_MS	    2
#define N_LOOKS_MAX 100 /* what has not mapped an interpreter by then is none */

/* A file that was looked at. */
struct file {
	dev_t dev;
	ino_t inode;
	bool is_python;
};

/* A process that has begun to run another program. */
struct pending {
	pid_t tgid; /* 0: none */
	unsigned n_looks;
};

struct runtimes {
	struct probes *probes;
	struct file files[N_INTERPRETERS];
	unsigned n_files, next; /* whose turn it is to make room */
	struct pending pending[N_PENDING];
};

struct runtimes *runtimes_new(struct probes *probes)
{
	struct runtimes *runtimes = calloc(1, sizeof(*runtimes));

	if (runtimes)
		runtimes->probes = probes;
	return runtimes;
}

void runtimes_free(struct runtimes *runtimes)
{
	free(runtimes);
}

/* "python3.11", "libpython3.12.so.1.0": what is called so is worth a look. */
static bool may_be_python(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	return !strncmp(name, "python", 6) || !strncmp(name, "libpython", 9);
}

/* An entry for another file: with none left, that of one that is no interpreter. NULL: all are. */
static struct file *new_file(struct runtimes *runtimes)
{
	if (runtimes->n_files < N_INTERPRETERS)
		return &runtimes->files[runtimes->n_files++];
	for (unsigned i = 0; i < N_INTERPRETERS; i++) {
		struct file *file = &runtimes->files[runtimes->next++ % N_INTERPRETERS];

		if (!file->is_python)
			return file;
	}
	return NULL;
}

/* The entry of a file, a new one if it was not looked at before; NULL: there are too many. */
static struct file *file_of(struct runtimes *runtimes, int fd, bool *is_new)
{
	struct file *file = runtimes->files;
	struct stat stat;

	if (fstat(fd, &stat))
		return NULL;
	for (; file < runtimes->files + runtimes->n_files; file++)
		if (file->dev == stat.st_dev && file->inode == stat.st_ino)
			return file;
	file = new_file(runtimes);
	if (!file)
		return NULL;
	*file = (struct file){ .dev = stat.st_dev, .inode = stat.st_ino };
	*is_new = true;
	return file;
}

static void probe(struct runtimes *runtimes, struct file *file, int fd)
{
	struct interpreter interpreter;
	struct python_places places;
	char path[32];

	file->is_python = python_read(fd, &interpreter, &places);
	if (!file->is_python)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	probes_add_interpreter(runtimes->probes, (uint32_t)(file - runtimes->files), path,
			       &interpreter, &places);
}

/*
 * A device or a pipe may do something when it is opened, and we may open more than its user; who has a
 * lease of a file may have us wait (fcntl(2), F_SETLEASE); parts of a file are read as a whole, and no
 * interpreter is that large: -1.
 */
static int open_regular(const char *path)
{
	int place = open(path, O_PATH | O_CLOEXEC), fd = -1;
	char name[32];
	struct stat stat;

	if (place < 0)
		return -1;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", place);
	if (!fstat(place, &stat) && S_ISREG(stat.st_mode) && stat.st_size <= FILE_BYTES_MAX)
		fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	close(place);
	return fd;
}

/* True: it is an interpreter. */
static bool take_file(struct runtimes *runtimes, const char *path)
{
	int fd = open_regular(path);
	bool is_new = false, is_python;
	struct file *file;

	if (fd < 0)
		return false;
	file = file_of(runtimes, fd, &is_new);
	if (is_new)
		probe(runtimes, file, fd);
	is_python = file && file->is_python;
	close(fd);
	return is_python;
}

/*
 * The file as the process sees it: its path may mean another one to us. In a chroot alone, which is no
 * namespace of mounts, maps has it as we see it (d_path(), fs/d_path.c).
 */
static bool take_mapped(struct runtimes *runtimes, pid_t tgid, const char *path)
{
	char seen[PATH_BYTES + 32];

	snprintf(seen, sizeof(seen), "/proc/%d/root%s", tgid, path);
	return take_file(runtimes, access(seen, F_OK) ? path : seen);
}

/* True: the process has an interpreter. *may_come: it is called like one whose library may come yet. */
static bool look(struct runtimes *runtimes, pid_t tgid, bool *may_come)
{
	char path[64], line[PATH_BYTES], last[PATH_BYTES] = "";
	bool has = false;
	FILE *maps;

	*may_come = false;

	snprintf(path, sizeof(path), "/proc/%d/maps", tgid);
	maps = fopen(path, "re");
	if (!maps)
		return false;
	while (fgets(line, sizeof(line), maps)) {
		char *name = strchr(line, '/');

		if (!name)
			continue;
		name[strcspn(name, "\n")] = '\0';
		if (!strcmp(name, last) || !may_be_python(name))
			continue;
		snprintf(last, sizeof(last), "%s", name);
		*may_come = true;
		has |= take_mapped(runtimes, tgid, name);
	}
	fclose(maps);
	return has;
}

void runtimes_look(struct runtimes *runtimes, pid_t tgid)
{
	bool may_come;

	look(runtimes, tgid, &may_come);
}

/* The interpreter may be a library, which usually lies in ../lib: what does not is found when it is mapped. */
static void foresee_library(struct runtimes *runtimes, const char *path)
{
	char real[PATH_MAX], name[64], library[PATH_MAX + 80];
	int fd = realpath(path, real) ? open_regular(real) : -1;
	struct image *image = fd >= 0 ? image_open(fd) : NULL;
	char *slash = image ? strrchr(real, '/') : NULL;

	if (slash && image_library(image, "libpython", name, sizeof(name)) && !strchr(name, '/')) {
		snprintf(library, sizeof(library), "%.*s/../lib/%s", (int)(slash - real), real,
			 name);
		take_file(runtimes, library);
	}
	image_close(image);
	if (fd >= 0)
		close(fd);
}

static void foresee(struct runtimes *runtimes, const char *path)
{
	if (!take_file(runtimes, path))
		foresee_library(runtimes, path);
}

/* As execvp() looks for it. */
void runtimes_foresee(struct runtimes *runtimes, const char *command)
{
	const char *at = getenv("PATH");
	char path[PATH_BYTES];

	if (!may_be_python(command))
		return;
	if (strchr(command, '/')) {
		foresee(runtimes, command);
		return;
	}
	while (at && *at) {
		int length = (int)strcspn(at, ":");

		snprintf(path, sizeof(path), "%.*s/%s", length, at, command);
		if (!access(path, X_OK)) {
			foresee(runtimes, path);
			return;
		}
		at += length + (at[length] == ':');
	}
}

void runtimes_executed(struct runtimes *runtimes, pid_t tgid)
{
	struct pending *free = NULL;
	bool may_come;

	if (look(runtimes, tgid, &may_come) || !may_come)
		return;
	for (unsigned i = 0; i < N_PENDING; i++)
		if (!runtimes->pending[i].tgid || runtimes->pending[i].tgid == tgid)
			free = &runtimes->pending[i];
	if (free)
		*free = (struct pending){ .tgid = tgid };
}

int runtimes_step(struct runtimes *runtimes)
{
	bool is_any = false, may_come;

	for (unsigned i = 0; i < N_PENDING; i++) {
		struct pending *pending = &runtimes->pending[i];

		if (!pending->tgid)
			continue;
		if (look(runtimes, pending->tgid, &may_come) || !may_come ||
		    ++pending->n_looks == N_LOOKS_MAX)
			pending->tgid = 0;
		is_any |= pending->tgid != 0;
	}
	return is_any ? LOOK_MS : -1;
}
