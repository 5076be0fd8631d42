/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view.h - what the screen shows: a table of views, each drawn from state and settings on a grid.
 *
 * Keys change settings, never state. Nothing here knows a terminal. One thread.
 */
#ifndef SWTCH_VIEW_H
#define SWTCH_VIEW_H

#include "state/judge.h"
#include "state/state.h"
#include "view/event_list.h"
#include "view/figures.h"
#include "view/grid.h"
#include "view/keys.h"
#include "view/tasks.h"
#include "view/timeline.h"

#define FOLLOW	     UINT64_MAX /* settings.bottom: the newest event is the last line */
#define PROMPT_BYTES 64

/* What is open above the view. */
enum overlay {
	OVERLAY_NONE,
	OVERLAY_JOBS,
	OVERLAY_TASKS,
	OVERLAY_SEARCH,
	OVERLAY_FILTER,
	OVERLAY_JUMP
};

/* A job as the chooser shows it. */
struct job_line {
	const char *name;
	const char *says;
};

struct blame;
struct overview;
struct pane;
struct spans;

/* A recording that is played. Strings are ours or escaped. */
struct tape_line {
	char where[64];	   /* time and length */
	const char *speed; /* NULL: paused */
	char note[96];	   /* what is missing of it; "": nothing */
};

/* A recording that is being made. */
struct rec_line {
	uint64_t n_events, n_bytes;
	uint64_t n_lost; /* of the events: in blocks that found no room before the disk */
};

struct settings {
	unsigned view; /* index into views[] */

	/* What runs; set by who runs it. Strings are ours or escaped. */
	const char *job;
	const char *shows; /* what the job shows, in one sentence */
	const char *says;  /* what it does, shorter, for where that does not fit; NULL: nothing */
	bool programs; /* of the user's: there is no lab whose job, turns, rate or tasks can be changed */
	bool together;
	unsigned n_tasks; /* 0: not a matter of tasks */
	uint64_t rate_hz; /* 0: flat out; COUNT_UNKNOWN: being looked for, or none */
	uint64_t elapsed_ns;
	bool running;
	const struct job_line *jobs; /* for the chooser */
	unsigned n_jobs;

	/* What there is to see beside the state. */
	const struct figures *figures;
	const struct event_list *events;       /* NULL: none */
	uint64_t start_ns;		       /* where the events' time 0 is */
	const struct history *timeline_events; /* in the order of time; NULL: none */
	const struct overview *overview;       /* of all time, these events' too; NULL: none */
	uint64_t now_ns;   /* up to when things are known; 0: to the last event */
	uint64_t until_ns; /* up to when timeline_events tell all; 0: to the last of them */
	uint64_t last_ns;  /* where a recording ends that is played; 0: none is */
	const struct claim_board *board; /* NULL: none, and no way to have one */
	const struct spans *spans;	 /* where time goes; NULL: nobody looks */
	const struct blame *blame;	 /* coroutines that block; likewise */
	struct pane *pane;		 /* what a command writes; NULL: nobody writes here */
	const struct tape_line *tape;	 /* NULL: this happens now */
	const struct rec_line *rec;	 /* NULL: nothing is recorded */
	bool unread; /* events come too fast to be read for a view beside others */

	/* What is seen of it; changed by keys. */
	bool paused;
	char filter[PROMPT_BYTES], search[PROMPT_BYTES];
	unsigned top_cpu;
	uint64_t bottom;      /* number of the event on the last line, or FOLLOW */
	uint64_t output_end;  /* number behind that of the last line of the output, or FOLLOW */
	unsigned before_help; /* the view that was left for it */
	unsigned top_help;
	unsigned top_kind, first_lane; /* in the view of latencies */
	unsigned claim;		       /* that is selected */
	bool claim_unfolded;	       /* it has most of the screen */
	unsigned top_of_claim;	       /* the first line of it that is seen then */
	struct timeline timeline;
	struct task_view tasks;
	unsigned n_rows, n_columns; /* of the grid, as it was last drawn */

	enum overlay overlay;
	unsigned choice;	   /* in the chooser */
	char prompt[PROMPT_BYTES]; /* what is being typed */

	char message[512];   /* one line for the user; "": none */
	const char *outcome; /* how the run ended, where there is no message; NULL: it goes on */
};

struct view {
	const char *title;
	const char *says; /* for the help */
	/* NULL: always. Where there is nothing to see in it, it has no tab. */
	bool (*is_there)(const struct settings *settings);
	void (*draw)(const struct state *state, const struct settings *settings, struct grid *grid);
	/* True when the command meant something here. */
	bool (*key)(const struct state *state, struct settings *settings, enum command command);
};

extern const struct view views[]; /* ends with title NULL */
enum {
	VIEW_LANES,
	VIEW_EVENTS,
	VIEW_CLAIMS,
	VIEW_TIMELINE,
	VIEW_TASKS,
	VIEW_LATENCY,
	VIEW_OUTPUT,
	VIEW_HELP,
	N_VIEWS
};

static inline bool view_is_there(const struct settings *settings, unsigned view)
{
	return !views[view].is_there || views[view].is_there(settings);
}

/* Draw the whole screen: frame, view, overlay. */
void view_draw(const struct state *state, const struct settings *settings, struct grid *grid);

/*
 * Take in one key. Returns what is left for the caller to do: DO_PAUSE and the rest of what runs;
 * DO_JOB and DO_TASKS only once a choice was made, which then stands in `choice` or `prompt`;
 * DO_SEARCH, DO_SEARCH_AGAIN and DO_JUMP where a recording is played, with the text that is to be found
 * in `search`, or the time in `prompt`; DO_JUDGE, DO_CHOOSE and DO_CLEAR only where claims are seen, of which `claim` is selected.
 */
enum command view_key(const struct state *state, struct settings *settings, char32_t key);

/* --- for the views -------------------------------------------------------------------------------- */

#define FRAME_TOP 2 /* rows above a view: title, sentence */

/* The rows that a view has: from FRAME_TOP to this one, which is not its own. */
static inline unsigned view_end(const struct grid *grid)
{
	return grid->n_rows > FRAME_TOP + 1 ? grid->n_rows - 1 : grid->n_rows;
}

/* The lines of a view that is a list below a rule; how the run ended stands below them. */
static inline unsigned view_page(const struct settings *settings)
{
	unsigned rest = FRAME_TOP + (settings->outcome ? 3 : 2);

	return settings->n_rows > rest ? settings->n_rows - rest : 1;
}

void frame_draw(const struct state *state, const struct settings *settings, struct grid *grid);
void overlay_draw(const struct settings *settings, struct grid *grid);
/* True when the overlay took the key; `command` is what it led to. */
bool overlay_key(const struct state *state, struct settings *settings, char32_t key,
		 enum command *command);

void lanes_draw(const struct state *state, const struct settings *settings, struct grid *grid);
bool lanes_key(const struct state *state, struct settings *settings, enum command command);
void events_draw(const struct state *state, const struct settings *settings, struct grid *grid);
bool events_key(const struct state *state, struct settings *settings, enum command command);
/* Find the next event above with the text that is searched for; the message tells if there is none. */
void events_search(const struct state *state, struct settings *settings, bool from_bottom);
void claims_draw(const struct state *state, const struct settings *settings, struct grid *grid);
bool claims_are_there(const struct settings *settings);
bool claims_key(const struct state *state, struct settings *settings, enum command command);
void timeline_draw(const struct state *state, const struct settings *settings, struct grid *grid);
bool timeline_key(const struct state *state, struct settings *settings, enum command command);
void tasks_draw(const struct state *state, const struct settings *settings, struct grid *grid);
bool tasks_key(const struct state *state, struct settings *settings, enum command command);
bool tasks_are_there(const struct settings *settings);
void latency_draw(const struct state *state, const struct settings *settings, struct grid *grid);
bool latency_key(const struct state *state, struct settings *settings, enum command command);
void output_draw(const struct state *state, const struct settings *settings, struct grid *grid);
bool output_key(const struct state *state, struct settings *settings, enum command command);
bool output_is_there(const struct settings *settings);
void help_draw(const struct state *state, const struct settings *settings, struct grid *grid);
bool help_key(const struct state *state, struct settings *settings, enum command command);

/* The colour of a lane: its model's, or one of the others. */
enum role lane_role(const struct state *state, unsigned lane);
enum role lane_role_soft(const struct state *state, unsigned lane);

/* One event on one row. */
void event_line_draw(struct grid *grid, unsigned row, const struct event *event,
		     const struct state *state, const struct settings *settings);

#endif
