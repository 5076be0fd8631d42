/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * label.h - what a lane is called and how it stands: set by who starts it, or read from a recording.
 *
 * Strings are ours or escaped, never raw.
 */
#ifndef SWTCH_LABEL_H
#define SWTCH_LABEL_H

#include <stdbool.h>

#include "event/area.h"

#define LANE_NAME_LEN 32

enum lane_phase {
	LANE_UNUSED,
	LANE_WAITING, /* its turn has not come */
	LANE_RUNNING,
	LANE_ENDED,
	LANE_FAILED, /* `note` says why */
};

struct lane_label {
	char name[LANE_NAME_LEN];
	char model[16]; /* "" for a command */
	char via[16];	/* how its tasks communicate and synchronise; "" where they do not */
	char sync[16];
	char unit[24]; /* of work; "" where there is none */
	char note[256];
	enum lane_phase phase;
	bool is_apart; /* it keeps others at work: shown behind them, or in a line below */
	const struct lab_figure *figures; /* what it counts beside units; NULL: nothing */
	const char *latency;		  /* what it measures the latency of; NULL: nothing */
};

#define N_LANE_HUES 6

/* Which of N_LANE_HUES colours a lane has, in every view and export: that of its model, or another. */
unsigned lane_hue(const struct lane_label *label, unsigned lane);

#endif
