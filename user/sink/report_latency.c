// SPDX-License-Identifier: GPL-2.0-only
/* report_latency.c - the histograms of spans in numbers, and two lists, as JSON, CSV and text. */
#include "sink/report_latency.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/csv.h"
#include "base/text.h"
#include "event/calls.h"
#include "event/print.h"
#include "state/blame.h"
#include "state/spans.h"

#define N_LISTED 20 /* of each list, in JSON */
#define N_SHOWN	 8  /* in text */

static uint64_t percentile(const struct span_sum *sum, double share)
{
	return waits_percentile(sum->log2, sum->max_ns, share);
}

/* --- JSON ----------------------------------------------------------------------------------------- */

static void put_span(struct json *json, const char *name, const struct span_sum *sum)
{
	json_object(json, name);
	json_u64(json, "n", sum->n);
	json_u64(json, "total_ns", sum->total_ns);
	json_figure(json, "p50_ns", percentile(sum, 0.50));
	json_figure(json, "p90_ns", percentile(sum, 0.90));
	json_figure(json, "p99_ns", percentile(sum, 0.99));
	json_figure(json, "max_ns", percentile(sum, 1));
	json_array(json, "log2");
	for (unsigned i = 0; i < N_WAIT_BUCKETS; i++)
		json_u64(json, NULL, sum->log2[i]);
	json_array_end(json);
	json_object_end(json);
}

static void put_task(struct json *json, const struct report *report, const char *key, uint32_t word)
{
	json_object(json, key);
	json_name(json, "name", names_get(report->state->names, task_pid(word)));
	json_u64(json, "pid", task_pid(word));
	json_object_end(json);
}

static void put_wakers(struct json *json, const struct report *report, unsigned lane)
{
	struct wake_pair pairs[N_LISTED];
	unsigned n = spans_pairs(report->spans, lane, pairs, N_LISTED);

	json_array(json, "wakers");
	for (unsigned i = 0; i < n; i++) {
		json_object(json, NULL);
		put_task(json, report, "waker", pairs[i].waker);
		put_task(json, report, "wakee", pairs[i].wakee);
		json_u64(json, "n", pairs[i].n);
		json_object_end(json);
	}
	json_array_end(json);
}

static void put_blamed(struct json *json, const struct report *report, const struct blamed *blamed)
{
	const char *name = names_get_coroutine(report->state->names, blamed->lane, blamed->id);

	json_object(json, NULL);
	json_u64(json, "coroutine", blamed->id);
	if (*name)
		json_name(json, "name", name);
	else
		json_null(json, "name");
	put_task(json, report, "thread", blamed->thread);
	json_u64(json, "n", blamed->n_all);
	json_u64(json, "total_ns", blamed->total_ns);
	json_u64(json, "max_ns", blamed->max_ns);
	json_string(json, "waits_for", call_name(blamed_call(blamed)));
	json_object_end(json);
}

/* Null where nobody tells of coroutines, so that none can be seen to block. */
static void put_blocked(struct json *json, const struct report *report, unsigned lane)
{
	const struct blame_sum *sum = &report->blame->sums[lane];
	struct blamed worst[N_LISTED];
	unsigned n = blame_worst(report->blame, lane, worst, N_LISTED);

	if (!sum->n_steps) {
		json_null(json, "blocked");
		return;
	}
	json_object(json, "blocked");
	json_u64(json, "steps", sum->n_steps);
	json_u64(json, "n", sum->n);
	json_u64(json, "total_ns", sum->total_ns);
	json_u64(json, "max_ns", sum->max_ns);
	json_u64(json, "preempted", sum->n_preempted);
	json_array(json, "by");
	for (unsigned i = 0; i < n; i++)
		put_blamed(json, report, &worst[i]);
	json_array_end(json);
	json_object_end(json);
}

void report_put_latency_json(const struct report *report, struct json *json, unsigned lane)
{
	if (!report->spans)
		return;
	json_object(json, "spans");
	for (unsigned kind = 0; kind < N_SPAN_KINDS; kind++)
		put_span(json, span_name(kind), spans_sum(report->spans, lane, kind));
	json_object_end(json);
	put_wakers(json, report, lane);
	put_blocked(json, report, lane);
}

/* --- CSV ------------------------------------------------------------------------------------------ */

int report_latency_csv(const struct report *report, FILE *out)
{
	static const char *const heads[] = { "lane",   "span",	 "n",	   "total_ns",
					     "p50_ns", "p90_ns", "p99_ns", "max_ns" };
	struct writer writer;
	struct csv csv;

	writer_init(&writer, out);
	csv_init(&csv, &writer);
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		csv_string(&csv, heads[i]);
	csv_row_end(&csv);
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++) {
		if (report->state->lanes[lane].label.phase == LANE_UNUSED)
			continue;
		for (unsigned kind = 0; kind < N_SPAN_KINDS; kind++) {
			const struct span_sum *sum = spans_sum(report->spans, lane, kind);

			csv_string(&csv, report->state->lanes[lane].label.name);
			csv_string(&csv, span_name(kind));
			csv_u64(&csv, sum->n);
			csv_u64(&csv, sum->total_ns);
			csv_figure(&csv, percentile(sum, 0.50));
			csv_figure(&csv, percentile(sum, 0.90));
			csv_figure(&csv, percentile(sum, 0.99));
			csv_figure(&csv, percentile(sum, 1));
			csv_row_end(&csv);
		}
	}
	return csv_finish(&csv);
}

/* --- text ----------------------------------------------------------------------------------------- */

/* What stands in the rows of a kind, the first of which has its name. */
static const struct {
	const char *label;
	double share; /* of its spans, which last no longer; 0: its part of all time; -1: how many */
} rows[] = { { NULL, 0 },
	     { "  times", -1 },
	     { "  half of them up to", 0.50 },
	     { "  99 of 100", 0.99 },
	     { "  longest", 1 } };

static bool has_any(const struct report *report, enum span_kind kind)
{
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++)
		if (page_has_lane(report, lane) && spans_sum(report->spans, lane, kind)->n)
			return true;
	return false;
}

/* "39.2%, 4.71 s" */
static void put_share(char *text, size_t size, uint64_t part_ns, uint64_t total_ns)
{
	size_t n = (size_t)snprintf(text, size, "%.1f%%, ",
				    total_ns ? 100 * (double)part_ns / (double)total_ns : 0);

	page_duration(text + n, size - n, part_ns);
}

static void put_cell(const struct page *page, unsigned lane, enum span_kind kind, double share)
{
	const struct spans *spans = page->report->spans;
	const struct span_sum *sum = spans_sum(spans, lane, kind);
	uint64_t total_ns = spans_total_ns(spans, lane);
	char text[PAGE_CELL_BYTES];

	if (!sum->n)
		snprintf(text, sizeof(text), "-");
	else if (share < 0)
		page_count(text, sizeof(text), sum->n);
	else if (share > 0)
		page_duration(text, sizeof(text), percentile(sum, share));
	else
		put_share(text, sizeof(text), sum->total_ns, total_ns);
	page_cell(page, text, NULL);
}

static void put_kinds(const struct page *page)
{
	const struct report *report = page->report;

	page_section(page, "where the time of all tasks goes, added up");
	for (unsigned kind = 0; kind < N_SPAN_KINDS; kind++) {
		if (!has_any(report, kind))
			continue;
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			page_label(page, rows[i].label ? rows[i].label : span_says(kind));
			for (unsigned lane = 1; lane < report->state->n_lanes; lane++)
				if (page_has_lane(report, lane))
					put_cell(page, lane, kind, rows[i].share);
			page_row_end(page);
		}
	}
}

/* "40 times  ...": a line of a list. */
static void put_times(const struct page *page, uint64_t n, const char *words)
{
	char count[PAGE_CELL_BYTES];

	page_count(count, sizeof(count), n);
	page_label(page, "");
	page_cell(page, count, NULL);
	page_words(page, " times  ");
	page_words(page, words);
	page_row_end(page);
}

static void put_pairs(const struct page *page)
{
	const struct names *names = page->report->state->names;
	struct wake_pair pairs[N_SHOWN];
	unsigned n = spans_pairs(page->report->spans, 0, pairs, N_SHOWN);
	char words[256];
	struct text text;

	if (n)
		page_section(page, "who wakes whom most: who ran there, or was interrupted");
	for (unsigned i = 0; i < n; i++) {
		text_init(&text, words, sizeof(words));
		waker_print(&text, pairs[i].waker, names);
		text_put(&text, " wakes ");
		task_print(&text, pairs[i].wakee, names);
		put_times(page, pairs[i].n, words);
	}
}

static void put_worst(const struct page *page)
{
	const struct names *names = page->report->state->names;
	struct blamed worst[N_SHOWN];
	unsigned n = blame_worst(page->report->blame, 0, worst, N_SHOWN);
	char most[PAGE_CELL_BYTES], words[256];
	struct text text;

	if (n)
		page_section(page, "coroutines that blocked their thread, and all others of it");
	for (unsigned i = 0; i < n; i++) {
		text_init(&text, words, sizeof(words));
		coroutine_print(&text, worst[i].lane, worst[i].id, names);
		text_put(&text, " in ");
		task_print(&text, worst[i].thread, names);
		if (call_says(blamed_call(&worst[i]))) {
			text_put(&text, ", for ");
			text_put(&text, call_says(blamed_call(&worst[i])));
		}
		page_duration(most, sizeof(most), worst[i].max_ns);
		text_put(&text, ", at most ");
		text_put(&text, most);
		put_times(page, worst[i].n_all, words);
	}
}

void report_put_latency_text(const struct page *page)
{
	if (!page->report->spans)
		return;
	put_kinds(page);
	put_worst(page);
	put_pairs(page);
}
