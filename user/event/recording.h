/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recording.h - how a recording lies in a file: the numbers of the fields that we write and read.
 *
 * A recording is a Perfetto trace (perfetto.proto has the schema in our own words) with one message
 * of ours in some of its packets (swtch.proto). In the file stand
 *
 *   the head      clocks, the system, what our message means, swtch.Head
 *   and blocks:   swtch.Block, which says what follows,
 *                 and compressed_packets, a zlib stream of packets:
 *                   swtch.Tasks      each task that appears, and what it is called at the start
 *                   swtch.Lane, swtch.Run, swtch.Counts   first as they were before the block
 *                   process_tree, ftrace_events for each CPU, track events of coroutines
 *                   swtch.Details    what the packets before do not say
 *
 * A block needs no other. Its events lie in several streams, each in the order of time: names; of
 * each CPU switches, wakings in the compact form, everything else, losses; marks of coroutines. Their
 * order is that of time, and of equal times that of streams, but for the exceptions that Details
 * lists. What ftrace events do not tell, infer.h guesses; where it is wrong, Details says.
 * Times in the file are CLOCK_BOOTTIME, which viewers expect: Head has what was added.
 */
#ifndef SWTCH_EVENT_RECORDING_H
#define SWTCH_EVENT_RECORDING_H

#include <stdbool.h>

#include "event.h"

/*
 * Raised whenever an older reader would take a file for damaged, or read wrong figures: another limit
 * below, another patch field, another row of counts (counts_row.h). New fields and messages do not.
 */
#define RECORDING_VERSION	 2 /* 1: a switch does not tell what who left waits for */
#define RECORDING_VERSION_OLDEST 1
#define RECORDING_N_EVENTS	 (1u << 15) /* of a block, at most */
#define RECORDING_N_ITEMS	 (1u << 12) /* lanes, runs and counts of a block, at most */
#define RECORDING_N_CPUS_MAX	 1024
#define RECORDING_BLOCK_MAX	 (64u << 20) /* bytes of a block, unpacked */

/*
 * In ftrace's events: a CPU went to somebody, nobody saw whom. No event of ours, but told so that no
 * viewer draws the task before on and on. One above the highest pid there can be.
 */
#define PID_NOT_WATCHED (1u << TASK_PID_BITS)

/* The streams of a block, by rank. */
#define STREAM_NAMES 0u
enum cpu_stream { STREAM_SWITCHES, STREAM_WAKINGS, STREAM_OTHERS, STREAM_LOSSES, N_CPU_STREAMS };

static inline unsigned stream_of_cpu(unsigned cpu, enum cpu_stream stream)
{
	return 1 + cpu * N_CPU_STREAMS + stream;
}

static inline unsigned stream_of_marks(unsigned n_cpus)
{
	return 1 + n_cpus * N_CPU_STREAMS;
}

static inline unsigned n_streams(unsigned n_cpus)
{
	return stream_of_marks(n_cpus) + 1;
}

/* --- Perfetto's numbers: protos/perfetto/trace there ---------------------------------------------- */

enum trace_field { TRACE_PACKET = 1 };

enum packet_field {
	PACKET_FTRACE_EVENTS = 1,
	PACKET_PROCESS_TREE = 2,
	PACKET_CLOCK_SNAPSHOT = 6,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE_ID = 10,
	PACKET_TRACK_EVENT = 11,
	PACKET_INTERNED_DATA = 12,
	PACKET_SEQUENCE_FLAGS = 13,
	PACKET_PROCESS_DESCRIPTOR = 43, /* in older traces of others */
	PACKET_THREAD_DESCRIPTOR = 44,
	PACKET_SYSTEM_INFO = 45,
	PACKET_COMPRESSED = 50,
	PACKET_TIMESTAMP_CLOCK = 58,
	PACKET_DEFAULTS = 59,
	PACKET_TRACK_DESCRIPTOR = 60,
	PACKET_EXTENSION_DESCRIPTOR = 72,
	PACKET_MACHINE = 98, /* not the one that recorded, unless 0 */
	PACKET_ZSTD = 133,
	PACKET_SWTCH = 1901, /* ours */
};

enum bundle_field {
	BUNDLE_CPU = 1,
	BUNDLE_EVENT = 2,
	BUNDLE_LOST_EVENTS = 3,
	BUNDLE_COMPACT_SCHED = 4,
	BUNDLE_CLOCK = 5,
	BUNDLE_CLOCK_TIME = 6, /* one instant, by that clock */
	BUNDLE_BOOT_TIME = 7,  /* and by CLOCK_BOOTTIME */
};

enum ftrace_clock { FTRACE_CLOCK_BOOT = 0, FTRACE_CLOCK_MONO_RAW = 4, N_FTRACE_CLOCKS };

enum compact_field {
	COMPACT_SWITCH_TIMESTAMP = 1, /* packed, as are all but names: each less the one before */
	COMPACT_SWITCH_PREV_STATE = 2,
	COMPACT_SWITCH_NEXT_PID = 3,
	COMPACT_SWITCH_NEXT_PRIO = 4, /* 0: not known to us */
	COMPACT_NAMES = 5,
	COMPACT_SWITCH_NEXT_NAME = 6,
	COMPACT_WAKING_TIMESTAMP = 7,
	COMPACT_WAKING_PID = 8,
	COMPACT_WAKING_TARGET_CPU = 9,
	COMPACT_WAKING_PRIO = 10,
	COMPACT_WAKING_NAME = 11,
	COMPACT_WAKING_FLAGS = 12,
};

enum ftrace_field {
	FTRACE_TIMESTAMP = 1,
	FTRACE_PID = 2, /* who ran */
	FTRACE_SCHED_SWITCH = 4,
	FTRACE_SCHED_WAKING = 20,
	FTRACE_SCHED_WAKEUP_NEW = 114,
	FTRACE_TASK_NEWTASK = 235,
	FTRACE_TASK_RENAME = 236,
	FTRACE_SCHED_PROCESS_EXEC = 237,
	FTRACE_SCHED_PROCESS_EXIT = 238,
	FTRACE_SCHED_MIGRATE_TASK = 491,
};

enum switch_field {
	SWITCH_PREV_COMM = 1,
	SWITCH_PREV_PID = 2,
	SWITCH_PREV_STATE = 4,
	SWITCH_NEXT_COMM = 5,
	SWITCH_NEXT_PID = 6,
};
enum waking_field { WAKING_COMM = 1, WAKING_PID = 2, WAKING_SUCCESS = 4, WAKING_TARGET_CPU = 5 };
enum migrate_field { MIGRATE_COMM = 1, MIGRATE_PID = 2, MIGRATE_FROM_CPU = 4, MIGRATE_TO_CPU = 5 };
enum newtask_field { NEWTASK_PID = 1, NEWTASK_COMM = 2, NEWTASK_FLAGS = 3 };
enum rename_field { RENAME_PID = 1, RENAME_OLD = 2, RENAME_NEW = 3 };
enum exec_field { EXEC_FILENAME = 1, EXEC_PID = 2, EXEC_OLD_PID = 3 };
enum exit_field { EXIT_COMM = 1, EXIT_PID = 2, EXIT_TGID = 3 };

/* Bits of prev_state, from Linux 4.14 on; which they are a viewer takes from SystemInfo. */
enum prev_state_bit {
	PREV_SLEEPING = 0x1,
	PREV_BLOCKED = 0x2,
	PREV_STOPPED = 0x4,
	PREV_TRACED = 0x8,
	PREV_DEAD = 0x10,
	PREV_ZOMBIE = 0x20,
	PREV_PARKED = 0x40,
	PREV_IDLE = 0x80,
	PREV_PREEMPTED = 0x100,
};

enum clock_snapshot_field { SNAPSHOT_CLOCK = 1 };
enum clock_field { CLOCK_FIELD_ID = 1, CLOCK_FIELD_TIME = 2, CLOCK_FIELD_INCREMENTAL = 3 };
enum clock_id {
	CLOCK_ID_REALTIME = 1,
	CLOCK_ID_MONOTONIC = 3,
	CLOCK_ID_MONOTONIC_RAW = 5,
	CLOCK_ID_BOOTTIME = 6,
	CLOCK_ID_MARKS = 64, /* of one sequence: each time less the one before, BOOTTIME */
};

enum system_info_field { SYSTEM_UTSNAME = 1 };
enum utsname_field {
	UTSNAME_SYSNAME = 1,
	UTSNAME_VERSION = 2,
	UTSNAME_RELEASE = 3,
	UTSNAME_MACHINE = 4
};

enum process_tree_field { TREE_PROCESS = 1, TREE_THREAD = 2 };
enum process_field { PROCESS_PID = 1, PROCESS_CMDLINE = 3 };
enum thread_field { THREAD_TID = 1, THREAD_NAME = 2, THREAD_TGID = 3 };

enum track_field {
	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_PROCESS = 3,
	TRACK_THREAD = 4,
	TRACK_PARENT = 5
};
enum track_process_field {
	TRACK_PROCESS_PID = 1,
	TRACK_PROCESS_CMDLINE = 2,
	TRACK_PROCESS_NAME = 6
};
enum track_thread_field { TRACK_THREAD_PID = 1, TRACK_THREAD_TID = 2, TRACK_THREAD_NAME = 5 };
enum track_event_field {
	TRACK_EVENT_TYPE = 9,
	TRACK_EVENT_NAME_ID = 10,
	TRACK_EVENT_TRACK = 11,
	TRACK_EVENT_NAME = 23
};
enum track_event_type { TRACK_BEGIN = 1, TRACK_END = 2, TRACK_INSTANT = 3 };
enum interned_field { INTERNED_EVENT_NAME = 2 };
enum event_name_field { EVENT_NAME_ID = 1, EVENT_NAME_TEXT = 2 };
enum defaults_field { DEFAULTS_TIMESTAMP_CLOCK = 58 };
enum sequence_flag { SEQUENCE_CLEARED = 1, SEQUENCE_NEEDS_STATE = 2 };
enum extension_field { EXTENSION_SET = 1 };

#define MARKS_SEQUENCE 1u /* the only sequence of ours that keeps state */

/* What a coroutine's slices and instants are called: the id in the interned names. */
enum mark_name { MARK_NAME_RUNS = 1, MARK_NAME_CREATE = 2, MARK_NAME_END = 3 };

/* A track for each thread and each coroutine of it: the ids have their thread and number in them. */
static inline uint64_t track_of_thread(uint32_t tid)
{
	return ((uint64_t)1 << TASK_PID_BITS | tid) << 1; /* never 0, which is no track */
}

static inline uint64_t track_of_coroutine(uint32_t tid, uint32_t id)
{
	return ((uint64_t)id << TASK_PID_BITS | tid) << 1 | 1;
}

static inline bool track_is_coroutine(uint64_t track)
{
	return track & 1;
}

static inline uint32_t track_tid(uint64_t track)
{
	return (uint32_t)(track >> 1) & TASK_PID_MASK;
}

static inline uint32_t track_coroutine(uint64_t track)
{
	return (uint32_t)(track >> (1 + TASK_PID_BITS));
}

/* --- ours: swtch.proto ---------------------------------------------------------------------------- */

enum swtch_field {
	SWTCH_HEAD = 1,
	SWTCH_BLOCK = 2,
	SWTCH_TASKS = 3,
	SWTCH_LANE = 4,
	SWTCH_RUN = 5,
	SWTCH_COUNTS = 6,
	SWTCH_DETAILS = 7,
};

enum head_field {
	HEAD_VERSION = 1,
	HEAD_N_CPUS = 2,
	HEAD_N_LANES = 3,
	HEAD_BOOT_OFFSET = 4, /* sint64: CLOCK_BOOTTIME less CLOCK_MONOTONIC, ns */
};

enum block_field {
	BLOCK_FIRST = 1, /* ns, CLOCK_BOOTTIME */
	BLOCK_LAST = 2,
	BLOCK_N_EVENTS = 3,
	BLOCK_N_BYTES = 4, /* of its packets, unpacked */
	BLOCK_NUMBER = 5,  /* 0, 1, 2, ...: a gap is a block that is missing */
};

enum tasks_field {
	TASKS_WORD = 1, /* packed: task_word() */
	TASKS_NAME = 2, /* of each, bytes; "" where nobody knows */
};

/* Of Lane, Run and Counts: how many events of the block stand before it; absent: it is of before. */
enum { ITEM_AT = 15 };

enum lane_field {
	LANE_NUMBER = 1,
	LANE_STARTS = 2,
	LANE_NAME = 3,
	LANE_MODEL = 4,
	LANE_VIA = 5,
	LANE_SYNC = 6,
	LANE_UNIT = 7,
	LANE_NOTE = 8,
	LANE_PHASE = 9,
	LANE_APART = 10,
	LANE_FIGURE = 11,
	LANE_LATENCY = 12,
};
enum figure_field { FIGURE_NAME = 1, FIGURE_HEAD = 2, FIGURE_ALARM = 3, FIGURE_BRIEF = 4 };

enum run_field {
	RUN_KIND = 1,
	RUN_JOB = 2,
	RUN_SAYS = 3,
	RUN_SHOWS = 4,
	RUN_MODE = 5,
	RUN_KERNEL = 6,
	RUN_N_TASKS = 7,
	RUN_RATE = 8,
	RUN_START = 9, /* ns, CLOCK_BOOTTIME */
	RUN_WALL = 10,
	RUN_LANE_WALL = 11, /* packed, of each lane */
	RUN_ENDED = 12,	    /* 1: nothing is missing at the end */
};

/*
 * Figures are all that struct counts has, in one row (counts_row.h). Written is how far they moved
 * since the Counts before in this block: pairs of how many stand still, and of one that moves. The
 * row's tail is written as it is, each number plus one, 0 is not known; absent in older files.
 */
enum counts_field { COUNTS_TIME = 1, COUNTS_MOVES = 2, COUNTS_TAIL = 3 };

enum details_field {
	/* Where the guess is wrong: number of the event (less the one before), which field, its value. */
	DETAILS_PATCH_AT = 1,
	DETAILS_PATCH_FIELD = 2,
	DETAILS_PATCH_VALUE = 3,
	/* Where the order of equal times is another: first event, how many, their places. */
	DETAILS_TIE_AT = 4,
	DETAILS_TIE_N = 5,
	DETAILS_TIE_PLACE = 6,
	/* Of each EVENT_EXIT, in their order: end.code, end.moved, end.moved less end.seen (sint64). */
	DETAILS_EXIT_CODE = 7,
	DETAILS_EXIT_MOVED = 8,
	DETAILS_EXIT_UNSEEN = 9,
	/* Each EVENT_LOST, in their order: ns since BLOCK_FIRST, CPU, how many, first. */
	DETAILS_LOST_TIME = 10,
	DETAILS_LOST_CPU = 11,
	DETAILS_LOST_N = 12,
	DETAILS_LOST_FIRST = 13,
	DETAILS_LEADING = 14, /* CPUs whose first switch is no event: it says who ran */
};

enum patch_field {
	PATCH_TASK = 1,	 /* event.task */
	PATCH_OTHER = 2, /* to.next, wake.wakee, made.child: the word there */
	PATCH_STATE = 3,
	PATCH_RAN = 4,	  /* to.ran_ns */
	PATCH_WAITED = 5, /* to.waited_ns */
	PATCH_CPU = 6,
	PATCH_LANE = 7, /* coroutine.lane */
	N_PATCH_FIELDS,
};

#endif
