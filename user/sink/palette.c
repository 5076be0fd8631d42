// SPDX-License-Identifier: GPL-2.0-only
/* palette.c - 214, 75, 78, 176, 187 and 110 of a terminal's colours. */
#include "sink/palette.h"

const char *const lane_colours[N_LANE_HUES] = { "#ffaf00", "#5fafff", "#5fd787",
						"#d787d7", "#d7d7af", "#87afd7" };
