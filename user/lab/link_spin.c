// SPDX-License-Identifier: GPL-2.0-only
/*
 * link_spin.c - tokens through a slot that both sides look at until it changes: nobody sleeps, so the
 * kernel has nothing to switch while both have a CPU.
 */
#include "lab/task.h"

/*
 * Pauses before the CPU is given away, some 10 to 50 us: more than a token takes when both sides
 * run, far less than the milliseconds that the kernel would leave us one CPU that we share.
 */
#define MAX_PAUSES 1000

struct slot {
	_Atomic uint32_t full;
	uint64_t token; /* the sender's until full, then the receiver's */
};

/* Tell the CPU that this is a loop of waiting: it saves power, and leaves a sibling more. */
static void pause_cpu(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("isb"); /* `yield` does nothing on most */
#endif
}

static void wait_for(struct slot *slot, uint32_t full, struct task *self)
{
	unsigned n = 0;

	while (atomic_load_explicit(&slot->full, memory_order_acquire) != full) {
		pause_cpu();
		if (++n % MAX_PAUSES == 0)
			task_yield(self);
	}
}

static void spin_send(struct link *link, struct task *self, uint64_t token)
{
	struct slot *slot = link->state;

	wait_for(slot, 0, self);
	slot->token = token;
	atomic_store_explicit(&slot->full, 1, memory_order_release);
}

static uint64_t spin_receive(struct link *link, struct task *self)
{
	struct slot *slot = link->state;
	uint64_t token;

	wait_for(slot, 1, self);
	token = slot->token;
	atomic_store_explicit(&slot->full, 0, memory_order_release);
	return token;
}

const struct link_ops link_spin = {
	.name = "spin",
	.models = 1 << MODEL_THREAD,
	.state_bytes = sizeof(struct slot),
	.work = { [MODEL_THREAD] = 10000000 },
	.send = spin_send,
	.receive = spin_receive,
};
