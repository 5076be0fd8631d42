// SPDX-License-Identifier: GPL-2.0-only
/* self_cost.c - differences and rates of what watching costs. */
#include "event/self_cost.h"

#include <math.h>

#include "base/clock.h"
#include "event/counts.h"

const struct self_cost self_cost_unknown = {
	.watch_ns = COUNT_UNKNOWN,
	.watch_cpu_ns = COUNT_UNKNOWN,
	.read_bytes = COUNT_UNKNOWN,
	.written_bytes = COUNT_UNKNOWN,
	.n_switches = COUNT_UNKNOWN,
};

static double moved(uint64_t from, uint64_t to)
{
	if (from == COUNT_UNKNOWN || to == COUNT_UNKNOWN || to < from)
		return NAN;
	return (double)(to - from);
}

/* `whole` of how many `parts`; NAN where there is none. */
static double each(double whole, double parts)
{
	return parts > 0 ? whole / parts : NAN;
}

void self_figures_between(const struct self_cost *from, const struct self_cost *to,
			  struct self_figures *figures)
{
	double span_ns = moved(from->watch_ns, to->watch_ns);
	double cpu_ns = moved(from->watch_cpu_ns, to->watch_cpu_ns);

	*figures = (struct self_figures){
		.hook_ns = each(moved(from->hook_ns, to->hook_ns), moved(from->hook_n, to->hook_n)),
		.cpu_share = each(cpu_ns, span_ns),
		.event_ns = each(cpu_ns, moved(from->n_events, to->n_events)),
		.read_hz = each(moved(from->read_bytes, to->read_bytes) * NS_PER_S, span_ns),
		.written_hz =
			each(moved(from->written_bytes, to->written_bytes) * NS_PER_S, span_ns),
		.switch_hz = each(moved(from->n_switches, to->n_switches) * NS_PER_S, span_ns),
	};
}

void self_figures_of(const struct self_cost *self, struct self_figures *figures)
{
	static const struct self_cost none;

	self_figures_between(&none, self, figures);
}

uint64_t self_whole(double figure)
{
	return isnan(figure) ? COUNT_UNKNOWN : (uint64_t)(figure + 0.5);
}
