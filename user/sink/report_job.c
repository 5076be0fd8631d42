// SPDX-License-Identifier: GPL-2.0-only
/*
 * report_job.c - what one job has and another has not: figures of its own, times that its tasks
 * measured, threads of a pool.
 */
#include "sink/report_page.h"

#define FIRST_DECADE_NS 1000ull
#define N_DECADES	9 /* up to 1 us, 10 us, ... 10 s; the last holds all above */

/* The first lane whose tasks count or measure something; NULL without one. */
static const struct lane_label *label_with(const struct report *report, bool latency)
{
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++) {
		const struct lane_label *label = &report->state->lanes[lane].label;

		if (page_has_lane(report, lane) &&
		    (latency ? label->latency != NULL : label->figures != NULL))
			return label;
	}
	return NULL;
}

const struct lab_figure *report_figures(const struct report *report)
{
	static const struct lab_figure none[] = { { NULL, NULL, false, NULL } };
	const struct lane_label *label = label_with(report, false);

	return label ? label->figures : none;
}

const char *report_job_latency(const struct report *report)
{
	const struct lane_label *label = label_with(report, true);

	return label ? label->latency : NULL;
}

uint64_t report_figure(const struct report *report, unsigned lane, unsigned figure)
{
	const struct lane_state *state = &report->state->lanes[lane];

	if (figure >= LAB_N_FIGURES || state->label.figures != report_figures(report))
		return COUNT_UNKNOWN;
	return state->work.figures[figure];
}

/* What a run has at its end; the counts of its blocks know how far it had come. */
uint64_t report_wall_ns(const struct report *report, unsigned lane)
{
	const struct run_facts *run = report->run;
	uint64_t so_far_ns = report->state->lanes[lane].work.wall_ns;

	if (run->has_ended || run->lane_wall_ns[lane])
		return run->lane_wall_ns[lane];
	return so_far_ns ? so_far_ns : COUNT_UNKNOWN;
}

/* --- rows ---------------------------------------------------------------------------------------- */

static bool is_known(const struct report *report, unsigned figure)
{
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++)
		if (page_has_lane(report, lane) &&
		    report_figure(report, lane, figure) != COUNT_UNKNOWN)
			return true;
	return false;
}

/* One for each figure that is known of any lane. */
static void put_own(const struct page *page)
{
	const struct report *report = page->report;
	const struct lab_figure *figures = report_figures(report);
	char text[PAGE_CELL_BYTES];
	bool first = true;

	for (unsigned i = 0; figures[i].name; i++) {
		if (!is_known(report, i))
			continue;
		if (first)
			page_group(page);
		first = false;
		page_label(page, figures[i].head);
		for (unsigned lane = 1; lane < report->state->n_lanes; lane++) {
			uint64_t value = report_figure(report, lane, i);
			bool alarm = figures[i].alarm && value && value != COUNT_UNKNOWN;

			if (!page_has_lane(report, lane))
				continue;
			page_count(text, sizeof(text), value);
			page_cell(page, text, alarm ? RED : NULL);
		}
		page_row_end(page);
	}
}

static const struct latency_counts *latency_of(const struct page *page, unsigned lane)
{
	return &page->report->state->lanes[lane].work.latency;
}

static void put_percentile(const struct page *page, const char *label, double share)
{
	char text[PAGE_CELL_BYTES];

	page_label(page, label);
	for (unsigned lane = 1; lane < page->report->state->n_lanes; lane++) {
		if (!page_has_lane(page->report, lane))
			continue;
		page_duration(text, sizeof(text),
			      latency_percentile(latency_of(page, lane), share));
		page_cell(page, text, NULL);
	}
	page_row_end(page);
}

/* How many took longer than a tenth of its bound, and no longer than that. */
static uint64_t in_decade(const struct latency_counts *counts, unsigned decade)
{
	uint64_t bound_ns = FIRST_DECADE_NS, below = 0;

	for (unsigned i = 0; i < decade; i++) {
		below = latency_up_to(counts, bound_ns);
		bound_ns *= 10;
	}
	return (decade == N_DECADES - 1 ? counts->total : latency_up_to(counts, bound_ns)) - below;
}

static bool decade_has_any(const struct page *page, unsigned decade)
{
	for (unsigned lane = 1; lane < page->report->state->n_lanes; lane++)
		if (page_has_lane(page->report, lane) && in_decade(latency_of(page, lane), decade))
			return true;
	return false;
}

/* From the first decade that has any to the last; those between stand there too, with their 0. */
static void put_decades(const struct page *page)
{
	static const char *const bounds[N_DECADES - 1] = { "1 us",  "10 us",  "100 us", "1 ms",
							   "10 ms", "100 ms", "1 s",	"10 s" };
	unsigned first = 0, end = N_DECADES;
	char text[PAGE_CELL_BYTES];

	while (first < end && !decade_has_any(page, first))
		first++;
	while (end > first && !decade_has_any(page, end - 1))
		end--;
	for (unsigned decade = first; decade < end; decade++) {
		snprintf(text, sizeof(text), "  %s %s", decade < N_DECADES - 1 ? "up to" : "over",
			 bounds[decade < N_DECADES - 1 ? decade : decade - 1]);
		page_label(page, text);
		for (unsigned lane = 1; lane < page->report->state->n_lanes; lane++) {
			if (!page_has_lane(page->report, lane))
				continue;
			page_count(text, sizeof(text), in_decade(latency_of(page, lane), decade));
			page_cell(page, text, NULL);
		}
		page_row_end(page);
	}
}

void page_put_figures(const struct page *page)
{
	const char *latency = report_job_latency(page->report);
	char label[PAGE_CELL_BYTES];

	put_own(page);
	if (!latency)
		return;
	snprintf(label, sizeof(label), "%s, p50", latency);
	page_group(page);
	put_percentile(page, label, 0.50);
	put_percentile(page, "  p99", 0.99);
	put_percentile(page, "  longest", 1);
	put_decades(page);
}

/* --- threads of a pool --------------------------------------------------------------------------- */

static void put_thread(const struct page *page, unsigned thread, bool done)
{
	char text[PAGE_CELL_BYTES];

	snprintf(text, sizeof(text), "  thread %u%s", thread, done ? ", units" : ", switches");
	page_label(page, text);
	for (unsigned lane = 1; lane < page->report->state->n_lanes; lane++) {
		const struct lane_work *work = &page->report->state->lanes[lane].work;
		uint64_t value = COUNT_UNKNOWN;

		if (!page_has_lane(page->report, lane))
			continue;
		if (thread < work->n_pool)
			value = done ? work->pool[thread].done : work->pool[thread].user_switches;
		page_count(text, sizeof(text), value);
		page_cell(page, text, NULL);
	}
	page_row_end(page);
}

void page_put_pool(const struct page *page)
{
	unsigned n = 0;

	for (unsigned lane = 1; lane < page->report->state->n_lanes; lane++)
		if (page_has_lane(page->report, lane) &&
		    page->report->state->lanes[lane].work.n_pool > n)
			n = page->report->state->lanes[lane].work.n_pool;
	if (n < 2)
		return;
	page_section(page, "by thread of the pool");
	for (unsigned i = 0; i < n; i++)
		put_thread(page, i, false);
	for (unsigned i = 0; i < n; i++)
		put_thread(page, i, true);
}
