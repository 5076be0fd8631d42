/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * csv.h - rows of RFC 4180, with \n at the end of a row as other tools here do.
 *
 * Errors of the writer are kept: csv_finish() tells the first. Owned by who made it, as the writer is.
 */
#ifndef SWTCH_CSV_H
#define SWTCH_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/writer.h"

struct csv {
	struct writer *out;
	bool filled; /* the row has a field already */
};

void csv_init(struct csv *csv, struct writer *out);

/*
 * A field of text, quoted where it must be. A spreadsheet takes a field that begins with = + - or @
 * for a formula and runs it: such a field gets a ' before it (OWASP, "CSV injection").
 */
void csv_string(struct csv *csv, const char *value);

/* A name from another program: its escaped form (escape.h). */
void csv_name(struct csv *csv, const char *raw);

void csv_u64(struct csv *csv, uint64_t value);
void csv_i64(struct csv *csv, int64_t value);

/* UINT64_MAX, which stands for what could not be had, is an empty field. */
void csv_figure(struct csv *csv, uint64_t value);

void csv_empty(struct csv *csv);
void csv_row_end(struct csv *csv);

/* What stands in a field by itself, without the comma: as csv_string() and csv_name() have it. */
void csv_text(struct writer *out, const char *value);
void csv_raw_name(struct writer *out, const char *raw);

/* Flush the writer. 0, or -errno of the first write that failed. */
int csv_finish(struct csv *csv);

#endif
