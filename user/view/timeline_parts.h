/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timeline_parts.h - what the parts of the timeline share: the window (timeline_window.c), the rows
 * (timeline_rows.c), events between times (timeline_find.c), what fills a cell (timeline_track.c),
 * its drawing (timeline_cells.c), the cursor in words (timeline_words.c), and all of it on the screen
 * (timeline.c). Used by these alone; one thread.
 */
#ifndef SWTCH_TIMELINE_PARTS_H
#define SWTCH_TIMELINE_PARTS_H

#include "state/overview.h"
#include "state/tenure.h"
#include "view/timeline.h"
#include "view/view.h"

#define TIMELINE_N_COLUMNS 512 /* that are drawn at most */

/* --- the window ----------------------------------------------------------------------------------- */

/* The time that is seen: n_columns of column_ns from from_ns on. */
struct window {
	uint64_t from_ns, column_ns;
	unsigned n_columns;
	uint64_t first_ns, now_ns; /* of all that is known */
	uint64_t oldest_ns;	   /* of the events at hand; UINT64_MAX without any */
	uint64_t cursor_ns;
};

void window_of(const struct settings *settings, struct window *window);
static inline uint64_t window_end_ns(const struct window *window)
{
	return window->from_ns + window->n_columns * window->column_ns;
}
/* The column of a time, which may be outside: negative, or n_columns and more. */
int64_t window_column(const struct window *window, uint64_t time_ns);
bool window_key(struct settings *settings, enum command command);

/* Columns before the window's: rows are named there. */
unsigned timeline_label_columns(const struct settings *settings);

/* Rows of the screen for what: from top to end those of the timeline, then n_words of words. */
struct layout {
	unsigned top, end, words, n_words;
};

void timeline_layout(const struct settings *settings, struct layout *layout);

/* --- rows ----------------------------------------------------------------------------------------- */

unsigned rows_n(const struct state *state, const struct timeline *timeline);
/* Row i of all; below rows_n(). */
struct timeline_row rows_at(const struct state *state, const struct timeline *timeline, unsigned i);
/* Its index; where it is no more, that of its CPU. */
unsigned rows_find(const struct state *state, const struct timeline *timeline,
		   const struct timeline_row *row);
bool rows_cpu_is_open(const struct state *state, const struct timeline *timeline, unsigned cpu);
bool rows_task_is_open(const struct timeline *timeline, const struct timeline_row *row);
bool rows_key(const struct state *state, struct settings *settings, enum command command);
void rows_select(const struct state *state, struct settings *settings,
		 const struct timeline_row *row);

/* --- events between times ------------------------------------------------------------------------- */

#define NO_EVENT SIZE_MAX

/* The first event at or after a time; their number where there is none. NULL has none. */
size_t find_time(const struct history *history, uint64_t time_ns);

/* The event is one of this row: what happened on the CPU, or what the task did or was done to it. */
bool find_is_of_row(const struct event *event, const struct timeline_row *row);

/* The last before number `from`, or the first from it on, of those that `is` says yes to; NO_EVENT. */
typedef bool (*find_fn)(const struct event *event, const struct timeline_row *row);
size_t find_before(const struct history *history, size_t from, find_fn is,
		   const struct timeline_row *row);
size_t find_after(const struct history *history, size_t from, find_fn is,
		  const struct timeline_row *row);

bool find_key(const struct state *state, struct settings *settings, enum command command);

/* --- cells ---------------------------------------------------------------------------------------- */

/* What can share a cell's time. Of a CPU: lanes and idling. */
enum part {
	PART_IDLE = N_LANES_MAX,
	/* Of a task or coroutine: */
	PART_RUNS = 0,
	PART_ELSEWHERE, /* on another CPU */
	PART_WAITS,
	PART_SLEEPS,
	PART_BLOCKED,
	N_PARTS = N_LANES_MAX + 1,
};

enum column_mark { MARKS_WAKING = 1, MARKS_CLONE = 2, MARKS_EXIT = 4, MARKS_LOST = 8 };

struct column {
	float parts[N_PARTS]; /* nanoseconds; what is missing is unknown */
	float most_ns;	      /* of one stretch */
	uint32_t stretch;     /* its number on the row, from 1 on; 0: none */
	uint32_t task;	      /* who had it */
	uint32_t coroutine;   /* that ran then; 0: none */
	uint8_t part;	      /* what it was */
	uint8_t marks;
	bool coarse; /* from the overview: no stretches */
	uint32_t n_switches;
};

/* The cells of one row, filled from left to right. */
struct track {
	struct timeline_row row;
	struct column *columns; /* [window->n_columns] */
	unsigned at;		/* the column where the last stretch ended, */
	uint64_t end_ns;	/* and its end */
	uint32_t n_stretches;
	/* What is so since when. */
	struct tenure tenure; /* of a CPU */
	uint64_t known_ns;    /* from when on events tell of it */
	uint8_t part;	      /* of the others; PART_UNKNOWN */
	uint16_t cpu;	      /* where that began */
	uint64_t since_ns;
	uint32_t inside; /* a CPU's running coroutine */
};

#define PART_UNKNOWN 0xff

/*
 * Fill n tracks, whose rows are set and whose columns are zeroed, with what happened in the window.
 * 0 or -ENOMEM.
 */
int tracks_fill(struct track *tracks, unsigned n, const struct window *window,
		const struct state *state, const struct settings *settings);

/* Draw the cells of a track from `left` on. */
void cells_draw(struct grid *grid, unsigned row, unsigned left, const struct track *track,
		const struct window *window, const struct state *state);

/* What the glyphs mean, on rows of the screen from `row` to before `end`. */
void cells_legend(struct grid *grid, unsigned row, unsigned end);

/* --- words ---------------------------------------------------------------------------------------- */

#define WORDS_SIZE 1536

/* What happened at the cursor on the selected row; `column` has the cell. */
void words_of_cursor(char *out, size_t size, const struct window *window,
		     const struct timeline_row *row, const struct column *column,
		     const struct state *state, const struct settings *settings);

#endif
