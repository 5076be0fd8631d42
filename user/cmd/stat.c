// SPDX-License-Identifier: GPL-2.0-only
/* stat.c - swtch stat: run to the end, print one table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/output.h"
#include "cmd/interrupt.h"
#include "cmd/watch.h"
#include "sink/report.h"

#define TICK_MS 200 /* between looks at what runs; ends are noticed at once */

/* The command line as one line of text, escaped. */
static void join_command(char *const *command, char *text, size_t size)
{
	size_t length = 0;

	for (unsigned i = 0; command[i] && length + 2 < size; i++) {
		if (i)
			text[length++] = ' ';
		length += escape_name(text + length, size - length, command[i]);
	}
	text[length] = '\0';
}

static unsigned tasks_of(const struct run *run)
{
	return run->wish.n_tasks ? run->wish.n_tasks : run->job->n_tasks;
}

static int print(const struct watch *watch, FILE *out)
{
	const struct options *options = watch->options;
	bool is_command = options->command != NULL;
	char says[256];
	struct utsname kernel;
	struct report report = { .kind = is_command ? "command" : "job",
				 .job = is_command ? "" : watch->run.job->name,
				 .says = is_command ? says : watch->run.job->says,
				 .mode = watch->run.together ? "together" : "in-turn",
				 .n_tasks = tasks_of(&watch->run),
				 .wall_ns = clock_now_ns() - watch->started_ns,
				 .state = watch->state,
				 .counts = &watch->counts };

	uname(&kernel);
	report.kernel = kernel.release;
	if (is_command)
		join_command(options->command, says, sizeof(says));
	for (unsigned lane = 1; lane <= SESSION_N_LANES; lane++)
		report.lane_wall_ns[lane] = session_wall_ns(watch->session, lane);
	if (options->json)
		return report_json(&report, out);
	if (options->csv)
		return report_csv(&report, out);
	return report_text(&report, out,
			   isatty(fileno(out)) && !options->no_color && !getenv("NO_COLOR"));
}

/* Every lane failed before its first task: the reason is all that there is to say. */
static bool nothing_ran(const struct watch *watch)
{
	for (unsigned lane = 1; lane <= SESSION_N_LANES; lane++)
		if (session_wall_ns(watch->session, lane))
			return false;
	return session_failure(watch->session);
}

int cmd_stat(const struct options *options)
{
	struct output output = { 0 };
	struct error error;
	struct watch watch;
	int status = EXIT_FAILED, err;

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
			err = print(&watch, watch_destination(options, &output));
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
