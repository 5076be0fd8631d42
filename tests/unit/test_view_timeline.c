// SPDX-License-Identifier: GPL-2.0-only
/* test_view_timeline.c - the timeline: close and far, unfolded, with a loss; its keys and its words. */
#include "test_view.h"

#define COLUMNS 80
#define ROWS	24

static void open_timeline(struct machine *machine, unsigned n_cpus, unsigned ms)
{
	machine_open(machine, n_cpus, 60);
	machine_run(machine, ms);
	machine->settings.view = VIEW_TIMELINE;
	machine_draw(machine, COLUMNS, ROWS, false);
}

static void redraw(struct machine *machine)
{
	machine_draw(machine, COLUMNS, ROWS, false);
}

static void press(struct machine *machine, char32_t key, unsigned n)
{
	while (n--) {
		machine_key(machine, key);
		redraw(machine);
	}
}

static struct window_times {
	uint64_t from_ns, to_ns;
} wanted(const struct machine *machine)
{
	struct window_times times;

	timeline_wanted(&machine->settings, &times.from_ns, &times.to_ns);
	return times;
}

/* --- a machine of few events, whose answers are known --------------------------------------------- */

#define AT(us) (NS_PER_S + (us)*NS_PER_US)

static const uint32_t ping = 100u | 1u << TASK_PID_BITS, pong = 101u | 1u << TASK_PID_BITS;
static const uint32_t loop = 102u | 3u << TASK_PID_BITS;

static void send(struct machine *machine, uint64_t us, unsigned cpu, struct event event)
{
	event.time_ns = AT(us);
	event.cpu = (uint16_t)cpu;
	take_in(&event, machine);
}

static void send_name(struct machine *machine, uint32_t task, const char *name)
{
	struct event event = { .time_ns = AT(0), .kind = EVENT_NAME, .task = task };

	event_set_name(&event, name);
	take_in(&event, machine);
}

static void send_switch(struct machine *machine, uint64_t us, unsigned cpu, uint32_t left,
			uint32_t came, unsigned state, uint32_t ran_us, uint32_t waited_us)
{
	send(machine, us, cpu,
	     (struct event){ .kind = EVENT_SWITCH,
			     .task = left,
			     .state = (uint8_t)state,
			     .to = { came, ran_us * 1000, waited_us * 1000 } });
}

static void send_waking(struct machine *machine, uint64_t us, unsigned cpu, uint32_t waker,
			uint32_t wakee)
{
	send(machine, us, cpu,
	     (struct event){ .kind = EVENT_WAKING, .task = waker, .wake = { wakee, cpu, 0 } });
}

static void send_mark(struct machine *machine, uint64_t us, unsigned kind, uint32_t id)
{
	send(machine, us, 1,
	     (struct event){ .kind = (uint8_t)kind, .task = loop, .coroutine = { id, 3, 0 } });
}

/*
 * CPU 0: ping wakes pong and sleeps, pong is preempted by a stranger, comes back, sleeps deeply.
 * CPU 1: a loop with two coroutines, of which the second is made, resumed and suspended; then a loss.
 */
static void open_few(struct machine *machine)
{
	machine_open(machine, 2, 60);
	send_name(machine, ping, "ping");
	send_name(machine, pong, "pong");
	send_name(machine, loop, "loop");
	send_switch(machine, 100, 0, 0, ping, 0, 0, 0);
	send_switch(machine, 110, 1, 0, loop, 0, 0, 0);
	send_mark(machine, 120, EVENT_RESUME, 1);
	send_mark(machine, 150, EVENT_SUSPEND, 1);
	send_mark(machine, 160, EVENT_CREATE, 2);
	send_mark(machine, 170, EVENT_RESUME, 2);
	send_waking(machine, 180, 0, ping, pong);
	send_switch(machine, 200, 0, ping, pong, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 100, 20);
	send_mark(machine, 220, EVENT_SUSPEND, 2);
	send_switch(machine, 300, 0, pong, 7, LEAVE_RUNNABLE, 100, 0);
	send_switch(machine, 340, 0, 7, pong, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 0, 40);
	send(machine, 350, 0,
	     (struct event){ .kind = EVENT_CLONE, .task = pong, .made = { ping + 9, 0, 0 } });
	send(machine, 400, 1, (struct event){ .kind = EVENT_LOST, .lost = { .n = 5 } });
	send_switch(machine, 450, 0, pong, 0, LEAVE_BLOCKED | LEAVE_VOLUNTARY, 110, 0);
	send_switch(machine, 500, 1, loop, 0, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 60, 0);
	send_waking(machine, 600, 1, 0, ping);
	machine->settings.view = VIEW_TIMELINE;
	machine->settings.timeline.zoom = 1 + 12; /* 10 us a column */
	redraw(machine);
}

static void select_row(struct machine *machine, unsigned kind, unsigned cpu, uint32_t task,
		       uint32_t coroutine)
{
	machine->settings.timeline.selected = (struct timeline_row){
		.kind = (uint8_t)kind, .cpu = (uint16_t)cpu, .task = task, .coroutine = coroutine
	};
}

/* The words below the rows, on one line, are these. */
static void words_are(struct machine *machine, uint64_t us, const char *words)
{
	char *text, *line;
	char all[4096] = "";

	timeline_seek(&machine->settings, AT(us));
	machine_draw(machine, 200, 60, false);
	text = screen_text(&machine->grid, GLYPHS);
	line = strstr(text, "\u2500 at 0.");
	assert_non_null(line);
	line = strchr(line, '\n');
	for (unsigned i = 0; i < 4; i++) {
		char *end = strchr(line + 1, '\n');

		strncat(all, line + 1, (size_t)(end - line - 1));
		line = end;
	}
	if (strcmp(all, words) != 0)
		fail_msg("at %u us: \"%s\"\nis not \"%s\"", (unsigned)us, all, words);
	free(text);
}

static void test_timeline_words_tell_who_ran_and_why(void **unused)
{
	struct machine machine;

	(void)unused;
	open_few(&machine);
	words_are(
		&machine, 50,
		" CPU 0: nobody knows who ran before the first switch that is at hand. The next to "
		"be told of begins at 0.000100000.");
	words_are(
		&machine, 105,
		" CPU 0: ping:100 (process) ran for 100.0us, from 0.000100000 to 0.000200000. Before, the "
		"CPU was idle. It left voluntarily (S: sleeps) for pong:101.");
	words_are(
		&machine, 200,
		" CPU 0: pong:101 (process) ran for 100.0us, from 0.000200000 to 0.000300000. Before, "
		"ping:100 left voluntarily (S: sleeps) after 100.0us. It was woken by ping:100 on CPU 0, "
		"20.0us before, and it waited 20.0us. It left involuntarily (R: still wants to run) for "
		"?:7.");
	words_are(
		&machine, 310,
		" CPU 0: ?:7 ran for 40.0us, from 0.000300000 to 0.000340000. Before, pong:101 left "
		"involuntarily (R: still wants to run) after 100.0us. It left voluntarily (S: sleeps) for "
		"pong:101.");
	words_are(
		&machine, 350,
		" Here: clone, pong:101 makes process pong:109 (0). CPU 0: pong:101 (process) ran for "
		"110.0us, from 0.000340000 to 0.000450000. Before, ?:7 left voluntarily (S: sleeps). It "
		"had lost CPU 0 40.0us before, and it waited 40.0us. It left voluntarily (D: sleeps "
		"deeply), and the CPU became idle.");
	words_are(
		&machine, 500,
		" CPU 0: idle since 0.000450000, for 50.0us so far. Before, pong:101 left voluntarily (D: "
		"sleeps deeply) after 110.0us.");
	machine_close(&machine);
}

static void test_timeline_words_tell_of_a_loss(void **unused)
{
	struct machine machine;

	(void)unused;
	open_few(&machine);
	select_row(&machine, TIMELINE_CPU, 1, 0, 0);
	words_are(
		&machine, 410,
		" CPU 1: nobody knows who ran, as 5 events were lost at 0.000400000. The next to be told "
		"of begins at 0.000440000.");
	words_are(
		&machine, 450,
		" CPU 1: loop:102 (coroutine) ran for 60.0us, from 0.000440000 to 0.000500000. It left "
		"voluntarily (S: sleeps), and the CPU became idle.");
	machine_close(&machine);
}

/* It is woken before it has left, and comes to another CPU; then once more, of which nothing tells. */
static void test_timeline_words_tell_who_woke_a_task_that_still_ran(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 60);
	send_name(&machine, ping, "ping");
	send_name(&machine, pong, "pong");
	send_switch(&machine, 100, 0, 0, pong, 0, 0, 0);
	send_switch(&machine, 110, 1, 0, ping, 0, 0, 0);
	send_waking(&machine, 200, 1, ping, pong);
	send_switch(&machine, 202, 0, pong, 0, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 102, 0);
	send_switch(&machine, 206, 1, ping, pong, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 96, 6);
	send_switch(&machine, 208, 1, pong, 0, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 2, 0);
	send_switch(&machine, 210, 1, 0, pong, 0, 0, 1);
	machine.settings.view = VIEW_TIMELINE;
	machine.settings.timeline.zoom = 1 + 9; /* 1 us a column */
	redraw(&machine);
	select_row(&machine, TIMELINE_CPU, 1, 0, 0);
	words_are(
		&machine, 207,
		" CPU 1: pong:101 (process) ran for 2.0us, from 0.000206000 to 0.000208000. Before, "
		"ping:100 left voluntarily (S: sleeps) after 96.0us. It was woken by ping:100 on CPU 1, "
		"6.0us before, and it waited 6.0us. It left voluntarily (S: sleeps), and the CPU became "
		"idle.");
	words_are(
		&machine, 210,
		" CPU 1: pong:101 (process) runs since 0.000210000, for 0ns so far. Before, the CPU was idle. "
		"Who woke it is not at hand, and it waited 1.0us.");
	machine_close(&machine);
}

static void test_timeline_words_tell_what_a_task_does(void **unused)
{
	struct machine machine;

	(void)unused;
	open_few(&machine);
	select_row(&machine, TIMELINE_TASK, 0, pong, 0);
	words_are(
		&machine, 110,
		" pong:101 (process): no event of this time or before tells what it does. It is woken by ping:100 "
		"70.0us after this, at 0.000180000.");
	words_are(
		&machine, 190,
		" pong:101 (process) waits for a CPU, since 0.000180000: it was woken by ping:100 on CPU "
		"0. It comes to CPU 0 10.0us after this, at 0.000200000.");
	words_are(
		&machine, 320,
		" pong:101 (process) waits for a CPU, since 0.000300000: it left CPU 0 involuntarily (R: "
		"still wants to run) after 100.0us. It comes to CPU 0 20.0us after this, at 0.000340000.");
	words_are(
		&machine, 430,
		" CPU 0: pong:101 (process) ran for 110.0us, from 0.000340000 to 0.000450000. Before, ?:7 "
		"left voluntarily (S: sleeps). It had lost CPU 0 40.0us before, and it waited 40.0us. It left "
		"voluntarily (D: sleeps deeply), and the CPU became idle.");
	select_row(&machine, TIMELINE_TASK, 0, ping, 0);
	words_are(
		&machine, 350,
		" ping:100 (process) is off the CPUs, since 0.000200000: it left CPU 0 voluntarily (S: "
		"sleeps) after 100.0us.");
	words_are(
		&machine, 410,
		" ping:100 (process): nobody knows, as events were lost. It is woken by the idle task "
		"190.0us after this, at 0.000600000.");
	machine_close(&machine);
}

static void test_timeline_words_tell_of_a_coroutine(void **unused)
{
	struct machine machine;

	(void)unused;
	open_few(&machine);
	select_row(&machine, TIMELINE_TASK, 1, loop, 0);
	machine.settings.timeline.selected.folds = true;
	press(&machine, KEY_OF_ENTER, 1);
	select_row(&machine, TIMELINE_COROUTINE, 1, loop, 2);
	words_are(
		&machine, 165,
		" co-2 in loop:102 (coroutine) was made, and not resumed yet, since 0.000160000. It is "
		"resumed 5.0us after this, at 0.000170000.");
	words_are(&machine, 200,
		  " co-2 in loop:102 (coroutine) runs since 0.000170000. It is suspended "
		  "20.0us after this, at 0.000220000.");
	words_are(&machine, 300, " co-2 in loop:102 (coroutine) is suspended since 0.000220000.");
	machine_close(&machine);
}

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
		cmocka_unit_test(test_timeline_words_tell_who_ran_and_why),
		cmocka_unit_test(test_timeline_words_tell_of_a_loss),
		cmocka_unit_test(test_timeline_words_tell_who_woke_a_task_that_still_ran),
		cmocka_unit_test(test_timeline_words_tell_what_a_task_does),
		cmocka_unit_test(test_timeline_words_tell_of_a_coroutine),
		cmocka_unit_test(test_timeline_of_few_events_is_golden),
		cmocka_unit_test(test_timeline_at_single_switches_is_golden),
		cmocka_unit_test(test_timeline_of_everything_is_golden),
		cmocka_unit_test(test_timeline_overview_shows_what_events_show),
		cmocka_unit_test(test_timeline_a_loss_is_seen),
		cmocka_unit_test(test_timeline_a_task_elsewhere_is_told_from_one_here),
		cmocka_unit_test(test_timeline_follows_until_it_is_scrolled),
		cmocka_unit_test(test_timeline_zoom_keeps_the_cursor_where_it_is),
		cmocka_unit_test(test_timeline_steps_from_event_to_event_of_a_row),
		cmocka_unit_test(test_timeline_search_goes_to_the_next),
		cmocka_unit_test(test_timeline_rows_fold_and_keep_their_places),
		cmocka_unit_test(test_timeline_of_1024_cpus_scrolls),
		cmocka_unit_test(test_timeline_takes_any_keys_and_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
