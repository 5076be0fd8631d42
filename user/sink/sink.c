// SPDX-License-Identifier: GPL-2.0-only
/* sink.c - the formats by name: adding one is a file and a row. */
#include <string.h>

#include "sink/formats.h"

const struct sink_format sink_formats[] = {
	{ "text", "a line for people", sink_text_new },
	{ "csv", "one table for all kinds, RFC 4180, names in the first row", sink_csv_new },
	{ "jsonl", "a JSON object a line", sink_jsonl_new },
	{ NULL, NULL, NULL },
};

const struct sink_format *sink_find(const char *name)
{
	for (const struct sink_format *format = sink_formats; format->name; format++)
		if (!strcmp(format->name, name))
			return format;
	return NULL;
}
