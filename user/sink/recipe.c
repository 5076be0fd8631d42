// SPDX-License-Identifier: GPL-2.0-only
/* recipe.c - words, value, words, value, words. */
#include "sink/recipe.h"

static struct recipe_words
add(struct recipes *recipes, const struct column *last, const struct column *column,
    void (*before)(struct text *words, const struct column *last, const struct column *column))
{
	struct recipe_words words = { .from = (uint16_t)recipes->words.length };

	before(&recipes->words, last, column);
	words.n = (uint16_t)(recipes->words.length - words.from);
	return words;
}

void recipes_make(struct recipes *recipes,
		  void (*before)(struct text *words, const struct column *last,
				 const struct column *column))
{
	text_init(&recipes->words, recipes->room, sizeof(recipes->room));
	for (unsigned kind = 0; kind < N_EVENT_KINDS; kind++) {
		struct recipe *recipe = &recipes->kinds[kind];
		const struct column *last = NULL;

		recipe->n_steps = 0;
		for (const struct column *column = columns; column->name; column++) {
			if (!(column->kinds & 1u << kind) || recipe->n_steps == RECIPE_STEPS)
				continue;
			recipe->steps[recipe->n_steps].before = add(recipes, last, column, before);
			recipe->steps[recipe->n_steps++].column = column;
			last = column;
		}
		recipe->after = add(recipes, last, NULL, before);
	}
}

void recipes_follow(const struct recipes *recipes, struct writer *out, const struct event *event,
		    const struct sink_context *context,
		    void (*put)(struct writer *out, const struct value *value))
{
	const struct recipe *recipe;
	struct value value;

	if (event->kind >= N_EVENT_KINDS || !recipes->kinds[event->kind].n_steps)
		return;
	recipe = &recipes->kinds[event->kind];
	for (unsigned i = 0; i < recipe->n_steps; i++) {
		struct recipe_words before = recipe->steps[i].before;

		writer_put(out, recipes->room + before.from, before.n);
		value.type = VALUE_NONE;
		recipe->steps[i].column->get(&value, event, context);
		put(out, &value);
	}
	writer_put(out, recipes->room + recipe->after.from, recipe->after.n);
}
