// SPDX-License-Identifier: GPL-2.0-only
/* report_json.c - the object that doc/json.md describes, on one line. */
#include "sink/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sink/report_latency.h"
#include "sink/report_tasks.h"

/* The numbers of "-p 1,2", which may come from a file: nothing else gets through. */
static void put_pids(struct json *json, const char *says)
{
	json_array(json, "pids");
	for (const char *at = says; (at = strpbrk(at, "0123456789"));) {
		char *end;

		json_u64(json, NULL, strtoull(at, &end, 10));
		at = end;
	}
	json_array_end(json);
}

static void put_target(struct json *json, const struct report *report)
{
	json_object(json, "target");
	json_string(json, "kind", report->run->kind);
	if (*report->run->job) {
		json_string(json, "job", report->run->job);
		json_u64(json, "tasks", report->run->n_tasks);
		json_string(json, "mode", report->run->mode);
	} else if (!strcmp(report->run->kind, "pids")) {
		put_pids(json, report->run->says);
	} else if (!strcmp(report->run->kind, "cgroup")) {
		json_string(json, "path", report->run->says);
	} else if (strcmp(report->run->kind, "all") != 0) {
		json_string(json, !strcmp(report->run->kind, "lanes") ? "lanes" : "command",
			    report->run->says);
	}
	json_object_end(json);
}

/* What the tasks measured themselves; nothing at all for a job whose tasks measure nothing. */
static void put_latency(struct json *json, const struct report *report,
			const struct latency_counts *counts)
{
	if (!report_job_latency(report))
		return;
	json_object(json, "latency_ns");
	json_figure(json, "p50", latency_percentile(counts, 0.50));
	json_figure(json, "p90", latency_percentile(counts, 0.90));
	json_figure(json, "p99", latency_percentile(counts, 0.99));
	json_figure(json, "max", latency_percentile(counts, 1));
	json_array(json, "log2");
	for (unsigned i = 0; i < LATENCY_N_OCTAVES; i++)
		json_u64(json, NULL, latency_octave(counts, i));
	json_array_end(json);
	json_object_end(json);
}

static void put_work(struct json *json, const struct report *report, unsigned number)
{
	const struct lane_state *lane = &report->state->lanes[number];
	const struct lab_figure *figures = report_figures(report);
	char checksum[24];

	if (!*lane->label.unit) {
		json_null(json, "work");
		return;
	}
	json_object(json, "work");
	json_u64(json, "done", lane->work.done);
	json_string(json, "unit", lane->label.unit);
	snprintf(checksum, sizeof(checksum), "%016" PRIx64, lane->work.checksum);
	json_string(json, "checksum", lane->work.checksum == COUNT_UNKNOWN ? NULL : checksum);
	for (unsigned i = 0; figures[i].name; i++)
		json_figure(json, figures[i].name, report_figure(report, number, i));
	put_latency(json, report, &lane->work.latency);
	json_object_end(json);
}

/* What event loops did, where there are any; each thread by itself where there is a pool. */
static void put_loops(struct json *json, const struct lane_work *work)
{
	if (!work->n_pool)
		return;
	json_object(json, "loop");
	json_figure(json, "turns", work->turns);
	json_figure(json, "waits", work->polls);
	json_figure(json, "events", work->ready);
	json_object_end(json);
	if (work->n_pool < 2)
		return;
	json_array(json, "pool");
	for (unsigned i = 0; i < work->n_pool; i++) {
		json_object(json, NULL);
		json_u64(json, "user_switches", work->pool[i].user_switches);
		json_u64(json, "done", work->pool[i].done);
		json_object_end(json);
	}
	json_array_end(json);
}

static void put_memory(struct json *json, const struct lane_memory *memory)
{
	json_object(json, "memory");
	json_figure(json, "pss_bytes", memory->pss_bytes);
	json_figure(json, "table_bytes", memory->table_bytes);
	json_figure(json, "kernel_stack_bytes", memory->stack_bytes);
	json_figure(json, "per_task_bytes", memory->task_bytes);
	json_figure(json, "per_task_page_bytes", memory->task_page_bytes);
	json_figure(json, "per_task_table_bytes", memory->task_table_bytes);
	json_figure(json, "per_task_kernel_stack_bytes", memory->task_stack_bytes);
	json_object_end(json);
}

static void put_cpus(struct json *json, const struct report *report, unsigned lane)
{
	json_array(json, "per_cpu");
	for (unsigned cpu = 0; cpu < report->counts->n_cpus; cpu++) {
		const struct lane_counters *cell = counts_cell(report->counts, cpu, lane);

		if (!report->counts->online[cpu] && !cell->voluntary && !cell->involuntary)
			continue;
		json_object(json, NULL);
		json_u64(json, "cpu", cpu);
		json_u64(json, "switches", cell->voluntary + cell->involuntary);
		json_u64(json, "voluntary", cell->voluntary);
		json_u64(json, "involuntary", cell->involuntary);
		json_u64(json, "run_ns", cell->run_ns);
		json_object_end(json);
	}
	json_array_end(json);
}

static void put_waits(struct json *json, const struct lane_counters *total)
{
	const uint64_t *log2 = total->wait_log2;
	uint64_t max = total->wait_max_ns;

	json_object(json, "wait_latency_ns");
	json_figure(json, "p50", waits_percentile(log2, max, 0.50));
	json_figure(json, "p90", waits_percentile(log2, max, 0.90));
	json_figure(json, "p99", waits_percentile(log2, max, 0.99));
	json_figure(json, "max", waits_percentile(log2, max, 1));
	json_array(json, "log2");
	for (unsigned i = 0; i < N_WAIT_BUCKETS; i++)
		json_u64(json, NULL, log2[i]);
	json_array_end(json);
	json_object_end(json);
}

static void put_created(struct json *json, const struct lane_state *lane)
{
	bool in_kernel_only = lane->work.yielded != COUNT_UNKNOWN; /* a lab model without any */
	uint64_t coroutines = lane->work.coroutines;

	if (coroutines == COUNT_UNKNOWN && in_kernel_only)
		coroutines = 0;
	json_object(json, "created");
	json_u64(json, "processes", lane->total.processes);
	json_u64(json, "threads", lane->total.threads);
	json_figure(json, "coroutines", coroutines);
	json_object_end(json);
	json_u64(json, "exited", lane->total.exited);
}

static void put_lane(struct json *json, const struct report *report, unsigned number)
{
	const struct lane_state *lane = &report->state->lanes[number];
	const struct lane_counters *total = &lane->total;

	json_object(json, NULL);
	json_string(json, "name", lane->label.name);
	json_string(json, "model", *lane->label.model ? lane->label.model : NULL);
	json_string(json, "via", *lane->label.via ? lane->label.via : NULL);
	json_string(json, "sync", *lane->label.sync ? lane->label.sync : NULL);
	json_figure(json, "wall_ns", report_wall_ns(report, number));
	put_work(json, report, number);
	json_object(json, "switches");
	json_u64(json, "total", total->voluntary + total->involuntary);
	json_u64(json, "voluntary", total->voluntary);
	json_u64(json, "involuntary", total->involuntary);
	json_u64(json, "missed", total->missed);
	json_object_end(json);
	json_figure(json, "user_switches", lane->work.user_switches);
	json_string(json, "runtime", report_runtime(lane));
	put_loops(json, &lane->work);
	json_figure(json, "yielded", lane->work.yielded);
	put_cpus(json, report, number);
	json_u64(json, "wakeups", total->wakeups);
	json_u64(json, "migrations", total->migrations);
	put_created(json, lane);
	json_u64(json, "run_ns", total->run_ns);
	json_u64(json, "wait_ns", total->wait_ns);
	put_waits(json, total);
	put_memory(json, &lane->work.memory);
	json_object(json, "audit");
	json_u64(json, "tasks", total->audited);
	json_u64(json, "exact", total->exact);
	json_u64(json, "untracked", total->untracked);
	json_object_end(json);
	report_put_latency_json(report, json, number);
	if (*lane->label.note)
		json_string(json, "note", lane->label.note);
	json_object_end(json);
}

static void put_word(struct json *json, const char *key, const char *word)
{
	if (*word)
		json_string(json, key, word);
	else
		json_null(json, key);
}

static void put_self(struct json *json, const struct self_cost *self, const struct run_facts *run)
{
	struct self_figures figures;

	self_figures_of(self, &figures);
	json_object(json, "self");
	json_figure(json, "bpf_ns_per_switch", self_whole(figures.hook_ns));
	json_u64(json, "bpf_switches_timed", self->hook_n);
	json_figure(json, "cpu_ns", self->cpu_ns);
	json_figure(json, "watch_ns", self->watch_ns);
	json_figure(json, "watch_cpu_ns", self->watch_cpu_ns);
	json_figure(json, "cpu_ppm", self_whole(figures.cpu_share * 1e6));
	json_u64(json, "events", self->n_events);
	json_figure(json, "cpu_ns_per_event", self_whole(figures.event_ns));
	json_figure(json, "read_bytes", self->read_bytes);
	json_figure(json, "read_bytes_per_s", self_whole(figures.read_hz));
	json_figure(json, "written_bytes", self->written_bytes);
	json_figure(json, "written_bytes_per_s", self_whole(figures.written_hz));
	json_figure(json, "switches", self->n_switches);
	put_word(json, "clock", run->clock);
	put_word(json, "ring", run->ring);
	json_object_end(json);
}

void report_put_json(const struct report *report, struct json *json, const char *key)
{
	const struct self_cost *self = &report->counts->self;
	unsigned n_online = 0;

	for (unsigned cpu = 0; cpu < report->counts->n_cpus; cpu++)
		n_online += report->counts->online[cpu];
	json_object(json, key);
	json_u64(json, "version", 1);
	json_string(json, "program", "swtch");
	json_string(json, "kernel", report->run->kernel);
	json_u64(json, "cpus", n_online);
	put_target(json, report);
	json_u64(json, "wall_ns", report->run->wall_ns);
	json_array(json, "lanes");
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++)
		if (report->state->lanes[lane].label.phase != LANE_UNUSED)
			put_lane(json, report, lane);
	json_array_end(json);
	report_put_tasks_json(report, json);
	json_object(json, "lost");
	json_u64(json, "events", self->lost_events);
	json_object_end(json);
	put_self(json, self, report->run);
	json_object_end(json);
}

int report_json(const struct report *report, FILE *out)
{
	struct writer writer;
	struct json json;

	writer_init(&writer, out);
	json_init(&json, &writer);
	report_put_json(report, &json, NULL);
	json_line(&json);
	return json_finish(&json);
}
