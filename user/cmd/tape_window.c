// SPDX-License-Identifier: GPL-2.0-only
/* tape_window.c - two cursors: one goes to where somebody looks, one reads it all, once. */
#include "cmd/tape_window.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

#define OVERVIEW_SIZE (8u << 20)
#define N_AT_ONCE     (1u << 15) /* events of the overview, some milliseconds */

struct tape_window {
	struct tape *tape;
	struct cursor *cursor, *surveyor;
	struct history *history;
	struct overview *overview;
	struct names *names; /* of who asked last; while filling */
	uint64_t from_ns, to_ns, until_ns;
	uint64_t surveyed_ns;
	bool is_surveyed;
};

struct tape_window *tape_window_new(struct tape *tape)
{
	const struct tape_facts *facts = tape_facts(tape);
	struct tape_window *window = calloc(1, sizeof(*window));

	if (!window)
		return NULL;
	window->tape = tape;
	window->cursor = cursor_new(tape);
	window->surveyor = cursor_new(tape);
	window->history = history_new(WINDOW_N_EVENTS);
	window->overview = overview_new(facts->n_cpus, facts->n_lanes, OVERVIEW_SIZE);
	if (!window->cursor || !window->surveyor || !window->history || !window->overview) {
		tape_window_free(window);
		errno = ENOMEM;
		return NULL;
	}
	return window;
}

void tape_window_free(struct tape_window *window)
{
	if (!window)
		return;
	cursor_free(window->cursor);
	cursor_free(window->surveyor);
	history_free(window->history);
	overview_free(window->overview);
	free(window);
}

/* --- a stretch ------------------------------------------------------------------------------------- */

static void learn(struct tape_window *window, const struct event *event)
{
	if (!*names_get(window->names, task_pid(event->task)))
		names_apply(window->names, event);
}

static void on_event(const struct event *event, void *ctx)
{
	struct tape_window *window = ctx;

	history_add(window->history, event);
	if (event->kind == EVENT_NAME)
		learn(window, event);
}

static void on_name(uint32_t word, const char *name, void *ctx)
{
	struct event event = { .kind = EVENT_NAME, .task = word };

	event_set_name(&event, name);
	learn(ctx, &event);
}

/* Are there more events than there is room for? */
static bool are_many(const struct tape_window *window, uint64_t from_ns, uint64_t to_ns)
{
	uint64_t first_ns = tape_facts(window->tape)->first_ns;

	return tape_back(window->tape, to_ns, WINDOW_N_EVENTS / 2) >
	       (from_ns > first_ns ? from_ns : first_ns);
}

int tape_window_fill(struct tape_window *window, uint64_t from_ns, uint64_t to_ns,
		     struct names *names)
{
	const struct tape_visitor visitor = { .event = on_event, .name = on_name, .ctx = window };
	uint64_t wide_ns = to_ns - from_ns;
	int64_t n;

	if (from_ns >= window->from_ns && to_ns <= window->to_ns)
		return 0;
	window->from_ns = from_ns > wide_ns ? from_ns - wide_ns : 0;
	window->to_ns = to_ns < UINT64_MAX - wide_ns ? to_ns + wide_ns : to_ns;
	if (are_many(window, window->from_ns,
		     window->to_ns)) { /* so wide only if that can be had */
		window->from_ns = from_ns;
		window->to_ns = to_ns;
	}
	history_forget(window->history);
	window->until_ns = window->from_ns;
	if (are_many(window, from_ns, to_ns))
		return 0;
	window->names = names;
	cursor_seek(window->cursor, window->from_ns);
	n = cursor_play(window->cursor, window->to_ns, UINT64_MAX, &visitor);
	window->until_ns = window->to_ns;
	return n < 0 ? (int)n : 0;
}

const struct history *tape_window_events(const struct tape_window *window)
{
	return window->history;
}

uint64_t tape_window_until_ns(const struct tape_window *window)
{
	return window->until_ns;
}

/* --- all of it --------------------------------------------------------------------------------------- */

static void on_surveyed(const struct event *event, void *ctx)
{
	struct tape_window *window = ctx;

	overview_apply(window->overview, event);
	window->surveyed_ns = event->time_ns;
}

bool tape_window_survey(struct tape_window *window)
{
	const struct tape_visitor visitor = { .event = on_surveyed, .ctx = window };

	if (window->is_surveyed)
		return false;
	window->is_surveyed =
		cursor_play(window->surveyor, UINT64_MAX, N_AT_ONCE, &visitor) < N_AT_ONCE;
	return !window->is_surveyed;
}

const struct overview *tape_window_overview(const struct tape_window *window)
{
	return window->overview;
}

double tape_window_surveyed(const struct tape_window *window)
{
	const struct tape_facts *facts = tape_facts(window->tape);

	if (window->is_surveyed || window->surveyed_ns < facts->first_ns)
		return window->is_surveyed;
	return (double)(window->surveyed_ns - facts->first_ns) /
	       (double)(facts->last_ns - facts->first_ns + 1);
}
