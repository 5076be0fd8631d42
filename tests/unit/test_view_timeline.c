// SPDX-License-Identifier: GPL-2.0-only
/* test_view_timeline.c - the timeline: close and far, unfolded, with a loss; its keys. */
#include "made_up_timeline.h"

static void test_timeline_of_few_events_is_golden(void **unused)
{
	struct machine machine;

	(void)unused;
	open_few(&machine);
	select_row(&machine, TIMELINE_TASK, 1, loop, 0);
	press(&machine, KEY_OF_ENTER, 1);
	timeline_seek(&machine.settings, AT(350));
	redraw(&machine);
	assert_true(screen_has(&machine, "co-2"));
	screen_is_golden(&machine, "timeline_few_80x24");
	machine_draw(&machine, COLUMNS, ROWS, true);
	screen_is_harmless(&machine.grid);
	screen_is_golden(&machine, "timeline_few_80x24_ascii");
	machine_close(&machine);
}

/* --- the made-up machine ---------------------------------------------------------------------------- */

static void test_timeline_at_single_switches_is_golden(void **unused)
{
	struct machine machine;

	(void)unused;
	open_timeline(&machine, 2, 500);
	press(&machine, KEY_OF_LEFT, 5);
	press(&machine, 'z', 14);
	press(&machine, '.', 3);
	screen_is_golden(&machine, "timeline_switches_80x24");
	machine_draw(&machine, 120, 40, false);
	screen_is_golden(&machine, "timeline_switches_120x40");
	machine_draw(&machine, COLUMNS, ROWS, true);
	screen_is_golden(&machine, "timeline_switches_80x24_ascii");
	machine_close(&machine);
}

/* Everything in one window: the events of the first seconds are gone, their shares are not. */
static void test_timeline_of_everything_is_golden(void **unused)
{
	struct machine machine;
	uint64_t from_ns;

	(void)unused;
	open_timeline(&machine, 2, 3000);
	press(&machine, KEY_OF_HOME, 1);
	press(&machine, 'Z', 9);
	from_ns = wanted(&machine).from_ns;
	assert_true(from_ns <= overview_start_ns(machine.overview));
	assert_true(wanted(&machine).to_ns > overview_end_ns(machine.overview));
	assert_true(wanted(&machine).to_ns - from_ns < 20 * NS_PER_S); /* and no further */
	assert_true(screen_has(&machine, "shares only"));
	assert_true(screen_has(&machine, "No event of this time is at hand"));
	screen_is_golden(&machine, "timeline_all_80x24");
	machine_close(&machine);
}

/* The same time, from events and from the overview: columns look alike. */
static void test_timeline_overview_shows_what_events_show(void **unused)
{
	struct machine machine;
	unsigned n = 0, n_same = 0;
	struct history *none = history_new(1);
	struct grid events;

	(void)unused;
	assert_non_null(none);
	open_timeline(&machine, 2, 400);
	machine.settings.now_ns = overview_end_ns(machine.overview);
	press(&machine, KEY_OF_RIGHT, 1); /* fold both CPUs: tasks have events alone */
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		select_row(&machine, TIMELINE_CPU, cpu, 0, 0);
		press(&machine, KEY_OF_ENTER, 1);
	}
	redraw(&machine);
	events = machine.grid;
	machine.grid = (struct grid){ 0 };
	machine.settings.timeline_events = none;
	redraw(&machine);
	for (unsigned row = FRAME_TOP + 2; row < FRAME_TOP + 4; row++)
		for (unsigned column = 19; column < COLUMNS; column++) {
			const struct cell *a = grid_at(&events, row, column);
			const struct cell *b = grid_at(&machine.grid, row, column);

			if (a->glyph == ' ' && b->glyph == ' ')
				continue;
			n++;
			n_same += a->role == b->role &&
				  (a->glyph > b->glyph ? a->glyph - b->glyph
						       : b->glyph - a->glyph) <= 1;
		}
	assert_true(n >= 38);
	assert_true(n_same + 2 >= n); /* but where a lane has hardly more than another */
	grid_fini(&events);
	history_free(none);
	machine_close(&machine);
}

static void test_timeline_a_loss_is_seen(void **unused)
{
	struct machine machine;
	bool red = false;

	(void)unused;
	open_timeline(&machine, 2, 300);
	source_synth_lose(machine.source, 1, 7);
	machine_run(&machine, 100);
	redraw(&machine);
	for (unsigned column = 19; column < COLUMNS; column++)
		for (unsigned row = 4; row < 20; row++)
			red |= grid_at(&machine.grid, row, column)->role == ROLE_ALARM &&
			       grid_at(&machine.grid, row, column)->glyph == '!';
	assert_true(red);
	machine_close(&machine);
}

/* --- keys ----------------------------------------------------------------------------------------- */

/* On the row of a CPU that it left, a task that runs on another one looks different. */
static void test_timeline_a_task_elsewhere_is_told_from_one_here(void **unused)
{
	struct machine machine;
	unsigned row = FRAME_TOP + 2, n_elsewhere = 0;

	(void)unused;
	open_few(&machine);
	send_switch(&machine, 610, 1, 0, ping, 0, 0, 10);
	send_switch(&machine, 700, 1, ping, 0, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 90, 0);
	timeline_seek(&machine.settings, AT(500));
	machine_draw(&machine, 120, 40, false);
	while (grid_at(&machine.grid, row, 4)->glyph != 'i') /* ping, below CPU 0 */
		assert_true(++row < 20);
	for (unsigned column = 23; column < 120; column++) {
		const struct cell *cell = grid_at(&machine.grid, row, column);

		n_elsewhere += cell->role == ROLE_LANE_SOFT;
	}
	assert_int_equal(n_elsewhere, 9);
	machine_close(&machine);
}

static void test_timeline_follows_until_it_is_scrolled(void **unused)
{
	struct machine machine;
	struct window_times before;

	(void)unused;
	open_timeline(&machine, 2, 2000);
	assert_true(screen_has(&machine, "newest at the right"));
	before = wanted(&machine);
	machine_run(&machine, 500);
	redraw(&machine);
	assert_true(wanted(&machine).to_ns >= before.to_ns + 400 * NS_PER_MS);
	press(&machine, KEY_OF_LEFT, 1);
	assert_true(machine.settings.timeline.scrolled);
	assert_false(screen_has(&machine, "newest at the right"));
	before = wanted(&machine);
	machine_run(&machine, 500);
	redraw(&machine);
	assert_true(wanted(&machine).to_ns == before.to_ns);
	press(&machine, KEY_OF_END, 1);
	assert_true(screen_has(&machine, "newest at the right"));
	press(&machine, '<', 1);
	assert_true(wanted(&machine).to_ns < before.to_ns);
	before = wanted(&machine);
	press(&machine, '<', 1);
	assert_true(wanted(&machine).from_ns < before.from_ns);
	press(&machine, '>', 1);
	assert_true(wanted(&machine).from_ns == before.from_ns);
	press(&machine, '>', 3); /* beyond the end it follows again */
	assert_false(machine.settings.timeline.scrolled);
	machine_close(&machine);
}

static void test_timeline_zoom_keeps_the_cursor_where_it_is(void **unused)
{
	struct machine machine;
	uint64_t cursor_ns;

	(void)unused;
	open_timeline(&machine, 2, 2000);
	press(&machine, KEY_OF_LEFT, 20);
	cursor_ns = timeline_cursor_ns(&machine.settings);
	for (unsigned i = 0; i < 40; i++) {
		struct window_times times = wanted(&machine);

		assert_true(times.from_ns <= cursor_ns && cursor_ns < times.to_ns);
		assert_true(timeline_cursor_ns(&machine.settings) == cursor_ns);
		press(&machine, i < 25 ? 'z' : 'Z', 1);
		if (i < 18)
			assert_true(wanted(&machine).to_ns - wanted(&machine).from_ns <
				    times.to_ns - times.from_ns);
	}
	machine_close(&machine);
}

/* From the first event to the last, no more than two and a half times wider; it follows as before. */
static void test_timeline_fits_all_there_is(void **unused)
{
	struct machine machine;
	struct window_times times;
	uint64_t first_ns, last_ns;

	(void)unused;
	open_timeline(&machine, 2, 5000);
	first_ns = overview_start_ns(machine.settings.overview);
	last_ns = overview_end_ns(machine.settings.overview);
	press(&machine, 'f', 1);
	times = wanted(&machine);
	assert_true(times.from_ns <= first_ns && times.to_ns > last_ns);
	assert_true(times.to_ns - times.from_ns < 3 * (last_ns - first_ns));
	assert_false(machine.settings.timeline.scrolled);
	press(&machine, KEY_OF_LEFT, 3);
	press(&machine, 'z', 9);
	assert_true(wanted(&machine).from_ns > first_ns);
	press(&machine, 'f', 1);
	times = wanted(&machine);
	assert_true(times.from_ns <= first_ns && times.to_ns > last_ns);
	assert_true(machine.settings.timeline.scrolled);
	machine_close(&machine);
}

/* Keys that find no room are left out, not those that lead away. */
static void test_timeline_bar_keeps_the_way_out(void **unused)
{
	static const struct tape_line tape = { .speed = "1x" };
	struct machine machine;

	(void)unused;
	open_timeline(&machine, 2, 100);
	assert_true(screen_has(&machine, "F10Quit"));
	machine.settings.tape = &tape;
	redraw(&machine);
	assert_true(screen_has(&machine, "@Time"));
	assert_true(screen_has(&machine, "F10Quit"));
	assert_false(screen_has(&machine, "]Faster"));
	machine_draw(&machine, 160, ROWS, false);
	assert_true(screen_has(&machine, "]Faster"));
	machine_close(&machine);
}

static void test_timeline_steps_from_event_to_event_of_a_row(void **unused)
{
	static const unsigned times[] = { 180, 200, 300, 340, 350, 450 };
	struct machine machine;

	(void)unused;
	open_few(&machine);
	timeline_seek(&machine.settings, AT(100));
	for (unsigned i = 0; i < 6; i++) {
		press(&machine, '.', 1);
		assert_int_equal(timeline_cursor_ns(&machine.settings), AT(times[i]));
	}
	press(&machine, '.', 1);
	assert_non_null(strstr(machine.settings.message, "no later event"));
	for (unsigned i = 5; i--;) {
		press(&machine, ',', 1);
		assert_int_equal(timeline_cursor_ns(&machine.settings), AT(times[i]));
	}
	select_row(&machine, TIMELINE_TASK, 0, ping, 0);
	press(&machine, '.', 2);
	assert_int_equal(timeline_cursor_ns(&machine.settings), AT(600));
	select_row(&machine, TIMELINE_COROUTINE, 1, loop, 1);
	press(&machine, ',', 2);
	assert_int_equal(timeline_cursor_ns(&machine.settings), AT(120));
	machine_close(&machine);
}

static void test_timeline_search_goes_to_the_next(void **unused)
{
	struct machine machine;

	(void)unused;
	open_few(&machine);
	machine_key(&machine, '/');
	assert_int_equal(machine.settings.view, VIEW_TIMELINE);
	redraw(&machine);
	assert_true(screen_has(&machine, "Enter goes to the next"));
	machine_type(&machine, "loop");
	press(&machine, KEY_OF_ENTER, 1);
	assert_int_equal(timeline_cursor_ns(&machine.settings), AT(110));
	assert_int_equal(machine.settings.timeline.selected.cpu, 1);
	press(&machine, 'n', 1);
	assert_int_equal(timeline_cursor_ns(&machine.settings), AT(120));
	press(&machine, 'n', 9);
	assert_non_null(strstr(machine.settings.message, "\"loop\" is in no later event"));
	machine_close(&machine);
}

static void test_timeline_rows_fold_and_keep_their_places(void **unused)
{
	struct machine machine;
	struct timeline_row selected;
	char *before, *after;

	(void)unused;
	open_timeline(&machine, 2, 2000);
	assert_true(screen_has(&machine, "more\n"));
	press(&machine, KEY_OF_DOWN, 3);
	selected = machine.settings.timeline.selected;
	assert_int_equal(selected.kind, TIMELINE_TASK);
	for (unsigned i = 0; i < 5; i++) {
		machine_run(&machine, 100);
		redraw(&machine);
		assert_memory_equal(&machine.settings.timeline.selected, &selected,
				    sizeof(selected));
		assert_int_equal(grid_at(&machine.grid, FRAME_TOP + 2 + 3, 5)->attributes, REVERSE);
	}
	press(&machine, KEY_OF_UP, 3);
	press(&machine, KEY_OF_ENTER, 1); /* CPU 0 folds, and is followed by CPU 1 */
	before = screen_text(&machine.grid, GLYPHS);
	assert_non_null(strstr(strstr(before, "CPU   0"), "\n\u25beCPU   1"));
	press(&machine, KEY_OF_ENTER, 1);
	after = screen_text(&machine.grid, GLYPHS);
	assert_null(strstr(after, "\n\u25b8CPU   0"));
	assert_non_null(strstr(after, "\u25beCPU   0"));
	free(before);
	free(after);
	machine_close(&machine);
}

static void test_timeline_of_1024_cpus_scrolls(void **unused)
{
	struct machine machine;

	(void)unused;
	open_timeline(&machine, 1024, 200);
	assert_true(screen_has(&machine, "CPU   0"));
	press(&machine, KEY_OF_PAGE_DOWN, 2);
	assert_false(screen_has(&machine, "CPU   0"));
	press(&machine, KEY_OF_PAGE_DOWN, 100);
	assert_true(screen_has(&machine, "CPU 1023"));
	press(&machine, KEY_OF_ENTER, 1);
	assert_int_equal(machine.settings.timeline.selected.cpu, 1023);
	press(&machine, KEY_OF_PAGE_UP, 200);
	assert_true(screen_has(&machine, "CPU   0"));
	machine_close(&machine);
}

/* Any keys in any order, on events whose times and tasks are anything. */
static void test_timeline_takes_any_keys_and_events(void **unused)
{
	static const char keys[] = "zzzzZ<>,.n\r";
	struct machine machine;
	uint32_t seed = 1;

	(void)unused;
	open_timeline(&machine, 3, 200);
	snprintf(machine.settings.search, sizeof(machine.settings.search), "switch");
	for (unsigned i = 0; i < 600; i++) {
		struct event event = { .time_ns = machine.counts.time_ns + i,
				       .kind = (uint8_t)(i % N_EVENT_KINDS),
				       .cpu = (uint16_t)(i % 7 ? i % 4 : CPU_UNKNOWN) };
		char32_t key;

		seed = seed * 1664525u + 1013904223u;
		event.task = seed;
		event.to.next = seed >> 3;
		event.to.ran_ns = seed << 5;
		if (i > 300)
			event.time_ns = i > 500 ? UINT64_MAX - 600 + i : (uint64_t)seed << 30;
		take_in(&event, &machine);
		key = seed % 16 < 11 ? (unsigned char)keys[seed % 11]
				     : KEY_OF_UP + (seed >> 8) % 16;
		machine_key(&machine, key == '\r' ? KEY_OF_ENTER : key);
		machine.settings.view = VIEW_TIMELINE;
		machine.settings.overlay = OVERLAY_NONE;
		machine_draw(&machine, 20 + seed % 100, 5 + seed % 40, seed & 64);
		screen_is_harmless(&machine.grid);
	}
	machine_close(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timeline_of_few_events_is_golden),
		cmocka_unit_test(test_timeline_at_single_switches_is_golden),
		cmocka_unit_test(test_timeline_of_everything_is_golden),
		cmocka_unit_test(test_timeline_overview_shows_what_events_show),
		cmocka_unit_test(test_timeline_a_loss_is_seen),
		cmocka_unit_test(test_timeline_a_task_elsewhere_is_told_from_one_here),
		cmocka_unit_test(test_timeline_follows_until_it_is_scrolled),
		cmocka_unit_test(test_timeline_zoom_keeps_the_cursor_where_it_is),
		cmocka_unit_test(test_timeline_fits_all_there_is),
		cmocka_unit_test(test_timeline_bar_keeps_the_way_out),
		cmocka_unit_test(test_timeline_steps_from_event_to_event_of_a_row),
		cmocka_unit_test(test_timeline_search_goes_to_the_next),
		cmocka_unit_test(test_timeline_rows_fold_and_keep_their_places),
		cmocka_unit_test(test_timeline_of_1024_cpus_scrolls),
		cmocka_unit_test(test_timeline_takes_any_keys_and_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
