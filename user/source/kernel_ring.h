/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_ring.h - the kernel's ring buffer (kernel/bpf/ringbuf.c), read through its mapped pages.
 *
 * Hooks give it records without a wakeup, so there is nothing to wait for, and libbpf's reader with
 * its epoll is not needed. One reader; one thread.
 */
#ifndef SWTCH_KERNEL_RING_H
#define SWTCH_KERNEL_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_ring {
	size_t page, size;
	unsigned long *read; /* bytes ever read: ours to write */
	void *rest;	     /* both pages and the data behind */
	bool stuck;	     /* the next record is reserved and not yet written */
	uint64_t n_bytes;    /* read so far, with the heads of records */
};

/* `size` is the map's own, a power of two of whole pages. 0 or -errno; close takes a zeroed one. */
int kernel_ring_open(struct kernel_ring *ring, int fd, size_t size);
void kernel_ring_close(struct kernel_ring *ring);

/*
 * Hand out what is there, up to where it was reserved when this began, so that a fast writer does not
 * hold us. A record is valid during the call.
 */
void kernel_ring_drain(struct kernel_ring *ring,
		       void (*fn)(const void *record, size_t length, void *ctx), void *ctx);

#endif
