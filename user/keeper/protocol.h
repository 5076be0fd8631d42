/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * protocol.h - what the unprivileged side may ask of the keeper, and what comes back.
 *
 * One SOCK_SEQPACKET message each, over a socketpair that both ends inherited. Every request gets
 * one reply; notices come unasked. Every field is checked by the keeper: the other side is hostile.
 */
#ifndef SWTCH_PROTOCOL_H
#define SWTCH_PROTOCOL_H

#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "event/area.h"
#include "base/memory.h"
#include "keeper/inspect.h"

enum request_kind {
	REQUEST_START_LAB,     /* start a lab runner in a lane; a memfd comes along */
	REQUEST_START_COMMAND, /* start the command that a target is in a lane; on the terminal
				  that comes along, if one does */
	REQUEST_WATCH,	/* put what a target has now into a lane; value: how many tasks are in it */
	REQUEST_STOP,	/* end what runs in a lane and wait until it is gone */
	REQUEST_CLEAR,	/* forget what a lane counted; nothing may run in it */
	REQUEST_MEMORY, /* memory of the tasks in a lane */
	REQUEST_MARKS,	/* an area in which a process of the lane marks its coroutines and that was
			  not given yet: a descriptor and its pid, or pid 0 for none */
	REQUEST_INSPECT, /* what one task of the lane is blocked in, and its pid in its namespace */
	N_REQUESTS,
};

/* A command that is asked to end has so long for it. */
#define COMMAND_ASK_NS (1500 * NS_PER_MS)

#define START_LOG   1 /* stderr of a lab runner stays ours, for --log */
#define START_QUIET 2 /* a command that gets no terminal gets /dev/null: this one is the view's */

struct request {
	uint32_t kind;
	uint32_t lane;
	uint32_t flags;
	uint32_t target;	   /* START_COMMAND, WATCH: its number in the keeper's list */
	int32_t pid;		   /* INSPECT: of the task */
	char name[LAB_NAME_BYTES]; /* START_LAB: shown by ps(1) */
};

enum reply_kind {
	REPLY,	      /* to the request */
	NOTICE_ENDED, /* what was started in `lane` ended with `value`, as wait(2) has it */
};

struct reply {
	uint32_t kind;
	int32_t err; /* 0 or -errno, then `error` says more */
	uint32_t lane;
	int32_t pid;		      /* of what was started, or ended; MARKS: see there */
	int32_t value;		      /* NOTICE_ENDED: the status; WATCH: see there */
	uint32_t n_new;		      /* WATCH: tasks that were put into the lane, */
	uint32_t n_untracked;	      /* and that there was no room for */
	uint64_t started_ns;	      /* START_*: when it was let go, on CLOCK_MONOTONIC */
	struct memory memory;	      /* REQUEST_MEMORY: of the tasks' processes, */
	uint64_t stack_bytes;	      /* and of their stacks in the kernel */
	struct inspection inspection; /* REQUEST_INSPECT */
	struct error error;
};

#endif
