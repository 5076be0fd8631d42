/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tracks.h - events into stretches of time: who ran on a CPU from when to when, which coroutine in
 * it, who woke it. For the formats that draw.
 *
 * A stretch is told when it ends. What nobody told of is left blank: no stretch is made longer than
 * what is known of it. Owned by a sink; one thread. Memory grows with the tasks that there are, up to
 * some 100 MB for a million of them; those beyond are not followed.
 */
#ifndef SWTCH_TRACKS_H
#define SWTCH_TRACKS_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

struct tracks;

/* One task. */
struct life {
	uint32_t task;	    /* task_word(); pid 0: nobody */
	uint32_t process;   /* pid of its first thread, as far as clones tell */
	uint32_t number;    /* its user's own, from 0 on; 0: not given yet */
	uint32_t waker;	    /* task_word() of who woke it, until it runs */
	uint64_t woken_ns;  /* 0: not known */
	uint16_t waker_cpu; /* where that was */
	uint32_t coroutine; /* that is resumed in it, plus one; 0: none */
	uint32_t co_lane;
	uint64_t resumed_ns; /* 0: its thread is on no CPU */
	uint64_t left_ns;    /* a CPU, last; 0: not seen */
};

/* A task on a CPU. */
struct stretch {
	uint64_t start_ns, end_ns;
	uint32_t task; /* task_word(); never pid 0 */
	uint16_t cpu;
	bool left;	    /* it left at end_ns; else it goes on, or nobody saw its end */
	uint8_t state;	    /* as struct event's, when it left */
	uint32_t waited_ns; /* before start_ns; TIME_SATURATED; 0: not known, or none */
	uint32_t waker;	    /* task_word(); with woken_ns */
	uint16_t waker_cpu;
	uint64_t woken_ns; /* before start_ns; 0: not woken, or not known */
};

/* A coroutine in a thread that is on a CPU. */
struct co_stretch {
	uint64_t start_ns, end_ns;
	uint32_t task; /* the thread */
	uint32_t id;
	uint32_t lane;
};

struct tracks_visitor {
	void (*stretch)(const struct stretch *stretch, void *ctx);
	void (*coroutine)(const struct co_stretch *stretch, void *ctx);
	void *ctx;
};

/* Nothing is told of the time before from_ns. NULL with ENOMEM. */
struct tracks *tracks_new(unsigned n_cpus, uint64_t from_ns, const struct tracks_visitor *visitor);
void tracks_free(struct tracks *tracks);

/* Take in one event. */
void tracks_apply(struct tracks *tracks, const struct event *event);

/* One that is left out of what is drawn: what it ends, it ends, but nothing begins with it. */
void tracks_pass(struct tracks *tracks, const struct event *event);

/* The end of time: what runs is told as far as it is known to run. */
void tracks_end(struct tracks *tracks, uint64_t to_ns);

/* What is known of a task; NULL for one that is not followed. Valid until tracks_free(). */
struct life *tracks_life(struct tracks *tracks, uint32_t task);

#endif
