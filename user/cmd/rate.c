// SPDX-License-Identifier: GPL-2.0-only
/*
 * rate.c - what each model can do alone is not what all can do together: a sched_yield() to nobody
 * is no switch, say. So the trials only give a first guess.
 */
#include "cmd/rate.h"

#include "base/clock.h"

#define TRIAL_SHARE 0.35   /* of what the slowest did alone: three share the machine, and others */
#define RATE_MOST   100000 /* no higher: every event of it shall be readable */
#define LOOK_NS	    (500 * NS_PER_MS)
#define HELD_SHARE  0.9 /* of the rate: less is not holding it */

#define TELLING_HZ    20 /* at less, one unit more or less in a look would decide */
#define RAISE	      2
#define PATIENCE      4	  /* looks at a lowered rate that is held, before a higher one is tried */
#define PATIENCE_MOST 640 /* five minutes */

void rate_reset(struct rate *rate)
{
	*rate = (struct rate){ .slowest_hz = -1, .n_patience = PATIENCE };
}

static uint64_t done_in(const struct lane *lane)
{
	struct lab_sums sums;

	lab_area_sum(lane->area, &sums);
	return sums.done;
}

void rate_take_trial(struct rate *rate, const struct lane *lane)
{
	uint64_t start = atomic_load(&lane->area->started_ns);
	uint64_t end = atomic_load(&lane->area->ended_ns);

	if (!start || end <= start)
		return;
	double hz = (double)done_in(lane) * NS_PER_S / (double)(end - start);

	if (rate->slowest_hz < 0 || hz < rate->slowest_hz)
		rate->slowest_hz = hz;
}

/* Two digits are enough for a rate, and easier to read. */
static uint64_t rounded(double hz)
{
	uint64_t whole = (uint64_t)hz, digit = 1;

	while (whole / digit >= 100)
		digit *= 10;
	return whole ? whole / digit * digit : 1;
}

uint64_t rate_found(struct rate *rate)
{
	uint64_t rate_hz;

	if (rate->slowest_hz <= 0)
		return RATE_MAX;
	rate_hz = rounded(rate->slowest_hz * TRIAL_SHARE);
	rate->found_hz = rate_hz < RATE_MOST ? rate_hz : RATE_MOST;
	return rate->found_hz;
}

/* It was held once more. A higher rate that was not held is tried again after twice the time. */
static uint64_t raised(struct rate *rate, uint64_t rate_hz)
{
	uint64_t higher_hz = rounded((double)rate_hz * RAISE);

	if (rate_hz >= rate->found_hz || ++rate->n_held < rate->n_patience)
		return rate_hz;
	rate->n_held = 0;
	rate->rose = true;
	rate->looked_ns = 0;
	return higher_hz < rate->found_hz ? higher_hz : rate->found_hz;
}

static uint64_t lowered(struct rate *rate, double slowest_hz)
{
	if (rate->rose && rate->n_patience < PATIENCE_MOST)
		rate->n_patience *= 2;
	rate->rose = false;
	rate->n_held = 0;
	rate->looked_ns = 0;
	return rounded(slowest_hz * HELD_SHARE);
}

uint64_t rate_held(struct rate *rate, uint64_t rate_hz, const struct lane *lanes, uint64_t now_ns)
{
	uint64_t took_ns = now_ns - rate->looked_ns;
	double slowest_hz = (double)rate_hz;

	if (rate->looked_ns && took_ns < LOOK_NS)
		return rate_hz;
	for (unsigned i = 1; i <= N_MODELS; i++) {
		uint64_t before = rate->looked_done[i];

		if (!lane_is_alive(&lanes[i]) || !lanes[i].area)
			continue;
		if (lanes[i].stage != STAGE_WORKING || now_ns - lanes[i].worked_from_ns < LOOK_NS)
			return rate_hz;
		rate->looked_done[i] = done_in(&lanes[i]);
		double hz = (double)(rate->looked_done[i] - before) * NS_PER_S / (double)took_ns;

		if (rate->looked_ns && hz < slowest_hz)
			slowest_hz = hz;
	}
	rate->looked_ns = now_ns;
	if (rate_hz < TELLING_HZ || slowest_hz >= HELD_SHARE * (double)rate_hz)
		return raised(rate, rate_hz);
	return lowered(rate, slowest_hz);
}
