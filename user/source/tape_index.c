// SPDX-License-Identifier: GPL-2.0-only
/* tape_index.c - packets by their heads; behind what is broken, the next head of a block. */
#include "source/tape_index.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/wire.h"
#include "event/recording.h"

#define N_HEAD 128 /* bytes that hold a block's head and that of what follows */
#define N_SEARCH_FIRST                                                                             \
	256		/* where the next one is near, as in a file made of them, little is read */
#define N_SEARCH 65536u /* bytes that are searched at a time */

static ssize_t read_some(int fd, uint8_t *bytes, size_t n, off_t offset)
{
	size_t got = 0;

	while (got < n) {
		ssize_t more = pread(fd, bytes + got, n - got, offset + (off_t)got);

		if (more < 0 && errno == EINTR)
			continue;
		if (more < 0)
			return -errno;
		if (!more)
			break;
		got += (size_t)more;
	}
	return (ssize_t)got;
}

int tape_read(int fd, void *bytes, size_t n, off_t offset)
{
	ssize_t got = read_some(fd, bytes, n, offset);

	return got < 0 ? (int)got : (size_t)got == n ? 0 : -EIO;
}

/* Go into the message that is the first field; false when that is another. */
static bool enter(struct wire_in *in, uint32_t number)
{
	struct wire_field field;

	if (!wire_next(in, &field) || field.number != number)
		return false;
	*in = wire_inside(&field);
	return true;
}

/* The head of a block in a packet; false: it has none. */
static bool read_block(struct wire_in in, struct tape_block *block)
{
	struct wire_field field;

	if (!enter(&in, PACKET_SWTCH) || !enter(&in, SWTCH_BLOCK))
		return false;
	while (wire_next(&in, &field)) {
		if (field.number == BLOCK_FIRST)
			block->first_ns = field.value;
		else if (field.number == BLOCK_LAST)
			block->last_ns = field.value;
		else if (field.number == BLOCK_N_EVENTS)
			block->n_events = field.value;
		else if (field.number == BLOCK_N_BYTES)
			block->n_bytes = field.value;
		else if (field.number == BLOCK_NUMBER)
			block->number = field.value;
	}
	return !in.broken && block->n_events <= RECORDING_N_EVENTS &&
	       block->n_bytes <= RECORDING_BLOCK_MAX && block->first_ns <= block->last_ns;
}

/* The compressed packet that follows a block's head at `at` bytes of what was read. */
static int read_packed(const uint8_t *bytes, size_t n, size_t at, off_t offset, off_t size,
		       struct tape_block *block)
{
	uint64_t head, length, inner_head, inner;
	uint32_t field;
	int err = wire_measure(bytes + at, n - at, &field, &head, &length);

	if (err || field != TRACE_PACKET)
		return err == -EAGAIN ? PLACE_CUT : PLACE_BROKEN;
	if (length > (uint64_t)(size - offset) - at)
		return PLACE_CUT;
	err = wire_measure(bytes + at + head, n - at - head, &field, &inner_head, &inner);
	if (err || field != PACKET_COMPRESSED || head + inner != length)
		return PLACE_BROKEN;
	block->packed = offset + (off_t)(at + head + inner_head);
	block->n_packed = inner - inner_head;
	block->next = offset + (off_t)(at + length);
	return PLACE_BLOCK;
}

/* Does a block's head begin here? Tags of a packet, of our message, of a block: lengths in between. */
static bool may_begin(const uint8_t *at)
{
	return at[0] == (TRACE_PACKET << 3 | WIRE_BYTES) &&
	       at[2] == (((PACKET_SWTCH << 3 | WIRE_BYTES) & 0x7f) | 0x80) &&
	       at[3] == (PACKET_SWTCH << 3 | WIRE_BYTES) >> 7 &&
	       at[5] == (SWTCH_BLOCK << 3 | WIRE_BYTES);
}

/* From `offset` on; `size` when there is none. */
static int find_block(int fd, off_t offset, off_t size, off_t *found)
{
	static const size_t n_sign = 6;
	uint8_t bytes[N_SEARCH];

	for (size_t n_wanted = N_SEARCH_FIRST; offset < size; n_wanted = sizeof(bytes)) {
		ssize_t n = read_some(fd, bytes, n_wanted, offset);

		if (n < 0)
			return (int)n;
		for (ssize_t i = 0; i + (ssize_t)n_sign <= n; i++)
			if (may_begin(bytes + i)) {
				*found = offset + i;
				return 0;
			}
		if (n <= (ssize_t)n_sign)
			break;
		offset += n - (ssize_t)n_sign + 1;
	}
	*found = size;
	return 0;
}

static int look(const uint8_t *bytes, size_t n, off_t offset, off_t size, struct tape_block *block)
{
	uint64_t head, length;
	uint32_t field;
	int err = wire_measure(bytes, n, &field, &head, &length);

	if (err)
		return err == -EAGAIN ? PLACE_CUT : PLACE_BROKEN;
	if (field != TRACE_PACKET)
		return PLACE_BROKEN;
	if (length > (uint64_t)(size - offset))
		return PLACE_CUT;
	block->next = offset + (off_t)length;
	if (length < n && read_block(wire_in(bytes + head, length - head), block))
		return read_packed(bytes, n, length, offset, size, block);
	return length == n && block->next == size &&
			       read_block(wire_in(bytes + head, length - head), block)
		       ? PLACE_CUT
		       : PLACE_OTHER;
}

int tape_look(int fd, off_t offset, off_t size, struct tape_block *block)
{
	uint8_t bytes[N_HEAD];
	ssize_t n;
	int place, err;

	*block = (struct tape_block){ .offset = offset, .next = size };
	if (offset >= size)
		return PLACE_END;
	n = read_some(fd, bytes, sizeof(bytes), offset);
	if (n < 0)
		return (int)n;
	if (!n)
		return PLACE_END;
	place = look(bytes, (size_t)n, offset, size, block);
	if (place != PLACE_BROKEN && place != PLACE_CUT)
		return place;
	/* What claims to be longer than the file may only have a broken length. */
	err = find_block(fd, offset + 1, size, &block->next);
	if (err)
		return err;
	return place == PLACE_CUT && block->next == size ? PLACE_CUT : PLACE_BROKEN;
}
