/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * history.h - the last events, and what tasks were called when the oldest of them happened.
 *
 * Printing the history is: take a copy of its names, and apply each event to it before printing it,
 * so that a pid that was used twice has the right name both times. Owned by who made it; one thread.
 */
#ifndef SWTCH_HISTORY_H
#define SWTCH_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "event/names.h"

struct history;

/* Room for the last n_max events (a power of two, 32 bytes each). NULL with ENOMEM or EINVAL. */
struct history *history_new(size_t n_max);
void history_free(struct history *history);

/* What is there now, for who wants it to stay. NULL with ENOMEM. */
struct history *history_copy(const struct history *history);

void history_add(struct history *history, const struct event *event);
size_t history_n(const struct history *history);       /* how many are there */
uint64_t history_first(const struct history *history); /* how many were let go before them */
const struct event *history_at(const struct history *history, size_t i); /* 0 the oldest; i < n */

/* As history_at(), with how many lie in memory one after another from there on, this one included. */
const struct event *history_run(const struct history *history, size_t i, size_t *n);

void history_clear(struct history *history);

/* Forget events and names; the numbers of events go on. */
void history_forget(struct history *history);

/* Name a task as of before the oldest event; false: it had a name then, which stays. */
bool history_name_first(struct history *history, const struct event *event);

/* Names as of just before the oldest event. */
const struct names *history_names(const struct history *history);

#endif
