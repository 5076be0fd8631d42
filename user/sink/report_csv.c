// SPDX-License-Identifier: GPL-2.0-only
/* report_csv.c - a row for each lane; columns are named as in the JSON, dots between levels. */
#include "base/csv.h"
#include "sink/report.h"

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
TOTAL(per_task_bytes, lane->work.memory.task_bytes)
TOTAL(audit_tasks, total->audited)
TOTAL(audit_exact, total->exact)
TOTAL(untracked, total->untracked)

static uint64_t wall_ns(const struct report *report, unsigned lane)
{
	return report->lane_wall_ns[lane];
}

static uint64_t lost_events(const struct report *report, unsigned lane)
{
	(void)lane;
	return report->counts->self.lost_events;
}

static const struct {
	const char *name;
	figure_fn figure;
} columns[] = {
	{ "wall_ns", wall_ns },
	{ "work.done", work_done },
	{ "switches.total", switches },
	{ "switches.voluntary", voluntary },
	{ "switches.involuntary", involuntary },
	{ "switches.missed", missed },
	{ "user_switches", user_switches },
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
	{ "memory.per_task_bytes", per_task_bytes },
	{ "audit.tasks", audit_tasks },
	{ "audit.exact", audit_exact },
	{ "audit.untracked", untracked },
	{ "lost.events", lost_events },
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

int report_csv(const struct report *report, FILE *out)
{
	static const char *const texts[] = { "name", "model", "via", "work.unit" };
	struct csv csv;

	csv_init(&csv, out);
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		csv_string(&csv, texts[i]);
	for (unsigned i = 0; i < N_COLUMNS; i++)
		csv_string(&csv, columns[i].name);
	csv_row_end(&csv);
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++) {
		const struct lane_label *label = &report->state->lanes[lane].label;

		if (label->phase == LANE_UNUSED)
			continue;
		csv_string(&csv, label->name);
		csv_string(&csv, label->model);
		csv_string(&csv, label->via);
		csv_string(&csv, label->unit);
		for (unsigned i = 0; i < N_COLUMNS; i++)
			csv_figure(&csv, columns[i].figure(report, lane));
		csv_row_end(&csv);
	}
	return csv_finish(&csv);
}
