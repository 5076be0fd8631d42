// SPDX-License-Identifier: GPL-2.0-only
/* tape.c - the head, the index, the facts; a block's bytes for who asks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "event/recording.h"
#include "source/tape_private.h"

#define N_HEAD_MAX  (1u << 16) /* bytes of a packet that may hold our head */
#define N_TRIES_END 16 /* blocks that are looked at for the facts of the run, from the end */

void tape_free(struct tape *tape)
{
	if (!tape)
		return;
	tape_free_tables(tape);
	if (tape->unpacker)
		libdeflate_free_decompressor(tape->unpacker);
	free(tape->packed);
	free(tape->index);
	close(tape->fd);
	free(tape);
}

const struct tape_facts *tape_facts(const struct tape *tape)
{
	return &tape->facts;
}

uint64_t tape_start_ns(const struct tape *tape, const struct run_facts *run)
{
	const struct tape_facts *facts = &tape->facts;

	return run->start_ns && run->start_ns <= facts->last_ns ? run->start_ns : facts->first_ns;
}

/* --- blocks ---------------------------------------------------------------------------------------- */

int tape_next_block(const struct tape *tape, off_t offset, struct tape_block *block,
		    bool *passed_broken)
{
	int place;

	*passed_broken = false;
	for (;;) {
		place = tape_look(tape->fd, offset, tape->size, block);
		if (place != PLACE_OTHER && place != PLACE_BROKEN)
			return place;
		*passed_broken |= place == PLACE_BROKEN;
		offset = block->next;
	}
}

static int grow(uint8_t **bytes, size_t *n_room, size_t n)
{
	uint8_t *more;

	if (n <= *n_room)
		return 0;
	more = realloc(*bytes, n);
	if (!more)
		return -ENOMEM;
	*bytes = more;
	*n_room = n;
	return 0;
}

int tape_unpack(struct tape *tape, const struct tape_block *block, uint8_t **bytes, size_t *n_room)
{
	enum libdeflate_result result;
	size_t n;
	int err;

	if (block->n_packed > RECORDING_BLOCK_MAX || !block->n_bytes)
		return -EBADMSG;
	err = grow(&tape->packed, &tape->n_packed_room, block->n_packed);
	if (!err)
		err = grow(bytes, n_room, block->n_bytes);
	if (!err)
		err = tape_read(tape->fd, tape->packed, block->n_packed, block->packed);
	if (err)
		return err;
	result = libdeflate_zlib_decompress(tape->unpacker, tape->packed, block->n_packed, *bytes,
					    block->n_bytes, &n);
	return result == LIBDEFLATE_SUCCESS && n == block->n_bytes ? 0 : -EBADMSG;
}

/* --- the head ---------------------------------------------------------------------------------------- */

static bool read_head(struct tape *tape, struct wire_in in, uint64_t *version)
{
	struct tape_facts *facts = &tape->facts;
	struct wire_field field;

	while (wire_next(&in, &field)) {
		if (field.number == HEAD_VERSION)
			*version = field.value;
		else if (field.number == HEAD_N_CPUS)
			facts->n_cpus =
				field.value <= RECORDING_N_CPUS_MAX ? (unsigned)field.value : 0;
		else if (field.number == HEAD_N_LANES)
			facts->n_lanes = field.value <= N_LANES_MAX ? (unsigned)field.value : 0;
		else if (field.number == HEAD_BOOT_OFFSET)
			tape->offset_ns = (uint64_t)wire_unzigzag(field.value);
	}
	return !in.broken && facts->n_cpus && facts->n_lanes;
}

/* Our head in the packet of n bytes, tag and length included; false: it is another packet. */
static bool find_head(struct wire_in in, struct wire_in *head)
{
	struct wire_field field;

	if (!wire_next(&in, &field))
		return false;
	in = wire_inside(&field);
	while (wire_next(&in, &field)) {
		struct wire_in ours = wire_inside(&field);
		struct wire_field inside;

		if (field.number != PACKET_SWTCH || !wire_next(&ours, &inside) ||
		    inside.number != SWTCH_HEAD)
			continue;
		*head = wire_inside(&inside);
		return true;
	}
	return false;
}

/* A packet of the head; whatever is longer is none of ours. */
static int read_packet(const struct tape *tape, const struct tape_block *place, uint8_t *bytes,
		       struct wire_in *packet)
{
	size_t n = (size_t)(place->next - place->offset);

	*packet = (struct wire_in){ 0 };
	if (n > N_HEAD_MAX)
		return 0;
	*packet = wire_in(bytes, n);
	return tape_read(tape->fd, bytes, n, place->offset);
}

/* 0, -ENOMSG when this is no recording of ours, -EPROTO of another version, or what reading met. */
static int find_start(struct tape *tape)
{
	uint8_t *bytes = malloc(N_HEAD_MAX);
	struct tape_block place;
	struct wire_in packet, head;
	uint64_t version = 0;
	off_t offset = 0;
	int err = bytes ? -ENOMSG : -ENOMEM;

	/* Before our head stand a few packets: clocks, the system, what ours mean. */
	for (unsigned i = 0; bytes && i < 16; i++) {
		int found = tape_look(tape->fd, offset, tape->size, &place);

		err = found < 0 ? found : -ENOMSG;
		if (found != PLACE_OTHER)
			break;
		err = read_packet(tape, &place, bytes, &packet);
		if (err)
			break;
		err = -ENOMSG;
		offset = place.next;
		if (!find_head(packet, &head))
			continue;
		if (read_head(tape, head, &version))
			err = version >= RECORDING_VERSION_OLDEST && version <= RECORDING_VERSION
				      ? 0
				      : -EPROTO;
		break;
	}
	tape->start = offset;
	free(bytes);
	return err;
}

/* --- the index ---------------------------------------------------------------------------------------- */

/* Full: every second one goes, and from now on only every second one comes. */
static void thin(struct tape *tape)
{
	for (size_t i = 0; 2 * i < tape->n_index; i++)
		tape->index[i] = tape->index[2 * i];
	tape->n_index = (tape->n_index + 1) / 2;
	tape->stride *= 2;
}

static int add(struct tape *tape, const struct tape_block *block)
{
	if (tape->facts.n_blocks % tape->stride)
		return 0;
	if (tape->n_index == TAPE_INDEX_MAX)
		thin(tape);
	if (tape->n_index == tape->n_room) {
		size_t n = tape->n_room ? 2 * tape->n_room : 256;
		void *index = realloc(tape->index, n * sizeof(*tape->index));

		if (!index)
			return -ENOMEM;
		tape->index = index;
		tape->n_room = n;
	}
	tape->index[tape->n_index].offset = block->offset;
	tape->index[tape->n_index++].first_ns = block->first_ns - tape->offset_ns;
	return 0;
}

static void note_block(struct tape_facts *facts, const struct tape_block *block, uint64_t offset_ns)
{
	uint64_t first_ns = block->first_ns - offset_ns, last_ns = block->last_ns - offset_ns;

	if (!facts->n_blocks || first_ns < facts->first_ns)
		facts->first_ns = first_ns;
	if (!facts->n_blocks || last_ns > facts->last_ns)
		facts->last_ns = last_ns;
	facts->n_events += block->n_events;
	facts->n_bytes += block->n_packed;
	facts->n_blocks++;
}

static int read_index(struct tape *tape)
{
	struct tape_facts *facts = &tape->facts;
	struct tape_block block;
	off_t offset = tape->start;
	int place, err = 0;

	while (!err) {
		place = tape_look(tape->fd, offset, tape->size, &block);
		if (place == PLACE_BLOCK) {
			err = add(tape, &block);
			note_block(facts, &block, tape->offset_ns);
		} else if (place == PLACE_OTHER) {
			facts->n_unknown++;
		} else if (place == PLACE_BROKEN) {
			facts->n_broken++;
		} else {
			facts->n_cut_bytes = (uint64_t)(tape->size - offset);
			return place < 0 ? place : 0;
		}
		offset = block.next;
	}
	return err;
}

/* The items of a block. -ENOMEM is no word about the block; whatever else, it cannot be read. */
static int read_items(struct tape *tape, const struct tape_block *at, struct block *block,
		      uint8_t **bytes, size_t *n_room)
{
	int err = tape_unpack(tape, at, bytes, n_room);

	if (!err)
		err = block_read(block, *bytes, at->n_bytes, at->first_ns - tape->offset_ns, false);
	if (err)
		block->n_items = 0;
	return err == -ENOMEM ? err : 0;
}

/* What the last block that can be read says of the run: it has all that was told before. */
static int find_run(struct tape *tape)
{
	struct block block;
	size_t n_room = 0;
	uint8_t *bytes = NULL;
	bool found = false;
	int err = block_init(&block, tape->facts.n_cpus, tape->offset_ns);

	for (size_t i = tape->n_index, n = 0; !err && i-- && n < N_TRIES_END && !found; n++) {
		struct tape_block at;
		off_t offset = tape->index[i].offset;
		bool broken;

		/* Behind one of a thinned index come more. */
		while (!err && tape_next_block(tape, offset, &at, &broken) == PLACE_BLOCK) {
			offset = at.next;
			err = read_items(tape, &at, &block, &bytes, &n_room);
			for (uint32_t k = 0; !err && k < block.n_items; k++)
				if (block.items[k].field == SWTCH_RUN)
					found |= tape_read_run(tape, block.items[k].in,
							       &tape->facts.run);
		}
	}
	block_fini(&block);
	free(bytes);
	return err;
}

/* --- opening ---------------------------------------------------------------------------------------- */

static int refuse(const char *path, int err, struct error *error)
{
	char shown[SHOWN_PATH];

	escape_name(shown, sizeof(shown), path);
	switch (-err) {
	case ENOMSG:
		return error_set(error, ENOMSG,
				 "%s is no recording of swtch; `swtch record -o FILE` makes one",
				 shown);
	case EPROTO:
		return error_set(error, EPROTO,
				 "%s was recorded by another version of swtch; read it with that",
				 shown);
	case ENODATA:
		return error_set(error, ENODATA, "%s is empty; nothing was recorded into it",
				 shown);
	case EISDIR:
		return error_set(error, EISDIR, "%s is a directory; name a recording in it", shown);
	case ESPIPE:
		return error_set(
			error, ESPIPE,
			"%s is not a regular file, and a recording is read from any place of "
			"it; save it into a file first",
			shown);
	}
	return error_set(error, -err, "cannot read %s: %s", shown, strerror(-err));
}

static int open_file(struct tape *tape)
{
	struct stat stat;

	if (fstat(tape->fd, &stat))
		return -errno;
	if (S_ISDIR(stat.st_mode))
		return -EISDIR;
	if (!S_ISREG(stat.st_mode))
		return -ESPIPE;
	if (!stat.st_size)
		return -ENODATA;
	tape->size = stat.st_size;
	tape->unpacker = libdeflate_alloc_decompressor();
	return tape->unpacker ? 0 : -ENOMEM;
}

struct tape *tape_open(int fd, const char *path, struct error *error)
{
	struct tape *tape = calloc(1, sizeof(*tape));
	int err;

	if (!tape) {
		close(fd);
		refuse(path, -ENOMEM, error);
		errno = ENOMEM;
		return NULL;
	}
	tape->fd = fd;
	tape->stride = 1;
	err = open_file(tape);
	if (!err)
		err = find_start(tape);
	if (!err)
		err = read_index(tape);
	if (!err)
		err = find_run(tape);
	if (err) {
		refuse(path, err, error);
		tape_free(tape);
		errno = -err;
		return NULL;
	}
	return tape;
}
