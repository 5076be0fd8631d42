/* SPDX-License-Identifier: GPL-2.0-only */
/* formats.h - the makers behind the rows of sink_formats; each in the file of its name. */
#ifndef SWTCH_FORMATS_H
#define SWTCH_FORMATS_H

#include "sink/sink.h"

struct sink *sink_text_new(FILE *out, const struct sink_context *context);
struct sink *sink_csv_new(FILE *out, const struct sink_context *context);
struct sink *sink_jsonl_new(FILE *out, const struct sink_context *context);
struct sink *sink_chrome_new(FILE *out, const struct sink_context *context);
struct sink *sink_html_new(FILE *out, const struct sink_context *context);
struct sink *sink_svg_new(FILE *out, const struct sink_context *context);

#endif
