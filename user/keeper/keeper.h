/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keeper.h - the client's end of the keeper: the one process that keeps privilege.
 *
 * keeper_open() forks it and gives up this process's privileges; what is asked of it afterwards is
 * the list in protocol.h. It ends when this process does, and ends first what it started. One thread.
 */
#ifndef SWTCH_KEEPER_H
#define SWTCH_KEEPER_H

#include <sys/types.h>

#include "keeper/probes.h"
#include "keeper/protocol.h"
#include "keeper/target.h"

struct keeper;

#define INITIAL_PID_NS 0xEFFFFFFCu /* inode of /proc/self/ns/pid: PROC_PID_INIT_INO, proc_ns.h */

struct keeper_wish {
	struct probes_wish probes;
	bool marks;	      /* coroutine marks of commands are read: see include/swtch_marks.h */
	bool verbose;	      /* libbpf's own words on stderr */
	const char *lab_user; /* --user, or NULL */
	const struct target *targets; /* what may be started and watched, and nothing else */
	unsigned n_targets;
};

/*
 * Returns with the probes attached, this process the invoking user without any capability, and
 * `facts` holding descriptors that are this process's own (closed by keeper_free). NULL with
 * `error` set.
 */
struct keeper *keeper_open(const struct keeper_wish *wish, struct probes_facts *facts,
			   struct error *error);

/* Have the keeper end everything and itself, and wait for that. */
void keeper_free(struct keeper *keeper);

pid_t keeper_pid(const struct keeper *keeper);

/*
 * Start a lab run whose area is `area_fd`, or the command of a target, which began at *started_ns, on the terminal
 * `terminal_fd` (-1: where we are, or with `quiet` nowhere). The pid, or -errno with `error` set.
 */
pid_t keeper_start_lab(struct keeper *keeper, uint32_t lane, int area_fd, const char *name,
		       bool log, struct error *error);
pid_t keeper_start_command(struct keeper *keeper, uint32_t lane, uint32_t target, bool quiet,
			   int terminal_fd, uint64_t *started_ns, struct error *error);

/*
 * Put the tasks that a target has now into a lane, and tell how many are in it; again and again, to see
 * who came to a cgroup or whether anybody is left. -errno with `error` set.
 */
int keeper_watch(struct keeper *keeper, uint32_t lane, uint32_t target, unsigned *n_untracked,
		 struct error *error);

/* End what runs in a lane; returns when no task is left in it. 0 or -errno. */
int keeper_stop(struct keeper *keeper, uint32_t lane);

/* Forget what a lane counted; nothing may run in it. 0 or -errno. */
int keeper_clear(struct keeper *keeper, uint32_t lane);

/*
 * Memory of the processes in a lane now, and of their tasks' stacks in the kernel. 0, -EACCES when it may
 * not be known of all of them, or another -errno; then `error` is set.
 */
int keeper_memory(struct keeper *keeper, uint32_t lane, struct memory *memory,
		  uint64_t *stack_bytes, struct error *error);

/* What a task that is watched in a lane is blocked in at this instant. 0, -ESRCH: none is, or -errno. */
int keeper_inspect(struct keeper *keeper, uint32_t lane, uint32_t pid, struct inspection *found);

/*
 * A descriptor, the caller's, of the area in which process *pid of a lane marks its coroutines, each
 * once: see include/swtch_marks.h. -ENOENT when there is none at the moment, or another -errno.
 */
int keeper_find_marks(struct keeper *keeper, uint32_t lane, pid_t *pid);

/*
 * What ended since the last call: 1 with lane, pid and status (as wait(2) has it), 0 when there is
 * nothing, -EPIPE when the keeper is gone.
 */
int keeper_ended(struct keeper *keeper, uint32_t *lane, pid_t *pid, int *status);

/* Readable when there may be something for keeper_ended(). */
int keeper_fd(const struct keeper *keeper);

#endif
