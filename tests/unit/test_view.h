/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test_view.h - what the tests of views share: a made-up machine, watched for some seconds, and
 * screens held against golden files (UPDATE_GOLDEN=1 writes them anew).
 */
#ifndef SWTCH_TEST_VIEW_H
#define SWTCH_TEST_VIEW_H

#include "made_up_claims.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "source/source.h"
#include "state/blame.h"
#include "state/history.h"
#include "state/overview.h"
#include "state/spans.h"
#include "view/view.h"

struct machine {
	struct source *source;
	struct state *state;
	struct history *history;
	struct overview *overview;
	struct spans *spans;
	struct blame *blame;
	struct event_list *events;
	struct counts counts;
	struct figures figures;
	struct claim_board board;
	struct settings settings;
	struct grid grid;
};

static const struct job_line test_jobs[] = {
	{ "pingpong", "pairs pass a token to and fro" },
	{ "yield", "each counts and yields after every step" },
	{ "sleep", "each sleeps" },
};

static inline void take_in(const struct event *event, void *ctx)
{
	struct machine *machine = ctx;

	state_apply(machine->state, event, NULL);
	history_add(machine->history, event);
	overview_apply(machine->overview, event);
	spans_apply(machine->spans, event);
	blame_apply(machine->blame, event);
}

/* Let the machine run, measured ten times a second as the program does. */
static inline void machine_run(struct machine *machine, unsigned ms)
{
	for (unsigned at = 0; at < ms; at += 100) {
		source_synth_advance(machine->source, 100 * NS_PER_MS);
		assert_true(machine->source->poll(machine->source, take_in, machine) >= 0);
		assert_int_equal(machine->source->counts(machine->source, &machine->counts), 0);
		state_measure(machine->state, &machine->counts);
		figures_tick(&machine->figures, machine->state, machine->counts.time_ns);
	}
	assert_int_equal(event_list_update(machine->events, machine->history, machine->state,
					   machine->settings.filter),
			 0);
	machine->settings.elapsed_ns = machine->counts.time_ns - machine->settings.start_ns;
}

static inline void machine_open(struct machine *machine, unsigned n_cpus, unsigned n_tasks)
{
	static const char *const models[] = { "process", "thread", "coroutine" };

	*machine = (struct machine){ .source = source_synth_new(n_cpus, n_tasks, 1) };
	assert_non_null(machine->source);
	machine->state = state_new(n_cpus, machine->source->n_lanes);
	machine->history = history_new(1u << 16);
	machine->overview = overview_new(n_cpus, machine->source->n_lanes, 1u << 20);
	machine->spans = spans_new(machine->source->n_lanes);
	machine->blame = blame_new(machine->source->n_lanes);
	machine->events = event_list_new();
	assert_non_null(machine->state);
	assert_non_null(machine->history);
	assert_non_null(machine->overview);
	assert_non_null(machine->spans);
	assert_non_null(machine->blame);
	assert_non_null(machine->events);
	assert_int_equal(counts_init(&machine->counts, n_cpus, machine->source->n_lanes), 0);
	assert_int_equal(figures_init(&machine->figures, machine->state), 0);
	for (unsigned i = 0; i < 3; i++) {
		struct lane_label label = { .unit = "round trip", .phase = LANE_RUNNING };

		snprintf(label.name, sizeof(label.name), "%s", models[i]);
		snprintf(label.model, sizeof(label.model), "%s", models[i]);
		state_start_lane(machine->state, i + 1, &label);
	}
	made_board(&machine->board);
	machine->settings =
		(struct settings){ .job = "pingpong",
				   .shows = "pairs pass a token to and fro: what a switch costs",
				   .says = "pairs pass a token to and fro",
				   .together = true,
				   .n_tasks = n_tasks,
				   .rate_hz = 20000,
				   .running = true,
				   .jobs = test_jobs,
				   .n_jobs = 3,
				   .figures = &machine->figures,
				   .events = machine->events,
				   .timeline_events = machine->history,
				   .overview = machine->overview,
				   .spans = machine->spans,
				   .blame = machine->blame,
				   .board = &machine->board,
				   .start_ns = NS_PER_S,
				   .bottom = FOLLOW };
}

static inline void machine_close(struct machine *machine)
{
	grid_fini(&machine->grid);
	figures_fini(&machine->figures);
	counts_fini(&machine->counts);
	event_list_free(machine->events);
	overview_free(machine->overview);
	spans_free(machine->spans);
	blame_free(machine->blame);
	history_free(machine->history);
	state_free(machine->state);
	machine->source->free(machine->source);
}

static inline void machine_draw(struct machine *machine, unsigned n_columns, unsigned n_rows,
				bool ascii)
{
	grid_fini(&machine->grid);
	assert_int_equal(grid_init(&machine->grid, n_rows, n_columns, ascii), 0);
	machine->settings.n_rows = n_rows;
	machine->settings.n_columns = n_columns;
	do
		assert_int_equal(event_list_update(machine->events, machine->history,
						   machine->state, machine->settings.filter),
				 0);
	while (event_list_is_behind(machine->events));
	assert_int_equal(timeline_update(machine->state, &machine->settings), 0);
	view_draw(machine->state, &machine->settings, &machine->grid);
}

static inline enum command machine_key(struct machine *machine, char32_t key)
{
	enum command command = view_key(machine->state, &machine->settings, key);

	if (machine->settings.bottom != FOLLOW)
		event_list_keep(machine->events, machine->settings.bottom,
				machine->settings.n_rows);
	return command;
}

static inline void machine_type(struct machine *machine, const char *text)
{
	for (; *text; text++)
		machine_key(machine, (unsigned char)*text);
}

/* --- screens as text ------------------------------------------------------------------------------ */

static inline size_t put_utf8(char *out, char32_t glyph)
{
	if (glyph < 0x80) {
		out[0] = (char)glyph;
		return 1;
	}
	if (glyph < 0x800) {
		out[0] = (char)(0xc0 | glyph >> 6);
		out[1] = (char)(0x80 | (glyph & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | glyph >> 12);
	out[1] = (char)(0x80 | (glyph >> 6 & 0x3f));
	out[2] = (char)(0x80 | (glyph & 0x3f));
	return 3;
}

enum layer { GLYPHS, ROLES, ATTRIBUTES, N_LAYERS };

static inline char32_t layer_of(const struct cell *cell, enum layer layer)
{
	static const char roles[] = " .!*kLnmabcdefABCDEF";
	static const char attributes[] = " brX";

	_Static_assert(sizeof(roles) == N_ROLES + 1, "a letter for each role");
	if (layer == GLYPHS)
		return cell->glyph;
	if (layer == ATTRIBUTES)
		return (unsigned char)attributes[cell->attributes & 3];
	return cell->glyph == ' ' && cell->role < ROLE_KEY ? ' ' : (unsigned char)roles[cell->role];
}

/* Characters, then roles, then attributes; blanks at line ends are cut. For the caller to free. */
static inline char *screen_text(const struct grid *grid, enum layer last)
{
	static const char *const titles[] = { "", "--- roles\n", "--- attributes\n" };
	char *text = malloc((size_t)N_LAYERS * (grid->n_rows + 1) * (grid->n_columns * 3 + 32));
	size_t n = 0;

	assert_non_null(text);
	for (enum layer layer = GLYPHS; layer <= last; layer++) {
		n += (size_t)sprintf(text + n, "%s", titles[layer]);
		for (unsigned row = 0; row < grid->n_rows; row++) {
			size_t end = n;

			for (unsigned column = 0; column < grid->n_columns; column++) {
				char32_t glyph = layer_of(grid_at(grid, row, column), layer);

				n += put_utf8(text + n, glyph);
				end = glyph == ' ' ? end : n;
			}
			n = end;
			text[n++] = '\n';
		}
	}
	text[n] = '\0';
	return text;
}

static inline bool screen_has(const struct machine *machine, const char *words)
{
	char *text = screen_text(&machine->grid, GLYPHS);
	bool has = strstr(text, words) != NULL;

	free(text);
	return has;
}

static inline char *read_golden(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1u << 18);

	assert_non_null(text);
	if (!file)
		fail_msg("%s is missing: UPDATE_GOLDEN=1 writes it", path);
	text[fread(text, 1, (1u << 18) - 1, file)] = '\0';
	fclose(file);
	return text;
}

/* The screen as it is in tests/golden/view_NAME.txt. */
static inline void screen_is_golden(const struct machine *machine, const char *name)
{
	char *text = screen_text(&machine->grid, ATTRIBUTES), *golden;
	char path[128];

	snprintf(path, sizeof(path), "tests/golden/view_%s.txt", name);
	if (getenv("UPDATE_GOLDEN")) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	golden = read_golden(path);
	if (strcmp(text, golden) != 0)
		fail_msg("%s differs; what is drawn now:\n%s", path, text);
	free(golden);
	free(text);
}

/* No cell may hold what a terminal could take for more than one plain glyph. */
static inline void screen_is_harmless(const struct grid *grid)
{
	for (size_t i = 0; i < (size_t)grid->n_rows * grid->n_columns; i++) {
		char32_t glyph = grid->cells[i].glyph;

		assert_true(glyph >= 0x20 && !(glyph >= 0x7f && glyph < 0xa1) && glyph < 0x2600);
		if (grid->ascii)
			assert_true(glyph < 0x7f);
	}
}

#endif
