// SPDX-License-Identifier: GPL-2.0-only
/* text.c - pieces of a line: each copied as far as there is room. */
#include "base/text.h"

#include <string.h>

#include "base/clock.h"
#include "base/escape.h"

size_t words_wrap(const char **rest, size_t width)
{
	const char *line = *rest;
	size_t n = strlen(line);

	if (n > width) {
		for (n = width; n && line[n] != ' ';)
			n--;
		n = n ? n : width;
	}
	*rest += n;
	while (n && line[n - 1] == ' ')
		n--;
	*rest += strspn(*rest, " ");
	return n;
}

void text_init(struct text *text, char *start, size_t size)
{
	*text = (struct text){ .start = start, .size = size };
	start[0] = '\0';
}

static void put(struct text *text, const char *piece, size_t n)
{
	size_t room = text->size - 1 - text->length;

	if (n > room)
		n = room;
	memcpy(text->start + text->length, piece, n);
	text->length += n;
	text->start[text->length] = '\0';
}

void text_put(struct text *text, const char *piece)
{
	put(text, piece, strlen(piece));
}

void text_char(struct text *text, char c)
{
	put(text, &c, 1);
}

/* Two at a time: half the divisions. */
size_t digits_of(char digits[DIGITS_SIZE], uint64_t value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	size_t at = DIGITS_SIZE;

	for (; value >= 100; value /= 100) {
		at -= 2;
		memcpy(digits + at, pairs + value % 100 * 2, 2);
	}
	if (value >= 10) {
		at -= 2;
		memcpy(digits + at, pairs + value * 2, 2);
	} else {
		digits[--at] = (char)('0' + value);
	}
	return DIGITS_SIZE - at;
}

void text_zeros(struct text *text, uint64_t value, unsigned width)
{
	char digits[DIGITS_SIZE];
	size_t n = digits_of(digits, value);

	while (n < width && n < DIGITS_SIZE)
		digits[DIGITS_SIZE - ++n] = '0';
	put(text, digits + DIGITS_SIZE - n, n);
}

void text_u64(struct text *text, uint64_t value)
{
	text_zeros(text, value, 1);
}

void text_pad(struct text *text, size_t column)
{
	while (text->length < column && text->length + 1 < text->size)
		put(text, " ", 1);
}

void text_name(struct text *text, const char *raw)
{
	if (*raw)
		text->length +=
			escape_name(text->start + text->length, text->size - text->length, raw);
	else
		put(text, "?", 1);
}

void text_duration(struct text *text, uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { NS_PER_S, "s" }, { NS_PER_MS, "ms" }, { NS_PER_US, "us" }, { 0, NULL } };

	for (unsigned i = 0; units[i].name; i++) {
		/* Tenths, rounded: 999.96us is 1.0ms, not 1000.0us. */
		uint64_t tenths = (ns + units[i].ns / 20) / (units[i].ns / 10);

		if (tenths < 10)
			continue;
		text_u64(text, tenths / 10);
		text_char(text, '.');
		text_u64(text, tenths % 10);
		text_put(text, units[i].name);
		return;
	}
	text_u64(text, ns);
	text_put(text, "ns");
}
