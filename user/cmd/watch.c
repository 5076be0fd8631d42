// SPDX-License-Identifier: GPL-2.0-only
/* watch.c - one run from its start to its exit status. */
#include "cmd/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/interrupt.h"

#define PROGRESS_NS (200 * NS_PER_MS)

int watch_complain(const struct error *error)
{
	fprintf(stderr, "swtch: %s\n", error->text);
	return EXIT_FAILED;
}

int watch_open(struct watch *watch, const struct options *options, struct error *error)
{
	struct source *source;

	*watch = (struct watch){ .options = options };
	watch->session = session_open(options, error);
	if (!watch->session)
		return -EIO;
	source = session_source(watch->session);
	watch->state = state_new(source->n_cpus, source->n_lanes);
	if (!watch->state || counts_init(&watch->counts, source->n_cpus, source->n_lanes))
		return error_set(error, ENOMEM, "cannot keep the state: out of memory");
	session_run_from_options(options, &watch->run);
	watch->started_ns = clock_now_ns();
	return 0;
}

void watch_close(struct watch *watch)
{
	session_free(watch->session);
	state_free(watch->state);
	counts_fini(&watch->counts);
}

static void measure(struct watch *watch)
{
	struct source *source = session_source(watch->session);

	if (!source->counts(source, &watch->counts))
		state_measure(watch->state, &watch->counts);
}

FILE *watch_destination(const struct options *options, const struct output *output)
{
	return options->command && !options->output ? stderr : output->file;
}

/* One line on a terminal's stderr, written over itself. */
static void progress(struct watch *watch, uint64_t now_ns)
{
	fprintf(stderr, "\r\033[K%.1f s", (double)(now_ns - watch->started_ns) / NS_PER_S);
	for (unsigned i = 1; i < watch->state->n_lanes; i++) {
		const struct lane_state *lane = &watch->state->lanes[i];

		if (lane->label.phase == LANE_RUNNING)
			fprintf(stderr, "  %s: %" PRIu64 " switches", lane->label.name,
				(uint64_t)(lane->total.voluntary + lane->total.involuntary));
	}
	fflush(stderr);
}

int watch_run(struct watch *watch, int tick_ms, bool (*each)(struct watch *watch, void *ctx),
	      void *ctx, struct error *error)
{
	bool show = isatty(STDERR_FILENO) && !watch->options->quiet && !watch->options->command &&
		    !watch->options->log && !each;
	uint64_t duration_ns = watch->options->duration_ns, shown_ns = 0, now;
	int err;

	interrupt_watch();
	err = session_start(watch->session, watch->state, &watch->run, error);
	if (err)
		return err;
	while (session_step(watch->session, watch->state, tick_ms)) {
		now = clock_now_ns();
		bool go_on = !each || each(watch, ctx);

		if (show && now - shown_ns >= PROGRESS_NS) {
			measure(watch);
			progress(watch, now);
			shown_ns = now;
		}
		watch->interrupted = interrupt_seen() != 0;
		if (!go_on || watch->interrupted ||
		    (duration_ns && now - watch->started_ns >= duration_ns)) {
			session_stop(watch->session);
			break;
		}
	}
	if (shown_ns)
		fputs("\r\033[K", stderr);
	measure(watch);
	return 0;
}

int watch_exit_status(const struct watch *watch)
{
	const char *failure = session_failure(watch->session);
	int status = session_command_status(watch->session);

	if (failure) {
		fprintf(stderr, "swtch: %s\n", failure);
		return EXIT_FAILED;
	}
	return status >= 0 ? status : EXIT_OK;
}
