// SPDX-License-Identifier: GPL-2.0-only
/* html_pack.c - zlib's own buffers, a small one before it, three bytes for four letters behind it. */
#include "sink/html_pack.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/wire.h"

#define IN_BYTES      16384
#define OUT_BYTES     16386 /* a multiple of three */
#define NUMBER_BYTES  10    /* of 64 bits, seven at a time */
#define LEVEL	      6
#define LINE_OF_BYTES 57 /* 76 letters, as MIME has it */

struct html_pack {
	struct writer *out;
	z_stream stream;
	size_t n_in, n_out, n_on_line;
	uint8_t in[IN_BYTES + NUMBER_BYTES];
	uint8_t bytes[OUT_BYTES];
};

struct html_pack *html_pack_new(struct writer *out)
{
	struct html_pack *pack = calloc(1, sizeof(*pack));

	if (!pack)
		return NULL;
	pack->out = out;
	if (deflateInit(&pack->stream, LEVEL) != Z_OK) {
		free(pack);
		errno = ENOMEM;
		return NULL;
	}
	return pack;
}

void html_pack_free(struct html_pack *pack)
{
	if (!pack)
		return;
	deflateEnd(&pack->stream);
	free(pack);
}

/* Three bytes, or at the very end one or two. */
static void put_letters(struct html_pack *pack, const uint8_t *bytes, size_t n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+/";
	uint32_t word = (uint32_t)bytes[0] << 16 | (uint32_t)(n > 1 ? bytes[1] : 0) << 8 |
			(n > 2 ? bytes[2] : 0);
	char four[4] = { letters[word >> 18], letters[word >> 12 & 63],
			 n > 1 ? letters[word >> 6 & 63] : '=', n > 2 ? letters[word & 63] : '=' };

	writer_put(pack->out, four, sizeof(four));
	pack->n_on_line += 3;
	if (pack->n_on_line >= LINE_OF_BYTES) {
		writer_char(pack->out, '\n');
		pack->n_on_line = 0;
	}
}

static void put_bytes(struct html_pack *pack, bool all)
{
	size_t at = 0;

	for (; at + 3 <= pack->n_out; at += 3)
		put_letters(pack, pack->bytes + at, 3);
	if (all && at < pack->n_out)
		put_letters(pack, pack->bytes + at, pack->n_out - at);
	else
		memmove(pack->bytes, pack->bytes + at, pack->n_out - at);
	pack->n_out = all ? 0 : pack->n_out - at;
}

static void squeeze(struct html_pack *pack, int flush)
{
	int result;

	pack->stream.next_in = pack->in;
	pack->stream.avail_in = (uInt)pack->n_in;
	do {
		pack->stream.next_out = pack->bytes + pack->n_out;
		pack->stream.avail_out = (uInt)(OUT_BYTES - pack->n_out);
		result = deflate(&pack->stream, flush);
		pack->n_out = OUT_BYTES - pack->stream.avail_out;
		put_bytes(pack, result == Z_STREAM_END);
	} while (flush == Z_FINISH ? result == Z_OK : pack->stream.avail_in > 0);
	pack->n_in = 0;
}

void html_pack_number(struct html_pack *pack, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		pack->in[pack->n_in++] = (uint8_t)(value | 0x80);
	pack->in[pack->n_in++] = (uint8_t)value;
	if (pack->n_in >= IN_BYTES)
		squeeze(pack, Z_NO_FLUSH);
}

void html_pack_signed(struct html_pack *pack, int64_t value)
{
	html_pack_number(pack, wire_zigzag(value));
}

void html_pack_end(struct html_pack *pack)
{
	squeeze(pack, Z_FINISH);
}
