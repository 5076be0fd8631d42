// SPDX-License-Identifier: GPL-2.0-only
/* csv.c - one table for all kinds of events: what a kind does not have is an empty field. */
#include "base/csv.h"

#include <stdlib.h>

#include "sink/columns.h"
#include "sink/formats.h"

struct sink_csv {
	struct sink sink; /* first: the sink is the whole */
	struct csv csv;
	struct sink_context context;
};

static void put_value(struct csv *csv, const struct value *value)
{
	switch (value->type) {
	case VALUE_NUMBER:
		csv_u64(csv, value->number);
		break;
	case VALUE_SIGNED:
		csv_i64(csv, value->with_sign);
		break;
	case VALUE_TEXT:
		csv_string(csv, value->text);
		break;
	case VALUE_NAME:
		csv_name(csv, value->text);
		break;
	case VALUE_NONE:
		csv_empty(csv);
		break;
	}
}

static void write_event(struct sink *sink, const struct event *event, const struct delta *delta)
{
	struct sink_csv *csv = (struct sink_csv *)sink;
	uint32_t kind = event->kind < N_EVENT_KINDS ? 1u << event->kind : 0;
	struct value value;

	(void)delta;
	if (!kind)
		return;
	for (const struct column *column = columns; column->name; column++) {
		value.type = VALUE_NONE;
		if (column->kinds & kind)
			column->get(&value, event, &csv->context);
		put_value(&csv->csv, &value);
	}
	csv_row_end(&csv->csv);
}

static int finish(struct sink *sink)
{
	return csv_finish(&((struct sink_csv *)sink)->csv);
}

static void free_sink(struct sink *sink)
{
	free(sink);
}

struct sink *sink_csv_new(FILE *out, const struct sink_context *context)
{
	struct sink_csv *csv = malloc(sizeof(*csv));

	if (!csv)
		return NULL;
	*csv = (struct sink_csv){ .sink = { write_event, finish, free_sink }, .context = *context };
	csv_init(&csv->csv, out);
	for (const struct column *column = columns; column->name; column++)
		csv_string(&csv->csv, column->name);
	csv_row_end(&csv->csv);
	return &csv->sink;
}
