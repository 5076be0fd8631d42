// SPDX-License-Identifier: GPL-2.0-only
/* claim_rows.c - figures with their spread and bounds, as words. */
#include "view/claim_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define EACH_LEAST  0.001   /* less is as good as nothing */
#define COUNT_WHOLE 9999999 /* more is told by three digits */
#define OTHERS_MOST 0.1	    /* of the CPUs; less is what a system does anyhow */
#define EXACT_RATIO N_UNITS /* of two counts, to the last digit that matters */

/* --- values ------------------------------------------------------------------------------------- */

/* One unit for a value and for its spread: what to divide by, how many digits, what to call it. */
struct scale {
	double by;
	int n_digits;
	const char *name;
};

static struct scale scale_for(double value, double step, const char *const *names, unsigned n)
{
	struct scale scale = { .by = 1 };
	unsigned i = 0;

	for (; value >= 999.5 && i + 1 < n; i++) {
		value /= step;
		scale.by *= step;
	}
	scale.name = names[i];
	scale.n_digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	return scale;
}

/* `unit` is a metric's, or EXACT_RATIO. */
static struct scale scale_of(enum metric_unit unit, double value)
{
	static const char *const times[] = { " ns", " us", " ms", " s" };
	static const char *const sizes[] = { " B", " KB", " MB", " GB" };
	static const char *const counts[] = { "", "k", "M", "G" };

	switch (unit) {
	case UNIT_NS:
		return scale_for(value, 1000, times, 4);
	case UNIT_BYTES:
		return scale_for(value, 1024, sizes, 4);
	case UNIT_EACH:
		return scale_for(value, 1000, counts, 4);
	case UNIT_COUNT:
		if (value > COUNT_WHOLE)
			return scale_for(value, 1000, counts, 4);
		return (struct scale){ 1, value != trunc(value), "" };
	default:
		return (struct scale){ 1, 0, "" };
	}
}

static void put_value(char *text, size_t size, enum metric_unit unit, const struct scale *scale,
		      double value)
{
	if (isnan(value))
		snprintf(text, size, "-");
	else if (unit == UNIT_CHECKSUM)
		snprintf(text, size, "%08x", (unsigned)value);
	else if (unit == EXACT_RATIO)
		snprintf(text, size, "%.5g", value);
	else if (unit == UNIT_EACH && value > 0 && value < EACH_LEAST)
		snprintf(text, size, "<%g", EACH_LEAST);
	else if (unit == UNIT_EACH && value > 0 && value < 0.1)
		snprintf(text, size, "%.4f", value);
	else
		snprintf(text, size, "%.*f", scale->n_digits, value / scale->by);
}

static void put_spread(struct claim_row *row, enum metric_unit unit, const struct spread *spread)
{
	struct scale scale = scale_of(unit, spread->median);
	char least[NUMBER_SIZE], most[NUMBER_SIZE], median[NUMBER_SIZE];

	put_value(median, sizeof(median), unit, &scale, spread->median);
	put_value(least, sizeof(least), unit, &scale, spread->least);
	put_value(most, sizeof(most), unit, &scale, spread->most);
	snprintf(row->value, sizeof(row->value), "%.18s%s", median, spread->n ? scale.name : "");
	if (!spread->n)
		row->spread[0] = '\0';
	else if (!strcmp(least, most))
		snprintf(row->spread, sizeof(row->spread), spread->n > 1 ? "(always)" : "(once)");
	else
		snprintf(row->spread, sizeof(row->spread), "(%s..%s)", least, most);
}

static void put_bound(struct claim_row *row, enum metric_unit unit,
		      const struct claim_condition *condition)
{
	static const char *const words[] = { [AT_LEAST] = "at least ",
					     [AT_MOST] = "at most ",
					     [EQUAL] = "exactly ",
					     [ABOVE] = "above ",
					     [BELOW] = "below " };
	struct scale scale = scale_of(unit, condition->bound);
	char bound[NUMBER_SIZE];

	/* A bound is a round number: as few digits as it has. */
	snprintf(bound, sizeof(bound), "%.6g%s", condition->bound / scale.by, scale.name);
	snprintf(row->bound, sizeof(row->bound), "%s%s", words[condition->comparison], bound);
}

/* --- rows --------------------------------------------------------------------------------------- */

static void judge_row(struct claim_row *row, const struct condition_result *verdict)
{
	static const char *const marks[] = {
		[NOT_DECIDED] = "?", [HOLDS] = "yes", [DOES_NOT_HOLD] = "no"
	};

	row->judgement = verdict->judgement;
	row->mark = marks[verdict->judgement];
}

static void figure_row(const struct claim *claim, const struct claim_result *result,
		       unsigned number, struct claim_row *row)
{
	const struct claim_figure *figure = &claim->figures[number];
	enum metric_unit unit = metric_unit(figure->metric);

	*row = (struct claim_row){ .mark = "", .lane = (int)figure->lane };
	snprintf(row->name, sizeof(row->name), "%s", figure->name);
	put_spread(row, unit, &result->figures[number]);
	for (unsigned i = 0; claim->conditions[i].comparison; i++) {
		const struct claim_condition *condition = &claim->conditions[i];

		if (condition->figure != number || condition->beside != ALONE)
			continue;
		put_bound(row, unit, condition);
		judge_row(row, &result->conditions[i]);
	}
}

static void ratio_row(const struct claim *claim, const struct claim_result *result, unsigned number,
		      struct claim_row *row)
{
	const struct claim_condition *condition = &claim->conditions[number];
	enum metric_unit unit =
		comparison_is_exact(condition->comparison) ? EXACT_RATIO : UNIT_EACH;

	*row = (struct claim_row){ .mark = "" };
	snprintf(row->name, sizeof(row->name), "over %s", claim->figures[condition->beside].name);
	put_spread(row, unit, &result->conditions[number].spread);
	put_bound(row, unit, condition);
	judge_row(row, &result->conditions[number]);
}

/* Behind each figure what it is held against. */
bool claim_row(const struct claim *claim, const struct claim_result *result, unsigned i,
	       struct claim_row *row)
{
	for (unsigned figure = 0; claim->figures[figure].name; figure++) {
		if (!i--) {
			figure_row(claim, result, figure, row);
			return true;
		}
		for (unsigned at = 0; claim->conditions[at].comparison; at++) {
			if (claim->conditions[at].figure != figure ||
			    claim->conditions[at].beside == ALONE || i--)
				continue;
			ratio_row(claim, result, at, row);
			return true;
		}
	}
	return false;
}

void claim_main_row(const struct claim *claim, const struct claim_result *result,
		    struct claim_row *row)
{
	const struct claim_condition *condition = &claim->conditions[0];

	if (condition->beside == ALONE)
		figure_row(claim, result, condition->figure, row);
	else
		ratio_row(claim, result, 0, row);
}

/* --- the rest ----------------------------------------------------------------------------------- */

const char *claim_command(const struct claim *claim, unsigned i)
{
	for (unsigned experiment = 0; experiment < N_EXPERIMENTS; experiment++)
		if (claim_uses(claim, experiment) && !i--)
			return experiments[experiment];
	return NULL;
}

bool claim_command_line(const char *options, const char **rest, size_t width, char *line,
			size_t size)
{
	size_t column =
		(size_t)snprintf(line, size, "%s", *rest == options ? "sudo swtch stat" : "   ");
	bool any = false;

	if (!**rest)
		return false;
	while (**rest) {
		const char *next = strstr(*rest + 1, " --");
		size_t n = next ? (size_t)(next - *rest) : strlen(*rest);

		/* The last one needs no room for the sign that it goes on. */
		if (any && column + 1 + n + (next ? 2 : 0) > width) {
			snprintf(line + column, column < size ? size - column : 0, " \\");
			return true;
		}
		if (column < size)
			column += (size_t)snprintf(line + column, size - column, " %.*s", (int)n,
						   *rest);
		any = true;
		*rest += n + (next != NULL);
	}
	return true;
}

void claim_others(const struct claim_board *board, char *text, size_t size)
{
	char share[NUMBER_SIZE];

	text[0] = '\0';
	if (board->others_share > OTHERS_MOST)
		snprintf(text, size, "other programs took %s of the CPUs meanwhile",
			 number_percent(share, board->others_share));
}

void claim_summary(const struct claim_board *board, char *text, size_t size)
{
	unsigned holds = board_count(board, HOLDS), fails = board_count(board, DOES_NOT_HOLD);
	unsigned open = board_count(board, NOT_DECIDED);
	size_t n = 0;

	text[0] = '\0';
	if (holds)
		n += (size_t)snprintf(text, size, "%u hold%s", holds, holds == 1 ? "s" : "");
	if (fails && n < size)
		n += (size_t)snprintf(text + n, size - n, "%s%u do%s not hold here", n ? ", " : "",
				      fails, fails == 1 ? "es" : "");
	if (open && n < size)
		snprintf(text + n, size - n, "%s%u not decided", n ? ", " : "", open);
}
