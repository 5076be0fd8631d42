// SPDX-License-Identifier: GPL-2.0-only
/* columns.c - the table, and one small function for each figure. */
#include "sink/columns.h"

#include <stdbool.h>
#include <sys/wait.h>

#include "event/calls.h"
#include "event/print.h"

const char *context_lane(const struct sink_context *context, const struct event *event)
{
	unsigned lane = event_lane(event);

	return lane && lane < context->n_lanes ? context->lanes[lane].label.name : "";
}

static void number(struct value *value, uint64_t n)
{
	value->type = VALUE_NUMBER;
	value->number = n;
}

static void text(struct value *value, const char *words)
{
	value->type = VALUE_TEXT;
	value->text = words;
}

static void task_name(struct value *value, uint32_t word, const struct sink_context *context)
{
	const char *name = names_get(context->names, task_pid(word));

	value->type = *name ? VALUE_NAME : VALUE_NONE;
	value->text = name;
}

/* A duration that the hook did not know is 0 in the record; a wait or a run never is. */
static void duration(struct value *value, uint32_t ns)
{
	if (ns)
		number(value, ns);
}

#define GET(name)                                                                                  \
	static void get_##name(struct value *value, const struct event *event,                     \
			       const struct sink_context *context)

GET(time_ns)
{
	value->type = VALUE_SIGNED;
	value->with_sign = (int64_t)(event->time_ns - context->start_ns);
}

GET(cpu)
{
	(void)context;
	if (event->cpu != CPU_UNKNOWN)
		number(value, event->cpu);
}

GET(kind)
{
	(void)context;
	text(value, event_kind_name(event->kind));
}

GET(lane)
{
	const char *lane = context_lane(context, event);

	if (*lane)
		text(value, lane);
}

/* Pid 0 is the idle task, but for a coroutine: there its thread is not known. */
static bool has_task(const struct event *event)
{
	return !event_is_mark(event->kind) || task_pid(event->task);
}

GET(task_name)
{
	if (has_task(event))
		task_name(value, event->task, context);
}

GET(task_pid)
{
	(void)context;
	if (has_task(event))
		number(value, task_pid(event->task));
}

GET(next_name)
{
	task_name(value, event->to.next, context);
}

GET(next_pid)
{
	(void)context;
	number(value, task_pid(event->to.next));
}

/* The idle task does not decide to go. */
GET(left)
{
	(void)context;
	if (task_pid(event->task))
		text(value, event->state & LEAVE_VOLUNTARY ? "voluntary" : "involuntary");
}

GET(state)
{
	(void)context;
	value->room[0] = leave_state_letter(event->state);
	value->room[1] = '\0';
	text(value, value->room);
}

GET(waits_for)
{
	(void)context;
	if (call_name(leave_call(event->state)))
		text(value, call_name(leave_call(event->state)));
}

GET(ran_ns)
{
	(void)context;
	duration(value, event->to.ran_ns);
}

GET(waited_ns)
{
	(void)context;
	duration(value, event->to.waited_ns);
}

GET(wakee_name)
{
	task_name(value, event->wake.wakee, context);
}

GET(wakee_pid)
{
	(void)context;
	number(value, task_pid(event->wake.wakee));
}

GET(target_cpu)
{
	(void)context;
	number(value, event->wake.target_cpu);
}

GET(first)
{
	(void)context;
	number(value, !!event->wake.is_new);
}

GET(from_cpu)
{
	(void)context;
	number(value, event->move.from_cpu);
}

GET(to_cpu)
{
	(void)context;
	number(value, event->move.to_cpu);
}

GET(child_name)
{
	task_name(value, event->made.child, context);
}

GET(child_pid)
{
	(void)context;
	number(value, task_pid(event->made.child));
}

GET(makes)
{
	(void)context;
	text(value, clone_makes_thread(event) ? "thread" : "process");
}

GET(flags)
{
	(void)context;
	clone_flags_print(value->room, sizeof(value->room), event);
	text(value, value->room);
}

GET(name)
{
	(void)context;
	if (event->kind == EVENT_COROUTINE_NAME)
		event_coroutine_name(event, value->room);
	else
		event_name(event, value->room);
	value->type = VALUE_NAME;
	value->text = value->room;
}

GET(code)
{
	int status = (int)(event->end.code & 0xffff);

	(void)context;
	if (WIFEXITED(status))
		number(value, (unsigned)WEXITSTATUS(status));
}

GET(signal)
{
	int status = (int)(event->end.code & 0xffff);

	(void)context;
	if (WIFSIGNALED(status))
		number(value, (unsigned)WTERMSIG(status));
}

GET(seen)
{
	(void)context;
	number(value, event->end.seen);
}

GET(moved)
{
	(void)context;
	number(value, event->end.moved);
}

GET(lost)
{
	(void)context;
	if (event->lost.n) /* else nobody knows how many */
		number(value, event->lost.n);
}

GET(lost_from)
{
	(void)context;
	if (event->lost.first_seq && event->cpu != CPU_UNKNOWN)
		number(value, event->lost.first_seq);
}

GET(coroutine)
{
	(void)context;
	number(value, event->kind == EVENT_COROUTINE_NAME ? event->called.id : event->coroutine.id);
}

#define K(kind)	   (1u << EVENT_##kind)
#define COROUTINES (K(CREATE) | K(RESUME) | K(SUSPEND) | K(END))
#define ALL	   ((1u << N_EVENT_KINDS) - 2)

const struct column columns[] = {
	{ "time_ns", ALL, get_time_ns }, /* since the start; negative before it */
	{ "cpu", ALL & ~K(NAME), get_cpu },
	{ "kind", ALL, get_kind },
	{ "lane", ALL, get_lane },
	{ "task.name", ALL & ~K(LOST), get_task_name },
	{ "task.pid", ALL & ~K(LOST), get_task_pid },
	{ "next.name", K(SWITCH), get_next_name },
	{ "next.pid", K(SWITCH), get_next_pid },
	{ "left", K(SWITCH), get_left },
	{ "state", K(SWITCH), get_state },
	{ "ran_ns", K(SWITCH), get_ran_ns }, /* TIME_SATURATED, 4294967295: that long or longer */
	{ "waited_ns", K(SWITCH), get_waited_ns }, /* likewise */
	{ "wakee.name", K(WAKING), get_wakee_name },
	{ "wakee.pid", K(WAKING), get_wakee_pid },
	{ "target_cpu", K(WAKING), get_target_cpu },
	{ "first", K(WAKING), get_first }, /* 1: after its clone */
	{ "from_cpu", K(MIGRATE), get_from_cpu },
	{ "to_cpu", K(MIGRATE), get_to_cpu },
	{ "child.name", K(CLONE), get_child_name },
	{ "child.pid", K(CLONE), get_child_pid },
	{ "makes", K(CLONE), get_makes },
	{ "flags", K(CLONE), get_flags },
	{ "name", K(NAME) | K(COROUTINE_NAME), get_name },
	{ "code", K(EXIT), get_code },
	{ "signal", K(EXIT), get_signal },
	{ "seen", K(EXIT), get_seen },	 /* switches that the hook saw, */
	{ "moved", K(EXIT), get_moved }, /* and that the kernel counted: the audit */
	{ "lost", K(LOST), get_lost },
	{ "coroutine", COROUTINES | K(COROUTINE_NAME), get_coroutine },
	{ "lost_from", K(LOST),
	  get_lost_from }, /* the first one's number among its CPU's records */
	{ "waits_for", K(SWITCH), get_waits_for }, /* who left: the kind of its system call */
	{ NULL, 0, NULL },
};
