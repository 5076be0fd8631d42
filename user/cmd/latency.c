// SPDX-License-Identifier: GPL-2.0-only
/* latency.c - what takes in events, side by side. */
#include "cmd/latency.h"

#include <errno.h>

int latency_init(struct latency *latency, struct state *state)
{
	*latency = (struct latency){ .state = state,
				     .spans = spans_new(state->n_lanes),
				     .blame = blame_new(state->n_lanes) };
	return latency->spans && latency->blame ? 0 : -ENOMEM;
}

void latency_fini(struct latency *latency)
{
	spans_free(latency->spans);
	blame_free(latency->blame);
}

void latency_take(const struct event *event, void *ctx)
{
	struct latency *latency = ctx;

	state_apply(latency->state, event, NULL);
	spans_apply(latency->spans, event);
	blame_apply(latency->blame, event);
}

void latency_tell(const struct latency *latency, struct report *report)
{
	report->spans = latency->spans;
	report->blame = latency->blame;
}
