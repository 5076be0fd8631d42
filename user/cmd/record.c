// SPDX-License-Identifier: GPL-2.0-only
/* record.c - swtch record: all that happens into a file, or the last of it when somebody asks. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "cmd/chunk_file.h"
#include "base/interrupt.h"
#include "cmd/recorder.h"
#include "cmd/ring.h"
#include "cmd/run_facts.h"
#include "cmd/watch.h"
#include "view/number.h"

#define TICK_MS	      10 /* as log has it */
#define DEFAULT_FILE  "swtch.pftrace"
#define N_FILES_MOST  9999
#define WORDS_OF_LOSS 64

/* What is written of a ring. */
struct wrote {
	char path[4096];
	uint64_t span_ns, n_events;
	bool is_tight; /* there was no room for all of the time that was asked for */
	int err;       /* not all of it could be taken */
};

struct record {
	struct watch watch;
	struct recorder *recorder;
	struct chunk_file file; /* FILE; with a ring: until it was written first */
	struct ring *ring;	/* NULL: straight into the file */
	unsigned n_files;	/* the ring was written to */
	struct wrote wrote;	/* the last of them */
	bool is_writing;	/* into it, still */
	bool wished;		/* somebody asks for the ring, or for what was seen so far */
	uint64_t counted_ns, shown_ns;
	bool shows_progress, is_shown;
	bool reads_enter; /* Enter asks for the ring */
	bool gave_up;	  /* writing failed, and that was told */
};

static const char *path_of(const struct record *record)
{
	const char *output = record->watch.options->output;

	return output ? output : DEFAULT_FILE;
}

/* --- words ---------------------------------------------------------------------------------------- */

static void clear_line(struct record *record)
{
	if (record->is_shown)
		fputs("\r\033[K", stderr);
	record->is_shown = false;
}

/* Events that came and are not in the file, or will not be. */
static uint64_t n_unwritten(const struct record *record)
{
	return recorder_n_lost(record->recorder) +
	       (record->ring ? 0 : chunk_file_n_lost(&record->file));
}

static uint64_t n_recorded(const struct record *record)
{
	return recorder_n_events(record->recorder) - n_unwritten(record);
}

static const char *losses(const struct record *record, char words[WORDS_OF_LOSS])
{
	uint64_t n = record->watch.counts.self.lost_events + n_unwritten(record);
	char number[NUMBER_SIZE];

	if (!n)
		return "nothing lost";
	snprintf(words, WORDS_OF_LOSS, "%s event%s lost", number_count(number, n),
		 n == 1 ? "" : "s");
	return words;
}

/* Events that came faster than they could be read are mostly marks of coroutines, flat out. */
static const char *advice(const struct record *record)
{
	if (recorder_err(record->recorder) || chunk_file_n_lost(&record->file))
		return n_unwritten(record) ? " (they could not be written)" : "";
	if (recorder_n_lost(record->recorder))
		return " (they came faster than they could be written)";
	if (!record->watch.counts.self.lost_events || record->watch.options->command)
		return "";
	return " (they came too fast to be read: --rate bounds that)";
}

static void progress(struct record *record, uint64_t now_ns)
{
	uint64_t n_bytes =
		record->ring ? ring_n_bytes(record->ring) : recorder_n_bytes(record->recorder);
	char time[NUMBER_SIZE], events[NUMBER_SIZE], bytes[NUMBER_SIZE], lost[WORDS_OF_LOSS];

	fprintf(stderr, "\r\033[K%s  %s events  %s%s  %s%s",
		number_clock(time, now_ns - record->watch.started_ns),
		number_count(events, n_recorded(record)), number_bytes(bytes, n_bytes),
		record->ring ? " in the ring" : "", losses(record, lost),
		record->reads_enter ? "  Enter writes" : "");
	fflush(stderr);
	record->shown_ns = now_ns;
	record->is_shown = true;
}

__attribute__((format(printf, 2, 3))) static void say(struct record *record, const char *format,
						      ...)
{
	va_list args;

	if (record->watch.options->quiet)
		return;
	clear_line(record);
	fputs("swtch: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void tell_recorded(struct record *record, uint64_t n_bytes)
{
	char shown[SHOWN_PATH], bytes[NUMBER_SIZE], lost[WORDS_OF_LOSS];
	uint64_t wall_ns = clock_now_ns() - record->watch.started_ns;

	escape_name(shown, sizeof(shown),
		    strcmp(path_of(record), "-") ? path_of(record) : "standard output");
	say(record, "recorded %" PRIu64 " events of %.1f s in %s, %s; %s%s", n_recorded(record),
	    (double)wall_ns / NS_PER_S, shown, number_bytes(bytes, n_bytes), losses(record, lost),
	    advice(record));
}

/* --- the ring ------------------------------------------------------------------------------------- */

/* "swtch.pftrace" is "swtch-2.pftrace" the second time: its ending tells what it is. */
static void number_path(const char *path, unsigned n, char *out, size_t size)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	size_t stem = dot && dot != base ? (size_t)(dot - path) : strlen(path);

	snprintf(out, size, "%.*s-%u%s", (int)stem, path, n, path + stem);
}

/* The file that was opened at the start comes first; then numbered ones that are not there yet. */
static int next_file(struct record *record, char *path, size_t size, struct error *error)
{
	unsigned n = record->n_files + 1;
	int err = -EEXIST;

	snprintf(path, size, "%s", path_of(record));
	if (record->file.output.file)
		return 0;
	for (; err == -EEXIST && n <= N_FILES_MOST; n++) {
		number_path(path_of(record), n < 2 ? 2 : n, path, size);
		err = chunk_file_open(&record->file, path, false, error);
	}
	record->n_files = n - 2;
	return err;
}

static void tell_run(struct record *record, bool has_ended)
{
	const struct watch *watch = &record->watch;
	struct run_facts facts;

	run_facts_fill(&facts, watch->options, &watch->run, watch->session, watch->started_ns,
		       clock_now_ns() - watch->started_ns);
	facts.has_ended = has_ended;
	recorder_run(record->recorder, &facts);
}

/* What the ring holds, on its way into a file of its own. It goes on, whatever happens. */
static int begin_write(struct record *record, struct error *error)
{
	struct wrote *wrote = &record->wrote;
	int err;

	tell_run(record, true); /* as of now: what is written is all there is */
	recorder_flush(record->recorder);
	err = next_file(record, wrote->path, sizeof(wrote->path), error);
	if (err)
		return err;
	wrote->span_ns = ring_span_ns(record->ring);
	wrote->n_events = ring_n_events(record->ring);
	wrote->is_tight = ring_is_tight(record->ring) && record->watch.options->ring_ns;
	chunk_file_take_all(&record->file);
	wrote->err = recorder_head(record->recorder, chunk_file_write, &record->file);
	if (!wrote->err)
		wrote->err = ring_each(record->ring, chunk_file_write, &record->file);
	record->is_writing = true;
	return 0;
}

/* All of it is written, or will be when this returns. */
static int end_write(struct record *record, struct error *error)
{
	const struct wrote *wrote = &record->wrote;
	char shown[SHOWN_PATH], bytes[NUMBER_SIZE], lost[WORDS_OF_LOSS];
	int err = chunk_file_close(&record->file, error);

	number_bytes(bytes, record->file.n_bytes);
	record->file = (struct chunk_file){ 0 };
	record->n_files++;
	record->is_writing = false;
	escape_name(shown, sizeof(shown), wrote->path);
	if (!err && wrote->err)
		err = error_set(error, -wrote->err, "cannot write %s: %s", shown,
				strerror(-wrote->err));
	if (err)
		return err;
	say(record, "wrote the last %.1f s, %" PRIu64 " events, to %s, %s; %s%s%s",
	    (double)wrote->span_ns / NS_PER_S, wrote->n_events, shown, bytes, losses(record, lost),
	    advice(record), wrote->is_tight ? "; more did not fit into a ring of 1 GB" : "");
	return 0;
}

static void complain(struct record *record, const struct error *error)
{
	clear_line(record);
	watch_complain(error);
}

/* Enter on a terminal that is ours to read: not in the background, not the command's. */
static bool enter_was_pressed(struct record *record)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char typed[256];
	ssize_t n;

	if (!record->reads_enter || poll(&in, 1, 0) < 1 || tcgetpgrp(STDIN_FILENO) != getpgrp())
		return false;
	n = read(STDIN_FILENO, typed, sizeof(typed));
	if (n <= 0)
		record->reads_enter = false;
	return n > 0 && memchr(typed, '\n', (size_t)n);
}

static void attend_wishes(struct record *record)
{
	struct error error;

	if (record->is_writing && chunk_file_is_idle(&record->file) && end_write(record, &error))
		complain(record, &error);
	record->wished |= enter_was_pressed(record);
	record->wished |= interrupt_take_wish();
	if (!record->wished || record->is_writing)
		return;
	record->wished = false;
	if (!record->ring)
		recorder_flush(record->recorder); /* what was seen so far is in the file */
	else if (begin_write(record, &error))
		complain(record, &error);
}

/* --- while it runs -------------------------------------------------------------------------------- */

/* The state gets counts and lanes alone: nobody looks at what it would know from events. */
static void on_event(const struct event *event, void *ctx)
{
	const struct record *record = ctx;

	recorder_event(record->recorder, event);
}

/* A command is not ended because our disk is full. */
static bool goes_on(struct record *record)
{
	struct error error;
	char shown[SHOWN_PATH];
	int err = recorder_err(record->recorder);

	if (!err && !record->ring)
		err = chunk_file_err(&record->file);
	if (!err)
		return true;
	if (!record->watch.options->command)
		return false;
	if (!record->gave_up) {
		escape_name(shown, sizeof(shown), path_of(record));
		error_set(&error, -err,
			  "cannot write %s: %s; what was written stays, the command goes on", shown,
			  strerror(-err));
		complain(record, &error);
		record->gave_up = true;
	}
	return true;
}

static bool drain(struct watch *watch, void *ctx)
{
	struct record *record = ctx;
	struct source *source = session_source(watch->session);
	uint64_t now_ns;

	recorder_look(record->recorder, watch->state);
	source->poll(source, on_event, record);
	now_ns = clock_now_ns();
	if (now_ns - record->counted_ns >= RECORDER_COUNTS_NS && !watch_measure(watch)) {
		if (!record->counted_ns)
			tell_run(record, false); /* by now the rate is known */
		record->counted_ns = now_ns;
		recorder_counts(record->recorder, &watch->counts);
	}
	if (recorder_is_due(record->recorder)) {
		tell_run(record, false);
		recorder_flush(record->recorder);
	}
	attend_wishes(record);
	if (record->shows_progress && now_ns - record->shown_ns >= PROGRESS_NS)
		progress(record, now_ns);
	return goes_on(record);
}

/* What came since, and the counts and times at the end, which are what stat would print. */
static void finish(struct record *record)
{
	struct source *source = session_source(record->watch.session);

	recorder_look(record->recorder, record->watch.state);
	source->flush(source, on_event, record);
	if (!record->ring)
		chunk_file_take_all(&record->file); /* the end is not lost */
	recorder_counts(record->recorder, &record->watch.counts);
	tell_run(record, true);
	recorder_flush(record->recorder);
	clear_line(record);
}

static int start(struct record *record, struct error *error)
{
	const struct options *options = record->watch.options;
	chunk_fn fn = chunk_file_write;
	void *ctx = &record->file;
	int err;

	if (options->ring_ns || options->ring_bytes) {
		record->ring = ring_new(options->ring_ns, options->ring_bytes);
		if (!record->ring)
			return error_set(error, ENOMEM, "cannot keep a ring: out of memory");
		fn = ring_take;
		ctx = record->ring;
		record->reads_enter = !options->command && isatty(STDIN_FILENO);
	}
	record->shows_progress = watch_shows_progress(options);
	record->recorder = recorder_new(record->watch.state, fn, ctx);
	if (!record->recorder)
		return error_set(error, ENOMEM, "cannot record: out of memory");
	err = record->ring ? 0 : recorder_head(record->recorder, fn, ctx);
	if (err)
		return error_set(error, -err, "cannot record: %s", strerror(-err));
	session_listen(record->watch.session, true, true);
	return watch_run(&record->watch, TICK_MS, drain, record, error);
}

static int check(const struct options *options, struct error *error)
{
	bool is_stdout = options->output && !strcmp(options->output, "-");

	if (!is_stdout)
		return 0;
	if (options->command)
		return error_set(error, EINVAL,
				 "-o -: standard output is the command's; name a file");
	if (options->ring_ns || options->ring_bytes)
		return error_set(error, EINVAL, "-o -: a ring is written to files; name one");
	if (isatty(STDOUT_FILENO))
		return error_set(error, EINVAL,
				 "-o -: a recording is nothing for a terminal; name a file");
	return 0;
}

static int write_ring(struct record *record, struct error *error)
{
	if (record->is_writing && end_write(record, error)) /* what was asked for before */
		complain(record, error);

	int err = begin_write(record, error);

	return err ? err : end_write(record, error);
}

/* How it came out, told: the exit status. */
static int end(struct record *record)
{
	struct error error;
	int status, err;
	uint64_t n_bytes;

	finish(record);
	status = watch_exit_status(&record->watch);
	if (record->ring)
		err = write_ring(record, &error);
	else
		err = chunk_file_close(&record->file, &error);
	n_bytes = record->file.n_bytes;
	if (err == -EPIPE) /* whoever read has had enough */
		return status;
	if (!err && recorder_err(record->recorder))
		err = error_set(&error, -recorder_err(record->recorder), "cannot record: %s",
				strerror(-recorder_err(record->recorder)));
	if (!err && !record->ring)
		tell_recorded(record, n_bytes);
	if (err) {
		if (!record->gave_up)
			watch_complain(&error);
		if (!record->ring && n_bytes)
			tell_recorded(record, n_bytes);
		return status == EXIT_OK ? EXIT_FAILED : status;
	}
	return status;
}

int cmd_record(const struct options *options)
{
	struct record record = { 0 };
	struct error error;
	int status = EXIT_FAILED;
	int err = check(options, &error);

	if (err) {
		watch_complain(&error);
		return EXIT_USAGE;
	}
	interrupt_watch_wish();
	err = watch_open(&record.watch, options, &error);
	if (!err) /* the invoking user opens it: by now this is all we are */
		err = chunk_file_open(&record.file, path_of(&record), options->force, &error);
	if (!err)
		err = start(&record, &error);
	if (err) {
		complain(&record, &error);
		chunk_file_drop(&record.file);
	} else {
		status = end(&record);
	}
	watch_close(&record.watch);
	recorder_free(record.recorder);
	ring_free(record.ring);
	return status;
}
