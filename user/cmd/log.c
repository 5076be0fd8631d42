// SPDX-License-Identifier: GPL-2.0-only
/* log.c - swtch log: print events as they happen, until the job ends or a signal. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/output.h"
#include "cmd/watch.h"
#include "sink/sink.h"

#define TICK_MS 10 /* a ring of 131,072 records holds this long at 13 million a second */

struct log {
	struct watch watch;
	struct sink *sink;
	FILE *out;
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

static bool drain(struct watch *watch, void *ctx)
{
	struct log *log = ctx;
	struct source *source = session_source(watch->session);

	source->poll(source, on_event, log);
	return !sink_flush(log->sink); /* a full disk or a closed pipe ends it */
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
			status = watch_complain(&error);
	}
	watch_close(&log.watch);
	return status;
}
