// SPDX-License-Identifier: GPL-2.0-only
/* csv.c - one table for all kinds of events: what a kind does not have is an empty field. */
#include "base/csv.h"

#include <stdlib.h>

#include "sink/formats.h"
#include "sink/recipe.h"

struct sink_csv {
	struct sink sink; /* first: the sink is the whole */
	struct sink_context context;
	struct recipes recipes;
};

static void put_value(struct writer *out, const struct value *value)
{
	switch (value->type) {
	case VALUE_NUMBER:
		writer_u64(out, value->number);
		break;
	case VALUE_SIGNED:
		writer_i64(out, value->with_sign);
		break;
	case VALUE_TEXT:
		csv_text(out, value->text);
		break;
	case VALUE_NAME:
		csv_raw_name(out, value->text);
		break;
	case VALUE_NONE:
		break;
	}
}

/* A comma for each field that was passed, empty or not. */
static void put_words(struct text *words, const struct column *last, const struct column *column)
{
	const struct column *at = last ? last : columns;

	if (!last && !column)
		return;
	for (; at != column && at->name; at++)
		if (column || at[1].name)
			text_char(words, ',');
	text_put(words, column ? "" : "\n");
}

static void write_event(struct sink *sink, const struct event *event, const struct delta *delta)
{
	struct sink_csv *csv = (struct sink_csv *)sink;

	(void)delta;
	recipes_follow(&csv->recipes, &sink->out, event, &csv->context, put_value);
}

struct sink *sink_csv_new(FILE *out, const struct sink_context *context)
{
	struct sink_csv *sink = malloc(sizeof(*sink));
	struct csv head;

	if (!sink)
		return NULL;
	sink_init(&sink->sink, out, write_event);
	sink->context = *context;
	recipes_make(&sink->recipes, put_words);
	csv_init(&head, &sink->sink.out);
	for (const struct column *column = columns; column->name; column++)
		csv_string(&head, column->name);
	csv_row_end(&head);
	return &sink->sink;
}
