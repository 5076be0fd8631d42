/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz.h - what the fuzzers have in common: bytes as a file, and everything that a verb does with what
 * comes out of one. A broken rule aborts, which libFuzzer reports as it does a crash.
 */
#ifndef SWTCH_FUZZ_H
#define SWTCH_FUZZ_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/wire.h"
#include "event/print.h"
#include "event/recording.h"
#include "source/tape.h"
#include "state/blame.h"
#include "state/coroutines.h"
#include "state/ledger.h"
#include "state/overview.h"
#include "state/spans.h"
#include "state/state.h"
#include "state/tally.h"
#include "state/tasks.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static inline int fuzz_file(const void *bytes, size_t n)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	MUST(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	return fd;
}

/* What verbs make of events beside the state; one of each for all inputs, as large as they come. */
struct fuzz_makers {
	struct ledger *ledger;
	struct spans *spans;
	struct blame *blame;
	struct coroutines *coroutines;
	struct task_states *tasks;
	bool is_used;
};

static inline struct fuzz_makers *fuzz_makers(void)
{
	static struct fuzz_makers makers;

	if (!makers.ledger)
		makers = (struct fuzz_makers){ ledger_new(),	       spans_new(N_LANES_MAX),
					       blame_new(N_LANES_MAX), coroutines_new(),
					       task_states_new(),      false };
	MUST(makers.ledger && makers.spans && makers.blame && makers.coroutines && makers.tasks);
	return &makers;
}

static inline void fuzz_makers_clear(struct fuzz_makers *makers)
{
	if (!makers->is_used)
		return;
	makers->is_used = false;
	ledger_clear(makers->ledger);
	spans_clear(makers->spans);
	blame_clear(makers->blame);
	coroutines_clear(makers->coroutines);
	task_states_clear(makers->tasks);
}

/* Tables of tasks and coroutines, as views and stat ask for them. */
static inline void fuzz_makers_tell(struct fuzz_makers *makers, const struct names *names,
				    uint64_t time_ns)
{
	struct task_table table = { 0 };
	struct blamed worst[4];
	struct wake_pair pairs[4];

	task_table_clear(&table, time_ns);
	MUST(!ledger_tell(makers->ledger, names, time_ns, true, &table));
	for (size_t i = 0; i < table.n; i++)
		MUST(table.rows[i].lane && memchr(table.rows[i].name, 0, TASK_NAME_LEN));
	MUST(!task_states_measure(makers->tasks, &table));
	MUST(!task_states_order(makers->tasks, TASK_BY_SWITCHES, true));
	task_table_fini(&table);
	coroutines_measure(makers->coroutines, time_ns);
	if (makers->blame->n_blamed) /* else it is slow for nothing */
		MUST(blame_worst(makers->blame, 0, worst, 4) <= 4);
	if (makers->spans->n_wakeups)
		MUST(spans_pairs(makers->spans, 0, pairs, 4) <= 4);
}

/* Whatever reads events, as replay, export and stat do. */
struct fuzz_reader {
	struct state *state;
	struct tally *tally;
	struct overview *overview;
	struct fuzz_makers *makers;
	uint64_t n_events, last_ns;
};

static inline void fuzz_reader_init(struct fuzz_reader *reader, unsigned n_cpus, unsigned n_lanes)
{
	*reader = (struct fuzz_reader){ .state = state_new(n_cpus, n_lanes),
					.tally = tally_new(n_cpus, n_lanes),
					.overview = overview_new(n_cpus, n_lanes, 1),
					.makers = fuzz_makers() };
	MUST(reader->state && reader->tally && reader->overview);
	fuzz_makers_clear(reader->makers);
}

static inline void fuzz_reader_fini(struct fuzz_reader *reader)
{
	fuzz_makers_tell(reader->makers, reader->state->names, reader->last_ns);
	state_free(reader->state);
	tally_free(reader->tally);
	overview_free(reader->overview);
}

static inline void fuzz_event(const struct event *event, void *ctx)
{
	struct fuzz_reader *reader = ctx;
	char line[EVENT_LINE_SIZE];
	struct delta delta;

	MUST(event->kind > EVENT_NONE && event->kind < N_EVENT_KINDS);
	MUST(event->kind != EVENT_SWITCH || event->cpu < reader->state->n_cpus);
	reader->n_events++;
	reader->last_ns = event->time_ns;
	state_apply(reader->state, event, &delta);
	tally_apply(reader->tally, event);
	overview_apply(reader->overview, event);
	reader->makers->is_used = true;
	MUST(!ledger_apply(reader->makers->ledger, event));
	spans_apply(reader->makers->spans, event);
	blame_apply(reader->makers->blame, event);
	coroutines_apply(reader->makers->coroutines, event);
	event_print(line, sizeof(line), event, reader->state->names, "lane", 0);
	MUST(!strpbrk(line, "\n\033"));
}

static inline void fuzz_counts(const struct counts *counts, void *ctx)
{
	struct fuzz_reader *reader = ctx;

	MUST(counts->n_cpus == reader->state->n_cpus && counts->n_lanes == reader->state->n_lanes);
	state_measure(reader->state, counts);
}

static inline void fuzz_lane(unsigned lane, const struct lane_label *label, bool starts, void *ctx)
{
	struct fuzz_reader *reader = ctx;

	MUST(lane < reader->state->n_lanes && strlen(label->name) < sizeof(label->name));
	MUST(!strpbrk(label->name, "\n\033") && !strpbrk(label->note, "\n\033"));
	if (starts)
		state_start_lane(reader->state, lane, label);
	else
		reader->state->lanes[lane].label = *label;
}

/* The tape in `fd`, from its start, from places in it, and to its end. */
static inline void fuzz_tape(int fd)
{
	struct tape *tape = tape_open(fd, "fuzz", NULL);
	struct fuzz_reader reader;
	struct tape_visitor visitor = {
		.event = fuzz_event, .counts = fuzz_counts, .lane = fuzz_lane, .ctx = &reader
	};
	const struct tape_facts *facts;
	struct cursor *cursor;
	int64_t n;

	if (!tape)
		return;
	facts = tape_facts(tape);
	fuzz_reader_init(&reader, facts->n_cpus, facts->n_lanes);
	cursor = cursor_new(tape);
	MUST(cursor);
	n = cursor_play(cursor, UINT64_MAX, UINT64_MAX, &visitor);
	/* Gaps in the file are told as events, and are none of its own. */
	MUST(n < 0 || ((uint64_t)n <= reader.n_events && cursor_at_end(cursor)));
	for (unsigned i = 0; i <= 2; i++) {
		cursor_seek(cursor, facts->first_ns + (facts->last_ns - facts->first_ns) / 2 * i);
		cursor_next_ns(cursor);
		cursor_play(cursor, UINT64_MAX, 7, &visitor);
	}
	cursor_free(cursor);
	fuzz_reader_fini(&reader);
	tape_free(tape);
}

#endif
