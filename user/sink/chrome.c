// SPDX-License-Identifier: GPL-2.0-only
/*
 * chrome.c - Trace Event JSON: a track for each CPU and for each thread, coroutines within their
 * thread's time on a CPU, arrows from who wakes to who is woken.
 *
 * The format's times are microseconds, here with three digits behind the point. Tracks of CPUs have
 * numbers that no task can have.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/json.h"
#include "event/calls.h"
#include "event/print.h"
#include "sink/columns.h"
#include "sink/formats.h"
#include "sink/report.h"
#include "sink/tracks.h"

#define CPUS_PID   (TASK_PID_MASK + 1)
#define LABEL_SIZE 256
#define N_COUNTED  500 /* points of a counter, at most, over the whole */
#define COUNTED_NS NS_PER_MS

struct sink_chrome {
	struct sink sink; /* first: the sink is the whole */
	struct sink_context context;
	struct tracks *tracks;
	bool any; /* an entry stands there */
	uint64_t n_wakeups;
	uint64_t counted_ns, step_ns; /* since when switches are counted, and for how long */
	uint64_t switches[N_LANES_MAX];
};

/* --- parts of an entry --------------------------------------------------------------------------- */

static void put_us(struct writer *out, uint64_t ns)
{
	char digits[DIGITS_SIZE];
	struct text text;

	text_init(&text, digits, sizeof(digits));
	text_zeros(&text, ns % NS_PER_US, 3);
	writer_u64(out, ns / NS_PER_US);
	writer_char(out, '.');
	writer_put(out, digits, text.length);
}

/* Keys of our own need no escapes. */
static void put_key(struct writer *out, const char *key)
{
	writer_put(out, ",\"", 2);
	writer_text(out, key);
	writer_put(out, "\":", 2);
}

static void put_number(struct writer *out, const char *key, uint64_t value)
{
	put_key(out, key);
	writer_u64(out, value);
}

static void put_string(struct writer *out, const char *key, const char *value)
{
	put_key(out, key);
	json_quote(out, value);
}

/* Open an entry; what it is about, and when (0: metadata is at no time). */
static void begin(struct sink_chrome *chrome, char phase, uint32_t pid, uint32_t tid,
		  uint64_t time_ns)
{
	struct writer *out = &chrome->sink.out;
	uint64_t start_ns = chrome->context.start_ns;

	writer_text(out, chrome->any ? ",\n{\"ph\":\"" : "\n{\"ph\":\"");
	chrome->any = true;
	writer_char(out, phase);
	writer_char(out, '"');
	put_number(out, "pid", pid);
	put_number(out, "tid", tid);
	if (!time_ns)
		return;
	put_key(out, "ts");
	if (time_ns < start_ns)
		writer_char(out, '-');
	put_us(out, time_ns < start_ns ? start_ns - time_ns : time_ns - start_ns);
}

static const char *lane_name(const struct sink_chrome *chrome, unsigned lane)
{
	return lane && lane < chrome->context.n_lanes ? chrome->context.lanes[lane].label.name
						      : "other";
}

static void put_task_label(struct sink_chrome *chrome, const char *key, uint32_t task)
{
	char label[LABEL_SIZE];
	struct text text;

	text_init(&text, label, sizeof(label));
	task_print(&text, task, chrome->context.names);
	put_string(&chrome->sink.out, key, label);
}

/* --- who is who ---------------------------------------------------------------------------------- */

static void put_meta(struct sink_chrome *chrome, const char *what, uint32_t pid, uint32_t tid,
		     const char *key, const char *value)
{
	struct writer *out = &chrome->sink.out;

	begin(chrome, 'M', pid, tid, 0);
	put_string(out, "name", what);
	writer_text(out, ",\"args\":{\"");
	writer_text(out, key);
	writer_put(out, "\":", 2);
	json_quote(out, value);
	writer_put(out, "}}", 2);
}

static void put_sort_index(struct sink_chrome *chrome, uint32_t pid, unsigned index)
{
	struct writer *out = &chrome->sink.out;

	begin(chrome, 'M', pid, pid, 0);
	writer_text(out, ",\"name\":\"process_sort_index\",\"args\":{\"sort_index\":");
	writer_u64(out, index);
	writer_put(out, "}}", 2);
}

static void name_task(struct sink_chrome *chrome, const struct life *life, bool is_new)
{
	uint32_t pid = task_pid(life->task);
	char name[LABEL_SIZE];
	struct text text;

	text_init(&text, name, sizeof(name));
	text_name(&text, names_get(chrome->context.names, pid));
	put_meta(chrome, "thread_name", life->process, pid, "name", name);
	if (life->process != pid)
		return;
	put_meta(chrome, "process_name", pid, pid, "name", name);
	if (!is_new)
		return;
	put_meta(chrome, "process_labels", pid, pid, "labels",
		 lane_name(chrome, task_lane(life->task)));
	put_sort_index(chrome, pid, task_lane(life->task) ? task_lane(life->task) : N_LANES_MAX);
}

static void name_cpus(struct sink_chrome *chrome)
{
	char name[LABEL_SIZE];

	put_meta(chrome, "process_name", CPUS_PID, CPUS_PID, "name", "CPUs");
	put_sort_index(chrome, CPUS_PID, 0);
	for (unsigned cpu = 0; cpu < chrome->context.n_cpus; cpu++) {
		snprintf(name, sizeof(name), "CPU %u", cpu);
		put_meta(chrome, "thread_name", CPUS_PID, CPUS_PID + 1 + cpu, "name", name);
	}
}

/* The thread's process, its first sight told; the thread itself where it is not followed. */
static uint32_t process_of(struct sink_chrome *chrome, uint32_t task)
{
	struct life *life = tracks_life(chrome->tracks, task);

	if (!life)
		return task_pid(task);
	if (!life->number) {
		life->number = 1;
		name_task(chrome, life, true);
	}
	return life->process;
}

/* --- stretches ----------------------------------------------------------------------------------- */

static void put_duration(struct sink_chrome *chrome, uint64_t start_ns, uint64_t end_ns)
{
	put_key(&chrome->sink.out, "dur");
	put_us(&chrome->sink.out, end_ns - start_ns);
}

static void put_on_cpu(struct sink_chrome *chrome, const struct stretch *stretch)
{
	begin(chrome, 'X', CPUS_PID, CPUS_PID + 1 + stretch->cpu, stretch->start_ns);
	put_duration(chrome, stretch->start_ns, stretch->end_ns);
	put_task_label(chrome, "name", stretch->task);
	put_string(&chrome->sink.out, "cat", lane_name(chrome, task_lane(stretch->task)));
	writer_char(&chrome->sink.out, '}');
}

static void put_arguments(struct sink_chrome *chrome, const struct stretch *stretch)
{
	struct writer *out = &chrome->sink.out;

	writer_text(out, ",\"args\":{\"lane\":");
	json_quote(out, lane_name(chrome, task_lane(stretch->task)));
	if (stretch->left) {
		const char state[] = { leave_state_letter(stretch->state), '\0' };

		put_string(out, "left",
			   stretch->state & LEAVE_VOLUNTARY ? "voluntary" : "involuntary");
		put_string(out, "state", state);
		if (call_name(leave_call(stretch->state)))
			put_string(out, "waits_for", call_name(leave_call(stretch->state)));
	}
	if (stretch->waited_ns)
		put_number(out, "waited_ns", stretch->waited_ns);
	if (stretch->woken_ns)
		put_task_label(chrome, "woken_by", stretch->waker);
	writer_put(out, "}}", 2);
}

static void put_in_thread(struct sink_chrome *chrome, const struct stretch *stretch,
			  uint32_t process)
{
	struct writer *out = &chrome->sink.out;
	uint32_t pid = task_pid(stretch->task);

	if (stretch->waited_ns) {
		uint64_t from_ns = stretch->start_ns - stretch->waited_ns;

		begin(chrome, 'X', process, pid, from_ns);
		put_duration(chrome, from_ns, stretch->start_ns);
		writer_text(out, ",\"name\":\"waits for a CPU\",\"cat\":\"wait\"}");
	}
	begin(chrome, 'X', process, pid, stretch->start_ns);
	put_duration(chrome, stretch->start_ns, stretch->end_ns);
	writer_text(out, ",\"name\":\"runs on CPU ");
	writer_u64(out, stretch->cpu);
	writer_text(out, "\",\"cat\":\"run\"");
	put_arguments(chrome, stretch);
}

/* An arrow from the waker's track to the start of the stretch. The idle task has no track. */
static void put_arrow(struct sink_chrome *chrome, const struct stretch *stretch, uint32_t process)
{
	struct writer *out = &chrome->sink.out;
	uint32_t waker = task_pid(stretch->waker);

	if (!stretch->woken_ns || !waker)
		return;
	chrome->n_wakeups++;
	uint32_t from = process_of(chrome, stretch->waker);

	begin(chrome, 's', from, waker, stretch->woken_ns);
	put_number(out, "id", chrome->n_wakeups);
	writer_text(out, ",\"name\":\"wakes\",\"cat\":\"wakeup\"}");
	begin(chrome, 'f', process, task_pid(stretch->task), stretch->start_ns);
	put_number(out, "id", chrome->n_wakeups);
	writer_text(out, ",\"bp\":\"e\",\"name\":\"wakes\",\"cat\":\"wakeup\"}");
}

static void on_stretch(const struct stretch *stretch, void *ctx)
{
	struct sink_chrome *chrome = ctx;
	uint32_t process = process_of(chrome, stretch->task);

	put_on_cpu(chrome, stretch);
	put_in_thread(chrome, stretch, process);
	put_arrow(chrome, stretch, process);
}

static void on_coroutine(const struct co_stretch *stretch, void *ctx)
{
	struct sink_chrome *chrome = ctx;
	struct writer *out = &chrome->sink.out;
	uint32_t process = process_of(chrome, stretch->task);
	char name[16 + ESCAPED_SIZE(COROUTINE_NAME_LEN)];
	struct text text;

	begin(chrome, 'X', process, task_pid(stretch->task), stretch->start_ns);
	put_duration(chrome, stretch->start_ns, stretch->end_ns);
	text_init(&text, name, sizeof(name));
	coroutine_print(&text, stretch->lane, stretch->id, chrome->context.names);
	writer_text(out, ",\"name\":");
	json_quote(out, name);
	writer_text(out, ",\"cat\":");
	json_quote(out, lane_name(chrome, stretch->lane));
	writer_char(out, '}');
}

/* --- instants ------------------------------------------------------------------------------------ */

static void put_instant(struct sink_chrome *chrome, const struct event *event, const char *name,
			const char *scope)
{
	bool lost = event->kind == EVENT_LOST;
	uint32_t process = lost ? CPUS_PID : process_of(chrome, event->task);
	struct writer *out = &chrome->sink.out;

	begin(chrome, 'i', process, lost ? CPUS_PID : task_pid(event->task), event->time_ns);
	put_string(out, "s", scope);
	put_string(out, "name", name);
	put_string(out, "cat", event_kind_name(event->kind));
}

static void put_clone(struct sink_chrome *chrome, const struct event *event)
{
	char label[LABEL_SIZE];
	struct text text;

	text_init(&text, label, sizeof(label));
	text_put(&text, clone_makes_thread(event) ? "makes thread " : "makes process ");
	text_u64(&text, task_pid(event->made.child));
	put_instant(chrome, event, label, "t");
	clone_flags_print(label, sizeof(label), event);
	writer_text(&chrome->sink.out, ",\"args\":{\"flags\":");
	json_quote(&chrome->sink.out, label);
	writer_put(&chrome->sink.out, "}}", 2);
}

static void put_end(struct sink_chrome *chrome, const struct event *event)
{
	struct writer *out = &chrome->sink.out;

	put_instant(chrome, event, "ends", "t");
	writer_text(out, ",\"args\":{\"status\":");
	writer_u64(out, event->end.code & 0xffff);
	put_number(out, "seen", event->end.seen);
	put_number(out, "moved", event->end.moved);
	writer_put(out, "}}", 2);
}

static void put_move(struct sink_chrome *chrome, const struct event *event)
{
	char label[LABEL_SIZE];

	snprintf(label, sizeof(label), "moves to CPU %u", event->move.to_cpu);
	put_instant(chrome, event, label, "t");
	writer_char(&chrome->sink.out, '}');
}

static void put_exec(struct sink_chrome *chrome, const struct event *event)
{
	put_instant(chrome, event, "runs another program", "p");
	writer_char(&chrome->sink.out, '}');
}

static void put_lost(struct sink_chrome *chrome, const struct event *event)
{
	char label[LABEL_SIZE];
	struct text text;

	text_init(&text, label, sizeof(label));
	loss_print(&text, event);
	put_instant(chrome, event, label, "g");
	writer_char(&chrome->sink.out, '}');
}

static void put_name(struct sink_chrome *chrome, const struct event *event)
{
	struct life *life = tracks_life(chrome->tracks, event->task);

	if (life && life->number)
		name_task(chrome, life, false);
}

/* --- the rate of switches ------------------------------------------------------------------------ */

static void put_rates(struct sink_chrome *chrome)
{
	struct writer *out = &chrome->sink.out;
	bool first = true;

	begin(chrome, 'C', CPUS_PID, CPUS_PID, chrome->counted_ns);
	writer_text(out, ",\"name\":\"switches/s\",\"args\":{");
	for (unsigned lane = 1; lane < chrome->context.n_lanes; lane++) {
		if (chrome->context.lanes[lane].label.phase == LANE_UNUSED)
			continue;
		if (!first)
			writer_char(out, ',');
		first = false;
		json_quote(out, chrome->context.lanes[lane].label.name);
		writer_char(out, ':');
		writer_u64(out, chrome->switches[lane] * NS_PER_S / chrome->step_ns);
		chrome->switches[lane] = 0;
	}
	writer_put(out, "}}", 2);
}

static void count(struct sink_chrome *chrome, const struct event *event)
{
	unsigned lane = task_lane(event->task);

	if (event->time_ns >= chrome->counted_ns + chrome->step_ns) {
		put_rates(chrome);
		chrome->counted_ns += chrome->step_ns;
		if (event->time_ns >= chrome->counted_ns + chrome->step_ns)
			put_rates(chrome); /* zero: viewers hold a point until the next */
		chrome->counted_ns +=
			(event->time_ns - chrome->counted_ns) / chrome->step_ns * chrome->step_ns;
	}
	if (event->kind == EVENT_SWITCH && lane < N_LANES_MAX)
		chrome->switches[lane]++;
}

/* --- the sink ------------------------------------------------------------------------------------ */

static void (*const instants[N_EVENT_KINDS])(struct sink_chrome *chrome,
					     const struct event *event) = {
	[EVENT_CLONE] = put_clone, [EVENT_EXIT] = put_end,  [EVENT_MIGRATE] = put_move,
	[EVENT_EXEC] = put_exec,   [EVENT_LOST] = put_lost, [EVENT_NAME] = put_name,
};

static void write_event(struct sink *sink, const struct event *event, const struct delta *delta)
{
	struct sink_chrome *chrome = (struct sink_chrome *)sink;

	(void)delta;
	if (event->kind >= N_EVENT_KINDS)
		return;
	tracks_apply(chrome->tracks, event);
	count(chrome, event);
	if (instants[event->kind])
		instants[event->kind](chrome, event);
}

static void pass_event(struct sink *sink, const struct event *event)
{
	tracks_pass(((struct sink_chrome *)sink)->tracks, event);
}

static void end(struct sink *sink)
{
	struct sink_chrome *chrome = (struct sink_chrome *)sink;

	tracks_end(chrome->tracks, chrome->context.to_ns);
	put_rates(chrome);
	writer_text(&sink->out, "\n]");
	if (chrome->context.report) {
		struct json json;

		writer_text(&sink->out, ",\"otherData\":");
		json_init(&json, &sink->out);
		report_put_json(chrome->context.report, &json, NULL);
	}
	writer_text(&sink->out, "}\n");
}

static void fini(struct sink *sink)
{
	tracks_free(((struct sink_chrome *)sink)->tracks);
}

struct sink *sink_chrome_new(FILE *out, const struct sink_context *context)
{
	struct sink_chrome *chrome = calloc(1, sizeof(*chrome));
	struct tracks_visitor visitor = { on_stretch, on_coroutine, chrome };

	if (!chrome)
		return NULL;
	sink_init(&chrome->sink, out, write_event);
	chrome->sink.pass = pass_event;
	chrome->sink.end = end;
	chrome->sink.fini = fini;
	chrome->context = *context;
	chrome->tracks = tracks_new(context->n_cpus, context->from_ns, &visitor);
	if (!chrome->tracks) {
		free(chrome);
		return NULL;
	}
	chrome->counted_ns = context->from_ns;
	chrome->step_ns = (context->to_ns - context->from_ns) / N_COUNTED;
	if (chrome->step_ns < COUNTED_NS)
		chrome->step_ns = COUNTED_NS;
	writer_text(&chrome->sink.out, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
	name_cpus(chrome);
	return &chrome->sink;
}
