/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * columns.h - what csv and jsonl say of an event: one table, so both have the same names.
 *
 * A name with a dot is a column of that name in csv and a member of an object in jsonl:
 * `task.pid` and {"task": {"pid": 1}}. Members of one object stand together.
 */
#ifndef SWTCH_COLUMNS_H
#define SWTCH_COLUMNS_H

#include "sink/sink.h"

enum value_type {
	VALUE_NONE, /* could not be had: null, or an empty field */
	VALUE_NUMBER,
	VALUE_SIGNED,
	VALUE_TEXT, /* ours, or escaped */
	VALUE_NAME, /* raw, from another program */
};

#define VALUE_ROOM 512 /* for text that is put together: all flags of clone(2) */

struct value {
	enum value_type type;
	uint64_t number;
	int64_t with_sign;
	const char *text; /* valid until the next event, or within room */
	char room[VALUE_ROOM];
};

struct column {
	const char *name;
	uint32_t kinds; /* bit n: events of kind n have it */
	void (*get)(struct value *value, const struct event *event,
		    const struct sink_context *context);
};

extern const struct column columns[]; /* ends with name NULL */

/* The name of the lane an event is shown under; "" in none. */
const char *context_lane(const struct sink_context *context, const struct event *event);

#endif
