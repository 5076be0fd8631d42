// SPDX-License-Identifier: GPL-2.0-only
/* pingpong.c - pairs of tasks pass a token to and fro. */
#include "lab/task.h"

#define LAST (1ull << 63) /* in a token: there is no next round */

/* Two links a pair: to the partner, and back. */
static int pingpong_open(struct lab *lab)
{
	return lab_open_links(lab, lab->n_tasks);
}

/* Only this side decides to end, and says so: nobody is left waiting. */
static void ping(struct task *self, struct link *there, struct link *back)
{
	uint64_t token = self->worker;

	while (task_next(self)) {
		task_send(self, there, token);
		token = task_receive(self, back);
		task_done(self, 1, token);
	}
	task_send(self, there, token | LAST);
}

static void pong(struct task *self, struct link *there, struct link *back)
{
	uint64_t token;

	while (!((token = task_receive(self, there)) & LAST)) {
		self->hash = hash_fold(self->hash, token);
		task_send(self, back, token + 1);
	}
}

static void pingpong_body(struct task *self)
{
	struct link *links = &self->lab->links[self->number & ~1u];

	(self->number & 1 ? pong : ping)(self, &links[0], &links[1]);
}

const struct job job_pingpong = {
	.name = "pingpong",
	.says = "pairs of tasks pass a token to and fro",
	.shows = "What a switch costs: two for each round trip, in the kernel for processes and "
		 "threads, in user space for coroutines.",
	.about =
		"Each pair has two tasks. One sends a token and waits for it to come back; the other "
		"waits for it and returns it, changed. Whoever waits leaves its CPU, so a round trip "
		"takes at least two switches. Processes pass it through a pipe, threads through a "
		"condition variable, coroutines through a channel in their own memory; --via chooses "
		"another way. shm is shared memory with a futex, mqueue a message queue; spin looks at "
		"a word until it changes, and switches only where two tasks share a CPU. Where the two "
		"run matters more than the way: to wake a task on another, idle CPU costs several "
		"switches' time; --pin 0 keeps both on one, and shows the switch alone.",
	.unit = "round trip",
	.comms = { "ping", "pong" },
	.n_tasks = 2,
	.group = 2,
	.options = JOB_VIA | JOB_POOL,
	.open = pingpong_open,
	.body = pingpong_body,
};
