// SPDX-License-Identifier: GPL-2.0-only
/* fuzz_foreign.c - a file as another tool's trace: both passes, with lanes and what is left out. */
#include "fuzz.h"
#include "source/foreign.h"

static int take(const struct event *event, void *ctx)
{
	struct fuzz_reader *reader = ctx;

	MUST(event->time_ns >= reader->last_ns);
	fuzz_event(event, reader);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	int fd = fuzz_file(bytes, n);
	struct foreign *foreign = foreign_open(fd, "fuzz", NULL, NULL, NULL);
	struct foreign_program programs[N_LANES_MAX - 1];
	struct fuzz_reader reader;
	char left_out[200];
	unsigned n_programs;

	if (!foreign) {
		close(fd);
		return 0;
	}
	n_programs = foreign_programs(foreign, programs, N_LANES_MAX - 1);
	for (unsigned i = 0; i < n_programs; i++) {
		MUST(!i || programs[i].n_switches <= programs[i - 1].n_switches);
		foreign_set_lane(foreign, programs[i].tgid, i + 1);
	}
	fuzz_reader_init(&reader, foreign_facts(foreign)->n_cpus, N_LANES_MAX);
	MUST(foreign_play(foreign, take, &reader) == 0);
	foreign_left_out(foreign, left_out, sizeof(left_out));
	MUST(strlen(left_out) < sizeof(left_out));
	fuzz_reader_fini(&reader);
	foreign_free(foreign);
	close(fd);
	return 0;
}
