// SPDX-License-Identifier: GPL-2.0-only
/* marked_ids.c - coroutines of all programs and hooks of a lane: each an id of its own, as far as they go. */
#include <stdlib.h>

#include "source/marked_private.h"

static uint32_t id_in(uint32_t page, uint32_t id)
{
	return (page - 1) << PAGE_BITS | (id & ((1u << PAGE_BITS) - 1));
}

/*
 * Programs number their coroutines alike: each page of a program's ids is the lane's next one when it
 * is met. The first program's thus stay what they are. None gets more than it leaves the others: what is
 * beyond shares its last page; and of programs that come when none is left, one does.
 */
uint32_t marked_id(struct marked *marked, struct program *program, uint32_t id)
{
	struct lane_sums *lane = &marked->lanes[program->lane];
	uint32_t *page = &program->pages[id >> PAGE_BITS];

	if (!*page && program->n_pages < N_PAGES_EACH - lane->n_theirs) {
		lane->n_theirs++;
		program->n_pages++;
		program->last_page = lane->last_of_theirs = ++lane->n_pages;
	}
	if (!*page)
		*page = program->last_page ? program->last_page : lane->last_of_theirs;
	return id_in(*page, id);
}

/* The hooks number coroutines of all lanes in one row: 2^31, and then again from the start. */
uint32_t marked_hook_id(struct marked *marked, uint32_t number, uint32_t id)
{
	struct lane_sums *lane = &marked->lanes[number % N_LANES_MAX];
	uint32_t *page;

	if (!lane->hook_pages)
		lane->hook_pages = calloc(N_PAGES_EACH, sizeof(*lane->hook_pages));
	if (!lane->hook_pages)
		return 0;
	page = &lane->hook_pages[(id >> PAGE_BITS) % N_PAGES_EACH];
	if (!*page)
		*page = ++lane->n_pages;
	return id_in(*page, id);
}
