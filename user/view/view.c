// SPDX-License-Identifier: GPL-2.0-only
/* view.c - the table of views, and the keys that mean the same in all of them. */
#include "view/view.h"

#include <stdio.h>
#include <string.h>

const struct view views[] = {
	[VIEW_LANES] = { "lanes", "each model and CPU: how often it switched, and what that cost",
			 NULL, lanes_draw, lanes_key },
	[VIEW_EVENTS] = { "events", "what happened, one line an event", NULL, events_draw,
			  events_key },
	[VIEW_CLAIMS] = { "claims", "what the lecture says, and whether it holds on this machine",
			  claims_are_there, claims_draw, claims_key },
	[VIEW_TIMELINE] = { "timeline", "who had each CPU, task by task and switch by switch", NULL,
			    timeline_draw, timeline_key },
	[VIEW_TASKS] = { "tasks",
			 "each process and thread: how it spends its time, and why it leaves",
			 tasks_are_there, tasks_draw, tasks_key },
	[VIEW_LATENCY] = { "latency",
			   "how long tasks run, wait and are away, for what, and who wakes whom",
			   NULL, latency_draw, latency_key },
	[VIEW_OUTPUT] = { "output", "what the command writes; it has a terminal of its own",
			  output_is_there, output_draw, output_key },
	[VIEW_HELP] = { "help", "keys, and what each figure means", NULL, help_draw, help_key },
	[N_VIEWS] = { 0 },
};

_Static_assert((int)N_LANE_HUES == (int)N_LANE_ROLES, "a role for each hue");

enum role lane_role(const struct state *state, unsigned lane)
{
	return ROLE_LANE + lane_hue(&state->lanes[lane].label, lane);
}

enum role lane_role_soft(const struct state *state, unsigned lane)
{
	return lane_role(state, lane) - ROLE_LANE + ROLE_LANE_SOFT;
}

void view_draw(const struct state *state, const struct settings *settings, struct grid *grid)
{
	grid_clear(grid);
	views[settings->view].draw(state, settings, grid);
	frame_draw(state, settings, grid);
	overlay_draw(settings, grid);
}

static void open_overlay(struct settings *settings, enum overlay overlay)
{
	settings->overlay = overlay;
	settings->prompt[0] = '\0';
	settings->message[0] = '\0';
}

static void open_jobs(struct settings *settings)
{
	open_overlay(settings, OVERLAY_JOBS);
	settings->choice = 0;
	for (unsigned i = 0; i < settings->n_jobs; i++)
		if (settings->job && !strcmp(settings->jobs[i].name, settings->job))
			settings->choice = i;
}

/* Escape takes back one thing at a time: what was typed last first. False: there is none. */
static bool take_back(struct settings *settings)
{
	if (settings->message[0])
		settings->message[0] = '\0';
	else if (settings->search[0])
		settings->search[0] = '\0';
	else if (settings->filter[0])
		settings->filter[0] = '\0';
	else if (settings->view == VIEW_HELP)
		settings->view = settings->before_help;
	else if (settings->view == VIEW_CLAIMS)
		return false;
	return true;
}

/* The one behind or before it that there is. */
static unsigned next_view(const struct settings *settings, unsigned by)
{
	unsigned view = settings->view;

	do
		view = (view + by) % N_VIEWS;
	while (!view_is_there(settings, view));
	return view;
}

static bool common_key(const struct state *state, struct settings *settings, enum command command)
{
	switch (command) {
	case DO_HELP:
		settings->view = settings->view == VIEW_HELP ? settings->before_help : VIEW_HELP;
		settings->top_help = 0;
		return true;
	case DO_NEXT_VIEW:
		settings->view = next_view(settings, 1);
		return true;
	case DO_PREVIOUS_VIEW:
		settings->view = next_view(settings, N_VIEWS - 1);
		return true;
	case DO_VIEW_1:
	case DO_VIEW_2:
	case DO_VIEW_3:
	case DO_VIEW_4:
	case DO_VIEW_5:
	case DO_VIEW_6:
	case DO_VIEW_7:
	case DO_VIEW_8:
		if (command - DO_VIEW_1 < N_VIEWS && view_is_there(settings, command - DO_VIEW_1))
			settings->view = command - DO_VIEW_1;
		return true;
	case DO_SEARCH:
		if (settings->view != VIEW_TIMELINE && settings->view != VIEW_TASKS)
			settings->view = VIEW_EVENTS;
		open_overlay(settings, OVERLAY_SEARCH);
		return true;
	case DO_FILTER:
		if (settings->view != VIEW_TASKS)
			settings->view = VIEW_EVENTS;
		open_overlay(settings, OVERLAY_FILTER);
		return true;
	case DO_SEARCH_AGAIN:
		if (settings->view == VIEW_TASKS) {
			tasks_search(state, settings);
			return true;
		}
		if (settings->tape)
			return false;
		if (settings->view == VIEW_TIMELINE) {
			timeline_search(state, settings);
			return true;
		}
		settings->view = VIEW_EVENTS;
		events_search(state, settings, false);
		return true;
	case DO_CLEAR:
		return take_back(settings);
	case DO_JUDGE: /* what ends all that runs is not done unseen */
		if (settings->view == VIEW_CLAIMS)
			return false;
		settings->view = VIEW_CLAIMS;
		return true;
	case DO_CHOOSE:
		return settings->view != VIEW_CLAIMS;
	case DO_JUMP:
		if (settings->tape)
			open_overlay(settings, OVERLAY_JUMP);
		return settings->tape != NULL;
	case DO_JOB:
		if (settings->tape)
			return false;
		open_jobs(settings);
		return true;
	case DO_TASKS:
		if (settings->tape)
			return false;
		open_overlay(settings, OVERLAY_TASKS);
		return true;
	case DO_ZOOM_IN:
	case DO_ZOOM_OUT:
	case DO_PAN_LEFT:
	case DO_PAN_RIGHT:
	case DO_FLIP:
	case DO_TREE:
	case DO_GO_ALONG:
		return true; /* nothing but in the timeline, or among tasks */
	case DO_EVENT_BEFORE:
	case DO_EVENT_AFTER:
		return !settings->tape; /* likewise, unless a recording is played */
	default:
		return false;
	}
}

enum command view_key(const struct state *state, struct settings *settings, char32_t key)
{
	enum command command = DO_NOTHING;

	if (settings->view != VIEW_HELP)
		settings->before_help = settings->view;
	if (settings->overlay && overlay_key(state, settings, key, &command))
		return command;
	command = key_command(key);
	if (views[settings->view].key(state, settings, command) ||
	    common_key(state, settings, command))
		return DO_NOTHING;
	return command;
}
