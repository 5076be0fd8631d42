/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * deck.h - a tape that is played: where it is, how fast it goes, and how it gets to another place.
 *
 * Owned by who made it; one thread. The clock is the caller's.
 */
#ifndef SWTCH_DECK_H
#define SWTCH_DECK_H

#include "source/tape.h"

#define DECK_N_EVENTS (1u << 18) /* that are there behind a jump, as if all had been played */

struct deck;

/* Who takes in what is played. */
struct deck_taker {
	struct tape_visitor visitor;
	int (*forget)(void *ctx); /* everything is told anew from another place. 0 or -ENOMEM */
	void *ctx;
};

/* An event among those of its time: number `nth` of them, from 1. */
struct deck_place {
	uint64_t time_ns;
	uint32_t nth;
};
#define DECK_ALL UINT32_MAX /* nth: behind all of that time */

/* At the start, paused. NULL with ENOMEM. The tape must outlive it. */
struct deck *deck_new(struct tape *tape, const struct deck_taker *taker);
void deck_free(struct deck *deck);

/* Play on to where the clock says, as far as that can be done in a frame. Events passed, or -errno. */
int deck_step(struct deck *deck, uint64_t now_ns);

/* Playing at the end begins at the start. */
int deck_play(struct deck *deck, uint64_t now_ns);
void deck_pause(struct deck *deck);
bool deck_is_playing(const struct deck *deck);
bool deck_at_end(const struct deck *deck);

/* The next slower (by: -1) or faster (1) speed. */
void deck_change_speed(struct deck *deck, int by, uint64_t now_ns);
const char *deck_speed(const struct deck *deck); /* "1x", "1/20x" */
bool deck_is_slow(const struct deck *deck);	 /* so that a microsecond can be seen */

/*
 * Go to a place, as if all had been played up to it, and stay there (or play on from there). Before
 * the tape is its first event, behind it its end. 0 or -errno.
 */
int deck_jump(struct deck *deck, const struct deck_place *place, uint64_t now_ns);

/* One event on or back, among those that are news; pauses. 1, 0 when there is none, or -errno. */
int deck_next(struct deck *deck);
int deck_back(struct deck *deck);

/* Where it is, on the tape's clock: as the clock says, or at the event that was stepped to. */
uint64_t deck_position_ns(const struct deck *deck);

/* The last event that was passed. */
struct deck_place deck_place(const struct deck *deck);

#endif
