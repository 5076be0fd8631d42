/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names.h - what a pid is called: built from EVENT_NAME and EVENT_CLONE, asked by whoever prints.
 *
 * Coroutines have names in the same way, from EVENT_COROUTINE_NAME; the first N_COROUTINE_NAMES_MAX
 * of them are kept.
 *
 * Two levels, so that four million possible pids cost memory only where they are used: at most
 * NAMES_BYTES_MAX, however many tasks come and go. Names are raw bytes from programs; whoever prints
 * them escapes them. One thread.
 */
#ifndef SWTCH_NAMES_H
#define SWTCH_NAMES_H

#include <stddef.h>

#include "event.h"

#define N_COROUTINE_NAMES_MAX (1u << 17)
#define NAMES_BYTES_MAX	      ((size_t)TASK_NAME_LEN << TASK_PID_BITS)

struct names;

/* NULL with ENOMEM. */
struct names *names_new(void);
void names_free(struct names *names);

/* Forget all of them. */
void names_clear(struct names *names);

/* The same names in memory of their own. NULL with ENOMEM. */
struct names *names_copy(const struct names *names);

/* The name that an EVENT_NAME carries, terminated. */
void event_name(const struct event *event, char name[TASK_NAME_LEN]);

/* Write a name into an EVENT_NAME; cut at 15 bytes. */
void event_set_name(struct event *event, const char *name);

/* The same of a coroutine, whose name has 11 bytes and no number in a ring: it lies there, too. */
#define COROUTINE_NAME_LEN 12
void event_coroutine_name(const struct event *event, char name[COROUTINE_NAME_LEN]);

/* As a hook wrote it into the ring of `cpu`: the name's tail moves to where all others expect it. */
void event_move_coroutine_name(struct event *event, uint16_t cpu);

void event_set_coroutine_name(struct event *event, uint32_t id, const char *name);

/* The name of a coroutine, terminated; "" while it has none. Valid until the next apply. */
const char *names_get_coroutine(const struct names *names, uint32_t lane, uint32_t id);

/* Each name that is known, by pid. */
void names_each(const struct names *names, void (*fn)(uint32_t pid, const char *name, void *ctx),
		void *ctx);

/* Take in one event of any kind. A child is called as its parent until it says otherwise. */
void names_apply(struct names *names, const struct event *event);

/* The name of a pid, terminated; "" while unknown, "idle" for pid 0. Valid until the next apply. */
const char *names_get(const struct names *names, uint32_t pid);

#endif
