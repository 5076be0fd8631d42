// SPDX-License-Identifier: GPL-2.0-only
/* json.c - commas, quotes, numbers. */
#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "base/text.h"
#include "base/utf8.h"

#define WHOLE_MOST 9007199254740992.0 /* 2^53: above, a double skips numbers */

void json_init(struct json *json, FILE *out)
{
	*json = (struct json){ .out = out };
}

/* stdio tells an error once, in errno, at the write that met it: keep it. */
static void put(struct json *json, const char *bytes, size_t n)
{
	if (fwrite_unlocked(bytes, 1, n, json->out) != n && !json->err)
		json->err = errno ? errno : EIO;
}

static void put_char(struct json *json, char c)
{
	if (putc_unlocked(c, json->out) == EOF && !json->err)
		json->err = errno ? errno : EIO;
}

/* How a byte below 0x20, a quote or a backslash is written: RFC 8259, section 7. */
static void put_escaped(struct json *json, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *pair = shorts; *pair; pair += 2) {
		if ((unsigned char)pair[0] == c) {
			put_char(json, '\\');
			put_char(json, pair[1]);
			return;
		}
	}
	put(json, "\\u00", 4);
	put_char(json, digits[c >> 4]);
	put_char(json, digits[c & 15]);
}

static void put_quoted(struct json *json, const char *value)
{
	const unsigned char *at = (const unsigned char *)value;
	const unsigned char *plain = at; /* what waits to be written as it is */

	put_char(json, '"');
	while (*at) {
		uint32_t character = *at;
		size_t n = *at < 0x80 ? 1 : utf8_decode(at, &character);

		if (n && character >= 0x20 && character != '"' && character != '\\') {
			at += n;
			continue;
		}
		put(json, (const char *)plain, (size_t)(at - plain));
		if (n)
			put_escaped(json, *at);
		else
			put(json, "\xef\xbf\xbd", 3);
		plain = ++at;
	}
	put(json, (const char *)plain, (size_t)(at - plain));
	put_char(json, '"');
}

/* What stands before any value: the comma, the key. */
static void begin_value(struct json *json, const char *key)
{
	uint32_t bit = 1u << json->depth;

	if (json->depth && (json->filled & bit))
		put_char(json, ',');
	json->filled |= bit;
	if (key) {
		put_quoted(json, key);
		put_char(json, ':');
	}
}

static void open_value(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	put_char(json, bracket);
	if (json->depth < JSON_DEPTH_MAX - 1)
		json->depth++;
	else if (!json->err)
		json->err = EOVERFLOW;
	json->filled &= ~(1u << json->depth);
}

static void close_value(struct json *json, char bracket)
{
	put_char(json, bracket);
	if (json->depth)
		json->depth--;
}

void json_object(struct json *json, const char *key)
{
	open_value(json, key, '{');
}

void json_object_end(struct json *json)
{
	close_value(json, '}');
}

void json_array(struct json *json, const char *key)
{
	open_value(json, key, '[');
}

void json_array_end(struct json *json)
{
	close_value(json, ']');
}

void json_string(struct json *json, const char *key, const char *value)
{
	if (!value) {
		json_null(json, key);
		return;
	}
	begin_value(json, key);
	put_quoted(json, value);
}

void json_name(struct json *json, const char *key, const char *raw)
{
	char shown[ESCAPED_SIZE(64)];

	escape_name(shown, sizeof(shown), raw);
	json_string(json, key, shown);
}

static void put_word(struct json *json, const char *key, const char *word)
{
	begin_value(json, key);
	put(json, word, strlen(word));
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
	char digits[24];
	struct text text;

	text_init(&text, digits, sizeof(digits));
	text_u64(&text, value);
	put_word(json, key, digits);
}

void json_i64(struct json *json, const char *key, int64_t value)
{
	char digits[24];
	struct text text;

	text_init(&text, digits, sizeof(digits));
	if (value < 0)
		text_char(&text, '-');
	text_u64(&text, value < 0 ? -(uint64_t)value : (uint64_t)value);
	put_word(json, key, digits);
}

void json_figure(struct json *json, const char *key, uint64_t value)
{
	if (value == UINT64_MAX)
		json_null(json, key);
	else
		json_u64(json, key, value);
}

void json_real(struct json *json, const char *key, double value)
{
	char digits[32];
	bool whole = fabs(value) < WHOLE_MOST && value == trunc(value);

	if (!isfinite(value)) {
		json_null(json, key);
		return;
	}
	/* The locale's decimal point is not asked for: see main.c. */
	snprintf(digits, sizeof(digits), whole ? "%.0f" : "%.6g", value);
	put_word(json, key, digits);
}

void json_bool(struct json *json, const char *key, bool value)
{
	put_word(json, key, value ? "true" : "false");
}

void json_null(struct json *json, const char *key)
{
	put_word(json, key, "null");
}

void json_line(struct json *json)
{
	put_char(json, '\n');
	json->filled = 0;
}

int json_finish(struct json *json)
{
	if (fflush(json->out) && !json->err)
		json->err = errno ? errno : EIO;
	if (ferror(json->out) && !json->err)
		json->err = EIO;
	return -json->err;
}
