/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * escape.h - names come from programs and are never trusted: what a terminal could take for more
 * than text becomes \xNN. No state; any thread may call.
 */
#ifndef SWTCH_ESCAPE_H
#define SWTCH_ESCAPE_H

#include <stddef.h>

/* Room that n raw bytes can need, with the terminator. */
#define ESCAPED_SIZE(n) ((n)*4 + 1)

#define SHOWN_PATH 256 /* room for a path in an error sentence, escaped */

/*
 * escape_name - copy `raw` (terminated) so that it can be shown anywhere.
 *
 * Printable UTF-8 stays as it is. Every byte of a control character (C0, DEL, C1), of invalid
 * UTF-8, of the invisible characters that reorder or hide text (U+202E and its kind), and the
 * backslash itself become \xNN, so that the original can be told from the result.
 *
 * Always terminates `out` (out_size at least 1); what does not fit is cut at a whole character.
 * Returns the length of `out`.
 */
size_t escape_name(char *out, size_t out_size, const char *raw);

/* The same for text that should be escaped already, from where that is not sure: backslashes stay. */
size_t escape_again(char *out, size_t out_size, const char *escaped);

#endif
