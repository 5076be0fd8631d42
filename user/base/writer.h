/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * writer.h - bytes on their way to a stream: gathered here, so that a figure costs no call of stdio.
 *
 * A writer puts what it gathered into its stream when it is full and when it is flushed; meanwhile
 * nobody else may write there. The first error is kept, and what comes after it is dropped. Owned by
 * who made it; one thread.
 */
#ifndef SWTCH_WRITER_H
#define SWTCH_WRITER_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define WRITER_BYTES 32768
#define WRITER_SPARE 512 /* that always fit at once */

struct writer {
	FILE *out;
	int err;  /* first errno of a write */
	size_t n; /* gathered */
	char bytes[WRITER_BYTES + WRITER_SPARE];
};

void writer_init(struct writer *writer, FILE *out);

/* Write what was gathered: to the stream's descriptor, or to the stream if it has none. */
void writer_drain(struct writer *writer);

/* The same, and flush the stream. 0, or -errno of the first write that failed. */
int writer_flush(struct writer *writer);

/* Where the next WRITER_SPARE bytes may be put; writer->n is then moved by who put them. */
static inline char *writer_room(struct writer *writer)
{
	if (writer->n >= WRITER_BYTES)
		writer_drain(writer);
	return writer->bytes + writer->n;
}

static inline void writer_char(struct writer *writer, char c)
{
	*writer_room(writer) = c;
	writer->n++;
}

void writer_put_long(struct writer *writer, const char *bytes, size_t n);

static inline void writer_put(struct writer *writer, const char *bytes, size_t n)
{
	if (n > WRITER_SPARE) {
		writer_put_long(writer, bytes, n);
		return;
	}
	memcpy(writer_room(writer), bytes, n);
	writer->n += n;
}

static inline void writer_text(struct writer *writer, const char *text)
{
	writer_put(writer, text, strlen(text));
}

void writer_u64(struct writer *writer, uint64_t value);
void writer_i64(struct writer *writer, int64_t value);

/* As printf(3); what is longer than WRITER_SPARE is cut. For what is written seldom. */
void writer_print(struct writer *writer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
