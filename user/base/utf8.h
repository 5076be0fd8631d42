/* SPDX-License-Identifier: GPL-2.0-only */
/* utf8.h - one character of UTF-8 that may be hostile. No state; any thread may call. */
#ifndef SWTCH_UTF8_H
#define SWTCH_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * utf8_decode - length in bytes of the character at `raw` (terminated, not empty), its code point
 * in `character`; 0 if there is none: RFC 3629, so no surrogates, nothing longer than needed,
 * nothing above U+10FFFF. Never reads past the terminator, which continues no sequence.
 */
size_t utf8_decode(const unsigned char *raw, uint32_t *character);

#endif
