// SPDX-License-Identifier: GPL-2.0-only
/* sink.c - the formats by name: adding one is a file and a row. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sink/formats.h"

const struct sink_format sink_formats[] = {
	{ "text", "a line for people", "txt log text", true, sink_text_new },
	{ "csv", "one table for all kinds, RFC 4180, names in the first row", "csv", true,
	  sink_csv_new },
	{ "jsonl", "a JSON object a line", "jsonl ndjson", true, sink_jsonl_new },
	{ "chrome", "Trace Event JSON, for viewers of traces", "json", false, sink_chrome_new },
	{ "html", "a page to look at: timeline, table, histograms", "html htm", false,
	  sink_html_new },
	{ "svg", "the timeline, for a page", "svg", false, sink_svg_new },
	{ NULL, NULL, NULL, false, NULL },
};

const struct sink_format *sink_find(const char *name)
{
	for (const struct sink_format *format = sink_formats; format->name; format++)
		if (!strcmp(format->name, name))
			return format;
	return NULL;
}

const struct sink_format *sink_of_file(const char *path)
{
	const char *dot = strrchr(path, '.');
	size_t length = dot ? strlen(dot + 1) : 0;

	if (!length || strchr(dot, '/') || strchr(dot, ' '))
		return NULL;
	for (const struct sink_format *format = sink_formats; format->name; format++)
		for (const char *at = format->endings; at; at = strchr(at, ' ')) {
			at += *at == ' ';
			if (strcspn(at, " ") == length && !strncasecmp(at, dot + 1, length))
				return format;
		}
	return NULL;
}

void sink_list(char *list, size_t size, bool logs)
{
	struct text text;

	text_init(&text, list, size);
	for (const struct sink_format *format = sink_formats; format->name; format++) {
		if (logs && !format->is_log)
			continue;
		text_put(&text, text.length ? ", " : "");
		text_put(&text, format->name);
	}
}

void sink_init(struct sink *sink, FILE *out,
	       void (*event)(struct sink *sink, const struct event *event,
			     const struct delta *delta))
{
	sink->event = event;
	sink->pass = NULL;
	sink->end = NULL;
	sink->fini = NULL;
	writer_init(&sink->out, out);
}

int sink_flush(struct sink *sink)
{
	return writer_flush(&sink->out);
}

int sink_finish(struct sink *sink)
{
	if (sink->end)
		sink->end(sink);
	return sink_flush(sink);
}

void sink_free(struct sink *sink)
{
	if (sink && sink->fini)
		sink->fini(sink);
	free(sink);
}
