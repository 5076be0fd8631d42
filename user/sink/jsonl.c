// SPDX-License-Identifier: GPL-2.0-only
/* jsonl.c - a JSON object a line, with the members that its kind of event has. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sink/columns.h"
#include "sink/formats.h"

#define OBJECT_NAME 16 /* room for what stands before the dot */

struct sink_jsonl {
	struct sink sink; /* first: the sink is the whole */
	struct json json;
	struct sink_context context;
};

static void put_value(struct json *json, const char *key, const struct value *value)
{
	switch (value->type) {
	case VALUE_NUMBER:
		json_u64(json, key, value->number);
		break;
	case VALUE_SIGNED:
		json_i64(json, key, value->with_sign);
		break;
	case VALUE_TEXT:
		json_string(json, key, value->text);
		break;
	case VALUE_NAME:
		json_name(json, key, value->text);
		break;
	case VALUE_NONE:
		json_null(json, key);
		break;
	}
}

/* Open and close the objects that the names of columns spell: `open` is the one before the dot. */
static const char *enter_object(struct json *json, const char *name, char open[OBJECT_NAME])
{
	const char *dot = strchr(name, '.');
	size_t length = dot ? (size_t)(dot - name) : 0;

	if (*open && (strlen(open) != length || memcmp(open, name, length) != 0)) {
		json_object_end(json);
		*open = '\0';
	}
	if (!dot)
		return name;
	if (!*open && length < OBJECT_NAME) {
		memcpy(open, name, length);
		open[length] = '\0';
		json_object(json, open);
	}
	return dot + 1;
}

static void write_event(struct sink *sink, const struct event *event, const struct delta *delta)
{
	struct sink_jsonl *jsonl = (struct sink_jsonl *)sink;
	uint32_t kind = event->kind < N_EVENT_KINDS ? 1u << event->kind : 0;
	char open[OBJECT_NAME] = "";
	struct value value;

	(void)delta;
	if (!kind)
		return;
	json_object(&jsonl->json, NULL);
	for (const struct column *column = columns; column->name; column++) {
		if (!(column->kinds & kind))
			continue;
		value.type = VALUE_NONE;
		column->get(&value, event, &jsonl->context);
		put_value(&jsonl->json, enter_object(&jsonl->json, column->name, open), &value);
	}
	if (*open)
		json_object_end(&jsonl->json);
	json_object_end(&jsonl->json);
	json_line(&jsonl->json);
}

static int finish(struct sink *sink)
{
	return json_finish(&((struct sink_jsonl *)sink)->json);
}

static void free_sink(struct sink *sink)
{
	free(sink);
}

struct sink *sink_jsonl_new(FILE *out, const struct sink_context *context)
{
	struct sink_jsonl *jsonl = malloc(sizeof(*jsonl));

	if (!jsonl)
		return NULL;
	*jsonl = (struct sink_jsonl){ .sink = { write_event, finish, free_sink },
				      .context = *context };
	json_init(&jsonl->json, out);
	return &jsonl->sink;
}
