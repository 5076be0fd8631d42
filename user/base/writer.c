// SPDX-License-Identifier: GPL-2.0-only
/* writer.c - one buffer before a stream, and digits. */
#include "base/writer.h"

#include <errno.h>
#include <stdarg.h>

#include "base/text.h"
#include "base/write_all.h"

#define PATIENCE_MS 1000 /* with who reads, once a signal came */

void writer_init(struct writer *writer, FILE *out)
{
	writer->out = out;
	writer->err = 0;
	writer->n = 0;
}

/*
 * Not through stdio, which drops what it holds when a signal interrupts it (glibc's new_do_write()); but
 * for streams without a descriptor, which are memory.
 */
void writer_drain(struct writer *writer)
{
	int fd = fileno(writer->out);
	size_t n = writer->n;

	writer->n = 0;
	if (!n || writer->err)
		return;
	errno = 0;
	if (fd >= 0 && !fflush(writer->out))
		writer->err = -write_all(fd, writer->bytes, n, PATIENCE_MS);
	else if (fd >= 0 || fwrite_unlocked(writer->bytes, 1, n, writer->out) != n)
		writer->err = errno ? errno : EIO;
}

int writer_flush(struct writer *writer)
{
	writer_drain(writer);
	if (fflush(writer->out) && !writer->err)
		writer->err = errno ? errno : EIO;
	if (ferror(writer->out) && !writer->err)
		writer->err = EIO;
	return -writer->err;
}

void writer_put_long(struct writer *writer, const char *bytes, size_t n)
{
	while (n) {
		size_t part = n < WRITER_SPARE ? n : WRITER_SPARE;

		memcpy(writer_room(writer), bytes, part);
		writer->n += part;
		bytes += part;
		n -= part;
	}
}

void writer_u64(struct writer *writer, uint64_t value)
{
	char digits[DIGITS_SIZE];
	size_t n = digits_of(digits, value);

	memcpy(writer_room(writer), digits + DIGITS_SIZE - n, n);
	writer->n += n;
}

void writer_i64(struct writer *writer, int64_t value)
{
	if (value < 0)
		writer_char(writer, '-');
	writer_u64(writer, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void writer_print(struct writer *writer, const char *format, ...)
{
	char *room = writer_room(writer);
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(room, WRITER_SPARE, format, args);
	va_end(args);
	if (n > 0)
		writer->n += n < WRITER_SPARE ? (size_t)n : WRITER_SPARE - 1;
}
