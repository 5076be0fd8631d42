// SPDX-License-Identifier: GPL-2.0-only
/*
 * marks.c - looks for areas among descriptors of watched processes.
 *
 * Not in /proc/PID/fd: what is opened there again is opened with our rights, and may be anything by
 * then. pidfd_getfd(2) takes the descriptor that the process has, as it has it.
 */
#include "keeper/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SWTCH_MARKS_LAYOUT_ONLY
#include "swtch_marks.h"

#define N_AT_ONCE 32 /* processes that a call looks at: about 80 us each */
#define N_NUMBERS 8  /* descriptors from each of the two numbers that the header asks for */

struct looking {
	struct marks_search *search;
	struct probes *probes;
	uint32_t lane;
	unsigned number, end; /* of the process that comes next, and where this call ends */
	int fd;
	pid_t pid;
};

static bool is_given(const struct marks_search *search, uint32_t lane, ino_t inode)
{
	for (unsigned i = 0; i < N_MARKS_GIVEN; i++)
		if (search->given[i].lane == lane && search->given[i].inode == inode)
			return true;
	return false;
}

/*
 * A sealed memory file of the right size that says what it is; the reader checks it again. Its seals
 * first: other files, like those of programs (fuse(4)), may never answer.
 */
static bool is_area(int fd, struct stat *file)
{
	uint32_t magic = 0;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && seals & F_SEAL_SHRINK && !fstat(fd, file) && S_ISREG(file->st_mode) &&
	       file->st_size == (off_t)sizeof(struct swtch_mark_area) &&
	       pread(fd, &magic, sizeof(magic), 0) == sizeof(magic) && magic == SWTCH_MARKS_MAGIC;
}

/* The mount that a descriptor's file is in, which asks no file system; -1: it cannot be told. */
static int mount_of(pid_t pid, int number)
{
	char path[64], line[64];
	int mount = -1;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, number);
	info = fopen(path, "re");
	while (info && mount < 0 && fgets(line, sizeof(line), info))
		if (sscanf(line, "mnt_id: %d", &mount) != 1)
			mount = -1;
	if (info)
		fclose(info);
	return mount;
}

/* All memory files are in one, which nobody can mount anything in: shm_mnt, mm/shmem.c. */
static int memory_mount(void)
{
	static int mount = -1;
	int fd;

	if (mount >= 0)
		return mount;
	fd = memfd_create("swtch-looks", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	mount = mount_of(getpid(), fd);
	close(fd);
	return mount;
}

/*
 * A file of another file system is best not taken at all: to close it asks that, which may be a program
 * that never answers (fuse(4), FUSE_FLUSH). Before Linux 5.14 only the owner of a process may see
 * (7bc3fa0172a4): then it is taken unseen. Who puts another file there just now can have it taken, too.
 */
static bool may_be_memory(pid_t pid, int number)
{
	int is = mount_of(pid, number), wanted = memory_mount();

	return is < 0 || wanted < 0 || is == wanted;
}

/* An area behind one of the descriptors from `first`, not given yet; -1: none. */
static int look_from(struct looking *looking, pid_t pid, int pidfd, int first)
{
	struct marks_search *search = looking->search;

	for (int number = first; number < first + N_NUMBERS; number++) {
		struct stat file;
		int fd;

		if (!may_be_memory(pid, number))
			continue;
		fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
		if (fd < 0 && errno != EBADF) /* gone, or not ours to look at */
			return -1;
		if (fd < 0)
			continue;
		if (is_area(fd, &file) && !is_given(search, looking->lane, file.st_ino)) {
			unsigned at = search->n_given++ % N_MARKS_GIVEN;

			search->given[at].lane = looking->lane;
			search->given[at].inode = file.st_ino;
			return fd;
		}
		close(fd);
	}
	return -1;
}

static void look(void *ctx, pid_t pid, pid_t tgid)
{
	struct looking *looking = ctx;
	unsigned number;
	int pidfd;

	if (pid != tgid || looking->fd >= 0)
		return;
	number = looking->number++;
	if (number < looking->search->cursor[looking->lane] || number >= looking->end)
		return;
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return;
	if (probes_watch(looking->probes, pid)) { /* still the same: from here on pidfd holds it */
		looking->fd = look_from(looking, pid, pidfd, SWTCH_MARKS_FD);
		if (looking->fd < 0)
			looking->fd = look_from(looking, pid, pidfd, SWTCH_MARKS_LOW_FD);
		looking->pid = pid;
	}
	close(pidfd);
}

int marks_search(struct marks_search *search, struct probes *probes, uint32_t lane, pid_t *pid)
{
	unsigned *cursor = &search->cursor[lane];
	struct looking looking = { .search = search,
				   .probes = probes,
				   .lane = lane,
				   .end = *cursor + N_AT_ONCE,
				   .fd = -1 };

	probes_tasks(probes, lane, look, &looking);
	*pid = looking.pid;
	if (looking.fd < 0) /* else the same ones once more */
		*cursor = looking.number > looking.end ? looking.end : 0;
	return looking.fd;
}
