/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text.h - a line that is put together piece by piece in the room there is.
 *
 * What does not fit is left out, and the line is terminated after every piece. Not printf: a log
 * prints a million lines a second, and format strings would cost more than everything else.
 * Owned by who made it.
 */
#ifndef SWTCH_TEXT_H
#define SWTCH_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Take the next line of at most `width` bytes off *rest, broken between words where it can be: its
 * length, from the *rest of before on. *rest goes to the next word; an empty one is the end.
 */
size_t words_wrap(const char **rest, size_t width);

#define DIGITS_SIZE 20 /* UINT64_MAX has as many */

/* The digits of a number at the end of `digits`; how many they are. */
size_t digits_of(char digits[DIGITS_SIZE], uint64_t value);

struct text {
	char *start;
	size_t size;
	size_t length;
};

/* Begin an empty line in `start`, `size` bytes (at least 1) with the terminator. */
void text_init(struct text *text, char *start, size_t size);

void text_put(struct text *text, const char *piece);
void text_char(struct text *text, char c);
void text_u64(struct text *text, uint64_t value);

/* A number with leading zeros, `width` digits at least (at most 20). */
void text_zeros(struct text *text, uint64_t value, unsigned width);

/* Spaces until the line is `column` long; none if it is already. */
void text_pad(struct text *text, size_t column);

/* A name from another program, escaped; "?" when it is empty. */
void text_name(struct text *text, const char *raw);

/* A duration with the unit that suits it: "480ns", "3.1us", "12.0ms", "4.3s". */
void text_duration(struct text *text, uint64_t ns);

#endif
