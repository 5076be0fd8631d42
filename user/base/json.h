/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json.h - JSON written as it comes: nothing is kept, nothing allocated.
 *
 * In an object every value has its key; in an array, and at the top, the key is NULL. Commas and
 * quotes are seen to. What opens must be closed by the same hands. Errors of the writer are kept:
 * json_finish() tells the first. Owned by who made it, as the writer is; one thread.
 */
#ifndef SWTCH_JSON_H
#define SWTCH_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/writer.h"

#define JSON_DEPTH_MAX 32

struct json {
	struct writer *out;
	int err;	 /* EOVERFLOW: more is open than can be */
	unsigned depth;	 /* of what is open */
	bool for_page;	 /* it stands in HTML: no < as such */
	uint32_t filled; /* bit d: something stands in what is open at depth d */
};

void json_init(struct json *json, struct writer *out);

void json_object(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array(struct json *json, const char *key);
void json_array_end(struct json *json);

/* Text of our own or any UTF-8; bytes that are none become U+FFFD. NULL is null. */
void json_string(struct json *json, const char *key, const char *value);

/* A name from another program: its escaped form (escape.h) as a string. */
void json_name(struct json *json, const char *key, const char *raw);

void json_u64(struct json *json, const char *key, uint64_t value);
void json_i64(struct json *json, const char *key, int64_t value);

/* UINT64_MAX, which stands for what could not be had, is null. */
void json_figure(struct json *json, const char *key, uint64_t value);

/* A measured value, six digits of it; whole ones as they are. NAN and the infinities are null. */
void json_real(struct json *json, const char *key, double value);

void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/* End one document (everything is closed) with a newline; another may follow: JSON lines. */
void json_line(struct json *json);

/* Flush the writer. 0, or -errno of the first write that failed. */
int json_finish(struct json *json);

/* A string with its quotes, by itself: UTF-8 as json_string() takes it, a name as json_name(). */
void json_quote(struct writer *out, const char *value);
void json_quote_name(struct writer *out, const char *raw);

#endif
