// SPDX-License-Identifier: GPL-2.0-only
/* export.c - swtch export: a recording, or a part of it, in another format. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/output.h"
#include "cmd/filter.h"
#include "base/interrupt.h"
#include "cmd/playback.h"
#include "cmd/values.h"
#include "cmd/watch.h"
#include "sink/sink.h"
#include "view/event_list.h"
#include "view/number.h"

#define STEP 65536u /* events between two looks at the clock and at signals */

struct export
{
	const struct options *options;
	struct playback playback;
	const struct sink_format *format;
	struct sink *sink;
	struct filter filter;
	uint64_t from_ns, to_ns;
	uint64_t n_read, n_written;
	uint64_t shown_ns; /* 0: no progress was shown */
};

static void on_event(const struct event *event, void *ctx)
{
	struct export *export = ctx;
	struct state *state = export->playback.state;
	struct delta delta;

	state_apply(state, event, &delta);
	if (event->time_ns < export->from_ns || !event_is_news(event))
		return;
	if (filter_wants(&export->filter, event, state)) {
		export->sink->event(export->sink, event, &delta);
		export->n_written++;
	} else if (export->sink->pass) {
		export->sink->pass(export->sink, event);
	}
}

static void show_progress(struct export *export)
{
	uint64_t now_ns = clock_now_ns();
	char number[NUMBER_SIZE], percent[NUMBER_SIZE];
	double all = (double)(export->to_ns - export->from_ns);
	uint64_t at_ns = export->playback.state->event_ns;

	if (export->options->quiet || !isatty(STDERR_FILENO) ||
	    now_ns - export->shown_ns < PROGRESS_NS)
		return;
	fprintf(stderr, "\r\033[K%s  %s events",
		number_percent(percent, at_ns > export->from_ns && all > 0
						? (double)(at_ns - export->from_ns) / all
						: 0),
		number_count(number, export->n_read));
	fflush(stderr);
	export->shown_ns = now_ns;
}

/* 0, or -errno with `error` set; a write that failed ends it, and the sink keeps why. */
static int play(struct export *export, struct error *error)
{
	struct playback *playback = &export->playback;
	int64_t n = 1;

	if (export->from_ns > playback->facts->first_ns)
		cursor_seek(playback->cursor, export->from_ns);
	playback->fn = on_event;
	playback->ctx = export;
	while (n > 0 && !export->sink->out.err && !interrupt_seen()) {
		n = playback_play(playback, export->to_ns, STEP, error);
		if (n < 0)
			return (int)n;
		export->n_read += (uint64_t)n;
		show_progress(export);
	}
	return 0;
}

/* A name that nothing has is a slip of the pen. */
static int check_filter(const struct export *export, struct error *error)
{
	const struct filter *filter = &export->filter;
	char shown[VALUE_SHOWN];

	if (filter->lane && !filter->saw_lane)
		return error_set(error, ENOENT,
				 "--lane %s: no event there is of a lane of that name; `swtch stat "
				 "-i` lists the lanes",
				 value_shown(shown, filter->lane));
	if (filter->task && !filter->saw_task)
		return error_set(error, ENOENT,
				 "--task %s: no event there is of a task of that pid or name",
				 value_shown(shown, filter->task));
	return 0;
}

static int write_all(struct export *export, FILE *out, struct error *error)
{
	struct playback *playback = &export->playback;
	struct sink_context context = { .names = playback->state->names,
					.lanes = playback->state->lanes,
					.n_lanes = playback->state->n_lanes,
					.start_ns = playback->start_ns,
					.n_cpus = playback->state->n_cpus,
					.from_ns = export->from_ns,
					.to_ns = export->to_ns,
					.report = &playback->report };
	int err;

	export->sink = export->format->make(out, &context);
	if (!export->sink)
		return error_set(error, ENOMEM, "cannot export: out of memory");
	err = play(export, error);
	if (!err)
		err = playback_end(playback, error);
	if (export->shown_ns)
		fputs("\r\033[K", stderr);
	if (err)
		return err;
	if (interrupt_seen())
		return error_set(error, EINTR, "interrupted: nothing whole was written");
	if (!export->sink->out.err && check_filter(export, error))
		return -ENOENT;
	return 0;
}

/* --- what is asked for --------------------------------------------------------------------------- */

static const struct sink_format *choose_format(const struct options *options, struct error *error)
{
	const char *path = options->output ? options->output : "-";
	const struct sink_format *format;
	char shown[VALUE_SHOWN], list[128] = "";

	if (options->format)
		return sink_find(options->format);
	if (!strcmp(path, "-"))
		return sink_find("text");
	format = sink_of_file(path);
	if (format)
		return format;
	sink_list(list, sizeof(list), false);
	error_set(error, EINVAL, "the ending of %s names no format; choose one with -f: %s",
		  value_shown(shown, path), list);
	return NULL;
}

/* From and to are of the log's time; without them it is the whole. */
static int choose_range(struct export *export, struct error *error)
{
	const struct options *options = export->options;
	const struct playback *playback = &export->playback;
	char at[NUMBER_SIZE];

	export->from_ns = playback->facts->first_ns;
	export->to_ns = playback->facts->last_ns;
	if (options->has_from)
		export->from_ns = playback->start_ns + options->from_ns;
	if (options->has_to)
		export->to_ns = playback->start_ns + options->to_ns;
	if (export->from_ns > playback->facts->last_ns)
		return error_set(
			error, EINVAL, "--from lies behind the end of the recording, at %s",
			number_time(at, (double)(playback->facts->last_ns - playback->start_ns)));
	if (export->to_ns < export->from_ns)
		return error_set(error, EINVAL,
				 "--to lies before the beginning of the recording, at %s",
				 number_time(at, (double)(export->from_ns - playback->start_ns)));
	return 0;
}

/* A CPU that the recording does not have is a slip of the pen, too. */
static int check_cpus(const struct export *export, struct error *error)
{
	unsigned n_cpus = export->playback.facts->n_cpus;

	for (unsigned cpu = n_cpus; cpu < LAB_PIN_WORDS * 64; cpu++)
		if (export->options->cpus[cpu / 64] >> cpu % 64 & 1)
			return error_set(error, EINVAL,
					 "--cpu names CPU %u, which the recording does not have; "
					 "use 0 to %u",
					 cpu, n_cpus - 1);
	return 0;
}

static int check(struct export *export, struct error *error)
{
	const struct options *options = export->options;

	if (!options->args[0])
		return error_set(error, EINVAL,
				 "no recording to export; name its file: swtch export FILE -o OUT");
	if (options->has_from && options->has_to && options->from_ns > options->to_ns)
		return error_set(error, EINVAL, "--from is later than --to; swap them");
	export->format = choose_format(options, error);
	return export->format ? 0 : -EINVAL;
}

int cmd_export(const struct options *options)
{
	struct export export = { .options = options,
				 .filter = { .cpus = options->cpus,
					     .n_words = LAB_PIN_WORDS,
					     .lane = options->lane,
					     .task = options->task } };
	struct output output = { 0 };
	struct error error;
	int status = EXIT_FAILED, err;

	interrupt_watch();
	err = check(&export, &error);
	if (err)
		status = EXIT_USAGE;
	if (!err)
		err = playback_open(&export.playback, options->args[0], &error);
	if (!err)
		err = check_cpus(&export, &error);
	if (!err)
		err = choose_range(&export, &error);
	if (!err)
		err = output_open(&output, options->output, options->force, 0600, &error);
	if (!err)
		err = write_all(&export, output.file, &error);
	if (err) {
		watch_complain(&error);
		output_close(&output, err, NULL);
	} else {
		status = EXIT_OK;
		err = sink_finish(export.sink);
		if (output_failed(output_close(&output, err, &error)))
			status = watch_complain(&error);
		playback_tell_gaps(&export.playback);
	}
	sink_free(export.sink);
	playback_close(&export.playback);
	return status;
}
