/* SPDX-License-Identifier: GPL-2.0-only */
/* run_facts.h - what is being run, in the words that a table, a screen and a recording have for it. */
#ifndef SWTCH_RUN_FACTS_H
#define SWTCH_RUN_FACTS_H

#include "cmd/session.h"
#include "event/run.h"

/*
 * Fill `facts` from what the options and `run` ask for. `session` tells the rate in force and how
 * long each lane worked so far; NULL: the machine is made up. `start_ns` is where the events' time 0
 * is, `wall_ns` how long the run has taken. A command line is escaped, and cut at the room there is.
 */
void run_facts_fill(struct run_facts *facts, const struct options *options, const struct run *run,
		    const struct session *session, uint64_t start_ns, uint64_t wall_ns);

/* How many tasks each model has; 0 where that is not ours to say. */
unsigned run_n_tasks(const struct run *run);

#endif
