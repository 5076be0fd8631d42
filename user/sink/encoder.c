// SPDX-License-Identifier: GPL-2.0-only
/* encoder.c - a block: its tasks, its events in their columns, and where the guess is wrong. */
#include "sink/encoder.h"

#include <stdlib.h>
#include <string.h>

int encoder_init(struct encoder *encoder, unsigned n_cpus, uint64_t offset_ns)
{
	*encoder = (struct encoder){ .n_cpus = n_cpus, .offset_ns = offset_ns };
	encoder->names = names_new();
	encoder->viewed = calloc(n_cpus, sizeof(*encoder->viewed));
	encoder->bundles = calloc(n_cpus, sizeof(*encoder->bundles));
	if (!encoder->names || !encoder->viewed || !encoder->bundles)
		return -ENOMEM;
	return infer_init(&encoder->infer, n_cpus);
}

static void fini_wires(struct wire *wires, size_t n)
{
	for (size_t i = 0; i < n; i++)
		wire_fini(&wires[i]);
}

#define N(array) (sizeof(array) / sizeof((array)[0]))

void encoder_fini(struct encoder *encoder)
{
	for (unsigned cpu = 0; encoder->bundles && cpu < encoder->n_cpus; cpu++) {
		fini_wires(encoder->bundles[cpu].columns, N(encoder->bundles[cpu].columns));
		wire_fini(&encoder->bundles[cpu].others);
	}
	fini_wires(encoder->details, N(encoder->details));
	wire_fini(&encoder->words);
	wire_fini(&encoder->task_names);
	wire_fini(&encoder->tree);
	wire_fini(&encoder->marks);
	infer_fini(&encoder->infer);
	names_free(encoder->names);
	free(encoder->viewed);
	free(encoder->bundles);
	free(encoder->places);
	free(encoder->tracks);
	*encoder = (struct encoder){ 0 };
}

static void clear_wires(struct wire *wires, size_t n)
{
	for (size_t i = 0; i < n; i++)
		wire_clear(&wires[i]);
}

static void begin(struct encoder *encoder, uint64_t first_ns)
{
	for (unsigned cpu = 0; cpu < encoder->n_cpus; cpu++) {
		struct bundle *bundle = &encoder->bundles[cpu];

		if (!bundle->is_used)
			continue;
		clear_wires(bundle->columns, N(bundle->columns));
		wire_clear(&bundle->others);
		bundle->n_names = bundle->idle_name = bundle->unwatched_name = 0;
		bundle->switched_ns = bundle->woken_ns = 0;
		bundle->lost = bundle->is_used = false;
	}
	clear_wires(encoder->details, N(encoder->details));
	wire_clear(&encoder->words);
	wire_clear(&encoder->task_names);
	wire_clear(&encoder->tree);
	wire_clear(&encoder->marks);
	infer_reset(&encoder->infer);
	encoder->last_patch = encoder->last_tie = encoder->marked_ns = 0;
	encoder->first_ns = first_ns;
	encoder->err = 0;
	if (encoder->n_tracks)
		memset(encoder->tracks, 0, encoder->n_track_slots * sizeof(*encoder->tracks));
	encoder->n_tracks = 0;
}

/* --- tasks ------------------------------------------------------------------------------------- */

/* A process, as far as is known: a thread that was not seen to be made is taken for one. */
static void put_tree(struct encoder *encoder, uint32_t word, const char *name)
{
	size_t mark = wire_begin(&encoder->tree, TREE_PROCESS);

	wire_uint(&encoder->tree, PROCESS_PID, task_pid(word));
	wire_text(&encoder->tree, PROCESS_CMDLINE, name);
	wire_end(&encoder->tree, mark);
}

static int make_place(struct encoder *encoder, int64_t number)
{
	if (number >= encoder->n_places) {
		uint32_t n = encoder->infer.n_room;
		struct name_places *places = realloc(encoder->places, n * sizeof(*places));

		if (!places)
			return -ENOMEM;
		encoder->places = places;
		encoder->n_places = n;
	}
	encoder->places[number] = (struct name_places){ 0 };
	return 0;
}

int64_t encoder_meet(struct encoder *encoder, uint32_t word)
{
	uint32_t n_before = encoder->infer.n_tasks;
	int64_t number = infer_task(&encoder->infer, task_pid(word));
	const char *name;

	if (number < n_before) /* or an error */
		return number;
	if (make_place(encoder, number))
		return -ENOMEM;
	encoder->infer.tasks[number].lane = task_lane(word);
	name = names_get(encoder->names, task_pid(word));
	wire_varint(&encoder->words, word);
	wire_text(&encoder->task_names, TASKS_NAME, name);
	if (task_lane(word))
		put_tree(encoder, word, name);
	return number;
}

/* Rows for the tasks of an event, before anything is guessed about it. */
static int meet_tasks(struct encoder *encoder, const struct event *event)
{
	int64_t number = 0;

	if (task_pid(event->task))
		number = encoder_meet(encoder, event->task);
	if (number >= 0 && event->kind == EVENT_SWITCH && task_pid(event->to.next))
		number = encoder_meet(encoder, event->to.next);
	if (number >= 0 && event->kind == EVENT_WAKING && task_pid(event->wake.wakee))
		number = encoder_meet(encoder, event->wake.wakee);
	return number < 0 ? (int)number : 0;
}

/* A child that takes its pid from a task of this block has another name than that one. */
static int note_child(struct encoder *encoder, const struct event *event)
{
	int64_t number = infer_task(&encoder->infer, task_pid(event->made.child));

	return number < 0 ? (int)number : make_place(encoder, number);
}

/* --- details ------------------------------------------------------------------------------------- */

static void patch(struct encoder *encoder, size_t at, enum patch_field field, uint64_t value)
{
	wire_varint(&encoder->details[DETAILS_PATCH_AT], at - encoder->last_patch);
	wire_varint(&encoder->details[DETAILS_PATCH_FIELD], field);
	wire_varint(&encoder->details[DETAILS_PATCH_VALUE], value);
	encoder->last_patch = at;
}

static uint32_t other_word(const struct event *event)
{
	return event->kind == EVENT_SWITCH   ? event->to.next
	       : event->kind == EVENT_WAKING ? event->wake.wakee
	       : event->kind == EVENT_CLONE  ? event->made.child
					     : 0;
}

static void patch_event(struct encoder *encoder, size_t at, const struct event *guess,
			const struct event *truth)
{
	if (guess->task != truth->task)
		patch(encoder, at, PATCH_TASK, truth->task);
	if (other_word(guess) != other_word(truth))
		patch(encoder, at, PATCH_OTHER, other_word(truth));
	if (guess->kind == EVENT_NAME) /* its bytes are where others have state and CPU */
		return;
	if (guess->state != truth->state)
		patch(encoder, at, PATCH_STATE, truth->state);
	if (guess->cpu != truth->cpu)
		patch(encoder, at, PATCH_CPU, truth->cpu);
	if (guess->kind == EVENT_SWITCH && guess->to.ran_ns != truth->to.ran_ns)
		patch(encoder, at, PATCH_RAN, truth->to.ran_ns);
	if (guess->kind == EVENT_SWITCH && guess->to.waited_ns != truth->to.waited_ns)
		patch(encoder, at, PATCH_WAITED, truth->to.waited_ns);
	if (event_is_mark(guess->kind) && guess->coroutine.lane != truth->coroutine.lane)
		patch(encoder, at, PATCH_LANE, truth->coroutine.lane);
}

static void put_exit(struct encoder *encoder, const struct event *event)
{
	int64_t unseen = (int64_t)event->end.moved - event->end.seen;

	wire_varint(&encoder->details[DETAILS_EXIT_CODE], event->end.code);
	wire_varint(&encoder->details[DETAILS_EXIT_MOVED], event->end.moved);
	wire_varint(&encoder->details[DETAILS_EXIT_UNSEEN], wire_zigzag(unseen));
}

static void put_lost(struct encoder *encoder, const struct event *event)
{
	wire_varint(&encoder->details[DETAILS_LOST_TIME], event->time_ns - encoder->first_ns);
	wire_varint(&encoder->details[DETAILS_LOST_CPU], event->cpu);
	wire_varint(&encoder->details[DETAILS_LOST_N], event->lost.n);
	wire_varint(&encoder->details[DETAILS_LOST_FIRST], event->lost.first_seq);
}

/* --- the order of equal times -------------------------------------------------------------------- */

struct place {
	unsigned stream;
	uint32_t at;
};

static unsigned stream_of(const struct encoder *encoder, const struct event *event)
{
	unsigned cpu = event->cpu < encoder->n_cpus ? event->cpu : 0;

	if (event->kind == EVENT_NAME)
		return STREAM_NAMES;
	if (event_is_mark(event->kind))
		return stream_of_marks(encoder->n_cpus);
	return stream_of_cpu(cpu, event->kind == EVENT_SWITCH ? STREAM_SWITCHES
				  : event->kind == EVENT_LOST ? STREAM_LOSSES
							      : STREAM_OTHERS);
}

static int by_stream(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	if (left->stream != right->stream)
		return left->stream < right->stream ? -1 : 1;
	return left->at < right->at ? -1 : 1;
}

/* How a reader would order a run of equal times, if that is not as they came. */
static int put_tie(struct encoder *encoder, const struct event *events, size_t first, size_t n)
{
	struct place *places;
	bool in_order = true;

	for (size_t i = 1; i < n; i++)
		in_order &= stream_of(encoder, &events[first + i - 1]) <=
			    stream_of(encoder, &events[first + i]);
	if (in_order)
		return 0;
	places = malloc(n * sizeof(*places));
	if (!places)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		places[i] = (struct place){ stream_of(encoder, &events[first + i]), (uint32_t)i };
	qsort(places, n, sizeof(*places), by_stream);
	wire_varint(&encoder->details[DETAILS_TIE_AT], first - encoder->last_tie);
	wire_varint(&encoder->details[DETAILS_TIE_N], n);
	for (size_t i = 0; i < n; i++)
		wire_varint(&encoder->details[DETAILS_TIE_PLACE], places[i].at);
	encoder->last_tie = first;
	free(places);
	return 0;
}

/* Is it alone with its time? A waking that is not tells its waker itself: nobody knows the order. */
static bool is_alone(const struct event *events, size_t n, size_t i)
{
	return (!i || events[i - 1].time_ns != events[i].time_ns) &&
	       (i + 1 == n || events[i + 1].time_ns != events[i].time_ns);
}

static int put_ties(struct encoder *encoder, const struct event *events, size_t n)
{
	size_t first = 0;
	int err = 0;

	for (size_t i = 1; i <= n && !err; i++) {
		if (i < n && events[i].time_ns == events[first].time_ns)
			continue;
		if (i - first > 1)
			err = put_tie(encoder, events, first, i - first);
		first = i;
	}
	return err;
}

/* --- a block --------------------------------------------------------------------------------------- */

/* Is its CPU one that has a bundle? A name has other bytes there, a mark none, a loss its own column. */
static bool needs_cpu(const struct event *event)
{
	return event->kind != EVENT_NAME && event->kind != EVENT_LOST &&
	       !event_is_mark(event->kind);
}

/* An event as it is read back before anything is guessed. */
static struct event bare(const struct encoder *encoder, const struct event *event, bool compact)
{
	struct event guess = *event;

	guess.seq = compact || event->kind == EVENT_SWITCH ? INFER_TASK : 0;
	guess.task = event->kind == EVENT_LOST ? 0 : task_pid(event->task);
	if (event->kind == EVENT_SWITCH || event->kind == EVENT_WAKING ||
	    event->kind == EVENT_CLONE)
		guess.to.next = task_pid(event->to.next);
	if (event->kind == EVENT_SWITCH)
		guess.state = event->state & LEAVE_MASK;
	else if (event->kind != EVENT_NAME)
		guess.state = 0;
	if (event->kind == EVENT_SWITCH && guess.state >= N_LEAVE_STATES)
		guess.state = LEAVE_RUNNABLE;
	if (needs_cpu(event) && event->cpu >= encoder->n_cpus)
		guess.cpu = 0;
	return guess;
}

static int put_event(struct encoder *encoder, const struct event *event, size_t at, bool alone)
{
	bool compact;
	struct event guess;
	int err = meet_tasks(encoder, event);

	if (err)
		return err;
	compact = alone && encoder_is_compact(encoder, event);
	guess = bare(encoder, event, compact);
	err = infer_fill(&encoder->infer, &guess);
	if (err)
		return err;
	patch_event(encoder, at, &guess, event);
	if (event_is_mark(event->kind))
		encoder_mark(encoder, event);
	else
		encoder_ftrace(encoder, event, compact);
	if (event->kind == EVENT_EXIT)
		put_exit(encoder, event);
	else if (event->kind == EVENT_LOST)
		put_lost(encoder, event);
	names_apply(encoder->names, event);
	err = infer_learn(&encoder->infer, event);
	if (!err && event->kind == EVENT_CLONE)
		err = note_child(encoder, event);
	else if (!err && event->kind == EVENT_NAME && task_pid(event->task))
		err = make_place(encoder, infer_task(&encoder->infer, task_pid(event->task)));
	return err;
}

static void put_bundle(const struct bundle *bundle, unsigned cpu, struct wire *packets)
{
	size_t packet = wire_begin(packets, TRACE_PACKET), mark, compact;

	wire_uint(packets, PACKET_SEQUENCE_ID, MARKS_SEQUENCE + 1 + cpu);
	mark = wire_begin(packets, PACKET_FTRACE_EVENTS);
	wire_uint(packets, BUNDLE_CPU, cpu);
	if (bundle->lost)
		wire_uint(packets, BUNDLE_LOST_EVENTS, 1);
	compact = wire_begin(packets, BUNDLE_COMPACT_SCHED);
	for (uint32_t field = COMPACT_SWITCH_TIMESTAMP; field <= COMPACT_WAKING_FLAGS; field++) {
		const struct wire *column = &bundle->columns[field];

		if (field != COMPACT_NAMES)
			wire_packed(packets, field, column);
		else
			wire_append(packets, column);
	}
	wire_end(packets, compact);
	wire_append(packets, &bundle->others);
	wire_end(packets, mark);
	wire_end(packets, packet);
}

static void put_tasks(const struct encoder *encoder, struct wire *packets)
{
	size_t packet = wire_begin(packets, TRACE_PACKET);
	size_t ours = wire_begin(packets, PACKET_SWTCH), tasks = wire_begin(packets, SWTCH_TASKS);

	wire_packed(packets, TASKS_WORD, &encoder->words);
	wire_append(packets, &encoder->task_names);
	wire_end(packets, tasks);
	wire_end(packets, ours);
	wire_end(packets, packet);
}

static void put_details(const struct encoder *encoder, struct wire *packets)
{
	size_t packet = wire_begin(packets, TRACE_PACKET);
	size_t ours = wire_begin(packets, PACKET_SWTCH), mark = wire_begin(packets, SWTCH_DETAILS);

	for (uint32_t field = DETAILS_PATCH_AT; field <= DETAILS_LEADING; field++)
		wire_packed(packets, field, &encoder->details[field]);
	wire_end(packets, mark);
	wire_end(packets, ours);
	wire_end(packets, packet);
}

static void put_packets(const struct encoder *encoder, const struct wire *items,
			struct wire *packets)
{
	put_tasks(encoder, packets);
	wire_append(packets, items);
	if (encoder->tree.n) {
		size_t packet = wire_begin(packets, TRACE_PACKET);

		wire_packed(packets, PACKET_PROCESS_TREE, &encoder->tree);
		wire_end(packets, packet);
	}
	for (unsigned cpu = 0; cpu < encoder->n_cpus; cpu++)
		if (encoder->bundles[cpu].is_used)
			put_bundle(&encoder->bundles[cpu], cpu, packets);
	wire_append(packets, &encoder->marks);
	put_details(encoder, packets);
}

int encoder_write(struct encoder *encoder, uint64_t first_ns, const struct event *events, size_t n,
		  const struct wire *items, struct wire *packets)
{
	int err;

	begin(encoder, first_ns);
	err = put_ties(encoder, events, n);
	for (size_t i = 0; i < n && !err; i++)
		err = put_event(encoder, &events[i], i, is_alone(events, n, i));
	if (!err)
		err = encoder->err;
	if (err)
		return err;
	put_packets(encoder, items, packets);
	return -packets->err;
}
