// SPDX-License-Identifier: GPL-2.0-only
/*
 * live_output.c - a terminal for the command that is watched, so that it writes over nobody's: a pair
 * of pseudo-terminals, and a thread that reads what comes, however fast, into a pane.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/live.h"
#include "view/pane.h"

struct live_output {
	struct pane *pane;
	pthread_t thread;
	bool is_running; /* the thread is to be joined */
	int ours;	 /* end of the pair; -1: none */
};

struct live_output *live_output_new(void)
{
	struct live_output *output = calloc(1, sizeof(*output));

	if (!output)
		return NULL;
	output->ours = -1;
	output->pane = pane_new();
	if (!output->pane) {
		free(output);
		return NULL;
	}
	return output;
}

struct pane *live_output_pane(const struct live_output *output)
{
	return output ? output->pane : NULL;
}

/* Ends when nobody has the other end open any more (EIO), or is cancelled in read(). */
static void *read_on(void *ctx)
{
	struct live_output *output = ctx;
	char bytes[16384];
	ssize_t n;

	while ((n = read(output->ours, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR)) {
		int state;

		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
		if (n > 0)
			pane_add(output->pane, bytes, (size_t)n);
		pthread_setcancelstate(state, NULL);
	}
	return NULL;
}

static void end(struct live_output *output)
{
	if (output->is_running) {
		pthread_cancel(output->thread);
		pthread_join(output->thread, NULL);
	}
	output->is_running = false;
	if (output->ours >= 0)
		close(output->ours);
	output->ours = -1;
}

/* Signals are for the thread that shows the screen. */
static int start_thread(struct live_output *output)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&output->thread, NULL, read_on, output);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	output->is_running = !err;
	return -err;
}

/* As large as the terminal that we have, from the command's first look on. */
int live_output_open(struct live_output *output)
{
	struct winsize size;
	const char *name;
	int theirs = -1, err;

	end(output);
	pane_clear(output->pane);
	output->ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (output->ours < 0)
		return -errno;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		ioctl(output->ours, TIOCSWINSZ, &size);
	if (!unlockpt(output->ours) && (name = ptsname(output->ours)))
		theirs = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	err = theirs < 0 ? -errno : start_thread(output);
	if (err) {
		if (theirs >= 0)
			close(theirs);
		end(output);
		return err;
	}
	return theirs;
}

void live_output_resize(const struct live_output *output, unsigned n_rows, unsigned n_columns)
{
	struct winsize size = { .ws_row = (unsigned short)n_rows,
				.ws_col = (unsigned short)n_columns };

	if (output && output->ours >= 0)
		ioctl(output->ours, TIOCSWINSZ, &size);
}

void live_output_free(struct live_output *output)
{
	if (!output)
		return;
	end(output);
	pane_free(output->pane);
	free(output);
}
