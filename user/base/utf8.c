// SPDX-License-Identifier: GPL-2.0-only
/* utf8.c - the first byte tells the length, the rest must follow. */
#include "base/utf8.h"

size_t utf8_decode(const unsigned char *raw, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = raw[0] < 0x80		  ? 1
			: (raw[0] & 0xe0) == 0xc0 ? 2
			: (raw[0] & 0xf0) == 0xe0 ? 3
			: (raw[0] & 0xf8) == 0xf0 ? 4
						  : 0;

	if (length <= 1) {
		*character = raw[0];
		return length;
	}
	*character = raw[0] & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((raw[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (raw[i] & 0x3f);
	}
	if (*character < least[length] || *character > 0x10ffff ||
	    (*character >= 0xd800 && *character <= 0xdfff))
		return 0;
	return length;
}
