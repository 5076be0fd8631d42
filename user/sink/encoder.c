// SPDX-License-Identifier: GPL-2.0-only
/* encoder.c - a block: its tasks, its events in their columns, and where the guess is wrong. */
#include "sink/encoder.h"

#include <stdlib.h>
#include <string.h>

#include "sink/our_packet.h"

#define N_RUN_FIRST 64 /* events of one time that there is room for at first */

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
	free(encoder->run);
	*encoder = (struct encoder){ 0 };
}

static void clear_wires(struct wire *wires, size_t n)
{
	for (size_t i = 0; i < n; i++)
		wire_clear(&wires[i]);
}

void encoder_begin(struct encoder *encoder, uint64_t first_ns)
{
	for (unsigned cpu = 0; cpu < encoder->n_cpus; cpu++) {
		struct bundle *bundle = &encoder->bundles[cpu];

		if (!bundle->is_used)
			continue;
		clear_wires(bundle->columns, N(bundle->columns));
		wire_clear(&bundle->others);
		bundle->n_names = bundle->idle_name = bundle->unwatched_name = 0;
		bundle->n_switches = bundle->n_wakings = bundle->n_room = 0;
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
	encoder->n_run = 0;
	encoder->n_events = 0;
	encoder->holds = false;
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

int64_t encoder_introduce(struct encoder *encoder, uint32_t word)
{
	int64_t number = infer_meet(&encoder->infer, task_pid(word));
	const char *name;

	if (number < 0 || make_place(encoder, number))
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

/* Is all that may be patched as it was guessed? So it mostly is. */
static bool is_guessed(const struct event *guess, const struct event *truth)
{
	uint32_t differs = (guess->task ^ truth->task) | (guess->to.next ^ truth->to.next) |
			   (guess->to.ran_ns ^ truth->to.ran_ns) |
			   (guess->to.waited_ns ^ truth->to.waited_ns);

	return !differs && guess->state == truth->state && guess->cpu == truth->cpu;
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

static unsigned stream_of(const struct encoder *encoder, const struct run_event *event)
{
	unsigned cpu = event->cpu < encoder->n_cpus ? event->cpu : 0;

	if (event->kind == EVENT_NAME)
		return STREAM_NAMES;
	if (event_is_of_coroutine(event->kind))
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

/* How a reader would order the run of equal times, if that is not as they came. */
static int put_tie(struct encoder *encoder)
{
	const struct run_event *run = encoder->run;
	uint64_t first = encoder->n_events - encoder->n_run;
	uint32_t n = encoder->n_run;
	struct place *places;
	bool in_order = true;

	for (uint32_t i = 1; i < n; i++)
		in_order &= stream_of(encoder, &run[i - 1]) <= stream_of(encoder, &run[i]);
	if (in_order)
		return 0;
	places = malloc(n * sizeof(*places));
	if (!places)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		places[i] = (struct place){ stream_of(encoder, &run[i]), i };
	qsort(places, n, sizeof(*places), by_stream);
	wire_varint(&encoder->details[DETAILS_TIE_AT], first - encoder->last_tie);
	wire_varint(&encoder->details[DETAILS_TIE_N], n);
	for (uint32_t i = 0; i < n; i++)
		wire_varint(&encoder->details[DETAILS_TIE_PLACE], places[i].at);
	encoder->last_tie = first;
	free(places);
	return 0;
}

static int grow_run(struct encoder *encoder)
{
	uint32_t n = encoder->n_run_room ? 2 * encoder->n_run_room : N_RUN_FIRST;
	struct run_event *run = realloc(encoder->run, n * sizeof(*run));

	if (!run)
		return -ENOMEM;
	encoder->run = run;
	encoder->n_run_room = n;
	return 0;
}

/* --- a block --------------------------------------------------------------------------------------- */

/* Is its CPU one that has a bundle? A name has other bytes there, a mark none, a loss its own column. */
static bool needs_cpu(const struct event *event)
{
	return event->kind != EVENT_NAME && event->kind != EVENT_LOST &&
	       !event_is_of_coroutine(event->kind);
}

/* An event that is no switch, as it is read back before anything is guessed. */
static struct event bare(const struct encoder *encoder, const struct event *event, bool compact)
{
	struct event guess = *event;

	guess.seq = compact ? INFER_TASK : 0;
	guess.task = event->kind == EVENT_LOST ? 0 : task_pid(event->task);
	if (event->kind == EVENT_WAKING || event->kind == EVENT_CLONE)
		guess.to.next = task_pid(event->to.next);
	if (event->kind != EVENT_NAME)
		guess.state = 0;
	if (needs_cpu(event) && event->cpu >= encoder->n_cpus)
		guess.cpu = 0;
	return guess;
}

/* A row for a task of a switch; false without memory. */
static bool meet_task(struct encoder *encoder, uint32_t word)
{
	return !task_pid(word) || encoder_meet(encoder, word) >= 0;
}

/* A task that was met; NULL for an idle one. */
static struct infer_task *task_at(const struct encoder *encoder, uint32_t word)
{
	const struct infer *infer = &encoder->infer;

	return task_pid(word) ? &infer->tasks[infer->numbers[task_pid(word)] - 1] : NULL;
}

/* Most events are switches: what put_other() does, with each task looked up once. */
static int put_switch(struct encoder *encoder, const struct event *event)
{
	struct infer_cpu *here = infer_cpu(&encoder->infer, event->cpu);
	uint8_t state = event->state & LEAVE_MASK;
	struct infer_task *left, *came;
	struct event guess;

	if (!meet_task(encoder, event->task) || !meet_task(encoder, event->to.next))
		return -ENOMEM;
	left = task_at(encoder, event->task);
	came = task_at(encoder, event->to.next);
	guess.kind = EVENT_SWITCH;
	guess.cpu = event->cpu;
	guess.task = here->word;
	guess.to.next = came ? task_word(came->pid, came->lane) : 0;
	guess.state = infer_state(guess.task == event->task ? left : task_at(encoder, guess.task),
				  state < N_LEAVE_STATES ? state : LEAVE_RUNNABLE);
	guess.to.ran_ns = infer_ran(here, guess.task, event->time_ns);
	guess.to.waited_ns = infer_waited(came, guess.to.next, event->time_ns);
	if (!is_guessed(&guess, event))
		patch_event(encoder, encoder->n_events, &guess, event);
	encoder_switch(encoder, event);
	infer_take_switch(here, left, came, event);
	encoder->n_events++;
	return 0;
}

/* What switches and wakings have not. */
static int put_rare(struct encoder *encoder, const struct event *event)
{
	if (event->kind == EVENT_EXIT)
		put_exit(encoder, event);
	else if (event->kind == EVENT_LOST)
		put_lost(encoder, event);
	names_apply(encoder->names, event);
	if (event->kind == EVENT_CLONE)
		return note_child(encoder, event);
	if (event->kind == EVENT_NAME && task_pid(event->task))
		return make_place(encoder, infer_task(&encoder->infer, task_pid(event->task)));
	return 0;
}

/* `alone`: with its time. A waking that is not tells its waker itself: nobody knows the order. */
static int put_other(struct encoder *encoder, const struct event *event, bool alone)
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
	if (!is_guessed(&guess, event))
		patch_event(encoder, encoder->n_events, &guess, event);
	if (event_is_of_coroutine(event->kind))
		encoder_mark(encoder, event);
	else
		encoder_ftrace(encoder, event, compact);
	err = infer_learn(&encoder->infer, event);
	encoder->n_events++;
	if (err || event->kind == EVENT_WAKING)
		return err;
	return put_rare(encoder, event);
}

/* Write the waking that waited for what comes behind it: an event of its own time, or not. */
static int put_held(struct encoder *encoder, bool same_time)
{
	if (!encoder->holds)
		return 0;
	encoder->holds = false;
	return put_other(encoder, &encoder->held, encoder->n_run == 1 && !same_time);
}

static int put_event(struct encoder *encoder, const struct event *event)
{
	if (event->kind == EVENT_SWITCH)
		return put_switch(encoder, event);
	if (event->kind != EVENT_WAKING)
		return put_other(encoder, event, false);
	encoder->held = *event;
	encoder->holds = true;
	return 0;
}

/* What is open of the time before, now that an event of the same time comes, or none. */
static int go_on(struct encoder *encoder, bool same_time)
{
	int err = put_held(encoder, same_time);

	if (!err && !same_time && encoder->n_run > 1)
		err = put_tie(encoder);
	return err;
}

void encoder_event(struct encoder *encoder, const struct event *event)
{
	bool same_time = encoder->n_run && encoder->run_ns == event->time_ns;
	int err = encoder->err;

	if (!err && (encoder->holds || (encoder->n_run > 1 && !same_time)))
		err = go_on(encoder, same_time);
	if (!same_time)
		encoder->n_run = 0;
	if (!err && encoder->n_run == encoder->n_run_room)
		err = grow_run(encoder);
	if (!err) {
		encoder->run_ns = event->time_ns;
		encoder->run[encoder->n_run++] = (struct run_event){ event->kind, event->cpu };
		err = put_event(encoder, event);
	}
	if (err)
		encoder->err = err;
}

static void put_column(const struct bundle *bundle, enum compact_field field, struct wire *packets)
{
	switch (field) {
	case COMPACT_NAMES:
		wire_append(packets, &bundle->columns[field]);
		break;
	case COMPACT_SWITCH_NEXT_PRIO:
		wire_zeros(packets, field, bundle->n_switches);
		break;
	case COMPACT_WAKING_PRIO:
	case COMPACT_WAKING_FLAGS:
		wire_zeros(packets, field, bundle->n_wakings);
		break;
	default:
		wire_packed(packets, field, &bundle->columns[field]);
	}
}

static void put_bundle(const struct bundle *bundle, unsigned cpu, struct wire *packets)
{
	size_t packet = wire_begin_long(packets, TRACE_PACKET), mark, compact;

	wire_uint(packets, PACKET_SEQUENCE_ID, MARKS_SEQUENCE + 1 + cpu);
	mark = wire_begin_long(packets, PACKET_FTRACE_EVENTS);
	wire_uint(packets, BUNDLE_CPU, cpu);
	if (bundle->lost)
		wire_uint(packets, BUNDLE_LOST_EVENTS, 1);
	compact = wire_begin_long(packets, BUNDLE_COMPACT_SCHED);
	for (uint32_t field = COMPACT_SWITCH_TIMESTAMP; field <= COMPACT_WAKING_FLAGS; field++)
		put_column(bundle, field, packets);
	wire_end_long(packets, compact);
	wire_append(packets, &bundle->others);
	wire_end_long(packets, mark);
	wire_end_long(packets, packet);
}

static void put_tasks(const struct encoder *encoder, struct wire *packets)
{
	struct ours tasks = ours_begin(packets, SWTCH_TASKS);

	wire_packed(packets, TASKS_WORD, &encoder->words);
	wire_append(packets, &encoder->task_names);
	ours_end(packets, &tasks);
}

static void put_details(const struct encoder *encoder, struct wire *packets)
{
	struct ours details = ours_begin(packets, SWTCH_DETAILS);

	for (uint32_t field = DETAILS_PATCH_AT; field <= DETAILS_LEADING; field++)
		wire_packed(packets, field, &encoder->details[field]);
	ours_end(packets, &details);
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

int encoder_end(struct encoder *encoder, const struct wire *items, struct wire *packets)
{
	int err = encoder->err ? encoder->err : go_on(encoder, false);

	if (!err) /* what was met on the way */
		err = encoder->err;
	if (err)
		return err;
	put_packets(encoder, items, packets);
	return -packets->err;
}
