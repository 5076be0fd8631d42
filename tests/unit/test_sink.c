// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each sink against its golden file: one event of each kind, names that would do harm among them.
 * UPDATE_GOLDEN=1 makes the files anew; look at the difference before keeping it.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sink/sink.h"

#define START_NS 1000000000ull

static const struct {
	uint32_t pid;
	const char *name;
} tasks[] = {
	{ 100, "swtch-lab" },	    { 101, "ping" },	     { 102, "pong" },
	{ 103, "=cmd()" },	    { 104, "\x1b[2J\"a,b" }, { 105, "x\xff\xe2\x80\xae\\" },
	{ 106, "fifteen bytes!!" },
};

static const struct event events[] = {
	{ .time_ns = START_NS - 1,
	  .kind = EVENT_CLONE,
	  .task = 100,
	  .made = { 101 | 1u << TASK_PID_BITS, 0x1200000, 0 } },
	{ .time_ns = START_NS, .kind = EVENT_EXEC, .cpu = 1, .task = 101 | 1u << TASK_PID_BITS },
	{ .time_ns = START_NS + 123456,
	  .kind = EVENT_SWITCH,
	  .state = LEAVE_SLEEPING | CALL_POLL << LEAVE_CALL_SHIFT | LEAVE_VOLUNTARY,
	  .cpu = 1,
	  .task = 101 | 1u << TASK_PID_BITS,
	  .to = { 102 | 1u << TASK_PID_BITS, 3100, 1200 } },
	{ .time_ns = START_NS + 123457,
	  .kind = EVENT_SWITCH,
	  .state = LEAVE_RUNNABLE,
	  .cpu = 1,
	  .task = 103 | 2u << TASK_PID_BITS,
	  .to = { 0, TIME_SATURATED, 0 } },
	{ .time_ns = START_NS + 123458,
	  .kind = EVENT_SWITCH,
	  .cpu = 1,
	  .to = { 102 | 1u << TASK_PID_BITS, 0, 700 } },
	{ .time_ns = START_NS + 125001,
	  .kind = EVENT_WAKING,
	  .cpu = 0,
	  .task = 104,
	  .wake = { 105 | 2u << TASK_PID_BITS, 7, 1 } },
	{ .time_ns = START_NS + 125002,
	  .kind = EVENT_MIGRATE,
	  .task = 105 | 2u << TASK_PID_BITS,
	  .move = { 0, 7, 0 } },
	{ .time_ns = START_NS + 300017,
	  .kind = EVENT_CREATE,
	  .task = 106 | 3u << TASK_PID_BITS,
	  .coroutine = { 3, 3, 0 } },
	{ .time_ns = START_NS + 300018,
	  .kind = EVENT_RESUME,
	  .task = 106 | 3u << TASK_PID_BITS,
	  .coroutine = { 3, 3, 0 } },
	{ .time_ns = START_NS + 300019,
	  .kind = EVENT_SUSPEND,
	  .task = 106 | 3u << TASK_PID_BITS,
	  .coroutine = { 3, 3, 0 } },
	{ .time_ns = START_NS + 300020, .kind = EVENT_END, .coroutine = { 4, 3, 0 } },
	{ .time_ns = START_NS + 2000000000, .kind = EVENT_LOST, .cpu = 1, .lost = { 42, 7, 0 } },
	{ .time_ns = START_NS + 2000000001,
	  .kind = EVENT_EXIT,
	  .task = 101 | 1u << TASK_PID_BITS,
	  .end = { 3 << 8, 17, 17 } },
	{ .time_ns = START_NS + 2000000002,
	  .kind = EVENT_EXIT,
	  .cpu = 1,
	  .task = 9999 | 2u << TASK_PID_BITS,
	  .end = { 11 | 0x80, 16, 17 } },
	{ .time_ns = START_NS + 2000000003, .kind = 99 },
};

static struct state *make_state(void)
{
	static const char *const lanes[] = { "", "process", "thread", "coroutine" };
	struct state *known = state_new(2, 4);

	assert_non_null(known);
	for (unsigned lane = 1; lane < 4; lane++) {
		struct lane_label label = { .phase = LANE_RUNNING };

		strcpy(label.name, lanes[lane]);
		state_start_lane(known, lane, &label);
	}
	return known;
}

static void give(struct sink *sink, struct state *known, const struct event *event)
{
	struct delta delta;

	state_apply(known, event, &delta);
	sink->event(sink, event, &delta);
}

/* All of it through one sink. Returns what finish() said. */
static int write_all(const char *format, FILE *out)
{
	struct state *known = make_state();
	struct sink_context context = {
		.names = known->names, .lanes = known->lanes, .n_lanes = 4, .start_ns = START_NS
	};
	struct sink *sink = sink_find(format)->make(out, &context);
	int err;

	assert_non_null(sink);
	for (unsigned i = 0; i < sizeof(tasks) / sizeof(*tasks); i++) {
		struct event event = { .time_ns = START_NS - 1000 + i,
				       .kind = EVENT_NAME,
				       .task = tasks[i].pid };

		event_set_name(&event, tasks[i].name);
		give(sink, known, &event);
	}
	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++)
		give(sink, known, &events[i]);
	err = sink_finish(sink);
	sink_free(sink);
	state_free(known);
	return err;
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *content = calloc(1, 65536);

	if (file) {
		content[fread(content, 1, 65535, file)] = '\0';
		fclose(file);
	}
	return content;
}

static void check_golden(const char *format)
{
	char path[64], *written = NULL, *golden;
	size_t size;
	FILE *out = open_memstream(&written, &size);

	assert_int_equal(write_all(format, out), 0);
	fclose(out);
	snprintf(path, sizeof(path), "tests/golden/log.%s", format);
	if (getenv("UPDATE_GOLDEN")) {
		out = fopen(path, "w");
		fwrite(written, 1, size, out);
		fclose(out);
	}
	golden = read_file(path);
	assert_string_equal(written, golden);
	for (size_t i = 0; i < size; i++)
		assert_true(written[i] == '\n' || (written[i] >= 0x20 && written[i] < 0x7f));
	free(golden);
	free(written);
}

static void test_sink_text_equals_golden(void **state)
{
	(void)state;
	check_golden("text");
}

static void test_sink_csv_equals_golden(void **state)
{
	(void)state;
	check_golden("csv");
}

static void test_sink_jsonl_equals_golden(void **state)
{
	(void)state;
	check_golden("jsonl");
}

static void test_sink_unknown_format_is_null(void **state)
{
	(void)state;
	assert_null(sink_find("no-such"));
	assert_null(sink_find(""));
}

static void test_sink_full_disk_is_told(void **state)
{
	(void)state;
	for (const struct sink_format *format = sink_formats; format->name; format++) {
		FILE *full = fopen("/dev/full", "w");

		assert_int_equal(write_all(format->name, full), -ENOSPC);
		fclose(full);
	}
}

/* The first error counts, also when the stream could be flushed in the end. */
static void test_sink_broken_pipe_is_told(void **state)
{
	(void)state;
	for (const struct sink_format *format = sink_formats; format->name; format++) {
		int ends[2];
		FILE *out;

		assert_int_equal(pipe(ends), 0);
		close(ends[0]);
		out = fdopen(ends[1], "w");
		setvbuf(out, NULL, _IONBF, 0);
		assert_int_equal(write_all(format->name, out), -EPIPE);
		fclose(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sink_text_equals_golden),
		cmocka_unit_test(test_sink_csv_equals_golden),
		cmocka_unit_test(test_sink_jsonl_equals_golden),
		cmocka_unit_test(test_sink_unknown_format_is_null),
		cmocka_unit_test(test_sink_full_disk_is_told),
		cmocka_unit_test(test_sink_broken_pipe_is_told),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
