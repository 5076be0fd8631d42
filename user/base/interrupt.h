/* SPDX-License-Identifier: GPL-2.0-only */
/* interrupt.h - signals that ask a verb to end: noticed, so that it can end in order. */
#ifndef SWTCH_INTERRUPT_H
#define SWTCH_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP are only noticed, unless they were ignored. */
void interrupt_watch(void);

/* From now on SIGUSR2 is a wish, to be asked for; not the end that it is by default. */
void interrupt_watch_wish(void);

/* True once for each time that SIGUSR2 came (or once for some that came together). */
bool interrupt_take_wish(void);

/* The signal that came last, or 0; and how many came. */
int interrupt_seen(void);
unsigned interrupt_count(void);

#endif
