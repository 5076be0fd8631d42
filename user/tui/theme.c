// SPDX-License-Identifier: GPL-2.0-only
/*
 * theme.c - which colour a role is.
 *
 * Models: orange, blue and green of Okabe and Ito, which people who do not tell red from green can
 * tell apart; the soft ones are the same hues, darker. Where there are eight colours, yellow, cyan
 * and green. Without colour the columns say which model it is, and alarms are reversed.
 */
#include "tui/curses.h"

#define DEFAULT -1

static const struct {
	short rich, plain; /* foreground of 256 colours, of eight */
	short rich_behind, plain_behind;
	attr_t attributes; /* with colours */
	attr_t colorless;  /* without */
} theme[N_ROLES] = {
	[ROLE_TEXT] = { DEFAULT, DEFAULT, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_DIM] = { 244, COLOR_WHITE, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_ALARM] = { 203, COLOR_RED, DEFAULT, DEFAULT, 0, A_REVERSE },
	[ROLE_BRAND] = { 141, COLOR_MAGENTA, DEFAULT, DEFAULT, 0, A_BOLD },
	[ROLE_KEY] = { DEFAULT, DEFAULT, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LABEL] = { 16, COLOR_BLACK, 109, COLOR_CYAN, 0, A_REVERSE },
	[ROLE_NOTICE] = { 223, COLOR_YELLOW, DEFAULT, DEFAULT, 0, A_BOLD },
	[ROLE_MATCH] = { 16, COLOR_BLACK, 223, COLOR_YELLOW, 0, A_REVERSE },
	[ROLE_LANE + 0] = { 214, COLOR_YELLOW, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LANE + 1] = { 75, COLOR_CYAN, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LANE + 2] = { 78, COLOR_GREEN, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LANE + 3] = { 176, COLOR_MAGENTA, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LANE + 4] = { 187, COLOR_WHITE, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LANE + 5] = { 110, COLOR_BLUE, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LANE_SOFT + 0] = { 136, COLOR_YELLOW, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LANE_SOFT + 1] = { 67, COLOR_CYAN, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LANE_SOFT + 2] = { 65, COLOR_GREEN, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LANE_SOFT + 3] = { 96, COLOR_MAGENTA, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LANE_SOFT + 4] = { 101, COLOR_WHITE, DEFAULT, DEFAULT, 0, 0 },
	[ROLE_LANE_SOFT + 5] = { 67, COLOR_BLUE, DEFAULT, DEFAULT, 0, 0 },
};

void theme_init(struct look looks[N_ROLES], int n_colors)
{
	bool rich = n_colors >= 256;

	for (int i = 0; i < N_ROLES; i++) {
		if (n_colors < 8) {
			looks[i] = (struct look){ 0, theme[i].colorless };
			continue;
		}
		init_pair((short)(i + 1), rich ? theme[i].rich : theme[i].plain,
			  rich ? theme[i].rich_behind : theme[i].plain_behind);
		looks[i] = (struct look){ (short)(i + 1), theme[i].attributes };
	}
}
