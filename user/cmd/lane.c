// SPDX-License-Identifier: GPL-2.0-only
/* lane.c - one lab run or command: its shared memory, its stages, its memory. */
#include "cmd/lane.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "source/live.h"

#define SETUP_NS	(10 * NS_PER_S)	 /* a runner that is not ready by then has failed, */
#define SETUP_TASK_NS	(50 * NS_PER_US) /* and so long a task: pages of a million stacks */
#define STOP_NS		(10 * NS_PER_S)	 /* to end after its unit, when asked */
#define PATIENCE_NS	(100 * NS_PER_S) /* and as long as it sleeps, but no longer than this */
#define FIRST_MEMORY_NS (50 * NS_PER_MS) /* of work, until its tasks are there */
#define STAND_NS	(5 * NS_PER_MS)	 /* between looks whether all tasks that linger are there */
#define MEMORY_NS	(2 * NS_PER_S)	 /* between readings */
#define MEMORY_SHARE	200		 /* a reading may take 1/200 of the time between two */

static void wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

__attribute__((format(printf, 2, 3))) static void fail(struct lane *lane, const char *format, ...)
{
	va_list args;

	if (lane->failed)
		return; /* the first reason is the one */
	lane->failed = true;
	va_start(args, format);
	vsnprintf(lane->note, sizeof(lane->note), format, args);
	va_end(args);
}

/* Anonymous, sealed in size: the runner cannot make our reads fault. */
static int make_area(struct lane *lane, const struct keeper *keeper, const struct lab_spec *spec,
		     uint64_t rate_hz)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

	lane->area_fd = memfd_create("swtch-lab", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (lane->area_fd < 0)
		return -errno;
	if (ftruncate(lane->area_fd, sizeof(*lane->area)) ||
	    fcntl(lane->area_fd, F_ADD_SEALS, seals))
		return -errno;
	lane->area = mmap(NULL, sizeof(*lane->area), PROT_READ | PROT_WRITE, MAP_SHARED,
			  lane->area_fd, 0);
	if (lane->area == MAP_FAILED) {
		lane->area = NULL;
		return -errno;
	}
	lane->area->magic = LAB_AREA_MAGIC;
	lane->area->size = sizeof(*lane->area);
	lane->spec = lane->area->spec = *spec;
	lane->area->spec.parent = (uint32_t)keeper_pid(keeper);
	for (unsigned i = 0; i < LAB_N_FIGURES; i++)
		atomic_init(&lane->area->figures[i], COUNT_UNKNOWN);
	atomic_store(&lane->area->rate_hz, rate_hz);
	return 0;
}

void lane_fini(struct lane *lane, struct source *source)
{
	live_set_area(source, lane->number, NULL);
	if (lane->area)
		munmap(lane->area, sizeof(*lane->area));
	if (lane->area_fd >= 0)
		close(lane->area_fd);
	*lane = (struct lane){ .number = lane->number, .area_fd = -1 };
}

static pid_t start_lab(struct lane *lane, struct keeper *keeper, struct source *source,
		       const struct lab_spec *spec, uint64_t rate_hz, struct error *error)
{
	int err = make_area(lane, keeper, spec, rate_hz);

	lane->job = job_find(spec->job);
	if (err)
		return error_set(error, -err, "cannot share memory with a lab run: %s",
				 strerror(-err));
	live_set_area(source, lane->number, lane->area);
	return keeper_start_lab(keeper, lane->number, lane->area_fd,
				spec->port ? spec->job : spec->model, spec->log, error);
}

static int note_start(struct lane *lane, pid_t pid, const struct error *error)
{
	if (pid < 0) {
		fail(lane, "%s", error->text);
		lane->stage = STAGE_ENDED;
		return (int)pid;
	}
	lane->pid = pid;
	lane->stage = STAGE_STARTING;
	return 0;
}

int lane_start_lab(struct lane *lane, struct keeper *keeper, struct source *source,
		   const struct lab_spec *spec, uint64_t rate_hz, struct error *error)
{
	int err;

	lane_fini(lane, source);
	err = note_start(lane, start_lab(lane, keeper, source, spec, rate_hz, error), error);
	if (!err)
		lane->started_ns = clock_now_ns();
	return err;
}

int lane_start_command(struct lane *lane, struct keeper *keeper, struct source *source,
		       uint32_t target, bool quiet, int terminal_fd, struct error *error)
{
	uint64_t started_ns;
	pid_t pid;
	int err;

	lane_fini(lane, source);
	lane->target = target;
	pid = keeper_start_command(keeper, lane->number, target, quiet, terminal_fd, &started_ns,
				   error);
	err = note_start(lane, pid, error);
	if (err)
		return err;
	lane->started_ns = started_ns;
	lane_go(lane, started_ns);
	return 0;
}

/* Between looks who came to a target, and who is left: the more there is to read, the seldomer. */
static uint64_t watch_ns(const struct lane *lane)
{
	static const uint64_t between[] = { [TARGET_PIDS] = 100 * NS_PER_MS,
					    [TARGET_CGROUP] = 100 * NS_PER_MS,
					    [TARGET_ALL] = 2 * NS_PER_S };

	return between[lane->kind];
}

static void note_untracked(struct lane *lane, unsigned n)
{
	if (n)
		snprintf(lane->note, sizeof(lane->note),
			 "%u tasks found no room and are not watched", n);
}

int lane_watch(struct lane *lane, struct keeper *keeper, struct source *source, uint32_t target,
	       enum target_kind kind, struct error *error)
{
	unsigned n_untracked;
	int n;

	lane_fini(lane, source);
	lane->is_watched = true;
	lane->target = target;
	lane->kind = kind;
	lane->started_ns = clock_now_ns(); /* its first tasks count before its last are found */
	n = keeper_watch(keeper, lane->number, target, &n_untracked, error);
	if (n < 0) {
		fail(lane, "%s", error->text);
		lane->stage = STAGE_ENDED;
		return n;
	}
	note_untracked(lane, n_untracked);
	lane_go(lane, lane->started_ns);
	lane->next_watch_ns = clock_now_ns() + watch_ns(lane);
	return 0;
}

static void look_again(struct lane *lane, struct keeper *keeper, uint64_t now_ns)
{
	struct error error;
	unsigned n_untracked;
	int n = keeper_watch(keeper, lane->number, lane->target, &n_untracked, &error);

	lane->next_watch_ns = now_ns + watch_ns(lane);
	if (n > 0)
		note_untracked(lane, n_untracked);
	if (lane->kind != TARGET_PIDS || (n && n != -ESRCH))
		return; /* a cgroup that was removed has no tasks, and may come again */
	lane->stage = STAGE_ENDED;
	lane->worked_to_ns = now_ns;
}

/*
 * What each of n tasks added to what the runner occupied without them: their own pages, the page
 * tables, their stacks in the kernel. Not the pages of files: those of the program are there once,
 * and those shared with us come and go with what we look at.
 */
static void share_memory(struct lane_memory *memory, const struct lab_area *area,
			 const struct memory *now, uint64_t n)
{
	/* Read once: the area is another program's. */
	uint64_t base = *(const volatile uint64_t *)&area->base_bytes;
	uint64_t base_tables = *(const volatile uint64_t *)&area->base_table_bytes;
	uint64_t pages = now->anon_bytes - base, tables = now->table_bytes - base_tables;
	uint64_t stacks = memory->stack_bytes - KERNEL_STACK_BYTES;

	if (!n || now->anon_bytes < base || now->table_bytes < base_tables)
		return;
	memory->task_page_bytes = pages / n;
	memory->task_table_bytes = tables / n;
	memory->task_stack_bytes = stacks / n;
	memory->task_bytes = (pages + tables + stacks) / n;
}

static void measure_memory(struct lane *lane, struct keeper *keeper, struct source *source,
			   uint64_t now_ns)
{
	struct lane_memory memory = lane_work_unknown.memory;
	struct lab_sums sums = { 0 };
	struct memory now;
	uint64_t took, n_there;
	struct error error;
	int err;

	lane->next_memory_ns = now_ns + MEMORY_NS;
	if (lane->area)
		lab_area_sum(lane->area, &sums);
	err = keeper_memory(keeper, lane->number, &now, &memory.stack_bytes, &error);
	if (err == -EACCES && !*lane->note)
		snprintf(lane->note, sizeof(lane->note), "%.*s", (int)sizeof(lane->note) - 1,
			 error.text);
	if (err || !now.pss_bytes)
		return;
	memory.pss_bytes = now.pss_bytes;
	memory.table_bytes = now.table_bytes;
	n_there = memory.stack_bytes / KERNEL_STACK_BYTES;
	/* Tasks of the kernel that come and go while they are looked at tell nothing of one. */
	if (lane->area && (!strcmp(lane->spec.model, "coroutine") || n_there >= 1 + sums.alive))
		share_memory(&memory, lane->area, &now, sums.alive);
	live_set_memory(source, lane->number, &memory);

	/* Reading thousands of processes takes a while: then do it the more seldom. */
	took = clock_now_ns() - now_ns;
	if (took * MEMORY_SHARE > MEMORY_NS)
		lane->next_memory_ns = now_ns + took * MEMORY_SHARE;
}

static uint64_t setup_deadline(const struct lane *lane)
{
	return lane->started_ns + SETUP_NS + lane->spec.n_tasks * SETUP_TASK_NS;
}

static void look_at_start(struct lane *lane, struct keeper *keeper, uint64_t now_ns)
{
	if (atomic_load(&lane->area->phase) == LAB_READY) {
		lane->stage = STAGE_READY;
	} else if (now_ns > setup_deadline(lane)) {
		fail(lane, "the lab runner was not ready after %llu s",
		     (unsigned long long)((setup_deadline(lane) - lane->started_ns) / NS_PER_S));
		lane_stop(lane, keeper);
	}
}

/* A task that was asked to stop ends after its unit, which may be one long sleep. */
static uint64_t stop_deadline(const struct lane *lane)
{
	uint64_t sleep_ns = lane->spec.sleep_ns;

	return lane->asked_ns + STOP_NS + (sleep_ns < PATIENCE_NS ? sleep_ns : PATIENCE_NS);
}

/*
 * Tasks that linger are there to be measured: not before the last of them stands, and then they
 * may go, unless they are to stay for a time (or, in the live view, without an end).
 */
static void look_at_lingering(struct lane *lane, struct keeper *keeper, struct source *source,
			      uint64_t now_ns)
{
	struct lab_sums sums;

	lab_area_sum(lane->area, &sums);
	if (sums.done < lane->spec.n_tasks) {
		lane->next_memory_ns = now_ns + STAND_NS;
		return;
	}
	lane->awaits_all = false;
	measure_memory(lane, keeper, source, now_ns);
	if (lane->spec.work)
		lane_ask(lane, clock_now_ns());
}

/* More tasks than at the last look: what one of them occupies is better asked when all are there. */
static bool tasks_still_come(struct lane *lane)
{
	uint64_t before = lane->n_alive_seen;
	struct lab_sums sums;

	if (!lane->area)
		return false;
	lab_area_sum(lane->area, &sums);
	lane->n_alive_seen = sums.alive;
	return sums.alive > before;
}

static void look_at_memory(struct lane *lane, struct keeper *keeper, struct source *source,
			   uint64_t now_ns)
{
	if (lane->awaits_all)
		look_at_lingering(lane, keeper, source, now_ns);
	else if (tasks_still_come(lane))
		lane->next_memory_ns = now_ns + STAND_NS;
	else
		measure_memory(lane, keeper, source, now_ns);
}

void lane_step(struct lane *lane, struct keeper *keeper, struct source *source, uint64_t now_ns)
{
	if (lane->stage == STAGE_STARTING) {
		look_at_start(lane, keeper, now_ns);
	} else if (lane->stage == STAGE_WORKING) {
		if (lane->is_watched && now_ns >= lane->next_watch_ns)
			look_again(lane, keeper, now_ns);
		if (lane->time_ns && now_ns - lane->worked_from_ns >= lane->time_ns)
			lane_ask(lane, now_ns);
		else if (now_ns >= lane->next_memory_ns)
			look_at_memory(lane, keeper, source, now_ns);
	} else if (lane->stage == STAGE_STOPPING) {
		if (now_ns >= stop_deadline(lane)) {
			fail(lane, "the lab did not end when asked and was killed");
			lane_stop(lane, keeper);
		}
	}
}

void lane_fail(struct lane *lane, const char *why)
{
	fail(lane, "%s", why);
}

void lane_ask(struct lane *lane, uint64_t now_ns)
{
	lane->stage = STAGE_STOPPING;
	lane->asked_ns = now_ns;
	atomic_store(&lane->area->stop, 1);
	wake(&lane->area->stop);
}

void lane_set_rate(struct lane *lane, uint64_t rate_hz)
{
	if (!lane->area)
		return;
	atomic_store(&lane->area->rate_hz, rate_hz);
	wake(&lane->area->stop); /* paced tasks sleep on it */
}

void lane_go(struct lane *lane, uint64_t now_ns)
{
	lane->stage = STAGE_WORKING;
	lane->worked_from_ns = now_ns;
	lane->awaits_all = lane->job && lane->job->lingers;
	lane->next_memory_ns = now_ns + (lane->awaits_all ? STAND_NS : FIRST_MEMORY_NS);
	if (lane->area) {
		atomic_store(&lane->area->go, 1);
		wake(&lane->area->go);
	}
}

/* A sentence of the runner's, which is another program's: escaped and bounded. */
static void escape_sentence(char escaped[LAB_ERROR_BYTES], const char *sentence)
{
	char raw[LAB_ERROR_BYTES];

	memcpy(raw, sentence, sizeof(raw));
	raw[sizeof(raw) - 1] = '\0';
	escape_name(escaped, LAB_ERROR_BYTES, raw);
}

static void take_error(struct lane *lane)
{
	char escaped[LAB_ERROR_BYTES];

	escape_sentence(escaped, lane->area->error);
	fail(lane, "%s", escaped);
}

/* Killed as one of its tasks had to be: all of them were part of one process. */
static bool had_to_die(const struct lane *lane, int status)
{
	return lane->job && lane->job->dies && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV &&
	       atomic_load(&lane->area->phase) == LAB_RUNNING;
}

/* Complete what the runner cannot tell any more. */
static void take_death(struct lane *lane, uint64_t now_ns)
{
	struct lab_area *area = lane->area;
	uint32_t n = lane->spec.n_tasks;
	uint64_t finished = atomic_load(&area->figures[CRASH_FINISHED]);

	if (finished > n) /* COUNT_UNKNOWN, say */
		finished = 0;
	atomic_store(&area->figures[CRASH_FINISHED], finished);
	atomic_store(&area->figures[CRASH_DIED], n - finished);
	atomic_store(&area->ended_ns, now_ns);
	if (finished)
		snprintf(lane->note, sizeof(lane->note),
			 "the program was killed by SIGSEGV, and %" PRIu64
			 " of its %u tasks with it",
			 n - finished, n);
	else
		snprintf(lane->note, sizeof(lane->note),
			 "the program was killed by SIGSEGV, and all of its %u tasks with it", n);
}

static void take_kill(struct lane *lane, int number)
{
	lane->was_killed = true;
	fail(lane, "the lab runner was killed by signal %d%s", number, error_of_signal(number));
}

void lane_ended(struct lane *lane, int status, uint64_t now_ns)
{
	bool by_itself = lane_is_alive(lane);
	uint32_t phase;

	lane->status = status;
	if (!by_itself) /* we ended it: what it says of that is no failure */
		return;
	lane->stage = STAGE_ENDED;
	lane->worked_to_ns = now_ns;
	if (!lane->area)
		return;
	phase = atomic_load(&lane->area->phase);
	if (phase == LAB_FAILED)
		take_error(lane);
	else if (had_to_die(lane, status))
		take_death(lane, now_ns);
	else if (WIFSIGNALED(status))
		take_kill(lane, WTERMSIG(status));
	else if (phase != LAB_DONE)
		fail(lane, "the lab runner ended early with status %d", WEXITSTATUS(status));
	else if (!lane->failed)
		escape_sentence(lane->note, lane->area->note);
}

uint64_t lane_deadline(const struct lane *lane)
{
	uint64_t at = UINT64_MAX;

	if (lane->stage == STAGE_STARTING)
		return 0; /* now, and again: how often is the caller's to choose */
	if (lane->stage == STAGE_WORKING) {
		at = lane->next_memory_ns;
		if (lane->time_ns && lane->worked_from_ns + lane->time_ns < at)
			at = lane->worked_from_ns + lane->time_ns;
		if (lane->is_watched && lane->next_watch_ns < at)
			at = lane->next_watch_ns;
	} else if (lane->stage == STAGE_STOPPING) {
		at = stop_deadline(lane);
	}
	return at;
}

void lane_stop(struct lane *lane, struct keeper *keeper)
{
	int err;

	if (!lane_is_alive(lane))
		return;
	err = keeper_stop(keeper, lane->number);
	if (err && err != -EPIPE)
		fail(lane, "its tasks could not be ended: %s", strerror(-err));
	lane->stage = STAGE_ENDED;
	lane->worked_to_ns = clock_now_ns();
}
