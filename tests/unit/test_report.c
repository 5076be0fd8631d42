// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_report.c - the part of stat's report that depends on the job: its own figures, what its tasks
 * measured, threads of a pool, shares of memory. Of lanes made up here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sink/report.h"

static const struct lab_figure figures[] = {
	{ "wins", "games won", false, NULL },
	{ "ties", "games tied", false, NULL },
	{ "losses", "games lost", true, NULL },
	{ NULL, NULL, false, NULL },
};

struct rig {
	struct state *state;
	struct counts counts;
	struct run_facts run;
	struct report report;
};

/* Two lanes that know all there is to know, a third that knows nothing. */
static void rig_open(struct rig *rig)
{
	static const char *const names[] = { "", "process", "coroutine", "idler" };

	*rig = (struct rig){ .state = state_new(1, 4) };
	assert_non_null(rig->state);
	assert_int_equal(counts_init(&rig->counts, 1, 4), 0);
	for (unsigned lane = 1; lane < 4; lane++) {
		struct lane_label label = { .phase = LANE_ENDED, .unit = "game" };

		strcpy(label.name, names[lane]);
		if (lane < 3) {
			label.figures = figures;
			label.latency = "serve to return";
			strcpy(label.sync, "mutex");
		}
		state_start_lane(rig->state, lane, &label);
		rig->state->lanes[lane].work = lane_work_unknown;
	}
	rig->run = (struct run_facts){ .kernel = "6.0",
				       .kind = "job",
				       .job = "tennis",
				       .says = "pairs play",
				       .mode = "in-turn",
				       .n_tasks = 2 };
	rig->report =
		(struct report){ .run = &rig->run, .state = rig->state, .counts = &rig->counts };
}

static void rig_close(struct rig *rig)
{
	state_free(rig->state);
	counts_fini(&rig->counts);
}

static struct lane_work *work_of(const struct rig *rig, unsigned lane)
{
	return &rig->state->lanes[lane].work;
}

enum format { TEXT, COLOUR, JSON, CSV };

/* For the caller to free. */
static char *print(const struct rig *rig, enum format format)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err = -1;

	assert_non_null(out);
	switch (format) {
	case TEXT:
	case COLOUR:
		err = report_text(&rig->report, out, format == COLOUR);
		break;
	case JSON:
		err = report_json(&rig->report, out);
		break;
	case CSV:
		err = report_csv(&rig->report, out);
		break;
	}
	assert_int_equal(err, 0);
	fclose(out);
	return text;
}

static void expect(const struct rig *rig, enum format format, const char *words, bool there)
{
	char *text = print(rig, format);

	if (!strstr(text, words) == there)
		fail_msg("%s \"%s\" in:\n%s", there ? "no" : "there is", words, text);
	free(text);
}

/* Column `name` of row `row` (0: the names), as text. */
static void cell(const char *csv, const char *name, unsigned row, char *text)
{
	char line[4096];
	unsigned column = 0, length;
	const char *at = csv;

	snprintf(line, sizeof(line), "%.*s,", (int)strcspn(csv, "\r\n"), csv);
	for (char *field = line;
	     strncmp(field, name, strlen(name)) != 0 || field[strlen(name)] != ','; column++) {
		field = strchr(field, ',');
		if (!field++ || !*field)
			fail_msg("no column %s in %s", name, line);
	}
	for (; row; row--)
		at = strchr(at, '\n') + 1;
	for (; column; column--)
		at = strchr(at, ',') + 1;
	length = (unsigned)strcspn(at, ",\r\n");
	memcpy(text, at, length);
	text[length] = '\0';
}

static void expect_cell(const struct rig *rig, const char *name, unsigned lane, const char *value)
{
	char *csv = print(rig, CSV), text[64];

	cell(csv, name, lane, text);
	assert_string_equal(text, value);
	free(csv);
}

static void test_report_figures_have_their_names_and_null_where_unknown(void **unused)
{
	struct rig rig;

	(void)unused;
	rig_open(&rig);
	work_of(&rig, 1)->figures[0] = 7;
	work_of(&rig, 2)->figures[0] = 1234567;
	work_of(&rig, 2)->figures[2] = 0;
	work_of(&rig, 3)->figures[0] = 777777; /* nobody has said what it is there */
	expect(&rig, JSON, "\"wins\":7,\"ties\":null,\"losses\":null", true);
	expect(&rig, JSON, "\"wins\":1234567,\"ties\":null,\"losses\":0", true);
	expect(&rig, JSON, "\"wins\":null,\"ties\":null,\"losses\":null", true);
	expect(&rig, JSON, "777777", false);
	expect(&rig, TEXT,
	       "games won                                  7         1,234,567          "
	       "       -\n",
	       true);
	expect(&rig, TEXT, "games lost                                 -                 0", true);
	expect(&rig, TEXT, "games tied", false); /* known of no lane */
	expect_cell(&rig, "work.wins", 1, "7");
	expect_cell(&rig, "work.wins", 2, "1234567");
	expect_cell(&rig, "work.wins", 3, "");
	expect_cell(&rig, "work.ties", 1, "");
	expect_cell(&rig, "work.losses", 2, "0");
	rig_close(&rig);
}

static void test_report_bad_figures_are_red_when_not_zero(void **unused)
{
	struct rig rig;

	(void)unused;
	rig_open(&rig);
	work_of(&rig, 1)->figures[0] = 5;
	work_of(&rig, 1)->figures[2] = 0;
	expect(&rig, COLOUR, "\033[31m", false);
	work_of(&rig, 2)->figures[2] = 42;
	expect(&rig, COLOUR, "\033[31m                42\033[0m", true);
	expect(&rig, TEXT, "\033", false);
	rig_close(&rig);
}

static void add_latency(struct lane_work *work, uint64_t ns, uint64_t n)
{
	struct latencies one = { .max_ns = 0 };
	struct latency_counts counts;

	latency_record(&one, ns);
	latency_read(&one, &counts);
	for (unsigned i = 0; i < LATENCY_N_BUCKETS; i++)
		work->latency.n[i] += n * counts.n[i];
	work->latency.total += n;
	if (ns > work->latency.max_ns)
		work->latency.max_ns = ns;
}

static void test_report_latency_by_percentile_octave_and_decade(void **unused)
{
	struct rig rig;

	(void)unused;
	rig_open(&rig);
	add_latency(work_of(&rig, 1), 700, 3);		    /* up to 1 us */
	add_latency(work_of(&rig, 1), 50000, 96);	    /* up to 100 us */
	add_latency(work_of(&rig, 1), 2000000, 1);	    /* up to 10 ms */
	add_latency(work_of(&rig, 2), 3000000000000ull, 2); /* over 100 s */
	expect(&rig, TEXT, "serve to return, p50", true);
	expect(&rig, TEXT, "  longest                            2.00 ms            3000 s", true);
	expect(&rig, TEXT, "  up to 1 us                               3                 0", true);
	expect(&rig, TEXT, "  up to 10 us                              0                 0", true);
	expect(&rig, TEXT, "  up to 100 us                            96                 0", true);
	expect(&rig, TEXT, "  up to 1 ms                               0                 0", true);
	expect(&rig, TEXT, "  up to 10 ms                              1                 0", true);
	expect(&rig, TEXT, "  over 10 s                                0                 2", true);
	expect(&rig, JSON, "\"max\":2000000,\"log2\":[0,0,0,0,0,0,0,0,0,3,0,0,0,0,0,96,0,0,0,0,1,0",
	       true);
	expect(&rig, JSON, "\"latency_ns\":{\"p50\":null,\"p90\":null,\"p99\":null,\"max\":null",
	       true); /* the third lane */
	expect_cell(&rig, "work.latency_ns.max", 1, "2000000");
	expect_cell(&rig, "work.latency_ns.p50", 3, "");
	rig_close(&rig);
}

static void test_report_of_a_job_without_figures_has_none(void **unused)
{
	struct rig rig;

	(void)unused;
	rig_open(&rig);
	for (unsigned lane = 1; lane < 3; lane++) {
		rig.state->lanes[lane].label.figures = NULL;
		rig.state->lanes[lane].label.latency = NULL;
		rig.state->lanes[lane].label.sync[0] = '\0';
	}
	expect(&rig, TEXT, "games won", false);
	expect(&rig, TEXT, "longest", true); /* of the kernel's waits */
	expect(&rig, TEXT, "up to", false);
	expect(&rig, TEXT, "sync  ", false);
	expect(&rig, TEXT, "by thread of the pool", false);
	expect(&rig, TEXT, "page tables", false);
	expect(&rig, JSON, "\"latency_ns\"", false);
	expect(&rig, JSON, "\"pool\"", false);
	expect(&rig, JSON, "\"loop\"", false);
	expect(&rig, CSV, "work.latency_ns", false);
	rig_close(&rig);
}

static void test_report_pool_and_loop_of_the_lanes_that_have_them(void **unused)
{
	struct rig rig;
	struct lane_work *work;

	(void)unused;
	rig_open(&rig);
	work = work_of(&rig, 2);
	work->n_pool = 2;
	work->turns = 11;
	work->polls = 12;
	work->pool[0] = (struct pool_work){ 21, 22 };
	work->pool[1] = (struct pool_work){ 31, 32 };
	expect(&rig, JSON,
	       "\"loop\":{\"turns\":11,\"waits\":12,\"events\":null},"
	       "\"pool\":[{\"user_switches\":21,\"done\":22},{\"user_switches\":31,\"done\":32}]",
	       true);
	expect(&rig, TEXT, "  thread 1, switches                       -                31", true);
	expect(&rig, TEXT, "  thread 0, units                          -                22", true);
	expect_cell(&rig, "loop.turns", 2, "11");
	expect_cell(&rig, "loop.events", 2, "");
	rig_close(&rig);
}

static void test_report_memory_by_what_it_is(void **unused)
{
	struct rig rig;

	(void)unused;
	rig_open(&rig);
	work_of(&rig, 1)->memory = (struct lane_memory){ 1000, 2000, 3000, 4000, 2100, 1100, 800 };
	expect(&rig, JSON,
	       "\"memory\":{\"pss_bytes\":1000,\"table_bytes\":2000,\"kernel_stack_bytes\":3000,"
	       "\"per_task_bytes\":4000,\"per_task_page_bytes\":2100,"
	       "\"per_task_table_bytes\":1100,\"per_task_kernel_stack_bytes\":800}",
	       true);
	expect(&rig, JSON, "\"memory\":{\"pss_bytes\":null,\"table_bytes\":null,", true);
	expect(&rig, TEXT, "  stack in the kernel                  800 B                 -", true);
	expect_cell(&rig, "memory.per_task_table_bytes", 1, "1100");
	rig_close(&rig);
}

/* Offline at the end: its row stays if it has counts, so that rows add up to the totals. */
static void test_report_cpu_that_went_keeps_its_row(void **unused)
{
	struct rig rig;

	(void)unused;
	rig_open(&rig);
	expect(&rig, TEXT, "  CPU 0", false);
	expect(&rig, JSON, "\"per_cpu\":[]", true);
	counts_cell(&rig.counts, 0, 1)->voluntary = 7;
	expect(&rig, TEXT, "  CPU 0                                    7                 0", true);
	expect(&rig, JSON, "\"per_cpu\":[{\"cpu\":0,\"switches\":7,", true);
	rig_close(&rig);
}

/* How a lane ended as it should is no alarm. */
static void test_report_notes_are_red_only_of_lanes_that_failed(void **unused)
{
	struct rig rig;

	(void)unused;
	rig_open(&rig);
	strcpy(rig.state->lanes[1].label.note, "three of four went home");
	expect(&rig, COLOUR, "\nprocess: three of four went home\n", true);
	rig.state->lanes[1].label.phase = LANE_FAILED;
	expect(&rig, COLOUR, "\033[31mprocess: three of four went home\033[0m", true);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report_figures_have_their_names_and_null_where_unknown),
		cmocka_unit_test(test_report_bad_figures_are_red_when_not_zero),
		cmocka_unit_test(test_report_latency_by_percentile_octave_and_decade),
		cmocka_unit_test(test_report_of_a_job_without_figures_has_none),
		cmocka_unit_test(test_report_pool_and_loop_of_the_lanes_that_have_them),
		cmocka_unit_test(test_report_memory_by_what_it_is),
		cmocka_unit_test(test_report_cpu_that_went_keeps_its_row),
		cmocka_unit_test(test_report_notes_are_red_only_of_lanes_that_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
