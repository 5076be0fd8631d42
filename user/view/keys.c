// SPDX-License-Identifier: GPL-2.0-only
/* keys.c - the keys that users of htop know, and ours. */
#include "view/view.h"

#include <limits.h>

#define F(n) (KEY_OF_F0 + (n))

const struct key_row key_table[] = {
	{ DO_HELP, { F(1), 'h', '?' }, "F1 h ?", "Help", "this help, and back" },
	{ DO_JOB, { F(2), 'j' }, "F2 j", "Job", "choose the job" },
	{ DO_SEARCH,
	  { F(3), '/' },
	  "F3 /",
	  "Search",
	  "find an event: upwards; in the timeline and in replay the next; among tasks one" },
	{ DO_SEARCH_AGAIN, { 'n' }, "n", 0, "find the next one that way" },
	{ DO_FILTER,
	  { F(4), '\\' },
	  "F4 \\",
	  "Filter",
	  "show only events, or tasks, with this text" },
	{ DO_TURNS, { F(5), 't' }, "F5 t", "Turns", "models together, or one after another" },
	{ DO_RATE, { F(6), 'r' }, "F6 r", "Rate", "flat out, or a rate that all models hold" },
	{ DO_TASKS, { F(7), '#' }, "F7 #", "Tasks", "type the number of tasks" },
	{ DO_MORE_TASKS, { '+', '=' }, "+", 0, "twice as many tasks" },
	{ DO_FEWER_TASKS, { '-' }, "-", 0, "half as many tasks" },
	{ DO_RESTART, { 'R' }, "R", 0, "start the job again" },
	{ DO_JUDGE, { 'J' }, "J", 0, "in the claims: judge them, or stop that" },
	{ DO_CHOOSE,
	  { KEY_OF_ENTER },
	  "Enter",
	  "Unfold",
	  "claims: run what it is about; timeline: unfold a row, or fold it; tasks: why it left its CPU, "
	  "and who brought it back" },
	{ DO_ZOOM_IN, { 'z' }, "z", "In", "in the timeline: closer, around the cursor" },
	{ DO_ZOOM_OUT, { 'Z' }, "Z", "Out", "in the timeline: more of the time" },
	{ DO_PAN_LEFT,
	  { '<' },
	  "<",
	  "Back",
	  "in the timeline: half a screen back; tasks: sort by the column before" },
	{ DO_PAN_RIGHT,
	  { '>' },
	  ">",
	  "On",
	  "in the timeline: half a screen on; tasks: sort by the next column" },
	{ DO_FIT, { 'f' }, "f", 0, "in the timeline: all of the time there is" },
	{ DO_FLIP, { 'S' }, "S", "Flip", "tasks: the other way round" },
	{ DO_TREE,
	  { 'T' },
	  "T",
	  "Tree",
	  "tasks: below their processes, alone, or below their programs" },
	{ DO_GO_ALONG,
	  { 'F' },
	  "F",
	  "Follow",
	  "tasks: keep the chosen one in sight, wherever it goes" },
	{ DO_EVENT_BEFORE,
	  { ',' },
	  ",",
	  "Before",
	  "an event back: of the row in the timeline, else of all in replay" },
	{ DO_EVENT_AFTER, { '.' }, ".", "Next", "an event on: likewise" },
	{ DO_PAUSE, { ' ' }, "Space", "Pause", "freeze what is seen; counting goes on" },
	{ DO_SLOWER, { '[', '{' }, "[", "Slower", "in replay: half as fast" },
	{ DO_FASTER, { ']', '}' }, "]", "Faster", "in replay: twice as fast" },
	{ DO_JUMP, { '@', F(8) }, "@ F8", "Time", "in replay: go to a time, or 50%" },
	{ DO_WRITE, { 'w' }, "w", 0, "write the last events to a file" },
	{ DO_RECORD, { 'W' }, "W", 0, "record into a file from now on, and end that" },
	{ DO_NEXT_VIEW, { KEY_OF_TAB }, "Tab", 0, "the next view" },
	{ DO_PREVIOUS_VIEW, { KEY_OF_BACKTAB }, "Shift-Tab", 0, "the view before" },
	{ DO_VIEW_1, { '1' }, "1 to 8", 0, "the view of that number" },
	{ DO_VIEW_2, { '2' }, NULL, 0, NULL },
	{ DO_VIEW_3, { '3' }, NULL, 0, NULL },
	{ DO_VIEW_4, { '4' }, NULL, 0, NULL },
	{ DO_VIEW_5, { '5' }, NULL, 0, NULL },
	{ DO_VIEW_6, { '6' }, NULL, 0, NULL },
	{ DO_VIEW_7, { '7' }, NULL, 0, NULL },
	{ DO_VIEW_8, { '8' }, NULL, 0, NULL },
	{ DO_UP, { KEY_OF_UP }, "Up", 0, "scroll up; in the timeline and among tasks a row up" },
	{ DO_DOWN, { KEY_OF_DOWN }, "Down", 0, "scroll down; a row down" },
	{ DO_PAGE_UP, { KEY_OF_PAGE_UP }, "PgUp", 0, "a page up" },
	{ DO_PAGE_DOWN, { KEY_OF_PAGE_DOWN }, "PgDn", 0, "a page down" },
	{ DO_HOME, { KEY_OF_HOME, 'g' }, "Home", 0, "to the first; in the timeline to the start" },
	{ DO_END, { KEY_OF_END, 'G' }, "End", 0, "to the last; events then follow again" },
	{ DO_RIGHT,
	  { KEY_OF_RIGHT },
	  "Right",
	  0,
	  "all that a claim is judged by, PgDn for more of it; the timeline's cursor to the right" },
	{ DO_LEFT, { KEY_OF_LEFT }, "Left", 0, "all claims again; the cursor to the left" },
	{ DO_CLEAR, { KEY_OF_ESCAPE }, "Esc", 0, "close, or drop filter and search" },
	{ DO_QUIT, { F(10), 'q' }, "F10 q", "Quit", "end everything that runs, and leave" },
	{ DO_NOTHING, { 0 }, 0, 0, 0 },
};

/* The timeline has keys of its own, and no room for what is done elsewhere. */
#define NOWHERE	    0u
#define EVERYWHERE  UINT_MAX
#define IN_TIMELINE (1u << VIEW_TIMELINE)
#define IN_TASKS    (1u << VIEW_TASKS)
#define NOT_THERE   (~(IN_TIMELINE | IN_TASKS))

/* Keys that not every bar has: in which views it is there, 1 << VIEW_..., or'ed. */
static const struct {
	enum command command;
	unsigned in[N_SCENERIES];
} bars[] = {
	{ DO_JOB, { NOT_THERE, NOWHERE, NOWHERE } },
	{ DO_FILTER, { ~IN_TIMELINE, ~IN_TIMELINE, ~IN_TIMELINE } },
	{ DO_TURNS, { NOT_THERE, NOWHERE, NOWHERE } },
	{ DO_RATE, { NOT_THERE, NOWHERE, NOWHERE } },
	{ DO_TASKS, { NOT_THERE, NOWHERE, NOWHERE } },
	{ DO_CHOOSE, { IN_TIMELINE | IN_TASKS, IN_TIMELINE | IN_TASKS, IN_TIMELINE | IN_TASKS } },
	{ DO_ZOOM_IN, { IN_TIMELINE, IN_TIMELINE, IN_TIMELINE } },
	{ DO_ZOOM_OUT, { IN_TIMELINE, IN_TIMELINE, IN_TIMELINE } },
	{ DO_PAN_LEFT, { IN_TIMELINE | IN_TASKS, IN_TIMELINE | IN_TASKS, IN_TIMELINE | IN_TASKS } },
	{ DO_PAN_RIGHT,
	  { IN_TIMELINE | IN_TASKS, IN_TIMELINE | IN_TASKS, IN_TIMELINE | IN_TASKS } },
	{ DO_FLIP, { NOWHERE, NOWHERE, NOWHERE } }, /* there is no room for it */
	{ DO_TREE, { IN_TASKS, IN_TASKS, IN_TASKS } },
	{ DO_GO_ALONG, { IN_TASKS, IN_TASKS, IN_TASKS } },
	{ DO_EVENT_BEFORE, { IN_TIMELINE, IN_TIMELINE, EVERYWHERE } },
	{ DO_EVENT_AFTER, { IN_TIMELINE, IN_TIMELINE, EVERYWHERE } },
	{ DO_SLOWER, { NOWHERE, NOWHERE, EVERYWHERE } },
	{ DO_FASTER, { NOWHERE, NOWHERE, EVERYWHERE } },
	{ DO_JUMP, { NOWHERE, NOWHERE, EVERYWHERE } },
};

/* What is said of a key there in other words than elsewhere. */
static const struct {
	enum command command;
	unsigned view;
	const char *label;
} labels[] = {
	{ DO_CHOOSE, VIEW_TASKS, "Why" },
	{ DO_PAN_LEFT, VIEW_TASKS, "" },
	{ DO_PAN_RIGHT, VIEW_TASKS, "Sort" },
};

const char *key_label(const struct key_row *row, unsigned view, enum scenery scenery)
{
	for (unsigned i = 0; i < sizeof(bars) / sizeof(*bars); i++)
		if (bars[i].command == row->command && !(bars[i].in[scenery] >> view & 1))
			return NULL;
	for (unsigned i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		if (labels[i].command == row->command && labels[i].view == view)
			return labels[i].label;
	return row->label;
}

enum command key_command(char32_t key)
{
	for (const struct key_row *row = key_table; row->command; row++)
		for (unsigned i = 0; i < 5 && row->keys[i]; i++)
			if (row->keys[i] == key)
				return row->command;
	return DO_NOTHING;
}

bool scroll_key(unsigned *top, unsigned last, unsigned page, enum command command)
{
	unsigned at = *top;

	switch (command) {
	case DO_UP:
		at -= at > 0;
		break;
	case DO_DOWN:
		at++;
		break;
	case DO_PAGE_UP:
		at -= at < page ? at : page;
		break;
	case DO_PAGE_DOWN:
		at += page;
		break;
	case DO_HOME:
		at = 0;
		break;
	case DO_END:
		at = last;
		break;
	default:
		return false;
	}
	*top = at < last ? at : last;
	return true;
}
