// SPDX-License-Identifier: GPL-2.0-only
/* import.c - a first pass for who is in it, a second for events; a recording in a nameless file. */
#include "cmd/import.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/write_all.h"
#include "cmd/watch.h"
#include "sink/recording.h"
#include "source/foreign.h"
#include "state/tally.h"

#define N_PROGRAMS (N_LANES_MAX - 1)
#define STEP_NS	   (100 * NS_PER_MS) /* from counts to counts */

struct import {
	const char *path;
	int fd; /* of the recording */
	struct foreign *foreign;
	struct recording *recording;
	struct tally *tally;
	struct run_facts run;
	struct lane_label labels[N_LANES_MAX];
	unsigned n_lanes;
	uint64_t n_events, last_ns, next_ns; /* of an event; of the counts that are due */
	uint64_t shift_ns;		     /* added to every time */
	uint64_t shown_ns;
	bool shows_progress, is_shown;
};

/* --- words on stderr ----------------------------------------------------------------------------- */

static int progress(int pass, off_t done, off_t size, void *ctx)
{
	struct import *import = ctx;
	uint64_t now_ns = clock_now_ns();

	if (!import->shows_progress || now_ns - import->shown_ns < PROGRESS_NS)
		return 0;
	import->shown_ns = now_ns;
	import->is_shown = true;
	fprintf(stderr, "\r\033[Kreading a trace of another tool: %d%%",
		(int)((pass - 1) * 50 + (size ? done * 50 / size : 0)));
	return 0;
}

static void clear_line(struct import *import)
{
	if (import->is_shown)
		fputs("\r\033[K", stderr);
	import->is_shown = false;
}

static void tell(struct import *import)
{
	uint64_t n_late = foreign_n_late(import->foreign);
	uint64_t n_unclocked = foreign_n_unclocked(import->foreign);
	char shown[SHOWN_PATH];

	clear_line(import);
	escape_name(shown, sizeof(shown), import->path);
	if (*import->run.shows)
		fprintf(stderr, "swtch: %s: %s\n", shown, import->run.shows);
	if (n_late)
		fprintf(stderr,
			"swtch: %s: %" PRIu64 " events came too late in it to be put in order, and "
			"are shown later than they were\n",
			shown, n_late);
	if (n_unclocked)
		fprintf(stderr,
			"swtch: %s: times of an unknown clock are taken as they are; CPUs may not "
			"agree\n",
			shown);
}

/* --- the nameless file ------------------------------------------------------------------------------ */

static int open_nameless(struct error *error)
{
	const char *directory = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (!directory || !*directory)
		directory = "/tmp";
	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	/* File systems that know no such thing: a name for an instant. */
	snprintf(path, sizeof(path), "%s/swtch-XXXXXX", directory);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0) {
		int err = errno;
		char shown[SHOWN_PATH];

		escape_name(shown, sizeof(shown), directory);
		return error_set(error, err,
				 "cannot keep what is read of the trace in %s: %s; set TMPDIR to "
				 "a directory with room",
				 shown, strerror(err));
	}
	unlink(path);
	return fd;
}

static int write_chunk(const struct chunk *chunk, void *ctx)
{
	const struct import *import = ctx;

	return write_all(import->fd, chunk->bytes, chunk->n, -1);
}

/* --- lanes -------------------------------------------------------------------------------------------- */

static void name_lane(struct lane_label *label, const struct foreign_program *programs, unsigned n,
		      unsigned i)
{
	const char *name = programs[i].name;
	bool is_same = false;
	char shown[ESCAPED_SIZE(TASK_NAME_LEN)];

	for (unsigned k = 0; k < n; k++)
		is_same |= k != i && !strcmp(programs[k].name, name);
	escape_name(shown, sizeof(shown), name);
	if (*name && !is_same)
		snprintf(label->name, sizeof(label->name), "%.31s", shown);
	else
		snprintf(label->name, sizeof(label->name), "%.20s:%u", *name ? shown : "pid",
			 programs[i].tgid);
}

static void choose_lanes(struct import *import)
{
	struct foreign_program programs[N_PROGRAMS];
	unsigned n = foreign_programs(import->foreign, programs, N_PROGRAMS);

	import->n_lanes = n + 1;
	for (unsigned i = 0; i < n; i++) {
		foreign_set_lane(import->foreign, programs[i].tgid, i + 1);
		name_lane(&import->labels[i + 1], programs, n, i);
		import->labels[i + 1].phase = LANE_RUNNING;
	}
}

/* --- the recording ------------------------------------------------------------------------------------ */

/* Where the events are: with the first one, so that the first block begins where it does. */
static void begin(struct import *import, uint64_t time_ns)
{
	import->run.start_ns = time_ns;
	import->next_ns = time_ns + STEP_NS;
	recording_run(import->recording, &import->run);
	for (unsigned lane = 1; lane < import->n_lanes; lane++)
		recording_lane(import->recording, lane, &import->labels[lane], true);
}

/* Counts of the last full step before an event; where nothing happened, there are none. */
static int count_to(struct import *import, uint64_t time_ns)
{
	uint64_t at_ns;

	if (time_ns < import->next_ns)
		return 0;
	at_ns = time_ns - (time_ns - import->next_ns) % STEP_NS;
	import->next_ns = at_ns + STEP_NS;
	return recording_counts(import->recording, tally_counts(import->tally, at_ns));
}

static int take(const struct event *event, void *ctx)
{
	struct import *import = ctx;
	struct event shifted = *event;
	int err;

	shifted.time_ns += import->shift_ns;
	if (!import->n_events)
		begin(import, shifted.time_ns);
	err = count_to(import, shifted.time_ns);
	if (err)
		return err;
	import->n_events++;
	import->last_ns = shifted.time_ns;
	tally_apply(import->tally, &shifted);
	return recording_event(import->recording, &shifted);
}

/* The table at the end is that of the whole trace. */
static int finish(struct import *import)
{
	int err = recording_counts(import->recording, tally_counts(import->tally, import->last_ns));
	char left_out[sizeof(import->run.shows) - 32];

	import->run.has_ended = true;
	import->run.wall_ns = import->last_ns - import->run.start_ns;
	for (unsigned lane = 1; lane < import->n_lanes; lane++) {
		import->run.lane_wall_ns[lane] = import->run.wall_ns;
		import->labels[lane].phase = LANE_ENDED;
		recording_lane(import->recording, lane, &import->labels[lane], false);
	}
	if (foreign_left_out(import->foreign, left_out, sizeof(left_out)))
		snprintf(import->run.shows, sizeof(import->run.shows), "left out: %s", left_out);
	recording_run(import->recording, &import->run);
	return err ? err : recording_flush(import->recording);
}

static int make(struct import *import)
{
	const struct foreign_facts *facts = foreign_facts(import->foreign);
	struct run_facts *run = &import->run;

	/* Clocks that are read one after the other differ: what is near 0 could come before it. */
	import->shift_ns = facts->first_ns < NS_PER_S ? NS_PER_S : 0;
	*run = (struct run_facts){ .kind = "trace", .rate_hz = UINT64_MAX };
	snprintf(run->says, sizeof(run->says), "a trace of another tool");
	escape_name(run->kernel, sizeof(run->kernel), facts->kernel);
	import->recording = recording_new(facts->n_cpus, import->n_lanes, write_chunk, import);
	import->tally = tally_new(facts->n_cpus, import->n_lanes);
	if (!import->recording || !import->tally)
		return -ENOMEM;
	return recording_head(import->recording, write_chunk, import);
}

static int convert(struct import *import, struct error *error)
{
	char shown[SHOWN_PATH];
	int err;

	choose_lanes(import);
	err = make(import);
	if (!err)
		err = foreign_play(import->foreign, take, import);
	escape_name(shown, sizeof(shown), import->path);
	if (!err && !import->n_events)
		return error_set(error, ENODATA,
				 "%s holds no event at a time that can be; nothing is left to show",
				 shown);
	if (!err)
		err = finish(import);
	if (err)
		return error_set(error, -err,
				 "cannot keep what is read of %s in a temporary file: %s; set "
				 "TMPDIR to a directory with room",
				 shown, strerror(-err));
	return 0;
}

struct tape *import_trace(int fd, const char *path, struct error *error)
{
	struct import import = { .path = path, .fd = -1, .shows_progress = isatty(STDERR_FILENO) };
	struct tape *tape = NULL;
	int err;

	import.foreign = foreign_open(fd, path, progress, &import, error);
	err = import.foreign ? 0 : -errno;
	if (!err) {
		import.fd = open_nameless(error);
		err = import.fd < 0 ? import.fd : convert(&import, error);
	}
	if (!err) {
		tell(&import);
		tape = tape_open(import.fd, path, error);
		err = tape ? 0 : -errno;
	} else if (import.fd >= 0) {
		close(import.fd);
	}
	clear_line(&import);
	recording_free(import.recording);
	tally_free(import.tally);
	foreign_free(import.foreign);
	errno = -err;
	return tape;
}
