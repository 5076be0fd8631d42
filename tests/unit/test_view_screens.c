// SPDX-License-Identifier: GPL-2.0-only
/* test_view_screens.c - every view at three sizes, cell by cell, and in ASCII. */
#include "test_view.h"

static const struct {
	const char *name;
	unsigned n_columns, n_rows;
	bool ascii;
} sizes[] = {
	{ "80x24", 80, 24, false },
	{ "120x40", 120, 40, false },
	{ "200x60", 200, 60, false },
	{ "80x24_ascii", 80, 24, true },
};

static void check_view(unsigned view, unsigned n_cpus, const char *name)
{
	struct machine machine;
	char golden[64];

	machine_open(&machine, n_cpus, 60);
	machine_run(&machine, 4000);
	figures_tick(&machine.figures, machine.state,
		     machine.counts.time_ns + FIGURES_GLIDE_NS); /* bars have come to rest */
	machine.settings.view = view;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		machine_draw(&machine, sizes[i].n_columns, sizes[i].n_rows, sizes[i].ascii);
		screen_is_harmless(&machine.grid);
		snprintf(golden, sizeof(golden), "%s_%s", name, sizes[i].name);
		screen_is_golden(&machine, golden);
	}
	machine_close(&machine);
}

static void test_view_lanes_at_each_size_is_golden(void **unused)
{
	(void)unused;
	check_view(VIEW_LANES, 2, "lanes");
}

static void test_view_lanes_of_256_cpus_at_each_size_is_golden(void **unused)
{
	(void)unused;
	check_view(VIEW_LANES, 256, "lanes256");
}

static void test_view_events_at_each_size_is_golden(void **unused)
{
	(void)unused;
	check_view(VIEW_EVENTS, 2, "events");
}

static void test_view_claims_at_each_size_is_golden(void **unused)
{
	(void)unused;
	check_view(VIEW_CLAIMS, 2, "claims");
}

static void test_view_latency_at_each_size_is_golden(void **unused)
{
	(void)unused;
	check_view(VIEW_LATENCY, 2, "latency");
}

static void test_view_timeline_at_each_size_is_golden(void **unused)
{
	(void)unused;
	check_view(VIEW_TIMELINE, 2, "timeline");
}

static void test_view_timeline_of_256_cpus_at_each_size_is_golden(void **unused)
{
	(void)unused;
	check_view(VIEW_TIMELINE, 256, "timeline256");
}

static void test_view_help_at_each_size_is_golden(void **unused)
{
	(void)unused;
	check_view(VIEW_HELP, 2, "help");
}

/* What must be there on a small screen of a small machine, whatever the layout becomes. */
static void test_view_lanes_80x24_has_every_figure(void **unused)
{
	static const char *const wanted[] = {
		"process",	 "thread",
		"coroutine",	 "round trip/s",
		"switches/s",	 "CPU   0",
		"CPU   1",	 "other idle",
		"vol./invol.",	 "user switches",
		"wakeups/migr.", "made",
		"ran/waited",	 "wait p50/p99",
		"memory",	 "audit",
		"exact",	 "costs 4",
		"nothing lost",	 "CPU time",
		"F10Quit",	 "pairs pass a token",
		"00:04",
	};
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 4000);
	machine_draw(&machine, 80, 24, false);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (!screen_has(&machine, wanted[i]))
			fail_msg("\"%s\" is not on the screen", wanted[i]);
	machine_close(&machine);
}

/* Every size from nothing up: clipped, never out of bounds (the sanitizer watches). */
static void test_view_any_size_draws_within_bounds(void **unused)
{
	static const unsigned columns[] = { 1, 2, 3, 7, 8, 13, 29, 49, 50, 66, 79, 81, 400 };
	struct machine machine;

	(void)unused;
	machine_open(&machine, 5, 60);
	machine_run(&machine, 300);
	for (machine.settings.view = 0; machine.settings.view < N_VIEWS; machine.settings.view++)
		for (unsigned i = 0; i < sizeof(columns) / sizeof(*columns); i++)
			for (unsigned n_rows = 1; n_rows < 80; n_rows += n_rows < 30 ? 1 : 7) {
				machine.settings.overlay = n_rows % 5;
				machine.settings.claim_unfolded = n_rows & 2;
				machine.settings.claim = n_rows % N_CLAIMS;
				machine.board.running = n_rows & 4;
				machine_draw(&machine, columns[i], n_rows, n_rows & 1);
				machine_key(&machine, KEY_OF_PAGE_DOWN);
				screen_is_harmless(&machine.grid);
			}
	machine_close(&machine);
}

static void test_view_hostile_names_never_reach_a_cell(void **unused)
{
	struct machine machine;
	struct event event = { .kind = EVENT_NAME, .task = task_word(77, 1) };
	char name[TASK_NAME_LEN] = { 0 };
	unsigned byte = 1;

	(void)unused;
	machine_open(&machine, 2, 300);
	machine_run(&machine, 200);
	machine.settings.view = VIEW_EVENTS;
	while (byte < 256) {
		struct event leaves = { .kind = EVENT_SWITCH, .task = task_word(77, 1) };

		for (unsigned i = 0; i < TASK_NAME_LEN - 1; i++)
			name[i] = (char)(byte < 256 ? byte++ : 'x');
		event_set_name(&event, name);
		take_in(&event, &machine);
		take_in(&leaves, &machine);
		machine_draw(&machine, 120, 40, byte & 1);
		screen_is_harmless(&machine.grid);
	}
	machine_close(&machine);
}

/* Words of others in the frame: a job, a note, a message with anything in it. */
static void test_view_hostile_settings_never_reach_a_cell(void **unused)
{
	struct machine machine;
	struct lane_label label = { .phase = LANE_FAILED,
				    .name = "a\033[2J",
				    .note = "\x9b\x01\xff" };

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 200);
	state_start_lane(machine.state, 1, &label);
	machine.settings.job = "\033]0;title\a";
	machine.settings.shows = "\xe2\x80\xae\xf0\x9f\x98\x80";
	snprintf(machine.settings.message, sizeof(machine.settings.message), "\r\n\t\v");
	snprintf(machine.settings.filter, sizeof(machine.settings.filter), "\033");
	machine_run(&machine, 300);
	for (machine.settings.view = 0; machine.settings.view < N_VIEWS; machine.settings.view++) {
		machine_draw(&machine, 80, 24, false);
		screen_is_harmless(&machine.grid);
	}
	machine_close(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_view_lanes_at_each_size_is_golden),
		cmocka_unit_test(test_view_lanes_of_256_cpus_at_each_size_is_golden),
		cmocka_unit_test(test_view_events_at_each_size_is_golden),
		cmocka_unit_test(test_view_claims_at_each_size_is_golden),
		cmocka_unit_test(test_view_latency_at_each_size_is_golden),
		cmocka_unit_test(test_view_timeline_at_each_size_is_golden),
		cmocka_unit_test(test_view_timeline_of_256_cpus_at_each_size_is_golden),
		cmocka_unit_test(test_view_help_at_each_size_is_golden),
		cmocka_unit_test(test_view_lanes_80x24_has_every_figure),
		cmocka_unit_test(test_view_any_size_draws_within_bounds),
		cmocka_unit_test(test_view_hostile_names_never_reach_a_cell),
		cmocka_unit_test(test_view_hostile_settings_never_reach_a_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
