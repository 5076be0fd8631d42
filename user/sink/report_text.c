// SPDX-License-Identifier: GPL-2.0-only
/* report_text.c - the table that people read: a column for each lane, a row for each figure. */
#include "sink/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

#define LABEL_WIDTH  26
#define COLUMN_WIDTH 18

#define RED   "\033[31m"
#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

struct page {
	const struct report *report;
	FILE *out;
	bool colour;
};

/* A figure as people group it: 1,234,567; "-" when it could not be had. */
static void put_count(char *text, size_t size, uint64_t value)
{
	char digits[24];
	size_t n, at = 0;

	if (value == COUNT_UNKNOWN) {
		snprintf(text, size, "-");
		return;
	}
	n = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, value);
	for (size_t i = 0; i < n && at + 2 < size; i++) {
		text[at++] = digits[i];
		if ((n - i - 1) % 3 == 0 && i + 1 < n)
			text[at++] = ',';
	}
	text[at] = '\0';
}

static void put_duration(char *text, size_t size, uint64_t ns)
{
	static const struct {
		double unit;
		const char *name;
	} units[] = { { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" } };

	if (ns == COUNT_UNKNOWN) {
		snprintf(text, size, "-");
		return;
	}
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double value = (double)ns / units[i].unit;

		if (value >= 1) {
			snprintf(text, size, "%.*f %s",
				 value < 10    ? 2
				 : value < 100 ? 1
					       : 0,
				 value, units[i].name);
			return;
		}
	}
	snprintf(text, size, "%" PRIu64 " ns", ns);
}

/* Units of 1,024, as in the live view. */
static void put_bytes(char *text, size_t size, uint64_t bytes)
{
	static const char *const units[] = { "B", "KB", "MB", "GB" };
	double value = (double)bytes;
	unsigned unit = 0;

	if (bytes == COUNT_UNKNOWN) {
		snprintf(text, size, "-");
		return;
	}
	for (; value >= 1024 && unit < 3; unit++)
		value /= 1024;
	snprintf(text, size, "%.*f %s",
		 !unit || value >= 100 ? 0
		 : value < 10	       ? 2
				       : 1,
		 value, units[unit]);
}

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
		uint64_t wall_ns = report->lane_wall_ns[number];                                   \
                                                                                                   \
		(void)total;                                                                       \
		(void)wall_ns;                                                                     \
		code;                                                                              \
	}

#define SWITCHES    (total->voluntary + total->involuntary)
#define WAIT(share) waits_percentile(total->wait_log2, total->wait_max_ns, share)

ROW(via, snprintf(text, size, "%s", *lane->label.via ? lane->label.via : "-"))
ROW(wall, put_duration(text, size, wall_ns))
ROW(done, put_count(text, size, *lane->label.unit ? lane->work.done : COUNT_UNKNOWN))
ROW(done_per_s, put_count(text, size,
			  *lane->label.unit &&wall_ns
				  ? (uint64_t)((double)lane->work.done *NS_PER_S / (double)wall_ns)
				  : COUNT_UNKNOWN))
ROW(unit_time,
    put_duration(text, size, lane->work.done ? wall_ns / lane->work.done : COUNT_UNKNOWN))
ROW(switches, put_count(text, size, SWITCHES))
ROW(voluntary, put_count(text, size, total->voluntary))
ROW(involuntary, put_count(text, size, total->involuntary))
ROW(switches_per_unit, put_ratio(text, size, SWITCHES, lane->work.done))
ROW(user_switches, put_count(text, size, lane->work.user_switches))
ROW(user_per_unit, put_ratio(text, size, lane->work.user_switches, lane->work.done))
ROW(yielded, put_count(text, size, lane->work.yielded))
ROW(wakeups, put_count(text, size, total->wakeups))
ROW(migrations, put_count(text, size, total->migrations))
ROW(processes, put_count(text, size, total->processes))
ROW(threads, put_count(text, size, total->threads))
ROW(coroutines, put_count(text, size, lane->work.coroutines))
ROW(exited, put_count(text, size, total->exited))
ROW(run, put_duration(text, size, total->run_ns))
ROW(waited, put_duration(text, size, total->wait_ns))
ROW(wait_p50, put_duration(text, size, WAIT(0.50)))
ROW(wait_p99, put_duration(text, size, WAIT(0.99)))
ROW(wait_max, put_duration(text, size, WAIT(1)))
ROW(memory, put_bytes(text, size, lane->work.memory.pss_bytes))
ROW(memory_per_task, put_bytes(text, size, lane->work.memory.task_bytes))
static bool is_whole(const struct lane_counters *total)
{
	return total->exact == total->audited && !total->untracked && !total->missed;
}

/* "3 exact", or what is wrong: "2 of 3", "3, 1 untracked". */
static void audit(const struct report *report, unsigned lane, char *text, size_t size)
{
	const struct lane_counters *total = &report->state->lanes[lane].total;
	char exact[32], all[32];

	put_count(exact, sizeof(exact), total->exact);
	put_count(all, sizeof(all), total->audited);
	if (total->exact != total->audited)
		snprintf(text, size, "%s of %s", exact, all);
	else if (total->untracked)
		snprintf(text, size, "%s, %" PRIu64 " untracked", all, (uint64_t)total->untracked);
	else
		snprintf(text, size, "%s exact", all);
}

ROW(missed, put_count(text, size, total->missed))

/* A row stands only where it says something: `needs` leaves it out of a command's table, say. */
enum needs { ALWAYS, NEEDS_WORK, NEEDS_MISSES };

static const struct {
	const char *label;
	void (*put)(const struct report *report, unsigned lane, char *text, size_t size);
	enum needs needs;
	bool begins_group;
} rows[] = {
	{ "via", via, NEEDS_WORK, false },
	{ "time at work", wall, ALWAYS, false },
	{ "units of work", done, NEEDS_WORK, false },
	{ "  a second", done_per_s, NEEDS_WORK, false },
	{ "  each takes", unit_time, NEEDS_WORK, false },
	{ "context switches", switches, ALWAYS, true },
	{ "  voluntary", voluntary, ALWAYS, false },
	{ "  involuntary", involuntary, ALWAYS, false },
	{ "  missed by the hook", missed, NEEDS_MISSES, false },
	{ "  for each unit", switches_per_unit, NEEDS_WORK, false },
	{ "switches in user space", user_switches, NEEDS_WORK, false },
	{ "  for each unit", user_per_unit, NEEDS_WORK, false },
	{ "calls of sched_yield", yielded, NEEDS_WORK, false },
	{ "wakeups", wakeups, ALWAYS, true },
	{ "migrations", migrations, ALWAYS, false },
	{ "processes made", processes, ALWAYS, false },
	{ "threads made", threads, ALWAYS, false },
	{ "coroutines made", coroutines, NEEDS_WORK, false },
	{ "tasks ended", exited, ALWAYS, false },
	{ "time on a CPU", run, ALWAYS, true },
	{ "time runnable, waiting", waited, ALWAYS, false },
	{ "woken to running, p50", wait_p50, ALWAYS, false },
	{ "  p99", wait_p99, ALWAYS, false },
	{ "  longest", wait_max, ALWAYS, false },
	{ "memory (PSS)", memory, ALWAYS, true },
	{ "  for each task", memory_per_task, NEEDS_WORK, false },
	{ "audit: tasks, and exact", audit, ALWAYS, false },
};

static const char *style(const struct page *page, const char *code)
{
	return page->colour ? code : "";
}

static bool is_used(const struct report *report, unsigned lane)
{
	return report->state->lanes[lane].label.phase != LANE_UNUSED;
}

static bool has_work(const struct report *report)
{
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++)
		if (is_used(report, lane) && *report->state->lanes[lane].label.unit)
			return true;
	return false;
}

static bool has_misses(const struct report *report)
{
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++)
		if (report->state->lanes[lane].total.missed)
			return true;
	return false;
}

static void put_head(const struct page *page)
{
	const struct report *report = page->report;
	unsigned n_online = 0;

	for (unsigned cpu = 0; cpu < report->counts->n_cpus; cpu++)
		n_online += report->counts->online[cpu];
	if (*report->job)
		fprintf(page->out, "%s%s%s: %s\n%s, %u tasks, ", style(page, BOLD), report->job,
			style(page, PLAIN), report->says,
			strcmp(report->mode, "together") ? "in turn" : "together", report->n_tasks);
	else
		fprintf(page->out, "%s%s%s\n", style(page, BOLD), report->says, style(page, PLAIN));
	fprintf(page->out, "Linux %s, %u CPU%s\n\n", report->kernel, n_online,
		n_online == 1 ? "" : "s");
	fprintf(page->out, "%-*s", LABEL_WIDTH, "");
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++)
		if (is_used(report, lane))
			fprintf(page->out, "%s%*s%s", style(page, BOLD), COLUMN_WIDTH,
				report->state->lanes[lane].label.name, style(page, PLAIN));
	fputc('\n', page->out);
}

static void put_rows(const struct page *page)
{
	bool work = has_work(page->report), misses = has_misses(page->report);
	char text[64];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((rows[i].needs == NEEDS_WORK && !work) ||
		    (rows[i].needs == NEEDS_MISSES && !misses))
			continue;
		if (rows[i].begins_group)
			fputc('\n', page->out);
		fprintf(page->out, "%-*s", LABEL_WIDTH, rows[i].label);
		for (unsigned lane = 1; lane < page->report->state->n_lanes; lane++) {
			const struct lane_counters *total = &page->report->state->lanes[lane].total;
			bool alarm =
				(rows[i].put == audit || rows[i].put == missed) && !is_whole(total);

			if (!is_used(page->report, lane))
				continue;
			rows[i].put(page->report, lane, text, sizeof(text));
			fprintf(page->out, "%s%*s%s", alarm ? style(page, RED) : "", COLUMN_WIDTH,
				text, alarm ? style(page, PLAIN) : "");
		}
		fputc('\n', page->out);
	}
}

/* Switches by CPU, so that one sees where each lane ran. */
static void put_cpus(const struct page *page)
{
	const struct counts *counts = page->report->counts;
	char text[64], label[32];

	fputs("\nswitches by CPU\n", page->out);
	for (unsigned cpu = 0; cpu < counts->n_cpus; cpu++) {
		if (!counts->online[cpu])
			continue;
		snprintf(label, sizeof(label), "  CPU %u", cpu);
		fprintf(page->out, "%-*s", LABEL_WIDTH, label);
		for (unsigned lane = 1; lane < counts->n_lanes; lane++) {
			const struct lane_counters *cell = counts_cell(counts, cpu, lane);

			if (!is_used(page->report, lane))
				continue;
			put_count(text, sizeof(text), cell->voluntary + cell->involuntary);
			fprintf(page->out, "%*s", COLUMN_WIDTH, text);
		}
		fputc('\n', page->out);
	}
}

static void put_foot(const struct page *page)
{
	const struct report *report = page->report;
	const struct self_cost *self = &report->counts->self;
	char cpu[32];

	for (unsigned lane = 1; lane < report->state->n_lanes; lane++) {
		const struct lane_label *label = &report->state->lanes[lane].label;

		if (is_used(report, lane) && *label->note)
			fprintf(page->out, "\n%s%s: %s%s\n", style(page, RED), label->name,
				label->note, style(page, PLAIN));
	}
	put_duration(cpu, sizeof(cpu), self->cpu_ns);
	fputs("\nwatching cost ", page->out);
	if (self->hook_n)
		fprintf(page->out, "%" PRIu64 " ns a switch (%" PRIu64 " timed) and ",
			(uint64_t)(self->hook_ns / self->hook_n), (uint64_t)self->hook_n);
	fprintf(page->out, "%s of CPU time; ", cpu);
	if (self->lost_events)
		fprintf(page->out, "%s%" PRIu64 " events lost%s\n", style(page, RED),
			(uint64_t)self->lost_events, style(page, PLAIN));
	else
		fputs("nothing lost\n", page->out);
}

int report_text(const struct report *report, FILE *out, bool colour)
{
	struct page page = { report, out, colour };

	errno = 0;
	put_head(&page);
	put_rows(&page);
	put_cpus(&page);
	put_foot(&page);
	return fflush(out) || ferror(out) ? -(errno ? errno : EIO) : 0;
}
