/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * playback.h - a recording read from front to back, or its end alone, with the state that it makes:
 * for verbs that print what stands in it. Owned by a verb; one thread.
 */
#ifndef SWTCH_PLAYBACK_H
#define SWTCH_PLAYBACK_H

#include "sink/report.h"
#include "source/source.h"
#include "source/tape.h"

struct playback {
	const char *path;
	struct tape *tape;
	struct cursor *cursor;
	const struct tape_facts *facts;
	uint64_t start_ns; /* where the events' time 0 is */
	struct state *state;
	struct counts counts; /* which the state has measured last */
	struct report report; /* of these; whole behind playback_end() */
	source_fn fn; /* gets each event that the state has not taken yet; it must give it */
	void *ctx;
};

/* 0, or -errno with `error` set; playback_close() in either case. `path` must outlive it. */
int playback_open(struct playback *playback, const char *path, struct error *error);
void playback_close(struct playback *playback);

/*
 * Play up to and with until_ns, but at most n_max events, to `fn`; without one the state takes them.
 * Returns how many there were, or -errno with `error` set.
 */
int64_t playback_play(struct playback *playback, uint64_t until_ns, uint64_t n_max,
		      struct error *error);

/* Go on to the end, by the shortest way: the counts and lanes are the last ones then. */
int playback_end(struct playback *playback, struct error *error);

/* Tell on stderr what the recording lacks: what is cut off, broken, or was lost when it was made. */
void playback_tell_gaps(const struct playback *playback);

#endif
