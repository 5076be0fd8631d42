// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_replay.c - a made-up machine is watched and recorded; the recording is played, jumped in and
 * stepped through, and must show at each instant what was seen then, cell by cell.
 */
#include "cmd/live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "sanitized.h"

#define BEGIN_NS  (100 * NS_PER_S) /* of the frames' clock; the machine's own begins at START_NS */
#define START_NS  NS_PER_S
#define STEP_NS	  (10 * NS_PER_MS)
#define FRAME_NS  (50 * NS_PER_MS)
#define N_ROWS	  60
#define N_COLUMNS 200

/* When pictures are compared, in ns since the start: each at a frame, some between two measurements. */
static const uint64_t instants[] = {
	100 * NS_PER_MS,   450 * NS_PER_MS,   2000 * NS_PER_MS,
	7950 * NS_PER_MS,  8050 * NS_PER_MS,  12050 * NS_PER_MS,
	26350 * NS_PER_MS, 29000 * NS_PER_MS, 31050 * NS_PER_MS,
};

enum { N_INSTANTS = sizeof(instants) / sizeof(*instants), N_PICTURES = 3 };

/* What was seen at an instant: of each view, as it moved, and once it had come to rest. */
struct seen {
	struct cell moving[N_PICTURES][N_ROWS * N_COLUMNS];
	struct cell at_rest[N_PICTURES][N_ROWS * N_COLUMNS];
};

struct rig {
	struct live live;
	struct figures rest;
	int fd;
	struct seen *seen;
};

const struct verb verbs[] = { { NULL, NULL, NULL, NULL } };

static const struct options options = { .verb = "live",
					.synthetic = "2,90,7",
					.synthetic_parts = { 2, 90, 7 } };

static int to_file(const struct chunk *chunk, void *ctx)
{
	assert_int_equal(write(*(int *)ctx, chunk->bytes, chunk->n), chunk->n);
	return 0;
}

static void size_screen(struct live *live)
{
	live->settings.n_rows = N_ROWS;
	live->settings.n_columns = N_COLUMNS;
	live->settings.timeline.zoom = 1 + 15; /* 100 us a column, so that events are there */
	assert_int_equal(grid_init(&live->grid, N_ROWS, N_COLUMNS, false), 0);
}

/* Draw each view as live does, but without the frame around it, as that tells of replay. */
static void take_pictures(struct live *live, struct cell pictures[][N_ROWS * N_COLUMNS])
{
	static const unsigned drawn[N_PICTURES] = { VIEW_LANES, VIEW_EVENTS, VIEW_TIMELINE };

	for (unsigned i = 0; i < N_PICTURES; i++) {
		live->settings.view = drawn[i];
		assert_int_equal(live_look_closer(live), 0);
		grid_clear(&live->grid);
		views[drawn[i]].draw(live_state(live), &live->settings, &live->grid);
		memcpy(pictures[i], live->grid.cells, sizeof(pictures[i]));
	}
}

static void take_pictures_at_rest(struct rig *rig, struct cell pictures[][N_ROWS * N_COLUMNS])
{
	struct timeline rows = rig->live.settings.timeline; /* in the order in which they came */
	struct figures rest;

	timeline_restart(&rig->live.settings);
	assert_int_equal(figures_init(&rest, rig->live.scene.state), 0);
	figures_tick(&rest, rig->live.scene.state, BEGIN_NS);
	rig->live.settings.figures = &rest;
	take_pictures(&rig->live, pictures);
	rig->live.settings.figures = &rig->live.figures;
	rig->live.settings.timeline = rows;
	figures_fini(&rest);
}

/* --- what is recorded -------------------------------------------------------------------------- */

/* A lane starts anew, a label changes, events are lost: what a run has beside its events. */
static void stir(struct scene *scene, uint64_t gone_ns)
{
	struct lane_label label = scene->state->lanes[2].label;

	if (gone_ns == 8 * NS_PER_S)
		source_synth_lose(scene->source, 1, 4321);
	if (gone_ns == 12 * NS_PER_S)
		state_start_lane(scene->state, 2, &label);
	if (gone_ns == 25 * NS_PER_S) {
		scene->state->lanes[3].label.phase = LANE_ENDED;
		snprintf(scene->state->lanes[3].label.note, sizeof(label.note), "it ended");
	}
}

/* A task that is named early and does nothing until the very last moment. */
static void stir_rarely(struct scene *scene, uint64_t gone_ns)
{
	struct event event = { .time_ns = START_NS + gone_ns, .task = task_word(999999, 1) };

	if (gone_ns == 3 * NS_PER_S) {
		event.kind = EVENT_NAME;
		event_set_name(&event, "rarely");
		scene_take_event(&event, scene);
	} else if (gone_ns == instants[N_INSTANTS - 1]) {
		event.kind = EVENT_WAKING;
		event.wake.wakee = task_word(4121, 1);
		scene_take_event(&event, scene);
	}
}

static void watch(struct rig *rig)
{
	struct live *live = &rig->live;
	struct recorder *recorder;
	struct error error;
	unsigned n_seen = 0;

	assert_int_equal(live_open(live, &options, NULL, BEGIN_NS, &error), 0);
	size_screen(live);
	recorder = recorder_new(live->scene.state, to_file, &rig->fd);
	assert_non_null(recorder);
	assert_int_equal(recorder_head(recorder, to_file, &rig->fd), 0);
	scene_record(&live->scene, recorder);
	for (uint64_t gone_ns = STEP_NS; n_seen < N_INSTANTS; gone_ns += STEP_NS) {
		stir(&live->scene, gone_ns);
		assert_true(scene_step(&live->scene, BEGIN_NS + gone_ns) >= 0);
		stir_rarely(&live->scene, gone_ns);
		if (gone_ns % FRAME_NS)
			continue;
		if (gone_ns % NS_PER_S == 0)
			recorder_flush(recorder);
		assert_int_equal(live_draw(live, BEGIN_NS + gone_ns), 0);
		if (gone_ns != instants[n_seen])
			continue;
		take_pictures(live, rig->seen[n_seen].moving);
		take_pictures_at_rest(rig, rig->seen[n_seen].at_rest);
		n_seen++;
	}
	scene_record_end(&live->scene);
	assert_int_equal(recorder_err(recorder), 0);
	recorder_free(recorder);
	live_close(live);
	*live = (struct live){ 0 };
}

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig->seen = calloc(N_INSTANTS, sizeof(*rig->seen));
	assert_non_null(rig->seen);
	rig->fd = memfd_create("recording", MFD_CLOEXEC);
	assert_true(rig->fd >= 0);
	watch(rig);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	close(rig->fd);
	free(rig->seen);
	free(rig);
	return 0;
}

/* --- what is played ---------------------------------------------------------------------------- */

static void insert_tape(struct rig *rig)
{
	struct error error = { "" };
	struct tape *tape = tape_open(dup(rig->fd), "recording", &error);

	if (!tape)
		fail_msg("%s", error.text);
	rig->live = (struct live){ 0 };
	assert_int_equal(live_open(&rig->live, &options, tape, BEGIN_NS, &error), 0);
	size_screen(&rig->live);
}

static void same(const struct cell *seen, const struct cell *now, unsigned picture, uint64_t ns)
{
	for (unsigned i = 0; i < N_ROWS * N_COLUMNS; i++) {
		if (seen[i].glyph == now[i].glyph && seen[i].role == now[i].role &&
		    seen[i].attributes == now[i].attributes)
			continue;
		fail_msg("picture %u at %llu ms differs in row %u, column %u: '%c' was '%c'",
			 picture, (unsigned long long)(ns / NS_PER_MS), i / N_COLUMNS,
			 i % N_COLUMNS, (int)now[i].glyph, (int)seen[i].glyph);
	}
}

static void compare(struct cell seen[][N_ROWS * N_COLUMNS], struct cell now[][N_ROWS * N_COLUMNS],
		    uint64_t ns)
{
	for (unsigned i = 0; i < N_PICTURES; i++)
		same(seen[i], now[i], i, ns);
}

static struct seen now_seen;

static void test_replay_played_shows_what_was_seen(void **state)
{
	struct rig *rig = *state;
	struct live *live = &rig->live;
	uint64_t late_ns;
	unsigned n_seen = 0;

	insert_tape(rig);
	/* The tape begins with the first thing that happened. */
	late_ns = deck_position_ns(live->scene.deck) - START_NS;
	for (uint64_t gone_ns = FRAME_NS; n_seen < N_INSTANTS; gone_ns += FRAME_NS) {
		uint64_t now_ns = BEGIN_NS + gone_ns - late_ns;

		assert_true(scene_step(&live->scene, now_ns) >= 0);
		assert_int_equal(live_draw(live, now_ns), 0);
		if (gone_ns != instants[n_seen])
			continue;
		take_pictures(live, now_seen.moving);
		compare(rig->seen[n_seen].moving, now_seen.moving, gone_ns);
		n_seen++;
	}
	live_close(live);
}

static void jump(struct rig *rig, unsigned i)
{
	struct deck_place place = { START_NS + instants[i], DECK_ALL };

	assert_int_equal(deck_jump(rig->live.scene.deck, &place, BEGIN_NS), 0);
	take_pictures_at_rest(rig, now_seen.at_rest);
	compare(rig->seen[i].at_rest, now_seen.at_rest, instants[i]);
}

static void test_replay_jumped_to_shows_what_was_seen(void **state)
{
	struct rig *rig = *state;

	for (unsigned i = 0; i < N_INSTANTS; i++) { /* each from the start */
		insert_tape(rig);
		deck_pause(rig->live.scene.deck);
		jump(rig, i);
		live_close(&rig->live);
	}
	insert_tape(rig);
	for (unsigned i = N_INSTANTS; i--;) { /* backwards, and from each to another */
		jump(rig, i);
		jump(rig, (i + 4) % N_INSTANTS);
	}
	live_close(&rig->live);
}

static void test_replay_stepped_back_and_on_shows_the_same(void **state)
{
	struct rig *rig = *state;
	struct deck_place place;
	struct deck *deck;

	insert_tape(rig);
	deck = rig->live.scene.deck;
	jump(rig, 6);
	place = deck_place(deck);
	for (unsigned i = 0; i < 5; i++) {
		struct deck_place before = deck_place(deck), after;

		assert_int_equal(deck_back(deck), 1);
		after = deck_place(deck);
		assert_true(after.time_ns < before.time_ns ||
			    (after.time_ns == before.time_ns && after.nth < before.nth));
	}
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(deck_next(deck), 1);
	assert_int_equal(deck_place(deck).time_ns, place.time_ns);
	assert_int_equal(deck_place(deck).nth, place.nth);
	jump(rig, 6); /* what was counted behind the last event comes too */
	live_close(&rig->live);
}

static void test_replay_stepped_from_the_start_passes_every_event(void **state)
{
	struct rig *rig = *state;
	struct deck_place start = { 0 };
	struct deck *deck;

	insert_tape(rig);
	deck = rig->live.scene.deck;
	assert_int_equal(deck_jump(deck, &start, BEGIN_NS), 0);
	assert_int_equal(deck_back(deck), 0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(deck_next(deck), 1);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(deck_back(deck), 1);
	assert_int_equal(deck_back(deck), 0);
	assert_int_equal(deck_position_ns(deck), tape_facts(rig->live.scene.tape)->first_ns);
	live_close(&rig->live);
}

static void test_replay_ends_paused_and_begins_anew(void **state)
{
	struct rig *rig = *state;
	const struct tape_facts *facts;
	struct deck *deck;
	uint64_t now_ns = BEGIN_NS;

	insert_tape(rig);
	deck = rig->live.scene.deck;
	facts = tape_facts(rig->live.scene.tape);
	for (int i = 0; i < 30; i++)
		deck_change_speed(deck, 1, now_ns);
	assert_string_equal(deck_speed(deck), "1000x");
	for (int i = 0; i < 10000 && !deck_at_end(deck); i++)
		assert_true(scene_step(&rig->live.scene, now_ns += FRAME_NS) >= 0);
	assert_true(deck_at_end(deck));
	assert_false(deck_is_playing(deck));
	assert_int_equal(deck_position_ns(deck), facts->last_ns);
	assert_int_equal(deck_next(deck), 0);
	assert_int_equal(deck_play(deck, now_ns), 0);
	assert_true(deck_is_playing(deck));
	assert_int_equal(deck_position_ns(deck), facts->first_ns);
	live_close(&rig->live);
}

static void test_replay_speed_is_that_of_the_clock(void **state)
{
	struct rig *rig = *state;
	struct deck *deck;
	uint64_t from_ns;

	insert_tape(rig);
	deck = rig->live.scene.deck;
	for (int i = 0; i < 3; i++)
		deck_change_speed(deck, -1, BEGIN_NS);
	assert_string_equal(deck_speed(deck), "1/10x");
	from_ns = deck_position_ns(deck);
	assert_true(deck_step(deck, BEGIN_NS + NS_PER_S) > 0);
	assert_int_equal(deck_position_ns(deck) - from_ns, NS_PER_S / 10);
	for (int i = 0; i < 6; i++)
		deck_change_speed(deck, 1, BEGIN_NS + NS_PER_S);
	assert_string_equal(deck_speed(deck), "10x");
	for (unsigned i = 1; i <= 10; i++)
		assert_true(deck_step(deck, BEGIN_NS + NS_PER_S + i * STEP_NS) > 0);
	assert_int_equal(deck_position_ns(deck) - from_ns, NS_PER_S / 10 + NS_PER_S);
	live_close(&rig->live);
}

/* What the first lane is called, and the text of a task: found where the log has it next. */
static void test_replay_search_finds_the_next_event_with_the_text(void **state)
{
	struct rig *rig = *state;
	struct deck_place from = { START_NS + 5 * NS_PER_S, DECK_ALL }, found;
	struct tape_search *search;
	const struct event *event;
	struct deck *deck;
	size_t n;
	int end;

	insert_tape(rig);
	deck = rig->live.scene.deck;
	for (int i = 0; i < 3; i++) {
		search = tape_search_new(rig->live.scene.tape, "migrate", &from);
		assert_non_null(search);
		while ((end = tape_search_step(search)) == SEARCH_GOES_ON)
			;
		assert_int_equal(end, SEARCH_FOUND);
		found = tape_search_place(search);
		tape_search_free(search);
		assert_true(found.time_ns > from.time_ns ||
			    (found.time_ns == from.time_ns && found.nth > from.nth));
		assert_int_equal(deck_jump(deck, &found, BEGIN_NS), 0);
		n = history_n(rig->live.scene.history);
		event = history_at(rig->live.scene.history, n - 1);
		assert_int_equal(event->kind, EVENT_MIGRATE);
		/* None is left out: between them nothing moves. */
		for (size_t k = n - 1;
		     k-- && history_at(rig->live.scene.history, k)->time_ns > from.time_ns;)
			assert_int_not_equal(history_at(rig->live.scene.history, k)->kind,
					     EVENT_MIGRATE);
		from = found;
	}
	if (EACH(2) > 1) /* the last seconds will do */
		from.time_ns = START_NS + 28 * NS_PER_S;
	search = tape_search_new(rig->live.scene.tape, "nothing is called like this", &from);
	while ((end = tape_search_step(search)) == SEARCH_GOES_ON)
		;
	assert_int_equal(end, SEARCH_NOT_FOUND);
	tape_search_free(search);
	live_close(&rig->live);
}

/* Where a jump or a search leads, the timeline's cursor is; all of the recording can be seen at once. */
static void test_replay_timeline_shows_where_it_went(void **state)
{
	struct rig *rig = *state;
	struct live *live = &rig->live;
	uint64_t found_ns, from_ns, to_ns;

	insert_tape(rig);
	live->settings.view = VIEW_TIMELINE;
	assert_int_equal(live_draw(live, BEGIN_NS), 0);
	strcpy(live->settings.prompt, "12.5");
	live_play_act(live, DO_JUMP);
	assert_int_equal(live_draw(live, BEGIN_NS), 0);
	assert_true(live->settings.timeline.scrolled);
	assert_int_equal(timeline_cursor_ns(&live->settings), START_NS + 12500 * NS_PER_MS);
	strcpy(live->settings.search, "migrate");
	for (live_play_act(live, DO_SEARCH); live->search;)
		live_play_search(live);
	found_ns = timeline_cursor_ns(&live->settings);
	assert_true(found_ns > START_NS + 12500 * NS_PER_MS);
	assert_int_equal(found_ns, deck_place(live->scene.deck).time_ns);
	timeline_wanted(&live->settings, &from_ns, &to_ns);
	assert_true(from_ns <= found_ns && found_ns < to_ns);
	while (live_play_survey(live))
		;
	assert_int_equal(live_draw(live, BEGIN_NS), 0);
	assert_true(timeline_key(live->scene.state, &live->settings, DO_FIT));
	timeline_wanted(&live->settings, &from_ns, &to_ns);
	assert_true(from_ns <= START_NS);
	assert_true(to_ns > tape_facts(live->scene.tape)->last_ns);
	assert_int_equal(timeline_cursor_ns(&live->settings), found_ns);
	live_close(live);
}

/* A copy of the first bytes, of which some are wrong. */
static struct tape *broken_tape(const struct rig *rig, uint8_t *bytes, size_t n, unsigned seed)
{
	struct error error;
	int fd = memfd_create("broken", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pread(rig->fd, bytes, n, 0), n);
	for (unsigned i = 0; i < seed % 8; i++)
		bytes[(seed * 2654435761u + i * 40503u) % n] ^= (uint8_t)(1u << (seed + i) % 8);
	assert_int_equal(write(fd, bytes, n), n);
	return tape_open(fd, "broken", &error);
}

static void test_replay_of_broken_recordings_goes_on(void **state)
{
	static uint8_t bytes[400000];
	struct rig *rig = *state;
	struct live *live = &rig->live;
	struct error error;
	unsigned n_opened = 0;

	for (unsigned seed = 0; seed < 48; seed += EACH(6)) {
		struct tape *tape = broken_tape(rig, bytes, sizeof(bytes) - seed * 977, seed);

		if (!tape)
			continue;
		n_opened++;
		*live = (struct live){ 0 };
		assert_int_equal(live_open(live, &options, tape, BEGIN_NS, &error), 0);
		size_screen(live);
		for (unsigned i = 0; i < 6; i++) {
			struct deck_place place = { START_NS + (i * 5 % 6) * 300 * NS_PER_MS,
						    DECK_ALL };

			assert_int_equal(deck_jump(live->scene.deck, &place, BEGIN_NS), 0);
			assert_true(deck_next(live->scene.deck) >= 0);
			assert_true(deck_back(live->scene.deck) >= 0);
			live->settings.view = i % N_VIEWS;
			assert_int_equal(live_draw(live, BEGIN_NS + i * FRAME_NS), 0);
		}
		live_close(live);
	}
	assert_in_range(n_opened, 40 / EACH(6), 48);
}

/* Events, counts and a start at times that no machine has. */
static struct tape *absurd_tape(unsigned seed)
{
	static const uint64_t times[] = { 0,	      1,	  NS_PER_S,
					  1ull << 62, 1ull << 63, UINT64_MAX - 1,
					  UINT64_MAX, 77 };
	enum { N_TIMES = sizeof(times) / sizeof(*times) };
	struct run_facts run = { .kind = "job", .start_ns = times[seed % N_TIMES], .mode = "" };
	struct counts counts;
	struct recording *recording;
	struct error error;
	int fd = memfd_create("absurd", MFD_CLOEXEC);

	recording = recording_new(2, 4, to_file, &fd);
	assert_non_null(recording);
	assert_int_equal(counts_init(&counts, 2, 4), 0);
	assert_int_equal(recording_head(recording, to_file, &fd), 0);
	for (unsigned i = 0; i < 60; i++) {
		struct event event = { .time_ns =
					       times[(seed + i * (1 + seed / N_TIMES)) % N_TIMES],
				       .kind = (uint8_t)(1 + i % (N_EVENT_KINDS - 1)),
				       .cpu = (uint16_t)(i % 2),
				       .task = task_word(i * 7, i % 4),
				       .to = { .next = task_word(i, i % 3) } };

		recording_event(recording, &event);
		counts.time_ns = event.time_ns;
		if (i % 7 == 0)
			recording_counts(recording, &counts);
		if (i % 11 == 0)
			recording_run(recording, &run);
		if (i % 20 == 19)
			recording_flush(recording);
	}
	recording_flush(recording);
	recording_free(recording);
	counts_fini(&counts);
	return tape_open(fd, "absurd", &error);
}

static void test_replay_of_absurd_times_goes_on(void **state)
{
	static const char keys[] = "zzZZ<<>>,.,.";
	struct rig *rig = *state;
	struct live *live = &rig->live;
	struct error error;
	unsigned n_opened = 0;

	for (unsigned seed = 0; seed < 64; seed += EACH(5)) {
		struct tape *tape = absurd_tape(seed);

		if (!tape)
			continue;
		n_opened++;
		*live = (struct live){ 0 };
		assert_int_equal(live_open(live, &options, tape, BEGIN_NS, &error), 0);
		size_screen(live);
		for (unsigned i = 0; i < 24; i++) {
			struct deck_place place = { UINT64_MAX / 23 * i, DECK_ALL };

			live->settings.view = i % N_VIEWS;
			assert_true(scene_step(&live->scene, BEGIN_NS + i * FRAME_NS) >= 0);
			assert_int_equal(live_draw(live, BEGIN_NS + i * FRAME_NS), 0);
			assert_int_equal(deck_jump(live->scene.deck, &place, BEGIN_NS), 0);
			assert_true(deck_next(live->scene.deck) >= 0);
			assert_true(deck_back(live->scene.deck) >= 0);
			assert_int_equal(live_draw(live, BEGIN_NS + i * FRAME_NS), 0);
			live->settings.view = VIEW_TIMELINE;
			view_key(live_state(live), &live->settings,
				 (unsigned char)keys[i % (sizeof(keys) - 1)]);
			live_play_survey(live);
			assert_int_equal(live_draw(live, BEGIN_NS + i * FRAME_NS), 0);
		}
		live_close(live);
	}
	assert_in_range(n_opened, 32 / EACH(5), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replay_played_shows_what_was_seen),
		cmocka_unit_test(test_replay_jumped_to_shows_what_was_seen),
		cmocka_unit_test(test_replay_stepped_back_and_on_shows_the_same),
		cmocka_unit_test(test_replay_stepped_from_the_start_passes_every_event),
		cmocka_unit_test(test_replay_ends_paused_and_begins_anew),
		cmocka_unit_test(test_replay_speed_is_that_of_the_clock),
		cmocka_unit_test(test_replay_of_broken_recordings_goes_on),
		cmocka_unit_test(test_replay_of_absurd_times_goes_on),
		cmocka_unit_test(test_replay_search_finds_the_next_event_with_the_text),
		cmocka_unit_test(test_replay_timeline_shows_where_it_went),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
