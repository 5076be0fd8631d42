/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recipe.h - the table of columns, made ready for writing: for each kind of event the words between
 * its values, and which values they are. Made once by a sink, then followed a million times a second.
 */
#ifndef SWTCH_RECIPE_H
#define SWTCH_RECIPE_H

#include "base/text.h"
#include "base/writer.h"
#include "sink/columns.h"

#define RECIPE_STEPS 32	  /* more than there are columns */
#define RECIPE_WORDS 8192 /* for all kinds together */

struct recipe_words {
	uint16_t from, n; /* in the room of all recipes */
};

struct recipe {
	unsigned n_steps;
	struct {
		struct recipe_words before;
		const struct column *column;
	} steps[RECIPE_STEPS];
	struct recipe_words after;
};

struct recipes {
	struct recipe kinds[N_EVENT_KINDS];
	struct text words;
	char room[RECIPE_WORDS];
};

/*
 * Make them: `before` adds what stands between the column `last` of the kind (NULL: none yet) and
 * `column` (NULL: there are no more).
 */
void recipes_make(struct recipes *recipes,
		  void (*before)(struct text *words, const struct column *last,
				 const struct column *column));

/* Write one event; `put` writes a value. Nothing for a kind that there is not. */
void recipes_follow(const struct recipes *recipes, struct writer *out, const struct event *event,
		    const struct sink_context *context,
		    void (*put)(struct writer *out, const struct value *value));

#endif
