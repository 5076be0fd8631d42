// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_tape_bad.c - a recording that is cut at every byte, flipped at every bit, that grows and shrinks,
 * or claims what cannot be: what is whole in it comes out as it went in, and nothing else.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/wire.h"
#include "event/recording.h"
#include "sink/recording.h"
#include "source/foreign.h"
#include "source/source.h"
#include "source/tape.h"
#include "sanitized.h"

#define N_CPUS	 2
#define N_BLOCKS 4
#define N_EVENTS 60 /* of a block */

/* A small recording, and where its chunks end: the head, then its blocks. */
static struct {
	uint8_t bytes[1 << 16];
	size_t n;
	size_t ends[1 + N_BLOCKS];
	unsigned n_chunks;
	struct event events[N_BLOCKS * N_EVENTS];
	unsigned n_events;
} small;

static int keep_chunk(const struct chunk *chunk, void *ctx)
{
	(void)ctx;
	assert_true(small.n + chunk->n <= sizeof(small.bytes) && small.n_chunks <= N_BLOCKS);
	memcpy(small.bytes + small.n, chunk->bytes, chunk->n);
	small.n += chunk->n;
	small.ends[small.n_chunks++] = small.n;
	return 0;
}

static void keep_event(const struct event *event, void *ctx)
{
	struct recording *recording = ctx;

	if (small.n_events == N_EVENTS * small.n_chunks) /* the block is full */
		return;
	small.events[small.n_events] = *event;
	small.events[small.n_events++].seq = 0;
	assert_int_equal(recording_event(recording, event), 0);
}

static int make_small(void **state)
{
	struct source *source = source_synth_new(N_CPUS, 12, 3);
	struct recording *recording = recording_new(N_CPUS, source->n_lanes, keep_chunk, NULL);

	(void)state;
	assert_int_equal(recording_head(recording, keep_chunk, NULL), 0);
	for (unsigned block = 0; block < N_BLOCKS; block++) {
		source_synth_advance(source, 30 * NS_PER_MS);
		source->flush(source, keep_event, recording);
		assert_int_equal(recording_flush(recording), 0);
	}
	assert_int_equal(small.n_events, N_BLOCKS * N_EVENTS);
	recording_free(recording);
	source->free(source);
	return 0;
}

static int file_of(const void *bytes, size_t n)
{
	int fd = memfd_create("bad", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	return fd;
}

/* --- what comes out ------------------------------------------------------------------------------ */

struct heard {
	unsigned next; /* number of the event that comes next, if it is one of the recording's */
	unsigned n, n_odd; /* events; of them such as never went in */
	unsigned n_gaps;
};

static void hear(const struct event *event, void *ctx)
{
	struct heard *heard = ctx;
	unsigned at = heard->next;

	if (event->kind == EVENT_LOST && event->cpu == CPU_UNKNOWN) {
		heard->n_gaps++;
		return;
	}
	heard->n++;
	while (at < small.n_events && memcmp(event, &small.events[at], sizeof(*event)) != 0)
		at++;
	if (at < small.n_events)
		heard->next = at + 1;
	else
		heard->n_odd++;
}

static struct heard play(struct tape *tape)
{
	struct heard heard = { 0 };
	struct tape_visitor visitor = { .event = hear, .ctx = &heard };
	struct cursor *cursor = cursor_new(tape);

	assert_non_null(cursor);
	cursor_play(cursor, UINT64_MAX, UINT64_MAX, &visitor);
	cursor_free(cursor);
	return heard;
}

/* --- the tests ------------------------------------------------------------------------------------------ */

static void test_tape_cut_at_every_byte_tells_its_whole_blocks(void **state)
{
	unsigned n_whole = 0;

	(void)state;
	for (size_t n = 0; n <= small.n; n += EACH(7)) {
		struct error error = { "" };
		struct tape *tape = tape_open(file_of(small.bytes, n), "cut", &error);
		struct heard heard;

		while (n_whole < N_BLOCKS && small.ends[n_whole + 1] <= n)
			n_whole++;
		if (n < small.ends[0]) {
			assert_null(tape);
			assert_true(strlen(error.text) > 10);
			continue;
		}
		assert_non_null(tape);
		heard = play(tape);
		assert_int_equal(heard.n, n_whole * N_EVENTS);
		assert_int_equal(heard.next, heard.n); /* and none was passed over */
		assert_int_equal(heard.n_odd, 0);
		assert_int_equal(heard.n_gaps, 0);
		assert_int_equal(tape_facts(tape)->n_events, heard.n);
		assert_int_equal(tape_facts(tape)->n_cut_bytes, n - small.ends[n_whole]);
		tape_free(tape);
	}
}

/* Where a block's packed bytes begin: behind its head and the heads of the packet that holds them. */
static size_t packed_at(unsigned block)
{
	uint64_t head, size, inner;
	uint32_t field;
	size_t at = small.ends[block];

	assert_int_equal(wire_measure(small.bytes + at, 64, &field, &head, &size), 0);
	at += size;
	assert_int_equal(wire_measure(small.bytes + at, 64, &field, &head, &size), 0);
	assert_int_equal(wire_measure(small.bytes + at + head, 64, &field, &inner, &size), 0);
	assert_int_equal(field, PACKET_COMPRESSED);
	return at + head + inner;
}

static void test_tape_flipped_at_every_bit_loses_one_block_at_most(void **state)
{
	(void)state;
	for (unsigned block = 0; block < N_BLOCKS; block++) {
		size_t packed = packed_at(block);

		for (size_t bit = 8 * small.ends[block]; bit < 8 * small.ends[block + 1];
		     bit += EACH(11)) {
			struct tape *tape;
			struct heard heard;

			small.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			tape = tape_open(file_of(small.bytes, small.n), "flipped", NULL);
			small.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_non_null(tape);
			heard = play(tape);
			assert_true(heard.n >= (N_BLOCKS - 1) * N_EVENTS);
			assert_true(heard.n <= N_BLOCKS * N_EVENTS);
			tape_free(tape);
			if (bit / 8 < packed)
				continue;
			/* A checksum stands guard: what was packed comes out, or nothing. */
			assert_int_equal(heard.n_odd, 0);
			assert_int_equal(heard.n + heard.n_gaps * N_EVENTS, N_BLOCKS * N_EVENTS);
		}
	}
}

/* Of the head a bit may say how much there is to expect, or by how much times are off. */
static void test_tape_head_flipped_at_every_bit_opens_or_is_refused(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < 8 * small.ends[0]; bit += EACH(3)) {
		struct error error = { "" };
		struct tape *tape;

		small.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		tape = tape_open(file_of(small.bytes, small.n), "flipped", &error);
		small.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (!tape) {
			assert_true(strlen(error.text) > 10);
			continue;
		}
		assert_true(play(tape).n <= N_BLOCKS * N_EVENTS);
		tape_free(tape);
	}
}

static void test_tape_that_grows_is_what_it_was_when_opened(void **state)
{
	size_t n = small.ends[2] + 7, rest = small.n - n;
	int fd = file_of(small.bytes, n);
	struct tape *tape = tape_open(dup(fd), "growing", NULL);

	(void)state;
	assert_non_null(tape);
	assert_int_equal(write(fd, small.bytes + n, rest), rest);
	assert_int_equal(play(tape).n, 2 * N_EVENTS);
	tape_free(tape);
	tape = tape_open(fd, "grown", NULL);
	assert_int_equal(play(tape).n, N_BLOCKS * N_EVENTS);
	tape_free(tape);
}

static void test_tape_that_shrinks_ends_early(void **state)
{
	(void)state;
	for (size_t n = 0; n < small.n; n += 97) {
		int fd = file_of(small.bytes, small.n);
		struct tape *tape = tape_open(dup(fd), "shrinking", NULL);
		struct heard heard;

		assert_non_null(tape);
		assert_int_equal(ftruncate(fd, (off_t)n), 0);
		heard = play(tape);
		assert_true(heard.n <= N_BLOCKS * N_EVENTS);
		assert_int_equal(heard.n_odd, 0);
		tape_free(tape);
		close(fd);
	}
}

/* As for want of memory: it is no end, which would make a report of nothing, and is well once it was mended. */
static void test_cursor_that_cannot_read_is_not_at_the_end(void **state)
{
	int fd = file_of(small.bytes, small.n);
	struct tape *tape = tape_open(dup(fd), "out of reach", NULL);
	struct cursor *cursor = cursor_new(tape);
	struct heard heard = { 0 };
	struct tape_visitor visitor = { .event = hear, .ctx = &heard };

	(void)state;
	assert_non_null(cursor);
	assert_int_equal(ftruncate(fd, (off_t)small.ends[1] - 5), 0);
	assert_false(cursor_at_end(cursor));
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(cursor_play(cursor, UINT64_MAX, UINT64_MAX, &visitor), -EIO);
	assert_false(cursor_at_end(cursor));
	assert_int_equal(pwrite(fd, small.bytes, small.n, 0), small.n);
	cursor_seek(cursor, 0);
	assert_int_equal(cursor_play(cursor, UINT64_MAX, UINT64_MAX, &visitor),
			 N_BLOCKS * N_EVENTS);
	assert_true(cursor_at_end(cursor));
	cursor_free(cursor);
	tape_free(tape);
	close(fd);
}

/* --- claims --------------------------------------------------------------------------------------------- */

static void put_head(struct wire *out, uint64_t n_cpus, uint64_t n_lanes)
{
	size_t packet = wire_begin(out, TRACE_PACKET), ours = wire_begin(out, PACKET_SWTCH);
	size_t head = wire_begin(out, SWTCH_HEAD);

	wire_uint(out, HEAD_VERSION, RECORDING_VERSION);
	wire_uint(out, HEAD_N_CPUS, n_cpus);
	wire_uint(out, HEAD_N_LANES, n_lanes);
	wire_end(out, head);
	wire_end(out, ours);
	wire_end(out, packet);
}

static void put_block(struct wire *out, uint64_t first_ns, uint64_t n_events, uint64_t n_bytes)
{
	size_t packet = wire_begin(out, TRACE_PACKET), ours = wire_begin(out, PACKET_SWTCH);
	size_t block = wire_begin(out, SWTCH_BLOCK);

	wire_uint(out, BLOCK_FIRST, first_ns);
	wire_uint(out, BLOCK_LAST, UINT64_MAX);
	wire_uint(out, BLOCK_N_EVENTS, n_events);
	wire_uint(out, BLOCK_N_BYTES, n_bytes);
	wire_end(out, block);
	wire_end(out, ours);
	wire_end(out, packet);
	packet = wire_begin(out, TRACE_PACKET);
	wire_bytes(out, PACKET_COMPRESSED, "\x78\x9c\x03\x00\x00\x00\x00\x01", 8);
	wire_end(out, packet);
}

static void test_tape_absurd_claims_cost_nothing(void **state)
{
	static const struct {
		uint64_t n_cpus, n_lanes, first_ns, n_events, n_bytes;
		bool opens;
	} claims[] = {
		{ 1, 1, 1, 0, 0, true },
		{ 1ull << 60, 4, 1, 0, 0, false },
		{ RECORDING_N_CPUS_MAX + 1, 4, 1, 0, 0, false },
		{ 0, 4, 1, 0, 0, false },
		{ 2, 1ull << 32, 1, 0, 0, false },
		{ 2, 0, 1, 0, 0, false },
		{ RECORDING_N_CPUS_MAX, N_LANES_MAX, 1, 1 << 15, 1 << 20, true },
		{ 2, 4, UINT64_MAX, UINT64_MAX, UINT64_MAX, true },
		{ 2, 4, 0, 1ull << 60, 1ull << 60, true },
		{ 2, 4, 1, 1, RECORDING_BLOCK_MAX, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		struct error error = { "" };
		struct wire out = { 0 };
		struct tape *tape;

		put_head(&out, claims[i].n_cpus, claims[i].n_lanes);
		put_block(&out, claims[i].first_ns, claims[i].n_events, claims[i].n_bytes);
		tape = tape_open(file_of(out.bytes, out.n), "absurd", &error);
		assert_int_equal(tape != NULL, claims[i].opens);
		if (tape)
			assert_int_equal(play(tape).n, 0);
		else
			assert_true(strlen(error.text) > 10);
		tape_free(tape);
		wire_fini(&out);
	}
}

/* A packet that claims to be longer than any file, before, between and behind blocks. */
static void test_tape_absurd_lengths_are_a_cut_or_a_gap(void **state)
{
	static const uint8_t longest[] = { 0x0a, 0xff, 0xff, 0xff, 0xff,
					   0xff, 0xff, 0xff, 0xff, 0x0f },
			     wrapping[] = { 0x0a, 0xff, 0xff, 0xff, 0xff, 0xff,
					    0xff, 0xff, 0xff, 0xff, 0x01 };
	static const struct {
		const uint8_t *bytes;
		size_t n;
	} lengths[] = { { longest, sizeof(longest) }, { wrapping, sizeof(wrapping) } };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned block = 0; block <= N_BLOCKS; block++) {
			int fd = file_of(small.bytes, small.ends[block]);
			struct tape *tape;
			struct heard heard;

			assert_true(write(fd, lengths[i].bytes, lengths[i].n) > 0);
			assert_true(write(fd, small.bytes + small.ends[block],
					  small.n - small.ends[block]) >= 0);
			tape = tape_open(fd, "long", NULL);
			assert_non_null(tape);
			heard = play(tape);
			assert_int_equal(heard.n, N_BLOCKS * N_EVENTS);
			assert_int_equal(heard.n_odd, 0);
			tape_free(tape);
		}
	}
}

/* --- another tool's trace ------------------------------------------------------------------------------- */

static int count(const struct event *event, void *ctx)
{
	(void)event;
	++*(unsigned *)ctx;
	return 0;
}

/* How many events a trace of n bytes has; 0 when it is refused. */
static unsigned play_foreign(const uint8_t *bytes, size_t n)
{
	int fd = file_of(bytes, n);
	struct error error = { "" };
	struct foreign *foreign = foreign_open(fd, "trace", NULL, NULL, &error);
	unsigned n_events = 0;

	if (foreign)
		assert_int_equal(foreign_play(foreign, count, &n_events), 0);
	else
		assert_true(strlen(error.text) > 10);
	foreign_free(foreign);
	close(fd);
	return n_events;
}

static void test_foreign_cut_and_flipped_anywhere_is_read_or_refused(void **state)
{
	static uint8_t bytes[1 << 12];
	FILE *file = fopen("tests/fuzz/corpus/foreign/seed-9", "r");
	unsigned n_all, n_before = 0;
	size_t n;

	(void)state;
	assert_non_null(file);
	n = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	n_all = play_foreign(bytes, n);
	assert_true(n_all > 20);
	for (size_t cut = 0; cut <= n; cut++) {
		unsigned n_events = play_foreign(bytes, cut);

		assert_true(n_events >= n_before && n_events <= n_all);
		n_before = n_events;
	}
	assert_int_equal(n_before, n_all);
	for (size_t bit = 0; bit < 8 * n; bit += EACH(11)) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(play_foreign(bytes, n) < 2 * n_all);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tape_cut_at_every_byte_tells_its_whole_blocks),
		cmocka_unit_test(test_tape_flipped_at_every_bit_loses_one_block_at_most),
		cmocka_unit_test(test_tape_head_flipped_at_every_bit_opens_or_is_refused),
		cmocka_unit_test(test_tape_that_grows_is_what_it_was_when_opened),
		cmocka_unit_test(test_tape_that_shrinks_ends_early),
		cmocka_unit_test(test_cursor_that_cannot_read_is_not_at_the_end),
		cmocka_unit_test(test_tape_absurd_claims_cost_nothing),
		cmocka_unit_test(test_tape_absurd_lengths_are_a_cut_or_a_gap),
		cmocka_unit_test(test_foreign_cut_and_flipped_anywhere_is_read_or_refused),
	};

	return cmocka_run_group_tests(tests, make_small, NULL);
}
