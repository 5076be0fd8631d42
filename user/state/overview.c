// SPDX-License-Identifier: GPL-2.0-only
/* overview.c - buckets of a power of two nanoseconds, CPU by CPU; pairs merge when time runs out. */
#include "state/overview.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state/tenure.h"

#define FIRST_SHIFT 17 /* a bucket is 131 us wide at first: what is finer has few events */

struct overview {
	unsigned n_cpus, n_lanes;
	unsigned n_slots;   /* of a bucket: lanes, idle, switches */
	unsigned n_buckets; /* even */
	unsigned shift;	    /* a bucket is 1 << shift nanoseconds wide */
	bool started;
	uint64_t start_ns, end_ns;
	struct tenure *tenures;
	uint64_t *sums; /* [(cpu * n_buckets + bucket) * n_slots + slot] */
};

static size_t sums_size(const struct overview *overview)
{
	return (size_t)overview->n_cpus * overview->n_buckets * overview->n_slots *
	       sizeof(*overview->sums);
}

static unsigned slot_of_idle(const struct overview *overview)
{
	return overview->n_lanes;
}

static unsigned slot_of_switches(const struct overview *overview)
{
	return overview->n_lanes + 1;
}

static uint64_t *bucket_at(const struct overview *overview, unsigned cpu, uint64_t bucket)
{
	return &overview->sums[(cpu * (size_t)overview->n_buckets + bucket) * overview->n_slots];
}

struct overview *overview_new(unsigned n_cpus, unsigned n_lanes, size_t bytes)
{
	struct overview *overview;
	size_t n_buckets;

	if (!n_cpus || !n_lanes || n_lanes > N_LANES_MAX) {
		errno = EINVAL;
		return NULL;
	}
	overview = calloc(1, sizeof(*overview));
	if (!overview)
		return NULL;
	overview->n_cpus = n_cpus;
	overview->n_lanes = n_lanes;
	overview->n_slots = n_lanes + 2;
	n_buckets = bytes / n_cpus / overview->n_slots / sizeof(*overview->sums) & ~(size_t)1;
	if (n_buckets < OVERVIEW_N_MIN)
		n_buckets = OVERVIEW_N_MIN;
	overview->n_buckets = n_buckets < OVERVIEW_N_MAX ? (unsigned)n_buckets : OVERVIEW_N_MAX;
	overview->shift = FIRST_SHIFT;
	overview->tenures = calloc(n_cpus, sizeof(*overview->tenures));
	overview->sums = calloc(1, sums_size(overview));
	if (!overview->tenures || !overview->sums) {
		overview_free(overview);
		return NULL;
	}
	return overview;
}

void overview_free(struct overview *overview)
{
	if (!overview)
		return;
	free(overview->tenures);
	free(overview->sums);
	free(overview);
}

struct overview *overview_copy(const struct overview *overview)
{
	struct overview *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *overview;
	copy->tenures = malloc(overview->n_cpus * sizeof(*copy->tenures));
	copy->sums = malloc(sums_size(overview));
	if (!copy->tenures || !copy->sums) {
		overview_free(copy);
		return NULL;
	}
	memcpy(copy->tenures, overview->tenures, overview->n_cpus * sizeof(*copy->tenures));
	memcpy(copy->sums, overview->sums, sums_size(overview));
	return copy;
}

void overview_clear(struct overview *overview)
{
	overview->started = false;
	overview->start_ns = overview->end_ns = 0;
	overview->shift = FIRST_SHIFT;
	memset(overview->tenures, 0, overview->n_cpus * sizeof(*overview->tenures));
	memset(overview->sums, 0, sums_size(overview));
}

/* Every bucket becomes twice as wide: the first half holds what the n_used first ones held. */
static void merge_neighbours(struct overview *overview, unsigned n_used)
{
	unsigned half = (n_used + 1) / 2, n_slots = overview->n_slots;

	for (unsigned cpu = 0; cpu < overview->n_cpus; cpu++) {
		for (unsigned i = 0; i < half; i++) {
			uint64_t *to = bucket_at(overview, cpu, i);
			const uint64_t *from = bucket_at(overview, cpu, 2 * i);

			for (unsigned slot = 0; slot < n_slots; slot++)
				to[slot] = from[slot] + from[n_slots + slot];
		}
		memset(bucket_at(overview, cpu, half), 0,
		       (size_t)half * n_slots * sizeof(*overview->sums));
	}
	overview->shift++;
}

static uint64_t bucket_of(const struct overview *overview, uint64_t time_ns)
{
	return time_ns > overview->start_ns ? (time_ns - overview->start_ns) >> overview->shift : 0;
}

/* Where a bucket ends; the last that a clock of 64 bits can reach ends there. */
static uint64_t bucket_end(const struct overview *overview, uint64_t bucket)
{
	uint64_t end = overview->start_ns + ((bucket + 1) << overview->shift);

	return end > overview->start_ns && (bucket + 1) << overview->shift ? end : UINT64_MAX;
}

static void reach(struct overview *overview, uint64_t time_ns)
{
	if (!overview->started) {
		overview->started = true;
		overview->start_ns = overview->end_ns = time_ns;
	}
	if (time_ns <= overview->end_ns)
		return;
	while (bucket_of(overview, time_ns) >= overview->n_buckets)
		merge_neighbours(overview, (unsigned)bucket_of(overview, overview->end_ns) + 1);
	overview->end_ns = time_ns;
}

static unsigned slot_of(const struct overview *overview, uint32_t task)
{
	unsigned lane = task_lane(task);

	if (!task_pid(task))
		return slot_of_idle(overview);
	return lane < overview->n_lanes ? lane : 0;
}

static void add(struct overview *overview, unsigned cpu, const struct span *span)
{
	uint64_t from_ns = span->from_ns, bucket, end_ns;
	unsigned slot;

	if (!span->known)
		return;
	slot = slot_of(overview, span->task);
	if (from_ns < overview->start_ns)
		from_ns = overview->start_ns;
	for (bucket = bucket_of(overview, from_ns); from_ns < span->to_ns; bucket++) {
		end_ns = bucket_end(overview, bucket);
		if (end_ns > span->to_ns)
			end_ns = span->to_ns;
		bucket_at(overview, cpu, bucket)[slot] += end_ns - from_ns;
		from_ns = end_ns;
	}
}

static void apply_switch(struct overview *overview, const struct event *event)
{
	struct span spans[2];
	unsigned cpu = event->cpu, n;
	uint64_t last;

	if (cpu >= overview->n_cpus)
		return;
	n = tenure_switch(&overview->tenures[cpu], event, spans);
	for (unsigned i = 0; i < n; i++)
		add(overview, cpu, &spans[i]);
	/* A switch counts to the time that it ends. */
	last = bucket_of(overview, spans[n - 1].to_ns ? spans[n - 1].to_ns - 1 : 0);
	bucket_at(overview, cpu, last)[slot_of_switches(overview)]++;
}

static void apply_lost(struct overview *overview, const struct event *event)
{
	for (unsigned cpu = 0; cpu < overview->n_cpus; cpu++) {
		struct span span;

		if (!tenure_is_lost(event, cpu))
			continue;
		span = tenure_lose(&overview->tenures[cpu], event->time_ns);
		add(overview, cpu, &span);
	}
}

void overview_apply(struct overview *overview, const struct event *event)
{
	reach(overview, event->time_ns);
	if (event->kind == EVENT_SWITCH)
		apply_switch(overview, event);
	else if (event->kind == EVENT_LOST)
		apply_lost(overview, event);
}

uint64_t overview_start_ns(const struct overview *overview)
{
	return overview->start_ns;
}

uint64_t overview_end_ns(const struct overview *overview)
{
	return overview->end_ns;
}

uint64_t overview_width_ns(const struct overview *overview)
{
	return 1ull << overview->shift;
}

/* --- questions ------------------------------------------------------------------------------------ */

static void weigh(struct overview_shares *shares, const struct overview *overview,
		  const uint64_t *bucket, double weight)
{
	for (unsigned lane = 0; lane < overview->n_lanes; lane++)
		shares->lanes[lane] += (double)bucket[lane] * weight;
	shares->idle += (double)bucket[slot_of_idle(overview)] * weight;
	shares->n_switches += (double)bucket[slot_of_switches(overview)] * weight;
}

/* What buckets hold ends where the CPU's present span begins. */
static void ask_buckets(const struct overview *overview, unsigned cpu, uint64_t from_ns,
			uint64_t to_ns, struct overview_shares *shares)
{
	uint64_t closed_ns = overview->tenures[cpu].since_ns, bucket = bucket_of(overview, from_ns);
	uint64_t begin_ns = overview->start_ns + (bucket << overview->shift), end_ns;

	if (to_ns > closed_ns)
		to_ns = closed_ns;
	for (; begin_ns < to_ns; bucket++, begin_ns = end_ns) {
		uint64_t first_ns = begin_ns > from_ns ? begin_ns : from_ns, last_ns;

		end_ns = bucket_end(overview, bucket);
		if (end_ns > closed_ns)
			end_ns = closed_ns;
		last_ns = end_ns < to_ns ? end_ns : to_ns;
		weigh(shares, overview, bucket_at(overview, cpu, bucket),
		      (double)(last_ns - first_ns) / (double)(end_ns - begin_ns));
	}
}

/* Who has the CPU now has it up to the last event of any CPU. */
static void ask_present(const struct overview *overview, unsigned cpu, uint64_t from_ns,
			uint64_t to_ns, struct overview_shares *shares)
{
	const struct tenure *tenure = &overview->tenures[cpu];
	unsigned slot = slot_of(overview, tenure->task);

	if (from_ns < tenure->since_ns)
		from_ns = tenure->since_ns;
	if (!tenure->known || to_ns <= from_ns)
		return;
	*(slot == slot_of_idle(overview) ? &shares->idle : &shares->lanes[slot]) +=
		(double)(to_ns - from_ns);
}

void overview_query(const struct overview *overview, unsigned cpu, uint64_t from_ns, uint64_t to_ns,
		    struct overview_shares *shares)
{
	double all = to_ns > from_ns ? (double)(to_ns - from_ns) : 0, known;

	*shares = (struct overview_shares){ .unknown = 1 };
	if (from_ns < overview->start_ns)
		from_ns = overview->start_ns;
	if (to_ns > overview->end_ns)
		to_ns = overview->end_ns;
	if (cpu >= overview->n_cpus || to_ns <= from_ns)
		return;
	ask_buckets(overview, cpu, from_ns, to_ns, shares);
	ask_present(overview, cpu, from_ns, to_ns, shares);
	known = shares->idle /= all;
	for (unsigned lane = 0; lane < overview->n_lanes; lane++)
		known += shares->lanes[lane] /= all;
	shares->unknown = known < 1 ? 1 - known : 0;
}
