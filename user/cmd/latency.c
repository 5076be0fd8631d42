// SPDX-License-Identifier: GPL-2.0-only
/* latency.c - two that take in the same events, side by side. */
#include "cmd/latency.h"

#include <errno.h>

int latency_init(struct latency *latency, unsigned n_lanes)
{
	*latency = (struct latency){ .spans = spans_new(n_lanes), .blame = blame_new(n_lanes) };
	return latency->spans && latency->blame ? 0 : -ENOMEM;
}

void latency_fini(struct latency *latency)
{
	spans_free(latency->spans);
	blame_free(latency->blame);
	*latency = (struct latency){ 0 };
}

void latency_clear(struct latency *latency)
{
	spans_clear(latency->spans);
	blame_clear(latency->blame);
}

int latency_copy(struct latency *copy, const struct latency *latency)
{
	*copy = (struct latency){ .spans = spans_copy(latency->spans),
				  .blame = blame_copy(latency->blame) };
	return copy->spans && copy->blame ? 0 : -ENOMEM;
}

void latency_apply(struct latency *latency, const struct event *event)
{
	spans_apply(latency->spans, event);
	blame_apply(latency->blame, event);
}
