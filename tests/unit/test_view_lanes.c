// SPDX-License-Identifier: GPL-2.0-only
/* test_view_lanes.c - what the first screen says in the states that a run goes through. */
#include "test_view.h"

static void test_lanes_more_cpus_than_rows_scroll(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 256, 60);
	machine_run(&machine, 500);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "CPU   0"));
	assert_false(screen_has(&machine, "CPU 255"));
	machine_key(&machine, KEY_OF_DOWN);
	machine_draw(&machine, 80, 24, false);
	assert_false(screen_has(&machine, "CPU   0"));
	assert_true(screen_has(&machine, "CPU   1"));
	machine_key(&machine, KEY_OF_END);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "CPU 255"));
	machine_key(&machine, KEY_OF_PAGE_DOWN);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "CPU 255"));
	machine_key(&machine, KEY_OF_HOME);
	machine_key(&machine, KEY_OF_UP);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "CPU   0"));
	/* A larger screen later must not leave a gap at the end. */
	machine_key(&machine, KEY_OF_END);
	machine_draw(&machine, 120, 300, false);
	assert_true(screen_has(&machine, "CPU   0"));
	assert_true(screen_has(&machine, "CPU 255"));
	machine_close(&machine);
}

static void test_lanes_unknown_figures_are_a_dash(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 300);
	machine.counts.work[1].memory.task_bytes = COUNT_UNKNOWN;
	machine.counts.work[1].memory.pss_bytes = COUNT_UNKNOWN;
	machine.counts.time_ns += NS_PER_S;
	state_measure(machine.state, &machine.counts);
	figures_tick(&machine.figures, machine.state, machine.counts.time_ns);
	machine_draw(&machine, 120, 40, false);
	assert_true(screen_has(&machine, " memory: each  \u2502       -       - "));
	machine_close(&machine);
}

static bool has_alarm(const struct machine *machine)
{
	for (size_t i = 0; i < (size_t)machine->grid.n_rows * machine->grid.n_columns; i++)
		if (machine->grid.cells[i].role == ROLE_ALARM)
			return true;
	return false;
}

static void test_lanes_losses_and_failed_audits_are_alarms(void **unused)
{
	struct machine machine;
	bool alarm = false;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 300);
	machine_draw(&machine, 80, 24, false);
	for (size_t i = 0; i < 80 * 24; i++)
		assert_int_not_equal(machine.grid.cells[i].role, ROLE_ALARM);
	source_synth_lose(machine.source, 1, 1234);
	machine_run(&machine, 500);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "1.23k events lost"));
	for (size_t i = 0; i < 80 * 24; i++)
		alarm |= machine.grid.cells[i].role == ROLE_ALARM;
	assert_true(alarm);

	counts_cell(&machine.counts, 0, 2)->audited += 3;
	counts_cell(&machine.counts, 0, 2)->exact += 1;
	machine.counts.time_ns += NS_PER_S;
	state_measure(machine.state, &machine.counts);
	figures_tick(&machine.figures, machine.state, machine.counts.time_ns);
	machine_draw(&machine, 80, 24, false);
	for (unsigned column = 0; column < 80; column++)
		if (grid_at(&machine.grid, 21, column)->role == ROLE_ALARM)
			alarm = false;
	assert_false(alarm);
	machine_close(&machine);
}

static void test_lanes_phases_are_told_in_words(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine.state->lanes[1].label.phase = LANE_ENDED;
	machine.state->lanes[2].label.phase = LANE_WAITING;
	machine_run(&machine, 300);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "process ended"));
	assert_true(screen_has(&machine, "waits its turn"));
	machine.state->lanes[3].label.phase = LANE_FAILED;
	snprintf(machine.state->lanes[3].label.note, 160, "no memory for stacks");
	machine_run(&machine, 300);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "coroutine failed"));
	assert_true(screen_has(&machine, "coroutine failed: no memory for stacks"));
	machine_close(&machine);
}

/* Numbers hold for a quarter of a second, bars do not. */
static void test_lanes_numbers_hold_while_bars_move(void **unused)
{
	struct machine machine;
	double number, bar;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 1000);
	number = figures_cell(&machine.figures, 0, 1)->number;
	bar = figures_cell(&machine.figures, 0, 1)->bar;
	machine_run(&machine, 100);
	assert_true(number == figures_cell(&machine.figures, 0, 1)->number);
	assert_true(bar != figures_cell(&machine.figures, 0, 1)->bar);
	machine_run(&machine, 300);
	assert_true(number != figures_cell(&machine.figures, 0, 1)->number);
	machine_close(&machine);
}

/* What stands beside a number is that number, and what is written as 0 has no bar. */
static void test_lanes_bars_come_to_rest_at_the_numbers(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 4, 60);
	machine_run(&machine, 2000);
	for (unsigned i = 0; i < 50; i++) {
		machine_run(&machine, 100);
		figures_tick(&machine.figures, machine.state,
			     machine.figures.held_ns + FIGURES_GLIDE_NS);
		for (unsigned cell = 0; cell < 4 * machine.figures.n_lanes; cell++) {
			const struct figure *figure = &machine.figures.cells[cell];

			if (cell % machine.figures.n_lanes == 0)
				continue;
			assert_true(figure->bar == (figure->number < 0.05 ? 0 : figure->number));
			assert_true(figure->bar <= machine.figures.cell_scale_hz);
		}
	}
	machine_close(&machine);
}

/* The scale of a fast model is no scale for the slow one whose turn comes after it. */
static void test_lanes_scale_is_that_of_the_turn(void **unused)
{
	struct machine machine;
	uint64_t now_ns;

	(void)unused;
	machine_open(&machine, 1, 6);
	machine_run(&machine, 2000);
	now_ns = machine.counts.time_ns + NS_PER_S;
	for (unsigned lane = 1; lane < machine.state->n_lanes; lane++)
		machine.state->cells[lane].past = (struct series){ .n = 0 };
	machine.state->cells[1].past = (struct series){ .values = { 90000 }, .n = 1, .head = 1 };
	figures_tick(&machine.figures, machine.state, now_ns += NS_PER_S);
	figures_tick(&machine.figures, machine.state, now_ns += 2 * NS_PER_S);
	assert_true(machine.figures.cell_scale_hz == 100000);
	machine.state->cells[1].past.n = 0;
	machine.state->cells[2].past = (struct series){ .values = { 40000 }, .n = 1, .head = 1 };
	machine.state->lanes[1].label.phase = LANE_ENDED;
	figures_tick(&machine.figures, machine.state, now_ns += NS_PER_S);
	assert_true(machine.figures.cell_scale_hz == 50000);
	machine_close(&machine);
}

/* What was lost by the run before is not this one's. */
static void test_lanes_losses_are_those_of_this_run(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 300);
	source_synth_lose(machine.source, 1, 1234);
	machine_run(&machine, 500);
	figures_restart(&machine.figures, machine.counts.self.lost_events);
	machine_run(&machine, 300);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "nothing lost"));
	source_synth_lose(machine.source, 1, 5);
	machine_run(&machine, 500);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "; 5 events lost"));
	machine_close(&machine);
}

static void test_lanes_of_a_command_has_one_column_and_no_unit(void **unused)
{
	struct machine machine;
	struct lane_label label = { .name = "make -j2", .phase = LANE_RUNNING };

	(void)unused;
	machine_open(&machine, 2, 6);
	machine.state->n_lanes = 2;
	machine.figures.n_lanes = 2;
	state_start_lane(machine.state, 1, &label);
	figures_tick(&machine.figures, machine.state, NS_PER_S);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "make -j2"));
	assert_true(screen_has(&machine, "other idle"));
	screen_is_harmless(&machine.grid);
	machine.state->n_lanes = machine.figures.n_lanes = 4;
	machine_close(&machine);
}

/* Rows that only some jobs have are there with those jobs alone. */
static void test_lanes_rows_of_the_job_stand_where_it_has_figures(void **unused)
{
	static const struct lab_figure figures[] = { { "wins", "games won", false, "won" },
						     { "ties", "games tied", false, NULL },
						     { "losses", "games lost", true, "lost" },
						     { NULL, NULL, false, NULL } };
	struct machine machine;
	struct lane_work *work;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 300);
	machine_draw(&machine, 120, 40, false);
	assert_false(screen_has(&machine, "lat. p50/p99"));
	assert_false(screen_has(&machine, "job's own"));
	for (unsigned lane = 1; lane <= 2; lane++) {
		machine.state->lanes[lane].label.figures = figures;
		machine.state->lanes[lane].label.latency = "serve to return";
	}
	machine_run(&machine, 300);
	machine_draw(&machine, 120, 40, false);
	assert_true(screen_has(&machine, " lat. p50/p99  \u2502       -       - "));
	assert_true(screen_has(&machine, " won/lost      \u2502       -       - "));

	work = &machine.counts.work[2];
	work->figures[0] = 3;
	work->figures[2] = 41;
	work->latency.n[80] = 3; /* of 4,096 ns or a little more */
	work->latency.total = 3;
	work->latency.max_ns = 5000;
	machine.counts.time_ns += NS_PER_S;
	state_measure(machine.state, &machine.counts);
	figures_tick(&machine.figures, machine.state, machine.counts.time_ns);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine,
			       " won/lost     \u2502       -       - \u2502       3      41"));
	assert_true(screen_has(&machine, " 4.35 us"));
	assert_true(has_alarm(&machine));
	machine_close(&machine);
}

static void test_lanes_that_ended_with_more_to_say_say_it(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine.state->lanes[2].label.phase = LANE_ENDED;
	snprintf(machine.state->lanes[2].label.note, 160, "three of four went home, one did not");
	machine_run(&machine, 300);
	machine_draw(&machine, 120, 40, false);
	assert_true(screen_has(&machine, "nothing lost  thread: three of four went home"));
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "nothing lost"));
	assert_false(screen_has(&machine, "thread: three"));
	machine_close(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lanes_more_cpus_than_rows_scroll),
		cmocka_unit_test(test_lanes_unknown_figures_are_a_dash),
		cmocka_unit_test(test_lanes_losses_and_failed_audits_are_alarms),
		cmocka_unit_test(test_lanes_phases_are_told_in_words),
		cmocka_unit_test(test_lanes_numbers_hold_while_bars_move),
		cmocka_unit_test(test_lanes_bars_come_to_rest_at_the_numbers),
		cmocka_unit_test(test_lanes_scale_is_that_of_the_turn),
		cmocka_unit_test(test_lanes_losses_are_those_of_this_run),
		cmocka_unit_test(test_lanes_of_a_command_has_one_column_and_no_unit),
		cmocka_unit_test(test_lanes_rows_of_the_job_stand_where_it_has_figures),
		cmocka_unit_test(test_lanes_that_ended_with_more_to_say_say_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
