// SPDX-License-Identifier: GPL-2.0-only
/* json.c - commas, quotes, numbers. */
#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "base/utf8.h"

#define WHOLE_MOST 9007199254740992.0 /* 2^53: above, a double skips numbers */

void json_init(struct json *json, struct writer *out)
{
	*json = (struct json){ .out = out };
}

/* How a byte below 0x20, a quote or a backslash is written: RFC 8259, section 7. */
static void put_escaped(struct writer *out, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *pair = shorts; *pair; pair += 2) {
		if ((unsigned char)pair[0] == c) {
			writer_char(out, '\\');
			writer_char(out, pair[1]);
			return;
		}
	}
	writer_put(out, "\\u00", 4);
	writer_char(out, digits[c >> 4]);
	writer_char(out, digits[c & 15]);
}

static void quote(struct writer *out, const char *value, bool for_page)
{
	const unsigned char *at = (const unsigned char *)value;
	const unsigned char *plain = at; /* what waits to be written as it is */

	writer_char(out, '"');
	while (*at) {
		uint32_t character = *at;
		size_t n = *at < 0x80 ? 1 : utf8_decode(at, &character);

		if (n && character >= 0x20 && character != '"' && character != '\\' &&
		    !(for_page && character == '<')) {
			at += n;
			continue;
		}
		writer_put(out, (const char *)plain, (size_t)(at - plain));
		if (n)
			put_escaped(out, *at);
		else
			writer_put(out, "\xef\xbf\xbd", 3);
		plain = ++at;
	}
	writer_put(out, (const char *)plain, (size_t)(at - plain));
	writer_char(out, '"');
}

void json_quote(struct writer *out, const char *value)
{
	quote(out, value, false);
}

void json_quote_name(struct writer *out, const char *raw)
{
	char shown[ESCAPED_SIZE(64)];

	escape_name(shown, sizeof(shown), raw);
	json_quote(out, shown);
}

/* What stands before any value: the comma, the key. */
static void begin_value(struct json *json, const char *key)
{
	uint32_t bit = 1u << json->depth;

	if (json->depth && (json->filled & bit))
		writer_char(json->out, ',');
	json->filled |= bit;
	if (key) {
		quote(json->out, key, json->for_page);
		writer_char(json->out, ':');
	}
}

static void open_value(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	writer_char(json->out, bracket);
	if (json->depth < JSON_DEPTH_MAX - 1)
		json->depth++;
	else if (!json->err)
		json->err = EOVERFLOW;
	json->filled &= ~(1u << json->depth);
}

static void close_value(struct json *json, char bracket)
{
	writer_char(json->out, bracket);
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
	quote(json->out, value, json->for_page);
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
	writer_text(json->out, word);
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	writer_u64(json->out, value);
}

void json_i64(struct json *json, const char *key, int64_t value)
{
	begin_value(json, key);
	writer_i64(json->out, value);
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
	writer_char(json->out, '\n');
	json->filled = 0;
}

int json_finish(struct json *json)
{
	int err = writer_flush(json->out);

	return err ? err : -json->err;
}
