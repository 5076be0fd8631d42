/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * html_pack.h - numbers into a page: as LEB128, deflated, in base64. user/sink/page/data.js unpacks.
 *
 * Owned by the sink; one thread.
 */
#ifndef SWTCH_HTML_PACK_H
#define SWTCH_HTML_PACK_H

#include <stdint.h>

#include "base/writer.h"

struct html_pack;

/* Writes to `out`. NULL with ENOMEM. */
struct html_pack *html_pack_new(struct writer *out);
void html_pack_free(struct html_pack *pack);

void html_pack_number(struct html_pack *pack, uint64_t value);
void html_pack_signed(struct html_pack *pack, int64_t value);

/* Write what is left; nothing may follow. */
void html_pack_end(struct html_pack *pack);

#endif
