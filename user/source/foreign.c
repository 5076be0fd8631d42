// SPDX-License-Identifier: GPL-2.0-only
/* foreign.c - two passes over a trace: who is there and when, then its events, put in order. */
#include "source/foreign.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/escape.h"
#include "source/foreign_private.h"

#define WINDOW	(1u << 21)
#define FAR_NS	(24 * 3600 * NS_PER_S) /* no trace is silent for so long */
#define BOOT_NS (1ull << 62)	       /* later is before boot, wrapped, or 146 years after it */

void foreign_free(struct foreign *foreign)
{
	if (!foreign)
		return;
	if (foreign->tasks)
		munmap(foreign->tasks, FOREIGN_N_PIDS * sizeof(*foreign->tasks));
	names_free(foreign->names);
	names_free(foreign->programs);
	names_free(foreign->now);
	reorder_free(foreign->reorder);
	infer_fini(&foreign->infer);
	free(foreign);
}

const struct foreign_facts *foreign_facts(const struct foreign *foreign)
{
	return &foreign->facts;
}

/* --- a pass ---------------------------------------------------------------------------------------- */

static int on_progress(off_t done, off_t size, void *ctx)
{
	const struct foreign *foreign = ctx;

	return foreign->progress
		       ? foreign->progress(foreign->pass, done, size, foreign->progress_ctx)
		       : 0;
}

static int pass_over(struct foreign *foreign, int pass)
{
	foreign->pass = pass;
	foreign->packets = (struct packets_reader){ .packet = foreign_packet,
						    .progress = on_progress,
						    .ctx = foreign };
	foreign->ftrace = (struct ftrace_reader){ 0 };
	foreign->n_track_events = foreign->n_other_packets = foreign->n_machines = 0;
	foreign->n_absurd_times = foreign->n_unclocked = foreign->n_damaged = 0;
	return packets_read(&foreign->packets, foreign->fd, foreign->size);
}

/* --- the first ---------------------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* What is near the time in the middle, and near what is near it. */
static void find_span(struct foreign *foreign)
{
	unsigned n = foreign->n_samples, low = n / 2, high = low;
	const uint64_t *samples = foreign->samples;

	if (!n)
		return;
	qsort(foreign->samples, n, sizeof(*foreign->samples), by_time);
	while (low && samples[low] - samples[low - 1] < FAR_NS)
		low--;
	while (high + 1 < n && samples[high + 1] - samples[high] < FAR_NS &&
	       samples[high + 1] < BOOT_NS)
		high++;
	foreign->facts.first_ns = samples[low];
	foreign->facts.last_ns = samples[high];
	foreign->from_ns = samples[low] > FAR_NS ? samples[low] - FAR_NS : 1;
	foreign->until_ns = samples[high] < BOOT_NS ? samples[high] + FAR_NS : BOOT_NS;
}

static void sum_groups(struct foreign *foreign)
{
	for (uint32_t pid = 1; pid < foreign->n_pids; pid++) {
		struct foreign_task *task = &foreign->tasks[pid], *leader;
		uint64_t sum;

		if (!task->n_switches || !task->tgid || task->tgid == pid)
			continue;
		leader = &foreign->tasks[task->tgid];
		sum = (uint64_t)leader->n_switches + task->n_switches;
		leader->n_switches = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
		task->n_switches = 0;
	}
	foreign->tasks[0].n_switches = 0;
}

static int make(struct foreign *foreign)
{
	/* Pages that nobody looks at cost nothing; zeroed memory of malloc would be touched. */
	foreign->tasks =
		mmap(NULL, FOREIGN_N_PIDS * sizeof(*foreign->tasks), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (foreign->tasks == MAP_FAILED) {
		foreign->tasks = NULL;
		return -ENOMEM;
	}
	foreign->names = names_new();
	foreign->programs = names_new();
	foreign->stride = 1;
	return foreign->names && foreign->programs ? 0 : -ENOMEM;
}

static int refuse(const struct foreign *foreign, const char *path, int err, struct error *error)
{
	char shown[256], left_out[256];

	escape_name(shown, sizeof(shown), path);
	if (err == -EBADMSG)
		return error_set(error, EBADMSG,
				 "%s is no recording of swtch and no Perfetto trace; `swtch record "
				 "-o FILE` makes one",
				 shown);
	if (err == -ENODATA && foreign_left_out(foreign, left_out, sizeof(left_out)))
		return error_set(error, ENODATA,
				 "%s holds no context switches that can be read (left out: %s); "
				 "record with ftrace's sched_switch",
				 shown, left_out);
	if (err == -ENODATA)
		return error_set(error, ENODATA,
				 "%s holds no context switches; record with ftrace's sched_switch",
				 shown);
	return error_set(error, -err, "cannot read %s: %s", shown, strerror(-err));
}

static int scan(struct foreign *foreign)
{
	struct stat stat;
	int err = make(foreign);

	if (!err && fstat(foreign->fd, &stat))
		err = -errno;
	if (err)
		return err;
	foreign->size = stat.st_size;
	err = pass_over(foreign, 1);
	if (err)
		return err;
	if (!foreign->packets.n_packets && !foreign->packets.n_zstd)
		return -EBADMSG;
	if (foreign->packets.is_broken && !foreign->facts.n_events)
		return -EBADMSG; /* what begins like a trace by chance */
	if (!foreign->facts.n_switches)
		return -ENODATA;
	find_span(foreign);
	sum_groups(foreign);
	return 0;
}

struct foreign *foreign_open(int fd, const char *path, foreign_progress progress, void *ctx,
			     struct error *error)
{
	struct foreign *foreign = calloc(1, sizeof(*foreign));
	int err = -ENOMEM;

	if (foreign) {
		foreign->fd = fd;
		foreign->progress = progress;
		foreign->progress_ctx = ctx;
		err = scan(foreign);
	}
	if (err) {
		refuse(foreign, path, err, error);
		foreign_free(foreign);
		errno = -err;
		return NULL;
	}
	return foreign;
}

/* --- programs ------------------------------------------------------------------------------------------- */

static void name_program(const struct foreign *foreign, struct foreign_program *program)
{
	const char *name = names_get(foreign->programs, program->tgid);

	if (!*name)
		name = names_get(foreign->names, program->tgid);
	memcpy(program->name, name, TASK_NAME_LEN);
}

unsigned foreign_programs(const struct foreign *foreign, struct foreign_program *programs,
			  unsigned n_max)
{
	unsigned n = 0, at;

	for (uint32_t pid = 1; pid < foreign->n_pids; pid++) {
		uint32_t n_switches = foreign->tasks[pid].n_switches;

		if (!n_switches || (n == n_max && programs[n - 1].n_switches >= n_switches))
			continue;
		n += n < n_max;
		for (at = n - 1; at && programs[at - 1].n_switches < n_switches; at--)
			programs[at] = programs[at - 1];
		programs[at] = (struct foreign_program){ .tgid = pid, .n_switches = n_switches };
	}
	for (unsigned i = 0; i < n; i++)
		name_program(foreign, &programs[i]);
	return n;
}

void foreign_set_lane(struct foreign *foreign, uint32_t tgid, unsigned lane)
{
	if (tgid && tgid <= TASK_PID_MASK && lane < N_LANES_MAX)
		foreign->tasks[tgid].lane = (uint8_t)lane;
}

/* --- the second ----------------------------------------------------------------------------------------- */

static int give(struct foreign *foreign, const struct event *event)
{
	names_apply(foreign->now, event);
	return foreign->fn(event, foreign->ctx);
}

/* A task is met: its lane is known to the guess, and its first name is told. */
static int meet(struct foreign *foreign, uint32_t pid, uint64_t time_ns)
{
	struct foreign_task *task = &foreign->tasks[pid];
	const char *name = names_get(foreign->names, pid);
	struct event event = { .time_ns = time_ns, .kind = EVENT_NAME };
	int64_t number;

	if (!pid)
		return 0;
	number = infer_task(&foreign->infer, pid);
	if (number < 0)
		return (int)number;
	event.task = foreign_word(foreign, pid);
	foreign->infer.tasks[number].lane = task_lane(event.task);
	if (task->named || !*name)
		return 0;
	task->named = true;
	event_set_name(&event, name);
	return give(foreign, &event);
}

static int deliver_name(struct foreign *foreign, const struct event *event)
{
	struct event copy = *event;
	uint32_t pid = task_pid(event->task);
	char name[TASK_NAME_LEN];

	event_name(event, name);
	foreign->tasks[pid].named = true;
	if (!pid || !strcmp(names_get(foreign->now, pid), name))
		return 0;
	copy.task = foreign_word(foreign, pid);
	return give(foreign, &copy);
}

/* The first switch of a CPU in the compact form says who runs from now on, not who left. */
static bool is_first(struct foreign *foreign, const struct event *event)
{
	struct infer_cpu *here = infer_cpu(&foreign->infer, event->cpu);

	if (event->kind != EVENT_SWITCH || event->seq != INFER_TASK || here->known)
		return false;
	*here = (struct infer_cpu){ foreign_word(foreign, event->to.next), true, event->time_ns };
	return true;
}

static uint32_t other_pid(const struct event *event)
{
	return event->kind == EVENT_SWITCH   ? task_pid(event->to.next)
	       : event->kind == EVENT_WAKING ? task_pid(event->wake.wakee)
					     : 0;
}

static int deliver(const struct event *event, void *ctx)
{
	struct foreign *foreign = ctx;
	struct event full = *event;
	int err = 0;

	if (event->kind == EVENT_NAME)
		return deliver_name(foreign, event);
	if (event->kind != EVENT_LOST && event->seq != INFER_TASK)
		err = meet(foreign, task_pid(event->task), event->time_ns);
	if (!err)
		err = meet(foreign, other_pid(event), event->time_ns);
	if (err || is_first(foreign, event))
		return err;
	err = infer_fill(&foreign->infer, &full);
	if (!err && full.kind == EVENT_CLONE)
		full.made.child = foreign_word(foreign, task_pid(full.made.child));
	if (!err)
		err = infer_learn(&foreign->infer, &full);
	return err ? err : give(foreign, &full);
}

int foreign_play(struct foreign *foreign, foreign_fn fn, void *ctx)
{
	int err;

	reorder_free(foreign->reorder);
	names_free(foreign->now);
	infer_fini(&foreign->infer);
	foreign->reorder = reorder_new(WINDOW, deliver, foreign);
	foreign->now = names_new();
	foreign->fn = fn;
	foreign->ctx = ctx;
	foreign->holds = false;
	foreign->err = 0;
	err = infer_init(&foreign->infer, foreign->facts.n_cpus);
	if (!err && (!foreign->reorder || !foreign->now))
		err = -ENOMEM;
	if (!err)
		err = pass_over(foreign, 2);
	return err ? err : reorder_flush(foreign->reorder);
}

/* --- what is left out ----------------------------------------------------------------------------------- */

static void put(char *text, size_t size, size_t *length, uint64_t n, const char *what)
{
	int more = snprintf(text + *length, size - *length, "%s%" PRIu64 " %s", *length ? ", " : "",
			    n, what);

	*length += (size_t)more < size - *length ? (size_t)more : size - *length - 1;
}

unsigned foreign_left_out(const struct foreign *foreign, char *text, size_t size)
{
	const struct packets_reader *packets = &foreign->packets;
	const struct {
		uint64_t n;
		const char *one, *many;
	} kinds[] = {
		{ foreign->n_track_events, "track event", "track events" },
		{ foreign->ftrace.n_unknown, "ftrace event of another kind",
		  "ftrace events of other kinds" },
		{ packets->n_zstd, "packet compressed with zstd", "packets compressed with zstd" },
		{ foreign->n_machines, "packet of another machine", "packets of other machines" },
		{ foreign->n_absurd_times, "event at a time that cannot be",
		  "events at times that cannot be" },
		{ foreign->ftrace.n_absurd, "event of a task or CPU that cannot be",
		  "events of tasks or CPUs that cannot be" },
		{ packets->n_damaged + foreign->n_damaged, "damaged packet", "damaged packets" },
		{ packets->n_huge, "packet of more than 64 MiB", "packets of more than 64 MiB" },
		{ packets->n_cut_bytes, "byte at the end, which is no whole packet",
		  "bytes at the end, which are no whole packet" },
		{ foreign->n_other_packets, "packet of another kind", "packets of other kinds" },
	};
	size_t length = 0;
	unsigned n = 0;

	*text = '\0';
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!kinds[i].n)
			continue;
		put(text, size, &length, kinds[i].n,
		    kinds[i].n == 1 ? kinds[i].one : kinds[i].many);
		n++;
	}
	return n;
}

uint64_t foreign_n_late(const struct foreign *foreign)
{
	return foreign->reorder ? reorder_n_late(foreign->reorder) : 0;
}

uint64_t foreign_n_unclocked(const struct foreign *foreign)
{
	return foreign->n_unclocked;
}
