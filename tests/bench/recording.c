// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a recording costs: to be made, opened, played. Ten million events of the made-up machine, held
 * in memory before; each figure is of one thread's CPU time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpu_time.h"
#include "sink/recording.h"
#include "source/source.h"
#include "source/tape.h"

#define N_EVENTS 10000000u

static struct event *events;
static size_t n_events;

static void keep(const struct event *event, void *ctx)
{
	(void)ctx;
	if (n_events < N_EVENTS)
		events[n_events++] = *event;
}

static int write_chunk(const struct chunk *chunk, void *ctx)
{
	const int *fd = ctx;

	return write(*fd, chunk->bytes, chunk->n) == (ssize_t)chunk->n ? 0 : -EIO;
}

static void count(const struct event *event, void *ctx)
{
	uint64_t *sum = ctx;

	*sum += event->time_ns;
}

static void say(const char *name, uint64_t ns)
{
	printf("recording_%s %.1f ns/event\n", name, (double)ns / (double)n_events);
}

static void make(int fd)
{
	struct recording *recording = recording_new(2, 4, write_chunk, &fd);
	uint64_t start = cpu_time_ns();

	if (!recording || recording_head(recording, write_chunk, &fd))
		exit(1);
	for (size_t i = 0; i < n_events; i++)
		if (recording_event(recording, &events[i]))
			exit(1);
	if (recording_flush(recording))
		exit(1);
	say("made", cpu_time_ns() - start);
	printf("recording_size %.2f bytes/event\n",
	       (double)recording_n_bytes(recording) / (double)n_events);
	recording_free(recording);
}

static void play(int fd)
{
	uint64_t start = cpu_time_ns(), sum = 0;
	struct tape_visitor visitor = { .event = count, .ctx = &sum };
	struct error error = { "" };
	struct tape *tape = tape_open(fd, "memory", &error);
	struct cursor *cursor;

	if (!tape) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	printf("recording_opened %.2f ms\n", (double)(cpu_time_ns() - start) / 1e6);
	cursor = cursor_new(tape);
	start = cpu_time_ns();
	if (!cursor || cursor_play(cursor, UINT64_MAX, UINT64_MAX, &visitor) != (int64_t)n_events)
		exit(1);
	say("played", cpu_time_ns() - start);
	cursor_free(cursor);
	tape_free(tape);
}

int main(void)
{
	struct source *source = source_synth_new(2, 6, 1);
	int fd = memfd_create("recording", MFD_CLOEXEC);

	events = malloc(N_EVENTS * sizeof(*events));
	if (!source || !events || fd < 0)
		return 1;
	while (n_events < N_EVENTS) {
		source_synth_advance(source, 100 * NS_PER_MS);
		source->poll(source, keep, NULL);
	}
	make(fd);
	play(fd);
	source->free(source);
	free(events);
	return 0;
}
