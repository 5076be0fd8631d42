// SPDX-License-Identifier: GPL-2.0-only
/* report_text.c - the table that people read: a column for each lane, a row for each figure. */
#include "sink/report_page.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "sink/report_latency.h"
#include "sink/report_tasks.h"

/* A share of one per unit of work; "-" without work. */
static void put_ratio(char *text, size_t size, uint64_t value, uint64_t done)
{
	if (!done || value == COUNT_UNKNOWN)
		snprintf(text, size, "-");
	else
		snprintf(text, size, "%.4g", (double)value / (double)done);
}

/* --- rows: each writes one lane's figure --------------------------------------------------------- */

#define ROW(name, code)                                                                            \
	static void name(const struct report *report, unsigned number, char *text, size_t size)    \
	{                                                                                          \
		const struct lane_state *lane = &report->state->lanes[number];                     \
		const struct lane_counters *total = &lane->total;                                  \
		uint64_t wall_ns = report_wall_ns(report, number);                                 \
                                                                                                   \
		(void)total;                                                                       \
		(void)wall_ns;                                                                     \
		code;                                                                              \
	}

#define SWITCHES    (total->voluntary + total->involuntary)
#define WAIT(share) waits_percentile(total->wait_log2, total->wait_max_ns, share)

ROW(via, snprintf(text, size, "%s", *lane->label.via ? lane->label.via : "-"))
ROW(sync, snprintf(text, size, "%s", *lane->label.sync ? lane->label.sync : "-"))
ROW(wall, page_duration(text, size, wall_ns))
ROW(done, page_count(text, size, *lane->label.unit ? lane->work.done : COUNT_UNKNOWN))
ROW(done_per_s, page_rate(text, size,
			  *lane->label.unit &&wall_ns &&wall_ns != COUNT_UNKNOWN
				  ? (double)lane->work.done * NS_PER_S / (double)wall_ns
				  : NAN))
ROW(unit_time,
    page_time(text, size,
	      lane->work.done &&wall_ns != COUNT_UNKNOWN ? (double)wall_ns / (double)lane->work.done
							 : NAN))
ROW(switches, page_count(text, size, SWITCHES))
ROW(voluntary, page_count(text, size, total->voluntary))
ROW(involuntary, page_count(text, size, total->involuntary))
ROW(switches_per_unit, put_ratio(text, size, SWITCHES, lane->work.done))
ROW(user_switches, page_count(text, size, lane->work.user_switches))
ROW(runtime, snprintf(text, size, "%s", report_runtime(lane) ? report_runtime(lane) : "-"))
ROW(user_per_unit, put_ratio(text, size, lane->work.user_switches, lane->work.done))
ROW(yielded, page_count(text, size, lane->work.yielded))
ROW(wakeups, page_count(text, size, total->wakeups))
ROW(migrations, page_count(text, size, total->migrations))
ROW(processes, page_count(text, size, total->processes))
ROW(threads, page_count(text, size, total->threads))
ROW(coroutines, page_count(text, size, lane->work.coroutines))
ROW(exited, page_count(text, size, total->exited))
ROW(run, page_duration(text, size, total->run_ns))
ROW(waited, page_duration(text, size, total->wait_ns))
ROW(wait_p50, page_duration(text, size, WAIT(0.50)))
ROW(wait_p99, page_duration(text, size, WAIT(0.99)))
ROW(wait_max, page_duration(text, size, WAIT(1)))
ROW(memory, page_bytes(text, size, lane->work.memory.pss_bytes))
ROW(tables, page_bytes(text, size, lane->work.memory.table_bytes))
ROW(stacks, page_bytes(text, size, lane->work.memory.stack_bytes))
ROW(memory_per_task, page_bytes(text, size, lane->work.memory.task_bytes))
ROW(task_pages, page_bytes(text, size, lane->work.memory.task_page_bytes))
ROW(task_tables, page_bytes(text, size, lane->work.memory.task_table_bytes))
ROW(task_stack, page_bytes(text, size, lane->work.memory.task_stack_bytes))

static bool is_whole(const struct lane_counters *total)
{
	return total->exact == total->audited && !total->untracked && !total->missed;
}

/* "3 exact", or what is wrong: "2 of 3", "3, 1 untracked". */
static void audit(const struct report *report, unsigned lane, char *text, size_t size)
{
	const struct lane_counters *total = &report->state->lanes[lane].total;
	char exact[32], all[32];

	page_count(exact, sizeof(exact), total->exact);
	page_count(all, sizeof(all), total->audited);
	if (total->exact != total->audited)
		snprintf(text, size, "%s of %s", exact, all);
	else if (total->untracked)
		snprintf(text, size, "%s, %" PRIu64 " untracked", all, (uint64_t)total->untracked);
	else
		snprintf(text, size, "%s exact", all);
}

ROW(missed, page_count(text, size, total->missed))

/* A row stands only where it says something of any lane: a command has no work, say. */
enum needs {
	ALWAYS,
	NEEDS_WORK,
	NEEDS_COROUTINES,
	NEEDS_RUNTIME,
	NEEDS_VIA,
	NEEDS_SYNC,
	NEEDS_MISSES,
	NEEDS_TABLES,
	NEEDS_SHARES
};

static const struct {
	const char *label;
	void (*put)(const struct report *report, unsigned lane, char *text, size_t size);
	enum needs needs;
	bool begins_group;
} rows[] = {
	{ "via", via, NEEDS_VIA, false },
	{ "sync", sync, NEEDS_SYNC, false },
	{ "time at work", wall, ALWAYS, false },
	{ "units of work", done, NEEDS_WORK, false },
	{ "  a second", done_per_s, NEEDS_WORK, false },
	{ "  each takes", unit_time, NEEDS_WORK, false },
	{ "context switches", switches, ALWAYS, true },
	{ "  voluntary", voluntary, ALWAYS, false },
	{ "  involuntary", involuntary, ALWAYS, false },
	{ "  missed by the hook", missed, NEEDS_MISSES, false },
	{ "  for each unit", switches_per_unit, NEEDS_WORK, false },
	{ "switches in user space", user_switches, NEEDS_COROUTINES, false },
	{ "  told by", runtime, NEEDS_RUNTIME, false },
	{ "  for each unit", user_per_unit, NEEDS_WORK, false },
	{ "calls of sched_yield", yielded, NEEDS_WORK, false },
	{ "wakeups", wakeups, ALWAYS, true },
	{ "migrations", migrations, ALWAYS, false },
	{ "processes made", processes, ALWAYS, false },
	{ "threads made", threads, ALWAYS, false },
	{ "coroutines made", coroutines, NEEDS_COROUTINES, false },
	{ "tasks ended", exited, ALWAYS, false },
	{ "time on a CPU", run, ALWAYS, true },
	{ "time runnable, waiting", waited, ALWAYS, false },
	{ "woken to running, p50", wait_p50, ALWAYS, false },
	{ "  p99", wait_p99, ALWAYS, false },
	{ "  longest", wait_max, ALWAYS, false },
	{ "memory (PSS)", memory, ALWAYS, true },
	{ "page tables", tables, NEEDS_TABLES, false },
	{ "stacks in the kernel", stacks, NEEDS_TABLES, false },
	{ "each task added", memory_per_task, NEEDS_WORK, false },
	{ "  pages of its own", task_pages, NEEDS_SHARES, false },
	{ "  page tables", task_tables, NEEDS_SHARES, false },
	{ "  stack in the kernel", task_stack, NEEDS_SHARES, false },
	{ "audit: tasks, and exact", audit, ALWAYS, false },
};

static bool lane_has(const struct lane_state *lane, enum needs needs)
{
	const struct lane_memory *size = &lane->work.memory;

	switch (needs) {
	case NEEDS_WORK:
		return *lane->label.unit;
	case NEEDS_COROUTINES:
		return *lane->label.unit || lane->work.user_switches != COUNT_UNKNOWN;
	case NEEDS_RUNTIME:
		return report_runtime(lane) != NULL;
	case NEEDS_VIA:
		return *lane->label.via;
	case NEEDS_SYNC:
		return *lane->label.sync;
	case NEEDS_MISSES:
		return lane->total.missed;
	case NEEDS_TABLES:
		return size->table_bytes != COUNT_UNKNOWN;
	case NEEDS_SHARES:
		return size->task_page_bytes != COUNT_UNKNOWN;
	default:
		return true;
	}
}

static bool is_met(const struct report *report, enum needs needs)
{
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++)
		if (page_has_lane(report, lane) && lane_has(&report->state->lanes[lane], needs))
			return true;
	return false;
}

static void put_head(const struct page *page)
{
	const struct report *report = page->report;
	unsigned n_online = 0;

	for (unsigned cpu = 0; cpu < report->counts->n_cpus; cpu++)
		n_online += report->counts->online[cpu];
	if (*report->run->job)
		writer_print(page->out, "%s%s%s: %s\n%s, %u task%s, ", page_style(page, BOLD),
			     report->run->job, page_style(page, PLAIN), report->run->says,
			     strcmp(report->run->mode, "together") ? "in turn" : "together",
			     report->run->n_tasks, report->run->n_tasks == 1 ? "" : "s");
	else
		writer_print(page->out, "%s%s%s\n", page_style(page, BOLD), report->run->says,
			     page_style(page, PLAIN));
	writer_print(page->out, "Linux %s, %u CPU%s\n\n", report->run->kernel, n_online,
		     n_online == 1 ? "" : "s");
}

static void put_names(const struct page *page)
{
	const struct report *report = page->report;

	page_label(page, "");
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++)
		if (page_has_lane(report, lane))
			page_cell(page, report->state->lanes[lane].label.name, BOLD);
	page_row_end(page);
}

static void put_row(const struct page *page, unsigned row)
{
	const struct report *report = page->report;
	bool judges = rows[row].put == audit || rows[row].put == missed;
	char text[PAGE_CELL_BYTES];

	page_label(page, rows[row].label);
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++) {
		if (!page_has_lane(report, lane))
			continue;
		rows[row].put(report, lane, text, sizeof(text));
		page_cell(page, text,
			  judges && !is_whole(&report->state->lanes[lane].total) ? RED : NULL);
	}
	page_row_end(page);
}

static void put_rows(const struct page *page)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!is_met(page->report, rows[i].needs))
			continue;
		if (rows[i].put == switches) /* behind the work, which they are about */
			page_put_figures(page);
		if (rows[i].begins_group)
			page_group(page);
		put_row(page, i);
	}
}

/* A CPU that went offline keeps what was counted on it: rows add up to the totals. */
static bool has_cpu(const struct counts *counts, unsigned cpu)
{
	bool is_there = counts->online[cpu];

	for (unsigned lane = 1; lane < counts->n_lanes && !is_there; lane++) {
		const struct lane_counters *cell = counts_cell(counts, cpu, lane);

		is_there = cell->voluntary || cell->involuntary;
	}
	return is_there;
}

/* Switches by CPU, so that one sees where each lane ran. */
static void put_cpus(const struct page *page)
{
	const struct counts *counts = page->report->counts;
	char text[PAGE_CELL_BYTES], label[32];

	page_section(page, "switches by CPU");
	for (unsigned cpu = 0; cpu < counts->n_cpus; cpu++) {
		if (!has_cpu(counts, cpu))
			continue;
		snprintf(label, sizeof(label), "  CPU %u", cpu);
		page_label(page, label);
		for (unsigned lane = 1; lane < counts->n_lanes; lane++) {
			const struct lane_counters *cell = counts_cell(counts, cpu, lane);

			if (!page_has_lane(page->report, lane))
				continue;
			page_count(text, sizeof(text), cell->voluntary + cell->involuntary);
			page_cell(page, text, NULL);
		}
		page_row_end(page);
	}
}

/* Who keeps the lanes at work is no part of what their work costs: a line each. */
static void put_apart(const struct page *page)
{
	const struct report *report = page->report;
	bool first = true;

	for (unsigned lane = 1; lane < report->state->n_lanes; lane++) {
		const struct lane_state *known = &report->state->lanes[lane];
		char switches[PAGE_CELL_BYTES], ran[PAGE_CELL_BYTES], tasks[PAGE_CELL_BYTES],
			name[PAGE_CELL_BYTES], words[256];

		if (known->label.phase == LANE_UNUSED || !known->label.is_apart)
			continue;
		page_count(switches, sizeof(switches),
			   known->total.voluntary + known->total.involuntary);
		page_duration(ran, sizeof(ran), known->total.run_ns);
		audit(report, lane, tasks, sizeof(tasks));
		if (first)
			page_section(page, "apart from them");
		snprintf(name, sizeof(name), "  %s", known->label.name);
		page_label(page, name);
		snprintf(words, sizeof(words), "%s switches, %s on a CPU; audit: %s", switches, ran,
			 tasks);
		page_words(page, words);
		page_row_end(page);
		first = false;
	}
}

/* What was measured of what watching cost; nothing of what was not. */
static void put_self(const struct page *page, const struct self_cost *self)
{
	struct self_figures figures;
	char text[32];

	self_figures_of(self, &figures);
	page_duration(text, sizeof(text), self->cpu_ns);
	writer_print(page->out, "\nwatching cost %s of CPU time", text);
	if (!isnan(figures.cpu_share))
		writer_print(page->out, " (%.2f%% of a CPU while it watched)",
			     100 * figures.cpu_share);
	if (self->hook_n)
		writer_print(page->out, "; %.0f ns a switch (%" PRIu64 " timed)", figures.hook_ns,
			     (uint64_t)self->hook_n);
	if (!isnan(figures.event_ns) && self->read_bytes != COUNT_UNKNOWN) {
		page_bytes(text, sizeof(text), (uint64_t)figures.read_hz);
		writer_print(page->out, "; %.0f ns an event, %s/s", figures.event_ns, text);
	}
	if (self->n_switches != COUNT_UNKNOWN)
		writer_print(page->out, "; %" PRIu64 " switches of its own",
			     (uint64_t)self->n_switches);
	if (self->lost_events)
		writer_print(page->out, "; %s%" PRIu64 " events lost%s\n", page_style(page, RED),
			     (uint64_t)self->lost_events, page_style(page, PLAIN));
	else
		writer_text(page->out, "; nothing lost\n");
}

static void put_foot(const struct page *page)
{
	const struct report *report = page->report;

	for (unsigned lane = 1; lane < report->state->n_lanes; lane++) {
		const struct lane_label *label = &report->state->lanes[lane].label;
		bool failed = label->phase == LANE_FAILED;

		if (label->phase != LANE_UNUSED && *label->note)
			writer_print(page->out, "\n%s%s: %s%s\n",
				     failed ? page_style(page, RED) : "", label->name, label->note,
				     failed ? page_style(page, PLAIN) : "");
	}
	put_self(page, &report->counts->self);
}

static void put_table(const struct page *page)
{
	put_names(page);
	put_rows(page);
	put_cpus(page);
	page_put_pool(page);
	put_apart(page);
}

int report_text(const struct report *report, FILE *out, bool colour)
{
	struct writer writer;
	struct page page = { .report = report, .out = &writer, .colour = colour };

	writer_init(&writer, out);
	put_head(&page);
	put_table(&page);
	report_put_latency_text(&page);
	report_put_tasks_text(&page);
	put_foot(&page);
	return writer_flush(&writer);
}

void report_put_html(const struct report *report, struct writer *out)
{
	struct page page = { .report = report, .out = out, .is_html = true };

	writer_text(out, "<table><tbody>");
	put_table(&page);
	writer_text(out, "</tbody></table>\n");
}
