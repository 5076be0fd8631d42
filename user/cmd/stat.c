// SPDX-License-Identifier: GPL-2.0-only
/* stat.c - swtch stat: run to the end, print one table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/output.h"
#include "base/interrupt.h"
#include "cmd/latency.h"
#include "cmd/run_facts.h"
#include "cmd/stat.h"
#include "cmd/watch.h"

#define TICK_MS	       200 /* between looks at what runs; ends are noticed at once */
#define EVENTS_TICK_MS 10  /* as log has it */

int stat_print(const struct options *options, const struct report *report, FILE *out)
{
	if (options->json)
		return report_json(report, out);
	if (options->csv)
		return report_csv(report, out);
	return report_text(report, out,
			   isatty(fileno(out)) && !options->no_color && !getenv("NO_COLOR"));
}

static int print_watched(const struct watch *watch, const struct latency *latency, FILE *out)
{
	struct run_facts run;
	struct report report = { .run = &run, .state = watch->state, .counts = &watch->counts };

	if (watch->options->per_task)
		report.tasks = &watch->per_task.table;
	report.spans = latency->spans;
	report.blame = latency->blame;

	run_facts_fill(&run, watch->options, &watch->run, watch->session, watch->started_ns,
		       clock_now_ns() - watch->started_ns);
	run.has_ended = true;
	return stat_print(watch->options, &report, out);
}

/* Every lane failed before its first task: the reason is all that there is to say. */
static bool nothing_ran(const struct watch *watch)
{
	for (unsigned lane = 1; lane <= SESSION_N_LANES; lane++)
		if (session_wall_ns(watch->session, lane))
			return false;
	return session_failure(watch->session);
}

/* What runs, and what takes in its events. */
struct reading {
	struct watch *watch;
	struct latency *latency;
};

static void take_event(const struct event *event, void *ctx)
{
	struct reading *reading = ctx;

	state_apply(reading->watch->state, event, NULL); /* which knows the names, too */
	latency_apply(reading->latency, event);
}

static bool drain(struct watch *watch, void *ctx)
{
	struct source *source = session_source(watch->session);

	source->poll(source, take_event, ctx);
	return true;
}

static int run(struct watch *watch, struct latency *latency, struct error *error)
{
	struct source *source = session_source(watch->session);
	struct reading reading = { watch, latency };
	int err;

	watch->tells_progress = watch_shows_progress(watch->options);
	if (!watch->options->latency)
		return watch_run(watch, TICK_MS, NULL, NULL, error);
	if (latency_init(latency, watch->state->n_lanes))
		return error_set(error, ENOMEM, "cannot read events: out of memory");
	session_listen(watch->session, true, true);
	err = watch_run(watch, EVENTS_TICK_MS, drain, &reading, error);
	source->flush(source, take_event, &reading);
	return err;
}

/*
 * The table could not be written where it was asked for, and what it tells may have taken hours: it goes to
 * stderr. What is for a program (--json, --csv) does not: nobody who reads it looks there.
 */
static int tell_unwritten(const struct watch *watch, const struct latency *latency,
			  const struct error *error)
{
	if (watch->options->json || watch->options->csv)
		return watch_complain(error);
	fprintf(stderr, "swtch: %s; the table follows here\n", error->text);
	print_watched(watch, latency, stderr);
	return EXIT_FAILED;
}

/* How it came out, told: the exit status. */
static int end(struct watch *watch, const struct latency *latency, struct output *output)
{
	const struct options *options = watch->options;
	FILE *out = watch_destination(options, output);
	bool has_table = !nothing_ran(watch) || options->json || options->csv;
	struct error error;
	int status, err;

	err = has_table ? print_watched(watch, latency, out) : 0;
	status = watch_exit_status(watch);
	if (status == EXIT_OK && interrupt_seen()) {
		fputs("swtch: interrupted: the figures are of what ran until then\n", stderr);
		status = 128 + interrupt_seen();
	}
	if (output_failed(output_close(output, err, &error)))
		return has_table && out != stderr ? tell_unwritten(watch, latency, &error)
						  : watch_complain(&error);
	return status;
}

int cmd_stat(const struct options *options)
{
	struct output output = { 0 };
	struct error error;
	struct latency latency = { 0 };
	struct watch watch;
	int status = EXIT_FAILED, err;

	if (options->input)
		return stat_tape(options);
	err = watch_open(&watch, options, &error);
	if (!err) /* the invoking user opens it: by now this is all we are */
		err = output_open(&output, options->output, options->force, 0666, &error);
	if (!err)
		err = run(&watch, &latency, &error);
	if (err) {
		watch_complain(&error);
		output_close(&output, err, NULL);
	} else {
		status = end(&watch, &latency, &output);
	}
	latency_fini(&latency);
	watch_close(&watch);
	return status;
}
