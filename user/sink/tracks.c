// SPDX-License-Identifier: GPL-2.0-only
/* tracks.c - what each CPU runs, what is known of each task; tasks stand in pages by pid. */
#include "sink/tracks.h"

#include <stdlib.h>

#include "event/print.h"

#define PAGE_BITS   8
#define PAGE_SIZE   (1u << PAGE_BITS)
#define N_PAGES	    (1u << (TASK_PID_BITS - PAGE_BITS))
#define N_PAGES_MAX 4096 /* that are in use */

struct on_cpu {
	bool known;
	struct stretch now; /* end_ns not yet */
	uint64_t free_ns;   /* until then everything was told */
};

struct tracks {
	struct tracks_visitor visitor;
	unsigned n_cpus, n_pages;
	struct on_cpu *cpus;
	struct life *pages[N_PAGES];
};

struct tracks *tracks_new(unsigned n_cpus, uint64_t from_ns, const struct tracks_visitor *visitor)
{
	struct tracks *tracks = calloc(1, sizeof(*tracks));

	if (!tracks)
		return NULL;
	tracks->visitor = *visitor;
	tracks->n_cpus = n_cpus;
	tracks->cpus = calloc(n_cpus, sizeof(*tracks->cpus));
	if (!tracks->cpus) {
		free(tracks);
		return NULL;
	}
	for (unsigned i = 0; i < n_cpus; i++)
		tracks->cpus[i].free_ns = from_ns;
	return tracks;
}

void tracks_free(struct tracks *tracks)
{
	if (!tracks)
		return;
	for (unsigned i = 0; i < N_PAGES; i++)
		free(tracks->pages[i]);
	free(tracks->cpus);
	free(tracks);
}

struct life *tracks_life(struct tracks *tracks, uint32_t task)
{
	uint32_t pid = task_pid(task);
	struct life **page = &tracks->pages[pid >> PAGE_BITS];
	struct life *life;

	if (!pid)
		return NULL;
	if (!*page && tracks->n_pages < N_PAGES_MAX) {
		*page = calloc(PAGE_SIZE, sizeof(**page));
		tracks->n_pages += *page != NULL;
	}
	if (!*page)
		return NULL;
	life = &(*page)[pid & (PAGE_SIZE - 1)];
	if (!life->task)
		life->process = pid;
	life->task = task;
	return life;
}

/* --- coroutines ---------------------------------------------------------------------------------- */

static void stop_coroutine(struct tracks *tracks, struct life *life, uint64_t time_ns)
{
	struct co_stretch stretch = { .start_ns = life->resumed_ns,
				      .end_ns = time_ns,
				      .task = life->task,
				      .id = life->coroutine - 1,
				      .lane = life->co_lane };

	if (life->coroutine && life->resumed_ns && life->resumed_ns < time_ns)
		tracks->visitor.coroutine(&stretch, tracks->visitor.ctx);
	life->resumed_ns = 0;
}

static void take_mark(struct tracks *tracks, const struct event *event)
{
	struct life *life = tracks_life(tracks, event->task);

	if (!life || event->kind == EVENT_CREATE)
		return;
	stop_coroutine(tracks, life, event->time_ns);
	life->coroutine = 0;
	if (event->kind != EVENT_RESUME)
		return;
	life->coroutine = event->coroutine.id + 1;
	life->co_lane = event_lane(event);
	life->resumed_ns = event->time_ns;
}

/* --- CPUs ---------------------------------------------------------------------------------------- */

static void tell(struct tracks *tracks, struct on_cpu *cpu, const struct stretch *stretch)
{
	struct stretch told = *stretch;

	if (told.start_ns < cpu->free_ns) {
		told.start_ns = cpu->free_ns;
		told.waited_ns = 0; /* it is of before */
		told.woken_ns = 0;
	}
	if (told.start_ns < told.end_ns)
		tracks->visitor.stretch(&told, tracks->visitor.ctx);
	if (told.end_ns > cpu->free_ns)
		cpu->free_ns = told.end_ns;
}

/*
 * Since when it ran: as the hook measured it; else, of a task in no lane, since it was seen to come,
 * if it was.
 */
static bool find_start(const struct on_cpu *cpu, const struct event *event, uint64_t *start_ns)
{
	uint32_t ran_ns = event->to.ran_ns;
	bool same = cpu->known && task_pid(cpu->now.task) == task_pid(event->task);

	if (same)
		*start_ns = cpu->now.start_ns;
	if (!ran_ns || ran_ns == TIME_SATURATED)
		return same;
	if (!same || event->time_ns - *start_ns > ran_ns)
		*start_ns = event->time_ns > ran_ns ? event->time_ns - ran_ns : 0;
	return true;
}

static void leave(struct tracks *tracks, struct on_cpu *cpu, const struct event *event)
{
	struct life *life = tracks_life(tracks, event->task);
	struct stretch stretch = { .task = event->task,
				   .cpu = event->cpu,
				   .end_ns = event->time_ns,
				   .left = true,
				   .state = event->state };

	if (!task_pid(event->task) || !find_start(cpu, event, &stretch.start_ns))
		return;
	if (life) {
		stop_coroutine(tracks, life, event->time_ns);
		life->left_ns = event->time_ns;
	}
	if (cpu->known && cpu->now.start_ns == stretch.start_ns) {
		stretch.waited_ns = cpu->now.waited_ns;
		stretch.waker = cpu->now.waker;
		stretch.waker_cpu = cpu->now.waker_cpu;
		stretch.woken_ns = cpu->now.woken_ns;
	}
	tell(tracks, cpu, &stretch);
}

static void come(struct tracks *tracks, struct on_cpu *cpu, const struct event *event)
{
	struct life *life = tracks_life(tracks, event->to.next);

	cpu->known = true;
	cpu->now = (struct stretch){ .start_ns = event->time_ns,
				     .task = event->to.next,
				     .cpu = event->cpu,
				     .waited_ns = event->to.waited_ns };
	if (cpu->now.waited_ns > event->time_ns)
		cpu->now.waited_ns = 0;
	if (!life)
		return;
	if (life->left_ns && event->time_ns - life->left_ns < cpu->now.waited_ns)
		cpu->now.waited_ns = (uint32_t)(event->time_ns - life->left_ns);
	cpu->now.waker = life->waker;
	cpu->now.waker_cpu = life->waker_cpu;
	cpu->now.woken_ns = life->woken_ns;
	life->woken_ns = 0;
	if (life->coroutine)
		life->resumed_ns = event->time_ns;
}

static void lose(struct tracks *tracks, const struct event *event)
{
	for (unsigned i = 0; i < tracks->n_cpus; i++)
		if (event->cpu == i || event->cpu == CPU_UNKNOWN)
			tracks->cpus[i].known = false;
}

static void take_switch(struct tracks *tracks, const struct event *event, bool shown)
{
	struct on_cpu *cpu;

	if (event->cpu >= tracks->n_cpus)
		return;
	cpu = &tracks->cpus[event->cpu];
	if (shown || (cpu->known && task_pid(cpu->now.task) == task_pid(event->task)))
		leave(tracks, cpu, event);
	cpu->known = false;
	if (shown)
		come(tracks, cpu, event);
}

static void take_waking(struct tracks *tracks, const struct event *event)
{
	struct life *life = tracks_life(tracks, event->wake.wakee);

	if (!life)
		return;
	life->waker = event->task;
	life->waker_cpu = event->cpu;
	life->woken_ns = event->time_ns;
}

/* A pid that had another task begins anew. */
static void take_clone(struct tracks *tracks, const struct event *event)
{
	struct life *parent = tracks_life(tracks, event->task);
	struct life *child = tracks_life(tracks, event->made.child);

	if (!child)
		return;
	*child = (struct life){ .task = event->made.child, .process = task_pid(event->made.child) };
	if (clone_makes_thread(event))
		child->process = parent ? parent->process : task_pid(event->task);
}

static void take(struct tracks *tracks, const struct event *event, bool shown)
{
	switch (event->kind) {
	case EVENT_SWITCH:
		take_switch(tracks, event, shown);
		break;
	case EVENT_WAKING:
		take_waking(tracks, event);
		break;
	case EVENT_CLONE:
		take_clone(tracks, event);
		break;
	case EVENT_LOST:
		lose(tracks, event);
		break;
	default:
		if (shown && event_is_mark(event->kind))
			take_mark(tracks, event);
	}
}

void tracks_apply(struct tracks *tracks, const struct event *event)
{
	take(tracks, event, true);
}

void tracks_pass(struct tracks *tracks, const struct event *event)
{
	take(tracks, event, false);
}

/* Tasks in no lane may have gone unseen; those of lanes are told when they leave. */
void tracks_end(struct tracks *tracks, uint64_t to_ns)
{
	for (unsigned i = 0; i < tracks->n_cpus; i++) {
		struct on_cpu *cpu = &tracks->cpus[i];
		struct life *life;

		if (!cpu->known || !task_lane(cpu->now.task))
			continue;
		life = tracks_life(tracks, cpu->now.task);
		if (life)
			stop_coroutine(tracks, life, to_ns);
		cpu->now.end_ns = to_ns;
		tell(tracks, cpu, &cpu->now);
		cpu->known = false;
	}
}
