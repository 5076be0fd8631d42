// SPDX-License-Identifier: GPL-2.0-only
/* tape_search.c - a cursor of its own, and as much state as it takes to say an event's line. */
#include "cmd/tape_search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state/state.h"
#include "view/event_list.h"

#define N_AT_ONCE 4096

struct tape_search {
	struct cursor *cursor;
	struct state *state; /* names, and the labels of lanes */
	char *text;
	struct deck_place from, place;
	bool found;
};

struct tape_search *tape_search_new(struct tape *tape, const char *text,
				    const struct deck_place *from)
{
	struct tape_search *search = calloc(1, sizeof(*search));

	if (!search)
		return NULL;
	search->cursor = cursor_new(tape);
	search->state = state_new(tape_facts(tape)->n_cpus, tape_facts(tape)->n_lanes);
	search->text = strdup(text);
	search->from = *from;
	if (!search->cursor || !search->state || !search->text) {
		tape_search_free(search);
		errno = ENOMEM;
		return NULL;
	}
	cursor_seek(search->cursor, from->time_ns);
	return search;
}

void tape_search_free(struct tape_search *search)
{
	if (!search)
		return;
	cursor_free(search->cursor);
	state_free(search->state);
	free(search->text);
	free(search);
}

static bool is_behind(const struct deck_place *place, const struct deck_place *from)
{
	return place->time_ns > from->time_ns ||
	       (place->time_ns == from->time_ns && place->nth > from->nth);
}

static void on_event(const struct event *event, void *ctx)
{
	struct tape_search *search = ctx;

	if (event->time_ns == search->place.time_ns)
		search->place.nth++;
	else
		search->place = (struct deck_place){ event->time_ns, 1 };
	names_apply(search->state->names, event);
	search->found = is_behind(&search->place, &search->from) && event_is_news(event) &&
			event_matches(event, search->state, search->text);
}

static void on_lane(unsigned lane, const struct lane_label *label, bool starts, void *ctx)
{
	struct tape_search *search = ctx;

	(void)starts;
	if (lane < search->state->n_lanes)
		search->state->lanes[lane].label = *label;
}

static void on_name(uint32_t word, const char *name, void *ctx)
{
	struct tape_search *search = ctx;
	struct event event = { .kind = EVENT_NAME, .task = word };

	event_set_name(&event, name);
	names_apply(search->state->names, &event);
}

int tape_search_step(struct tape_search *search)
{
	const struct tape_visitor visitor = {
		.event = on_event, .lane = on_lane, .name = on_name, .ctx = search
	};

	for (unsigned i = 0; i < N_AT_ONCE && !search->found; i++) {
		int64_t n = cursor_play(search->cursor, UINT64_MAX, 1, &visitor);

		if (n <= 0)
			return n < 0 ? (int)n : SEARCH_NOT_FOUND;
	}
	return search->found ? SEARCH_FOUND : SEARCH_GOES_ON;
}

struct deck_place tape_search_place(const struct tape_search *search)
{
	return search->place;
}
