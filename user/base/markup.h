/* SPDX-License-Identifier: GPL-2.0-only */
/* markup.h - text inside of HTML and SVG, also within quotes. No state; any thread may call. */
#ifndef SWTCH_MARKUP_H
#define SWTCH_MARKUP_H

#include "base/writer.h"

/* Text of ours, or escaped (escape.h), so that nothing in it is taken for markup. */
void markup_text(struct writer *out, const char *text);

#endif
