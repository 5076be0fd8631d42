// SPDX-License-Identifier: GPL-2.0-only
/* names.c - pid to name, in pages that are made when a pid in them is first named. */
#include "event/names.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BITS 12
#define PAGE_SIZE (1u << PAGE_BITS)
#define N_PAGES	  (1u << (TASK_PID_BITS - PAGE_BITS))

#define N_PLACES_FIRST 256

struct coroutine_name {
	uint64_t key; /* lane << 32 | id; 0: the place is free */
	char text[COROUTINE_NAME_LEN];
};

struct names {
	char (*pages[N_PAGES])[TASK_NAME_LEN];
	struct coroutine_name *coroutines; /* at most half of the places are taken */
	uint32_t n_coroutines, n_places;
};

struct names *names_new(void)
{
	return calloc(1, sizeof(struct names));
}

void names_clear(struct names *names)
{
	for (unsigned i = 0; i < N_PAGES; i++) {
		free(names->pages[i]);
		names->pages[i] = NULL;
	}
	free(names->coroutines);
	names->coroutines = NULL;
	names->n_coroutines = names->n_places = 0;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	names_clear(names);
	free(names);
}

/* 0 or -1: without memory. */
static int copy_coroutines(struct names *to, const struct names *from)
{
	if (!from->n_places)
		return 0;
	to->coroutines = malloc(from->n_places * sizeof(*to->coroutines));
	if (!to->coroutines)
		return -1;
	memcpy(to->coroutines, from->coroutines, from->n_places * sizeof(*to->coroutines));
	to->n_places = from->n_places;
	to->n_coroutines = from->n_coroutines;
	return 0;
}

struct names *names_copy(const struct names *names)
{
	struct names *copy = names_new();

	for (unsigned i = 0; copy && i < N_PAGES; i++) {
		if (!names->pages[i])
			continue;
		copy->pages[i] = malloc(PAGE_SIZE * TASK_NAME_LEN);
		if (!copy->pages[i]) {
			names_free(copy);
			return NULL;
		}
		memcpy(copy->pages[i], names->pages[i], PAGE_SIZE * TASK_NAME_LEN);
	}
	if (copy && copy_coroutines(copy, names)) {
		names_free(copy);
		return NULL;
	}
	return copy;
}

/* The last three bytes of a name lie in `state` and `cpu`, as bpf/emit.bpf.h put them there. */
void event_name(const struct event *event, char name[TASK_NAME_LEN])
{
	memcpy(name, event->name, sizeof(event->name));
	name[12] = (char)event->state;
	name[13] = (char)(event->cpu & 0xff);
	name[14] = (char)(event->cpu >> 8);
	name[15] = '\0';
}

void event_set_name(struct event *event, const char *name)
{
	char padded[TASK_NAME_LEN] = "";

	memcpy(padded, name, strnlen(name, TASK_NAME_LEN - 1));
	memcpy(event->name, padded, sizeof(event->name));
	event->state = (uint8_t)padded[12];
	event->cpu = (uint16_t)((uint8_t)padded[13] | (uint8_t)padded[14] << 8);
}

void event_coroutine_name(const struct event *event, char name[COROUTINE_NAME_LEN])
{
	memcpy(name, event->called.text, sizeof(event->called.text));
	for (unsigned i = 0; i < 3; i++)
		name[8 + i] = (char)(event->seq >> 8 * i & 0xff);
	name[11] = '\0';
}

void event_set_coroutine_name(struct event *event, uint32_t id, const char *name)
{
	char padded[COROUTINE_NAME_LEN] = "";

	memcpy(padded, name, strnlen(name, COROUTINE_NAME_LEN - 1));
	event->called.id = id;
	memcpy(event->called.text, padded, sizeof(event->called.text));
	event->seq = (uint32_t)(uint8_t)padded[8] | (uint32_t)(uint8_t)padded[9] << 8 |
		     (uint32_t)(uint8_t)padded[10] << 16;
}

void event_move_coroutine_name(struct event *event, uint16_t cpu)
{
	event->seq = event->state | (uint32_t)event->cpu << 8;
	event->state = 0;
	event->cpu = cpu;
}

/* --- coroutines ------------------------------------------------------------------------------ */

static struct coroutine_name *find(const struct names *names, uint64_t key)
{
	uint64_t at = key * 0x9e3779b97f4a7c15ull >> 32;

	for (;; at++) {
		struct coroutine_name *place = &names->coroutines[at & (names->n_places - 1)];

		if (!place->key || place->key == key)
			return place;
	}
}

/* Without room a name stays unknown, as without memory. */
static int grow(struct names *names)
{
	struct names old = *names;

	if (names->n_coroutines >= N_COROUTINE_NAMES_MAX)
		return -1;
	names->n_places = old.n_places ? 2 * old.n_places : N_PLACES_FIRST;
	names->coroutines = calloc(names->n_places, sizeof(*names->coroutines));
	if (!names->coroutines) {
		names->coroutines = old.coroutines;
		names->n_places = old.n_places;
		return -1;
	}
	for (uint32_t i = 0; i < old.n_places; i++)
		if (old.coroutines[i].key)
			*find(names, old.coroutines[i].key) = old.coroutines[i];
	free(old.coroutines);
	return 0;
}

static void set_coroutine(struct names *names, const struct event *event)
{
	uint64_t key = (uint64_t)task_lane(event->task) << 32 | event->called.id;
	struct coroutine_name *place = names->n_places ? find(names, key) : NULL;

	if (!key)
		return;
	if (!place || !place->key) {
		if (2 * (names->n_coroutines + 1) > names->n_places && grow(names))
			return;
		place = find(names, key);
		names->n_coroutines++;
	}
	place->key = key;
	event_coroutine_name(event, place->text);
}

const char *names_get_coroutine(const struct names *names, uint32_t lane, uint32_t id)
{
	uint64_t key = (uint64_t)lane << 32 | id;

	return names->n_places && key ? find(names, key)->text : "";
}

/* --- tasks ----------------------------------------------------------------------------------- */

static void set(struct names *names, uint32_t pid, const char name[TASK_NAME_LEN])
{
	char(**page)[TASK_NAME_LEN] = &names->pages[pid >> PAGE_BITS];

	if (!*page)
		*page = calloc(PAGE_SIZE, TASK_NAME_LEN);
	if (*page) /* without memory a name stays unknown, which printers can show */
		memcpy((*page)[pid & (PAGE_SIZE - 1)], name, TASK_NAME_LEN);
}

void names_apply(struct names *names, const struct event *event)
{
	char name[TASK_NAME_LEN];

	if (event->kind == EVENT_NAME) {
		event_name(event, name);
		set(names, task_pid(event->task), name);
	} else if (event->kind == EVENT_CLONE) {
		memcpy(name, names_get(names, task_pid(event->task)), TASK_NAME_LEN);
		set(names, task_pid(event->made.child), name);
	} else if (event->kind == EVENT_COROUTINE_NAME) {
		set_coroutine(names, event);
	}
}

void names_each(const struct names *names, void (*fn)(uint32_t pid, const char *name, void *ctx),
		void *ctx)
{
	for (uint32_t pid = 1; pid <= TASK_PID_MASK; pid++) {
		if (!names->pages[pid >> PAGE_BITS])
			pid |= PAGE_SIZE - 1;
		else if (*names->pages[pid >> PAGE_BITS][pid & (PAGE_SIZE - 1)])
			fn(pid, names->pages[pid >> PAGE_BITS][pid & (PAGE_SIZE - 1)], ctx);
	}
}

const char *names_get(const struct names *names, uint32_t pid)
{
	static const char idle[TASK_NAME_LEN] = "idle";
	static const char unknown[TASK_NAME_LEN] = "";

	if (!pid)
		return idle;
	if (pid > TASK_PID_MASK || !names->pages[pid >> PAGE_BITS])
		return unknown;
	return names->pages[pid >> PAGE_BITS][pid & (PAGE_SIZE - 1)];
}
