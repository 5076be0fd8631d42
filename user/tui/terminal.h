/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * terminal.h - the terminal: taken, drawn on, listened to, and given back as it was on every exit (guard.h).
 *
 * With theme.c, paint.c and keys.c the only user of ncurses. One terminal a program, one thread.
 */
#ifndef SWTCH_TERMINAL_H
#define SWTCH_TERMINAL_H

#include <stdbool.h>

#include "base/error.h"
#include "view/grid.h"
#include "view/keys.h"

struct terminal;

/* 0 when stdin and stdout are a terminal that can be drawn on; -errno with `error` set. */
int terminal_check(struct error *error);

struct terminal_wishes {
	bool no_color; /* NO_COLOR in the environment wishes it too */
	bool ascii;    /* a locale that is not UTF-8 forces it */
};

/*
 * Take stdin and stdout. NULL with `error` set, before anything was drawn: not a terminal, or a
 * TERM that is unknown or cannot place its cursor. From here to terminal_free() SIGINT, SIGTERM,
 * SIGHUP and SIGWINCH are terminal_wait()'s.
 */
struct terminal *terminal_new(const struct terminal_wishes *wishes, struct error *error);

/* The terminal as it was before. NULL will do. */
void terminal_free(struct terminal *terminal);

/* What the grid should be: rows, columns, ASCII or not. */
void terminal_size(const struct terminal *terminal, unsigned *n_rows, unsigned *n_columns);
bool terminal_is_ascii(const struct terminal *terminal);

/* Show the grid: what changed since the last one goes out. */
void terminal_paint(struct terminal *terminal, const struct grid *grid);

/* Everything is drawn anew next time (Ctrl-L, a resize). */
void terminal_repaint(struct terminal *terminal);

enum terminal_event {
	TERMINAL_TICK,	  /* nothing came before the time was over */
	TERMINAL_KEY,	  /* *key holds it */
	TERMINAL_RESIZED, /* ask for the size again */
	TERMINAL_SIGNAL,  /* asked to end */
	TERMINAL_GONE,	  /* the terminal was closed */
};

/* Wait for a key or a signal, at most so many ms. */
enum terminal_event terminal_wait(struct terminal *terminal, int timeout_ms, char32_t *key);

#endif
