// SPDX-License-Identifier: GPL-2.0-only
/* jsonl.c - a JSON object a line, with the members that its kind of event has. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sink/formats.h"
#include "sink/recipe.h"

struct sink_jsonl {
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
		json_quote(out, value->text);
		break;
	case VALUE_NAME:
		json_quote_name(out, value->text);
		break;
	case VALUE_NONE:
		writer_put(out, "null", 4);
		break;
	}
}

/* How much of a name is that of an object: what stands before the dot. */
static size_t object_length(const struct column *column)
{
	const char *dot = column ? strchr(column->name, '.') : NULL;

	return dot ? (size_t)(dot - column->name) : 0;
}

/* Names of columns spell objects and members, and hold nothing to be escaped. */
static void put_words(struct text *words, const struct column *last, const struct column *column)
{
	size_t open = object_length(last), wanted = object_length(column);
	bool same = open && open == wanted && !memcmp(last->name, column->name, open);

	if (open && !same)
		text_char(words, '}');
	if (!column) {
		text_put(words, last ? "}\n" : "");
		return;
	}
	text_char(words, last ? ',' : '{');
	if (wanted && !same) {
		text_char(words, '"');
		for (size_t i = 0; i < wanted; i++)
			text_char(words, column->name[i]);
		text_put(words, "\":{");
	}
	text_char(words, '"');
	text_put(words, column->name + (wanted ? wanted + 1 : 0));
	text_put(words, "\":");
}

static void write_event(struct sink *sink, const struct event *event, const struct delta *delta)
{
	struct sink_jsonl *jsonl = (struct sink_jsonl *)sink;

	(void)delta;
	recipes_follow(&jsonl->recipes, &sink->out, event, &jsonl->context, put_value);
}

struct sink *sink_jsonl_new(FILE *out, const struct sink_context *context)
{
	struct sink_jsonl *jsonl = malloc(sizeof(*jsonl));

	if (!jsonl)
		return NULL;
	sink_init(&jsonl->sink, out, write_event);
	jsonl->context = *context;
	recipes_make(&jsonl->recipes, put_words);
	return &jsonl->sink;
}
