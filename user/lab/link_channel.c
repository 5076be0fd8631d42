// SPDX-License-Identifier: GPL-2.0-only
/* link_channel.c - tokens between coroutines of one loop: a slot, and who waits for it. */
#include "lab/executor.h"
#include "lab/loop.h"

struct channel {
	struct coro_queue waiting; /* the sender while full, the receiver while empty */
	bool full;
	uint64_t token;
};

static void channel_send(struct link *link, struct task *self, uint64_t token)
{
	struct channel *channel = link->state;
	struct loop *loop = loop_here();

	(void)self;
	while (channel->full)
		loop_wait(loop, &channel->waiting);
	channel->token = token;
	channel->full = true;
	loop_wake(loop, &channel->waiting);
}

static uint64_t channel_receive(struct link *link, struct task *self)
{
	struct channel *channel = link->state;
	struct loop *loop = loop_here();

	(void)self;
	while (!channel->full)
		loop_wait(loop, &channel->waiting);
	channel->full = false;
	loop_wake(loop, &channel->waiting);
	return channel->token;
}

const struct link_ops link_channel = {
	.name = "channel",
	.models = 1 << MODEL_COROUTINE,
	.state_bytes = sizeof(struct channel),
	.work = { [MODEL_COROUTINE] = 50000000 },
	.send = channel_send,
	.receive = channel_receive,
};
