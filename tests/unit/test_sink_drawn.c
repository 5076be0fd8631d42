// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_sink_drawn.c - formats that draw (chrome, svg, html) against their golden files, with names
 * that would end a script, open a tag or break a string.
 *
 * UPDATE_GOLDEN=1 makes the files anew; look at the difference before keeping it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/clock.h"
#include "sink/report.h"
#include "sink/sink.h"
#include "source/source.h"

#define START_NS 1000000000ull
#define N_CPUS	 2
#define N_LANES	 4

#define LANE(pid, lane) ((pid) | (lane##u) << TASK_PID_BITS)
#define SCRIPT		LANE(101, 1)
#define COMMENT		LANE(102, 1)
#define QUOTES		LANE(103, 2)
#define LOOP		LANE(104, 3)

static const struct {
	uint32_t task;
	const char *name;
} tasks[] = {
	{ 100, "swtch-lab" },		{ SCRIPT, "</script><b>" }, { COMMENT, "<!--&amp;\"'" },
	{ QUOTES, "]]>\\\x1b[2J\xff" }, { LOOP, "loop" },
};

static const struct event events[] = {
	{ .time_ns = START_NS + 1000,
	  .kind = EVENT_CLONE,
	  .task = SCRIPT,
	  .made = { COMMENT, 0x10000, 0 } },
	{ .time_ns = START_NS + 2000, .kind = EVENT_NAME, .task = COMMENT, .name = "<!--&amp;\"'" },
	{ .time_ns = START_NS + 2500,
	  .kind = EVENT_WAKING,
	  .task = SCRIPT,
	  .wake = { COMMENT, 0, 1 } },
	{ .time_ns = START_NS + 4000,
	  .kind = EVENT_SWITCH,
	  .state = LEAVE_SLEEPING | LEAVE_VOLUNTARY,
	  .task = SCRIPT,
	  .to = { COMMENT, 3500, 1500 } },
	{ .time_ns = START_NS + 4500,
	  .kind = EVENT_WAKING,
	  .task = COMMENT,
	  .wake = { QUOTES, 1, 0 } },
	{ .time_ns = START_NS + 5000,
	  .kind = EVENT_SWITCH,
	  .cpu = 1,
	  .task = 0,
	  .to = { QUOTES, 0, 500 } },
	{ .time_ns = START_NS + 6000,
	  .kind = EVENT_MIGRATE,
	  .cpu = 1,
	  .task = LOOP,
	  .move = { 1, 0, 0 } },
	{ .time_ns = START_NS + 7000,
	  .kind = EVENT_SWITCH,
	  .state = LEAVE_RUNNABLE,
	  .task = COMMENT,
	  .to = { LOOP, 3000, 800 } },
	{ .time_ns = START_NS + 7500,
	  .kind = EVENT_RESUME,
	  .task = LOOP,
	  .coroutine = { 3, 3, 0 } },
	{ .time_ns = START_NS + 7800,
	  .kind = EVENT_SWITCH,
	  .state = LEAVE_ZOMBIE | LEAVE_VOLUNTARY,
	  .cpu = 1,
	  .task = QUOTES,
	  .to = { 0, 2800, 0 } },
	{ .time_ns = START_NS + 8000, .kind = EVENT_LOST, .cpu = 1, .lost = { 42, 7, 0 } },
	{ .time_ns = START_NS + 8500,
	  .kind = EVENT_SUSPEND,
	  .task = LOOP,
	  .coroutine = { 3, 3, 0 } },
	{ .time_ns = START_NS + 9000, .kind = EVENT_EXIT, .task = LOOP, .end = { 3 << 8, 17, 17 } },
	{ .time_ns = START_NS + 9500, .kind = 99 },
};

struct rig {
	struct state *state;
	struct counts counts;
	struct run_facts run;
	struct report report;
	struct sink_context context;
};

static void rig_open(struct rig *rig)
{
	static const char *const lanes[] = { "", "process", "</script>\"&", "coroutine" };

	*rig = (struct rig){ .state = state_new(N_CPUS, N_LANES) };
	assert_int_equal(counts_init(&rig->counts, N_CPUS, N_LANES), 0);
	for (unsigned lane = 1; lane < N_LANES; lane++) {
		struct lane_label label = { .phase = LANE_ENDED };

		strcpy(label.name, lanes[lane]);
		strcpy(label.model, lane == 2 ? "" : lanes[lane]);
		state_start_lane(rig->state, lane, &label);
	}
	strcpy(rig->state->lanes[2].label.note, "<i>ended</i>");
	counts_cell(&rig->counts, 0, 1)->voluntary = 1234567;
	counts_cell(&rig->counts, 0, 1)->wait_log2[10] = 9;
	state_measure(rig->state, &rig->counts);
	strcpy(rig->run.kind, "command");
	rig->run.has_ended = true;
	strcpy(rig->run.says, "sh -c </script><script>alert(1)</script>");
	strcpy(rig->run.kernel, "6.0 <x>");
	rig->report =
		(struct report){ .run = &rig->run, .state = rig->state, .counts = &rig->counts };
	rig->context = (struct sink_context){ .names = rig->state->names,
					      .lanes = rig->state->lanes,
					      .n_lanes = N_LANES,
					      .start_ns = START_NS,
					      .n_cpus = N_CPUS,
					      .from_ns = START_NS,
					      .to_ns = START_NS + 10000,
					      .report = &rig->report };
	for (unsigned i = 0; i < sizeof(tasks) / sizeof(*tasks); i++) {
		struct event event = { .kind = EVENT_NAME, .task = tasks[i].task };

		event_set_name(&event, tasks[i].name);
		state_apply(rig->state, &event, NULL);
	}
}

static void rig_close(struct rig *rig)
{
	state_free(rig->state);
	counts_fini(&rig->counts);
}

static void give(struct rig *rig, struct sink *sink, const struct event *event)
{
	struct delta delta;

	state_apply(rig->state, event, &delta);
	sink->event(sink, event, &delta);
}

/* A sink on a rig, whose context says of what, and its text. */
struct writing {
	struct rig *rig;
	struct sink *sink;
	FILE *out;
	char *text;
	size_t size;
};

static void begin_writing(struct writing *writing, const char *format, struct rig *rig)
{
	*writing = (struct writing){ .rig = rig };
	writing->out = open_memstream(&writing->text, &writing->size);
	assert_non_null(writing->out);
	writing->sink = sink_find(format)->make(writing->out, &rig->context);
	assert_non_null(writing->sink);
}

/* The text, for the caller to free; the rig is closed. */
static char *end_writing(struct writing *writing)
{
	assert_int_equal(sink_finish(writing->sink), 0);
	sink_free(writing->sink);
	fclose(writing->out);
	rig_close(writing->rig);
	return writing->text;
}

/* All of it through one sink; for the caller to free. */
static char *write_all(const char *format)
{
	struct writing writing;
	struct rig rig;

	rig_open(&rig);
	begin_writing(&writing, format, &rig);
	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++)
		give(&rig, writing.sink, &events[i]);
	return end_writing(&writing);
}

static void check_golden(const char *name, const char *written)
{
	char path[64], *golden = calloc(1, 65536);
	FILE *file;

	snprintf(path, sizeof(path), "tests/golden/%s", name);
	if (getenv("UPDATE_GOLDEN")) {
		file = fopen(path, "w");
		fputs(written, file);
		fclose(file);
	}
	file = fopen(path, "r");
	assert_non_null(file);
	golden[fread(golden, 1, 65535, file)] = '\0';
	fclose(file);
	assert_string_equal(written, golden);
	free(golden);
}

static unsigned count_of(const char *text, const char *words)
{
	unsigned n = 0;

	for (; (text = strstr(text, words)); text++)
		n++;
	return n;
}

static void test_sink_chrome_equals_golden(void **state)
{
	char *written = write_all("chrome");

	(void)state;
	check_golden("export.json", written);
	free(written);
}

/* Viewers hold a rate until its next point: silence needs one, at the end of the last step. */
static void test_sink_chrome_rate_falls_to_zero_in_silence(void **state)
{
	static const uint64_t times_ns[] = { 100, 200, NS_PER_MS + 1, 9 * NS_PER_MS };
	struct writing writing;
	struct rig rig;
	char *written;

	(void)state;
	rig_open(&rig);
	rig.context.to_ns = START_NS + 10 * NS_PER_MS;
	begin_writing(&writing, "chrome", &rig);
	for (unsigned i = 0; i < sizeof(times_ns) / sizeof(*times_ns); i++) {
		struct event event = { .time_ns = START_NS + times_ns[i],
				       .kind = EVENT_SWITCH,
				       .task = i % 2 ? COMMENT : SCRIPT,
				       .to = { i % 2 ? SCRIPT : COMMENT, 100, 0 } };

		give(&rig, writing.sink, &event);
	}
	written = end_writing(&writing);
	assert_int_equal(count_of(written, "switches/s"), 4);
	assert_non_null(strstr(written, "\"ts\":0.000,\"name\":\"switches/s\","
					"\"args\":{\"process\":2000,"));
	assert_non_null(strstr(written, "\"ts\":1000.000,\"name\":\"switches/s\","
					"\"args\":{\"process\":1000,"));
	assert_non_null(strstr(written, "\"ts\":2000.000,\"name\":\"switches/s\","
					"\"args\":{\"process\":0,"));
	assert_non_null(strstr(written, "\"ts\":9000.000,\"name\":\"switches/s\","
					"\"args\":{\"process\":1000,"));
	free(written);
}

/* A window far into a log: the first tick says where, the others how far behind it. */
static void test_sink_svg_labels_stay_short(void **state)
{
	struct writing writing;
	struct rig rig;
	char *written;

	(void)state;
	rig_open(&rig);
	rig.context.from_ns = START_NS + 1500 * NS_PER_MS;
	rig.context.to_ns = rig.context.from_ns + NS_PER_MS;
	begin_writing(&writing, "svg", &rig);
	written = end_writing(&writing);
	assert_non_null(strstr(written, ">1.00 ms from 1.5 s on, "));
	assert_non_null(strstr(written, ">1.5 s<"));
	assert_non_null(strstr(written, ">+100 us<"));
	assert_non_null(strstr(written, ">+1000 us<"));
	free(written);
}

static void test_sink_svg_equals_golden(void **state)
{
	char *written = write_all("svg");

	(void)state;
	check_golden("export.svg", written);
	assert_int_equal(count_of(written, "<b>") + count_of(written, "script>"), 0);
	free(written);
}

/* The parts that a run writes, without style and script, which are the same in every page. */
static char *own_part(const char *page)
{
	const char *from = strstr(page, "<script type=\"application/json\"");
	const char *to = strstr(page, "<script>\n'use strict'");

	assert_true(from && to && from < to);
	return strndup(from, (size_t)(to - from));
}

static void test_sink_html_equals_golden_and_no_name_is_markup(void **state)
{
	char *page = write_all("html"), *part = own_part(page);

	(void)state;
	check_golden("export_facts.html", part);
	assert_int_equal(count_of(page, "</script"), 3);
	assert_int_equal(count_of(page, "<!--"), 0);
	assert_int_equal(count_of(page, "<b>"), 0);
	assert_int_equal(count_of(page, "<i>"), 0);
	assert_int_equal(count_of(page, "http://") + count_of(page, "https://"), 0);
	free(part);
	free(page);
}

/* --- what is packed in a page, unpacked ---------------------------------------------------------- */

static size_t from_base64(const char *text, const char *end, uint8_t *bytes)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+/";
	uint32_t word = 0;
	size_t n = 0, n_letters = 0;

	for (; text < end; text++) {
		const char *at = *text ? strchr(letters, *text) : NULL;

		if (!at)
			continue;
		word = word << 6 | (uint32_t)(at - letters);
		if (++n_letters % 4 == 1)
			continue;
		bytes[n++] = (uint8_t)(word >> (4 - n_letters % 4) * 2 % 8);
	}
	return n;
}

/* The numbers of a page; how many. */
static size_t unpack(const char *page, uint64_t *numbers, size_t n_max)
{
	const char *from = strstr(page, "id=\"items\">") + 11;
	const char *to = strstr(from, "</script>");
	uint8_t *packed = malloc((size_t)(to - from));
	uLongf size = 1 << 24;
	uint8_t *bytes = malloc(size);
	size_t n = 0, n_packed = from_base64(from, to, packed);
	unsigned shift = 0;

	assert_int_equal(uncompress(bytes, &size, packed, n_packed), Z_OK);
	for (size_t i = 0; i < size && n < n_max; i++) {
		numbers[n] = (shift ? numbers[n] : 0) | (uint64_t)(bytes[i] & 127) << shift;
		shift += 7;
		if (bytes[i] & 128)
			continue;
		shift = 0;
		n++;
	}
	free(bytes);
	free(packed);
	return n;
}

static void test_sink_html_items_are_what_happened(void **state)
{
	/* A mark: the clone, on CPU 0, of task 3, which made 2. Then two stretches of CPU 0. */
	static const uint64_t expected[] = {
		2,    2000, EVENT_CLONE, 0, 3, 2, /* signed numbers are doubled */
		4,    6000, 3500,	 0, 3, LEAVE_SLEEPING | LEAVE_VOLUNTARY,
		28,   6000, 3000,	 0, 2, LEAVE_RUNNABLE,
		1500, 3,    1500,	 0, /* waited; woken by, so long before, from CPU 0 */
	};
	uint64_t numbers[64];
	char *page = write_all("html");

	(void)state;
	assert_true(unpack(page, numbers, 64) > sizeof(expected) / sizeof(*expected));
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		assert_int_equal(numbers[i], expected[i]);
	free(page);
}

/* --- much of it ---------------------------------------------------------------------------------- */

struct stream {
	struct rig *rig;
	struct sink *sink;
	uint64_t n_left, n_others; /* tasks of lanes that had run, and others */
};

static void on_event(const struct event *event, void *ctx)
{
	struct stream *stream = ctx;

	if (event->time_ns >= stream->rig->context.to_ns)
		return;
	stream->n_left += event->kind == EVENT_SWITCH && task_lane(event->task) && event->to.ran_ns;
	stream->n_others += event->kind == EVENT_SWITCH && !task_lane(event->task);
	give(stream->rig, stream->sink, event);
}

/* A stretch of time of the made-up machine; for the caller to free. */
static char *write_made_up(const char *format, uint64_t ns, struct stream *stream)
{
	struct source *source = source_synth_new(N_CPUS, 60, 7);
	struct writing writing;
	struct rig rig;

	rig_open(&rig);
	rig.context.to_ns = START_NS + ns;
	begin_writing(&writing, format, &rig);
	*stream = (struct stream){ .rig = &rig, .sink = writing.sink };
	source_synth_advance(source, ns);
	source->flush(source, on_event, stream);
	source->free(source);
	return end_writing(&writing);
}

static void test_sink_svg_thins_what_is_too_much_and_says_so(void **state)
{
	struct stream stream;
	char *few = write_made_up("svg", 2 * NS_PER_MS, &stream), *many;

	(void)state;
	assert_null(strstr(few, "too many"));
	many = write_made_up("svg", 400 * NS_PER_MS, &stream);
	assert_true(stream.n_left > 3000);
	assert_non_null(strstr(many, "are too many to be drawn one by one: each column is 727 us"));
	assert_true(strlen(many) < 1000000);
	free(few);
	free(many);
}

static void test_sink_html_has_every_stretch(void **state)
{
	struct stream stream;
	char *page = write_made_up("html", 300 * NS_PER_MS, &stream), *at;
	uint64_t told;

	(void)state;
	at = strstr(page, "\"stretches\":");
	assert_non_null(at);
	told = strtoull(at + 12, NULL, 10);
	assert_true(stream.n_left > 1000);
	/* What runs at the end is one, too; of others not all are told. */
	assert_in_range(told, stream.n_left, stream.n_left + stream.n_others + N_CPUS);
	assert_non_null(strstr(page, "\"leftOut\":0,"));
	free(page);
}

/* Two million items are what a page has room for; it tells how many events came later. */
static void test_sink_html_is_bounded_and_says_what_it_left_out(void **state)
{
	struct writing writing;
	char *written, *page;
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig.context.to_ns = START_NS + 10 * NS_PER_S;
	begin_writing(&writing, "html", &rig);
	for (uint64_t i = 1; i <= 2000500; i++) {
		struct event event = { .time_ns = START_NS + i * 1000,
				       .kind = EVENT_SWITCH,
				       .task = i % 2 ? SCRIPT : COMMENT,
				       .to = { i % 2 ? COMMENT : SCRIPT, 1000, 0 } };

		give(&rig, writing.sink, &event);
	}
	written = end_writing(&writing);
	page = own_part(written);
	assert_non_null(strstr(page, "\"leftOut\":500,\"leftOutFrom\":2000000000,"
				     "\"stretches\":2000000,"));
	free(page);
	free(written);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_sink_chrome_equals_golden),
		cmocka_unit_test(test_sink_chrome_rate_falls_to_zero_in_silence),
		cmocka_unit_test(test_sink_svg_labels_stay_short),
		cmocka_unit_test(test_sink_svg_equals_golden),
		cmocka_unit_test(test_sink_html_equals_golden_and_no_name_is_markup),
		cmocka_unit_test(test_sink_html_items_are_what_happened),
		cmocka_unit_test(test_sink_svg_thins_what_is_too_much_and_says_so),
		cmocka_unit_test(test_sink_html_has_every_stretch),
		cmocka_unit_test(test_sink_html_is_bounded_and_says_what_it_left_out),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
