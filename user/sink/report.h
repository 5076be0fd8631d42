/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.h - the result of `swtch stat`: one table, as text, JSON or CSV. See doc/json.md for the names.
 */
#ifndef SWTCH_REPORT_H
#define SWTCH_REPORT_H

#include <stdio.h>

#include "base/json.h"
#include "event/run.h"
#include "event/task_table.h"
#include "state/state.h"

struct blame;
struct spans;

struct report {
	const struct run_facts *run;
	const struct state *state;
	const struct counts *counts;	/* which state has measured last */
	const struct task_table *tasks; /* NULL: nobody asked for single tasks */
	const struct spans *spans;	/* NULL: nobody asked where time goes, */
	const struct blame *blame;	/* and who blocks */
};

/*
 * What the job of this run counts beside units, as struct lab_figure has it: a table that ends with
 * a NULL name; and what it measures the latency of, or NULL. Of the first lane that has any.
 */
const struct lab_figure *report_figures(const struct report *report);
const char *report_job_latency(const struct report *report);

/* Figure number `figure` of a lane; COUNT_UNKNOWN where it was not counted. */
uint64_t report_figure(const struct report *report, unsigned lane, unsigned figure);

/* How long a lane was at work; COUNT_UNKNOWN where the recording ended before anybody knew. */
uint64_t report_wall_ns(const struct report *report, unsigned lane);

/* Who told of a lane's coroutines, as --runtime has it: "asyncio,marks". NULL: nobody, or the lab itself. */
const char *report_runtime(const struct lane_state *lane);

/* Each returns 0, or -errno of the first write that failed. */
int report_text(const struct report *report, FILE *out, bool colour);
int report_json(const struct report *report, FILE *out);
int report_csv(const struct report *report, FILE *out);

/* The table of report_text() in HTML: without head and foot, cells of class "bad" where that is red. */
void report_put_html(const struct report *report, struct writer *out);

/* The object that report_json() prints, as a part of another. */
void report_put_json(const struct report *report, struct json *json, const char *key);

#endif
