// SPDX-License-Identifier: GPL-2.0-only
/* stat.c - swtch stat: run to the end, print one table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/output.h"
#include "cmd/interrupt.h"
#include "cmd/playback.h"
#include "cmd/run_facts.h"
#include "cmd/watch.h"
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
	struct report report = { &run, watch->state, &watch->counts };

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

/* Opened first: a file that cannot be read costs no other file. */
static int stat_of_file(const struct options *options)
{
	struct output output = { 0 };
	struct playback playback;
	struct error error;
	int err;

	err = playback_open(&playback, options->input, &error);
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
