/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rate.h - the rate that all models are offered at once: found by trials, then lowered until all hold
 * it. Used by session.c alone.
 */
#ifndef SWTCH_RATE_H
#define SWTCH_RATE_H

#include "cmd/lane.h"

struct rate {
	double slowest_hz;  /* of the trials so far; negative: none */
	uint64_t looked_ns; /* when the work was last looked at; 0: not since the rate changed */
	uint64_t looked_done[1 + N_MODELS]; /* and what was done then, by lane */
	uint64_t found_hz;		    /* by the trials: no higher is tried */
	unsigned n_held,
		n_patience; /* looks in a row at a rate that was held; when to try a higher */
	bool rose;	    /* the last change was upwards */
};

/* No trial yet. */
void rate_reset(struct rate *rate);

/* A lane ran alone and flat out, and has ended. */
void rate_take_trial(struct rate *rate, const struct lane *lane);

/* Units a second that every model should hold, two digits; RATE_MAX when no trial told. */
uint64_t rate_found(struct rate *rate);

/*
 * Look whether lanes 1 to N_MODELS, as far as they work, hold rate_hz. Now and then it answers a lower
 * one, or when that was held for a while a higher one, else rate_hz itself: what kept the lanes from
 * their work may be over.
 */
uint64_t rate_held(struct rate *rate, uint64_t rate_hz, const struct lane *lanes, uint64_t now_ns);

#endif
