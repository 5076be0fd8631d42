// SPDX-License-Identifier: GPL-2.0-only
/* packets.c - a buffer that slides over the file; zlib streams unpacked into another. */
#include "source/packets.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event/recording.h"

#define N_BUFFER   (1u << 20)
#define N_UNPACKED (4u << 20) /* what a packet may unpack to, at first */

struct stream {
	struct packets_reader *reader;
	int fd;
	off_t size, offset; /* of the file; of what is read next into the buffer */
	uint8_t *bytes;	    /* [room] of the file: at to end-1 are not taken yet */
	size_t at, end, room;
	uint8_t *unpacked; /* [unpacked_room] */
	size_t unpacked_room;
	struct libdeflate_decompressor *unpacker;
};

/* --- one packet ---------------------------------------------------------------------------------- */

static int each_packet(struct stream *stream, struct wire_in in, bool is_inside);

static bool grow_unpacked(struct stream *stream)
{
	size_t room = stream->unpacked_room ? 2 * stream->unpacked_room : N_UNPACKED;
	uint8_t *bytes;

	if (room > PACKETS_MAX)
		return false;
	bytes = realloc(stream->unpacked, room);
	if (!bytes)
		return false;
	stream->unpacked = bytes;
	stream->unpacked_room = room;
	return true;
}

/* How long it is unpacked nobody says: the room doubles until it is enough, and is kept. */
static int unpack(struct stream *stream, const struct wire_field *packed)
{
	enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;
	size_t n = 0;

	if (!stream->unpacked && !grow_unpacked(stream))
		return -ENOMEM;
	for (;;) {
		result = libdeflate_zlib_decompress(stream->unpacker, packed->bytes, packed->n,
						    stream->unpacked, stream->unpacked_room, &n);
		if (result != LIBDEFLATE_INSUFFICIENT_SPACE || !grow_unpacked(stream))
			break;
	}
	if (result == LIBDEFLATE_SUCCESS)
		return each_packet(stream, wire_in(stream->unpacked, n), true);
	if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
		stream->reader->n_huge++;
	else
		stream->reader->n_damaged++;
	return 0;
}

/* A compressed packet has nothing beside; one within another is none of Perfetto's. */
static int take(struct stream *stream, struct wire_in packet, bool is_inside)
{
	struct wire_in in = packet;
	struct wire_field field;

	if (wire_next(&in, &field) && field.type == WIRE_BYTES) {
		if (field.number == PACKET_COMPRESSED && is_inside) {
			stream->reader->n_damaged++;
			return 0;
		}
		if (field.number == PACKET_COMPRESSED)
			return unpack(stream, &field);
		if (field.number == PACKET_ZSTD) {
			stream->reader->n_zstd++;
			return 0;
		}
	}
	stream->reader->n_packets++;
	return stream->reader->packet(packet, stream->reader->ctx);
}

static int each_packet(struct stream *stream, struct wire_in in, bool is_inside)
{
	struct wire_field field;
	int err = 0;

	while (!err && wire_next(&in, &field))
		if (field.number == TRACE_PACKET && field.type == WIRE_BYTES)
			err = take(stream, wire_inside(&field), is_inside);
	if (in.broken)
		stream->reader->n_damaged++;
	return err;
}

/* --- the file -------------------------------------------------------------------------------------- */

static int make_room(struct stream *stream, size_t n)
{
	uint8_t *bytes;

	if (stream->at) {
		memmove(stream->bytes, stream->bytes + stream->at, stream->end - stream->at);
		stream->end -= stream->at;
		stream->at = 0;
	}
	if (n <= stream->room)
		return 0;
	bytes = realloc(stream->bytes, n);
	if (!bytes)
		return -ENOMEM;
	stream->bytes = bytes;
	stream->room = n;
	return 0;
}

/* At least n bytes in the buffer, or as many as there are until the end of the file. */
static int fill(struct stream *stream, size_t n)
{
	int err = stream->end - stream->at < n && stream->offset < stream->size
			  ? make_room(stream, n > N_BUFFER ? n : N_BUFFER)
			  : 0;

	while (!err && stream->end - stream->at < n && stream->offset < stream->size) {
		size_t room = stream->room - stream->end;
		uint64_t left = (uint64_t)(stream->size - stream->offset);
		ssize_t got = pread(stream->fd, stream->bytes + stream->end,
				    left < room ? (size_t)left : room, stream->offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got) /* it became shorter */
			stream->size = stream->offset;
		stream->end += (size_t)got;
		stream->offset += got;
	}
	return err;
}

static off_t position(const struct stream *stream)
{
	return stream->offset - (off_t)(stream->end - stream->at);
}

/* A packet that is longer than what is read: its bytes are not looked at. */
static void pass_over(struct stream *stream, uint64_t n)
{
	off_t next = position(stream) + (off_t)n;

	stream->reader->n_huge++;
	stream->at = stream->end = 0;
	stream->offset = next;
}

/* The next packet of the file, if there is one: *more. */
static int next(struct stream *stream, bool *more)
{
	uint64_t head, size, left;
	uint32_t number;
	int err = fill(stream, 2 * WIRE_VARINT_MAX);

	*more = false;
	if (err || stream->at == stream->end)
		return err;
	left = (uint64_t)(stream->size - position(stream));
	err = wire_measure(stream->bytes + stream->at, stream->end - stream->at, &number, &head,
			   &size);
	if (err == -EBADMSG || (!err && number != TRACE_PACKET)) {
		stream->reader->is_broken = true;
		stream->reader->n_cut_bytes = left;
		return 0;
	}
	if (err || size > left) {
		stream->reader->n_cut_bytes = left;
		return 0;
	}
	*more = true;
	if (size > PACKETS_MAX) {
		pass_over(stream, size);
		return 0;
	}
	err = fill(stream, (size_t)size);
	if (err || stream->end - stream->at < size)
		return err;
	stream->at += (size_t)size;
	return take(stream, wire_in(stream->bytes + stream->at - (size - head), size - head),
		    false);
}

int packets_read(struct packets_reader *reader, int fd, off_t size)
{
	struct stream stream = { .reader = reader, .fd = fd, .size = size };
	off_t told = 0;
	bool more = true;
	int err = 0;

	*reader = (struct packets_reader){ .packet = reader->packet,
					   .progress = reader->progress,
					   .ctx = reader->ctx };
	stream.unpacker = libdeflate_alloc_decompressor();
	if (!stream.unpacker)
		return -ENOMEM;
	while (!err && more) {
		err = next(&stream, &more);
		if (!err && reader->progress && position(&stream) - told >= N_BUFFER) {
			told = position(&stream);
			err = reader->progress(told, size, reader->ctx);
		}
	}
	reader->n_bytes = (uint64_t)position(&stream);
	libdeflate_free_decompressor(stream.unpacker);
	free(stream.bytes);
	free(stream.unpacked);
	return err;
}
