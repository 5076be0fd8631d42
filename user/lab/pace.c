// SPDX-License-Identifier: GPL-2.0-only
/*
 * pace.c - an offered rate, shared evenly by the tasks and released in batches.
 *
 * Unit number u since the rate was set is released after u / rate seconds, and belongs to worker
 * u % n_workers: nobody has to ask anybody. From 50 units a second on, units are released in ticks
 * of 20 ms, so that waiting for them costs a switch for each tick, not for each unit. A task that has
 * fallen behind keeps two ticks' worth at most; the rest is forgone.
 *
 * A waiting task sleeps on the area's word `stop`. The first worker looks up every 50 ms and wakes the
 * others when the rate has changed; they look up by themselves every second, should it have ended.
 */
#include <stdatomic.h>

#include "base/clock.h"
#include "lab/task.h"

#define TICK_NS	     (20 * NS_PER_MS)
#define TICKS_PER_S  (NS_PER_S / TICK_NS)
#define FIRST_NAP_NS (50 * NS_PER_MS)
#define OTHER_NAP_NS NS_PER_S

void pace_init(struct task *self)
{
	const struct lab *lab = self->lab;
	uint64_t work = lab->spec.work, n = lab->n_workers;

	self->left = work ? work / n + (self->worker < work % n) : UINT64_MAX;
	if (self->number < lab->job->n_apart)
		self->left = 0;
	self->credit = 0;
	self->granted = 0;
	self->rate_hz = atomic_load_explicit(&lab->area->rate_hz, memory_order_relaxed);
	self->epoch_ns = atomic_load_explicit(&lab->area->started_ns, memory_order_relaxed);
}

static void set_rate(struct task *self, uint64_t rate_hz, uint64_t now)
{
	const struct lab *lab = self->lab;
	uint64_t started = atomic_load_explicit(&lab->area->started_ns, memory_order_relaxed);

	/* Ticks of all tasks fall together, whenever each of them sees the new rate. */
	self->epoch_ns = now - (now - started) % TICK_NS;
	self->rate_hz = rate_hz;
	self->granted = 0;
	self->left += self->credit;
	self->credit = 0;
	if (!self->worker)
		lab->executor->poke(lab);
}

/* Units of this task's that are released and not granted yet. */
static uint64_t released(struct task *self, uint64_t now)
{
	uint64_t n = self->lab->n_workers, rate = self->rate_hz;
	uint64_t since = now - self->epoch_ns, most = 1, mine;
	unsigned __int128 scaled;

	if (rate >= TICKS_PER_S) {
		since -= since % TICK_NS;
		most = 2 * ((rate + TICKS_PER_S * n - 1) / (TICKS_PER_S * n));
	}
	scaled = (unsigned __int128)since * rate;
	if (scaled < (unsigned __int128)self->worker * NS_PER_S)
		return 0;
	mine = (uint64_t)((scaled / NS_PER_S - self->worker) / n) + 1;
	if (mine > self->granted + most)
		self->granted = mine - most;
	return mine - self->granted;
}

/* When the next unit of this task's will be released. */
static uint64_t next_release(const struct task *self)
{
	uint64_t n = self->lab->n_workers, rate = self->rate_hz, after;
	unsigned __int128 unit = (unsigned __int128)self->granted * n + self->worker;

	if (!rate) /* flat out: at once */
		return self->epoch_ns;
	after = (uint64_t)((unit * NS_PER_S + rate - 1) / rate);
	if (rate >= TICKS_PER_S)
		after = (after + TICK_NS - 1) / TICK_NS * TICK_NS;
	return self->epoch_ns + after;
}

static void nap(struct task *self, uint64_t now)
{
	uint64_t until = next_release(self);
	uint64_t latest = now + (self->worker ? OTHER_NAP_NS : FIRST_NAP_NS);

	self->lab->executor->nap(self, until < latest ? until : latest);
}

bool pace_wait(struct task *self)
{
	const struct lab_area *area = self->lab->area;
	uint64_t rate, now, n;

	for (;;) {
		if (atomic_load_explicit(&area->stop, memory_order_relaxed) ||
		    !(self->left | self->credit))
			return false;
		now = clock_now_ns();
		rate = atomic_load_explicit(&area->rate_hz, memory_order_relaxed);
		if (rate != self->rate_hz)
			set_rate(self, rate, now);
		n = rate ? released(self, now) : self->left;
		if (n)
			break;
		nap(self, now);
	}
	if (n > self->left)
		n = self->left;
	self->granted += n;
	self->left -= n;
	self->credit = n - 1;
	return true;
}
