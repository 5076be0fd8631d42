// SPDX-License-Identifier: GPL-2.0-only
/* grid.c - clipped drawing on cells, with a plain glyph for each that needs more than ASCII. */
#include "view/grid.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GLYPH_LINE     U'\u2500'
#define GLYPH_WALL     U'\u2502'
#define GLYPH_CROSS    U'\u253c'
#define GLYPH_ELLIPSIS U'\u2026'

int grid_init(struct grid *grid, unsigned n_rows, unsigned n_columns, bool ascii)
{
	*grid = (struct grid){ .n_rows = n_rows, .n_columns = n_columns, .ascii = ascii };
	grid->cells = calloc((size_t)n_rows * n_columns + 1, sizeof(*grid->cells));
	if (!grid->cells)
		return -ENOMEM;
	grid_clear(grid);
	return 0;
}

void grid_fini(struct grid *grid)
{
	free(grid->cells);
	*grid = (struct grid){ 0 };
}

void grid_clear(struct grid *grid)
{
	for (size_t i = 0; i < (size_t)grid->n_rows * grid->n_columns; i++)
		grid->cells[i] = (struct cell){ .glyph = U' ' };
}

struct cell *grid_at(const struct grid *grid, unsigned row, unsigned column)
{
	if (row >= grid->n_rows || column >= grid->n_columns)
		return NULL;
	return &grid->cells[(size_t)row * grid->n_columns + column];
}

/* What ASCII has for a glyph; '?' stands for those that nobody thought of. */
static char32_t plain(char32_t glyph)
{
	static const struct {
		char32_t first, last;
		const char *plain; /* one for each from first to last, or one for all */
	} map[] = {
		{ U'\u00b7', U'\u00b7', "." },	     { U'\u2013', U'\u2014', "-" },
		{ U'\u2026', U'\u2026', "~" },	     { U'\u2190', U'\u2193', "<^>v" },
		{ U'\u2500', U'\u2500', "-" },	     { U'\u2502', U'\u2502', "|" },
		{ U'\u250c', U'\u254b', "+" },	     { U'\u254c', U'\u254c', "-" },
		{ U'\u256d', U'\u2570', "+" },	     { U'\u2581', U'\u2588', "_.:-=+*#" },
		{ U'\u2589', U'\u258f', "==--..." }, { U'\u00d7', U'\u00d7', "x" },
		{ U'\u2571', U'\u2571', "/" },	     { U'\u2591', U'\u2593', ",o%" },
		{ U'\u25b2', U'\u25b2', "^" },	     { U'\u25b8', U'\u25b8', ">" },
		{ U'\u25bc', U'\u25bc', "v" },	     { U'\u25be', U'\u25be', "v" },
	};

	for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++) {
		if (glyph < map[i].first || glyph > map[i].last)
			continue;
		return (unsigned char)(map[i].plain[1] ? map[i].plain[glyph - map[i].first]
						       : map[i].plain[0]);
	}
	return U'?';
}

/* Blocks of characters that every terminal shows in one column. */
static bool one_column(char32_t glyph)
{
	static const struct {
		char32_t first, last;
	} narrow[] = {
		{ 0x20, 0x7e },	    { 0xa1, 0xac },	{ 0xae, 0x2ff },    { 0x370, 0x377 },
		{ 0x384, 0x482 },   { 0x48a, 0x52f },	{ 0x2010, 0x2027 }, { 0x2030, 0x205e },
		{ 0x2190, 0x21ff }, { 0x2500, 0x25fc },
	};

	for (size_t i = 0; i < sizeof(narrow) / sizeof(*narrow); i++)
		if (glyph >= narrow[i].first && glyph <= narrow[i].last)
			return true;
	return false;
}

void grid_put(struct grid *grid, unsigned row, unsigned column, struct ink ink, char32_t glyph)
{
	struct cell *cell = grid_at(grid, row, column);

	if (!cell)
		return;
	if (!one_column(glyph))
		glyph = U'?';
	if (grid->ascii && glyph > 0x7e)
		glyph = plain(glyph);
	*cell = (struct cell){ glyph, (uint8_t)ink.role, (uint8_t)ink.attributes };
}

/* The next character of UTF-8 text; U+FFFD for bytes that are none. Does not depend on a locale. */
static char32_t next_char(const unsigned char **text)
{
	static const unsigned char lead_bits[] = { 0x7f, 0, 0x1f, 0x0f, 0x07 };
	unsigned char first = *(*text)++;
	unsigned n = first < 0x80    ? 0
		     : first >= 0xf0 ? 4
		     : first >= 0xe0 ? 3
		     : first >= 0xc2 ? 2
				     : 1;
	char32_t glyph = first & lead_bits[n];

	if (n == 1 || first > 0xf4)
		return 0xfffd;
	for (unsigned i = 1; i < n; i++) {
		if ((**text & 0xc0) != 0x80)
			return 0xfffd;
		glyph = glyph << 6 | (*(*text)++ & 0x3f);
	}
	return glyph;
}

unsigned text_columns(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	unsigned n = 0;

	for (; *at; n++)
		next_char(&at);
	return n;
}

size_t text_clause(const char *text, unsigned width)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t clause = 0, word = 0;
	unsigned n = 0;

	for (; *at && n < width; n++) {
		size_t here = (size_t)(at - (const unsigned char *)text);

		if (strchr(",:;", *at) && at[1] == ' ')
			clause = here;
		if (*at == ' ')
			word = here;
		next_char(&at);
	}
	if (!*at)
		return strlen(text);
	if (*at == ' ')
		word = (size_t)(at - (const unsigned char *)text);
	return clause >= width / 4 ? clause
	       : word		   ? word
				   : (size_t)(at - (const unsigned char *)text);
}

unsigned grid_text(struct grid *grid, unsigned row, unsigned column, unsigned width, struct ink ink,
		   const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	unsigned n = 0;

	while (*at && n < width) {
		char32_t glyph = next_char(&at);

		if (n + 1 == width && *at)
			glyph = GLYPH_ELLIPSIS;
		grid_put(grid, row, column + n++, ink, glyph);
	}
	return n;
}

void grid_right(struct grid *grid, unsigned row, unsigned column, unsigned width, struct ink ink,
		const char *text)
{
	unsigned n = text_columns(text);

	grid_text(grid, row, n < width ? column + width - n : column, width, ink, text);
}

unsigned grid_print(struct grid *grid, unsigned row, unsigned column, unsigned width,
		    struct ink ink, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return grid_text(grid, row, column, width, ink, text);
}

/* `share` of n cells in eighths: at least one when there is anything, at most all. */
static unsigned eighths(unsigned n, double share)
{
	unsigned all = n * 8;

	if (!(share > 0) || !n)
		return 0;
	if (share >= 1)
		return all;
	return (unsigned)(share * all + 0.5) ? (unsigned)(share * all + 0.5) : 1;
}

void grid_bar(struct grid *grid, unsigned row, unsigned column, unsigned width, struct ink ink,
	      double share)
{
	unsigned n = eighths(width, share);

	for (unsigned i = 0; i < n / 8; i++)
		grid_put(grid, row, column + i, ink, U'\u2588');
	if (n % 8) /* U+2589 is seven eighths, U+258F one */
		grid_put(grid, row, column + n / 8, ink, U'\u2590' - n % 8);
}

void grid_column(struct grid *grid, unsigned row, unsigned column, unsigned n_rows, struct ink ink,
		 double share)
{
	unsigned n = eighths(n_rows, share);

	for (unsigned i = 0; i < n / 8; i++)
		grid_put(grid, row - i, column, ink, U'\u2588');
	if (n % 8) /* U+2581 is one eighth, U+2587 seven */
		grid_put(grid, row - n / 8, column, ink, U'\u2580' + n % 8);
}

void grid_rule(struct grid *grid, unsigned row, unsigned column, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		grid_put(grid, row, column + i, (struct ink){ ROLE_DIM, 0 }, GLYPH_LINE);
}

void grid_wall(struct grid *grid, unsigned row, unsigned column, unsigned n_rows)
{
	const char32_t line = grid->ascii ? U'-' : GLYPH_LINE;

	for (unsigned i = 0; i < n_rows; i++) {
		const struct cell *cell = grid_at(grid, row + i, column);
		const struct cell *right = grid_at(grid, row + i, column + 1);

		/* Words that stand on a rule go before the wall; the blank behind them is the rule's. */
		if (cell && cell->glyph == U' ' && right && right->glyph == line &&
		    right->role == ROLE_DIM)
			grid_put(grid, row + i, column, (struct ink){ ROLE_DIM, 0 }, line);
		if (cell && (cell->glyph == U' ' || cell->glyph == line))
			grid_put(grid, row + i, column, (struct ink){ ROLE_DIM, 0 },
				 cell->glyph == line ? GLYPH_CROSS : GLYPH_WALL);
	}
}

void grid_box(struct grid *grid, unsigned row, unsigned column, unsigned n_rows, unsigned n_columns,
	      const char *title)
{
	struct ink ink = { ROLE_DIM, 0 };

	if (n_rows < 2 || n_columns < 2)
		return;
	for (unsigned i = 0; i < n_rows; i++)
		for (unsigned j = 0; j < n_columns; j++)
			grid_put(grid, row + i, column + j, ink, U' ');
	grid_rule(grid, row, column, n_columns);
	grid_rule(grid, row + n_rows - 1, column, n_columns);
	for (unsigned i = 1; i + 1 < n_rows; i++) {
		grid_put(grid, row + i, column, ink, GLYPH_WALL);
		grid_put(grid, row + i, column + n_columns - 1, ink, GLYPH_WALL);
	}
	grid_put(grid, row, column, ink, U'\u256d');
	grid_put(grid, row, column + n_columns - 1, ink, U'\u256e');
	grid_put(grid, row + n_rows - 1, column, ink, U'\u2570');
	grid_put(grid, row + n_rows - 1, column + n_columns - 1, ink, U'\u256f');
	if (n_columns > 6)
		grid_print(grid, row, column + 2, n_columns - 4, (struct ink){ ROLE_TEXT, BOLD },
			   " %s ", title);
}

void grid_mark(struct grid *grid, unsigned row, unsigned column, unsigned width,
	       unsigned attributes)
{
	for (unsigned i = 0; i < width; i++) {
		struct cell *cell = grid_at(grid, row, column + i);

		if (cell)
			cell->attributes |= (uint8_t)attributes;
	}
}
