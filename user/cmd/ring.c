// SPDX-License-Identifier: GPL-2.0-only
/* ring.c - a list of copies: the oldest go when a new one makes it too long or too large. */
#include "cmd/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct block {
	struct block *next;
	struct chunk chunk; /* its bytes follow */
};

struct ring {
	uint64_t time_ns, n_bytes_most;
	struct block *oldest, *newest;
	uint64_t n_bytes, n_events;
	bool is_tight;
};

struct ring *ring_new(uint64_t time_ns, uint64_t n_bytes)
{
	struct ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return NULL;
	ring->time_ns = time_ns ? time_ns : UINT64_MAX;
	ring->n_bytes_most = n_bytes && n_bytes < RING_BYTES_MOST ? n_bytes : RING_BYTES_MOST;
	return ring;
}

static void let_go(struct ring *ring)
{
	struct block *block = ring->oldest;

	ring->oldest = block->next;
	if (!ring->oldest)
		ring->newest = NULL;
	ring->n_bytes -= block->chunk.n;
	ring->n_events -= block->chunk.n_events;
	free(block);
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	while (ring->oldest)
		let_go(ring);
	free(ring);
}

/* A block is too old once all of it is. */
static bool is_old(const struct ring *ring)
{
	uint64_t last_ns = ring->oldest->chunk.last_ns;

	return ring->newest->chunk.last_ns > last_ns &&
	       ring->newest->chunk.last_ns - last_ns >= ring->time_ns;
}

int ring_take(const struct chunk *chunk, void *ctx)
{
	struct ring *ring = ctx;
	struct block *block = malloc(sizeof(*block) + chunk->n);

	if (!block)
		return -ENOMEM;
	block->next = NULL;
	block->chunk = *chunk;
	block->chunk.bytes = block + 1;
	memcpy(block + 1, chunk->bytes, chunk->n);
	if (ring->newest)
		ring->newest->next = block;
	else
		ring->oldest = block;
	ring->newest = block;
	ring->n_bytes += chunk->n;
	ring->n_events += chunk->n_events;
	while (ring->oldest != block && is_old(ring))
		let_go(ring);
	while (ring->oldest != block && ring->n_bytes > ring->n_bytes_most) {
		let_go(ring);
		ring->is_tight = true;
	}
	return 0;
}

int ring_each(const struct ring *ring, chunk_fn fn, void *ctx)
{
	int err = 0;

	for (const struct block *block = ring->oldest; block && !err; block = block->next)
		err = fn(&block->chunk, ctx);
	return err;
}

uint64_t ring_n_bytes(const struct ring *ring)
{
	return ring->n_bytes;
}

uint64_t ring_n_events(const struct ring *ring)
{
	return ring->n_events;
}

uint64_t ring_span_ns(const struct ring *ring)
{
	if (!ring->oldest || ring->newest->chunk.last_ns < ring->oldest->chunk.first_ns)
		return 0;
	return ring->newest->chunk.last_ns - ring->oldest->chunk.first_ns;
}

bool ring_is_tight(const struct ring *ring)
{
	return ring->is_tight;
}
