// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel_ring.c - it lies in the file as: a page with how far it was read, a page with how far it is
 * reserved, the data twice in a row, so that no record is broken at the end.
 */
#include "source/kernel_ring.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/bpf.h>

static size_t rest_bytes(const struct kernel_ring *ring)
{
	return ring->page + 2 * ring->size;
}

int kernel_ring_open(struct kernel_ring *ring, int fd, size_t size)
{
	int err;

	*ring = (struct kernel_ring){ .page = (size_t)sysconf(_SC_PAGESIZE), .size = size };
	ring->read = mmap(NULL, ring->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring->read == MAP_FAILED) {
		ring->read = NULL;
		return -errno;
	}
	ring->rest = mmap(NULL, rest_bytes(ring), PROT_READ, MAP_SHARED, fd, (off_t)ring->page);
	if (ring->rest == MAP_FAILED) {
		err = errno;
		ring->rest = NULL;
		kernel_ring_close(ring);
		return -err;
	}
	return 0;
}

void kernel_ring_close(struct kernel_ring *ring)
{
	if (ring->read)
		munmap(ring->read, ring->page);
	if (ring->rest)
		munmap(ring->rest, rest_bytes(ring));
	ring->read = ring->rest = NULL;
}

/* The kernel's places are multiples of eight. Our own page any process may have written that has the map. */
#define PLACE(at) ((at) & ~7ul)

/*
 * Whatever stands there, this ends, and nothing outside is read: more than the ring holds, or a record
 * longer than what was reserved, is none of the kernel's, and passed over.
 */
void kernel_ring_drain(struct kernel_ring *ring,
		       void (*fn)(const void *record, size_t length, void *ctx), void *ctx)
{
	unsigned long at = PLACE(*ring->read);
	unsigned long end =
		PLACE(__atomic_load_n((const unsigned long *)ring->rest, __ATOMIC_ACQUIRE));

	ring->stuck = false;
	if (end - at > ring->size)
		at = end;
	while (at != end) {
		const char *data = (const char *)ring->rest + ring->page + (at & (ring->size - 1));
		uint32_t head = __atomic_load_n((const uint32_t *)data, __ATOMIC_ACQUIRE);
		uint32_t length = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (head & BPF_RINGBUF_BUSY_BIT) {
			ring->stuck = true;
			break;
		}
		if (end - at < BPF_RINGBUF_HDR_SZ + (unsigned long)length) {
			at = end;
			break;
		}
		if (!(head & BPF_RINGBUF_DISCARD_BIT))
			fn(data + BPF_RINGBUF_HDR_SZ, length, ctx);
		length = (length + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
		ring->n_bytes += length;
		at += length;
		__atomic_store_n(ring->read, at, __ATOMIC_RELEASE);
	}
	__atomic_store_n(ring->read, at, __ATOMIC_RELEASE);
}
