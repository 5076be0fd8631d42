/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * svg_data.h - what an SVG timeline is drawn from: stretches while they are few, and in any case how
 * each lane shares in each column of each CPU. Owned by the sink; one thread.
 */
#ifndef SWTCH_SVG_DATA_H
#define SWTCH_SVG_DATA_H

#include "sink/sink.h"
#include "sink/tracks.h"

#define SVG_STRETCHES_MAX 3000 /* that are drawn one by one */
#define SVG_MARKS_MAX	  300
#define SVG_COLUMN	  2 /* pixels */
#define SVG_N_COLUMNS	  550
#define SVG_PLOT	  (SVG_N_COLUMNS * SVG_COLUMN) /* pixels from from_ns to to_ns */
#define SVG_LABEL	  64			       /* of a task */

struct svg_stretch {
	struct stretch stretch;
	char name[SVG_LABEL]; /* escaped; as it was then */
};

/* A clone or an exit. */
struct svg_mark {
	uint64_t time_ns;
	uint16_t cpu;
	bool ends; /* else: made */
	uint8_t lane;
};

struct svg_data {
	struct sink_context context;
	uint64_t n_stretches; /* of all */
	struct svg_stretch stretches[SVG_STRETCHES_MAX];
	uint64_t n_marks;
	struct svg_mark marks[SVG_MARKS_MAX];
	uint64_t n_lost, n_gaps; /* lost: as far as gaps tell how many */
	bool used[N_LANES_MAX];
	bool *cpu_used; /* [n_cpus] */
	float *shares;	/* ns: [(cpu * SVG_N_COLUMNS + column) * N_LANES_MAX + lane] */
};

/* Too many to be drawn one by one. */
static inline bool svg_is_thick(const struct svg_data *data)
{
	return data->n_stretches > SVG_STRETCHES_MAX;
}

static inline float *svg_shares(const struct svg_data *data, unsigned cpu, unsigned column)
{
	return &data->shares[((size_t)cpu * SVG_N_COLUMNS + column) * N_LANES_MAX];
}

/* Draw all of it. */
void svg_draw(const struct svg_data *data, struct writer *out);

#endif
