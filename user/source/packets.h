/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packets.h - the packets of a Perfetto trace, one after another, also those within compressed ones.
 *
 * Hostile bytes; a file is read in one pass. Memory: at most PACKETS_MAX for the packet of the file that
 * is read, and as much for what one unpacks to. No state between calls.
 */
#ifndef SWTCH_SOURCE_PACKETS_H
#define SWTCH_SOURCE_PACKETS_H

#include <sys/types.h>

#include "base/wire.h"

#define PACKETS_MAX (64u << 20) /* bytes of a packet, packed or not; longer ones are passed over */

struct packets_reader {
	/* Takes a packet, the bytes within; valid during the call. Not 0 ends the reading. */
	int (*packet)(struct wire_in packet, void *ctx);

	/* How far it is, `done` of `size` bytes; NULL: nobody asks. Not 0 ends the reading. */
	int (*progress)(off_t done, off_t size, void *ctx);
	void *ctx;

	uint64_t n_packets;   /* that were taken */
	uint64_t n_bytes;     /* of the file, up to where reading ended */
	uint64_t n_cut_bytes; /* at the end: a packet that is not whole */
	bool is_broken;	      /* reading ended where bytes make no sense as a packet */
	uint64_t n_huge;      /* packets longer than PACKETS_MAX, packed or not */
	uint64_t n_damaged;   /* compressed packets that cannot be unpacked */
	uint64_t n_zstd;      /* packed in a way that is not read here */
};

/*
 * Read `size` bytes of `fd` from its start; what it finds is counted in `reader`, from 0. 0, -ENOMEM,
 * what reading met, or what `packet` or `progress` returned. That a file is cut or broken is no error.
 */
int packets_read(struct packets_reader *reader, int fd, off_t size);

#endif
