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

#ifndef __VMLINUX_H__ /* which has these types for bpf/ */
#include <stdint.h>
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

static inline uint32_t task_word(uint32_t pid, uint32_t lane)
{
	return (pid & TASK_PID_MASK) | lane << TASK_PID_BITS;
}

static inline uint32_t task_pid(uint32_t word)
{
	return word & TASK_PID_MASK;
}

static inline uint32_t task_lane(uint32_t word)
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
	EVENT_LOST, /* `lost.n` records of this CPU's ring were overwritten unread */
	/* Of coroutines, `task` is the thread: from marks (user/event/mark.h), or probes in Python. */
	EVENT_CREATE,
	EVENT_RESUME,
	EVENT_SUSPEND,
	EVENT_END,
	EVENT_COROUTINE_NAME, /* what a coroutine is called from now on */
	N_EVENT_KINDS,
};

/* What a coroutine does: enums are append-only, so this is a list. */
static inline int event_is_mark(uint32_t kind)
{
	return kind == EVENT_CREATE || kind == EVENT_RESUME || kind == EVENT_SUSPEND ||
	       kind == EVENT_END;
}

/* Told of a coroutine: a mark, or its name. */
static inline int event_is_of_coroutine(uint32_t kind)
{
	return event_is_mark(kind) || kind == EVENT_COROUTINE_NAME;
}

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
#define LEAVE_MASK	0x0f

/* What a task that left its CPU asleep waits for: the kind of the system call that it is in. */
enum leave_call {
	CALL_UNKNOWN, /* it wants to run; or it is a thread of the kernel's, or of another ABI */
	CALL_LOCK,    /* futex, semop, flock: another task lets it go on */
	CALL_POLL,    /* epoll_wait, select, io_uring_enter: whichever of several comes first */
	CALL_IO,      /* read, send, accept, fsync: a pipe, a socket, a file */
	CALL_TIMER,   /* nanosleep: time */
	CALL_CHILD,   /* wait4, vfork: a process that it made */
	CALL_OTHER,
	CALL_NONE,     /* in no system call: mostly memory that is not there yet */
	N_LEAVE_CALLS, /* as many as three bits hold: one more needs a byte of its own */
};

#define LEAVE_CALL_SHIFT 4 /* in the state, between the two others */
#define LEAVE_CALL_MASK	 0x7
#define N_CALLS		 512u /* numbers of system calls of which the kind is known */

_Static_assert(N_LEAVE_CALLS == LEAVE_CALL_MASK + 1, "all that the state has room for");

static inline uint8_t leave_call(uint8_t state)
{
	return state >> LEAVE_CALL_SHIFT & LEAVE_CALL_MASK;
}

#define CPU_UNKNOWN 0xffffu /* of a coroutine's mark, before its thread was seen to run */

#define TIME_SATURATED 0xffffffffu /* a duration of 4.29 s or more */

/*
 * One record, from the kernel to the last sink. `seq` is the CPU's sequence number plus one, cut to
 * 32 bits, and stored last: a reader that finds another number there came too early or too late.
 * A name needs 15 bytes and no CPU or state, so it takes their room too: event_name() reads it.
 */
struct event {
	uint64_t
		time_ns; /* hooks: the scheduler's clock or CLOCK_MONOTONIC; past source/: the latter */
	uint32_t seq;
	uint8_t kind;  /* enum event_kind */
	uint8_t state; /* EVENT_SWITCH: enum leave_state | enum leave_call << 4 | LEAVE_VOLUNTARY */
	uint16_t cpu;  /* where it happened */
	uint32_t task; /* task_word() of the subject */
	union {
		struct {
			uint32_t next; /* task_word() */
			uint32_t
				ran_ns; /* how long `task` was on the CPU; TIME_SATURATED; 0: not known */
			uint32_t waited_ns; /* how long `next` had been runnable; likewise */
		} to;
		struct {
			uint32_t wakee;	     /* task_word() */
			uint32_t target_cpu; /* where it last ran */
			uint32_t is_new;     /* 1: its first wakeup, after the clone */
		} wake;
		struct {
			uint32_t from_cpu;
			uint32_t to_cpu;
			uint32_t unused;
		} move;
		struct {
			uint32_t child;	    /* task_word() */
			uint32_t flags_low; /* CLONE_*, see clone(2) */
			uint32_t flags_high;
		} made;
		struct {
			uint32_t code;	/* as wait(2) has it: exit code << 8 | signal */
			uint32_t seen;	/* switches that the hook saw */
			uint32_t moved; /* how far the kernel's nvcsw + nivcsw moved meanwhile */
		} end;
		struct {
			uint32_t n;	    /* 0: nobody knows how many (part of a file is gone) */
			uint32_t first_seq; /* of the lost ones */
			uint32_t unused;
		} lost;
		struct {
			uint32_t id;   /* of the coroutine */
			uint32_t lane; /* of the program, should the thread be unknown */
			uint32_t unused;
		} coroutine;
		/* EVENT_COROUTINE_NAME: the last three bytes lie in `seq`, in a hook's ring in state, cpu */
		struct {
			uint32_t id;
			char text[8];
		} called;
		char name[12]; /* EVENT_NAME: the first 12 of 15; the rest lies in state and cpu */
	};
};

_Static_assert(sizeof(struct event) == 32, "a record is 32 bytes");

/*
 * Where record `number` of a CPU lies in the array of all rings, in the near part of its ring or in the
 * far one: see emit.bpf.h. Both sizes are powers of two.
 */
static inline uint32_t ring_near(uint32_t cpu, uint64_t number, uint32_t near_size,
				 uint32_t far_size)
{
	return cpu * (near_size + far_size) + (uint32_t)(number & (near_size - 1));
}

static inline uint32_t ring_far(uint32_t cpu, uint64_t number, uint32_t near_size,
				uint32_t far_size)
{
	return cpu * (near_size + far_size) + near_size + (uint32_t)(number & (far_size - 1));
}

/* The same in the kernel's own ring buffer, which is one for all CPUs. */
struct plain_record {
	struct event event; /* seq: 0; first, since the kernel takes back only what it gave */
	uint32_t cpu;
	uint32_t refused; /* how many of this CPU's found no room before it, cut to 32 bits */
};

/* --- counters -------------------------------------------------------------------------------- */

#define N_WAIT_BUCKETS                                                                             \
	36 /* bucket b: 2^b to 2^(b+1)-1 ns; the first also holds 0, the last all above */

/*
 * What one CPU counted for one lane. All cumulative. Switches, times and waits are written under
 * the run queue's lock; the rest by hooks that an interrupt can interrupt, with atomic adds.
 */
struct lane_counters {
	uint64_t voluntary;   /* a task left the CPU: the kernel's nvcsw moved */
	uint64_t involuntary; /* or its nivcsw: preempted, or sched_yield */
	uint64_t run_ns;      /* on the CPU, up to the last switch */
	uint64_t wait_ns;     /* runnable and waiting for the CPU */
	uint64_t wait_max_ns; /* of the waits in wait_log2 */
	uint64_t missed;      /* switches that the kernel counted and the hook did not see */
	uint64_t wakeups;
	uint64_t migrations;
	uint64_t processes; /* made by clone */
	uint64_t threads;   /* made by clone, in a thread group */
	uint64_t exited;
	uint64_t audited;    /* tasks whose counts were held against the kernel's at their end */
	uint64_t exact;	     /* and agreed to the last switch */
	uint64_t untracked;  /* tasks that found no free slot and are not counted */
	uint64_t steps;	     /* of coroutines, in runtimes that are known: see runtime.bpf.c */
	uint64_t coroutines; /* that were seen first */
	uint64_t wait_log2[N_WAIT_BUCKETS]; /* from being woken to running */
	uint64_t untold; /* tasks that ended and whose figures found no room in the ring for them */
	uint64_t sent;	 /* those of the steps that a program made by hand, by send() */
	uint64_t
		unplaced; /* steps that found no room among those under way: neither counted nor told */
	uint64_t unused_too;
};

_Static_assert(sizeof(struct lane_counters) == 56 * 8, "whole cache lines");

/* What one CPU counted apart from lanes, what it runs, and what watching cost on it. */
struct cpu_counters {
	uint64_t other_switches; /* tasks of lane 0 leaving; not the idle task, and not our own */
	uint64_t head;		 /* records ever reserved in this CPU's ring, or refused */
	uint64_t n_switches;	 /* all of them */
	uint64_t arrived_ns;	 /* when a task of a lane came or left last, */
	uint32_t running;	 /* and who came: task_word(); 0 since a switch between others */
	uint32_t unused;
	/* The first of every COST_PERIOD switches is timed: those of lanes, their number and sum. */
	uint64_t cost_n;
	uint64_t cost_ns;
	uint64_t refused;      /* records that found no room in the plain ring */
	uint64_t own_switches; /* tasks of swtch itself leaving */
	/* The scheduler's clock: see clock.bpf.h. */
	uint64_t offset_ns;  /* CLOCK_MONOTONIC less it, wrapping; 0: never known */
	uint64_t sampled_ns; /* when they were last compared */
	uint64_t window_ns;  /* when the first of n_samples was taken */
	uint64_t least_ns;   /* of them */
	uint32_t n_samples;
	uint32_t offset_is_valid;
	uint64_t waking_ns; /* when a task of a lane was woken last, on CLOCK_MONOTONIC */
	uint64_t unused_too;
};

_Static_assert(sizeof(struct cpu_counters) == 128, "whole cache lines");

#define COST_PERIOD	 256
#define OFFSET_PERIOD_NS 500000ull /* the clocks are compared so often, */
#define OFFSET_SAMPLES	 16	   /* and so many times before the least difference counts, */
#define OFFSET_WINDOW_NS                                                                           \
	16000000ull /* if within so long: clocks drift by 50 in a million and more */

/* What a task does: one more than how it left its CPU (enum leave_state), or one of these. */
#define DOING_UNKNOWN 0	   /* it was not seen yet */
#define DOING_RUNNING 0xff /* on `cpu` */

/*
 * What one watched task did, all cumulative; element n is that of the task in slot n. Readers without
 * privilege have it in memory that they may write (no map can be mapped through a descriptor for
 * reading alone: bpf_map_mmap(), kernel/bpf/syscall.c), so that nothing here is ever believed by the
 * hooks or the keeper: it is only added to.
 */
struct task_figures {
	/* Written in sched_switch: */
	uint64_t run_ns;
	uint64_t wait_ns;
	uint64_t sleep_ns;    /* off its CPU and not runnable, but in state D: */
	uint64_t blocked_ns;  /* that counts here instead */
	uint64_t wait_max_ns; /* as in struct lane_counters */
	uint64_t since_ns;    /* when it last came or left; 0: not seen yet */
	uint32_t voluntary;   /* switches, as the lane counts them: the low halves */
	uint32_t involuntary;
	uint16_t cpu; /* where it came last */
	uint8_t doing;
	uint8_t unused;
	uint32_t lane; /* 0: there is no task here */
	/* In other hooks: */
	uint64_t woken_ns; /* last; 0: never */
	uint32_t wakeups;
	uint32_t migrations;
	uint32_t waker; /* pid of what ran where it was woken last */
	uint32_t pid;
	uint32_t tgid;
	uint32_t parent;	 /* pid of the thread that made it; 0: not known */
	uint64_t start_ns;	 /* when watching began, CLOCK_MONOTONIC */
	uint32_t voluntary_high; /* the high halves, which only 2^32 switches write */
	uint32_t involuntary_high;
	char name[TASK_NAME_LEN]; /* terminated */
};

_Static_assert(sizeof(struct task_figures) == 128, "two cache lines");

/* --- settings that user space may change while the probes run ---------------------------------- */

struct control {
	uint32_t listening; /* 0, or a number that names who listens: write event records */
	uint32_t unused;
};

/* --- for the keeper alone ---------------------------------------------------------------------- */

/*
 * Slots below this number are the keeper's, for tasks that it adopts: it finds a free one among them with no
 * list. When they are all taken it draws on the others, as the hooks of clone do. Number 0 is none.
 */
#define N_KEEPER_SLOTS 1024u

/* What the probes in an interpreter must know; its number is their cookie. Addresses as in its file. */
struct interpreter {
	uint64_t send;		       /* where the probe in PyIter_Send() is, */
	uint64_t leave;		       /* and that in the function that ends a step; 0: none */
	uint64_t method;	       /* that in the method send() of a coroutine; 0: not known */
	uint64_t code_start, code_end; /* its own code */
	uint64_t types[2];	       /* PyCoro_Type, PyGen_Type; 0: not known */
	uint32_t
		frame_offset; /* of the pointer to the frame in objects of these; 0: there is none */
	uint32_t state_offset; /* of the frame's state, in the frame or the object; 0: not known */
	int32_t created;       /* that of one which has not begun */
	uint32_t name_offset;  /* of the pointer to the name, a str; 0: not known */
	uint32_t text_offset;  /* of the characters in a str of ASCII */
	uint32_t unused;
};

#define N_INTERPRETERS 64u
#define N_COROUTINES   65536u /* that are known at a time: of more, those stepped last */
#define N_STEPS	       8192u  /* threads in the middle of one */

/* Element number `pid` of slot_of_pid. The kernel rounds an array's elements up to eight bytes. */
struct pid_entry {
	uint32_t slot; /* 0: the pid is not watched */
	uint32_t
		own; /* a task of swtch itself, as long as it is in no lane; its children are, too */
};

/*
 * What the hooks remember of one watched task. Whether it is that task's and not that of a later
 * one with the same pid, the address of its task_struct tells; clone clears what was left.
 */
struct slot {
	uint64_t task; /* the address of its task_struct; 0: adopted by pid, not yet seen */
	uint32_t pid;
	uint32_t tgid;
	uint32_t lane;	/* 0: the slot is free */
	uint32_t nvcsw; /* the kernel's counts when the task was last seen, cut to 32 bits */
	uint32_t nivcsw;
	uint32_t seen;	   /* switches that the hook saw */
	uint32_t base;	   /* the kernel's count when watching began */
	uint32_t named;	   /* control.listening when its name was sent */
	uint8_t preempted; /* it left its CPU runnable: the next wait is not one after a wakeup */
	uint8_t audited;   /* its end was counted */
	uint16_t unused;
	uint32_t number;     /* its own */
	uint64_t queued_ns;  /* since when it is runnable; 0: not known */
	uint64_t arrived_ns; /* plain clock only: since when it runs */
};

_Static_assert(sizeof(struct slot) == 64, "one cache line");

#endif
