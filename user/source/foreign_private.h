/* SPDX-License-Identifier: GPL-2.0-only */
/* foreign_private.h - between foreign.c, which drives, and foreign_packet.c, which knows packets. */
#ifndef SWTCH_SOURCE_FOREIGN_PRIVATE_H
#define SWTCH_SOURCE_FOREIGN_PRIVATE_H

#include "event/infer.h"
#include "event/names.h"
#include "event/recording.h"
#include "source/foreign.h"
#include "source/ftrace.h"
#include "source/packets.h"
#include "source/reorder.h"

#define FOREIGN_N_PIDS	  (1u << TASK_PID_BITS)
#define FOREIGN_N_SAMPLES 4096

/* What is known of clocks: what is taken off a time to have CLOCK_BOOTTIME. */
struct foreign_clock {
	bool known;
	uint64_t offset_ns; /* wrapping */
};

/* Of a task, by pid: a page of these is there only where somebody has such a pid. */
struct foreign_task {
	uint32_t tgid;	     /* 0: nobody said */
	uint32_t n_switches; /* it came to a CPU; then: of its group; stays at its highest */
	uint32_t name; /* hash of what it was called last, in the order of the file; 0: nothing */
	uint8_t lane;  /* of the group whose leader it is */
	bool named;    /* its first name was delivered */
};

struct foreign {
	int fd;
	off_t size;
	foreign_progress progress;
	void *progress_ctx;
	int pass; /* 1 or 2 */

	struct foreign_facts facts;
	struct foreign_task *tasks;		      /* [FOREIGN_N_PIDS] */
	uint32_t n_pids;			      /* the highest that came to a CPU, and one */
	struct names *names;			      /* first ones, of the first pass */
	struct names *programs;			      /* of thread groups, by who runs in them */
	struct foreign_clock clocks[N_FTRACE_CLOCKS]; /* by enum ftrace_clock there */
	bool old_states;			      /* bits of before Linux 4.14 */

	/* Times, one in `stride`, for what is plausible. */
	uint64_t samples[FOREIGN_N_SAMPLES];
	unsigned n_samples;
	uint64_t stride, n_sampled;
	uint64_t from_ns, until_ns; /* what is outside of it is absurd */

	/* The second pass. */
	struct packets_reader packets;
	struct ftrace_reader ftrace;
	struct event held; /* until its names are known, which come before it */
	bool holds, told_loss;
	struct reorder *reorder;
	struct infer infer;
	struct names *now; /* in the order of time */
	foreign_fn fn;
	void *ctx;
	int err; /* of a name, which has nobody to return it to */

	/* What is left out. */
	uint64_t n_track_events, n_other_packets, n_machines, n_absurd_times, n_unclocked,
		n_damaged;
};

/* Take a packet: a packets_reader's function, `ctx` is the struct foreign. */
int foreign_packet(struct wire_in packet, void *ctx);

/* Give the event that is held to the window, if there is one. */
int foreign_let_go(struct foreign *foreign);

/* In the first pass: who somebody is. */
void foreign_learn_name(struct foreign *foreign, uint32_t pid, const uint8_t *name, size_t n);
void foreign_learn_group(struct foreign *foreign, uint64_t pid, uint64_t tgid);

/* The thread group of a task; itself where nobody said. */
static inline uint32_t foreign_group(const struct foreign *foreign, uint32_t pid)
{
	uint32_t tgid = foreign->tasks[pid].tgid;

	return tgid ? tgid : pid;
}

static inline uint32_t foreign_word(const struct foreign *foreign, uint32_t pid)
{
	return task_word(pid, pid ? foreign->tasks[foreign_group(foreign, pid)].lane : 0);
}

#endif
