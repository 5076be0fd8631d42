// SPDX-License-Identifier: GPL-2.0-only
/* test_view_keys.c - keys change what is seen: views, prompts, scrolling, filter, search. */
#include "test_view.h"

static void open_events(struct machine *machine)
{
	machine_open(machine, 2, 60);
	machine_run(machine, 500);
	machine_draw(machine, 100, 30, false);
	machine_key(machine, '2');
	machine_draw(machine, 100, 30, false);
}

static void test_keys_no_key_stands_twice_in_the_table(void **unused)
{
	(void)unused;
	for (const struct key_row *row = key_table; row->command; row++)
		for (unsigned i = 0; i < 5 && row->keys[i]; i++)
			assert_int_equal(key_command(row->keys[i]), row->command);
}

static void test_keys_views_change_and_help_goes_back(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 200);
	machine_draw(&machine, 80, 24, false);
	machine_key(&machine, KEY_OF_F0 + 1);
	assert_int_equal(machine.settings.view, VIEW_HELP);
	machine_key(&machine, '?');
	assert_int_equal(machine.settings.view, VIEW_LANES);
	machine_key(&machine, KEY_OF_TAB);
	assert_int_equal(machine.settings.view, VIEW_EVENTS);
	machine_key(&machine, KEY_OF_BACKTAB);
	machine_key(&machine, KEY_OF_BACKTAB);
	assert_int_equal(machine.settings.view, VIEW_HELP);
	machine_key(&machine, '2');
	assert_int_equal(machine.settings.view, VIEW_EVENTS);
	machine_key(&machine, '?');
	machine_key(&machine, KEY_OF_DOWN);
	machine_key(&machine, KEY_OF_ESCAPE);
	assert_int_equal(machine.settings.view, VIEW_EVENTS);
	machine_key(&machine, '4');
	machine_key(&machine, '5');
	assert_int_equal(machine.settings.view, VIEW_TIMELINE); /* there is no command */
	machine_key(&machine, KEY_OF_F0 + 1);
	machine_key(&machine, '?');
	assert_int_equal(machine.settings.view, VIEW_TIMELINE);
	machine_key(&machine, '2');
	assert_int_equal(machine_key(&machine, 'q'), DO_QUIT);
	assert_int_equal(machine_key(&machine, ' '), DO_PAUSE);
	assert_int_equal(machine_key(&machine, 0x10fffe), DO_NOTHING);
	machine_close(&machine);
}

static void test_keys_help_names_every_key(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 200);
	machine.settings.view = VIEW_HELP;
	machine_draw(&machine, 160, 240, false);
	for (const struct key_row *row = key_table; row->command; row++)
		assert_true(!row->says || screen_has(&machine, row->says));
	machine_draw(&machine, 80, 24, false);
	machine_key(&machine, KEY_OF_END);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "what happened, one line an event"));
	machine_close(&machine);
}

/* Once scrolled, rows stay where they are though events keep coming. */
static void test_events_scrolled_rows_do_not_move(void **unused)
{
	struct machine machine;
	char *before, *after;

	(void)unused;
	open_events(&machine);
	machine_key(&machine, KEY_OF_PAGE_UP);
	machine_key(&machine, KEY_OF_UP);
	machine_draw(&machine, 100, 30, false);
	before = screen_text(&machine.grid, GLYPHS);
	machine_run(&machine, 100);
	machine_draw(&machine, 100, 30, false);
	after = screen_text(&machine.grid, GLYPHS);
	/* Below title, sentence and head. */
	assert_string_equal(strstr(strstr(before, "End follows"), "\n"),
			    strstr(strstr(after, "End follows"), "\n"));
	machine_key(&machine, KEY_OF_END);
	assert_true(machine.settings.bottom == FOLLOW);
	machine_draw(&machine, 100, 30, false);
	assert_true(screen_has(&machine, "newest at the end"));
	free(before);
	free(after);
	machine_close(&machine);
}

/* However fast events come: what is looked at stays, and the head says that it is no more. */
static void test_events_that_left_the_history_stay_seen(void **unused)
{
	struct machine machine;
	char *before, *after;

	(void)unused;
	open_events(&machine);
	machine_key(&machine, KEY_OF_UP);
	machine_draw(&machine, 100, 30, false);
	before = screen_text(&machine.grid, GLYPHS);
	machine_run(&machine, 3000);
	machine_draw(&machine, 100, 30, false);
	assert_true(history_first(machine.history) > machine.settings.bottom);
	after = screen_text(&machine.grid, GLYPHS);
	assert_true(screen_has(&machine, "the history has let these go"));
	assert_string_equal(strstr(strstr(before, "End follows"), "\n"),
			    strstr(strstr(after, "End follows"), "\n"));
	free(before);
	free(after);
	machine_key(&machine, KEY_OF_HOME); /* the oldest that is still there */
	assert_true(machine.settings.bottom >= history_first(machine.history));
	machine_draw(&machine, 100, 30, false);
	assert_true(screen_has(&machine, " newer, End follows"));
	machine_close(&machine);
}

static void test_events_scrolling_down_to_the_end_follows_again(void **unused)
{
	struct machine machine;

	(void)unused;
	open_events(&machine);
	machine_key(&machine, KEY_OF_UP);
	assert_true(machine.settings.bottom != FOLLOW);
	machine_key(&machine, KEY_OF_DOWN);
	assert_true(machine.settings.bottom == FOLLOW);
	machine_key(&machine, KEY_OF_HOME);
	assert_true(machine.settings.bottom != FOLLOW);
	machine_close(&machine);
}

static void test_events_filter_shows_only_what_has_the_text(void **unused)
{
	struct machine machine;
	size_t n;

	(void)unused;
	open_events(&machine);
	n = event_list_n(machine.events);
	machine_key(&machine, '\\');
	machine_type(&machine, "MIGRx");
	machine_key(&machine, KEY_OF_BACKSPACE);
	machine_key(&machine, KEY_OF_ENTER);
	assert_string_equal(machine.settings.filter, "MIGR");
	machine_draw(&machine, 100, 30, false);
	assert_true(event_list_n(machine.events) > 0 && event_list_n(machine.events) < n);
	for (size_t i = 0; i < event_list_n(machine.events); i++)
		assert_int_equal(event_list_at(machine.events, i)->kind, EVENT_MIGRATE);
	assert_true(screen_has(&machine, "filter: MIGR"));
	machine_run(&machine, 500); /* what comes later is filtered too, and the old goes */
	for (size_t i = 0; i < event_list_n(machine.events); i++)
		assert_int_equal(event_list_at(machine.events, i)->kind, EVENT_MIGRATE);
	machine_key(&machine, KEY_OF_ESCAPE);
	machine_draw(&machine, 100, 30, false);
	assert_true(event_list_n(machine.events) > 4000);
	machine_close(&machine);
}

/* Everything that can be read on a line can be asked for, in its short form too. */
static void test_events_filter_finds_what_only_the_line_has(void **unused)
{
	static const char *const texts[] = { "co-1", "VOLUNTARY", "vol S", "wakes ", "waited " };
	struct machine machine;
	struct event resume = { .kind = EVENT_RESUME,
				.task = task_word(4190, 3),
				.coroutine = { .id = 1, .lane = 3 } };

	(void)unused;
	open_events(&machine);
	resume.time_ns = machine.counts.time_ns;
	take_in(&resume, &machine);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		machine_key(&machine, KEY_OF_F0 + 4);
		machine_type(&machine, texts[i]);
		machine_key(&machine, KEY_OF_ENTER);
		machine_draw(&machine, 100, 30, false);
		if (!event_list_n(machine.events))
			fail_msg("no line has \"%s\"", texts[i]);
		if (!i)
			assert_true(screen_has(&machine, " resume  coroutine co-1 in "));
	}
	machine_close(&machine);
}

static void test_events_names_of_strangers_are_not_listed(void **unused)
{
	struct machine machine;
	struct event name = { .kind = EVENT_NAME, .task = task_word(99, 0) };

	(void)unused;
	open_events(&machine);
	event_set_name(&name, "stranger");
	take_in(&name, &machine);
	machine_draw(&machine, 100, 30, false);
	assert_false(screen_has(&machine, "stranger"));
	name.task = task_word(99, 1);
	take_in(&name, &machine);
	machine_draw(&machine, 100, 30, false);
	assert_true(screen_has(&machine, "stranger"));
	machine_close(&machine);
}

static void test_prompt_opens_empty_and_can_be_cleared(void **unused)
{
	struct machine machine;

	(void)unused;
	open_events(&machine);
	machine_key(&machine, '\\');
	machine_type(&machine, "migrate");
	machine_key(&machine, KEY_OF_ENTER);
	snprintf(machine.settings.message, sizeof(machine.settings.message), "old news");
	machine_key(&machine, '\\');
	assert_string_equal(machine.settings.prompt, "");
	assert_string_equal(machine.settings.message, "");
	machine_type(&machine, "pong");
	machine_key(&machine, 'U' & 0x1f);
	assert_string_equal(machine.settings.prompt, "");
	machine_key(&machine, KEY_OF_ENTER);
	assert_string_equal(machine.settings.filter, "");
	machine_close(&machine);
}

/* How the run ended is no message that Escape would have to take back first, nor hides an event. */
static void test_events_of_an_ended_run_are_all_seen(void **unused)
{
	struct machine machine;

	(void)unused;
	open_events(&machine);
	machine.settings.outcome = "done";
	snprintf(machine.settings.filter, sizeof(machine.settings.filter), "migrate");
	machine_draw(&machine, 100, 30, false);
	assert_true(screen_has(&machine, "\n done"));
	assert_int_equal(grid_at(&machine.grid, 27, 1)->role,
			 ROLE_DIM); /* the newest event's time */
	machine_key(&machine, KEY_OF_ESCAPE);
	assert_string_equal(machine.settings.filter, "");
	machine_close(&machine);
}

static void test_events_filter_without_a_match_says_what_to_press(void **unused)
{
	struct machine machine;

	(void)unused;
	open_events(&machine);
	machine_key(&machine, KEY_OF_F0 + 4);
	machine_type(&machine, "no such name");
	machine_key(&machine, KEY_OF_ENTER);
	machine_draw(&machine, 100, 30, false);
	assert_true(screen_has(&machine, "No event has that text"));
	machine_close(&machine);
}

static void test_events_search_goes_up_and_marks(void **unused)
{
	struct machine machine;
	uint64_t found;
	bool marked = false;

	(void)unused;
	open_events(&machine);
	machine_key(&machine, '/');
	machine_type(&machine, "migrate");
	machine_key(&machine, KEY_OF_ENTER);
	found = machine.settings.bottom;
	assert_true(found != FOLLOW);
	machine_draw(&machine, 100, 30, false);
	for (unsigned column = 0; column < 100; column++)
		marked |= grid_at(&machine.grid, 28, column)->role == ROLE_MATCH;
	assert_true(marked);
	machine_key(&machine, 'n');
	assert_true(machine.settings.bottom < found);
	machine_key(&machine, '/');
	machine_type(&machine, "zzz");
	machine_key(&machine, KEY_OF_ENTER);
	assert_non_null(strstr(machine.settings.message, "is in no event above"));
	machine_close(&machine);
}

static void test_prompt_of_tasks_takes_digits_only(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 200);
	machine_key(&machine, '#');
	assert_int_equal(machine.settings.overlay, OVERLAY_TASKS);
	assert_string_equal(machine.settings.prompt, "");
	machine_type(&machine, "4q-2");
	assert_string_equal(machine.settings.prompt, "42");
	assert_int_equal(machine_key(&machine, KEY_OF_ENTER), DO_TASKS);
	assert_int_equal(machine.settings.overlay, OVERLAY_NONE);
	machine_close(&machine);
}

static void test_prompt_takes_utf8_and_rubs_out_whole_characters(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_key(&machine, '/');
	machine_key(&machine, U'\u044f');
	machine_key(&machine, U'\u20ac');
	assert_string_equal(machine.settings.prompt, "\xd1\x8f\xe2\x82\xac");
	machine_key(&machine, KEY_OF_BACKSPACE);
	assert_string_equal(machine.settings.prompt, "\xd1\x8f");
	machine_key(&machine, KEY_OF_BACKSPACE);
	machine_key(&machine, KEY_OF_BACKSPACE);
	for (unsigned i = 0; i < 3 * PROMPT_BYTES; i++)
		machine_key(&machine, U'\u20ac');
	assert_true(strlen(machine.settings.prompt) < PROMPT_BYTES);
	machine_close(&machine);
}

static void test_chooser_starts_the_chosen_job(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 200);
	assert_int_equal(machine_key(&machine, 'j'), DO_NOTHING);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "each counts and yields"));
	machine_key(&machine, KEY_OF_DOWN);
	machine_key(&machine, KEY_OF_DOWN);
	machine_key(&machine, KEY_OF_DOWN);
	machine_key(&machine, KEY_OF_UP);
	assert_int_equal(machine_key(&machine, KEY_OF_ENTER), DO_JOB);
	assert_int_equal(machine.settings.choice, 1);
	machine_key(&machine, KEY_OF_F0 + 2);
	assert_int_equal(machine_key(&machine, KEY_OF_ESCAPE), DO_NOTHING);
	assert_int_equal(machine.settings.overlay, OVERLAY_NONE);
	machine_close(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_no_key_stands_twice_in_the_table),
		cmocka_unit_test(test_keys_views_change_and_help_goes_back),
		cmocka_unit_test(test_keys_help_names_every_key),
		cmocka_unit_test(test_events_scrolled_rows_do_not_move),
		cmocka_unit_test(test_events_that_left_the_history_stay_seen),
		cmocka_unit_test(test_events_scrolling_down_to_the_end_follows_again),
		cmocka_unit_test(test_events_filter_shows_only_what_has_the_text),
		cmocka_unit_test(test_events_filter_finds_what_only_the_line_has),
		cmocka_unit_test(test_events_names_of_strangers_are_not_listed),
		cmocka_unit_test(test_prompt_opens_empty_and_can_be_cleared),
		cmocka_unit_test(test_events_of_an_ended_run_are_all_seen),
		cmocka_unit_test(test_events_filter_without_a_match_says_what_to_press),
		cmocka_unit_test(test_events_search_goes_up_and_marks),
		cmocka_unit_test(test_prompt_of_tasks_takes_digits_only),
		cmocka_unit_test(test_prompt_takes_utf8_and_rubs_out_whole_characters),
		cmocka_unit_test(test_chooser_starts_the_chosen_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
