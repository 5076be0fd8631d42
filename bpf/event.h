/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event.h - the contract between bpf/ and user/: what the hooks write into mapped memory.
 *
 * The only file of bpf/ that user/ includes. Two ways out of the kernel stand here: counters, exact
 * and always on, and event records in one ring for each CPU, written while somebody listens.
 * Layout is asserted; enums are append-only (recordings hold them).
 */
#ifndef SWTCH_EVENT_H
#define SWTCH_EVENT_H

#ifndef __VMLINUX_H__
#include <stdint.h>
typedef uint8_t __u8;
typedef uint16_t __u16;
typedef uint32_t __u32;
typedef uint64_t __u64;
#endif

/* --- who ------------------------------------------------------------------------------------- */

/*
 * A task and its lane in one word: pids have at most 22 bits (PID_MAX_LIMIT), so ten are left.
 * Lane 0 is every task that nobody asked to watch; pid 0 is a CPU's idle task.
 */
#define TASK_PID_BITS 22
#define TASK_PID_MASK ((1u << TASK_PID_BITS) - 1)
#define N_LANES_MAX   16 /* lanes that are counted, lane 0 included; the word has room for 1,024 */
#define TASK_NAME_LEN 16 /* TASK_COMM_LEN, with its terminator */

static inline __u32 task_word(__u32 pid, __u32 lane)
{
	return (pid & TASK_PID_MASK) | lane << TASK_PID_BITS;
}

static inline __u32 task_pid(__u32 word)
{
	return word & TASK_PID_MASK;
}

static inline __u32 task_lane(__u32 word)
{
	return word >> TASK_PID_BITS;
}

/* --- events ---------------------------------------------------------------------------------- */

enum event_kind {
	EVENT_NONE,
	EVENT_SWITCH,  /* `task` left the CPU, `to.next` came */
	EVENT_WAKING,  /* `task` (the waker) makes `to.wakee` runnable */
	EVENT_MIGRATE, /* `task` moves to another CPU's queue */
	EVENT_CLONE,   /* `task` made `made.child` */
	EVENT_EXEC,    /* `task` runs another program; an EVENT_NAME follows */
	EVENT_NAME,    /* what `task` is called from now on; sent once when it is first seen */
	EVENT_EXIT,    /* `task` ends */
	/* Never from the kernel: */
	EVENT_LOST,   /* `lost.n` records of this CPU's ring were overwritten unread */
	EVENT_CREATE, /* coroutine marks, `task` is the thread: see user/event/mark.h */
	EVENT_RESUME,
	EVENT_SUSPEND,
	EVENT_END,
	N_EVENT_KINDS,
};

/* Why a task left its CPU. The kernel's own TASK_* bits, reduced to what it prints. */
enum leave_state {
	LEAVE_RUNNABLE, /* R: still wants to run */
	LEAVE_SLEEPING, /* S: interruptible */
	LEAVE_BLOCKED,	/* D: uninterruptible */
	LEAVE_STOPPED,	/* T */
	LEAVE_TRACED,	/* t */
	LEAVE_DEAD,	/* X */
	LEAVE_ZOMBIE,	/* Z */
	LEAVE_PARKED,	/* P */
	LEAVE_IDLE,	/* I: uninterruptible, no load */
	N_LEAVE_STATES,
};

#define LEAVE_VOLUNTARY 0x80 /* or'ed to the state: the kernel counted it in nvcsw, not nivcsw */
#define LEAVE_MASK	0x7f

#define TIME_SATURATED 0xffffffffu /* a duration of 4.29 s or more */

/*
 * One record, from the kernel to the last sink. `seq` is the CPU's sequence number plus one, cut to
 * 32 bits, and stored last: a reader that finds another number there came too early or too late.
 * A name needs 15 bytes and no CPU or state, so it takes their room too: event_name() reads it.
 */
struct event {
	__u64 time_ns; /* hooks: the scheduler's clock or CLOCK_MONOTONIC; past source/: the latter */
	__u32 seq;
	__u8 kind;  /* enum event_kind */
	__u8 state; /* EVENT_SWITCH: enum leave_state | LEAVE_VOLUNTARY */
	__u16 cpu;  /* where it happened */
	__u32 task; /* task_word() of the subject */
	union {
		struct {
			__u32 next; /* task_word() */
			__u32 ran_ns; /* how long `task` was on the CPU; TIME_SATURATED; 0: not known */
			__u32 waited_ns; /* how long `next` had been runnable; likewise */
		} to;
		struct {
			__u32 wakee;	  /* task_word() */
			__u32 target_cpu; /* where it last ran */
			__u32 is_new;	  /* 1: its first wakeup, after the clone */
		} wake;
		struct {
			__u32 from_cpu;
			__u32 to_cpu;
			__u32 unused;
		} move;
		struct {
			__u32 child;	 /* task_word() */
			__u32 flags_low; /* CLONE_*, see clone(2) */
			__u32 flags_high;
		} made;
		struct {
			__u32 code;  /* as wait(2) has it: exit code << 8 | signal */
			__u32 seen;  /* switches that the hook saw */
			__u32 moved; /* how far the kernel's nvcsw + nivcsw moved meanwhile */
		} end;
		struct {
			__u32 n;
			__u32 first_seq; /* of the lost ones */
			__u32 unused;
		} lost;
		struct {
			__u32 id;   /* of the coroutine */
			__u32 lane; /* of the program, should the thread be unknown */
			__u32 unused;
		} coroutine;
		char name[12]; /* EVENT_NAME: the first 12 of 15; the rest lies in state and cpu */
	};
};

_Static_assert(sizeof(struct event) == 32, "a record is 32 bytes");

/* --- counters -------------------------------------------------------------------------------- */

#define N_WAIT_BUCKETS                                                                             \
	36 /* bucket b: 2^b to 2^(b+1)-1 ns; the first also holds 0, the last all above */

/*
 * What one CPU counted for one lane. All cumulative. Switches, times and waits are written under
 * the run queue's lock; the rest by hooks that an interrupt can interrupt, with atomic adds.
 */
struct lane_counters {
	__u64 voluntary;   /* a task left the CPU: the kernel's nvcsw moved */
	__u64 involuntary; /* or its nivcsw: preempted, or sched_yield */
	__u64 run_ns;	   /* on the CPU, up to the last switch */
	__u64 wait_ns;	   /* runnable and waiting for the CPU */
	__u64 wait_max_ns; /* of the waits in wait_log2 */
	__u64 missed;	   /* switches that the kernel counted and the hook did not see */
	__u64 wakeups;
	__u64 migrations;
	__u64 processes; /* made by clone */
	__u64 threads;	 /* made by clone, in a thread group */
	__u64 exited;
	__u64 audited;	 /* tasks whose counts were held against the kernel's at their end */
	__u64 exact;	 /* and agreed to the last switch */
	__u64 untracked; /* tasks that found no free slot and are not counted */
	__u64 unused[2];
	__u64 wait_log2[N_WAIT_BUCKETS]; /* from being woken to running */
	__u64 unused_too[4];
};

_Static_assert(sizeof(struct lane_counters) == 56 * 8, "whole cache lines");

/* What one CPU counted apart from lanes, what it runs, and its two clocks side by side. */
struct cpu_counters {
	__u64 other_switches; /* tasks of lane 0 leaving; the idle task is not counted */
	__u64 head;	      /* records ever reserved in this CPU's ring */
	__u64 n_switches;     /* of which a task of a lane left or came */
	__u32 running;	      /* the lane of the task that came last, */
	__u32 running_pid;    /* its pid, */
	__u64 arrived_ns;     /* and when, on the hooks' clock */
	/* Every COST_PERIOD-th switch is timed. clock_*: the hooks' clock and CLOCK_MONOTONIC at one
	 * instant; clock_seq is odd while they are being written. cost_*: sums over the timed. */
	__u64 clock_seq;
	__u64 clock_hook_ns;
	__u64 clock_mono_ns;
	__u64 cost_ns;
	__u64 cost_n;
	__u64 unused[6];
};

_Static_assert(sizeof(struct cpu_counters) == 128, "whole cache lines");

#define COST_PERIOD 256

/* --- settings that user space may change while the probes run ---------------------------------- */

struct control {
	__u32 listening; /* 0, or a number that names who listens: write event records */
	__u32 unused;
};

/* --- for the keeper alone ---------------------------------------------------------------------- */

/*
 * What the hooks remember of one watched task. slot_of_pid[pid] is the number of its slot, 0 for
 * none. A pid that is used again does not have the address, and clone clears what was left of it.
 */
struct slot {
	__u64 task; /* the address of its task_struct; 0: adopted by pid, not yet seen */
	__u32 pid;
	__u32 tgid;
	__u32 lane;  /* 0: the slot is free */
	__u32 nvcsw; /* the kernel's counts when the task was last seen, cut to 32 bits */
	__u32 nivcsw;
	__u32 seen;	 /* switches that the hook saw */
	__u32 base;	 /* the kernel's count when watching began */
	__u32 named;	 /* control.listening when its name was sent */
	__u32 preempted; /* it left its CPU runnable: the next wait is not one after a wakeup */
	__u32 unused;
	__u64 queued_ns;  /* plain clock only: since when it is runnable, 0 when it is not */
	__u64 arrived_ns; /* plain clock only: since when it runs */
};

_Static_assert(sizeof(struct slot) == 64, "one cache line");

#endif
