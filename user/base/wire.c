// SPDX-License-Identifier: GPL-2.0-only
/* wire.c - tags, varints, lengths. */
#include "base/wire.h"

#include <stdlib.h>
#include <string.h>

#define N_FIRST 4096

void wire_fini(struct wire *wire)
{
	free(wire->bytes);
	*wire = (struct wire){ 0 };
}

bool wire_grow(struct wire *wire, size_t size)
{
	size_t room = wire->room ? wire->room : N_FIRST;
	uint8_t *bytes;

	if (wire->err)
		return false;
	while (room - wire->n < size && room <= SIZE_MAX / 2)
		room *= 2;
	bytes = room - wire->n < size ? NULL : realloc(wire->bytes, room);
	if (!bytes) {
		wire->err = ENOMEM;
		return false;
	}
	wire->bytes = bytes;
	wire->room = room;
	return true;
}

static void put_tag(struct wire *wire, uint32_t field, enum wire_type type)
{
	wire_varint(wire, (uint64_t)field << 3 | type);
}

void wire_uint(struct wire *wire, uint32_t field, uint64_t value)
{
	put_tag(wire, field, WIRE_VARINT);
	wire_varint(wire, value);
}

void wire_sint(struct wire *wire, uint32_t field, int64_t value)
{
	wire_uint(wire, field, wire_zigzag(value));
}

void wire_bytes(struct wire *wire, uint32_t field, const void *bytes, size_t n)
{
	put_tag(wire, field, WIRE_BYTES);
	wire_varint(wire, n);
	if (!n || !wire_reserve(wire, n))
		return;
	memcpy(wire->bytes + wire->n, bytes, n);
	wire->n += n;
}

void wire_text(struct wire *wire, uint32_t field, const char *text)
{
	wire_bytes(wire, field, text, strlen(text));
}

void wire_packed(struct wire *wire, uint32_t field, const struct wire *values)
{
	if (values->err)
		wire->err = values->err;
	else if (values->n)
		wire_bytes(wire, field, values->bytes, values->n);
}

void wire_zeros(struct wire *wire, uint32_t field, size_t n)
{
	if (!n)
		return;
	put_tag(wire, field, WIRE_BYTES);
	wire_varint(wire, n);
	if (!wire_reserve(wire, n))
		return;
	memset(wire->bytes + wire->n, 0, n);
	wire->n += n;
}

void wire_append(struct wire *wire, const struct wire *more)
{
	if (more->err)
		wire->err = more->err;
	if (!more->n || !wire_reserve(wire, more->n))
		return;
	memcpy(wire->bytes + wire->n, more->bytes, more->n);
	wire->n += more->n;
}

/* One byte is kept for the length, which is enough for most; wire_end() makes room for a longer one. */
size_t wire_begin(struct wire *wire, uint32_t field)
{
	put_tag(wire, field, WIRE_BYTES);
	wire_varint(wire, 0);
	return wire->n;
}

void wire_end(struct wire *wire, size_t mark)
{
	uint64_t length = wire->n - mark;
	size_t more = 0;
	uint8_t *at;

	if (wire->err)
		return;
	for (uint64_t rest = length >> 7; rest; rest >>= 7)
		more++;
	if (!wire_reserve(wire, more))
		return;
	if (more)
		memmove(wire->bytes + mark + more, wire->bytes + mark, length);
	wire->n += more;
	at = wire->bytes + mark - 1;
	for (; length >= 0x80; length >>= 7)
		*at++ = (uint8_t)(length | 0x80);
	*at = (uint8_t)length;
}

/* The longest that four bytes hold; a varint may have more bytes than it needs. */
#define LONG_LENGTH 0xfffffffu

size_t wire_begin_long(struct wire *wire, uint32_t field)
{
	put_tag(wire, field, WIRE_BYTES);
	wire_varint(wire, LONG_LENGTH);
	return wire->n;
}

void wire_end_long(struct wire *wire, size_t mark)
{
	size_t length = wire->n - mark;

	if (wire->err)
		return;
	if (length > LONG_LENGTH) {
		wire->err = ENOMEM;
		return;
	}
	for (unsigned i = 0; i < 4; i++)
		wire->bytes[mark - 4 + i] = (uint8_t)(length >> 7 * i & 0x7f) | (i < 3 ? 0x80 : 0);
}

uint64_t wire_number_slow(struct wire_in *in)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 7 * WIRE_VARINT_MAX; shift += 7) {
		uint8_t byte;

		if (in->at == in->end)
			break;
		byte = *in->at++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
	in->broken = true;
	in->at = in->end;
	return 0;
}

static uint64_t fixed(const uint8_t *bytes, unsigned n)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < n; i++)
		value |= (uint64_t)bytes[i] << 8 * i;
	return value;
}

static bool give_up(struct wire_in *in)
{
	in->broken = true;
	in->at = in->end;
	return false;
}

static bool next_fixed(struct wire_in *in, struct wire_field *field, unsigned n)
{
	if ((size_t)(in->end - in->at) < n)
		return give_up(in);
	field->value = fixed(in->at, n);
	in->at += n;
	return true;
}

bool wire_next(struct wire_in *in, struct wire_field *field)
{
	uint64_t tag, n;

	if (!wire_more(in))
		return false;
	tag = wire_number(in);
	*field = (struct wire_field){ .number = (uint32_t)(tag >> 3), .type = tag & 7 };
	if (in->broken || !field->number || tag >> 32)
		return give_up(in);
	switch (field->type) {
	case WIRE_VARINT:
		field->value = wire_number(in);
		return !in->broken;
	case WIRE_FIXED64:
		return next_fixed(in, field, 8);
	case WIRE_FIXED32:
		return next_fixed(in, field, 4);
	case WIRE_BYTES:
		n = wire_number(in);
		if (in->broken || n > (uint64_t)(in->end - in->at))
			return give_up(in);
		field->bytes = in->at;
		field->n = (size_t)n;
		in->at += n;
		return true;
	default:
		return give_up(in);
	}
}

int wire_measure(const void *bytes, size_t n, uint32_t *field, uint64_t *head, uint64_t *size)
{
	struct wire_in in = wire_in(bytes, n);
	uint64_t tag = wire_number(&in), length;

	if (!in.broken && ((tag & 7) != WIRE_BYTES || !(tag >> 3) || tag >> 32))
		return -EBADMSG;
	length = wire_number(&in);
	if (in.broken || in.at == bytes)
		return n < 2 * WIRE_VARINT_MAX ? -EAGAIN : -EBADMSG;
	*field = (uint32_t)(tag >> 3);
	*head = (uint64_t)(in.at - (const uint8_t *)bytes);
	if (length > UINT64_MAX - *head)
		return -EBADMSG;
	*size = *head + length;
	return 0;
}
