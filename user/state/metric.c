// SPDX-License-Identifier: GPL-2.0-only
/* metric.c - one function a metric, and the table of them. */
#include "state/metric.h"

#include <math.h>

/* What is not known, or is divided by nothing, is no number. */
static double known(uint64_t value)
{
	return value == COUNT_UNKNOWN ? (double)NAN : (double)value;
}

static double share(double value, double n)
{
	return n > 0 ? value / n : (double)NAN;
}

static double switches(const struct lane_state *lane)
{
	return (double)(lane->total.voluntary + lane->total.involuntary);
}

#define METRIC(name, value)                                                                        \
	static double name(const struct lane_state *lane, unsigned index)                          \
	{                                                                                          \
		const struct lane_work *work = &lane->work;                                        \
                                                                                                   \
		(void)work;                                                                        \
		(void)index;                                                                       \
		return value;                                                                      \
	}

METRIC(wall_ns, work->wall_ns ? known(work->wall_ns) : (double)NAN)
METRIC(done, known(work->done))
METRIC(checksum, work->checksum == COUNT_UNKNOWN
			 ? (double)NAN
			 : (double)(uint32_t)(work->checksum ^ work->checksum >> 32))
METRIC(unit_ns, share(wall_ns(lane, 0), done(lane, 0)))
METRIC(unit_cpu_ns, share((double)lane->total.run_ns, done(lane, 0)))
METRIC(unit_switches, share(switches(lane), done(lane, 0)))
METRIC(unit_user_switches, share(known(work->user_switches), done(lane, 0)))
METRIC(switch_ns, share(wall_ns(lane, 0), switches(lane)))
METRIC(user_switch_ns, share(wall_ns(lane, 0), known(work->user_switches)))
METRIC(kernel_per_user, share(switches(lane), known(work->user_switches)))
METRIC(unasked, known(work->user_switches) - done(lane, 0) - known(work->coroutines))
METRIC(involuntary, (double)lane->total.involuntary)
METRIC(threads, (double)lane->total.threads)
METRIC(task_bytes, known(work->memory.task_bytes))
METRIC(latency_p50_ns, known(latency_percentile(&work->latency, 0.50)))
METRIC(turns, known(work->turns))
METRIC(poll_ready, share(known(work->ready), known(work->polls)))
METRIC(figure, index < LAB_N_FIGURES ? known(work->figures[index]) : (double)NAN)

static double pool_threads(const struct lane_state *lane, unsigned index)
{
	unsigned n = 0;

	(void)index;
	for (unsigned i = 0; i < lane->work.n_pool && i < LAB_N_POOL; i++)
		n += lane->work.pool[i].user_switches > 0;
	return lane->work.n_pool ? (double)n : (double)NAN;
}

static const struct {
	enum metric_unit unit;
	double (*measure)(const struct lane_state *lane, unsigned index);
} metrics[N_METRICS] = {
	[METRIC_WALL_NS] = { UNIT_NS, wall_ns },
	[METRIC_ALONE_NS] = { UNIT_NS, wall_ns },
	[METRIC_DONE] = { UNIT_COUNT, done },
	[METRIC_CHECKSUM] = { UNIT_CHECKSUM, checksum },
	[METRIC_UNIT_NS] = { UNIT_NS, unit_ns },
	[METRIC_UNIT_CPU_NS] = { UNIT_NS, unit_cpu_ns },
	[METRIC_UNIT_SWITCHES] = { UNIT_EACH, unit_switches },
	[METRIC_UNIT_USER_SWITCHES] = { UNIT_EACH, unit_user_switches },
	[METRIC_SWITCH_NS] = { UNIT_NS, switch_ns },
	[METRIC_USER_SWITCH_NS] = { UNIT_NS, user_switch_ns },
	[METRIC_KERNEL_PER_USER] = { UNIT_EACH, kernel_per_user },
	[METRIC_UNASKED] = { UNIT_COUNT, unasked },
	[METRIC_INVOLUNTARY] = { UNIT_COUNT, involuntary },
	[METRIC_THREADS] = { UNIT_COUNT, threads },
	[METRIC_POOL_THREADS] = { UNIT_COUNT, pool_threads },
	[METRIC_TASK_BYTES] = { UNIT_BYTES, task_bytes },
	[METRIC_LATENCY_P50_NS] = { UNIT_NS, latency_p50_ns },
	[METRIC_TURNS] = { UNIT_COUNT, turns },
	[METRIC_POLL_READY] = { UNIT_EACH, poll_ready },
	[METRIC_FIGURE] = { UNIT_COUNT, figure },
};

const char *metric_unit_name(enum metric_unit unit)
{
	static const char *const names[N_UNITS] = {
		[UNIT_NS] = "ns",     [UNIT_BYTES] = "bytes",	    [UNIT_COUNT] = "count",
		[UNIT_EACH] = "each", [UNIT_CHECKSUM] = "checksum",
	};

	return names[unit];
}

enum metric_unit metric_unit(enum metric_id metric)
{
	return metrics[metric].unit;
}

double metric_measure(enum metric_id metric, unsigned index, const struct lane_state *lane)
{
	return metrics[metric].measure(lane, index);
}
