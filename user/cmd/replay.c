// SPDX-License-Identifier: GPL-2.0-only
/* replay.c - swtch replay: the live view of a recording. */
#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "cmd/live.h"
#include "cmd/recording_open.h"

int cmd_replay(const struct options *options)
{
	struct error error = { "" };
	struct live live = { 0 };
	struct tape *tape = NULL;
	int err = 0;

	if (!options->args[0]) {
		fputs("swtch: replay needs a recording: swtch replay FILE\n", stderr);
		return EXIT_USAGE;
	}
	tape = recording_open(options->args[0], &error);
	if (!tape)
		err = -EIO; /* the sentence is written */
	if (!err)
		err = terminal_check(&error);
	if (err == -ENOTTY)
		error_set(&error, ENOTTY,
			  "replay needs a terminal on stdin and stdout (try swtch stat -i or swtch "
			  "export)");
	if (!err) {
		err = live_open(&live, options, tape, clock_now_ns(), &error);
		tape = NULL;
	}
	if (!err)
		err = live_run(&live, &error);
	live_close(&live);
	tape_free(tape);
	if (!err)
		return EXIT_OK;
	fprintf(stderr, "swtch: %s\n", error.text);
	return EXIT_FAILED;
}
