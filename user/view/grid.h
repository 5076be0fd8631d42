/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * grid.h - a rectangle of cells that views draw on and tests read.
 *
 * Whatever is drawn is clipped, and no cell ever holds a control character or a glyph whose width
 * on a terminal is not known to be one column: those become '?'. In ASCII mode every glyph has a
 * plain one instead. Owned by who made it; one thread.
 */
#ifndef SWTCH_GRID_H
#define SWTCH_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

/* What a cell means; user/tui/theme.c says which colour that is. */
enum role {
	ROLE_TEXT,
	ROLE_DIM,   /* labels, rules, what is not ours */
	ROLE_ALARM, /* loss and failed audits, nothing else */
	ROLE_BRAND,
	ROLE_KEY,    /* the name of a key in the bar below */
	ROLE_LABEL,  /* and what it does */
	ROLE_NOTICE, /* a message, a pause */
	ROLE_MATCH,  /* found by a search */
	/* One for each model and for other lanes, twice: full, and soft for the past. */
	ROLE_LANE,
	N_LANE_ROLES = 6,
	ROLE_LANE_SOFT = ROLE_LANE + N_LANE_ROLES,
	N_ROLES = ROLE_LANE_SOFT + N_LANE_ROLES,
};

#define BOLD	1
#define REVERSE 2

struct cell {
	char32_t glyph;
	uint8_t role;
	uint8_t attributes;
};

struct grid {
	unsigned n_rows, n_columns;
	bool ascii;
	struct cell *cells; /* [row * n_columns + column] */
};

/* A way of writing: role and attributes. */
struct ink {
	enum role role;
	unsigned attributes;
};

/* Room for n_rows x n_columns blanks. 0 or -ENOMEM. grid_fini releases it; zeroed will do. */
int grid_init(struct grid *grid, unsigned n_rows, unsigned n_columns, bool ascii);
void grid_fini(struct grid *grid);
void grid_clear(struct grid *grid);

/* The cell there; NULL outside of the grid. */
struct cell *grid_at(const struct grid *grid, unsigned row, unsigned column);

void grid_put(struct grid *grid, unsigned row, unsigned column, struct ink ink, char32_t glyph);

/*
 * Text in at most `width` columns; what is longer ends with an ellipsis. Bytes that are not UTF-8
 * become '?'. grid_text returns how many columns it took; grid_right ends where the width does.
 */
unsigned grid_text(struct grid *grid, unsigned row, unsigned column, unsigned width, struct ink ink,
		   const char *text);
void grid_right(struct grid *grid, unsigned row, unsigned column, unsigned width, struct ink ink,
		const char *text);
unsigned text_columns(const char *text);

/* How many bytes of a sentence fit: all, or its last whole clause, or its last whole word. */
size_t text_clause(const char *text, unsigned width);

/* As grid_text with a format. */
unsigned grid_print(struct grid *grid, unsigned row, unsigned column, unsigned width,
		    struct ink ink, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* A bar from the left, `share` (0 to 1) of the width in eighths of a cell; above 0 it shows. */
void grid_bar(struct grid *grid, unsigned row, unsigned column, unsigned width, struct ink ink,
	      double share);

/* The height of a column of n_rows cells, its foot at `row`: `share` of it, in eighths. */
void grid_column(struct grid *grid, unsigned row, unsigned column, unsigned n_rows, struct ink ink,
		 double share);

/* A horizontal line; a vertical one that joins lines and leaves words alone. */
void grid_rule(struct grid *grid, unsigned row, unsigned column, unsigned width);
void grid_wall(struct grid *grid, unsigned row, unsigned column, unsigned n_rows);

/* An emptied box with a border and a title. */
void grid_box(struct grid *grid, unsigned row, unsigned column, unsigned n_rows, unsigned n_columns,
	      const char *title);

/* Give every cell of a stretch this attribute as well. */
void grid_mark(struct grid *grid, unsigned row, unsigned column, unsigned width,
	       unsigned attributes);

#endif
