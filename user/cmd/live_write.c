// SPDX-License-Identifier: GPL-2.0-only
/* live_write.c - the last events into a file, through the text sink. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/output.h"
#include "cmd/live.h"
#include "sink/sink.h"
#include "view/event_list.h"

void live_file_name(char *name, size_t size, const char *ending)
{
	time_t now = time(NULL);
	struct tm local;
	size_t n;

	localtime_r(&now, &local);
	n = strftime(name, size, "swtch-%Y%m%d-%H%M%S", &local);
	snprintf(name + n, size - n, "%s", ending);
}

/*
 * Names are taken as they were before the oldest event, and change as events are printed; n_written
 * leaves out those of tasks in no lane.
 */
static int write_events(FILE *file, const struct history *history, const struct state *state,
			uint64_t start_ns, size_t *n_written)
{
	struct names *names = names_copy(history_names(history));
	struct sink_context context = { .names = names,
					.lanes = state->lanes,
					.n_lanes = state->n_lanes,
					.start_ns = start_ns };
	struct sink *sink = names ? sink_find("text")->make(file, &context) : NULL;
	struct delta delta = { 0 };
	int err = -ENOMEM;

	for (size_t i = 0; sink && i < history_n(history); i++) {
		const struct event *event = history_at(history, i);

		names_apply(names, event);
		if (!event_is_news(event))
			continue;
		sink->event(sink, event, &delta);
		++*n_written;
	}
	if (sink) {
		err = sink_finish(sink);
		sink_free(sink);
	}
	names_free(names);
	return err;
}

int live_write(const struct history *history, const struct state *state, uint64_t start_ns,
	       bool is_read, char *message, size_t size)
{
	char name[64];
	struct output output = { 0 };
	struct error error = { "" };
	size_t n = 0;
	int err;

	if (!history_n(history)) {
		snprintf(message, size, "%s",
			 is_read ? "no events to write yet"
				 : "nothing was recorded while flat out; 2 shows events");
		return -ENODATA;
	}
	live_file_name(name, sizeof(name), ".log");
	err = output_open(&output, name, false, 0600, &error);
	if (!err) {
		err = write_events(output.file, history, state, start_ns, &n);
		err = output_close(&output, err, &error);
	}
	if (err)
		snprintf(message, size, "%s", error.text);
	else
		snprintf(message, size, "wrote %zu events to %s", n, name);
	return err;
}
