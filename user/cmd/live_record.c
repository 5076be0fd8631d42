// SPDX-License-Identifier: GPL-2.0-only
/* live_record.c - a recording that a key begins and ends, whatever is on the screen meanwhile. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/live.h"
#include "view/number.h"

/* What is there, and a sentence of it; false: it could not be written to its end. */
static bool end(struct live *live, char *message, size_t size)
{
	uint64_t n_events;
	char bytes[NUMBER_SIZE];
	struct error error;
	int err;

	scene_record_end(&live->scene);
	err = recorder_err(live->recorder);
	n_events = recorder_n_events(live->recorder) - recorder_n_lost(live->recorder);
	recorder_free(live->recorder);
	live->recorder = NULL;
	number_bytes(bytes, live->file.n_bytes);
	if (chunk_file_close(&live->file, &error)) {
		snprintf(message, size, "%s", error.text);
		return false;
	}
	snprintf(message, size, "%s %" PRIu64 " events in %s, %s",
		 err ? "no memory to go on: there are" : "recorded", n_events, live->file_name,
		 bytes);
	return !err;
}

static void begin(struct live *live)
{
	struct error error;
	char message[128];
	int err;

	live_file_name(live->file_name, sizeof(live->file_name), ".pftrace");
	err = chunk_file_open(&live->file, live->file_name, false, &error);
	if (err) {
		live_say(live, error.text);
		return;
	}
	live->recorder = recorder_new(live->scene.state, chunk_file_write, &live->file);
	if (!live->recorder) {
		chunk_file_close(&live->file, &error);
		live_say(live, "no memory to record");
		return;
	}
	err = recorder_head(live->recorder, chunk_file_write, &live->file);
	if (err) {
		recorder_free(live->recorder);
		live->recorder = NULL;
		if (!chunk_file_close(&live->file, &error))
			error_set(&error, -err, "cannot record: %s", strerror(-err));
		live_say(live, error.text);
		return;
	}
	scene_record(&live->scene, live->recorder);
	snprintf(message, sizeof(message), "recording into %s; W ends that", live->file_name);
	live_say(live, message);
}

void live_record_turn(struct live *live)
{
	char message[sizeof(live->settings.message)];

	if (live->recorder) {
		end(live, message, sizeof(message));
		live_say(live, message);
	} else {
		begin(live);
	}
}

void live_record_describe(struct live *live)
{
	live->settings.rec = NULL;
	if (!live->recorder)
		return;
	if (recorder_err(live->recorder)) {
		live_record_turn(live);
		return;
	}
	live->rec = (struct rec_line){ recorder_n_events(live->recorder),
				       recorder_n_bytes(live->recorder) };
	live->settings.rec = &live->rec;
}

void live_record_end(struct live *live)
{
	char message[sizeof(live->settings.message)];

	if (!live->recorder)
		return;
	end(live, message, sizeof(message));
	fprintf(stderr, "swtch: %s\n", message);
}
