// SPDX-License-Identifier: GPL-2.0-only
/* stat_tape.c - swtch stat -i: counts stand in a recording; what else is asked for, its events make. */
#include <errno.h>
#include <stdio.h>

#include "base/output.h"
#include "cmd/latency.h"
#include "cmd/per_task.h"
#include "cmd/playback.h"
#include "cmd/stat.h"
#include "cmd/values.h"
#include "cmd/watch.h"
#include "state/ledger.h"

/* What takes in the events. */
struct reading {
	struct playback *playback;
	struct latency latency;	  /* without spans: nobody asked for it */
	struct ledger *ledger;	  /* NULL: likewise */
	struct per_task per_task; /* what that comes to */
	int err;
};

static void take_event(const struct event *event, void *ctx)
{
	struct reading *reading = ctx;

	state_apply(reading->playback->state, event, NULL);
	if (reading->latency.spans)
		latency_apply(&reading->latency, event);
	if (reading->ledger && !reading->err)
		reading->err = ledger_apply(reading->ledger, event);
}

static int tell(struct reading *reading)
{
	struct playback *playback = reading->playback;
	struct task_table *table = &reading->per_task.table;
	int err = 0;

	if (reading->ledger) {
		err = ledger_tell(reading->ledger, playback->state->names, playback->facts->last_ns,
				  true, table);
		per_task_sort(&reading->per_task);
		playback->report.tasks = table;
	}
	playback->report.spans = reading->latency.spans;
	playback->report.blame = reading->latency.blame;
	return err;
}

/* 0, or -errno with `error` set. */
static int read_events(struct reading *reading, const struct options *options, struct error *error)
{
	struct playback *playback = reading->playback;
	int64_t n;

	if (options->latency)
		reading->err = latency_init(&reading->latency, playback->state->n_lanes);
	if (options->per_task) {
		reading->ledger = ledger_new();
		reading->err = reading->ledger ? reading->err : -ENOMEM;
	}
	playback->fn = take_event;
	playback->ctx = reading;
	n = reading->err ? 0 : playback_play(playback, UINT64_MAX, UINT64_MAX, error);
	playback->fn = NULL;
	playback->ctx = NULL;
	if (n < 0)
		return (int)n;
	if (!reading->err)
		reading->err = tell(reading);
	return reading->err ? error_set(error, ENOMEM, "cannot read the events: out of memory") : 0;
}

/* A file that is cut before the first counts tells nothing of the machine: no figure is known, not 0. */
static int check_counts(const struct playback *playback, struct error *error)
{
	char shown[VALUE_SHOWN];

	if (playback->counts.time_ns || *playback->facts->run.kernel)
		return 0;
	playback_tell_gaps(playback); /* which is why */
	return error_set(error, ENODATA, "%s holds no counts, so there is no table; %s",
			 value_shown(shown, playback->path),
			 playback->facts->n_events ? "export shows its events" : "record again");
}

/* Opened first: a file that cannot be read costs no other file. */
int stat_tape(const struct options *options)
{
	struct output output = { 0 };
	struct playback playback;
	struct reading reading = { .playback = &playback };
	struct error error;
	int err;

	err = playback_open(&playback, options->input, &error);
	if (!err && (options->per_task || options->latency))
		err = read_events(&reading, options, &error);
	if (!err)
		err = playback_end(&playback, &error);
	if (!err)
		err = check_counts(&playback, &error);
	if (!err)
		err = output_open(&output, options->output, options->force, 0666, &error);
	if (!err) {
		err = stat_print(options, &playback.report, output.file);
		err = output_close(&output, err, &error);
		playback_tell_gaps(&playback);
	}
	latency_fini(&reading.latency);
	ledger_free(reading.ledger);
	per_task_fini(&reading.per_task);
	playback_close(&playback);
	return output_failed(err) ? watch_complain(&error) : EXIT_OK;
}
