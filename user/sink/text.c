// SPDX-License-Identifier: GPL-2.0-only
/* text.c - a line for each event, for people. */
#include <stdlib.h>

#include "event/print.h"
#include "sink/columns.h"
#include "sink/formats.h"

struct sink_text {
	struct sink sink; /* first: the sink is the whole */
	struct sink_context context;
};

static void write_event(struct sink *sink, const struct event *event, const struct delta *delta)
{
	struct sink_text *text = (struct sink_text *)sink;
	char line[EVENT_LINE_SIZE];

	(void)delta;
	event_print(line, sizeof(line), event, text->context.names,
		    context_lane(&text->context, event), text->context.start_ns);
	writer_text(&sink->out, line);
	writer_char(&sink->out, '\n');
}

struct sink *sink_text_new(FILE *out, const struct sink_context *context)
{
	struct sink_text *text = malloc(sizeof(*text));

	if (!text)
		return NULL;
	sink_init(&text->sink, out, write_event);
	text->context = *context;
	return &text->sink;
}
