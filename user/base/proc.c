// SPDX-License-Identifier: GPL-2.0-only
/* proc.c - lines of a task's status, stat and comm. */
#include "base/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define STAT_BYTES 2048 /* 52 numbers of at most 20 digits and a name fit */

pid_t proc_process(pid_t tid)
{
	char path[64], line[256];
	pid_t pid = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %d", &pid) == 1)
			break;
	fclose(file);
	return pid;
}

/* The field with this number, as proc(5) counts them, of a text that begins with the third. */
static uint64_t field_of(const char *text, unsigned number)
{
	for (unsigned i = 3; text && i < number; i++)
		text = strchr(text + 1, ' ');
	return text ? strtoull(text, NULL, 10) : UINT64_MAX;
}

/* The name, second of the fields, may hold anything, lines and brackets too (do_task_stat(), fs/proc/array.c). */
bool proc_look(pid_t pid, pid_t tid, struct proc_look *look)
{
	char path[64], text[STAT_BYTES];
	const char *behind;
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	file = fopen(path, "re");
	if (!file)
		return false;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	behind = strrchr(text, ')');
	if (!behind || behind[1] != ' ' || behind[2] == 'Z' || behind[2] == 'X')
		return false;
	*look = (struct proc_look){ .state = behind[2],
				    .cpu = (uint32_t)field_of(behind + 1, 39),
				    .ticks = field_of(behind + 1, 22) };
	return true;
}

/* Between the clocks: the time that the machine was suspended for. */
static int64_t suspended_ns(void)
{
	struct timespec boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (int64_t)boot.tv_sec * (int64_t)NS_PER_S + boot.tv_nsec - (int64_t)clock_now_ns();
}

/* With a sign: what was made before the machine slept seems to be older than its clock. */
bool proc_is_from(pid_t pid, pid_t tid, uint64_t time_ns)
{
	struct proc_look look;

	if (!proc_look(pid, tid, &look))
		return false;
	return (int64_t)(look.ticks * PROC_TICK_NS) - suspended_ns() <=
	       (int64_t)(time_ns + PROC_TICK_NS);
}

void proc_name(pid_t tid, char *name, size_t size)
{
	char path[64];
	ssize_t length = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		length = read(fd, name, size - 1);
		close(fd);
	}
	if (length > 0 && name[length - 1] == '\n')
		length--;
	name[length > 0 ? length : 0] = '\0';
}
