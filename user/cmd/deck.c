// SPDX-License-Identifier: GPL-2.0-only
/* deck.c - a cursor and a clock; a jump begins far enough before its aim to end as playing would. */
#include "cmd/deck.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "state/state.h"
#include "view/event_list.h"

#define N_AT_ONCE  (1u << 17) /* events of one step: more would hold up a frame */
#define N_PLACES   64
#define NEAR_NS	   (100 * NS_PER_MS)
#define SAMPLES_NS (N_SAMPLES * 110 * NS_PER_MS) /* as long as the past takes, mostly */

struct deck {
	struct tape *tape;
	struct cursor *cursor;
	struct deck_taker taker;
	struct tape_visitor visitor; /* ours, around the taker's */
	bool playing, ended;
	unsigned speed;			/* index into speeds[] */
	uint64_t from_ns, from_real_ns; /* what the clock was set to, when */
	uint64_t position_ns;
	struct deck_place last; /* event that was passed */
	/* The last ones that were news: what stepping back goes to. */
	struct deck_place marks[N_PLACES];
	unsigned n_marks; /* ever */
	uint64_t n_counts;
};

static const struct {
	uint64_t times, of;
	const char *name;
} speeds[] = {
	{ 1, 1000, "1/1000x" }, { 1, 500, "1/500x" }, { 1, 200, "1/200x" }, { 1, 100, "1/100x" },
	{ 1, 50, "1/50x" },	{ 1, 20, "1/20x" },   { 1, 10, "1/10x" },   { 1, 5, "1/5x" },
	{ 1, 2, "1/2x" },	{ 1, 1, "1x" },	      { 2, 1, "2x" },	    { 5, 1, "5x" },
	{ 10, 1, "10x" },	{ 20, 1, "20x" },     { 50, 1, "50x" },	    { 100, 1, "100x" },
	{ 200, 1, "200x" },	{ 500, 1, "500x" },   { 1000, 1, "1000x" },
};

#define N_SPEEDS (sizeof(speeds) / sizeof(*speeds))
#define NORMAL	 9
#define SLOW	 6 /* and below */

/* --- what passes -------------------------------------------------------------------------------- */

static void on_event(const struct event *event, void *ctx)
{
	struct deck *deck = ctx;

	if (event->time_ns == deck->last.time_ns)
		deck->last.nth++;
	else
		deck->last = (struct deck_place){ event->time_ns, 1 };
	if (event_is_news(event))
		deck->marks[deck->n_marks++ % N_PLACES] = deck->last;
	deck->taker.visitor.event(event, deck->taker.visitor.ctx);
}

static void on_counts(const struct counts *counts, void *ctx)
{
	struct deck *deck = ctx;

	deck->n_counts++;
	deck->taker.visitor.counts(counts, deck->taker.visitor.ctx);
}

static void on_lane(unsigned lane, const struct lane_label *label, bool starts, void *ctx)
{
	struct deck *deck = ctx;

	deck->taker.visitor.lane(lane, label, starts, deck->taker.visitor.ctx);
}

static void on_run(const struct run_facts *run, void *ctx)
{
	struct deck *deck = ctx;

	deck->taker.visitor.run(run, deck->taker.visitor.ctx);
}

static void on_name(uint32_t word, const char *name, void *ctx)
{
	struct deck *deck = ctx;

	deck->taker.visitor.name(word, name, deck->taker.visitor.ctx);
}

/* --- a life --------------------------------------------------------------------------------------- */

static uint64_t first_ns(const struct deck *deck)
{
	return tape_facts(deck->tape)->first_ns;
}

static uint64_t last_ns(const struct deck *deck)
{
	return tape_facts(deck->tape)->last_ns;
}

struct deck *deck_new(struct tape *tape, const struct deck_taker *taker)
{
	struct deck *deck = calloc(1, sizeof(*deck));

	if (!deck)
		return NULL;
	deck->tape = tape;
	deck->taker = *taker;
	deck->visitor = (struct tape_visitor){ .event = on_event,
					       .counts = on_counts,
					       .lane = on_lane,
					       .run = on_run,
					       .name = on_name,
					       .ctx = deck };
	deck->speed = NORMAL;
	deck->cursor = cursor_new(tape);
	if (!deck->cursor) {
		deck_free(deck);
		errno = ENOMEM;
		return NULL;
	}
	deck->position_ns = deck->from_ns = first_ns(deck);
	return deck;
}

void deck_free(struct deck *deck)
{
	if (!deck)
		return;
	cursor_free(deck->cursor);
	free(deck);
}

/* --- the clock ------------------------------------------------------------------------------------- */

static void set_clock(struct deck *deck, uint64_t now_ns)
{
	deck->from_ns = deck->position_ns;
	deck->from_real_ns = now_ns;
}

static uint64_t clock_ns(const struct deck *deck, uint64_t now_ns)
{
	uint64_t gone_ns = now_ns > deck->from_real_ns ? now_ns - deck->from_real_ns : 0;
	uint64_t by_ns;

	if (__builtin_mul_overflow(gone_ns, speeds[deck->speed].times, &by_ns))
		return UINT64_MAX;
	by_ns /= speeds[deck->speed].of;
	return by_ns < UINT64_MAX - deck->from_ns ? deck->from_ns + by_ns : UINT64_MAX;
}

int deck_step(struct deck *deck, uint64_t now_ns)
{
	uint64_t until_ns;
	int64_t n;

	if (!deck->playing)
		return 0;
	until_ns = clock_ns(deck, now_ns);
	n = cursor_play(deck->cursor, until_ns, N_AT_ONCE, &deck->visitor);
	if (n < 0)
		return (int)n;
	if (n == N_AT_ONCE) { /* that is as fast as it goes */
		deck->position_ns = deck->last.time_ns;
		set_clock(deck, now_ns);
	} else {
		deck->position_ns = until_ns;
	}
	deck->ended = cursor_at_end(deck->cursor);
	if (deck->ended) {
		deck->playing = false;
		deck->position_ns = last_ns(deck);
	}
	return (int)n;
}

int deck_play(struct deck *deck, uint64_t now_ns)
{
	struct deck_place start = { first_ns(deck), 1 };
	int err = deck->ended ? deck_jump(deck, &start, now_ns) : 0;

	set_clock(deck, now_ns);
	deck->playing = !err;
	return err;
}

void deck_pause(struct deck *deck)
{
	deck->playing = false;
}

bool deck_is_playing(const struct deck *deck)
{
	return deck->playing;
}

bool deck_at_end(const struct deck *deck)
{
	return deck->ended;
}

void deck_change_speed(struct deck *deck, int by, uint64_t now_ns)
{
	set_clock(deck, now_ns);
	if (by < 0 ? deck->speed > 0 : deck->speed + 1 < N_SPEEDS)
		deck->speed += (unsigned)by;
}

const char *deck_speed(const struct deck *deck)
{
	return speeds[deck->speed].name;
}

bool deck_is_slow(const struct deck *deck)
{
	return deck->speed <= SLOW;
}

uint64_t deck_position_ns(const struct deck *deck)
{
	return deck->position_ns;
}

struct deck_place deck_place(const struct deck *deck)
{
	return deck->last;
}

/* --- another place ---------------------------------------------------------------------------------- */

/* All before a time (the events alone: behind `events_ns`), then the first `nth` events of it. */
static int play_to(struct deck *deck, uint64_t events_ns, const struct deck_place *place)
{
	struct tape_visitor blind = deck->visitor;
	int64_t n = 0;

	blind.event = NULL;
	blind.name = NULL;
	if (events_ns)
		n = cursor_play(deck->cursor, events_ns - 1, UINT64_MAX, &blind);
	if (n >= 0 && place->nth < DECK_ALL && place->time_ns)
		n = cursor_play(deck->cursor, place->time_ns - 1, UINT64_MAX, &deck->visitor);
	if (n >= 0)
		n = cursor_play(deck->cursor, place->time_ns,
				place->nth < DECK_ALL ? place->nth : UINT64_MAX, &deck->visitor);
	return n < 0 ? (int)n : 0;
}

/* Names as they were before the events from events_ns on: they stand before all else of the block. */
static int take_names(struct deck *deck, uint64_t events_ns)
{
	struct tape_visitor names = { .name = on_name, .ctx = deck };
	int64_t n;

	cursor_seek(deck->cursor, events_ns);
	n = cursor_play(deck->cursor, 0, 1, &names);
	return n < 0 ? (int)n : 0;
}

/* Forget all, and begin so far back. */
static int rebuild(struct deck *deck, uint64_t counts_ns, uint64_t events_ns,
		   const struct deck_place *place)
{
	int err = deck->taker.forget(deck->taker.ctx);

	deck->n_counts = deck->n_marks = 0;
	deck->last = (struct deck_place){ 0 };
	if (!err)
		err = take_names(deck, events_ns);
	if (err)
		return err;
	cursor_seek(deck->cursor, counts_ns);
	return play_to(deck, events_ns, place);
}

/* Far enough back for the past that is shown, which is a number of counts; longer, if they are rare. */
static int rebuild_to(struct deck *deck, const struct deck_place *place)
{
	uint64_t time_ns = place->time_ns, span_ns = SAMPLES_NS, counts_ns;
	uint64_t events_ns = tape_back(deck->tape, time_ns, DECK_N_EVENTS);
	int err;

	do {
		counts_ns = time_ns > span_ns ? time_ns - span_ns : 0;
		if (counts_ns > events_ns)
			counts_ns = events_ns;
		err = rebuild(deck, counts_ns, events_ns, place);
		span_ns *= 4;
	} while (!err && deck->n_counts <= N_SAMPLES && counts_ns > first_ns(deck));
	return err;
}

/* Playing on is all that is needed, unless a jump begins further on. */
static bool is_near(const struct deck *deck, const struct deck_place *place)
{
	uint64_t events_ns = tape_back(deck->tape, place->time_ns, DECK_N_EVENTS);

	return (place->time_ns > deck->position_ns && place->time_ns > deck->last.time_ns) &&
	       (events_ns <= deck->position_ns || place->time_ns - deck->position_ns < NEAR_NS);
}

int deck_jump(struct deck *deck, const struct deck_place *place, uint64_t now_ns)
{
	struct deck_place aim = *place;
	int err;

	if (aim.time_ns < first_ns(deck))
		aim = (struct deck_place){ first_ns(deck), 1 };
	if (aim.time_ns >= last_ns(deck) && aim.nth == DECK_ALL)
		aim.time_ns = last_ns(deck);
	err = is_near(deck, &aim) ? play_to(deck, 0, &aim) : rebuild_to(deck, &aim);
	if (err)
		return err;
	deck->position_ns = aim.time_ns;
	deck->ended = cursor_at_end(deck->cursor);
	deck->playing &= !deck->ended;
	set_clock(deck, now_ns);
	return 0;
}

int deck_next(struct deck *deck)
{
	unsigned n_marks = deck->n_marks;

	deck->playing = false;
	while (deck->n_marks == n_marks) {
		int64_t n = cursor_play(deck->cursor, UINT64_MAX, 1, &deck->visitor);

		if (n < 0)
			return (int)n;
		if (!n) {
			deck->ended = true;
			deck->position_ns = last_ns(deck);
			return 0;
		}
	}
	deck->ended = cursor_at_end(deck->cursor);
	deck->position_ns = deck->last.time_ns;
	return 1;
}

int deck_back(struct deck *deck)
{
	struct deck_place place;
	int err;

	deck->playing = false;
	if (deck->n_marks < 2)
		return 0;
	place = deck->marks[(deck->n_marks - 2) % N_PLACES];
	err = deck_jump(deck, &place, deck->from_real_ns);
	return err ? err : 1;
}
