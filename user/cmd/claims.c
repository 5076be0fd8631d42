// SPDX-License-Identifier: GPL-2.0-only
/* claims.c - swtch claims: judge what the lecture says, and print how it came out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/claims_print.h"
#include "cmd/claims_run.h"
#include "base/interrupt.h"
#include "cmd/values.h"
#include "cmd/watch.h"
#include "view/number.h"

#define TICK_MS	    200
#define BAR_COLUMNS 20

static int refuse_id(const char *id)
{
	char shown[VALUE_SHOWN];

	fprintf(stderr, "swtch: no claim is called %s; there are",
		*id ? value_shown(shown, id) : "\"\"");
	for (unsigned i = 0; i < N_CLAIMS; i++)
		fprintf(stderr, " %s", claims[i].id);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

/* Those that were named; all where none was. 0 or EXIT_USAGE. */
static int read_ids(char *const *ids, bool wanted[N_CLAIMS])
{
	for (unsigned i = 0; i < N_CLAIMS; i++)
		wanted[i] = !*ids;
	for (; *ids; ids++) {
		int number = claim_find(*ids);

		if (number < 0)
			return refuse_id(*ids);
		wanted[number] = true;
	}
	return 0;
}

/* One line on a terminal's stderr, written over itself. */
static void progress(const struct claim_board *board)
{
	unsigned n = (unsigned)(board->share * BAR_COLUMNS);
	char left[NUMBER_SIZE];

	fputs("\r\033[K[", stderr);
	for (unsigned i = 0; i < BAR_COLUMNS; i++)
		fputc(i < n ? '#' : '.', stderr);
	fprintf(stderr, "] round %u of %u  %-3s %s left", board->round, board->n_rounds,
		board->claim < 0 ? "" : claims[board->claim].id,
		number_clock(left, board->left_ns));
	fflush(stderr);
}

static void judge(struct claims_run *run, const bool wanted[N_CLAIMS], bool show)
{
	const struct claim_board *board = claims_run_board(run);
	uint64_t shown_ns = 0, now_ns;

	claims_run_start(run, wanted);
	while (claims_run_step(run, TICK_MS) && !interrupt_seen()) {
		now_ns = clock_now_ns();
		if (show && now_ns - shown_ns >= TICK_MS * NS_PER_MS) {
			progress(board);
			shown_ns = now_ns;
		}
	}
	claims_run_stop(run);
	if (shown_ns)
		fputs("\r\033[K", stderr);
}

static int print(const struct options *options, const struct claim_board *board, FILE *out)
{
	bool colour = isatty(fileno(out)) && !options->no_color && !getenv("NO_COLOR");
	struct utsname kernel;
	char title[128];

	if (options->json)
		return claims_print_json(board, out);
	uname(&kernel);
	snprintf(title, sizeof(title), "What the lecture says, judged by Linux %.40s on %ld CPUs.",
		 kernel.release, sysconf(_SC_NPROCESSORS_ONLN));
	return claims_print_text(board, title, out, colour);
}

/* Why there is not one figure. */
static int complain_of_nothing(const struct claim_board *board)
{
	const char *why = "no experiment ended";

	for (unsigned i = 0; i < N_CLAIMS; i++)
		if (*board->results[i].note) {
			why = board->results[i].note;
			break;
		}
	fprintf(stderr, "swtch: nothing could be measured: %s\n", why);
	return EXIT_FAILED;
}

/* Print what there is, and say what is to be said of it. */
static int tell(const struct options *options, const struct claims_run *run, struct output *output)
{
	const struct claim_board *board = claims_run_board(run);
	struct error error;
	int status = EXIT_OK, err;

	if (!claims_run_measured(run) && !interrupt_seen()) {
		output_close(output, -ECANCELED, NULL);
		return complain_of_nothing(board);
	}
	err = print(options, board, output->file);
	if (interrupt_seen()) {
		fputs("swtch: interrupted: judged from what was measured until then\n", stderr);
		status = 128 + interrupt_seen();
	}
	return output_failed(output_close(output, err, &error)) ? watch_complain(&error) : status;
}

int cmd_claims(const struct options *options)
{
	struct output output = { 0 };
	struct claims_run *run = NULL;
	bool wanted[N_CLAIMS];
	struct error error;
	struct watch watch;
	int status, err;

	if (read_ids(options->args, wanted))
		return EXIT_USAGE;
	err = watch_open(&watch, options, &error);
	if (!err) /* the invoking user opens it: by now this is all we are */
		err = output_open(&output, options->output, options->force, 0666, &error);
	if (!err) {
		run = claims_run_new(watch.session, watch.state, &watch.counts);
		err = run ? 0 : error_set(&error, ENOMEM, "cannot judge: out of memory");
	}
	if (err) {
		status = watch_complain(&error);
		output_close(&output, err, NULL);
	} else {
		interrupt_watch();
		judge(run, wanted, isatty(STDERR_FILENO) && !options->quiet);
		status = tell(options, run, &output);
	}
	claims_run_free(run);
	watch_close(&watch);
	return status;
}
