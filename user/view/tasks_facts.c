// SPDX-License-Identifier: GPL-2.0-only
/* tasks_facts.c - what the last events say of one task: who woke it, and in which state it left. */
#include "view/tasks.h"

#include <string.h>

#define N_LOOKED_AT (1u << 16) /* events: a frame has no time for more */
#define N_APART	    64	       /* wakers that are told apart; those beyond them only count */

struct tally {
	uint32_t pids[N_APART];
	unsigned counts[N_APART], n;
};

static void count_waker(struct tally *tally, uint32_t pid)
{
	for (unsigned i = 0; i < tally->n; i++)
		if (tally->pids[i] == pid) {
			tally->counts[i]++;
			return;
		}
	if (tally->n == N_APART)
		return;
	tally->pids[tally->n] = pid;
	tally->counts[tally->n++] = 1;
}

static void count_event(struct task_facts *facts, struct tally *tally, const struct event *event)
{
	uint32_t word = task_word(facts->id.pid, facts->id.lane);
	unsigned state = event->state & LEAVE_MASK;

	if (event->kind == EVENT_WAKING && event->wake.wakee == word) {
		facts->n_wakeups++;
		count_waker(tally, task_pid(event->task));
	} else if (event->kind == EVENT_SWITCH && event->task == word && state < N_LEAVE_STATES) {
		facts->n_leaves++;
		facts->leaves[state + (event->state & LEAVE_VOLUNTARY ? N_LEAVE_STATES : 0)]++;
		if (leave_call(event->state) != CALL_UNKNOWN)
			facts->calls[leave_call(event->state)]++;
	}
}

/* The most frequent first; of equals who came first. */
static void rank_wakers(struct task_facts *facts, struct tally *tally)
{
	facts->n_wakers = tally->n;
	for (unsigned rank = 0; rank < N_WAKERS && rank < tally->n; rank++) {
		unsigned most = 0;

		for (unsigned i = 1; i < tally->n; i++)
			if (tally->counts[i] > tally->counts[most])
				most = i;
		facts->wakers[rank].pid = tally->pids[most];
		facts->wakers[rank].n = tally->counts[most];
		tally->counts[most] = 0;
	}
}

void task_facts_find(struct task_facts *facts, const struct task_item *item,
		     const struct history *history)
{
	struct task_id id = task_item_id(item);
	struct tally tally = { .n = 0 };
	size_t n = history ? history_n(history) : 0;
	size_t i = n > N_LOOKED_AT ? n - N_LOOKED_AT : 0;

	if (task_id_is(&facts->id, &id))
		return; /* since the last measurement */
	*facts = (struct task_facts){ .id = id };
	if (!n || !id.start_ns || id.coroutine)
		return;
	for (; i < n; i++) {
		const struct event *event = history_at(history, i);

		if (event->time_ns < id.start_ns) /* of another with this pid */
			continue;
		if (!facts->from_ns)
			facts->from_ns = event->time_ns;
		facts->to_ns = event->time_ns;
		count_event(facts, &tally, event);
	}
	rank_wakers(facts, &tally);
}
