// SPDX-License-Identifier: GPL-2.0-only
/* ledger.c - a life for each pid that is in a lane; a pid that is used again begins another. */
#include "state/ledger.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "event/task_life.h"

#define N_LIVES_FIRST 256
#define NUMBERS_SIZE  ((TASK_PID_MASK + 1) * sizeof(uint32_t))

_Static_assert(sizeof(struct task_life) == 152, "as the header says");

struct ledger {
	struct task_life *lives; /* [n], those that ended too */
	size_t n, room;
	uint64_t lost_ns;  /* before that, events are missing; 0: none are */
	uint32_t *numbers; /* [TASK_PID_MASK + 1]: index into lives plus one, by pid; 0: none now */
};

struct ledger *ledger_new(void)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger)
		return NULL;
	ledger->numbers = mmap(NULL, NUMBERS_SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ledger->numbers == MAP_FAILED) {
		ledger->numbers = NULL;
		ledger_free(ledger);
		errno = ENOMEM;
		return NULL;
	}
	return ledger;
}

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	memory_unmap(ledger->numbers, NUMBERS_SIZE);
	free(ledger->lives);
	free(ledger);
}

void ledger_clear(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->n; i++)
		ledger->numbers[ledger->lives[i].row.pid] = 0;
	ledger->n = 0;
	ledger->lost_ns = 0;
}

/* --- lives ---------------------------------------------------------------------------------------- */

static int begin(struct ledger *ledger, uint32_t word, uint32_t tgid, uint32_t parent,
		 uint64_t time_ns)
{
	size_t room = ledger->room ? 2 * ledger->room : N_LIVES_FIRST;
	int err = 0;

	if (ledger->n == ledger->room) {
		err = memory_grow(&ledger->lives, room, sizeof(*ledger->lives));
		if (err)
			return err;
		ledger->room = room;
	}
	task_life_begin(&ledger->lives[ledger->n], word, tgid, parent, time_ns);
	ledger->numbers[task_pid(word)] = (uint32_t)++ledger->n;
	return 0;
}

/* Who lives with that pid in that lane; NULL: nobody that is known. */
static struct task_life *find(const struct ledger *ledger, uint32_t word)
{
	uint32_t number = ledger->numbers[task_pid(word)];
	struct task_life *life = number ? &ledger->lives[number - 1] : NULL;

	return life && life->row.lane == task_lane(word) ? life : NULL;
}

/* The same; who is in a lane and was not seen before is met now. */
static int meet(struct ledger *ledger, uint32_t word, uint64_t time_ns)
{
	if (!task_lane(word) || !task_pid(word) || find(ledger, word))
		return 0;
	return begin(ledger, word, 0, 0, time_ns);
}

/* What it does since before events went missing is not known: it may have come and gone meanwhile. */
static struct task_life without_lost(const struct ledger *ledger, const struct task_life *life)
{
	struct task_life known = *life;

	if (known.since_ns < ledger->lost_ns && known.doing != 1 + LEAVE_DEAD) {
		known.doing = DOING_UNKNOWN;
		known.since_ns = 0;
	}
	return known;
}

/* As find(), for who is about to come or to leave. */
static struct task_life *find_moving(const struct ledger *ledger, uint32_t word)
{
	struct task_life *life = find(ledger, word);

	if (life)
		*life = without_lost(ledger, life);
	return life;
}

/* --- events --------------------------------------------------------------------------------------- */

static int apply_switch(struct ledger *ledger, const struct event *event)
{
	struct task_life *left;
	int err = meet(ledger, event->task, event->time_ns);

	if (!err)
		err = meet(ledger, event->to.next, event->time_ns);
	if (err)
		return err;
	left = find_moving(ledger, event->task);
	if (left) {
		uint64_t ran_ns = event->to.ran_ns;

		if (ran_ns == TIME_SATURATED && left->doing == DOING_RUNNING &&
		    event->time_ns > left->since_ns)
			ran_ns = event->time_ns - left->since_ns;
		task_life_leave(left, event->cpu, event->state, ran_ns, event->time_ns);
		if ((event->state & LEAVE_MASK) == LEAVE_DEAD)
			ledger->numbers[left->row.pid] = 0;
	}
	task_life_come(find_moving(ledger, event->to.next), event->cpu, event->to.waited_ns,
		       event->time_ns);
	return 0;
}

static int apply_waking(struct ledger *ledger, const struct event *event)
{
	int err = meet(ledger, event->wake.wakee, event->time_ns);
	struct task_life *life = err ? NULL : find(ledger, event->wake.wakee);

	if (life)
		task_life_wake(life, task_pid(event->task), event->time_ns);
	return err;
}

static int apply_migrate(struct ledger *ledger, const struct event *event)
{
	int err = meet(ledger, event->task, event->time_ns);
	struct task_life *life = err ? NULL : find(ledger, event->task);

	if (life)
		life->row.migrations++;
	return err;
}

/* Its pid may have been another's, whose end was lost. */
static int apply_clone(struct ledger *ledger, const struct event *event)
{
	bool is_thread = event->made.flags_low & CLONE_THREAD;
	const struct task_life *parent;
	uint32_t tgid = task_pid(event->made.child);
	struct task_life *child;
	int err;

	if (!task_lane(event->made.child) || !task_pid(event->made.child))
		return 0;
	err = meet(ledger, event->task, event->time_ns);
	parent = find(ledger, event->task);
	if (is_thread)
		tgid = parent ? parent->row.tgid : 0;
	if (!err)
		err = begin(ledger, event->made.child, tgid, task_pid(event->task), event->time_ns);
	if (err)
		return err;
	parent = find(ledger, event->task); /* it may have moved */
	child = find(ledger, event->made.child);
	if (parent && child)
		memcpy(child->row.name, parent->row.name, sizeof(child->row.name));
	return 0;
}

static int apply_name(struct ledger *ledger, const struct event *event)
{
	int err = meet(ledger, event->task, event->time_ns);
	struct task_life *life = err ? NULL : find(ledger, event->task);

	if (life)
		event_name(event, life->row.name);
	return err;
}

int ledger_apply(struct ledger *ledger, const struct event *event)
{
	switch (event->kind) {
	case EVENT_SWITCH:
		return apply_switch(ledger, event);
	case EVENT_WAKING:
		return apply_waking(ledger, event);
	case EVENT_CLONE:
		return apply_clone(ledger, event);
	case EVENT_NAME:
		return apply_name(ledger, event);
	case EVENT_MIGRATE:
		return apply_migrate(ledger, event);
	case EVENT_LOST:
		if (!task_pid(event->task)) /* else of a coroutine's marks */
			ledger->lost_ns = event->time_ns;
		return 0;
	default:
		return 0;
	}
}

int ledger_tell(const struct ledger *ledger, const struct names *names, uint64_t time_ns,
		bool ended, struct task_table *table)
{
	int err = 0;

	for (size_t i = 0; !err && i < ledger->n; i++) {
		struct task_life life = without_lost(ledger, &ledger->lives[i]);

		if (!ended && ledger->numbers[life.row.pid] != i + 1)
			continue;
		if (!*life.row.name)
			snprintf(life.row.name, sizeof(life.row.name), "%s",
				 names_get(names, life.row.pid));
		err = task_life_add(&life, time_ns, table);
	}
	return err;
}
