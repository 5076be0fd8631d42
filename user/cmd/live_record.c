// SPDX-License-Identifier: GPL-2.0-only
/* live_record.c - a recording that a key begins and ends, whatever is on the screen meanwhile. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/live.h"
#include "view/number.h"

/* No more comes, but the disk may have to take what there is. */
static void end(struct live *live)
{
	chunk_file_take_all(&live->file);
	scene_record_end(&live->scene);
	live->rec_err = recorder_err(live->recorder);
	live->rec.n_events = recorder_n_events(live->recorder) - recorder_n_lost(live->recorder);
	live->rec.n_lost = recorder_n_lost(live->recorder);
	recorder_free(live->recorder);
	live->recorder = NULL;
	live->rec_ends = true;
}

/* All is in the file, or will be when this returns: a sentence of it. */
static void close_file(struct live *live, char *message, size_t size)
{
	char bytes[NUMBER_SIZE], n_lost[NUMBER_SIZE], lost[64] = "";
	struct error error;
	uint64_t n_events;
	int err;

	live->rec_ends = false;
	err = chunk_file_close(&live->file, &error);
	n_events = live->rec.n_events - live->file.n_lost;
	if (err) {
		if (err != -EINTR &&
		    live->file.n_bytes) /* else nobody knows, or there is no file */
			snprintf(lost, sizeof(lost), "; %" PRIu64 " events are in it", n_events);
		snprintf(message, size, "%.*s%s", (int)(size - sizeof(lost)), error.text, lost);
		return;
	}
	number_bytes(bytes, live->file.n_bytes);
	if (live->rec.n_lost)
		snprintf(lost, sizeof(lost), "; %s lost, the disk was too slow",
			 number_count(n_lost, live->rec.n_lost));
	snprintf(message, size, "%s %" PRIu64 " events in %s, %s%s",
		 live->rec_err ? "no memory to go on: there are" : "recorded", n_events,
		 live->file_name, bytes, lost);
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
		chunk_file_drop(&live->file);
		live_say(live, "no memory to record");
		return;
	}
	err = recorder_head(live->recorder, chunk_file_write, &live->file);
	if (err) {
		recorder_free(live->recorder);
		live->recorder = NULL;
		chunk_file_drop(&live->file);
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
	if (live->recorder)
		end(live);
	else if (live->rec_ends)
		live_say(live, "the disk is not through with the recording before");
	else
		begin(live);
	live_record_describe(live);
}

void live_record_describe(struct live *live)
{
	char message[sizeof(live->settings.message)];

	live->settings.rec = NULL;
	if (live->recorder && (recorder_err(live->recorder) || chunk_file_err(&live->file)))
		end(live);
	if (live->rec_ends && chunk_file_is_idle(&live->file)) {
		close_file(live, message, sizeof(message));
		live_say_for_good(live, message);
	}
	if (!live->recorder)
		return;
	live->rec = (struct rec_line){ recorder_n_events(live->recorder) -
					       recorder_n_lost(live->recorder),
				       recorder_n_bytes(live->recorder),
				       recorder_n_lost(live->recorder) };
	live->settings.rec = &live->rec;
}

void live_record_end(struct live *live)
{
	char message[sizeof(live->settings.message)];

	if (live->recorder)
		end(live);
	if (!live->rec_ends)
		return;
	close_file(live, message, sizeof(message));
	fprintf(stderr, "swtch: %s\n", message);
}
