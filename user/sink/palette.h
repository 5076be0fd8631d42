/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * palette.h - the colours of lanes in what is exported: those that user/tui/theme.c has on a terminal
 * of 256. Constant; any thread may call.
 */
#ifndef SWTCH_PALETTE_H
#define SWTCH_PALETTE_H

#include "event/label.h"

extern const char *const lane_colours[N_LANE_HUES]; /* #rrggbb, by lane_hue() */

#define OTHER_COLOUR "#9aa0a6" /* tasks in no lane */

#endif
