// SPDX-License-Identifier: GPL-2.0-only
/* report_tasks.c - one table of columns makes three: JSON, CSV, text. */
#include "sink/report_tasks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/escape.h"

#define NAME_WIDTH 30 /* of a text's first column: lane, name, pid */

/* --- columns -------------------------------------------------------------------------------------- */

#define FIGURE(name, value)                                                                        \
	static uint64_t name(const struct task_row *row)                                           \
	{                                                                                          \
		return value;                                                                      \
	}

FIGURE(pid, row->pid)
FIGURE(tgid, row->tgid ? row->tgid : COUNT_UNKNOWN)
FIGURE(parent, row->parent ? row->parent : COUNT_UNKNOWN)
FIGURE(switches, row->voluntary + row->involuntary)
FIGURE(voluntary, row->voluntary)
FIGURE(involuntary, row->involuntary)
FIGURE(run_ns, row->run_ns)
FIGURE(wait_ns, row->wait_ns)
FIGURE(sleep_ns, row->sleep_ns)
FIGURE(blocked_ns, row->blocked_ns)
FIGURE(wait_max_ns, row->wait_max_ns)
FIGURE(wakeups, row->wakeups)
FIGURE(migrations, row->migrations)
FIGURE(waker, row->has_waker ? row->waker : COUNT_UNKNOWN)
FIGURE(cpu, row->cpu == CPU_UNKNOWN ? COUNT_UNKNOWN : row->cpu)

typedef void (*print_fn)(char *text, size_t size, uint64_t value);

static const struct {
	const char *name; /* in JSON and CSV */
	uint64_t (*figure)(const struct task_row *row);
	const char *head; /* in text; NULL: it is not there */
	print_fn print;
} columns[] = {
	{ "pid", pid, NULL, NULL },
	{ "tgid", tgid, NULL, NULL },
	{ "parent", parent, NULL, NULL },
	{ "switches.total", switches, "switches", page_count },
	{ "switches.voluntary", voluntary, "voluntary", page_count },
	{ "switches.involuntary", involuntary, "involunt.", page_count },
	{ "run_ns", run_ns, "on a CPU", page_duration },
	{ "wait_ns", wait_ns, "waited", page_duration },
	{ "wait_max_ns", wait_max_ns, "at most", page_duration },
	{ "sleep_ns", sleep_ns, "slept", page_duration },
	{ "blocked_ns", blocked_ns, "blocked", page_duration },
	{ "wakeups", wakeups, "wakeups", page_count },
	{ "migrations", migrations, "migr.", page_count },
	{ "waker", waker, NULL, NULL },
	{ "cpu", cpu, NULL, NULL },
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const char *lane_name(const struct report *report, const struct task_row *row)
{
	return row->lane < report->state->n_lanes ? report->state->lanes[row->lane].label.name : "";
}

/* --- JSON ----------------------------------------------------------------------------------------- */

/* "switches.total" is a member of an object; such columns stand behind one another. */
static void put_figures(struct json *json, const struct task_row *row)
{
	const char *inside = "";

	for (size_t i = 0; i < N_COLUMNS; i++) {
		const char *name = columns[i].name, *dot = strchr(name, '.');
		char object[32];

		snprintf(object, sizeof(object), "%.*s", dot ? (int)(dot - name) : 0, name);
		if (*inside && !dot)
			json_object_end(json);
		if (dot && !*inside)
			json_object(json, object);
		inside = dot ? name : "";
		json_figure(json, dot ? dot + 1 : name, columns[i].figure(row));
	}
}

static void put_row(struct json *json, const struct report *report, const struct task_row *row)
{
	json_object(json, NULL);
	json_string(json, "lane", lane_name(report, row));
	json_name(json, "name", row->name);
	put_figures(json, row);
	json_string(json, "state", task_doing_name(row->doing));
	json_object_end(json);
}

void report_put_tasks_json(const struct report *report, struct json *json)
{
	const struct task_table *tasks = report->tasks;

	if (!tasks)
		return;
	json_array(json, "tasks");
	for (size_t i = 0; i < tasks->n; i++)
		put_row(json, report, &tasks->rows[i]);
	json_array_end(json);
	json_u64(json, "tasks_untold", tasks->n_untracked + tasks->n_untold);
}

/* --- CSV ------------------------------------------------------------------------------------------ */

int report_tasks_csv(const struct report *report, FILE *out)
{
	const struct task_table *tasks = report->tasks;
	struct writer writer;
	struct csv csv;

	writer_init(&writer, out);
	csv_init(&csv, &writer);
	csv_string(&csv, "lane");
	csv_string(&csv, "name");
	for (size_t i = 0; i < N_COLUMNS; i++)
		csv_string(&csv, columns[i].name);
	csv_string(&csv, "state");
	csv_row_end(&csv);
	for (size_t i = 0; i < tasks->n; i++) {
		const struct task_row *row = &tasks->rows[i];

		csv_string(&csv, lane_name(report, row));
		csv_name(&csv, row->name);
		for (size_t j = 0; j < N_COLUMNS; j++)
			csv_figure(&csv, columns[j].figure(row));
		csv_string(&csv, task_doing_name(row->doing));
		csv_row_end(&csv);
	}
	return csv_finish(&csv);
}

/* --- text ----------------------------------------------------------------------------------------- */

static void put_heads(const struct page *page)
{
	writer_print(page->out, "%s%-*s", page_style(page, BOLD), NAME_WIDTH, "");
	for (size_t i = 0; i < N_COLUMNS; i++)
		if (columns[i].head)
			writer_print(page->out, " %10s", columns[i].head);
	writer_print(page->out, "%s\n", page_style(page, PLAIN));
}

/* "process  ping:4121"; a name has four columns a byte at most, then the figures move to the right. */
static void put_task(const struct page *page, const struct task_row *row)
{
	char name[ESCAPED_SIZE(TASK_NAME_LEN)], text[PAGE_CELL_BYTES];
	int n;

	escape_name(name, sizeof(name), row->name);
	n = snprintf(NULL, 0, "%s  %s:%" PRIu32, lane_name(page->report, row), name, row->pid);
	writer_print(page->out, "%s  %s:%" PRIu32 "%*s", lane_name(page->report, row), name,
		     row->pid, n < NAME_WIDTH ? NAME_WIDTH - n : 0, "");
	for (size_t i = 0; i < N_COLUMNS; i++) {
		if (!columns[i].head)
			continue;
		columns[i].print(text, sizeof(text), columns[i].figure(row));
		writer_print(page->out, " %10s", text);
	}
	writer_text(page->out, "\n");
}

void report_put_tasks_text(const struct page *page)
{
	const struct task_table *tasks = page->report->tasks;

	if (!tasks)
		return;
	writer_text(page->out, "\n");
	put_heads(page);
	for (size_t i = 0; i < tasks->n; i++)
		put_task(page, &tasks->rows[i]);
	if (tasks->n_untracked + tasks->n_untold)
		writer_print(page->out, "%sand %" PRIu64 " tasks of which only the lane knows%s\n",
			     page_style(page, RED), tasks->n_untracked + tasks->n_untold,
			     page_style(page, PLAIN));
}
