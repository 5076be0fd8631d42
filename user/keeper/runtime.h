/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * runtime.h - Python interpreters among the watched processes: found by what they map, and probed once
 * each. That asks for no capability: see probes.c.
 */
#ifndef SWTCH_RUNTIME_H
#define SWTCH_RUNTIME_H

#include "keeper/probes.h"

struct runtimes;

/* NULL with ENOMEM. */
struct runtimes *runtimes_new(struct probes *probes);
void runtimes_free(struct runtimes *runtimes);

/* Look what a process that runs has mapped. An interpreter that cannot be probed is passed over. */
void runtimes_look(struct runtimes *runtimes, pid_t tgid);

/*
 * A command (argv[0]) is about to be executed: if it is an interpreter, it is probed before. The first
 * uprobe takes 13 ms (the kernel waits for all CPUs), and an interpreter no longer to start.
 */
void runtimes_foresee(struct runtimes *runtimes, const char *command);

/* A process executed another program: its libraries are not there yet, so it is looked at for a while. */
void runtimes_executed(struct runtimes *runtimes, pid_t tgid);

/* Look again, at those for whom it is time. Returns the ms until the next time, -1: never. */
int runtimes_step(struct runtimes *runtimes);

#endif
