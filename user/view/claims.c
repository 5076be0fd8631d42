// SPDX-License-Identifier: GPL-2.0-only
/*
 * claims.c - what the lecture says and how it is judged: a list, and below it all about the one that
 * is selected.
 *
 * The list keeps its rows whatever is selected. Unfolded, most of the screen is the selected claim's,
 * of which the pages are turned, and the list shows its neighbours.
 */
#include "base/text.h"
#include "view/view.h"

#include <stdio.h>
#include <string.h>

#include "view/claim_rows.h"

#define ID_COLUMN	5  /* where what is said begins */
#define VERDICT_COLUMNS 18 /* "does not hold here" */
#define MAIN_COLUMNS	(VERDICT_COLUMNS + CLAIM_VALUE_COLUMNS + 3)
#define WIDE		112 /* columns, from which the spread and the bound are in the list too */
#define WIDE_COLUMNS	(CLAIM_SPREAD_COLUMNS + CLAIM_BOUND_COLUMNS + 2)
#define WIDEST		160 /* and from which it says of what */
#define N_NEIGHBOURS	5
#define DETAILS_MIN	6 /* rows; in fewer there is one figure, and one command */
#define BAR_COLUMNS	20

static const struct ink dim = { ROLE_DIM, 0 }, text = { ROLE_TEXT, 0 }, bold = { ROLE_TEXT, BOLD };

/* --- what goes where ---------------------------------------------------------------------------- */

struct layout {
	unsigned n_list, top;	     /* rows of the list, and the first claim of them */
	unsigned details, n_details; /* where the details' rule is; rows below it, 0: no room */
};

static struct layout lay_out(const struct settings *settings, unsigned end)
{
	struct layout layout = { 0 };
	unsigned n_rows = end > FRAME_TOP + 1 ? end - FRAME_TOP - 1 : 0;

	n_rows -= settings->outcome && n_rows; /* that has the last row */
	layout.n_list = n_rows < N_CLAIMS ? n_rows : N_CLAIMS;
	if (settings->claim_unfolded && n_rows > N_NEIGHBOURS + DETAILS_MIN)
		layout.n_list = N_NEIGHBOURS;
	if (n_rows > layout.n_list + 1)
		layout.n_details = n_rows - layout.n_list - 1;
	layout.details = FRAME_TOP + 1 + layout.n_list;
	layout.top = settings->claim > layout.n_list / 2 ? settings->claim - layout.n_list / 2 : 0;
	if (layout.top > N_CLAIMS - layout.n_list)
		layout.top = N_CLAIMS - layout.n_list;
	return layout;
}

/* --- the list ----------------------------------------------------------------------------------- */

static struct ink verdict_ink(enum judgement judgement)
{
	static const struct ink inks[] = {
		[NOT_DECIDED] = { ROLE_DIM, 0 },
		[HOLDS] = { ROLE_TEXT, BOLD },
		[DOES_NOT_HOLD] = { ROLE_NOTICE, BOLD },
	};

	return inks[judgement];
}

/* A figure of one lane has that lane's colour. */
static struct ink row_ink(const struct claim_row *row)
{
	return (struct ink){ row->lane ? ROLE_LANE + (enum role)(row->lane - 1) : ROLE_TEXT, 0 };
}

/* Its rounds are still to come. */
static bool is_open(const struct claim_board *board, const struct claim_result *result)
{
	return board->running && result->judgement == NOT_DECIDED &&
	       (result->n_rounds < JUDGE_ROUNDS_LEAST || result->wants_more);
}

static void draw_verdict(const struct claim_board *board, unsigned number, struct grid *grid,
			 unsigned row, unsigned column)
{
	const struct claim_result *result = &board->results[number];

	if (!board->began)
		grid_text(grid, row, column, VERDICT_COLUMNS, dim, "-");
	else if (is_open(board, result))
		grid_print(grid, row, column, VERDICT_COLUMNS, dim, "%u round%s", result->n_rounds,
			   result->n_rounds == 1 ? "" : "s");
	else
		grid_text(grid, row, column, VERDICT_COLUMNS, verdict_ink(result->judgement),
			  judgement_name(result->judgement));
}

/* What tells most of it, as far as there is room. */
static void draw_main(const struct claim_row *shown, struct grid *grid, unsigned row,
		      unsigned column)
{
	grid_right(grid, row, column, CLAIM_VALUE_COLUMNS, row_ink(shown), shown->value);
	if (grid->n_columns < WIDE)
		return;
	column += CLAIM_VALUE_COLUMNS + 1;
	grid_text(grid, row, column, CLAIM_SPREAD_COLUMNS, dim, shown->spread);
	grid_text(grid, row, column + CLAIM_SPREAD_COLUMNS + 1, CLAIM_BOUND_COLUMNS, dim,
		  shown->bound);
}

static void draw_claim(const struct settings *settings, unsigned number, struct grid *grid,
		       unsigned row)
{
	const struct claim_board *board = settings->board;
	unsigned right = MAIN_COLUMNS, width = grid->n_columns;
	struct claim_row shown;

	if (width >= WIDE)
		right += WIDE_COLUMNS;
	if (width >= WIDEST)
		right += CLAIM_NAME_COLUMNS + 2;
	if (board && board->claim == (int)number)
		grid_put(grid, row, 0, (struct ink){ ROLE_BRAND, BOLD }, U'>');
	grid_text(grid, row, 1, ID_COLUMN - 1, bold, claims[number].id);
	if (!board || width < ID_COLUMN + MAIN_COLUMNS + 8) {
		grid_text(grid, row, ID_COLUMN, width > ID_COLUMN ? width - ID_COLUMN : 0, text,
			  claims[number].says);
		return;
	}
	grid_text(grid, row, ID_COLUMN, width - right - ID_COLUMN, text, claims[number].says);
	draw_verdict(board, number, grid, row, width - right + 1);
	claim_main_row(&claims[number], &board->results[number], &shown);
	right -= VERDICT_COLUMNS + 2;
	if (width >= WIDEST) {
		grid_text(grid, row, width - right, CLAIM_NAME_COLUMNS, row_ink(&shown),
			  shown.name);
		right -= CLAIM_NAME_COLUMNS + 2;
	}
	draw_main(&shown, grid, row, width - right);
}

static void draw_list(const struct settings *settings, const struct layout *layout,
		      struct grid *grid)
{
	for (unsigned i = 0; i < layout->n_list; i++) {
		draw_claim(settings, layout->top + i, grid, FRAME_TOP + 1 + i);
		if (layout->top + i == settings->claim)
			grid_mark(grid, FRAME_TOP + 1 + i, 0, grid->n_columns, REVERSE);
	}
}

/* --- the head ----------------------------------------------------------------------------------- */

static void draw_progress(const struct claim_board *board, struct grid *grid)
{
	char left[NUMBER_SIZE];
	unsigned at = 1, width = grid->n_columns;

	at += grid_print(grid, FRAME_TOP, at, width, bold, " round %u of %u ", board->round,
			 board->n_rounds);
	if (at + BAR_COLUMNS < width) {
		for (unsigned i = 0; i < BAR_COLUMNS; i++)
			grid_put(grid, FRAME_TOP, at + i, dim, U' ');
		grid_bar(grid, FRAME_TOP, at, BAR_COLUMNS, (struct ink){ ROLE_BRAND, 0 },
			 board->share);
		at += BAR_COLUMNS;
	}
	if (at < width)
		grid_print(grid, FRAME_TOP, at, width - at, text, " %s left; J or Esc stops ",
			   number_clock(left, board->left_ns));
}

static void draw_head(const struct settings *settings, struct grid *grid)
{
	static const char keys[] = " J judge  Enter run  Right more ";
	const struct claim_board *board = settings->board;
	unsigned at = 1, width = grid->n_columns;
	char summary[96] = "not judged yet";

	grid_rule(grid, FRAME_TOP, 0, width);
	if (!board)
		return;
	if (board->running) {
		draw_progress(board, grid);
		return;
	}
	if (board->began)
		claim_summary(board, summary, sizeof(summary));
	at += grid_print(grid, FRAME_TOP, at, width - 1, bold, " %s ", summary);
	if (at + sizeof(keys) < width)
		grid_text(grid, FRAME_TOP, width - (unsigned)sizeof(keys), width, dim, keys);
}

/* --- details ------------------------------------------------------------------------------------ */

/* Lines are counted first, drawn second, by the same walk. */
struct page {
	struct grid *grid;    /* NULL: only count */
	unsigned row, n_rows; /* where its first row is, and how many it has */
	unsigned width, top;  /* in columns; the first line that is seen */
	unsigned n;	      /* lines so far */
};

/* The row of the next line; false: it is not seen. */
static bool next_row(struct page *page, unsigned *row)
{
	unsigned line = page->n++;

	if (!page->grid || line < page->top || line - page->top >= page->n_rows)
		return false;
	*row = page->row + line - page->top;
	return true;
}

/* Text from column `at` on, broken between words. */
static void put_text(struct page *page, unsigned at, struct ink ink, const char *words)
{
	unsigned room = page->width > at + 9 ? page->width - at - 1 : 8, row;

	while (*words) {
		const char *line = words;
		size_t n = words_wrap(&words, room);

		if (next_row(page, &row))
			grid_print(page->grid, row, at, room, ink, "%.*s", (int)n, line);
	}
}

static void draw_row(struct grid *grid, unsigned row, const struct claim_row *shown)
{
	unsigned at = CLAIM_MARK_COLUMNS + 1;

	grid_text(grid, row, 0, CLAIM_MARK_COLUMNS, verdict_ink(shown->judgement), shown->mark);
	grid_text(grid, row, at, CLAIM_NAME_COLUMNS, row_ink(shown), shown->name);
	at += CLAIM_NAME_COLUMNS;
	grid_right(grid, row, at, CLAIM_VALUE_COLUMNS, bold, shown->value);
	at += CLAIM_VALUE_COLUMNS + 1;
	grid_text(grid, row, at, CLAIM_SPREAD_COLUMNS, dim, shown->spread);
	at += CLAIM_SPREAD_COLUMNS + 1;
	grid_text(grid, row, at, CLAIM_BOUND_COLUMNS, text, shown->bound);
}

static void put_commands(struct page *page, const struct claim *claim)
{
	const char *options, *rest;
	char line[256];
	unsigned row, width = page->width > 24 ? page->width - 5 : 20;

	for (unsigned i = 0; (options = claim_command(claim, i)); i++)
		for (rest = options; claim_command_line(options, &rest, width < 200 ? width : 200,
							line, sizeof(line));)
			if (next_row(page, &row))
				grid_text(page->grid, row, 4, page->width - 4, dim, line);
}

static void put_how(struct page *page)
{
	const struct ink ink = { ROLE_NOTICE, 0 };

	put_text(page, 1, ink,
		 "J judges: all jobs in turn, each model alone, five rounds or more.");
	put_text(page, 1, ink, "It takes up to three minutes and ends what runs.");
}

static void put_note(struct page *page, const struct claim_result *result)
{
	put_text(page, 4, (struct ink){ ROLE_NOTICE, 0 }, result->note);
}

static void walk(struct page *page, const struct settings *settings)
{
	const struct claim *claim = &claims[settings->claim];
	const struct claim_board *board = settings->board;
	const struct claim_result *result = &board->results[settings->claim];
	struct claim_row shown;
	unsigned row;

	if (!board->began)
		put_how(page);
	put_text(page, 4, bold, claim->says);
	for (unsigned i = 0; claim_row(claim, result, i, &shown); i++)
		if (next_row(page, &row))
			draw_row(page->grid, row, &shown);
	put_note(page, result);
	put_commands(page, claim);
}

static unsigned n_lines(const struct settings *settings, unsigned width)
{
	struct page page = { .width = width };

	walk(&page, settings);
	return page.n;
}

/* The last first line that still fills the page. */
static unsigned last_top(const struct settings *settings, const struct layout *layout,
			 unsigned width)
{
	unsigned n = n_lines(settings, width);

	return n > layout->n_details ? n - layout->n_details : 0;
}

/* Above the details: the verdict, and how many lines of them are not seen. */
static void draw_rule(const struct settings *settings, const struct layout *layout,
		      struct grid *grid, unsigned n_more)
{
	const struct claim_result *result = &settings->board->results[settings->claim];
	unsigned width = grid->n_columns;

	if (is_open(settings->board, result))
		grid_print(grid, layout->details, 1, width - 1, dim, " %s %u round%s so far ",
			   claims[settings->claim].id, result->n_rounds,
			   result->n_rounds == 1 ? "" : "s");
	else if (settings->board->began)
		grid_print(grid, layout->details, 1, width - 1, verdict_ink(result->judgement),
			   " %s %s, %u round%s ", claims[settings->claim].id,
			   judgement_name(result->judgement), result->n_rounds,
			   result->n_rounds == 1 ? "" : "s");
	if (n_more && width > 60)
		grid_print(grid, layout->details, width - 26, 25, dim, " %3u lines more: %-5s ",
			   n_more, settings->claim_unfolded ? "PgDn" : "Right");
}

/* In few rows: what is to be done, or the main figure; then the command. */
static void draw_brief(const struct settings *settings, const struct layout *layout,
		       struct grid *grid)
{
	const struct claim *claim = &claims[settings->claim];
	struct page page = { .grid = grid,
			     .row = layout->details + 1,
			     .n_rows = layout->n_details,
			     .width = grid->n_columns };
	struct claim_row shown;
	unsigned row;

	if (!settings->board->began) {
		put_how(&page);
		return;
	}
	claim_main_row(claim, &settings->board->results[settings->claim], &shown);
	if (next_row(&page, &row))
		draw_row(grid, row, &shown);
	put_note(&page, &settings->board->results[settings->claim]);
	put_commands(&page, claim);
	draw_rule(settings, layout, grid, last_top(settings, layout, grid->n_columns));
}

static void draw_details(const struct settings *settings, const struct layout *layout,
			 struct grid *grid)
{
	struct page page = { .grid = grid,
			     .row = layout->details + 1,
			     .n_rows = layout->n_details,
			     .width = grid->n_columns };
	unsigned last = last_top(settings, layout, grid->n_columns);

	if (settings->claim_unfolded)
		page.top = settings->top_of_claim < last ? settings->top_of_claim : last;
	walk(&page, settings);
	draw_rule(settings, layout, grid, last > page.top ? last - page.top : 0);
}

bool claims_are_there(const struct settings *settings)
{
	return settings->board || !settings->tape;
}

void claims_draw(const struct state *state, const struct settings *settings, struct grid *grid)
{
	struct layout layout = lay_out(settings, view_end(grid));

	(void)state;
	if (view_end(grid) <= FRAME_TOP)
		return;
	draw_head(settings, grid);
	draw_list(settings, &layout, grid);
	if (!layout.n_details)
		return;
	grid_rule(grid, layout.details, 0, grid->n_columns);
	if (!settings->board)
		grid_text(grid, layout.details + 1, 1, grid->n_columns, dim,
			  "There is no lab here that could judge them.");
	else if (layout.n_details < DETAILS_MIN)
		draw_brief(settings, &layout, grid);
	else
		draw_details(settings, &layout, grid);
}

/* --- keys --------------------------------------------------------------------------------------- */

bool claims_key(const struct state *state, struct settings *settings, enum command command)
{
	unsigned end = settings->n_rows > FRAME_TOP + 1 ? settings->n_rows - 1 : settings->n_rows;
	struct layout layout = lay_out(settings, end);
	unsigned before = settings->claim;
	bool turns_pages = command == DO_PAGE_UP || command == DO_PAGE_DOWN;

	(void)state;
	if (command == DO_LEFT || command == DO_RIGHT) {
		settings->claim_unfolded = command == DO_RIGHT;
		settings->top_of_claim = 0;
		return true;
	}
	if (settings->claim_unfolded && settings->board && turns_pages)
		return scroll_key(&settings->top_of_claim,
				  last_top(settings, &layout, settings->n_columns),
				  layout.n_details ? layout.n_details : 1, command);
	if (!scroll_key(&settings->claim, N_CLAIMS - 1, layout.n_list ? layout.n_list : 1, command))
		return false;
	if (settings->claim != before)
		settings->top_of_claim = 0;
	return true;
}
