// SPDX-License-Identifier: GPL-2.0-only
/* csv.c - commas, quotes, numbers. */
#include "base/csv.h"

#include <string.h>

#include "base/escape.h"

void csv_init(struct csv *csv, struct writer *out)
{
	*csv = (struct csv){ .out = out };
}

static void begin_field(struct csv *csv)
{
	if (csv->filled)
		writer_char(csv->out, ',');
	csv->filled = true;
}

void csv_text(struct writer *out, const char *value)
{
	bool quoted = strpbrk(value, ",\"\r\n") != NULL;

	if (quoted)
		writer_char(out, '"');
	if (*value && strchr("=+-@\t\r", *value))
		writer_char(out, '\'');
	while (*value) {
		size_t plain = strcspn(value, "\"");

		writer_put(out, value, plain);
		value += plain;
		if (*value) {
			writer_put(out, "\"\"", 2);
			value++;
		}
	}
	if (quoted)
		writer_char(out, '"');
}

void csv_raw_name(struct writer *out, const char *raw)
{
	char shown[ESCAPED_SIZE(64)];

	escape_name(shown, sizeof(shown), raw);
	csv_text(out, shown);
}

void csv_string(struct csv *csv, const char *value)
{
	begin_field(csv);
	csv_text(csv->out, value);
}

void csv_name(struct csv *csv, const char *raw)
{
	begin_field(csv);
	csv_raw_name(csv->out, raw);
}

void csv_u64(struct csv *csv, uint64_t value)
{
	begin_field(csv);
	writer_u64(csv->out, value);
}

void csv_i64(struct csv *csv, int64_t value)
{
	begin_field(csv);
	writer_i64(csv->out, value);
}

void csv_figure(struct csv *csv, uint64_t value)
{
	if (value == UINT64_MAX)
		csv_empty(csv);
	else
		csv_u64(csv, value);
}

void csv_empty(struct csv *csv)
{
	begin_field(csv);
}

void csv_row_end(struct csv *csv)
{
	writer_char(csv->out, '\n');
	csv->filled = false;
}

int csv_finish(struct csv *csv)
{
	return writer_flush(csv->out);
}
