// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_packets.c - what stands in a block, unpacked: no checksum is in the way, and the block claims as
 * many events as it has. The first two bytes choose how many CPUs and lanes there are; the rest are
 * its packets, which come twice, as two blocks.
 */
#include <libdeflate.h>

#include "fuzz.h"
#include "source/block.h"

#define FIRST_NS 1000000000ull /* of the blocks, as seeds.c has it */

static void put_head(struct wire *out, unsigned n_cpus, unsigned n_lanes)
{
	size_t packet = wire_begin(out, TRACE_PACKET), ours = wire_begin(out, PACKET_SWTCH);
	size_t head = wire_begin(out, SWTCH_HEAD);

	wire_uint(out, HEAD_VERSION, RECORDING_VERSION);
	wire_uint(out, HEAD_N_CPUS, n_cpus);
	wire_uint(out, HEAD_N_LANES, n_lanes);
	wire_sint(out, HEAD_BOOT_OFFSET, 0);
	wire_end(out, head);
	wire_end(out, ours);
	wire_end(out, packet);
}

static uint32_t count_events(unsigned n_cpus, const uint8_t *bytes, size_t n)
{
	struct block block;
	uint32_t n_events = 0;

	MUST(!block_init(&block, n_cpus, 0));
	if (!block_read(&block, bytes, n, FIRST_NS, true))
		n_events = block.n_events;
	block_fini(&block);
	return n_events;
}

static void put_block(struct wire *out, unsigned number, uint32_t n_events, const uint8_t *bytes,
		      size_t n)
{
	struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(0);
	size_t room = libdeflate_zlib_compress_bound(compressor, n);
	size_t packet = wire_begin(out, TRACE_PACKET), ours = wire_begin(out, PACKET_SWTCH);
	size_t block = wire_begin(out, SWTCH_BLOCK), packed;

	wire_uint(out, BLOCK_FIRST, FIRST_NS * (number + 1));
	wire_uint(out, BLOCK_LAST, FIRST_NS * (number + 2));
	wire_uint(out, BLOCK_N_EVENTS, n_events);
	wire_uint(out, BLOCK_N_BYTES, n);
	wire_uint(out, BLOCK_NUMBER, number);
	wire_end(out, block);
	wire_end(out, ours);
	wire_end(out, packet);
	packet = wire_begin(out, TRACE_PACKET);
	packed = wire_begin(out, PACKET_COMPRESSED);
	MUST(compressor && wire_reserve(out, room));
	out->n += libdeflate_zlib_compress(compressor, bytes, n, out->bytes + out->n, room);
	wire_end(out, packed);
	wire_end(out, packet);
	libdeflate_free_compressor(compressor);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct wire out = { 0 };
	unsigned n_cpus;
	uint32_t n_events;

	if (n < 3)
		return 0;
	n_cpus = 1u + bytes[0] % 8;
	n_events = count_events(n_cpus, bytes + 2, n - 2);
	put_head(&out, n_cpus, 1u + bytes[1] % N_LANES_MAX);
	for (unsigned number = 0; number < 2; number++)
		put_block(&out, number, n_events, bytes + 2, n - 2);
	MUST(!out.err);
	fuzz_tape(fuzz_file(out.bytes, out.n));
	wire_fini(&out);
	return 0;
}
