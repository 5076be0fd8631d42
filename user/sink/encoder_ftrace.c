// SPDX-License-Identifier: GPL-2.0-only
/*
 * encoder_ftrace.c - scheduler events as ftrace has them: switches and wakings in columns, the rest
 * one by one.
 *
 * A viewer knows who runs on a CPU from the switch before, and nothing is told here of switches
 * between tasks in no lane. Where one of those must have been, PID_NOT_WATCHED comes in between.
 */
#include <stdio.h>

#include "sink/encoder.h"

#define N_ROWS_MORE 256 /* that columns get room for at a time */

/* The first 12 bytes of both lie at one place, so that one look does for all three kinds. */
_Static_assert(offsetof(struct event, to.next) == offsetof(struct event, wake.wakee) &&
		       offsetof(struct event, to.next) == offsetof(struct event, made.child),
	       "the other task of an event");

static uint32_t prev_state(unsigned state)
{
	static const uint16_t bits[N_LEAVE_STATES] = {
		[LEAVE_SLEEPING] = PREV_SLEEPING, [LEAVE_BLOCKED] = PREV_BLOCKED,
		[LEAVE_STOPPED] = PREV_STOPPED,	  [LEAVE_TRACED] = PREV_TRACED,
		[LEAVE_DEAD] = PREV_DEAD,	  [LEAVE_ZOMBIE] = PREV_ZOMBIE,
		[LEAVE_PARKED] = PREV_PARKED,	  [LEAVE_IDLE] = PREV_IDLE,
	};

	state &= LEAVE_MASK;
	return state < N_LEAVE_STATES ? bits[state] : 0;
}

/* --- names ----------------------------------------------------------------------------------------- */

static uint32_t add_name(struct bundle *bundle, const char *name)
{
	wire_text(&bundle->columns[COMPACT_NAMES], COMPACT_NAMES, name);
	return bundle->n_names++;
}

static uint32_t add_idle_name(struct bundle *bundle, unsigned cpu)
{
	char name[TASK_NAME_LEN];

	snprintf(name, sizeof(name), "swapper/%u", cpu);
	return add_name(bundle, name);
}

/* What a task that was met is called where it runs and is woken: its place among the CPU's names. */
static uint32_t name_of_task(struct encoder *encoder, unsigned cpu, uint32_t word)
{
	struct bundle *bundle = &encoder->bundles[cpu];
	uint32_t pid = task_pid(word);
	unsigned at = cpu % N_NAME_PLACES;
	struct name_places *places;

	if (!pid) {
		if (!bundle->idle_name)
			bundle->idle_name = add_idle_name(bundle, cpu) + 1;
		return bundle->idle_name - 1;
	}
	places = &encoder->places[encoder->infer.numbers[pid] - 1];
	if (places->cpu[at] != cpu + 1) {
		places->cpu[at] = cpu + 1;
		places->index[at] = add_name(bundle, names_get(encoder->names, pid));
	}
	return places->index[at];
}

static uint32_t unwatched_name(struct bundle *bundle)
{
	if (!bundle->unwatched_name)
		bundle->unwatched_name = add_name(bundle, "(not watched)") + 1;
	return bundle->unwatched_name - 1;
}

/* --- switches -------------------------------------------------------------------------------------- */

/* Make room for more rows, in every column that has any; false without memory. */
static bool make_room(struct encoder *encoder, struct bundle *bundle)
{
	static const enum compact_field fields[] = {
		COMPACT_SWITCH_TIMESTAMP,  COMPACT_SWITCH_PREV_STATE, COMPACT_SWITCH_NEXT_PID,
		COMPACT_SWITCH_NEXT_NAME,  COMPACT_WAKING_TIMESTAMP,  COMPACT_WAKING_PID,
		COMPACT_WAKING_TARGET_CPU, COMPACT_WAKING_NAME,
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (!wire_reserve(&bundle->columns[fields[i]], N_ROWS_MORE * WIRE_VARINT_MAX)) {
			encoder->err = -ENOMEM;
			return false;
		}
	bundle->n_room = N_ROWS_MORE;
	return true;
}

/* `name` is the place among the CPU's names of what `pid` is called. */
static inline void put_row(struct encoder *encoder, unsigned cpu, uint64_t time_ns, uint32_t state,
			   uint32_t pid, uint32_t name)
{
	struct bundle *bundle = &encoder->bundles[cpu];
	struct wire *columns = bundle->columns;
	uint64_t told_ns = time_ns + encoder->offset_ns;

	if (!bundle->n_room && !make_room(encoder, bundle))
		return;
	bundle->n_room--;
	bundle->n_switches++;
	wire_put(&columns[COMPACT_SWITCH_TIMESTAMP], told_ns - bundle->switched_ns);
	wire_put(&columns[COMPACT_SWITCH_PREV_STATE], state);
	wire_put(&columns[COMPACT_SWITCH_NEXT_PID], pid);
	wire_put(&columns[COMPACT_SWITCH_NEXT_NAME], name);
	bundle->switched_ns = told_ns;
	bundle->is_used = true;
	encoder->viewed[cpu] = (struct viewed){ pid, true, time_ns };
}

static void put_unwatched(struct encoder *encoder, unsigned cpu, uint64_t time_ns)
{
	put_row(encoder, cpu, time_ns, PREV_SLEEPING, PID_NOT_WATCHED,
		unwatched_name(&encoder->bundles[cpu]));
}

/* A viewer drops the first switch of a CPU, and takes from it who runs: so one comes before. */
static void put_leading(struct encoder *encoder, const struct event *event)
{
	uint64_t ran_ns = event->to.ran_ns < event->time_ns ? event->to.ran_ns : 0;

	put_row(encoder, event->cpu, event->time_ns - ran_ns, 0, task_pid(event->task),
		name_of_task(encoder, event->cpu, event->task));
	wire_varint(&encoder->details[DETAILS_LEADING], event->cpu);
}

/*
 * Is it sure that who leaves is who a viewer thinks runs, all along? A stranger may have gone and come
 * back, which nobody told; of the idle task that does not matter.
 */
static bool is_viewed(const struct viewed *viewed, uint32_t word)
{
	return viewed->pid == task_pid(word) && (task_lane(word) || !task_pid(word));
}

void encoder_switch(struct encoder *encoder, const struct event *event)
{
	struct viewed *viewed = &encoder->viewed[event->cpu];

	if (!viewed->known)
		put_leading(encoder, event);
	else if (!is_viewed(viewed, event->task))
		put_unwatched(encoder, event->cpu,
			      viewed->told_ns + (viewed->told_ns < event->time_ns));
	put_row(encoder, event->cpu, event->time_ns, prev_state(event->state),
		task_pid(event->to.next), name_of_task(encoder, event->cpu, event->to.next));
}

/* --- wakings ----------------------------------------------------------------------------------------- */

bool encoder_is_compact(struct encoder *encoder, const struct event *event)
{
	const struct infer_cpu *here = infer_cpu(&encoder->infer, event->cpu);

	return event->kind == EVENT_WAKING && !event->wake.is_new && event->cpu < encoder->n_cpus &&
	       here->known && here->word == event->task &&
	       is_viewed(&encoder->viewed[event->cpu], event->task);
}

static void put_compact(struct encoder *encoder, const struct event *event)
{
	struct bundle *bundle = &encoder->bundles[event->cpu];
	struct wire *columns = bundle->columns;
	uint64_t told_ns = event->time_ns + encoder->offset_ns;

	if (!bundle->n_room && !make_room(encoder, bundle))
		return;
	bundle->n_room--;
	bundle->n_wakings++;
	wire_put(&columns[COMPACT_WAKING_TIMESTAMP], told_ns - bundle->woken_ns);
	wire_put(&columns[COMPACT_WAKING_PID], task_pid(event->wake.wakee));
	wire_put(&columns[COMPACT_WAKING_TARGET_CPU], event->wake.target_cpu);
	wire_put(&columns[COMPACT_WAKING_NAME],
		 name_of_task(encoder, event->cpu, event->wake.wakee));
	bundle->woken_ns = told_ns;
	encoder->viewed[event->cpu].told_ns =
		event->time_ns; /* up to here it was idle, if it was */
}

/* --- all others: the fields of each ------------------------------------------------------------------ */

static const char *name_of(const struct encoder *encoder, uint32_t word)
{
	return names_get(encoder->names, task_pid(word));
}

static void put_waking(struct encoder *encoder, const struct event *event, struct wire *out)
{
	wire_text(out, WAKING_COMM, name_of(encoder, event->wake.wakee));
	wire_uint(out, WAKING_PID, task_pid(event->wake.wakee));
	wire_uint(out, WAKING_SUCCESS, 1);
	wire_uint(out, WAKING_TARGET_CPU, event->wake.target_cpu);
}

static void put_migrate(struct encoder *encoder, const struct event *event, struct wire *out)
{
	wire_text(out, MIGRATE_COMM, name_of(encoder, event->task));
	wire_uint(out, MIGRATE_PID, task_pid(event->task));
	wire_uint(out, MIGRATE_FROM_CPU, event->move.from_cpu);
	wire_uint(out, MIGRATE_TO_CPU, event->move.to_cpu);
}

static void put_clone(struct encoder *encoder, const struct event *event, struct wire *out)
{
	wire_uint(out, NEWTASK_PID, task_pid(event->made.child));
	wire_text(out, NEWTASK_COMM, name_of(encoder, event->task));
	wire_uint(out, NEWTASK_FLAGS,
		  (uint64_t)event->made.flags_high << 32 | event->made.flags_low);
}

static void put_exec(struct encoder *encoder, const struct event *event, struct wire *out)
{
	wire_text(out, EXEC_FILENAME, name_of(encoder, event->task));
	wire_uint(out, EXEC_PID, task_pid(event->task));
	wire_uint(out, EXEC_OLD_PID, event->to.next);
}

static void put_name(struct encoder *encoder, const struct event *event, struct wire *out)
{
	char name[TASK_NAME_LEN];

	event_name(event, name);
	wire_uint(out, RENAME_PID, task_pid(event->task));
	wire_text(out, RENAME_OLD, name_of(encoder, event->task));
	wire_text(out, RENAME_NEW, name);
}

static void put_exit(struct encoder *encoder, const struct event *event, struct wire *out)
{
	wire_text(out, EXIT_COMM, name_of(encoder, event->task));
	wire_uint(out, EXIT_PID, task_pid(event->task));
}

static const struct {
	uint32_t field;
	void (*put)(struct encoder *encoder, const struct event *event, struct wire *out);
} kinds[N_EVENT_KINDS] = {
	[EVENT_WAKING] = { FTRACE_SCHED_WAKING, put_waking },
	[EVENT_MIGRATE] = { FTRACE_SCHED_MIGRATE_TASK, put_migrate },
	[EVENT_CLONE] = { FTRACE_TASK_NEWTASK, put_clone },
	[EVENT_EXEC] = { FTRACE_SCHED_PROCESS_EXEC, put_exec },
	[EVENT_NAME] = { FTRACE_TASK_RENAME, put_name },
	[EVENT_EXIT] = { FTRACE_SCHED_PROCESS_EXIT, put_exit },
};

/* Names have no CPU of their own: they stand in the first one's bundle. */
static void put_other(struct encoder *encoder, const struct event *event)
{
	unsigned cpu = event->kind == EVENT_NAME || event->cpu >= encoder->n_cpus ? 0 : event->cpu;
	struct wire *out = &encoder->bundles[cpu].others;
	uint32_t field = kinds[event->kind].field;
	size_t mark, inside;

	if (event->kind == EVENT_WAKING && event->wake.is_new)
		field = FTRACE_SCHED_WAKEUP_NEW;
	mark = wire_begin(out, BUNDLE_EVENT);
	wire_uint(out, FTRACE_TIMESTAMP, event->time_ns + encoder->offset_ns);
	wire_uint(out, FTRACE_PID, task_pid(event->task));
	inside = wire_begin(out, field);
	kinds[event->kind].put(encoder, event, out);
	wire_end(out, inside);
	wire_end(out, mark);
	encoder->bundles[cpu].is_used = true;
}

/* What ran when events were lost is not known: no viewer shall draw it on. */
static void put_lost(struct encoder *encoder, const struct event *event)
{
	if (event->cpu >= encoder->n_cpus)
		return;
	encoder->bundles[event->cpu].lost = encoder->bundles[event->cpu].is_used = true;
	if (encoder->viewed[event->cpu].known)
		put_unwatched(encoder, event->cpu, event->time_ns);
}

void encoder_ftrace(struct encoder *encoder, const struct event *event, bool compact)
{
	if (event->kind == EVENT_LOST)
		put_lost(encoder, event);
	else if (compact)
		put_compact(encoder, event);
	else if (event->kind < N_EVENT_KINDS && kinds[event->kind].put)
		put_other(encoder, event);
	else
		encoder->err = -EINVAL;
}
