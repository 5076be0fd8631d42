/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * screen.h - a program on a terminal of its own whose other end is read here, for benchmarks of what
 * is seen: the bytes are counted and thrown away. Owned by who made it; one thread.
 */
#ifndef BENCH_SCREEN_H
#define BENCH_SCREEN_H

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

struct screen {
	pid_t pid;
	int fd;
	uint64_t n_bytes; /* that came so far */
};

#define SCREEN_N_WORDS 16

/* swtch ($SWTCH, or the build's) with these words. Exits when there is no terminal to be had. */
static inline struct screen screen_start(const char *const *words, unsigned n_rows,
					 unsigned n_columns)
{
	struct winsize size = { .ws_row = (unsigned short)n_rows,
				.ws_col = (unsigned short)n_columns };
	struct screen screen = { 0 };
	const char *swtch = getenv("SWTCH");
	char *argv[SCREEN_N_WORDS + 2] = { strdup(swtch ? swtch : "build/swtch") };

	for (unsigned i = 0; i < SCREEN_N_WORDS && words[i]; i++)
		argv[i + 1] = strdup(words[i]);

	screen.pid = forkpty(&screen.fd, NULL, NULL, &size);
	if (!screen.pid) {
		setenv("TERM", "xterm-256color", 1);
		setenv("LC_ALL", "C.UTF-8", 1);
		execvp(argv[0], argv);
		_exit(127);
	}
	for (unsigned i = 0; argv[i]; i++)
		free(argv[i]);
	if (screen.pid < 0)
		exit(1);
	return screen;
}

/* Read what is there, for as long as something comes within quiet_ns; the time of the last byte. */
static inline uint64_t screen_read(struct screen *screen, uint64_t quiet_ns)
{
	struct timespec quiet = { (time_t)(quiet_ns / NS_PER_S), (long)(quiet_ns % NS_PER_S) };
	struct pollfd fd = { .fd = screen->fd, .events = POLLIN };
	uint64_t last_ns = 0;
	char bytes[65536];

	while (ppoll(&fd, 1, &quiet, NULL) > 0) {
		ssize_t n = read(screen->fd, bytes, sizeof(bytes));

		if (n <= 0)
			break;
		last_ns = clock_now_ns();
		screen->n_bytes += (uint64_t)n;
	}
	return last_ns;
}

/* Read all that comes until then; false when the program ended before. */
static inline bool screen_run(struct screen *screen, uint64_t ns)
{
	uint64_t end_ns = clock_now_ns() + ns;
	struct pollfd fd = { .fd = screen->fd, .events = POLLIN };
	char bytes[65536];

	for (uint64_t now_ns = clock_now_ns(); now_ns < end_ns; now_ns = clock_now_ns()) {
		ssize_t n;

		if (poll(&fd, 1, (int)((end_ns - now_ns) / NS_PER_MS) + 1) <= 0)
			continue;
		n = read(screen->fd, bytes, sizeof(bytes));
		if (n <= 0)
			return false;
		screen->n_bytes += (uint64_t)n;
	}
	return true;
}

static inline void screen_type(struct screen *screen, const char *keys)
{
	if (write(screen->fd, keys, strlen(keys)) < 0)
		screen->n_bytes = 0;
}

static inline void screen_resize(struct screen *screen, unsigned n_rows, unsigned n_columns)
{
	struct winsize size = { .ws_row = (unsigned short)n_rows,
				.ws_col = (unsigned short)n_columns };

	ioctl(screen->fd, TIOCSWINSZ, &size);
}

/* `keys` ask it to end; whoever does not is killed. Returns its exit status, -1 for a signal's. */
static inline int screen_end(struct screen *screen, const char *keys)
{
	uint64_t end_ns = clock_now_ns() + 5 * NS_PER_S;
	int status = 0;
	pid_t ended = 0;

	screen_type(screen, keys);
	while (!ended && clock_now_ns() < end_ns) {
		screen_read(screen, 10 * NS_PER_MS);
		ended = waitpid(screen->pid, &status, WNOHANG);
	}
	if (!ended) {
		kill(screen->pid, SIGKILL);
		waitpid(screen->pid, &status, 0);
	}
	close(screen->fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
