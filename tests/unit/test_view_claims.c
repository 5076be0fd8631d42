// SPDX-License-Identifier: GPL-2.0-only
/* test_view_claims.c - the claims on the screen: before, while and after they are judged. */
#include "test_view.h"

static void open_claims(struct machine *machine)
{
	machine_open(machine, 2, 6);
	machine_run(machine, 300);
	machine->settings.view = VIEW_CLAIMS;
	machine_draw(machine, 80, 24, false);
}

static void test_claims_not_judged_yet_say_what_to_press(void **unused)
{
	struct machine machine;

	(void)unused;
	open_claims(&machine);
	board_clear(&machine.board);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "not judged yet"));
	assert_true(screen_has(&machine, "J judges: "));
	assert_true(screen_has(&machine, "up to three minutes"));
	assert_true(screen_has(&machine, "ends what runs"));
	screen_is_golden(&machine, "claims_empty_80x24");
	machine_close(&machine);
}

static void test_claims_being_judged_have_a_bar_and_rounds(void **unused)
{
	struct machine machine;

	(void)unused;
	open_claims(&machine);
	machine.board.running = true;
	machine.board.round = 4;
	machine.board.claim = claim_find("T2");
	machine.board.share = 0.62;
	machine.board.left_ns = 47 * NS_PER_S;
	for (unsigned i = 0; i < N_CLAIMS; i++)
		for (unsigned j = 0; j < CLAIM_FIGURES; j++)
			for (unsigned round = i < 6 ? 4 : 3; round < JUDGE_ROUNDS_MOST; round++)
				machine.board.results[i].values[j][round] = 0.0 / 0.0;
	for (unsigned i = 0; i < N_CLAIMS; i++)
		judge_claim(&claims[i], &machine.board.results[i]);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "round 4 of 5"));
	assert_true(screen_has(&machine, "00:47 left; J or Esc stops"));
	assert_true(screen_has(&machine, ">T2"));
	assert_true(screen_has(&machine, "4 rounds"));
	screen_is_golden(&machine, "claims_judging_80x24");
	machine_close(&machine);
}

/* All of the largest claim can be read on the smallest screen. */
static void test_claims_unfolded_turns_pages(void **unused)
{
	struct machine machine;

	(void)unused;
	open_claims(&machine);
	machine.settings.claim = (unsigned)claim_find("P5");
	assert_int_equal(machine_key(&machine, KEY_OF_RIGHT), DO_NOTHING);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "processes communicate by pipes, sockets, shared memory"));
	assert_true(screen_has(&machine, "lines more: PgDn"));
	screen_is_golden(&machine, "claims_unfolded_80x24");
	for (unsigned i = 0; i < 9; i++)
		machine_key(&machine, KEY_OF_PAGE_DOWN);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "--via mqueue"));
	assert_false(screen_has(&machine, "lines more"));
	assert_int_equal(machine.settings.claim, claim_find("P5"));
	machine_key(&machine, KEY_OF_PAGE_UP);
	machine_draw(&machine, 80, 24, false);
	assert_false(screen_has(&machine, "--via mqueue"));
	machine_key(&machine, KEY_OF_DOWN); /* another one begins at its first line */
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "    the threads of a process share"));
	machine_key(&machine, KEY_OF_LEFT);
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "A1"));
	machine_close(&machine);
}

static void test_claims_selection_moves_and_stays_within(void **unused)
{
	struct machine machine;

	(void)unused;
	open_claims(&machine);
	machine_key(&machine, KEY_OF_UP);
	assert_int_equal(machine.settings.claim, 0);
	machine_key(&machine, KEY_OF_DOWN);
	machine_key(&machine, KEY_OF_DOWN);
	assert_int_equal(machine.settings.claim, 2);
	machine_key(&machine, KEY_OF_PAGE_DOWN);
	assert_int_equal(machine.settings.claim, N_CLAIMS - 1);
	machine_key(&machine, KEY_OF_DOWN);
	assert_int_equal(machine.settings.claim, N_CLAIMS - 1);
	machine_key(&machine, KEY_OF_HOME);
	assert_int_equal(machine.settings.claim, 0);
	machine_key(&machine, KEY_OF_END);
	machine_draw(&machine, 80, 24, false);
	for (unsigned column = 0; column < 80; column++)
		assert_true(grid_at(&machine.grid, FRAME_TOP + N_CLAIMS, column)->attributes &
			    REVERSE);
	machine_draw(&machine, 80, 10, false); /* fewer rows than claims: it stays in sight */
	assert_true(screen_has(&machine, "A1"));
	machine_close(&machine);
}

/* Where other things are seen, J shows the claims and ends nothing, and Enter does nothing. */
static void test_claims_keys_mean_something_in_their_view_alone(void **unused)
{
	struct machine machine;

	(void)unused;
	open_claims(&machine);
	machine.settings.view = VIEW_LANES;
	assert_int_equal(machine_key(&machine, KEY_OF_ENTER), DO_NOTHING);
	assert_int_equal(machine_key(&machine, KEY_OF_ESCAPE), DO_NOTHING);
	assert_int_equal(machine_key(&machine, 'J'), DO_NOTHING);
	assert_int_equal(machine.settings.view, VIEW_CLAIMS);
	assert_int_equal(machine_key(&machine, 'J'), DO_JUDGE);
	assert_int_equal(machine_key(&machine, KEY_OF_ENTER), DO_CHOOSE);
	snprintf(machine.settings.message, sizeof(machine.settings.message), "old news");
	assert_int_equal(machine_key(&machine, KEY_OF_ESCAPE), DO_NOTHING);
	assert_string_equal(machine.settings.message, "");
	assert_int_equal(machine_key(&machine, KEY_OF_ESCAPE), DO_CLEAR);
	machine_close(&machine);
}

static void test_claims_without_a_lab_are_listed_still(void **unused)
{
	struct machine machine;

	(void)unused;
	open_claims(&machine);
	machine.settings.board = NULL;
	machine_draw(&machine, 120, 40, false);
	assert_true(screen_has(&machine, "creating a process is expensive beside a thread"));
	assert_true(screen_has(&machine, "no lab here"));
	machine_key(&machine, KEY_OF_RIGHT);
	machine_key(&machine, KEY_OF_PAGE_DOWN);
	machine_draw(&machine, 80, 24, false);
	screen_is_harmless(&machine.grid);
	machine_close(&machine);
}

/* What the view writes above the list and below it leaves the last row to how the run ended. */
static void test_claims_leave_room_for_the_outcome(void **unused)
{
	struct machine machine;

	(void)unused;
	open_claims(&machine);
	machine.settings.outcome = "judged";
	machine_draw(&machine, 80, 24, false);
	assert_true(screen_has(&machine, "\n judged"));
	assert_true(screen_has(&machine, "A1"));
	machine_close(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims_not_judged_yet_say_what_to_press),
		cmocka_unit_test(test_claims_being_judged_have_a_bar_and_rounds),
		cmocka_unit_test(test_claims_unfolded_turns_pages),
		cmocka_unit_test(test_claims_selection_moves_and_stays_within),
		cmocka_unit_test(test_claims_keys_mean_something_in_their_view_alone),
		cmocka_unit_test(test_claims_without_a_lab_are_listed_still),
		cmocka_unit_test(test_claims_leave_room_for_the_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
