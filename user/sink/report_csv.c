// SPDX-License-Identifier: GPL-2.0-only
/* report_csv.c - a row for each lane; columns are named as in the JSON, dots between levels. */
#include "base/csv.h"
#include "sink/report.h"
#include "sink/report_latency.h"
#include "sink/report_tasks.h"

typedef uint64_t (*figure_fn)(const struct report *report, unsigned lane);

#define TOTAL(name, expression)                                                                    \
	static uint64_t name(const struct report *report, unsigned number)                         \
	{                                                                                          \
		const struct lane_state *lane = &report->state->lanes[number];                     \
		const struct lane_counters *total = &lane->total;                                  \
                                                                                                   \
		(void)total;                                                                       \
		return expression;                                                                 \
	}

TOTAL(work_done, *lane->label.unit ? lane->work.done : COUNT_UNKNOWN)
TOTAL(switches, total->voluntary + total->involuntary)
TOTAL(voluntary, total->voluntary)
TOTAL(involuntary, total->involuntary)
TOTAL(missed, total->missed)
TOTAL(user_switches, lane->work.user_switches)
TOTAL(yielded, lane->work.yielded)
TOTAL(wakeups, total->wakeups)
TOTAL(migrations, total->migrations)
TOTAL(processes, total->processes)
TOTAL(threads, total->threads)
TOTAL(coroutines, lane->work.coroutines)
TOTAL(exited, total->exited)
TOTAL(run_ns, total->run_ns)
TOTAL(wait_ns, total->wait_ns)
TOTAL(wait_p50, waits_percentile(total->wait_log2, total->wait_max_ns, 0.50))
TOTAL(wait_p90, waits_percentile(total->wait_log2, total->wait_max_ns, 0.90))
TOTAL(wait_p99, waits_percentile(total->wait_log2, total->wait_max_ns, 0.99))
TOTAL(wait_max, waits_percentile(total->wait_log2, total->wait_max_ns, 1))
TOTAL(pss_bytes, lane->work.memory.pss_bytes)
TOTAL(table_bytes, lane->work.memory.table_bytes)
TOTAL(kernel_stack_bytes, lane->work.memory.stack_bytes)
TOTAL(per_task_bytes, lane->work.memory.task_bytes)
TOTAL(per_task_page_bytes, lane->work.memory.task_page_bytes)
TOTAL(per_task_table_bytes, lane->work.memory.task_table_bytes)
TOTAL(per_task_stack_bytes, lane->work.memory.task_stack_bytes)
TOTAL(loop_turns, lane->work.turns)
TOTAL(loop_waits, lane->work.polls)
TOTAL(loop_events, lane->work.ready)
TOTAL(latency_p50, latency_percentile(&lane->work.latency, 0.50))
TOTAL(latency_p90, latency_percentile(&lane->work.latency, 0.90))
TOTAL(latency_p99, latency_percentile(&lane->work.latency, 0.99))
TOTAL(latency_max, latency_percentile(&lane->work.latency, 1))
TOTAL(audit_tasks, total->audited)
TOTAL(audit_exact, total->exact)
TOTAL(untracked, total->untracked)

static uint64_t lost_events(const struct report *report, unsigned lane)
{
	(void)lane;
	return report->counts->self.lost_events;
}

/* What watching cost, the same in each row; names as in JSON. */
#define SELF(name, value)                                                                          \
	static uint64_t name(const struct report *report, unsigned lane)                           \
	{                                                                                          \
		const struct self_cost *self = &report->counts->self;                              \
		struct self_figures figures;                                                       \
                                                                                                   \
		(void)lane;                                                                        \
		self_figures_of(self, &figures);                                                   \
		return value;                                                                      \
	}

SELF(self_hook_ns, self_whole(figures.hook_ns))
SELF(self_timed, self->hook_n)
SELF(self_cpu_ns, self->cpu_ns)
SELF(self_cpu_ppm, self_whole(figures.cpu_share * 1e6))
SELF(self_events, self->n_events)
SELF(self_event_ns, self_whole(figures.event_ns))
SELF(self_read_hz, self_whole(figures.read_hz))
SELF(self_written_hz, self_whole(figures.written_hz))
SELF(self_switches, self->n_switches)

struct column {
	const char *name;
	figure_fn figure;
};

static const struct column columns[] = {
	{ "wall_ns", report_wall_ns },
	{ "work.done", work_done },
	{ "switches.total", switches },
	{ "switches.voluntary", voluntary },
	{ "switches.involuntary", involuntary },
	{ "switches.missed", missed },
	{ "user_switches", user_switches },
	{ "loop.turns", loop_turns },
	{ "loop.waits", loop_waits },
	{ "loop.events", loop_events },
	{ "yielded", yielded },
	{ "wakeups", wakeups },
	{ "migrations", migrations },
	{ "created.processes", processes },
	{ "created.threads", threads },
	{ "created.coroutines", coroutines },
	{ "exited", exited },
	{ "run_ns", run_ns },
	{ "wait_ns", wait_ns },
	{ "wait_latency_ns.p50", wait_p50 },
	{ "wait_latency_ns.p90", wait_p90 },
	{ "wait_latency_ns.p99", wait_p99 },
	{ "wait_latency_ns.max", wait_max },
	{ "memory.pss_bytes", pss_bytes },
	{ "memory.table_bytes", table_bytes },
	{ "memory.kernel_stack_bytes", kernel_stack_bytes },
	{ "memory.per_task_bytes", per_task_bytes },
	{ "memory.per_task_page_bytes", per_task_page_bytes },
	{ "memory.per_task_table_bytes", per_task_table_bytes },
	{ "memory.per_task_kernel_stack_bytes", per_task_stack_bytes },
	{ "audit.tasks", audit_tasks },
	{ "audit.exact", audit_exact },
	{ "audit.untracked", untracked },
	{ "lost.events", lost_events },
	{ "self.bpf_ns_per_switch", self_hook_ns },
	{ "self.bpf_switches_timed", self_timed },
	{ "self.cpu_ns", self_cpu_ns },
	{ "self.cpu_ppm", self_cpu_ppm },
	{ "self.events", self_events },
	{ "self.cpu_ns_per_event", self_event_ns },
	{ "self.read_bytes_per_s", self_read_hz },
	{ "self.written_bytes_per_s", self_written_hz },
	{ "self.switches", self_switches },
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* For a job whose tasks measure something. */
static const struct column latencies[] = {
	{ "work.latency_ns.p50", latency_p50 },
	{ "work.latency_ns.p90", latency_p90 },
	{ "work.latency_ns.p99", latency_p99 },
	{ "work.latency_ns.max", latency_max },
};

#define N_LATENCIES (sizeof(latencies) / sizeof(latencies[0]))

/* The columns of a run, which are the same in all its rows. */
static void put_names(struct csv *csv, const struct report *report)
{
	static const char *const texts[] = { "name", "model", "via", "sync", "work.unit" };
	const struct lab_figure *figures = report_figures(report);
	char name[64];

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		csv_string(csv, texts[i]);
	for (unsigned i = 0; i < N_COLUMNS; i++)
		csv_string(csv, columns[i].name);
	for (unsigned i = 0; figures[i].name; i++) {
		snprintf(name, sizeof(name), "work.%s", figures[i].name);
		csv_string(csv, name);
	}
	for (unsigned i = 0; report_job_latency(report) && i < N_LATENCIES; i++)
		csv_string(csv, latencies[i].name);
	csv_row_end(csv);
}

static void put_lane(struct csv *csv, const struct report *report, unsigned lane)
{
	const struct lane_label *label = &report->state->lanes[lane].label;
	const struct lab_figure *figures = report_figures(report);

	csv_string(csv, label->name);
	csv_string(csv, label->model);
	csv_string(csv, label->via);
	csv_string(csv, label->sync);
	csv_string(csv, label->unit);
	for (unsigned i = 0; i < N_COLUMNS; i++)
		csv_figure(csv, columns[i].figure(report, lane));
	for (unsigned i = 0; figures[i].name; i++)
		csv_figure(csv, report_figure(report, lane, i));
	for (unsigned i = 0; report_job_latency(report) && i < N_LATENCIES; i++)
		csv_figure(csv, latencies[i].figure(report, lane));
	csv_row_end(csv);
}

int report_csv(const struct report *report, FILE *out)
{
	struct csv csv;
	struct writer writer;

	if (report->tasks)
		return report_tasks_csv(report, out);
	if (report->spans)
		return report_latency_csv(report, out);
	writer_init(&writer, out);
	csv_init(&csv, &writer);
	put_names(&csv, report);
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++)
		if (report->state->lanes[lane].label.phase != LANE_UNUSED)
			put_lane(&csv, report, lane);
	return csv_finish(&csv);
}
