// SPDX-License-Identifier: GPL-2.0-only
/* csv.c - commas, quotes, numbers. */
#include "base/csv.h"

#include <errno.h>
#include <string.h>

#include "base/escape.h"
#include "base/text.h"

void csv_init(struct csv *csv, FILE *out)
{
	*csv = (struct csv){ .out = out };
}

static void put(struct csv *csv, const char *bytes, size_t n)
{
	if (fwrite_unlocked(bytes, 1, n, csv->out) != n && !csv->err)
		csv->err = errno ? errno : EIO;
}

static void begin_field(struct csv *csv)
{
	if (csv->filled)
		put(csv, ",", 1);
	csv->filled = true;
}

void csv_string(struct csv *csv, const char *value)
{
	bool quoted = strpbrk(value, ",\"\r\n") != NULL;

	begin_field(csv);
	if (quoted)
		put(csv, "\"", 1);
	if (*value && strchr("=+-@\t\r", *value))
		put(csv, "'", 1);
	while (*value) {
		size_t plain = strcspn(value, "\"");

		put(csv, value, plain);
		value += plain;
		if (*value) {
			put(csv, "\"\"", 2);
			value++;
		}
	}
	if (quoted)
		put(csv, "\"", 1);
}

void csv_name(struct csv *csv, const char *raw)
{
	char shown[ESCAPED_SIZE(64)];

	escape_name(shown, sizeof(shown), raw);
	csv_string(csv, shown);
}

void csv_u64(struct csv *csv, uint64_t value)
{
	char digits[24];
	struct text text;

	text_init(&text, digits, sizeof(digits));
	text_u64(&text, value);
	begin_field(csv);
	put(csv, digits, text.length);
}

void csv_i64(struct csv *csv, int64_t value)
{
	if (value >= 0) {
		csv_u64(csv, (uint64_t)value);
		return;
	}

	char digits[24];
	struct text text;

	text_init(&text, digits, sizeof(digits));
	text_char(&text, '-');
	text_u64(&text, -(uint64_t)value);
	begin_field(csv);
	put(csv, digits, text.length);
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
	put(csv, "\n", 1);
	csv->filled = false;
}

int csv_finish(struct csv *csv)
{
	if (fflush(csv->out) && !csv->err)
		csv->err = errno ? errno : EIO;
	if (ferror(csv->out) && !csv->err)
		csv->err = EIO;
	return -csv->err;
}
