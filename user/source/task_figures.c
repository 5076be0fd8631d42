// SPDX-License-Identifier: GPL-2.0-only
/* task_figures.c - figures of tasks that are there, copied between two of their switches. */
#include "source/task_figures.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "source/kernel_ring.h"

#define N_TRIES	 4  /* at a million switches a second one copy in a hundred is torn */
#define N_BEYOND 64 /* clones may be about to fill so many, behind which others are filled */

struct figures_map {
	unsigned n;
	const struct task_figures *figures; /* [n] */
	unsigned n_used;		    /* none beyond was ever in use, as far as is known */
	struct kernel_ring ended;	    /* not open: nobody wished for it */
};

/* --- rows ----------------------------------------------------------------------------------------- */

/* Woken since it left its CPU, if it left it in a state that one is woken from. */
static bool is_woken(const struct task_figures *figures)
{
	return figures->doing != DOING_RUNNING && figures->doing != 1 + LEAVE_RUNNABLE &&
	       figures->woken_ns > figures->since_ns;
}

static uint8_t doing_of(const struct task_figures *figures)
{
	static const uint8_t doings[1 + N_LEAVE_STATES] = {
		[DOING_UNKNOWN] = TASK_UNKNOWN,	      [1 + LEAVE_RUNNABLE] = TASK_RUNNABLE,
		[1 + LEAVE_SLEEPING] = TASK_SLEEPING, [1 + LEAVE_BLOCKED] = TASK_BLOCKED,
		[1 + LEAVE_STOPPED] = TASK_STOPPED,   [1 + LEAVE_TRACED] = TASK_STOPPED,
		[1 + LEAVE_DEAD] = TASK_ENDED,	      [1 + LEAVE_ZOMBIE] = TASK_ENDED,
		[1 + LEAVE_PARKED] = TASK_STOPPED,    [1 + LEAVE_IDLE] = TASK_SLEEPING,
	};

	if (figures->doing == DOING_RUNNING)
		return TASK_RUNNING;
	if (is_woken(figures))
		return TASK_RUNNABLE;
	return figures->doing <= N_LEAVE_STATES ? doings[figures->doing] : TASK_UNKNOWN;
}

static uint64_t between(uint64_t from_ns, uint64_t to_ns)
{
	return from_ns && from_ns < to_ns ? to_ns - from_ns : 0;
}

/* What it does now is counted when it ends: add that, as of now. */
static void add_present(struct task_row *row, const struct task_figures *figures, uint64_t now_ns)
{
	uint64_t slept_to_ns = is_woken(figures) ? figures->woken_ns : now_ns;
	uint64_t slept_ns = between(figures->since_ns, slept_to_ns < now_ns ? slept_to_ns : now_ns);

	if (row->doing == TASK_RUNNING)
		row->run_ns += between(figures->since_ns, now_ns);
	else if (row->doing == TASK_RUNNABLE)
		row->wait_ns += between(row->since_ns, now_ns);
	if (figures->doing == DOING_RUNNING || figures->doing == 1 + LEAVE_RUNNABLE)
		return;
	if (figures->doing == 1 + LEAVE_BLOCKED)
		row->blocked_ns += slept_ns;
	else
		row->sleep_ns += slept_ns;
}

static void fill_row(struct task_row *row, const struct task_figures *figures)
{
	*row = (struct task_row){ .pid = figures->pid,
				  .tgid = figures->tgid,
				  .parent = figures->parent,
				  .lane = figures->lane,
				  .waker = figures->waker,
				  .has_waker = figures->wakeups != 0,
				  .cpu = figures->since_ns ? figures->cpu : (uint16_t)CPU_UNKNOWN,
				  .doing = doing_of(figures),
				  .start_ns = figures->start_ns,
				  .voluntary = figures->voluntary,
				  .involuntary = figures->involuntary,
				  .run_ns = figures->run_ns,
				  .wait_ns = figures->wait_ns,
				  .sleep_ns = figures->sleep_ns,
				  .blocked_ns = figures->blocked_ns,
				  .wait_max_ns = figures->wait_max_ns,
				  .wakeups = figures->wakeups,
				  .migrations = figures->migrations };
	memcpy(row->name, figures->name, sizeof(row->name));
	row->name[sizeof(row->name) - 1] = '\0';
	row->since_ns = is_woken(figures) ? figures->woken_ns : figures->since_ns;
}

/* --- tasks that are there ------------------------------------------------------------------------- */

static uint64_t switches_of(const struct task_figures *figures)
{
	return (uint64_t)__atomic_load_n(&figures->voluntary, __ATOMIC_RELAXED) +
	       __atomic_load_n(&figures->involuntary, __ATOMIC_RELAXED);
}

/* Those of before or after a switch, not of both; false: there is no task. */
static bool copy_figures(const struct task_figures *from, struct task_figures *to)
{
	if (!__atomic_load_n(&from->lane, __ATOMIC_ACQUIRE))
		return false;
	for (int i = 0; i < N_TRIES; i++) {
		uint64_t n = switches_of(from);
		uint64_t since_ns = __atomic_load_n(&from->since_ns, __ATOMIC_ACQUIRE);

		memcpy(to, from, sizeof(*to));
		atomic_thread_fence(memory_order_acquire);
		if (switches_of(from) == n &&
		    __atomic_load_n(&from->since_ns, __ATOMIC_RELAXED) == since_ns)
			break;
	}
	return to->lane && to->lane < N_LANES_MAX;
}

/* Slots are used from the first on; figures that never were in use are all 0, and so are those behind. */
static void find_used(struct figures_map *map)
{
	unsigned n_fresh = 0;

	if (map->n_used < N_KEEPER_SLOTS)
		map->n_used = N_KEEPER_SLOTS;
	if (map->n_used > map->n)
		map->n_used = map->n;
	for (unsigned i = map->n_used; i < map->n && n_fresh < N_BEYOND; i++) {
		n_fresh++;
		if (__atomic_load_n(&map->figures[i].pid, __ATOMIC_RELAXED)) {
			n_fresh = 0;
			map->n_used = i + 1;
		}
	}
}

int figures_read(struct figures_map *map, struct task_table *table, uint64_t now_ns)
{
	struct task_figures figures;
	struct task_row *row;

	table->n = 0;
	table->time_ns = now_ns;
	find_used(map);
	for (unsigned i = 1; i < map->n_used; i++) {
		if (!copy_figures(&map->figures[i], &figures))
			continue;
		row = task_table_add(table);
		if (!row)
			return -ENOMEM;
		fill_row(row, &figures);
		add_present(row, &figures, now_ns);
	}
	return 0;
}

/* --- tasks that ended ----------------------------------------------------------------------------- */

struct ending {
	struct task_table *table;
	int err;
};

static void take_ended(const void *record, size_t length, void *ctx)
{
	const struct task_figures *figures = record;
	struct ending *ending = ctx;
	struct task_row *row;

	if (length != sizeof(*figures) || !figures->lane || figures->lane >= N_LANES_MAX)
		return;
	row = task_table_add(ending->table);
	if (!row) {
		ending->err = -ENOMEM;
		return;
	}
	fill_row(row, figures);
	row->doing = TASK_ENDED;
	row->since_ns = figures->since_ns;
}

int figures_read_ended(struct figures_map *map, struct task_table *table)
{
	struct ending ending = { .table = table };

	if (map->ended.read)
		kernel_ring_drain(&map->ended, take_ended, &ending);
	return ending.err;
}

/* --- a life --------------------------------------------------------------------------------------- */

void figures_map_free(struct figures_map *map)
{
	if (!map)
		return;
	memory_unmap(map->figures, map->n * sizeof(*map->figures));
	kernel_ring_close(&map->ended);
	free(map);
}

struct figures_map *figures_map_new(const struct live_maps *maps)
{
	struct figures_map *map = calloc(1, sizeof(*map));
	const void *memory;
	int err = 0;

	if (!map)
		return NULL;
	map->n = maps->n_slots;
	memory = mmap(NULL, map->n * sizeof(*map->figures), PROT_READ, MAP_SHARED, maps->figures_fd,
		      0);
	if (memory == MAP_FAILED)
		err = -errno;
	else
		map->figures = memory;
	if (!err && maps->ended_bytes)
		err = kernel_ring_open(&map->ended, maps->ended_fd, maps->ended_bytes);
	if (err) {
		figures_map_free(map);
		errno = -err;
		return NULL;
	}
	return map;
}
