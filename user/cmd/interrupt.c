// SPDX-License-Identifier: GPL-2.0-only
/* interrupt.c - a flag that handlers set. */
#include "cmd/interrupt.h"

#include <stddef.h>

static volatile sig_atomic_t seen, count;

static void note(int number)
{
	seen = number;
	count++;
}

void interrupt_watch(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = note }; /* no SA_RESTART: poll shall return */

	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int interrupt_seen(void)
{
	return seen;
}

unsigned interrupt_count(void)
{
	return (unsigned)count;
}
