// SPDX-License-Identifier: GPL-2.0-only
/* timeline_window.c - which time is seen: zoom, pan, the cursor, following what is newest. */
#include "view/timeline_parts.h"

#include "base/clock.h"

/* A column is 10 ns wide at the least and 10,000 s at the most, in steps of 1, 2, 5. */
#define ZOOM_FIRST   3u
#define ZOOM_LAST    39u
#define ZOOM_DEFAULT 22u /* 20 ms */

static uint64_t zoom_ns(unsigned zoom)
{
	static const uint64_t steps[] = { 1, 2, 5 };
	uint64_t ns = steps[zoom % 3];

	for (unsigned i = 0; i < zoom / 3; i++)
		ns *= 10;
	return ns;
}

static unsigned zoom_of(const struct timeline *timeline)
{
	unsigned zoom = timeline->zoom ? timeline->zoom - 1 : ZOOM_DEFAULT;

	return zoom < ZOOM_FIRST ? ZOOM_FIRST : zoom > ZOOM_LAST ? ZOOM_LAST : zoom;
}

unsigned timeline_label_columns(const struct settings *settings)
{
	unsigned width = settings->n_columns;

	return width >= 160 ? 26 : width >= 100 ? 22 : width >= 60 ? 18 : width / 4;
}

void timeline_layout(const struct settings *settings, struct layout *layout)
{
	unsigned n = settings->n_rows, keys = n > FRAME_TOP + 1;

	*layout = (struct layout){ .top = FRAME_TOP + 2, .end = n - keys };
	if (settings->outcome && layout->end > layout->top + 2)
		layout->end--;
	if (layout->end < layout->top)
		layout->end = layout->top;
	if (layout->end - layout->top >= 8)
		layout->n_words = n >= 24 ? 4 : 3;
	layout->words = layout->end - layout->n_words;
	if (layout->n_words) /* and the rule above them */
		layout->end = layout->words - 1;
}

/* A column begins at a whole number of columns from where the events' time is 0. */
static uint64_t align(const struct settings *settings, uint64_t time_ns, uint64_t column_ns)
{
	uint64_t zero = settings->start_ns, back;

	if (time_ns >= zero)
		return zero + (time_ns - zero) / column_ns * column_ns;
	back = (zero - time_ns + column_ns - 1) / column_ns * column_ns;
	return back < zero ? zero - back : zero % column_ns;
}

/* When what is known begins and ends. */
static void known(const struct settings *settings, struct window *window)
{
	const struct history *history = settings->timeline_events;
	const struct overview *overview = settings->overview;
	size_t n = history ? history_n(history) : 0;
	uint64_t first_ns = n ? history_at(history, 0)->time_ns : settings->start_ns;
	uint64_t last_ns = n ? history_at(history, n - 1)->time_ns : settings->start_ns;

	window->oldest_ns = n ? first_ns : UINT64_MAX;
	if (overview && overview_end_ns(overview)) {
		if (overview_start_ns(overview) < first_ns)
			first_ns = overview_start_ns(overview);
		if (overview_end_ns(overview) > last_ns)
			last_ns = overview_end_ns(overview);
	}
	window->first_ns = first_ns;
	window->now_ns = settings->now_ns ? settings->now_ns : last_ns;
	if (window->now_ns < first_ns)
		window->now_ns = first_ns;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

void window_of(const struct settings *settings, struct window *window)
{
	const struct timeline *timeline = &settings->timeline;
	unsigned label = timeline_label_columns(settings) + 1, width = settings->n_columns;
	uint64_t oldest, longest;

	known(settings, window);
	window->column_ns = zoom_ns(zoom_of(timeline));
	window->n_columns = width > label + 1 ? width - label : 1;
	if (window->n_columns > TIMELINE_N_COLUMNS)
		window->n_columns = TIMELINE_N_COLUMNS;
	longest = (window->n_columns - 1) * window->column_ns;
	if (timeline->scrolled) {
		window->from_ns = align(settings, timeline->from_ns, window->column_ns);
		window->cursor_ns = timeline->cursor_ns;
	} else {
		oldest = align(settings, window->first_ns, window->column_ns);
		window->from_ns = less(align(settings, window->now_ns, window->column_ns), longest);
		if (window->from_ns < oldest)
			window->from_ns = oldest;
		window->cursor_ns = window->now_ns;
	}
	/* The last column of a clock of 64 bits. */
	if (window->from_ns > UINT64_MAX - longest - window->column_ns)
		window->from_ns = UINT64_MAX - longest - window->column_ns;
}

int64_t window_column(const struct window *window, uint64_t time_ns)
{
	if (time_ns >= window->from_ns)
		return (int64_t)((time_ns - window->from_ns) / window->column_ns);
	return -(int64_t)((window->from_ns - time_ns - 1) / window->column_ns) - 1;
}

/* --- keys ----------------------------------------------------------------------------------------- */

/* Stand still, as seen. */
static void hold(struct settings *settings, const struct window *window)
{
	settings->timeline.scrolled = true;
	settings->timeline.from_ns = window->from_ns;
	settings->timeline.cursor_ns = window->cursor_ns;
}

static void follow(struct settings *settings)
{
	settings->timeline.scrolled = false;
	settings->timeline.is_sorted = false;
}

/*
 * Put the cursor on a time. The window moves by the column that the cursor steps over its edge, or
 * else so that there is as much to see before that time as after it.
 */
static void show(struct settings *settings, struct window *window, uint64_t time_ns)
{
	int64_t column = window_column(window, time_ns), n = window->n_columns;
	uint64_t first_ns = align(settings, window->first_ns, window->column_ns);

	if (column == -1)
		window->from_ns = less(window->from_ns, window->column_ns);
	else if (column == n)
		window->from_ns += window->column_ns;
	else if (column < 0 || column > n)
		window->from_ns = less(align(settings, time_ns, window->column_ns),
				       (uint64_t)n / 2 * window->column_ns);
	if ((column < -1 || column > n) && window->from_ns < first_ns)
		window->from_ns = first_ns;
	if (column < 0 || column >= n)
		settings->timeline.is_sorted = false;
	window->cursor_ns = time_ns;
	hold(settings, window);
}

static void step(struct settings *settings, struct window *window, int by)
{
	int64_t column = window_column(window, window->cursor_ns) + by;
	uint64_t ahead = column >= 0 ? (uint64_t)column * window->column_ns : 0, time_ns;

	time_ns = column >= 0 ? window->from_ns + ahead
			      : less(window->from_ns, (uint64_t)-column * window->column_ns);
	if (by > 0 && (!settings->timeline.scrolled || time_ns > window->now_ns))
		follow(settings);
	else if (by > 0 || time_ns + window->column_ns > window->first_ns)
		show(settings, window, time_ns);
}

static void pan(struct settings *settings, struct window *window, int sign)
{
	uint64_t by = (window->n_columns + 1) / 2 * window->column_ns;

	settings->timeline.is_sorted = false;
	if (sign > 0) {
		if (window_end_ns(window) > window->now_ns) {
			follow(settings);
			return;
		}
		window->from_ns += by;
		window->cursor_ns += by;
	} else {
		if (window->from_ns <= window->first_ns)
			return;
		window->from_ns = less(window->from_ns, by);
		window->cursor_ns = less(window->cursor_ns, by);
	}
	if (window->cursor_ns > window->now_ns)
		window->cursor_ns = window->now_ns;
	if (window->cursor_ns < window->first_ns)
		window->cursor_ns = window->first_ns;
	show(settings, window, window->cursor_ns);
}

/* The cursor keeps its column. */
static void zoom(struct settings *settings, struct window *window, int by)
{
	unsigned to = zoom_of(&settings->timeline) + (unsigned)by;
	int64_t column = window_column(window, window->cursor_ns);
	uint64_t all_ns = window->n_columns * window->column_ns;

	if (to < ZOOM_FIRST || to > ZOOM_LAST ||
	    (by > 0 && to > ZOOM_DEFAULT && window->from_ns <= window->first_ns &&
	     all_ns > window->now_ns - window->first_ns))
		return;
	settings->timeline.zoom = to + 1;
	settings->timeline.is_sorted = false;
	if (!settings->timeline.scrolled)
		return;
	if (column < 0 || column >= window->n_columns)
		column = window->n_columns / 2;
	window->column_ns = zoom_ns(to);
	window->from_ns = less(align(settings, window->cursor_ns, window->column_ns),
			       (uint64_t)column * window->column_ns);
	hold(settings, window);
}

/* All of the time there is, also of a recording that is not there yet. */
static void fit(struct settings *settings, struct window *window)
{
	uint64_t last_ns = window->now_ns > settings->last_ns ? window->now_ns : settings->last_ns;
	unsigned to = ZOOM_FIRST;

	while (to < ZOOM_LAST &&
	       (last_ns - window->first_ns) / zoom_ns(to) >= window->n_columns - 1)
		to++;
	settings->timeline.zoom = to + 1;
	settings->timeline.is_sorted = false;
	if (!settings->timeline.scrolled && last_ns == window->now_ns)
		return; /* what is newest is seen as well as what is oldest, and stays so */
	window->column_ns = zoom_ns(to);
	window->from_ns = align(settings, window->first_ns, window->column_ns);
	hold(settings, window);
}

bool window_key(struct settings *settings, enum command command)
{
	struct window window;

	window_of(settings, &window);
	switch (command) {
	case DO_LEFT:
	case DO_RIGHT:
		step(settings, &window, command == DO_LEFT ? -1 : 1);
		return true;
	case DO_PAN_LEFT:
	case DO_PAN_RIGHT:
		pan(settings, &window, command == DO_PAN_LEFT ? -1 : 1);
		return true;
	case DO_ZOOM_IN:
	case DO_ZOOM_OUT:
		zoom(settings, &window, command == DO_ZOOM_IN ? -1 : 1);
		return true;
	case DO_FIT:
		fit(settings, &window);
		return true;
	case DO_HOME:
		timeline_seek(settings, window.first_ns);
		return true;
	case DO_END:
		follow(settings);
		return true;
	default:
		return false;
	}
}

/* --- for the caller --------------------------------------------------------------------------------- */

void timeline_restart(struct settings *settings)
{
	follow(settings);
	settings->timeline.n_rows = 0;
	settings->timeline.shows_all = false;
}

void timeline_wanted(const struct settings *settings, uint64_t *from_ns, uint64_t *to_ns)
{
	struct window window;

	window_of(settings, &window);
	*from_ns = window.from_ns;
	*to_ns = window_end_ns(&window);
}

uint64_t timeline_cursor_ns(const struct settings *settings)
{
	struct window window;

	window_of(settings, &window);
	return window.cursor_ns;
}

void timeline_seek(struct settings *settings, uint64_t time_ns)
{
	struct window window;

	window_of(settings, &window);
	show(settings, &window, time_ns);
}
