// SPDX-License-Identifier: GPL-2.0-only
/* markup.c - five characters that mean something there. */
#include "base/markup.h"

static const char *entity(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void markup_text(struct writer *out, const char *text)
{
	for (; *text; text++) {
		const char *name = entity(*text);

		if (name)
			writer_text(out, name);
		else
			writer_char(out, *text);
	}
}
