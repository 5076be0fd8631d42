// SPDX-License-Identifier: GPL-2.0-only
/* tape_items.c - lanes and runs as a recording has them. */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "event/recording.h"
#include "source/tape_private.h"

/* --- text ---------------------------------------------------------------------------------------- */

/* Bytes of a file as text that can be shown anywhere, cut at the room there is. */
static void copy_text(char *out, size_t size, const struct wire_field *field)
{
	char text[512] = "";
	size_t n = field->type == WIRE_BYTES ? field->n : 0;

	n = n < sizeof(text) ? n : sizeof(text) - 1;
	if (n)
		memcpy(text, field->bytes, n);
	text[n] = '\0';
	escape_again(out, size, text);
}

#define COPY(to, field) copy_text(to, sizeof(to), field)

/* --- figures: kept by the tape, each table once, as labels point to them ---------------------------- */

struct figure_text {
	char name[48], head[96], brief[24];
};

struct figure_table {
	struct lab_figure figures[LAB_N_FIGURES + 1];
	struct figure_text texts[LAB_N_FIGURES];
	char latency[64];
	unsigned n;
};

static void read_figure(struct figure_table *table, struct wire_in in)
{
	struct figure_text *text = &table->texts[table->n];
	struct lab_figure *figure = &table->figures[table->n];
	struct wire_field field;
	bool has_brief = false;

	while (wire_next(&in, &field)) {
		if (field.number == FIGURE_NAME) {
			COPY(text->name, &field);
		} else if (field.number == FIGURE_HEAD) {
			COPY(text->head, &field);
		} else if (field.number == FIGURE_ALARM) {
			figure->alarm = field.value != 0;
		} else if (field.number == FIGURE_BRIEF) {
			COPY(text->brief, &field);
			has_brief = true;
		}
	}
	figure->name = text->name;
	figure->head = text->head;
	figure->brief = has_brief ? text->brief : NULL;
	if (*text->name)
		table->n++;
}

static bool is_same(const struct figure_table *a, const struct figure_table *b)
{
	if (a->n != b->n || memcmp(a->texts, b->texts, sizeof(a->texts)) != 0 ||
	    strcmp(a->latency, b->latency) != 0)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (a->figures[i].alarm != b->figures[i].alarm)
			return false;
	return true;
}

/* The table that has the same, or the new one; NULL when there is no room for one more. */
static const struct figure_table *keep(struct tape *tape, struct figure_table *table)
{
	for (unsigned i = 0; i < tape->n_tables; i++) {
		if (!is_same(tape->tables[i], table))
			continue;
		free(table);
		return tape->tables[i];
	}
	if (tape->n_tables < TAPE_N_FIGURES_MAX)
		return tape->tables[tape->n_tables++] = table;
	free(table);
	return NULL;
}

void tape_free_tables(struct tape *tape)
{
	for (unsigned i = 0; i < tape->n_tables; i++)
		free(tape->tables[i]);
}

static void read_figures(struct tape *tape, struct wire_in in, struct lane_label *label)
{
	struct figure_table *table = calloc(1, sizeof(*table));
	const struct figure_table *kept;
	struct wire_field field;

	while (table && wire_next(&in, &field)) {
		if (field.number == LANE_FIGURE && table->n < LAB_N_FIGURES)
			read_figure(table, wire_inside(&field));
		else if (field.number == LANE_LATENCY)
			COPY(table->latency, &field);
	}
	if (!table || (!table->n && !*table->latency)) {
		free(table);
		return;
	}
	kept = keep(tape, table);
	if (kept && kept->n)
		label->figures = kept->figures;
	if (kept && *kept->latency)
		label->latency = kept->latency;
}

/* --- messages --------------------------------------------------------------------------------------- */

bool tape_read_lane(struct tape *tape, struct wire_in in, unsigned *lane, struct lane_label *label,
		    bool *starts)
{
	struct wire_in all = in;
	struct wire_field field;

	*label = (struct lane_label){ 0 };
	*lane = 0;
	*starts = false;
	while (wire_next(&in, &field)) {
		switch (field.number) {
		case LANE_NUMBER:
			*lane = field.value < N_LANES_MAX ? (unsigned)field.value : N_LANES_MAX;
			break;
		case LANE_STARTS:
			*starts = field.value != 0;
			break;
		case LANE_NAME:
			COPY(label->name, &field);
			break;
		case LANE_MODEL:
			COPY(label->model, &field);
			break;
		case LANE_VIA:
			COPY(label->via, &field);
			break;
		case LANE_SYNC:
			COPY(label->sync, &field);
			break;
		case LANE_UNIT:
			COPY(label->unit, &field);
			break;
		case LANE_NOTE:
			COPY(label->note, &field);
			break;
		case LANE_PHASE:
			label->phase = field.value <= LANE_FAILED ? (enum lane_phase)field.value
								  : LANE_UNUSED;
			break;
		case LANE_APART:
			label->is_apart = field.value != 0;
			break;
		}
	}
	read_figures(tape, all, label);
	return !in.broken && *lane < tape->facts.n_lanes;
}

static void read_walls(struct wire_in in, struct run_facts *run)
{
	for (unsigned lane = 0; lane < N_LANES_MAX && wire_more(&in); lane++)
		run->lane_wall_ns[lane] = wire_number(&in);
}

bool tape_read_run(const struct tape *tape, struct wire_in in, struct run_facts *run)
{
	struct wire_field field;

	*run = (struct run_facts){ 0 };
	while (wire_next(&in, &field)) {
		switch (field.number) {
		case RUN_KIND:
			COPY(run->kind, &field);
			break;
		case RUN_JOB:
			COPY(run->job, &field);
			break;
		case RUN_SAYS:
			COPY(run->says, &field);
			break;
		case RUN_SHOWS:
			COPY(run->shows, &field);
			break;
		case RUN_MODE:
			COPY(run->mode, &field);
			break;
		case RUN_KERNEL:
			COPY(run->kernel, &field);
			break;
		case RUN_N_TASKS:
			run->n_tasks = (unsigned)field.value;
			break;
		case RUN_RATE:
			run->rate_hz = field.value;
			break;
		case RUN_START:
			run->start_ns = field.value - tape->offset_ns;
			break;
		case RUN_WALL:
			run->wall_ns = field.value;
			break;
		case RUN_ENDED:
			run->has_ended = field.value != 0;
			break;
		case RUN_LANE_WALL:
			read_walls(wire_inside(&field), run);
			break;
		}
	}
	return !in.broken;
}
