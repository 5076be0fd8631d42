// SPDX-License-Identifier: GPL-2.0-only
/* strangers.c - a set of pids, and /proc for those that are new in it. */
#include "source/strangers.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/proc.h"
#include "event/names.h"

#define FORGET_NS   (10 * NS_PER_S)
#define WORD_BITS   64
#define N_PID_WORDS ((1u << TASK_PID_BITS) / WORD_BITS)

struct strangers {
	uint64_t since_ns; /* when the set was last emptied, in the events' time */
	uint64_t met[N_PID_WORDS];
};

struct strangers *strangers_new(void)
{
	return calloc(1, sizeof(struct strangers));
}

void strangers_free(struct strangers *strangers)
{
	free(strangers);
}

static bool meet(struct strangers *strangers, uint32_t word)
{
	uint32_t pid = task_pid(word);
	uint64_t *set = &strangers->met[pid / WORD_BITS], bit = 1ull << pid % WORD_BITS;

	if (!pid || task_lane(word) || *set & bit)
		return false;
	*set |= bit;
	return true;
}

bool strangers_look(struct strangers *strangers, const struct event *event, struct event *name)
{
	uint32_t word = event->task;
	char comm[TASK_NAME_LEN];

	if (event->kind != EVENT_SWITCH && event->kind != EVENT_WAKING)
		return false;
	if (event->time_ns - strangers->since_ns > FORGET_NS) {
		memset(strangers->met, 0, sizeof(strangers->met));
		strangers->since_ns = event->time_ns;
	}
	if (!meet(strangers, word)) {
		word = event->kind == EVENT_SWITCH ? event->to.next : event->wake.wakee;
		if (!meet(strangers, word))
			return false;
	}
	proc_name((pid_t)task_pid(word), comm, sizeof(comm));
	*name = (struct event){ .time_ns = event->time_ns, .kind = EVENT_NAME, .task = word };
	event_set_name(name, comm);
	return true;
}
