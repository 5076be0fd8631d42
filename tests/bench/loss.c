// SPDX-License-Identifier: GPL-2.0-only
/*
 * loss.c - what a recording loses at the highest rate that the machine makes: a pair that yields on each
 * CPU, the recorder on the CPU of one of them, and a disk that stalls for two seconds in the middle: a
 * pipe whose reader does not read. LOSS_SECONDS (60) is how long. Needs root.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "source/tape.h"

#define STALL_NS (2 * NS_PER_S)
#define WAIT_MS	 30000 /* for the first bytes of the recording */

/* Of the recording. */
struct sums {
	uint64_t n_events, n_switches; /* those of tasks that are watched */
	uint64_t n_lost, n_unlocated;
	uint64_t n_counted; /* switches, by the hook's own counters */
	uint64_t first_ns, last_ns;
};

static void check(long result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

/* --- the load -------------------------------------------------------------------------------------- */

static void run_on(int cpu)
{
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET(cpu, &only);
	check(sched_setaffinity(0, sizeof(only), &only), "sched_setaffinity");
}

static int load(uint64_t until_ns)
{
	int n_cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);

	until_ns += clock_now_ns();
	for (int i = 0; i < 2 * n_cpus; i++) {
		pid_t pid = fork();

		check(pid, "fork");
		if (pid)
			continue;
		run_on(i / 2);
		while (clock_now_ns() < until_ns)
			for (int k = 0; k < 1000; k++)
				sched_yield();
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}

/* --- the recorder, and its disk ---------------------------------------------------------------------- */

static pid_t record(const char *path, const char *self, const char *seconds)
{
	const char *swtch = getenv("SWTCH") ? getenv("SWTCH") : "build/swtch";
	pid_t pid = fork();

	check(pid, "fork");
	if (pid)
		return pid;
	run_on(0);
	execl(swtch, swtch, "record", "-q", "-o", path, "--", self, "load", seconds, (char *)NULL);
	check(-1, swtch);
	return -1;
}

static void copy(int from, int to)
{
	static char bytes[1 << 16];
	struct pollfd in = { .fd = from, .events = POLLIN };
	bool stalled = false;
	uint64_t stall_at_ns = UINT64_MAX, now_ns;
	ssize_t n;

	while (poll(&in, 1, WAIT_MS) > 0 && (n = read(from, bytes, sizeof(bytes))) > 0) {
		check(write(to, bytes, (size_t)n), "write");
		now_ns = clock_now_ns();
		if (stall_at_ns == UINT64_MAX)
			stall_at_ns =
				now_ns + (uint64_t)atoi(getenv("LOSS_SECONDS")) * NS_PER_S / 3;
		if (now_ns < stall_at_ns || stalled)
			continue;
		stalled = true;
		nanosleep(&(struct timespec){ .tv_sec = STALL_NS / NS_PER_S }, NULL);
	}
}

/* --- what came of it ---------------------------------------------------------------------------------- */

static void take_event(const struct event *event, void *ctx)
{
	struct sums *sums = ctx;

	if (event->kind == EVENT_LOST) {
		bool is_located = event->lost.n && event->cpu != CPU_UNKNOWN;

		sums->n_lost += event->lost.n;
		sums->n_unlocated += is_located ? 0 : event->lost.n ? event->lost.n : 1;
		return;
	}
	sums->n_events++;
	sums->n_switches += event->kind == EVENT_SWITCH && task_lane(event->task);
	if (!sums->first_ns)
		sums->first_ns = event->time_ns;
	sums->last_ns = event->time_ns;
}

static void take_counts(const struct counts *counts, void *ctx)
{
	struct sums *sums = ctx;

	sums->n_counted = 0;
	for (unsigned cpu = 0; cpu < counts->n_cpus; cpu++)
		for (unsigned lane = 1; lane < counts->n_lanes; lane++) {
			const struct lane_counters *cell = counts_cell(counts, cpu, lane);

			sums->n_counted += cell->voluntary + cell->involuntary;
		}
}

static int tell(int fd)
{
	struct sums sums = { 0 };
	struct tape_visitor visitor = { .event = take_event, .counts = take_counts, .ctx = &sums };
	struct error error = { "" };
	struct tape *tape = tape_open(fd, "recording", &error);
	struct cursor *cursor = tape ? cursor_new(tape) : NULL;
	double seconds;
	uint64_t found;

	if (!cursor || cursor_play(cursor, UINT64_MAX, UINT64_MAX, &visitor) <= 0) {
		printf("loss_lost - no recording: %s\n", error.text);
		return 1;
	}
	seconds = (double)(sums.last_ns - sums.first_ns) / NS_PER_S;
	found = sums.n_switches + sums.n_lost;
	printf("loss_rate %.0f events/s for %.1f s\n",
	       (double)(sums.n_events + sums.n_lost) / seconds, seconds);
	printf("loss_lost %" PRIu64 " events\n", sums.n_lost);
	printf("loss_unlocated %" PRIu64 " events\n", sums.n_unlocated);
	printf("loss_untold %" PRIu64 " switches of %" PRIu64 " that the hook counted\n",
	       sums.n_counted > found ? sums.n_counted - found : 0, sums.n_counted);
	cursor_free(cursor);
	tape_free(tape);
	return 0;
}

int main(int argc, char **argv)
{
	char directory[] = "/tmp/loss-XXXXXX", path[32], self[4096];
	int pipe, file = memfd_create("recording", MFD_CLOEXEC);
	ssize_t n;
	pid_t pid;

	if (argc == 3)
		return load((uint64_t)atoi(argv[2]) * NS_PER_S);
	if (geteuid()) {
		puts("loss_lost - needs root");
		return 0;
	}
	setenv("LOSS_SECONDS", "60", 0);
	check((n = readlink("/proc/self/exe", self, sizeof(self) - 1)), "readlink");
	self[n] = '\0';
	check(mkdtemp(directory) ? 0 : -1, "mkdtemp");
	snprintf(path, sizeof(path), "%s/pipe", directory);
	check(mkfifo(path, 0), "mkfifo");
	check(chmod(directory, 0755) | chmod(path, 0666), "chmod"); /* for whom sudo has run us */
	check(pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), path);
	pid = record(path, self, getenv("LOSS_SECONDS"));
	copy(pipe, file);
	waitpid(pid, NULL, 0);
	unlink(path);
	rmdir(directory);
	return tell(file);
}
