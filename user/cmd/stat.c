// SPDX-License-Identifier: GPL-2.0-only
/* stat.c - swtch stat: run to the end, print one table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/output.h"
#include "cmd/interrupt.h"
#include "cmd/per_task.h"
#include "cmd/playback.h"
#include "cmd/run_facts.h"
#include "cmd/watch.h"
#include "state/ledger.h"
#include "sink/report.h"

#define TICK_MS 200 /* between looks at what runs; ends are noticed at once */

static int print(const struct options *options, const struct report *report, FILE *out)
{
	if (options->json)
		return report_json(report, out);
	if (options->csv)
		return report_csv(report, out);
	return report_text(report, out,
			   isatty(fileno(out)) && !options->no_color && !getenv("NO_COLOR"));
}

static int print_watched(const struct watch *watch, FILE *out)
{
	struct run_facts run;
	struct report report = { &run, watch->state, &watch->counts,
				 watch->options->per_task ? &watch->per_task.table : NULL };

	run_facts_fill(&run, watch->options, &watch->run, watch->session, watch->started_ns,
		       clock_now_ns() - watch->started_ns);
	run.has_ended = true;
	return print(watch->options, &report, out);
}

/* Every lane failed before its first task: the reason is all that there is to say. */
static bool nothing_ran(const struct watch *watch)
{
	for (unsigned lane = 1; lane <= SESSION_N_LANES; lane++)
		if (session_wall_ns(watch->session, lane))
			return false;
	return session_failure(watch->session);
}

struct tape_tasks {
	struct playback *playback;
	struct ledger *ledger;
	int err;
};

static void take_event(const struct event *event, void *ctx)
{
	struct tape_tasks *tasks = ctx;

	state_apply(tasks->playback->state, event, NULL);
	if (!tasks->err)
		tasks->err = ledger_apply(tasks->ledger, event);
}

/* Who has had no name of its own in the events may have had one before them. */
static void fill_names(struct task_table *table, const struct names *names)
{
	for (size_t i = 0; i < table->n; i++)
		if (!*table->rows[i].name)
			snprintf(table->rows[i].name, TASK_NAME_LEN, "%s",
				 names_get(names, table->rows[i].pid));
}

/* No table of tasks stands in a recording: all of its events make one. 0 or -errno with `error` set. */
static int read_tasks(struct playback *playback, struct per_task *per_task, struct error *error)
{
	struct tape_tasks tasks = { .playback = playback, .ledger = ledger_new() };
	int64_t n = 0;

	if (!tasks.ledger)
		tasks.err = -ENOMEM;
	playback->fn = take_event;
	playback->ctx = &tasks;
	if (!tasks.err)
		n = playback_play(playback, UINT64_MAX, UINT64_MAX, error);
	playback->fn = NULL;
	playback->ctx = NULL;
	if (n >= 0 && !tasks.err)
		tasks.err = ledger_tell(tasks.ledger, playback->facts->last_ns, &per_task->table);
	ledger_free(tasks.ledger);
	if (n < 0)
		return (int)n;
	if (tasks.err)
		return error_set(error, ENOMEM, "cannot tell single tasks: out of memory");
	fill_names(&per_task->table, playback->state->names);
	per_task_sort(per_task);
	playback->report.tasks = &per_task->table;
	return 0;
}

/* Opened first: a file that cannot be read costs no other file. */
static int stat_of_file(const struct options *options)
{
	struct output output = { 0 };
	struct per_task per_task = { 0 };
	struct playback playback;
	struct error error;
	int err;

	err = playback_open(&playback, options->input, &error);
	if (!err && options->per_task)
		err = read_tasks(&playback, &per_task, &error);
	if (!err)
		err = playback_end(&playback, &error);
	if (!err)
		err = output_open(&output, options->output, options->force, 0666, &error);
	if (!err) {
		err = print(options, &playback.report, output.file);
		err = output_close(&output, err, &error);
		playback_tell_gaps(&playback);
	}
	playback_close(&playback);
	per_task_fini(&per_task);
	return err ? watch_complain(&error) : EXIT_OK;
}

int cmd_stat(const struct options *options)
{
	struct output output = { 0 };
	struct error error;
	struct watch watch;
	int status = EXIT_FAILED, err;

	if (options->input)
		return stat_of_file(options);
	err = watch_open(&watch, options, &error);
	if (!err) /* the invoking user opens it: by now this is all we are */
		err = output_open(&output, options->output, options->force, 0666, &error);
	if (!err)
		err = watch_run(&watch, TICK_MS, NULL, NULL, &error);
	if (err) {
		watch_complain(&error);
		output_close(&output, err, NULL);
	} else {
		if (!nothing_ran(&watch) || options->json || options->csv)
			err = print_watched(&watch, watch_destination(options, &output));
		status = watch_exit_status(&watch);
		if (status == EXIT_OK && interrupt_seen()) {
			fputs("swtch: interrupted: the figures are of what ran until then\n",
			      stderr);
			status = 128 + interrupt_seen();
		}
		if (output_close(&output, err, &error))
			status = watch_complain(&error);
	}
	watch_close(&watch);
	return status;
}
