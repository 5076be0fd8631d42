// SPDX-License-Identifier: GPL-2.0-only
/* escape.c - one pass over the bytes: printable UTF-8 is copied, the rest spelled out. */
#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

struct range {
	uint32_t first, last;
};

/*
 * Characters without a picture of their own, in Unicode 15: categories Cc, Cf, Zl and Zp, variation
 * selectors, and what is no character at all.
 */
static const struct range unseen[] = {
	{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },	  { 0x0600, 0x0605 },
	{ 0x061c, 0x061c },   { 0x06dd, 0x06dd },   { 0x070f, 0x070f },	  { 0x0890, 0x0891 },
	{ 0x08e2, 0x08e2 },   { 0x180e, 0x180e },   { 0x200b, 0x200f },	  { 0x2028, 0x202e },
	{ 0x2060, 0x206f },   { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },	  { 0xfff0, 0xfffb },
	{ 0xfffe, 0xffff },   { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

static bool is_unseen(uint32_t character)
{
	for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen); i++)
		if (character >= unseen[i].first && character <= unseen[i].last)
			return true;
	return false;
}

static void spell(char *out, const unsigned char *raw, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = '\\';
		*out++ = 'x';
		*out++ = digits[raw[i] >> 4];
		*out++ = digits[raw[i] & 15];
	}
}

/* Most names are nothing else, and a log has millions of them. */
static bool is_plain_ascii(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '\\';
}

static size_t escape(char *out, size_t out_size, const char *raw, uint32_t special)
{
	const unsigned char *from = (const unsigned char *)raw;
	size_t length = 0;

	while (is_plain_ascii(*from) && length + 1 < out_size)
		out[length++] = (char)*from++;
	while (*from) {
		uint32_t character;
		size_t n = utf8_decode(from, &character);
		bool plain = n && character != special && !is_unseen(character);
		size_t taken = n ? n : 1;
		size_t needed = plain ? taken : taken * 4;

		if (length + needed >= out_size)
			break;
		if (plain)
			memcpy(out + length, from, taken);
		else
			spell(out + length, from, taken);
		length += needed;
		from += taken;
	}
	out[length] = '\0';
	return length;
}

size_t escape_name(char *out, size_t out_size, const char *raw)
{
	return escape(out, out_size, raw, '\\');
}

size_t escape_again(char *out, size_t out_size, const char *escaped)
{
	return escape(out, out_size, escaped, 0);
}
