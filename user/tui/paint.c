// SPDX-License-Identifier: GPL-2.0-only
/* paint.c - a grid of cells onto the screen. */
#include "tui/curses.h"

static void put(unsigned row, unsigned column, const struct cell *cell, const struct look *look)
{
	wchar_t glyph[2] = { (wchar_t)cell->glyph, 0 };
	attr_t attributes = look->attributes;
	cchar_t complex;

	if (cell->attributes & BOLD)
		attributes |= A_BOLD;
	if (cell->attributes & REVERSE)
		attributes ^= A_REVERSE;
	if (setcchar(&complex, glyph, attributes, look->pair, NULL) == OK)
		mvadd_wch((int)row, (int)column, &complex);
}

static bool same(const struct cell *a, const struct cell *b)
{
	return a->glyph == b->glyph && a->role == b->role && a->attributes == b->attributes;
}

void paint_grid(const struct grid *grid, struct grid *shown, const struct look looks[N_ROLES])
{
	bool all = shown->n_rows != grid->n_rows || shown->n_columns != grid->n_columns;

	if (all) {
		grid_fini(shown);
		if (grid_init(shown, grid->n_rows, grid->n_columns, grid->ascii))
			return; /* no memory for a frame: the next one tries again */
		erase();
	}
	for (unsigned row = 0; row < grid->n_rows; row++) {
		for (unsigned column = 0; column < grid->n_columns; column++) {
			const struct cell *cell = grid_at(grid, row, column);
			struct cell *before = grid_at(shown, row, column);

			if (!all && same(cell, before))
				continue;
			put(row, column, cell, &looks[cell->role < N_ROLES ? cell->role : 0]);
			*before = *cell;
		}
	}
	refresh();
}
