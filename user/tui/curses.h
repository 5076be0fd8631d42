/* SPDX-License-Identifier: GPL-2.0-only */
/* curses.h - what the files of tui/ share: ncurses, and the pieces that know it. */
#ifndef SWTCH_CURSES_H
#define SWTCH_CURSES_H

#define NCURSES_WIDECHAR 1
#include <ncurses.h>

#include "view/grid.h"

/* How a role looks on this terminal. */
struct look {
	short pair;
	attr_t attributes;
};

/* Fill looks[N_ROLES] for the colours there are (0: none), after start_color(). */
void theme_init(struct look looks[N_ROLES], int n_colors);

/* Write the cells that differ from `shown`, which becomes equal; of another size: all of them. */
void paint_grid(const struct grid *grid, struct grid *shown, const struct look looks[N_ROLES]);

/* The key that ncurses read; 0 for one that nobody knows. `is_code`: one of its KEY_*. */
char32_t key_translate(wint_t code, bool is_code);

#endif
