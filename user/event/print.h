/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * print.h - an event as a line for people, and the words that every output uses for its parts.
 *
 * No state; any thread may call. Names are escaped on their way.
 */
#ifndef SWTCH_PRINT_H
#define SWTCH_PRINT_H

#include <stddef.h>

#include "base/text.h"
#include "event/names.h"

/* The longest line: two escaped names, all flags of clone(2), the columns; with the terminator. */
#define EVENT_LINE_SIZE 768

/*
 * event_print - the line that `log -f text` has for an event, without a newline:
 *
 *   0.000123456 [001] switch  process  ping:4121 -> pong:4122  voluntary (S)  ran 3.1us waited 1.2us
 *
 * `names` has applied the event already. `lane_name` is ours or escaped; NULL or "" prints "-".
 * Time is given in seconds since `start_ns`, with a minus before it. Cut to `size` (at least 1).
 */
void event_print(char *line, size_t size, const struct event *event, const struct names *names,
		 const char *lane_name, uint64_t start_ns);

/* What an EVENT_LOST says: how many, or that nobody knows. */
void loss_print(struct text *text, const struct event *event);

/* A task as people write it, name:pid, escaped. */
void task_print(struct text *text, uint32_t word, const struct names *names);

/* The same of who woke another: pid 0 is an interrupt on an idle CPU. */
void waker_print(struct text *text, uint32_t word, const struct names *names);

/* co-3, or co-3 (fetch) where its name is known. */
void coroutine_print(struct text *text, uint32_t lane, uint32_t id, const struct names *names);

/* What a kind is called in every output: "switch", "wakeup", ...; "?" for none. */
const char *event_kind_name(unsigned kind);

/* The letter that the kernel prints for the state (enum leave_state, flag or not): R, S, D, ... */
char leave_state_letter(unsigned state);

/* `before`, and what a task that left in this state waits for; nothing where that is not known. */
void call_print(struct text *text, const char *before, unsigned state);

/*
 * clone_flags_print - names of the clone(2) flags in `made`, joined by |; bits without a name as
 * one hexadecimal number; "0" for none. Always terminated. Returns the length.
 */
size_t clone_flags_print(char *out, size_t size, const struct event *event);

/* True when the clone made a thread of the same process. */
int clone_makes_thread(const struct event *event);

/* The lane an event is shown under: its task's, or, if that is in none, the other task's. */
unsigned event_lane(const struct event *event);

#endif
