/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * area.h - the memory that swtch shares with one run of the lab (one model doing one job).
 *
 * An anonymous memfd, made and sealed in size by swtch, inherited by the lab runner as descriptor
 * LAB_AREA_FD. Nothing has a name, so nothing can stay behind. swtch writes `spec` before the runner
 * starts, and `go`, `stop`, `rate_hz`, `marks_on` while it runs; everything else belongs to the
 * runner. Each side takes what the other wrote as hostile: bounded, terminated, never a pointer.
 */
#ifndef SWTCH_AREA_H
#define SWTCH_AREA_H

#include <stdbool.h>

#include "event/latency.h"
#include "event/mark.h"

#define LAB_AREA_FD	3
#define LAB_AREA_MAGIC	0x31424157u
#define LAB_NAME_BYTES	16
#define LAB_ERROR_BYTES 256
#define LAB_PIN_WORDS	16   /* CPUs 0 to 1023 */
#define LAB_N_LINES	1024 /* lines of counters; tasks beyond share them */
#define LAB_N_POOL	16   /* threads of a pool, each with a ring of marks */
#define LAB_N_FIGURES	6    /* that a job may count beside units of work */
#define LAB_SENDS_ALL	UINT32_MAX

/*
 * What to run. Strings are terminated. As a wish of the user's: what is zero or "" is the job's own
 * choice under the model (job_spec()).
 */
struct lab_spec {
	char job[LAB_NAME_BYTES];
	char model[LAB_NAME_BYTES];
	char via[LAB_NAME_BYTES];
	char sync[LAB_NAME_BYTES];
	uint32_t n_tasks;
	uint32_t log;	 /* print each step on stderr */
	uint32_t parent; /* pid of who starts the runner, to end with it; 0: not told */
	uint32_t n_pool; /* threads that share the coroutines; 1: the runner's own alone */
	uint32_t
		n_sends; /* coroutines are resumed by hand, each so often; LAB_SENDS_ALL: to its end */
	uint32_t is_private; /* each process has data of its own alone */
	uint32_t port;	     /* clients: where their server listens */
	uint32_t unused;
	uint64_t work;	      /* units to do in all; 0: until `stop` */
	uint64_t sleep_ns;    /* job sleep: one sleep; hog: from one wish to run to the next */
	uint64_t think_ns;    /* clients: from an answer to the next request */
	uint64_t stack_bytes; /* of a thread or coroutine; 0: the default */
	uint64_t pin[LAB_PIN_WORDS]; /* bit n: CPU n may be used; all zero: any */
};

/* A figure of a job's own: what number i of lab_area.figures means. The job's table is constant. */
struct lab_figure {
	const char *name; /* in JSON and CSV; NULL ends a table */
	const char *head; /* in tables that people read */
	bool alarm;	  /* any but 0 is bad news */
	const char
		*brief; /* in the live view, of two figures of a job: six letters or so; or NULL */
};

enum lab_phase {
	LAB_STARTING,
	LAB_READY,   /* set up, no task yet; waits for `go` */
	LAB_RUNNING, /* tasks are being made or at work */
	LAB_DONE,    /* the job ended as it should */
	LAB_FAILED,  /* `error` says why */
};

/* Which figure is which, for those who look at one by itself. */
enum counter_figure {
	COUNTER_EXPECTED,   /* additions made */
	COUNTER_COUNTED,    /* what the last task to end saw in the counter */
	COUNTER_LOST,	    /* the difference */
	COUNTER_SEEN_LEAST, /* of what each task saw in it at its own end */
	COUNTER_SEEN_MOST,
	COUNTER_FILES, /* tasks that could read the file that the first had opened */
	N_COUNTER_FIGURES,
};
_Static_assert((int)N_COUNTER_FIGURES <= LAB_N_FIGURES, "each figure has room in an area");
enum crash_figure { CRASH_FINISHED, CRASH_DIED };	  /* tasks */
enum echo_figure { ECHO_REQUESTS, ECHO_CONNECTIONS };	  /* answered, accepted */
enum yield_figure { YIELD_RESUMES, YIELD_ANSWERED_DONE }; /* with --send alone */

/*
 * Counted by the lab itself, in user space. A line is written by the tasks with the same
 * (task number % LAB_N_LINES), or, for coroutines, by the thread that runs them. Cumulative.
 */
struct lab_line {
	_Alignas(64) _Atomic uint64_t done; /* units of work */
	_Atomic uint64_t user_switches;	    /* from one coroutine, or its loop, to another */
	_Atomic uint64_t yielded;	    /* calls of sched_yield */
	_Atomic uint64_t created;	    /* coroutines made */
	_Atomic uint64_t checksum;	    /* sum over tasks of what they computed, wrapping */
	_Atomic uint64_t alive; /* tasks made less tasks ended (wrapping, sum the lines) */
	_Atomic uint64_t turns; /* of an event loop */
	_Atomic uint64_t polls; /* calls of epoll_wait */
	_Atomic uint64_t ready; /* descriptors that these reported */
};

/* Add one to a counter of a line that has one writer: no locked instruction. */
static inline void lab_line_add(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

struct lab_area {
	uint32_t magic; /* LAB_AREA_MAGIC */
	uint32_t size;	/* sizeof(struct lab_area), so that two builds do not meet */
	struct lab_spec spec;

	/* swtch -> runner */
	_Atomic uint32_t go;	   /* futex word: 1 starts the tasks */
	_Atomic uint32_t stop;	   /* futex word: 1 asks every task to end after its unit */
	_Atomic uint32_t marks_on; /* 1: write coroutine marks */
	_Atomic uint64_t rate_hz;  /* units a second offered to all tasks together; 0: flat out */

	/* runner -> swtch */
	uint64_t base_bytes;	     /* its own memory before there was a task: pages, */
	uint64_t base_table_bytes;   /* and page tables */
	uint32_t port;		     /* a server's, once LAB_READY */
	_Atomic uint32_t phase;	     /* futex word: enum lab_phase */
	_Atomic uint64_t started_ns; /* CLOCK_MONOTONIC when the job began; 0: not yet */
	_Atomic uint64_t ended_ns;   /* and when its last task had ended */
	char error[LAB_ERROR_BYTES]; /* valid once phase is LAB_FAILED */
	char note[LAB_ERROR_BYTES];  /* what else there is to say at the end, of tasks that died */

	_Atomic uint64_t
		figures[LAB_N_FIGURES]; /* see struct job; swtch sets them to COUNT_UNKNOWN */
	struct latencies latencies;	/* of whatever the job's tasks wait for */
	struct lab_line lines[LAB_N_LINES];
	struct mark_ring rings[LAB_N_POOL];
};

/* What all lines of an area say together. */
struct lab_sums {
	uint64_t done, user_switches, yielded, created, checksum, alive, turns, polls, ready;
};

/* Add the lines up as they are now; the runner may be writing them. Any thread may call. */
void lab_area_sum(const struct lab_area *area, struct lab_sums *sums);

#endif
