// SPDX-License-Identifier: GPL-2.0-only
/*
 * link_shm.c - tokens through a slot in memory that processes share; the kernel is asked only to wait,
 * and to wake who waits.
 */
#include "lab/executor.h"
#include "lab/futex.h"

/* Bits of a slot's word. Only the sender sets FULL, only the receiver clears it. */
#define FULL   1u
#define WAITED 2u /* the other side sleeps, or is about to, until FULL changes */

struct slot {
	_Atomic uint32_t word;
	uint64_t token; /* the sender's until FULL, then the receiver's */
};

/* Until the slot is as wanted. The kernel sleeps only while the word still says that we wait. */
static void wait_for(struct slot *slot, uint32_t full)
{
	uint32_t word;

	while (((word = atomic_load(&slot->word)) & FULL) != full)
		if (word & WAITED ||
		    atomic_compare_exchange_strong(&slot->word, &word, word | WAITED))
			futex_wait(&slot->word, word | WAITED, NULL);
}

/* Hand the slot over: whoever waits for that is told, and nobody else costs a system call. */
static void hand_over(struct slot *slot, uint32_t full)
{
	if (atomic_exchange(&slot->word, full) & WAITED)
		futex_wake(&slot->word);
}

static void shm_send(struct link *link, struct task *self, uint64_t token)
{
	struct slot *slot = link->state;

	(void)self;
	wait_for(slot, 0);
	slot->token = token;
	hand_over(slot, FULL);
}

static uint64_t shm_receive(struct link *link, struct task *self)
{
	struct slot *slot = link->state;
	uint64_t token;

	(void)self;
	wait_for(slot, FULL);
	token = slot->token;
	hand_over(slot, 0);
	return token;
}

const struct link_ops link_shm = {
	.name = "shm",
	.models = 1 << MODEL_PROCESS,
	.state_bytes = sizeof(struct slot),
	.work = { [MODEL_PROCESS] = 40000 },
	.send = shm_send,
	.receive = shm_receive,
};
