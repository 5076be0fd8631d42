// SPDX-License-Identifier: GPL-2.0-only
/*
 * counter.c - all tasks add to one counter; what each finds there at its end, and whether it can
 * read a file that another has opened.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "lab/sync.h"
#include "lab/task.h"

#define LOOK_EVERY 65536 /* additions of the first task between two looks, and fewer at first */

/* What tasks tell each other under every model. */
struct counter_shared {
	struct guarded guarded;	 /* the counter of processes, but for --private */
	uint64_t secret;	 /* in the file that the first task opens */
	_Atomic uint32_t file;	 /* its descriptor and 1; 0: not open yet */
	_Atomic uint32_t n_left; /* tasks that have not ended */
};

struct counter {
	const struct sync_ops *sync;
	struct guarded *guarded; /* in memory of the runner's own, or in `shared` */
	struct guarded *own;	 /* a fork copies it, threads and coroutines share it */
	struct counter_shared *shared;
};

static void *map(size_t bytes, int sharing)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static void counter_close(struct lab *lab)
{
	struct counter *counter = lab->own;
	uint32_t file;

	if (!counter)
		return;
	if (counter->guarded && counter->sync->close)
		counter->sync->close(counter->guarded);
	if (counter->shared) {
		file = atomic_load(&counter->shared->file);
		if (file && lab->model != MODEL_PROCESS) /* else it is a descriptor of another's */
			close((int)file - 1);
		munmap(counter->shared, sizeof(*counter->shared));
	}
	if (counter->own)
		munmap(counter->own, sizeof(*counter->own));
	free(counter);
	lab->own = NULL;
}

static int counter_open(struct lab *lab)
{
	struct counter *counter = lab->own = calloc(1, sizeof(*counter));
	struct guarded *guarded;
	int err = -ENOMEM;

	if (counter) {
		counter->sync = sync_find(lab->model, lab->spec.sync);
		counter->own = map(sizeof(*counter->own), MAP_PRIVATE);
		counter->shared = map(sizeof(*counter->shared), MAP_SHARED);
	}
	if (counter && counter->own && counter->shared) {
		guarded = lab->model == MODEL_PROCESS && !lab->spec.is_private
				  ? &counter->shared->guarded
				  : counter->own;
		atomic_store(&counter->shared->n_left, lab->n_tasks);
		err = counter->sync->open ? counter->sync->open(guarded) : 0;
		if (!err)
			counter->guarded = guarded;
	}
	return err ? lab_error_limit(lab, err, "cannot make a counter") : 0;
}

/* --- what a task sees ---------------------------------------------------------------------------- */

/*
 * What was added so far, and what of it is in the counter. The additions first: those that come
 * between are no loss. One task at a time may look: the first at work, the last at the end.
 */
__attribute__((no_sanitize("thread"))) static void look(const struct task *self,
							const struct counter *counter)
{
	_Atomic uint64_t *figures = self->lab->area->figures;
	struct lab_sums sums;
	uint64_t seen;

	lab_area_sum(self->lab->area, &sums);
	seen = counter->guarded->counter;
	atomic_store_explicit(&figures[COUNTER_EXPECTED], sums.done, memory_order_relaxed);
	atomic_store_explicit(&figures[COUNTER_COUNTED], seen, memory_order_relaxed);
	atomic_store_explicit(&figures[COUNTER_LOST], sums.done > seen ? sums.done - seen : 0,
			      memory_order_relaxed);
}

/* A figure that nobody has noted yet is greater than any. */
__attribute__((no_sanitize("thread"))) static void note_seen(const struct task *self,
							     const struct counter *counter)
{
	_Atomic uint64_t *least = &self->lab->area->figures[COUNTER_SEEN_LEAST];
	_Atomic uint64_t *most = &self->lab->area->figures[COUNTER_SEEN_MOST];
	uint64_t seen = counter->guarded->counter, known;

	known = atomic_load(least);
	while (seen < known && !atomic_compare_exchange_weak(least, &known, seen))
		;
	known = atomic_load(most);
	while ((seen > known || known == UINT64_MAX) &&
	       !atomic_compare_exchange_weak(most, &known, seen))
		;
}

/* --- a file -------------------------------------------------------------------------------------- */

/* Only the number is told to the others: whether it means anything to them is the question. */
static void open_file(struct task *self, struct counter_shared *shared)
{
	int fd = memfd_create("counter", MFD_CLOEXEC);

	shared->secret = hash_fold(clock_now_ns(), (uint64_t)getpid());
	if (fd < 0 || write(fd, &shared->secret, sizeof(shared->secret)) < 0) {
		lab_error_limit(self->lab, -errno, "task %u cannot make a file", self->number);
		lab_die(self->lab);
	}
	atomic_store(&shared->file, (uint32_t)fd + 1);
}

static bool reads_file(struct task *self, struct counter_shared *shared)
{
	uint64_t found = 0;

	/* Only a task with next to no work gets here before the first one runs. */
	while (!atomic_load(&shared->file))
		task_sleep(self, NS_PER_MS);
	return pread((int)atomic_load(&shared->file) - 1, &found, sizeof(found), 0) ==
		       sizeof(found) &&
	       found == shared->secret;
}

/* --- the job ------------------------------------------------------------------------------------- */

static void counter_body(struct task *self)
{
	const struct counter *counter = self->lab->own;
	struct counter_shared *shared = counter->shared;
	bool first = !self->number;

	if (first)
		open_file(self, shared);
	for (uint64_t n = 1; task_next(self); n++) {
		counter->sync->add(counter->guarded, self);
		task_done(self, 1, 1);
		if (first && (n % LOOK_EVERY == 0 || (n & (n - 1)) == 0))
			look(self, counter);
	}
	task_figure(self, COUNTER_FILES, !first && reads_file(self, shared));
	if (atomic_fetch_sub(&shared->n_left, 1) == 1)
		look(self, counter);
	note_seen(self, counter);
}

static const struct lab_figure figures[] = {
	[COUNTER_EXPECTED] = { "expected", "additions made", false, "added" },
	[COUNTER_COUNTED] = { "counted", "in the counter", false, NULL },
	[COUNTER_LOST] = { "lost_updates", "lost updates", true, "lost" },
	[COUNTER_SEEN_LEAST] = { "seen_least", "a task saw, at least", false, NULL },
	[COUNTER_SEEN_MOST] = { "seen_most", "a task saw, at most", false, NULL },
	[COUNTER_FILES] = { "files_read", "read another's file", false, NULL },
	{ NULL, NULL, false, NULL },
};

const struct job job_counter = {
	.name = "counter",
	.says = "all tasks add to one counter",
	.shows = "Updates are lost where several CPUs add and nothing guards the counter; and a "
		 "process with --private sees its own additions alone.",
	.about =
		"To add one to a counter is three steps: load it, add, store it. Two tasks that load "
		"the same value both store the same sum, and one addition is lost. --sync chooses what "
		"is done about it: nothing, an atomic instruction, a mutex, a semaphore, or a "
		"condition variable. Processes keep the counter in memory that they share, or with "
		"--private in a variable of the program, of which each gets a copy of its own; for "
		"threads and coroutines that same variable is one and the same. Coroutines of one "
		"thread lose nothing, as none is ever interrupted in the middle; those of a --pool do. "
		"At its start the first task opens a file, and at their end the others try to read it "
		"by the number of its descriptor: it means something within one process alone.",
	.unit = "addition",
	.comms = { "count" },
	.n_tasks = 4,
	.group = 1,
	.own_pace = true,
	.options = JOB_SYNC | JOB_PRIVATE | JOB_POOL,
	.figures = figures,
	.open = counter_open,
	.close = counter_close,
	.body = counter_body,
};
