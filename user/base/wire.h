/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wire.h - protocol buffers as they lie in a file: written into a buffer, read field by field.
 *
 * The encoding is https://protobuf.dev/programming-guides/encoding. No schema is known here: who
 * calls names the numbers of fields. Written by hand because the libraries for it want every message
 * as a struct of its own first; ten million switches shall cost no allocation each.
 * A writer and a reader are owned by who made them; one thread.
 */
#ifndef SWTCH_WIRE_H
#define SWTCH_WIRE_H

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

#define WIRE_VARINT_MAX 10 /* bytes of the longest number */

/* --- writing ----------------------------------------------------------------------------------- */

/* Zeroed, it is empty. After a failure to allocate, `err` is ENOMEM and nothing more is taken. */
struct wire {
	uint8_t *bytes;
	size_t n, room;
	int err; /* 0 or ENOMEM */
};

void wire_fini(struct wire *wire);

/* Forget what was written, keep the room. */
static inline void wire_clear(struct wire *wire)
{
	wire->n = 0;
	wire->err = 0;
}

/* Make room for `size` bytes more; false when there is none. */
bool wire_grow(struct wire *wire, size_t size);

static inline bool wire_reserve(struct wire *wire, size_t size)
{
	return wire->room - wire->n >= size || wire_grow(wire, size);
}

/* A number alone: an element of a packed field. */
static inline void wire_varint(struct wire *wire, uint64_t value)
{
	if (!wire_reserve(wire, WIRE_VARINT_MAX))
		return;
	while (value >= 0x80) {
		wire->bytes[wire->n++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	wire->bytes[wire->n++] = (uint8_t)value;
}

/*
 * As wire_varint(), where wire_reserve() has made room for it. Numbers below 2^28, which most are, take
 * no branch on how long they are: of times that is noise, which no processor foresees.
 */
static inline void wire_put(struct wire *wire, uint64_t value)
{
	uint8_t *at = wire->bytes + wire->n;

	if (value < 0x80) {
		*at = (uint8_t)value;
		wire->n++;
	} else if (value < 1u << 28) {
		uint32_t n_more = 1u + (value > 0x3fff) + (value > 0x1fffff), low = (uint32_t)value;
		uint32_t spread = (low & 0x7f) | (low & 0x3f80) << 1 | (low & 0x1fc000) << 2 |
				  (low & 0xfe00000) << 3;

		spread = htole32(spread | (0x80808080u & ((1u << 8 * n_more) - 1)));
		memcpy(at, &spread, sizeof(spread));
		wire->n += n_more + 1;
	} else {
		wire_varint(wire, value);
	}
}

/* A number that may be negative, small ones in few bytes (sint64). */
static inline uint64_t wire_zigzag(int64_t value)
{
	return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static inline int64_t wire_unzigzag(uint64_t value)
{
	return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

/* Fields. */
void wire_uint(struct wire *wire, uint32_t field, uint64_t value);
void wire_sint(struct wire *wire, uint32_t field, int64_t value); /* sint64 */
void wire_bytes(struct wire *wire, uint32_t field, const void *bytes, size_t n);
void wire_text(struct wire *wire, uint32_t field, const char *text);

/* A packed field, or a message that was written by itself before. Nothing when it is empty. */
void wire_packed(struct wire *wire, uint32_t field, const struct wire *values);

/* A packed field of n zeros. Nothing when there are none. */
void wire_zeros(struct wire *wire, uint32_t field, size_t n);

/* What was written elsewhere, fields and all. */
void wire_append(struct wire *wire, const struct wire *more);

/*
 * A message within: what is written between begin and end is inside. `end` takes what begin
 * returned; the length is as short as it can be.
 */
size_t wire_begin(struct wire *wire, uint32_t field);
void wire_end(struct wire *wire, size_t mark);

/* The same of a message that will be long, below 256 MiB: its length has room, so that nothing moves. */
size_t wire_begin_long(struct wire *wire, uint32_t field);
void wire_end_long(struct wire *wire, size_t mark);

/* --- reading: hostile bytes ---------------------------------------------------------------------- */

/* What is left to read. `broken`: the bytes made no sense, and nothing more is read. */
struct wire_in {
	const uint8_t *at, *end;
	bool broken;
};

struct wire_field {
	uint32_t number;
	enum wire_type type;
	uint64_t value;	      /* of a number, fixed or not */
	const uint8_t *bytes; /* of WIRE_BYTES */
	size_t n;
};

static inline struct wire_in wire_in(const void *bytes, size_t n)
{
	const uint8_t *start = bytes;

	return (struct wire_in){ start, n ? start + n : start, false }; /* NULL has no offsets */
}

/* The bytes of a field as a message or packed numbers; empty for any other type. */
static inline struct wire_in wire_inside(const struct wire_field *field)
{
	return wire_in(field->bytes, field->type == WIRE_BYTES ? field->n : 0);
}

/* Read a number that does not fit into the quick path: see wire_number(). */
uint64_t wire_number_slow(struct wire_in *in);

/* The next number; 0 at the end or when it is broken: look at `at` first. */
static inline uint64_t wire_number(struct wire_in *in)
{
	if (in->end - in->at >= 2) {
		uint32_t first = in->at[0];

		if (first < 0x80) {
			in->at++;
			return first;
		}
		if (in->at[1] < 0x80) {
			uint64_t value = (first & 0x7f) | (uint64_t)in->at[1] << 7;

			in->at += 2;
			return value;
		}
	}
	return wire_number_slow(in);
}

/* Are there more numbers? */
static inline bool wire_more(const struct wire_in *in)
{
	return in->at < in->end;
}

/* The next field; false at the end, or when the rest makes no sense (then `broken`). */
bool wire_next(struct wire_in *in, struct wire_field *field);

/*
 * How long a message is that begins with a field of WIRE_BYTES at `bytes`: *field is its number,
 * *size what head and body take together, which may be more than n. 0, -EAGAIN when n bytes are too
 * few to tell, -EBADMSG when this is no such field.
 */
int wire_measure(const void *bytes, size_t n, uint32_t *field, uint64_t *head, uint64_t *size);

#endif
