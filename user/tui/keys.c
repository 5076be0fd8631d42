// SPDX-License-Identifier: GPL-2.0-only
/* keys.c - what ncurses calls a key, and what the table of keys calls it. */
#include "tui/curses.h"
#include "view/keys.h"

static const struct {
	wint_t code;
	bool is_code;
	char32_t key;
} names[] = {
	{ KEY_UP, true, KEY_OF_UP },	     { KEY_DOWN, true, KEY_OF_DOWN },
	{ KEY_LEFT, true, KEY_OF_LEFT },     { KEY_RIGHT, true, KEY_OF_RIGHT },
	{ KEY_PPAGE, true, KEY_OF_PAGE_UP }, { KEY_NPAGE, true, KEY_OF_PAGE_DOWN },
	{ KEY_HOME, true, KEY_OF_HOME },     { KEY_END, true, KEY_OF_END },
	{ KEY_ENTER, true, KEY_OF_ENTER },   { KEY_BACKSPACE, true, KEY_OF_BACKSPACE },
	{ KEY_BTAB, true, KEY_OF_BACKTAB },  { '\r', false, KEY_OF_ENTER },
	{ '\n', false, KEY_OF_ENTER },	     { '\t', false, KEY_OF_TAB },
	{ 0x1b, false, KEY_OF_ESCAPE },	     { 0x08, false, KEY_OF_BACKSPACE },
	{ 0x7f, false, KEY_OF_BACKSPACE },
};

char32_t key_translate(wint_t code, bool is_code)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].code == code && names[i].is_code == is_code)
			return names[i].key;
	if (is_code)
		return code >= KEY_F(1) && code <= KEY_F(12) ? KEY_OF_F0 + (code - KEY_F0) : 0;
	return code;
}
