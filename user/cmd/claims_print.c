// SPDX-License-Identifier: GPL-2.0-only
/* claims_print.c - a paragraph for each claim: verdict, figures and bounds, how to see it again. */
#include "cmd/claims_print.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/json.h"
#include "view/claim_rows.h"

#define WIDTH	     80
#define ID_COLUMNS   4
#define SAYS_COLUMNS 46

#define PLAIN "\033[0m"
#define BOLD  "\033[1m"

struct page {
	FILE *out;
	bool colour;
};

static const char *style(const struct page *page, const char *escape)
{
	return page->colour ? escape : "";
}

/* Not red, which is for losses alone. */
static const char *verdict_style(const struct page *page, enum judgement judgement)
{
	static const char *const styles[] = {
		[NOT_DECIDED] = "\033[2m",
		[HOLDS] = "\033[1;32m",
		[DOES_NOT_HOLD] = "\033[1;33m",
	};

	return style(page, styles[judgement]);
}

/* --- a claim ------------------------------------------------------------------------------------ */

static void put_head(const struct page *page, const struct claim *claim,
		     const struct claim_result *result)
{
	const char *rest = claim->says;
	size_t n = words_wrap(&rest, SAYS_COLUMNS);

	fprintf(page->out, "%s%-*s%s%-*.*s  %s%-18s%s %2u round%s\n", style(page, BOLD), ID_COLUMNS,
		claim->id, style(page, PLAIN), SAYS_COLUMNS, (int)n, claim->says,
		verdict_style(page, result->judgement), judgement_name(result->judgement),
		style(page, PLAIN), result->n_rounds, result->n_rounds == 1 ? "" : "s");
	while (*rest) {
		const char *line = rest;

		n = words_wrap(&rest, SAYS_COLUMNS);
		fprintf(page->out, "%*s%.*s\n", ID_COLUMNS, "", (int)n, line);
	}
}

static void put_rows(const struct page *page, const struct claim *claim,
		     const struct claim_result *result)
{
	struct claim_row row;

	for (unsigned i = 0; claim_row(claim, result, i, &row); i++) {
		const char *mark = *row.mark ? verdict_style(page, row.judgement) : "";

		fprintf(page->out, "%s%-*s%s %-*s%*s", mark, CLAIM_MARK_COLUMNS, row.mark,
			*mark ? PLAIN : "", CLAIM_NAME_COLUMNS, row.name, CLAIM_VALUE_COLUMNS,
			row.value);
		if (*row.bound)
			fprintf(page->out, " %-*s %s", CLAIM_SPREAD_COLUMNS, row.spread, row.bound);
		else if (*row.spread)
			fprintf(page->out, " %s", row.spread);
		fputc('\n', page->out);
	}
}

static void put_note(const struct page *page, const struct claim_result *result)
{
	bool decides = result->n_rounds >= JUDGE_ROUNDS_LEAST;
	const char *note = result->note,
		   *head = decides ? "not in every round: " : "not measured: ";

	while (*note) {
		const char *line = note;
		size_t n = words_wrap(&note, WIDTH - ID_COLUMNS - strlen(head));

		fprintf(page->out, "%*s%s%.*s\n", ID_COLUMNS, "", head, (int)n, line);
		head = "  ";
	}
}

static void put_command(const struct page *page, const char *options)
{
	const char *rest = options;
	char line[WIDTH + 1];

	while (claim_command_line(options, &rest, WIDTH - ID_COLUMNS, line, sizeof(line)))
		fprintf(page->out, "%*s%s\n", ID_COLUMNS, "", line);
}

static void put_claim(const struct page *page, const struct claim *claim,
		      const struct claim_result *result)
{
	const char *command;

	put_head(page, claim, result);
	if (!result->n_rounds && !*result->note) { /* an early end: there is nothing to say of it */
		fputc('\n', page->out);
		return;
	}
	put_rows(page, claim, result);
	put_note(page, result);
	for (unsigned i = 0; (command = claim_command(claim, i)); i++)
		put_command(page, command);
	fputc('\n', page->out);
}

/* --- all of them -------------------------------------------------------------------------------- */

static void put_list(const struct page *page, const struct claim_board *board,
		     enum judgement judgement)
{
	if (!board_count(board, judgement))
		return;
	fprintf(page->out, "%s%-18s%s ", verdict_style(page, judgement), judgement_name(judgement),
		style(page, PLAIN));
	for (unsigned i = 0; i < N_CLAIMS; i++)
		if (board->results[i].wanted && board->results[i].judgement == judgement)
			fprintf(page->out, " %s", claims[i].id);
	fputc('\n', page->out);
}

int claims_print_text(const struct claim_board *board, const char *title, FILE *out, bool colour)
{
	struct page page = { out, colour };
	char others[96];

	errno = 0;
	fprintf(out,
		"%s\n"
		"Medians and (least..most) of the rounds; yes, no or ? before what has a bound.\n\n",
		title);
	for (unsigned i = 0; i < N_CLAIMS; i++)
		if (board->results[i].wanted)
			put_claim(&page, &claims[i], &board->results[i]);
	put_list(&page, board, HOLDS);
	put_list(&page, board, DOES_NOT_HOLD);
	put_list(&page, board, NOT_DECIDED);
	claim_others(board, others, sizeof(others));
	if (*others)
		fprintf(out, "\nBeware: %s.\n", others);
	return fflush(out) || ferror(out) ? -(errno ? errno : EIO) : 0;
}

/* --- JSON --------------------------------------------------------------------------------------- */

static void json_spread(struct json *json, const struct spread *spread)
{
	json_real(json, "median", spread->median);
	json_real(json, "min", spread->least);
	json_real(json, "max", spread->most);
}

static void json_figures(struct json *json, const struct claim *claim,
			 const struct claim_result *result)
{
	json_array(json, "figures");
	for (unsigned i = 0; claim->figures[i].name; i++) {
		json_object(json, NULL);
		json_string(json, "name", claim->figures[i].name);
		json_string(json, "unit", metric_unit_name(metric_unit(claim->figures[i].metric)));
		json_spread(json, &result->figures[i]);
		json_object_end(json);
	}
	json_array_end(json);
}

/* What decides: "over" is null for a figure that is held against the bound itself. */
static void json_bounds(struct json *json, const struct claim *claim,
			const struct claim_result *result)
{
	static const char *const comparisons[] = { [AT_LEAST] = "at least",
						   [AT_MOST] = "at most",
						   [EQUAL] = "equal",
						   [ABOVE] = "above",
						   [BELOW] = "below" };

	json_array(json, "bounds");
	for (unsigned i = 0; claim->conditions[i].comparison; i++) {
		const struct claim_condition *condition = &claim->conditions[i];
		int beside = condition->beside;

		json_object(json, NULL);
		json_string(json, "figure", claim->figures[condition->figure].name);
		json_string(json, "over", beside == ALONE ? NULL : claim->figures[beside].name);
		json_string(json, "comparison", comparisons[condition->comparison]);
		json_real(json, "bound", condition->bound);
		json_string(json, "verdict", judgement_name(result->conditions[i].judgement));
		json_spread(json, &result->conditions[i].spread);
		json_object_end(json);
	}
	json_array_end(json);
}

static void json_reproduce(struct json *json, const struct claim *claim)
{
	char line[1024] = "";
	const char *command;
	size_t n = 0;

	for (unsigned i = 0; (command = claim_command(claim, i)) && n < sizeof(line); i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%sswtch stat %s",
				      i ? " && " : "", command);
	json_string(json, "reproduce", line);
}

int claims_print_json(const struct claim_board *board, FILE *out)
{
	struct json json;
	struct writer writer;

	writer_init(&writer, out);
	json_init(&json, &writer);
	json_object(&json, NULL);
	json_u64(&json, "version", 1);
	json_array(&json, "claims");
	for (unsigned i = 0; i < N_CLAIMS; i++) {
		const struct claim_result *result = &board->results[i];

		if (!result->wanted)
			continue;
		json_object(&json, NULL);
		json_string(&json, "id", claims[i].id);
		json_string(&json, "says", claims[i].says);
		json_string(&json, "verdict", judgement_name(result->judgement));
		json_u64(&json, "rounds", result->n_rounds);
		json_figures(&json, &claims[i], result);
		json_reproduce(&json, &claims[i]);
		json_bounds(&json, &claims[i], result);
		json_string(&json, "note", *result->note ? result->note : NULL);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_real(&json, "others_share",
		  board->others_share < 0 ? (double)NAN : board->others_share);
	json_object_end(&json);
	json_line(&json);
	return json_finish(&json);
}
