// SPDX-License-Identifier: GPL-2.0-only
/* test_view_tasks.c - tasks on the screen: their order, who is chosen, what is folded, coroutines below them. */
#include "crowd.h"

static void test_tasks_are_a_tree_with_most_switches_first(void **unused)
{
	struct crowd crowd;

	(void)unused;
	crowd_open(&crowd);
	look(&crowd, 80, 24, false);
	order_is(&crowd, "p20< -21 -22 -20 10 30");
	assert_true(screen_has(&crowd.machine, "5 tasks of 3 processes"));
	screen_is_golden(&crowd.machine, "tasks_80x24");
	look(&crowd, 120, 40, false);
	screen_is_golden(&crowd.machine, "tasks_120x40");
	press(&crowd, 'T');
	order_is(&crowd, "21< 10 22 30 20");
	press(&crowd, 'S');
	order_is(&crowd, "20< 30 22 10 21");
	press(&crowd, 'T');
	press(&crowd, 'T');
	order_is(&crowd, "30< 10 p20 -20 -22 -21");
	press(&crowd, 'S');
	press(&crowd, '<'); /* shares of a second have no order: by name */
	order_is(&crowd, "30< 10 p20 -20 -21 -22");
	press(&crowd, '>');
	order_is(&crowd, "p20< -21 -22 -20 10 30");
	crowd_close(&crowd);
}

/* While the cursor moves nothing else does: who ended stays, who came is behind its group. */
static void test_tasks_stay_where_they_are_while_one_moves(void **unused)
{
	struct crowd crowd;

	(void)unused;
	crowd_open(&crowd);
	look(&crowd, 80, 24, false);
	press(&crowd, KEY_OF_DOWN);
	press(&crowd, KEY_OF_DOWN);
	order_is(&crowd, "p20 -21 -22< -20 10 30");
	act(&crowd, 30, 50000, 0, 50);
	act(&crowd, 22, 40000, 0, 50);
	crowd.table.rows[2] = crowd.table.rows[crowd.table.n - 1]; /* 21 has ended */
	crowd.table.n--;
	add_task(&crowd, 23, 20, 2, "worker-3");
	add_task(&crowd, 5, 5, 1, "new");
	measure(&crowd);
	look(&crowd, 80, 24, false);
	order_is(&crowd, "p20 -21x -22< -20 -23 10 30 5");
	assert_true(screen_has(&crowd.machine, "ended"));
	screen_is_golden(&crowd.machine, "tasks_moving_80x24");
	rest(&crowd);
	act(&crowd, 30, 50000, 0, 50);
	act(&crowd, 22, 40000, 0, 50);
	measure(&crowd);
	order_is(&crowd, "30 p20 -22< -20 -23 5 10");
	crowd_close(&crowd);
}

static void test_tasks_who_ended_hands_the_cursor_on(void **unused)
{
	struct crowd crowd;

	(void)unused;
	crowd_open(&crowd);
	look(&crowd, 80, 24, false);
	press(&crowd, KEY_OF_END);
	order_is(&crowd, "p20 -21 -22 -20 10 30<");
	crowd.table.n--;
	measure(&crowd);
	order_is(&crowd, "p20 -21 -22 -20 10 30x<");
	press(&crowd, KEY_OF_ENTER);
	assert_true(screen_has(&crowd.machine, "it has ended"));
	rest(&crowd);
	measure(&crowd);
	order_is(&crowd, "10 p20 -20 -21 -22<");
	press(&crowd, KEY_OF_HOME);
	order_is(&crowd, "10< p20 -20 -21 -22");
	crowd_close(&crowd);
}

static void test_tasks_fold_and_unfold(void **unused)
{
	struct crowd crowd;

	(void)unused;
	crowd_open(&crowd);
	look(&crowd, 80, 24, false);
	press(&crowd, KEY_OF_DOWN);
	press(&crowd, KEY_OF_LEFT);
	order_is(&crowd, "p20< 10 30");
	measure(&crowd);
	order_is(&crowd, "p20< 10 30");
	press(&crowd, KEY_OF_ENTER);
	order_is(&crowd, "p20< -20 -21 -22 10 30");
	press(&crowd, KEY_OF_LEFT);
	press(&crowd, KEY_OF_RIGHT);
	assert_int_equal(task_list_n(crowd.machine.settings.tasks.list), 6);
	crowd_close(&crowd);
}

static void test_tasks_filter_by_any_text(void **unused)
{
	struct crowd crowd;

	(void)unused;
	crowd_open(&crowd);
	look(&crowd, 80, 24, false);
	press(&crowd, KEY_OF_F0 + 4);
	machine_type(&crowd.machine, "WORKER");
	press(&crowd, KEY_OF_ENTER);
	assert_int_equal(crowd.machine.settings.view, VIEW_TASKS);
	order_is(&crowd, "p20< -21 -22");
	assert_true(screen_has(&crowd.machine, "filter: WORKER"));
	press(&crowd, KEY_OF_ESCAPE);
	order_is(&crowd, "p20< -21 -22 -20 10 30");
	snprintf(crowd.machine.settings.filter, PROMPT_BYTES, "nothing like it");
	look(&crowd, 80, 24, false);
	assert_true(screen_has(&crowd.machine, "No task has that text"));
	press(&crowd, KEY_OF_ENTER); /* nobody to tell anything of */
	press(&crowd, KEY_OF_DOWN);
	press(&crowd, 'F');
	crowd_close(&crowd);
}

/* The window goes where the chosen task goes when it is followed, and only then. */
static void test_tasks_search_goes_on_and_begins_again(void **unused)
{
	struct crowd crowd;

	(void)unused;
	crowd_open(&crowd);
	look(&crowd, 80, 24, false);
	press(&crowd, KEY_OF_F0 + 3);
	assert_true(screen_has(&crowd.machine, "Enter goes to the next"));
	machine_type(&crowd.machine, "WORKER");
	press(&crowd, KEY_OF_ENTER);
	assert_int_equal(crowd.machine.settings.view, VIEW_TASKS);
	order_is(&crowd, "p20 -21< -22 -20 10 30");
	assert_true(screen_has(&crowd.machine, "search: WORKER"));
	press(&crowd, 'n');
	order_is(&crowd, "p20 -21 -22< -20 10 30");
	press(&crowd, 'n');
	order_is(&crowd, "p20 -21< -22 -20 10 30");
	snprintf(crowd.machine.settings.search, PROMPT_BYTES, "30");
	press(&crowd, 'n');
	order_is(&crowd, "p20 -21 -22 -20 10 30<");
	snprintf(crowd.machine.settings.search, PROMPT_BYTES, "nothing like it");
	press(&crowd, 'n');
	order_is(&crowd, "p20 -21 -22 -20 10 30<");
	assert_true(screen_has(&crowd.machine, "is in no row"));
	press(&crowd, KEY_OF_ESCAPE);
	press(&crowd, KEY_OF_ESCAPE);
	assert_false(screen_has(&crowd.machine, "search:"));
	press(&crowd, 'n');
	assert_true(screen_has(&crowd.machine, "nothing to search for"));
	crowd_close(&crowd);
}

static void mark(struct crowd *crowd, struct coroutines *coroutines, uint8_t kind, uint32_t pid,
		 uint32_t id)
{
	struct event event = { .time_ns = crowd->table.time_ns,
			       .kind = kind,
			       .task = task_word(pid, 2),
			       .coroutine = { .id = id, .lane = 2 } };

	coroutines_apply(coroutines, &event);
}

/* A few are listed below their thread, more are folded; neither moves while somebody moves. */
static void test_tasks_have_their_coroutines_below_them(void **unused)
{
	struct coroutines *coroutines = coroutines_new();
	struct crowd crowd;

	(void)unused;
	assert_non_null(coroutines);
	crowd_open(&crowd);
	crowd.machine.settings.tasks.coroutines = coroutines;
	for (uint32_t id = 1; id <= 3; id++)
		mark(&crowd, coroutines, EVENT_CREATE, 21, id);
	for (uint32_t id = 101; id <= 200; id++)
		mark(&crowd, coroutines, EVENT_CREATE, 22, id);
	coroutines_measure(coroutines, crowd.table.time_ns);
	for (int i = 0; i < 25; i++) {
		mark(&crowd, coroutines, EVENT_RESUME, 21, 2);
		mark(&crowd, coroutines, EVENT_SUSPEND, 21, 2);
	}
	measure(&crowd);
	coroutines_measure(coroutines, crowd.table.time_ns);
	measure(&crowd);
	act(&crowd, 21, 2500, 0, 20);
	act(&crowd, 22, 25, 0, 2);
	measure(&crowd);
	look(&crowd, 80, 24, false);
	order_is(&crowd, "p20< -21 .2 .1 .3 -22 -20 10 30");
	assert_true(screen_has(&crowd.machine, "worker-1 3 co"));
	assert_true(screen_has(&crowd.machine, "worker-2 100 co"));
	assert_true(screen_has(&crowd.machine, "co-2"));
	press(&crowd, KEY_OF_DOWN);
	press(&crowd, KEY_OF_DOWN);
	press(&crowd, KEY_OF_ENTER);
	assert_true(screen_has(&crowd.machine, "coroutine 2 on thread 21"));
	assert_true(screen_has(&crowd.machine, "25 in all"));
	press(&crowd, KEY_OF_ESCAPE);
	press(&crowd, KEY_OF_LEFT);
	order_is(&crowd, "p20 -21< -22 -20 10 30");
	press(&crowd, KEY_OF_LEFT); /* now the process */
	order_is(&crowd, "p20< 10 30");
	press(&crowd, KEY_OF_RIGHT);
	press(&crowd, KEY_OF_DOWN);
	press(&crowd, KEY_OF_RIGHT);
	order_is(&crowd, "p20 -21< .2 .1 .3 -22 -20 10 30");
	mark(&crowd, coroutines, EVENT_END, 21, 1);
	mark(&crowd, coroutines, EVENT_CREATE, 21, 4);
	coroutines_measure(coroutines, crowd.table.time_ns);
	measure(&crowd);
	order_is(&crowd, "p20 -21< .2 .3 -22 -20 10 30"); /* a new one when rows are sorted */
	rest(&crowd);
	measure(&crowd);
	order_is(&crowd, "10 p20 -20 -21< .2 .3 .4 -22 30");
	press(&crowd, 'T');
	order_is(&crowd, "10 20 21< 22 30");
	press(&crowd, 'T');
	press(&crowd, 'T');
	snprintf(crowd.machine.settings.search, PROMPT_BYTES, "worker-2");
	press(&crowd, 'n');
	press(&crowd, KEY_OF_RIGHT);
	assert_int_equal(task_list_n(crowd.machine.settings.tasks.list), 9 + N_COROUTINES_LISTED);
	press(&crowd, KEY_OF_ENTER);
	assert_true(screen_has(&crowd.machine, "the 64 with the most steps are listed"));
	crowd.machine.settings.tasks.coroutines = NULL;
	coroutines_free(coroutines);
	crowd_close(&crowd);
}

/* T: processes, tasks alone, programs. These are folded until somebody unfolds them. */
static void test_tasks_are_programs_of_many_processes(void **unused)
{
	struct crowd crowd;

	(void)unused;
	crowd_open(&crowd);
	add_task(&crowd, 40, 40, 2, "server");
	add_task(&crowd, 41, 41, 3, "server"); /* in another lane */
	measure(&crowd);
	act(&crowd, 40, 2500, 0, 10);
	act(&crowd, 10, 100, 0, 10);
	measure(&crowd);
	look(&crowd, 80, 24, false);
	order_is(&crowd, "40< 10 p20 -20 -21 -22 30 41");
	press(&crowd, 'T');
	order_is(&crowd, "40< 10 20 21 22 30 41");
	press(&crowd, 'T');
	order_is(&crowd, "p20< 10 30 41");
	assert_true(screen_has(&crowd.machine, "of 5 processes"));
	assert_true(screen_has(&crowd.machine, "in 4 programs"));
	assert_true(screen_has(&crowd.machine, "server x4"));
	press(&crowd, KEY_OF_RIGHT);
	order_is(&crowd, "p20< -40 -20 -21 -22 10 30 41");
	press(&crowd, KEY_OF_ENTER);
	assert_true(screen_has(&crowd.machine, "program, 4 tasks"));
	press(&crowd, KEY_OF_ESCAPE);
	press(&crowd, KEY_OF_LEFT);
	order_is(&crowd, "p20< 10 30 41");
	press(&crowd, 'T');
	order_is(&crowd, "40 10 p20< -20 -21 -22 30 41");
	crowd_close(&crowd);
}

static void test_tasks_follow_the_chosen_one(void **unused)
{
	for (unsigned follows = 0; follows < 2; follows++) {
		struct crowd crowd;

		(void)unused;
		crowd_open(&crowd);
		for (unsigned i = 0; i < 50; i++)
			add_task(&crowd, 100 + i, 100 + i, 1, "many");
		measure(&crowd);
		for (unsigned i = 0; i < 50; i++)
			act(&crowd, 100 + i, 9000 - i, 0, 1);
		rest(&crowd);
		measure(&crowd);
		look(&crowd, 80, 24, false);
		press(&crowd, KEY_OF_DOWN);
		if (follows)
			press(&crowd, 'F');
		for (unsigned i = 0; i < 50; i++) /* all but the chosen one */
			act(&crowd, 100 + i, i == 1 ? 0 : 9000, 0, 1);
		rest(&crowd);
		measure(&crowd);
		look(&crowd, 80, 24, false);
		assert_int_equal(crowd.machine.settings.tasks.id.pid, 101);
		assert_true(crowd.machine.settings.tasks.cursor > 40);
		assert_int_equal(screen_has(&crowd.machine, "\n     101 "), follows);
		assert_int_equal(screen_has(&crowd.machine, "following"), follows);
		crowd_close(&crowd);
	}
}

static void test_tasks_fit_any_screen(void **unused)
{
	struct crowd crowd;

	(void)unused;
	crowd_open(&crowd);
	snprintf(crowd.table.rows[0].name, TASK_NAME_LEN, "\033[2J\xff\xe2\x80\xae");
	crowd.table.n_untracked = 3;
	measure(&crowd);
	look(&crowd, 120, 40, false);
	assert_true(screen_has(&crowd.machine, "3 not counted singly"));
	machine_key(&crowd.machine, KEY_OF_ENTER);
	for (unsigned columns = 1; columns < 210; columns += 3)
		for (unsigned rows = 1; rows < 40; rows += 3)
			look(&crowd, columns, rows, columns % 2);
	crowd_close(&crowd);
}

static void test_tasks_that_nobody_tells_have_no_view(void **unused)
{
	struct machine machine;

	(void)unused;
	machine_open(&machine, 2, 6);
	machine_run(&machine, 200);
	machine_draw(&machine, 120, 40, false);
	assert_false(screen_has(&machine, "5 tasks"));
	machine_key(&machine, '5');
	assert_int_equal(machine.settings.view, VIEW_LANES);
	machine_close(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tasks_are_a_tree_with_most_switches_first),
		cmocka_unit_test(test_tasks_stay_where_they_are_while_one_moves),
		cmocka_unit_test(test_tasks_who_ended_hands_the_cursor_on),
		cmocka_unit_test(test_tasks_fold_and_unfold),
		cmocka_unit_test(test_tasks_filter_by_any_text),
		cmocka_unit_test(test_tasks_search_goes_on_and_begins_again),
		cmocka_unit_test(test_tasks_have_their_coroutines_below_them),
		cmocka_unit_test(test_tasks_are_programs_of_many_processes),
		cmocka_unit_test(test_tasks_follow_the_chosen_one),
		cmocka_unit_test(test_tasks_fit_any_screen),
		cmocka_unit_test(test_tasks_that_nobody_tells_have_no_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
