// SPDX-License-Identifier: GPL-2.0-only
/* task_figures.c - tasks that are there, copied between two of their switches; and those that ended. */
#include "source/task_figures.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "event/task_life.h"
#include "source/kernel_ring.h"

#define N_TRIES	 4  /* at a million switches a second one copy in a hundred is torn */
#define N_BEYOND 64 /* clones may be about to fill so many, behind which others are filled */

struct figures_map {
	unsigned n;
	const struct task_figures *figures; /* [n] */
	unsigned n_used;		    /* none beyond was ever in use, as far as is known */
	unsigned n_cpus;
	struct arrival {
		uint64_t time_ns;
		uint32_t running; /* task_word() */
	} * arrivals;		  /* [n_cpus]: who had it before figures were read */
	struct kernel_ring ended; /* not open: nobody wished for it */
};

/* A count of which the hook keeps the halves apart. */
static uint64_t whole(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

static int add_row(const struct task_figures *figures, uint64_t now_ns, struct task_table *table)
{
	struct task_life life = {
		.row = { .pid = figures->pid,
			 .tgid = figures->tgid,
			 .parent = figures->parent,
			 .lane = figures->lane,
			 .waker = figures->waker,
			 .has_waker = figures->wakeups != 0,
			 .cpu = figures->since_ns ? figures->cpu : (uint16_t)CPU_UNKNOWN,
			 .start_ns = figures->start_ns,
			 .voluntary = whole(figures->voluntary_high, figures->voluntary),
			 .involuntary = whole(figures->involuntary_high, figures->involuntary),
			 .run_ns = figures->run_ns,
			 .wait_ns = figures->wait_ns,
			 .sleep_ns = figures->sleep_ns,
			 .blocked_ns = figures->blocked_ns,
			 .wait_max_ns = figures->wait_max_ns,
			 .wakeups = figures->wakeups,
			 .migrations = figures->migrations },
		.doing = figures->doing,
		.since_ns = figures->since_ns,
		.woken_ns = figures->woken_ns,
	};

	memcpy(life.row.name, figures->name, sizeof(life.row.name));
	life.row.name[sizeof(life.row.name) - 1] = '\0';
	return task_life_add(&life, now_ns, table);
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

static void read_arrivals(struct figures_map *map, const struct cpu_counters *cpus)
{
	for (unsigned cpu = 0; cpu < map->n_cpus; cpu++)
		map->arrivals[cpu] = (struct arrival){
			.time_ns = __atomic_load_n(&cpus[cpu].arrived_ns, __ATOMIC_ACQUIRE),
			.running = __atomic_load_n(&cpus[cpu].running, __ATOMIC_ACQUIRE),
		};
}

/*
 * A hook may not have run (BPF does not where it would interrupt itself): who came to a CPU and is not who
 * was there later has left it, nobody knows when.
 */
static void check_running(const struct figures_map *map, struct task_figures *figures)
{
	const struct arrival *last;

	if (figures->doing != DOING_RUNNING || figures->cpu >= map->n_cpus)
		return;
	last = &map->arrivals[figures->cpu];
	if (last->time_ns <= figures->since_ns || task_pid(last->running) == figures->pid)
		return;
	figures->doing = DOING_UNKNOWN;
	figures->since_ns = figures->woken_ns = 0;
}

int figures_read(struct figures_map *map, const struct cpu_counters *cpus, struct task_table *table,
		 uint64_t now_ns)
{
	struct task_figures figures;
	int err = 0;

	find_used(map);
	read_arrivals(map, cpus);
	for (unsigned i = 1; !err && i < map->n_used; i++) {
		if (!copy_figures(&map->figures[i], &figures))
			continue;
		check_running(map, &figures);
		err = add_row(&figures, now_ns, table);
	}
	return err;
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
	int err;

	if (length != sizeof(*figures) || !figures->lane || figures->lane >= N_LANES_MAX)
		return;
	err = add_row(figures, figures->since_ns,
		      ending->table); /* its life ended with that switch */
	if (err)
		ending->err = err;
	else
		ending->table->rows[ending->table->n - 1].doing = TASK_ENDED;
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
	free(map->arrivals);
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
	map->n_cpus = maps->n_cpus;
	map->arrivals = calloc(map->n_cpus, sizeof(*map->arrivals));
	if (!map->arrivals)
		err = -ENOMEM;
	memory = mmap(NULL, map->n * sizeof(*map->figures), PROT_READ, MAP_SHARED, maps->figures_fd,
		      0);
	if (memory != MAP_FAILED)
		map->figures = memory;
	else if (!err)
		err = -errno;
	if (!err && maps->ended_bytes)
		err = kernel_ring_open(&map->ended, maps->ended_fd, maps->ended_bytes);
	if (err) {
		figures_map_free(map);
		errno = -err;
		return NULL;
	}
	return map;
}
