// SPDX-License-Identifier: GPL-2.0-only
/* marks.c - rings that another program writes, read without trusting it. */
#include "source/marks.h"

#include "base/clock.h"

#define N_TRIES 3

/*
 * Two readings of CLOCK_MONOTONIC around the ticks: their middle is the time of the ticks. Whoever
 * is interrupted between them reads it wrong, so the closest pair of a few counts.
 */
void mark_clock_sample(struct mark_clock *clock)
{
	uint64_t ticks = 0, ns = 0, closest = UINT64_MAX;

	for (int i = 0; i < N_TRIES; i++) {
		uint64_t before = clock_now_ns(), now = mark_ticks(), after = clock_now_ns();

		if (after - before >= closest)
			continue;
		closest = after - before;
		ticks = now;
		ns = before + closest / 2;
	}
	if (!clock->first_ticks) {
		clock->first_ticks = ticks;
		clock->first_ns = ns;
	}
	clock->last_ticks = ticks;
	clock->last_ns = ns;
	if (ticks > clock->first_ticks)
		clock->ns_per_tick =
			(double)(ns - clock->first_ns) / (double)(ticks - clock->first_ticks);
}

uint64_t mark_clock_ns(const struct mark_clock *clock, uint64_t ticks)
{
	double from_last = ((double)ticks - (double)clock->last_ticks) * clock->ns_per_tick;

	if (from_last > 0) /* a mark is not younger than the reading behind it */
		return clock->last_ns;
	return -from_last < (double)clock->last_ns ? clock->last_ns - (uint64_t)-from_last : 0;
}

static uint8_t kind_of(uint32_t mark_kind)
{
	static const uint8_t kinds[] = { [MARK_CREATE] = EVENT_CREATE,
					 [MARK_RESUME] = EVENT_RESUME,
					 [MARK_SUSPEND] = EVENT_SUSPEND,
					 [MARK_END] = EVENT_END };

	return mark_kind < sizeof(kinds) ? kinds[mark_kind] : EVENT_NONE;
}

static uint64_t head_of(const struct marks *marks, unsigned ring)
{
	return atomic_load_explicit(&marks->area->rings[ring].head, memory_order_acquire);
}

/* Up to mark number `end`, which was there before the clock was sampled. */
static uint64_t read_ring(struct marks *marks, unsigned number, uint64_t end,
			  const struct mark_clock *clock, marks_fn fn, void *ctx)
{
	const struct mark_ring *ring = &marks->area->rings[number];
	uint64_t *next = &marks->next[number], lost = 0;
	struct event event = { .task = task_word(atomic_load(&ring->tid), marks->lane) };

	if (end < *next) /* a ring that runs backwards is not one of ours: start over */
		*next = end;
	if (end - *next > N_MARKS) {
		lost = end - *next - N_MARKS;
		event.kind = EVENT_LOST;
		event.cpu = CPU_UNKNOWN;
		event.time_ns = clock->last_ns;
		event.lost.n = lost < UINT32_MAX ? (uint32_t)lost : UINT32_MAX;
		event.lost.first_seq = (uint32_t)*next;
		fn(&event, number, ctx);
		*next += lost;
	}
	for (; *next < end; ++*next) {
		struct mark mark = ring->marks[*next % N_MARKS];

		atomic_thread_fence(memory_order_acquire);
		if (head_of(marks, number) - *next >= N_MARKS) { /* overwritten while we read */
			lost++;
			continue;
		}
		event.kind = kind_of(mark.kind);
		if (event.kind == EVENT_NONE)
			continue;
		event.cpu = CPU_UNKNOWN; /* asked for when it is delivered */
		event.time_ns = mark_clock_ns(clock, mark.ticks);
		event.coroutine.id = mark.coroutine;
		event.coroutine.lane = marks->lane;
		event.coroutine.unused = 0;
		fn(&event, number, ctx);
	}
	return lost;
}

uint64_t marks_read(struct marks *marks, struct mark_clock *clock, marks_fn fn, void *ctx)
{
	uint64_t ends[LAB_N_POOL], lost = 0;
	bool is_news = false;

	for (unsigned i = 0; i < LAB_N_POOL; i++) {
		ends[i] = head_of(marks, i);
		is_news |= ends[i] != marks->next[i];
	}
	if (is_news)
		mark_clock_sample(clock);
	for (unsigned i = 0; i < LAB_N_POOL; i++)
		if (ends[i] != marks->next[i])
			lost += read_ring(marks, i, ends[i], clock, fn, ctx);
	return lost;
}

void marks_init(struct marks *marks, const struct lab_area *area, uint32_t lane)
{
	*marks = (struct marks){ .area = area, .lane = lane };
	for (unsigned i = 0; i < LAB_N_POOL; i++) {
		marks->cpu[i] = CPU_UNKNOWN;
		marks->next[i] = area ? head_of(marks, i) : 0;
	}
}

/* The ring of a thread, or LAB_N_POOL. */
static unsigned ring_of(const struct marks *marks, uint32_t tid)
{
	unsigned i = 0;

	while (i < LAB_N_POOL &&
	       atomic_load_explicit(&marks->area->rings[i].tid, memory_order_relaxed) != tid)
		i++;
	return i;
}

void marks_thread_runs(struct marks *marks, uint32_t tid, uint16_t cpu)
{
	unsigned ring = marks->area ? ring_of(marks, tid) : LAB_N_POOL;

	if (ring < LAB_N_POOL)
		marks->cpu[ring] = cpu;
}

uint16_t marks_thread_cpu(const struct marks *marks, uint32_t tid)
{
	unsigned ring = marks->area ? ring_of(marks, tid) : LAB_N_POOL;

	return ring < LAB_N_POOL ? marks->cpu[ring] : CPU_UNKNOWN;
}
