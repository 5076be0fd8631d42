/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tape_search.h - a text in a recording: from a place on, a little at a time.
 *
 * Owned by who made it; one thread. The tape must outlive it.
 */
#ifndef SWTCH_TAPE_SEARCH_H
#define SWTCH_TAPE_SEARCH_H

#include "cmd/deck.h"

struct tape_search;

enum tape_search_end { SEARCH_GOES_ON, SEARCH_FOUND, SEARCH_NOT_FOUND };

/* For the next event behind `from` that event_matches() `text` (copied). NULL with ENOMEM. */
struct tape_search *tape_search_new(struct tape *tape, const char *text,
				    const struct deck_place *from);
void tape_search_free(struct tape_search *search);

/* Look at the next few thousand events. An enum tape_search_end, or -errno. */
int tape_search_step(struct tape_search *search);

/* Where it is: the event that was found, or that was looked at last. */
struct deck_place tape_search_place(const struct tape_search *search);

#endif
