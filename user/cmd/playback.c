// SPDX-License-Identifier: GPL-2.0-only
/* playback.c - a cursor that feeds a state. */
#include "cmd/playback.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cmd/recording_open.h"
#include "cmd/values.h"
#include "view/number.h"

int playback_open(struct playback *playback, const char *path, struct error *error)
{
	const struct tape_facts *facts;

	*playback = (struct playback){ .path = path, .tape = recording_open(path, error) };
	if (!playback->tape)
		return -EIO;
	facts = playback->facts = tape_facts(playback->tape);
	playback->start_ns = tape_start_ns(playback->tape, &facts->run);
	playback->cursor = cursor_new(playback->tape);
	playback->state = state_new(facts->n_cpus, facts->n_lanes);
	if (!playback->cursor || !playback->state ||
	    counts_init(&playback->counts, facts->n_cpus, facts->n_lanes))
		return error_set(error, ENOMEM, "cannot read the recording: out of memory");
	playback->report = (struct report){ .run = &facts->run,
					    .state = playback->state,
					    .counts = &playback->counts };
	return 0;
}

void playback_close(struct playback *playback)
{
	counts_fini(&playback->counts);
	state_free(playback->state);
	cursor_free(playback->cursor);
	tape_free(playback->tape);
}

static void take_event(const struct event *event, void *ctx)
{
	struct playback *playback = ctx;

	if (playback->fn)
		playback->fn(event, playback->ctx);
	else
		state_apply(playback->state, event, NULL);
}

static void take_counts(const struct counts *counts, void *ctx)
{
	struct playback *playback = ctx;

	counts_copy(&playback->counts, counts);
	state_measure(playback->state, counts);
}

static void take_lane(unsigned lane, const struct lane_label *label, bool starts, void *ctx)
{
	struct playback *playback = ctx;

	if (starts)
		state_start_lane(playback->state, lane, label);
	else
		playback->state->lanes[lane].label = *label;
}

static void take_name(uint32_t word, const char *name, void *ctx)
{
	struct playback *playback = ctx;
	struct event event = { .kind = EVENT_NAME, .task = word };

	event_set_name(&event, name);
	names_apply(playback->state->names, &event);
}

int64_t playback_play(struct playback *playback, uint64_t until_ns, uint64_t n_max,
		      struct error *error)
{
	const struct tape_visitor visitor = { .event = take_event,
					      .counts = take_counts,
					      .lane = take_lane,
					      .name = take_name,
					      .ctx = playback };
	int64_t n = cursor_play(playback->cursor, until_ns, n_max, &visitor);
	char shown[VALUE_SHOWN];

	if (n < 0)
		return error_set(error, (int)-n, "cannot read %s: %s",
				 value_shown(shown, playback->path), strerror((int)-n));
	return n;
}

/* The last block knows all counts of before. */
int playback_end(struct playback *playback, struct error *error)
{
	int64_t n;

	playback->fn = NULL;
	if (cursor_at_end(playback->cursor))
		return 0;
	cursor_seek(playback->cursor, playback->facts->last_ns);
	n = playback_play(playback, UINT64_MAX, UINT64_MAX, error);
	return n < 0 ? (int)n : 0;
}

void playback_tell_gaps(const struct playback *playback)
{
	const struct tape_facts *facts = playback->facts;
	uint64_t n_lost = playback->counts.self.lost_events;
	char shown[VALUE_SHOWN], number[NUMBER_SIZE];

	value_shown(shown, playback->path);
	if (facts->n_cut_bytes)
		fprintf(stderr,
			"swtch: %s is cut: its last %s are of a block that is not whole; all before "
			"is there\n",
			shown, number_bytes(number, facts->n_cut_bytes));
	else if (!facts->run.has_ended)
		fprintf(stderr,
			"swtch: %s was not ended: the recorder was killed or could not write, and what "
			"came last is missing\n",
			shown);
	if (facts->n_broken)
		fprintf(stderr,
			"swtch: %s is damaged: %" PRIu64 " of %" PRIu64
			" blocks cannot be read, and their events are missing\n",
			shown, facts->n_broken, facts->n_blocks);
	if (n_lost)
		fprintf(stderr,
			"swtch: %s lacks %" PRIu64
			" events, which came too fast when it was made; its counts are exact\n",
			shown, n_lost);
}
