// SPDX-License-Identifier: GPL-2.0-only
/* names.c - pid to name, in pages that are made when a pid in them is first named. */
#include "event/names.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BITS 12
#define PAGE_SIZE (1u << PAGE_BITS)
#define N_PAGES	  (1u << (TASK_PID_BITS - PAGE_BITS))

struct names {
	char (*pages[N_PAGES])[TASK_NAME_LEN];
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
}

void names_free(struct names *names)
{
	if (!names)
		return;
	names_clear(names);
	free(names);
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
