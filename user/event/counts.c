// SPDX-License-Identifier: GPL-2.0-only
/* counts.c - room for the counts of one instant, sums and percentiles over them. */
#include "event/counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct lane_work lane_work_unknown = {
	.user_switches = COUNT_UNKNOWN,
	.yielded = COUNT_UNKNOWN,
	.coroutines = COUNT_UNKNOWN,
	.checksum = COUNT_UNKNOWN,
	.turns = COUNT_UNKNOWN,
	.polls = COUNT_UNKNOWN,
	.ready = COUNT_UNKNOWN,
	.figures = { [0 ... LAB_N_FIGURES - 1] = COUNT_UNKNOWN },
	.memory = { COUNT_UNKNOWN, COUNT_UNKNOWN, COUNT_UNKNOWN, COUNT_UNKNOWN, COUNT_UNKNOWN,
		    COUNT_UNKNOWN, COUNT_UNKNOWN },
};

int counts_init(struct counts *counts, unsigned n_cpus, unsigned n_lanes)
{
	*counts = (struct counts){ .n_cpus = n_cpus, .n_lanes = n_lanes };
	counts->cells = calloc((size_t)n_cpus * n_lanes, sizeof(*counts->cells));
	counts->cpus = calloc(n_cpus, sizeof(*counts->cpus));
	counts->times = calloc(n_cpus, sizeof(*counts->times));
	counts->online = calloc(n_cpus, sizeof(*counts->online));
	counts->work = calloc(n_lanes, sizeof(*counts->work));
	if (!counts->cells || !counts->cpus || !counts->times || !counts->online || !counts->work) {
		counts_fini(counts);
		return -ENOMEM;
	}
	for (unsigned lane = 0; lane < n_lanes; lane++)
		counts->work[lane] = lane_work_unknown;
	counts->self = self_cost_unknown;
	return 0;
}

void counts_fini(struct counts *counts)
{
	free(counts->cells);
	free(counts->cpus);
	free(counts->times);
	free(counts->online);
	free(counts->work);
	*counts = (struct counts){ 0 };
}

void counts_copy(struct counts *to, const struct counts *from)
{
	size_t n_cells = (size_t)from->n_cpus * from->n_lanes;

	to->time_ns = from->time_ns;
	to->self = from->self;
	memcpy(to->cells, from->cells, n_cells * sizeof(*to->cells));
	memcpy(to->cpus, from->cpus, from->n_cpus * sizeof(*to->cpus));
	memcpy(to->times, from->times, from->n_cpus * sizeof(*to->times));
	memcpy(to->online, from->online, from->n_cpus * sizeof(*to->online));
	memcpy(to->work, from->work, from->n_lanes * sizeof(*to->work));
}

void counters_add(struct lane_counters *sum, const struct lane_counters *part)
{
	sum->voluntary += part->voluntary;
	sum->involuntary += part->involuntary;
	sum->run_ns += part->run_ns;
	sum->wait_ns += part->wait_ns;
	if (part->wait_max_ns > sum->wait_max_ns)
		sum->wait_max_ns = part->wait_max_ns;
	sum->missed += part->missed;
	sum->wakeups += part->wakeups;
	sum->migrations += part->migrations;
	sum->processes += part->processes;
	sum->threads += part->threads;
	sum->exited += part->exited;
	sum->audited += part->audited;
	sum->exact += part->exact;
	sum->untracked += part->untracked;
	sum->steps += part->steps;
	sum->sent += part->sent;
	sum->untold += part->untold;
	sum->unplaced += part->unplaced;
	for (unsigned i = 0; i < N_WAIT_BUCKETS; i++)
		sum->wait_log2[i] += part->wait_log2[i];
}

uint64_t waits_percentile(const uint64_t log2[N_WAIT_BUCKETS], uint64_t max_ns, double share)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < N_WAIT_BUCKETS; i++)
		n += log2[i];
	if (!n)
		return COUNT_UNKNOWN;

	double rank = share * (double)n;
	double below = 0;

	for (unsigned i = 0; i < N_WAIT_BUCKETS; i++) {
		double here = (double)log2[i];

		if (log2[i] && below + here >= rank) {
			double low = i ? (double)(1ull << i) : 0;
			double high = (double)(2ull << i);
			uint64_t at = (uint64_t)(low + (high - low) * (rank - below) / here);

			return at < max_ns ? at : max_ns;
		}
		below += here;
	}
	return max_ns;
}
