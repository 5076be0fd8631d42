// SPDX-License-Identifier: GPL-2.0-only
/* text.c - a line for each event, for people. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event/print.h"
#include "sink/columns.h"
#include "sink/formats.h"

struct sink_text {
	struct sink sink; /* first: the sink is the whole */
	FILE *out;
	int err; /* first errno of a write */
	struct sink_context context;
};

static void write_event(struct sink *sink, const struct event *event, const struct delta *delta)
{
	struct sink_text *text = (struct sink_text *)sink;
	char line[EVENT_LINE_SIZE + 1];
	size_t length;

	(void)delta;
	event_print(line, EVENT_LINE_SIZE, event, text->context.names,
		    context_lane(&text->context, event), text->context.start_ns);
	length = strlen(line);
	line[length++] = '\n';
	if (fwrite_unlocked(line, 1, length, text->out) != length && !text->err)
		text->err = errno ? errno : EIO;
}

static int finish(struct sink *sink)
{
	struct sink_text *text = (struct sink_text *)sink;

	if (fflush(text->out) && !text->err)
		text->err = errno ? errno : EIO;
	return -text->err;
}

static void free_sink(struct sink *sink)
{
	free(sink);
}

struct sink *sink_text_new(FILE *out, const struct sink_context *context)
{
	struct sink_text *text = calloc(1, sizeof(*text));

	if (!text)
		return NULL;
	text->sink = (struct sink){ write_event, finish, free_sink };
	text->out = out;
	text->context = *context;
	return &text->sink;
}
