// SPDX-License-Identifier: GPL-2.0-only
/* log.c - swtch log: print events as they happen, until the job ends or a signal. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/output.h"
#include "cmd/watch.h"
#include "sink/sink.h"

#define TICK_MS 10 /* a ring of 131,072 records holds this long at 13 million a second */

struct log {
	struct watch watch;
	struct sink *sink;
	FILE *out;
	bool gave_up; /* writing failed, but a command goes on */
};

static void on_event(const struct event *event, void *ctx)
{
	struct log *log = ctx;
	struct delta delta;

	state_apply(log->watch.state, event, &delta);
	if (event->kind != EVENT_NAME ||
	    task_lane(event->task)) /* strangers are named in passing */
		log->sink->event(log->sink, event, &delta);
}

/*
 * Writing failed. That ends a log of anything but a command: who started it wants its end, whatever becomes
 * of the log. Of a reader that had enough (`| head`) there is nothing to say.
 */
static bool goes_on(struct log *log)
{
	const struct options *options = log->watch.options;
	char shown[SHOWN_PATH];
	int err = log->sink->out.err;

	if (!options->command)
		return false;
	log->gave_up = true;
	session_listen(log->watch.session, false, false);
	if (err == EPIPE)
		return true;
	escape_name(shown, sizeof(shown), options->output ? options->output : "standard error");
	fprintf(stderr, "swtch: cannot write %s: %s; no more is logged, the command goes on\n",
		strcmp(shown, "-") ? shown : "standard output", strerror(err));
	return true;
}

static bool drain(struct watch *watch, void *ctx)
{
	struct log *log = ctx;
	struct source *source = session_source(watch->session);

	if (log->gave_up)
		return true;
	source->poll(source, on_event, log);
	return !sink_flush(log->sink) || goes_on(log);
}

static const struct sink_format *format_of(const struct options *options)
{
	return sink_find(options->format ? options->format : "text");
}

static int run(struct log *log, struct error *error)
{
	struct source *source = session_source(log->watch.session);
	struct sink_context context = { .names = log->watch.state->names,
					.lanes = log->watch.state->lanes,
					.n_lanes = log->watch.state->n_lanes,
					.start_ns = log->watch.started_ns };
	int err;

	log->sink = format_of(log->watch.options)->make(log->out, &context);
	if (!log->sink)
		return error_set(error, ENOMEM, "cannot write the log: out of memory");
	session_listen(log->watch.session, true, true);
	err = watch_run(&log->watch, TICK_MS, drain, log, error);
	if (!log->gave_up)
		source->flush(source, on_event, log);
	return err;
}

static void tell_losses(const struct log *log)
{
	uint64_t n = log->watch.counts.self.lost_events;

	if (n)
		fprintf(stderr,
			"swtch: %" PRIu64 " events were lost: they came faster than they could be "
			"written (see the lines \"lost\"; --rate or a faster -o help)\n",
			n);
}

/* Of the log; the command's own failure comes first, as record has it. */
static int tell_failure(const struct log *log, int status, const struct error *error)
{
	if (!log->gave_up) /* that was told */
		watch_complain(error);
	return status == EXIT_OK ? EXIT_FAILED : status;
}

int cmd_log(const struct options *options)
{
	struct output output = { 0 };
	struct log log = { 0 };
	struct error error;
	int status = EXIT_FAILED, err, write_err = 0;

	err = watch_open(&log.watch, options, &error);
	if (!err)
		err = output_open(&output, options->output, options->force, 0600, &error);
	if (!err) {
		log.out = watch_destination(options, &output);
		err = run(&log, &error);
	}
	if (log.sink) {
		write_err = sink_finish(log.sink);
		sink_free(log.sink);
	}
	if (err) {
		watch_complain(&error);
		output_close(&output, err, NULL);
	} else {
		status = watch_exit_status(&log.watch);
		tell_losses(&log);
		if (output_failed(output_close(&output, write_err, &error)))
			status = tell_failure(&log, status, &error);
	}
	watch_close(&log.watch);
	return status;
}
