// SPDX-License-Identifier: GPL-2.0-only
/* print.c - one function for each kind of event writes what stands behind its columns. */
#include "event/print.h"

#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/text.h"
#include "event/calls.h"

/* Missing in older headers; include/uapi/linux/sched.h has the values. */
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#define CLEAR_SIGHAND_HIGH 0x1 /* CLONE_CLEAR_SIGHAND and */
#define INTO_CGROUP_HIGH   0x2 /* CLONE_INTO_CGROUP are bits 32 and 33 */

static const struct {
	uint32_t low, high;
	const char *name;
} clone_flags[] = {
	{ CLONE_VM, 0, "CLONE_VM" },
	{ CLONE_THREAD, 0, "CLONE_THREAD" },
	{ CLONE_FS, 0, "CLONE_FS" },
	{ CLONE_FILES, 0, "CLONE_FILES" },
	{ CLONE_SIGHAND, 0, "CLONE_SIGHAND" },
	{ CLONE_VFORK, 0, "CLONE_VFORK" },
	{ CLONE_PARENT, 0, "CLONE_PARENT" },
	{ CLONE_PIDFD, 0, "CLONE_PIDFD" },
	{ CLONE_PTRACE, 0, "CLONE_PTRACE" },
	{ CLONE_UNTRACED, 0, "CLONE_UNTRACED" },
	{ CLONE_SYSVSEM, 0, "CLONE_SYSVSEM" },
	{ CLONE_SETTLS, 0, "CLONE_SETTLS" },
	{ CLONE_PARENT_SETTID, 0, "CLONE_PARENT_SETTID" },
	{ CLONE_CHILD_SETTID, 0, "CLONE_CHILD_SETTID" },
	{ CLONE_CHILD_CLEARTID, 0, "CLONE_CHILD_CLEARTID" },
	{ CLONE_DETACHED, 0, "CLONE_DETACHED" },
	{ CLONE_NEWNS, 0, "CLONE_NEWNS" },
	{ CLONE_NEWCGROUP, 0, "CLONE_NEWCGROUP" },
	{ CLONE_NEWUTS, 0, "CLONE_NEWUTS" },
	{ CLONE_NEWIPC, 0, "CLONE_NEWIPC" },
	{ CLONE_NEWUSER, 0, "CLONE_NEWUSER" },
	{ CLONE_NEWPID, 0, "CLONE_NEWPID" },
	{ CLONE_NEWNET, 0, "CLONE_NEWNET" },
	{ CLONE_NEWTIME, 0, "CLONE_NEWTIME" },
	{ CLONE_IO, 0, "CLONE_IO" },
	{ 0, CLEAR_SIGHAND_HIGH, "CLONE_CLEAR_SIGHAND" },
	{ 0, INTO_CGROUP_HIGH, "CLONE_INTO_CGROUP" },
};

size_t clone_flags_print(char *out, size_t size, const struct event *event)
{
	static const char digits[] = "0123456789abcdef";
	uint32_t low = event->made.flags_low, high = event->made.flags_high;
	struct text text;

	text_init(&text, out, size);
	for (size_t i = 0; i < sizeof(clone_flags) / sizeof(*clone_flags); i++) {
		if (!(low & clone_flags[i].low) && !(high & clone_flags[i].high))
			continue;
		text_put(&text, text.length ? "|" : "");
		text_put(&text, clone_flags[i].name);
		low &= ~clone_flags[i].low;
		high &= ~clone_flags[i].high;
	}

	uint64_t rest = (uint64_t)high << 32 | low;

	if (rest) {
		text_put(&text, text.length ? "|0x" : "0x");
		for (int shift = 60; shift >= 0; shift -= 4)
			if (rest >> shift)
				text_char(&text, digits[rest >> shift & 15]);
	} else if (!text.length) {
		text_char(&text, '0');
	}
	return text.length;
}

int clone_makes_thread(const struct event *event)
{
	return !!(event->made.flags_low & CLONE_THREAD);
}

char leave_state_letter(unsigned state)
{
	static const char letters[] = "RSDTtXZPI";

	_Static_assert(sizeof(letters) == N_LEAVE_STATES + 1, "a letter for each state");
	state &= LEAVE_MASK;
	return state < N_LEAVE_STATES ? letters[state] : '?';
}

void task_print(struct text *text, uint32_t word, const struct names *names)
{
	text_name(text, names_get(names, task_pid(word)));
	text_char(text, ':');
	text_u64(text, task_pid(word));
}

void coroutine_print(struct text *text, uint32_t lane, uint32_t id, const struct names *names)
{
	const char *name = names_get_coroutine(names, lane, id);

	text_put(text, "co-");
	text_u64(text, id);
	if (!*name)
		return;
	text_put(text, " (");
	text_name(text, name);
	text_put(text, ")");
}

void call_print(struct text *text, const char *before, unsigned state)
{
	const char *says = call_says(leave_call((uint8_t)state));

	if (!says)
		return;
	text_put(text, before);
	text_put(text, says);
}

static void put_duration(struct text *text, const char *before, uint32_t ns)
{
	if (!ns) /* not known */
		return;
	text_put(text, before);
	if (ns == TIME_SATURATED)
		text_put(text, "over ");
	text_duration(text, ns);
}

static void put_switch(struct text *text, const struct event *event, const struct names *names)
{
	task_print(text, event->task, names);
	text_put(text, " -> ");
	task_print(text, event->to.next, names);
	if (task_pid(event->task)) {
		text_put(text,
			 event->state & LEAVE_VOLUNTARY ? "  voluntary (" : "  involuntary (");
		text_char(text, leave_state_letter(event->state));
		text_char(text, ')');
	}
	text_put(text, event->to.ran_ns || event->to.waited_ns ? " " : "");
	put_duration(text, " ran ", event->to.ran_ns);
	put_duration(text, " waited ", event->to.waited_ns);
	call_print(text, "  for ", event->state);
}

void waker_print(struct text *text, uint32_t word, const struct names *names)
{
	if (task_pid(word))
		task_print(text, word, names);
	else
		text_put(text, "an interrupt");
}

static void put_waking(struct text *text, const struct event *event, const struct names *names)
{
	waker_print(text, event->task, names);
	text_put(text, event->wake.is_new ? " wakes new " : " wakes ");
	task_print(text, event->wake.wakee, names);
	text_put(text, " for cpu ");
	text_u64(text, event->wake.target_cpu);
}

static void put_migrate(struct text *text, const struct event *event, const struct names *names)
{
	task_print(text, event->task, names);
	text_put(text, " moves from cpu ");
	text_u64(text, event->move.from_cpu);
	text_put(text, " to cpu ");
	text_u64(text, event->move.to_cpu);
}

static void put_clone(struct text *text, const struct event *event, const struct names *names)
{
	task_print(text, event->task, names);
	text_put(text, clone_makes_thread(event) ? " makes thread " : " makes process ");
	task_print(text, event->made.child, names);
	text_put(text, " (");
	text->length +=
		clone_flags_print(text->start + text->length, text->size - text->length, event);
	text_put(text, ")");
}

static void put_exec(struct text *text, const struct event *event, const struct names *names)
{
	task_print(text, event->task, names);
	text_put(text, " runs another program");
}

static void put_name(struct text *text, const struct event *event, const struct names *names)
{
	char name[TASK_NAME_LEN];

	(void)names;
	event_name(event, name);
	text_u64(text, task_pid(event->task));
	text_put(text, " is called ");
	text_name(text, name);
}

static void put_exit(struct text *text, const struct event *event, const struct names *names)
{
	int status = (int)(event->end.code & 0xffff);

	task_print(text, event->task, names);
	if (WIFSIGNALED(status)) {
		const char *name = sigabbrev_np(WTERMSIG(status));

		text_put(text, " killed by signal ");
		text_u64(text, (unsigned)WTERMSIG(status));
		text_put(text, name ? " (SIG" : "");
		text_put(text, name ? name : "");
		text_put(text, name ? ")" : "");
	} else {
		text_put(text, " ends with ");
		text_u64(text, (unsigned)WEXITSTATUS(status));
	}
	if (!event->end.seen &&
	    !event->end.moved) /* nobody counted: it never left, or in a trace */
		return;
	text_put(text, "  audit ");
	text_u64(text, event->end.seen);
	text_put(text, " of ");
	text_u64(text, event->end.moved);
	text_put(text, event->end.seen == event->end.moved ? " switches: exact" : " switches: OFF");
}

void loss_print(struct text *text, const struct event *event)
{
	if (!event->lost.n) {
		text_put(text, "from here on events were not read");
		return;
	}
	text_u64(text, event->lost.n);
	text_put(text, event->lost.n == 1 ? " event lost" : " events lost");
}

static void put_lost(struct text *text, const struct event *event, const struct names *names)
{
	(void)names;
	loss_print(text, event);
}

static void put_coroutine(struct text *text, const struct event *event, const struct names *names)
{
	coroutine_print(text, event_lane(event), event->coroutine.id, names);
	if (!task_pid(event->task)) /* its thread is not known */
		return;
	text_put(text, " in ");
	task_print(text, event->task, names);
}

static void put_called(struct text *text, const struct event *event, const struct names *names)
{
	char name[COROUTINE_NAME_LEN];

	event_coroutine_name(event, name);
	text_put(text, "co-");
	text_u64(text, event->called.id);
	text_put(text, " in ");
	task_print(text, event->task, names);
	text_put(text, " is called ");
	text_name(text, name);
}

static const struct {
	const char *name;
	void (*put)(struct text *text, const struct event *event, const struct names *names);
} kinds[N_EVENT_KINDS] = {
	[EVENT_SWITCH] = { "switch", put_switch },
	[EVENT_WAKING] = { "wakeup", put_waking },
	[EVENT_MIGRATE] = { "migrate", put_migrate },
	[EVENT_CLONE] = { "clone", put_clone },
	[EVENT_EXEC] = { "exec", put_exec },
	[EVENT_NAME] = { "name", put_name },
	[EVENT_EXIT] = { "exit", put_exit },
	[EVENT_LOST] = { "lost", put_lost },
	[EVENT_CREATE] = { "create", put_coroutine },
	[EVENT_RESUME] = { "resume", put_coroutine },
	[EVENT_END] = { "end", put_coroutine },
	[EVENT_SUSPEND] = { "suspend", put_coroutine },
	[EVENT_COROUTINE_NAME] = { "coname", put_called },
};

const char *event_kind_name(unsigned kind)
{
	return kind < N_EVENT_KINDS && kinds[kind].name ? kinds[kind].name : "?";
}

unsigned event_lane(const struct event *event)
{
	unsigned lane = task_lane(event->task);

	if (!lane && event->kind == EVENT_SWITCH)
		lane = task_lane(event->to.next);
	else if (!lane && event->kind == EVENT_WAKING)
		lane = task_lane(event->wake.wakee);
	else if (!lane && event->kind == EVENT_CLONE)
		lane = task_lane(event->made.child);
	else if (!lane && event_is_mark(event->kind))
		lane = event->coroutine.lane;
	return lane;
}

static void put_time(struct text *text, uint64_t time_ns, uint64_t start_ns)
{
	bool before = time_ns < start_ns;
	uint64_t since_ns = before ? start_ns - time_ns : time_ns - start_ns;

	text_put(text, before ? "-" : "");
	text_u64(text, since_ns / NS_PER_S);
	text_char(text, '.');
	text_zeros(text, since_ns % NS_PER_S, 9);
}

void event_print(char *line, size_t size, const struct event *event, const struct names *names,
		 const char *lane_name, uint64_t start_ns)
{
	struct text text;
	size_t column;

	text_init(&text, line, size);
	put_time(&text, event->time_ns, start_ns);
	text_put(&text, " [");
	if (event->kind == EVENT_NAME ||
	    event->cpu == CPU_UNKNOWN) /* a name takes the CPU's room */
		text_put(&text, "---");
	else
		text_zeros(&text, event->cpu, 3);
	text_put(&text, "] ");
	column = text.length;
	text_put(&text, event_kind_name(event->kind));
	text_pad(&text, column + 8);
	text_put(&text, lane_name && *lane_name ? lane_name : "-");
	text_pad(&text, column + 16);
	text_put(&text, " ");
	if (event->kind < N_EVENT_KINDS && kinds[event->kind].put)
		kinds[event->kind].put(&text, event, names);
}
