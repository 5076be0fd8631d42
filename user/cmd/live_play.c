// SPDX-License-Identifier: GPL-2.0-only
/* live_play.c - a recording on the screen: its keys, and where it is in words. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/live.h"
#include "cmd/values.h"
#include "view/number.h"

#define SEARCH_NS      (10 * NS_PER_MS) /* of a frame */
#define LENGTH_STEP_NS (NS_PER_S / 10)	/* how exactly a recording's length is told */

static void complain(struct live *live, int err)
{
	char message[128];

	snprintf(message, sizeof(message), "cannot read the recording: %s", strerror(-err));
	live_say(live, message);
}

/* --- where it is ----------------------------------------------------------------------------------- */

/* Seconds since the run began, as events' lines have them; before that with a minus. */
static void put_time(char *out, size_t size, const struct scene *scene, uint64_t time_ns,
		     int digits)
{
	bool before = time_ns < scene->start_ns;
	uint64_t ns = before ? scene->start_ns - time_ns : time_ns - scene->start_ns;

	for (int i = digits; i < 9; i++)
		ns -= ns % (uint64_t[]){ 1000000000, 100000000, 10000000, 1000000, 100000,
					 10000,	     1000,	100,	  10 }[i];
	snprintf(out, size, "%s%.*f", before ? "-" : "", digits, (double)ns / NS_PER_S);
}

static void put_missing(const struct live *live, char *note, size_t size)
{
	const struct tape_facts *facts = tape_facts(live->scene.tape);
	uint64_t n_lost = live->scene.state->self.lost_events;
	char number[NUMBER_SIZE];
	size_t n = 0;

	*note = '\0';
	if (live->window && live->settings.view == VIEW_TIMELINE &&
	    tape_window_surveyed(live->window) < 1) {
		snprintf(note, size, "reading on: %.0f%%",
			 100 * tape_window_surveyed(live->window));
		return;
	}
	if (facts->n_cut_bytes)
		n += (size_t)snprintf(note, size, "cut: its last %s are no whole block",
				      number_bytes(number, facts->n_cut_bytes));
	else if (!facts->run.has_ended)
		n += (size_t)snprintf(note, size, "cut: its last second may be missing");
	if (facts->n_broken && n < size)
		n += (size_t)snprintf(note + n, size - n, "%s%s broken", n ? ", " : "",
				      number_count(number, facts->n_broken));
	if (n_lost && n < size)
		snprintf(note + n, size - n, "%s%s events lost", n ? ", " : "",
			 number_count(number, n_lost));
}

void live_play_describe(struct live *live)
{
	const struct scene *scene = &live->scene;
	const struct run_facts *run = &scene->facts;
	struct settings *settings = &live->settings;
	char at[24], length[24];
	uint64_t last_ns;
	bool playing = deck_is_playing(scene->deck);

	put_time(at, sizeof(at), scene, deck_position_ns(scene->deck),
		 playing && !deck_is_slow(scene->deck) ? 3 : 6);
	last_ns = tape_facts(scene->tape)->last_ns;
	if (last_ns < scene->start_ns + NS_PER_S)
		put_time(length, sizeof(length), scene, last_ns, 6);
	else /* rounded up: nothing is beyond it */
		put_time(length, sizeof(length), scene, last_ns + LENGTH_STEP_NS - 1, 1);
	snprintf(live->tape.where, sizeof(live->tape.where), "%s/%s s", at, length);
	live->tape.speed = playing ? deck_speed(scene->deck) : NULL;
	put_missing(live, live->tape.note, sizeof(live->tape.note));
	settings->tape = &live->tape;
	if (deck_at_end(scene->deck) && !live->has_told_end)
		live_say(live, "the end of the recording: Space plays it again, q quits");
	live->has_told_end = deck_at_end(scene->deck);
	settings->job = *run->job ? run->job : run->kind;
	settings->says = run->says;
	settings->shows = *run->shows ? run->shows : run->says;
	settings->together = !strcmp(run->mode, "together");
	settings->n_tasks = run->n_tasks;
	settings->rate_hz = run->rate_hz;
	settings->start_ns = scene->start_ns;
	settings->elapsed_ns = deck_position_ns(scene->deck) - scene->start_ns;
}

/* --- the timeline ------------------------------------------------------------------------------------ */

bool live_play_survey(struct live *live)
{
	return live->window && live->settings.view == VIEW_TIMELINE &&
	       tape_window_survey(live->window);
}

int live_play_show_time(struct live *live)
{
	struct settings *settings = &live->settings;
	uint64_t from_ns, to_ns;
	int err;

	if (settings->view != VIEW_TIMELINE)
		return 0;
	if (!live->window)
		live->window = tape_window_new(live->scene.tape);
	if (!live->window)
		return -ENOMEM;
	settings->overview = tape_window_overview(live->window);
	settings->until_ns = settings->now_ns;
	settings->last_ns = tape_facts(live->scene.tape)->last_ns;
	if (!settings->timeline.scrolled) /* what is newest is where it is */
		return 0;
	settings->now_ns = settings->last_ns;
	timeline_wanted(settings, &from_ns, &to_ns);
	err = tape_window_fill(live->window, from_ns, to_ns, live->scene.state->names);
	settings->timeline_events = tape_window_events(live->window);
	settings->until_ns = tape_window_until_ns(live->window);
	return err;
}

/* --- going there ------------------------------------------------------------------------------------ */

/* Another picture, all at once: nothing glides to it. */
static void arrive(struct live *live)
{
	live->has_told_end = false;
	figures_restart(&live->figures, 0);
	live->settings.bottom = FOLLOW;
	timeline_restart(&live->settings);
}

static void go(struct live *live, const struct deck_place *place)
{
	int err = deck_jump(live->scene.deck, place, clock_now_ns());

	if (err)
		complain(live, err);
	arrive(live);
	if (!err && live->settings.view == VIEW_TIMELINE) /* the cursor shows where that is */
		timeline_seek(&live->settings, deck_position_ns(live->scene.deck));
}

static int read_share(const struct scene *scene, const char *text, uint64_t *time_ns)
{
	const struct tape_facts *facts = tape_facts(scene->tape);
	char *end;
	double share = strtod(text, &end) / 100;

	if (end == text || strcmp(end, "%") != 0 || !(share >= 0 && share <= 1))
		return -EINVAL;
	*time_ns = facts->first_ns + (uint64_t)(share * (double)(facts->last_ns - facts->first_ns));
	return 0;
}

/* A share of the recording, or a time as the events' lines have it. */
static int read_time(const struct scene *scene, const char *text, uint64_t *time_ns,
		     struct error *error)
{
	bool before = *text == '-';
	uint64_t ns;
	int err;

	if (strchr(text, '%'))
		return read_share(scene, text, time_ns)
			       ? error_set(error, EINVAL, "a share is 0%% to 100%%")
			       : 0;
	err = value_time("the time", text + before, 0, INT64_MAX, &ns, error);
	if (err)
		return err;
	if (before)
		*time_ns = ns < scene->start_ns ? scene->start_ns - ns : 0;
	else
		*time_ns = scene->start_ns + ns;
	return 0;
}

static void jump(struct live *live)
{
	struct deck_place place = { .nth = DECK_ALL };
	struct error error;

	if (read_time(&live->scene, live->settings.prompt, &place.time_ns, &error))
		live_say(live, error.text);
	else
		go(live, &place);
}

static void step(struct live *live, bool on)
{
	int n = on ? deck_next(live->scene.deck) : deck_back(live->scene.deck);

	arrive(live);
	if (n < 0)
		complain(live, n);
	else if (!n)
		live_say(live, on ? "that was the last event" : "that was the first event");
}

static void turn(struct live *live)
{
	struct deck *deck = live->scene.deck;
	bool anew = deck_at_end(deck);
	int err = 0;

	if (deck_is_playing(deck))
		deck_pause(deck);
	else
		err = deck_play(deck, clock_now_ns());
	if (err)
		complain(live, err);
	if (anew) {
		live_say(live, "");
		arrive(live);
	}
}

static void change_speed(struct live *live, int by)
{
	char message[64];

	deck_change_speed(live->scene.deck, by, clock_now_ns());
	if (deck_is_playing(live->scene.deck))
		return;
	snprintf(message, sizeof(message), "%s once it plays", deck_speed(live->scene.deck));
	live_say(live, message);
}

/* --- looking for a text ------------------------------------------------------------------------------- */

static void search(struct live *live)
{
	struct deck_place from = deck_place(live->scene.deck);

	if (!live->settings.search[0]) {
		live_say(live, "nothing to search for: press / and type");
		return;
	}
	deck_pause(live->scene.deck);
	tape_search_free(live->search);
	live->search = tape_search_new(live->scene.tape, live->settings.search, &from);
	if (!live->search)
		live_say(live, "no memory to search");
}

static void end_search(struct live *live, const char *message)
{
	tape_search_free(live->search);
	live->search = NULL;
	live_say(live, message);
}

static void tell_search(struct live *live, uint64_t at_ns)
{
	const struct tape_facts *facts = tape_facts(live->scene.tape);
	char message[sizeof(live->settings.search) + 64];
	uint64_t gone_ns = at_ns > facts->first_ns ? at_ns - facts->first_ns : 0;

	snprintf(message, sizeof(message), "looking for \"%s\": %.0f%%; Esc stops",
		 live->settings.search,
		 100.0 * (double)gone_ns / (double)(facts->last_ns - facts->first_ns + 1));
	live_say(live, message);
}

void live_play_search(struct live *live)
{
	uint64_t until_ns = clock_now_ns() + SEARCH_NS;
	char message[sizeof(live->settings.search) + 64];
	struct deck_place place;
	int found = SEARCH_GOES_ON;

	if (!live->search)
		return;
	while (found == SEARCH_GOES_ON && clock_now_ns() < until_ns)
		found = tape_search_step(live->search);
	place = tape_search_place(live->search);
	if (found == SEARCH_GOES_ON) {
		tell_search(live, place.time_ns);
	} else if (found == SEARCH_FOUND) {
		end_search(live, "");
		go(live, &place);
	} else if (found == SEARCH_NOT_FOUND) {
		snprintf(message, sizeof(message), "\"%s\" is in no event from here on",
			 live->settings.search);
		end_search(live, message);
	} else {
		end_search(live, "");
		complain(live, found);
	}
}

/* --- keys --------------------------------------------------------------------------------------------- */

static void write_log(struct live *live)
{
	char message[sizeof(live->settings.message)];

	live_write(live->scene.history, live->scene.state, live->scene.start_ns, true, message,
		   sizeof(message));
	live_say(live, message);
}

void live_play_act(struct live *live, enum command command)
{
	switch (command) {
	case DO_QUIT:
		live->quit = true;
		break;
	case DO_PAUSE:
		turn(live);
		break;
	case DO_SLOWER:
	case DO_FASTER:
		change_speed(live, command == DO_FASTER ? 1 : -1);
		break;
	case DO_EVENT_BEFORE:
	case DO_EVENT_AFTER:
		step(live, command == DO_EVENT_AFTER);
		break;
	case DO_JUMP:
		jump(live);
		break;
	case DO_SEARCH:
	case DO_SEARCH_AGAIN:
		search(live);
		break;
	case DO_CLEAR:
		if (live->search)
			end_search(live, "stopped looking");
		break;
	case DO_WRITE:
		write_log(live);
		break;
	case DO_RECORD:
		live_say(live, "this is a recording already");
		break;
	case DO_JOB:
	case DO_TASKS:
	case DO_MORE_TASKS:
	case DO_FEWER_TASKS:
	case DO_TURNS:
	case DO_RATE:
	case DO_RESTART:
	case DO_JUDGE:
	case DO_CHOOSE:
		live_say(live, "a recording is played: what ran then cannot be changed");
		break;
	default:
		break;
	}
}
