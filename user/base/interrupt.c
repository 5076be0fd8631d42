// SPDX-License-Identifier: GPL-2.0-only
/* interrupt.c - a flag that handlers set. */
#include "base/interrupt.h"

#include <stddef.h>

static volatile sig_atomic_t seen, count, wish;

static void note(int number)
{
	seen = number;
	count++;
}

void interrupt_watch(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = note }; /* no SA_RESTART: poll shall return */

	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct sigaction before;

		/* nohup, and a shell's background jobs: who ignores a signal goes on doing so. */
		if (!sigaction(numbers[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
}

static void note_wish(int number)
{
	(void)number;
	wish = 1;
}

void interrupt_watch_wish(void)
{
	struct sigaction action = { .sa_handler = note_wish }; /* as above */

	sigaction(SIGUSR2, &action, NULL);
}

bool interrupt_take_wish(void)
{
	bool wished = wish;

	wish = 0;
	return wished;
}

int interrupt_seen(void)
{
	return seen;
}

unsigned interrupt_count(void)
{
	return (unsigned)count;
}
