/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tally.h - counts made from events alone, as the hooks make them in the kernel.
 *
 * For traces that hold no counts, and to hold a recording's events against the counts in it. What
 * events do not tell (audits of tasks that were never adopted, work, memory) stays 0 or unknown.
 * Owned by who made it; one thread. Memory: 512 KiB, and room for the counts.
 */
#ifndef SWTCH_TALLY_H
#define SWTCH_TALLY_H

#include "event/counts.h"

struct tally;

/* NULL with ENOMEM. n_lanes counts lane 0. */
struct tally *tally_new(unsigned n_cpus, unsigned n_lanes);
void tally_free(struct tally *tally);

/* Count one event; they come in the order of time. CPUs and lanes out of range are passed over. */
void tally_apply(struct tally *tally, const struct event *event);

/*
 * What was counted, as of time_ns (not before the last event). A CPU was idle or busy as its switches
 * say: right only where events tell of all of them. Valid until the next call with this tally.
 */
const struct counts *tally_counts(struct tally *tally, uint64_t time_ns);

#endif
