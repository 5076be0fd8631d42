/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keys.h - the table of keys: what each does, for whoever reads keys, draws the bar or the help.
 */
#ifndef SWTCH_KEYS_H
#define SWTCH_KEYS_H

#include <stdbool.h>
#include <uchar.h>

/* A key is the character it types, or one of these, beyond Unicode. */
enum {
	KEY_OF_F0 = 0x200000, /* + n for Fn */
	KEY_OF_UP = 0x200040,
	KEY_OF_DOWN,
	KEY_OF_PAGE_UP,
	KEY_OF_PAGE_DOWN,
	KEY_OF_HOME,
	KEY_OF_END,
	KEY_OF_ENTER,
	KEY_OF_ESCAPE,
	KEY_OF_BACKSPACE,
	KEY_OF_TAB,
	KEY_OF_BACKTAB,
	KEY_OF_LEFT,
	KEY_OF_RIGHT,
};

enum command {
	DO_NOTHING,
	/* Settings of the screen; the view handles them. */
	DO_HELP,
	DO_NEXT_VIEW,
	DO_PREVIOUS_VIEW,
	DO_VIEW_1,
	DO_VIEW_2,
	DO_VIEW_3,
	DO_VIEW_4,
	DO_VIEW_5,
	DO_VIEW_6,
	DO_VIEW_7,
	DO_VIEW_8,
	DO_UP,
	DO_DOWN,
	DO_PAGE_UP,
	DO_PAGE_DOWN,
	DO_HOME,
	DO_END,
	DO_LEFT,
	DO_RIGHT,
	DO_ZOOM_IN,
	DO_ZOOM_OUT,
	DO_PAN_LEFT,
	DO_PAN_RIGHT,
	DO_FIT,
	DO_FLIP,     /* of tasks: the last first */
	DO_TREE,     /* with their processes, their programs, or without */
	DO_GO_ALONG, /* with the chosen task, wherever it is */
	DO_EVENT_BEFORE,
	DO_EVENT_AFTER,
	DO_SEARCH,
	DO_SEARCH_AGAIN,
	DO_FILTER,
	DO_CLEAR, /* Escape: close what is open, drop filter and search; what is left: stop judging */
	/* What runs; whoever wired the parts together handles them. */
	DO_PAUSE,
	DO_JOB,
	DO_TASKS,
	DO_MORE_TASKS,
	DO_FEWER_TASKS,
	DO_TURNS,
	DO_RATE,
	DO_RESTART,
	DO_JUDGE,
	DO_CHOOSE, /* Enter in a list: run what is selected, or unfold it */
	DO_WRITE,
	DO_RECORD,
	/* Of a recording that is played: likewise. */
	DO_SLOWER,
	DO_FASTER,
	DO_JUMP,
	DO_QUIT,
};

struct key_row {
	enum command command;
	char32_t keys[5];  /* 0 ends them */
	const char *shown; /* as the help names them */
	const char *label; /* in the bar below; NULL: not there */
	const char *says;  /* what it does, for the help */
};

extern const struct key_row key_table[]; /* ends with DO_NOTHING */

/* What is seen: the lab at work, programs of the user's, or a recording that is played. */
enum scenery { SCENERY_LAB, SCENERY_PROGRAMS, SCENERY_REPLAY, N_SCENERIES };

/* What the bar of a view (its index) says a key does there; NULL: it is not in the bar. */
const char *key_label(const struct key_row *row, unsigned view, enum scenery scenery);

/* What a key does; DO_NOTHING for one that is not in the table. */
enum command key_command(char32_t key);

/*
 * Scroll by the keys for it: *top is the first row shown, `last` the last that may be, `page` how many
 * a page moves. True when the command was one of them.
 */
bool scroll_key(unsigned *top, unsigned last, unsigned page, enum command command);

#endif
