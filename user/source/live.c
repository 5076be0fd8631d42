// SPDX-License-Identifier: GPL-2.0-only
/* live.c - mapped rings into time order, mapped counters into counts. */
#include "source/live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/memory.h"
#include "event/lost.h"
#include "event/names.h"
#include "source/marked.h"
#include "source/marks.h"
#include "source/merge.h"
#include "source/procstat.h"
#include "source/rings.h"
#include "source/strangers.h"
#include "source/task_figures.h"

/* A record is in its ring at the latest so long after the time that it bears. */
#define SLACK_NS NS_PER_MS

struct live {
	struct source source;
	struct live_maps maps;
	struct lane_counters *cells;
	struct cpu_counters *cpus;
	struct control *control;
	struct rings *rings;
	struct figures_map *figures;
	struct merge *merge;
	struct procstat *procstat;
	struct strangers *strangers;
	uint64_t shown[LAB_PIN_WORDS]; /* CPUs; all zero: all */
	bool shows_some;
	struct mark_clock mark_clock;
	struct marks marks[N_LANES_MAX];
	struct marked *marked;
	bool tells_marked; /* else they are counted alone */
	uint16_t *cpu_of;  /* by pid, of threads that may make marks: plus one, 0 for unknown */
	struct lane_memory memory[N_LANES_MAX];
	unsigned clients[N_LANES_MAX]; /* the lane that measures a lane's latencies; 0: its own */
	clockid_t keeper_clock;
	bool has_keeper_clock;
	uint32_t listeners;		   /* numbers used so far */
	uint64_t opened_ns, opened_cpu_ns; /* when this began */
	uint64_t n_events, n_lost;
	uint64_t mark_bytes; /* of the marks read */
	uint64_t n_refused;  /* of those lost: since the last time that they were told */
};

static size_t cells_size(const struct live_maps *maps)
{
	return sizeof(struct lane_counters) * maps->n_cpus * maps->n_lanes;
}

static size_t cpus_size(const struct live_maps *maps)
{
	return sizeof(struct cpu_counters) * maps->n_cpus;
}

/* --- events ---------------------------------------------------------------------------------- */

/* As good as not read. */
static void count_lost(struct live *live)
{
	live->n_lost++;
	live->n_refused++;
}

static void push(struct live *live, unsigned stream, const struct event *event)
{
	live->n_events++;
	if (merge_push(live->merge, stream, event)) /* no room */
		count_lost(live);
}

/* No hook writes another: whoever has the maps may write there, too (struct task_figures says why). */
static bool is_of_hook(const struct live *live, const struct event *event)
{
	bool has_cpu = event->kind != EVENT_NAME && event->kind != EVENT_COROUTINE_NAME;

	return event->kind > EVENT_NONE && event->kind < N_EVENT_KINDS &&
	       (!has_cpu || event->cpu < live->maps.n_cpus);
}

/* What a CPU has written since the last time. */
static void push_record(unsigned cpu, const struct event *event, void *ctx)
{
	struct live *live = ctx;

	struct event copy;

	if (!is_of_hook(live, event)) {
		count_lost(live);
		return;
	}
	if (event->kind == EVENT_LOST)
		live->n_lost += event->lost.n;
	if (event_is_of_coroutine(event->kind)) {
		copy = *event;
		if (event->kind == EVENT_COROUTINE_NAME)
			event_move_coroutine_name(&copy, (uint16_t)cpu);
		copy.coroutine.id =
			marked_hook_id(live->marked, task_lane(event->task), event->coroutine.id);
		event = &copy;
	}
	push(live, cpu, event);
}

static void push_mark(const struct event *event, unsigned ring, void *ctx)
{
	struct live *live = ctx;
	unsigned lane = task_lane(event->task);

	if (event->kind != EVENT_LOST)
		live->mark_bytes += sizeof(struct mark);
	push(live, live->maps.n_cpus + lane * LAB_N_POOL + ring, event);
}

static void push_marked(const struct event *event, unsigned stream, void *ctx)
{
	struct live *live = ctx;

	push(live, live->maps.n_cpus + live->maps.n_lanes * LAB_N_POOL + stream, event);
}

/* Behind those of CPUs, the lab and programs: what was refused. */
static unsigned n_streams(const struct live_maps *maps)
{
	return maps->n_cpus + maps->n_lanes * LAB_N_POOL + MARKED_N_STREAMS + 1;
}

/* In its place in time, too. */
static void push_refused(struct live *live)
{
	struct event event;

	if (!live->n_refused)
		return;
	event = event_lost(CPU_UNKNOWN, clock_now_ns(), live->n_refused, 0);
	if (!merge_push(live->merge, n_streams(&live->maps) - 1, &event))
		live->n_refused = 0;
}

static void drain_all(struct live *live)
{
	live->rings->drain(live->rings, push_record, live);
	for (unsigned lane = 0; lane < live->maps.n_lanes; lane++)
		if (live->marks[lane].area)
			live->n_lost +=
				marks_read(&live->marks[lane], &live->mark_clock, push_mark, live);
	if (live->tells_marked)
		live->n_lost += marked_read(live->marked, &live->mark_clock, push_marked, live);
	else
		marked_skip(live->marked);
	push_refused(live);
}

/* What a receiver of events gets is completed on its way, in the order of time. */
struct delivery {
	struct live *live;
	source_fn fn;
	void *ctx;
};

static bool is_shown(const struct live *live, unsigned cpu)
{
	return !live->shows_some ||
	       (cpu < LAB_PIN_WORDS * 64 && live->shown[cpu / 64] >> cpu % 64 & 1);
}

/* A mark does not know its CPU: it is where its thread came last. */
static void follow_threads(struct live *live, const struct event *event)
{
	struct marks *marks = &live->marks[task_lane(event->to.next) % N_LANES_MAX];

	if (marks->area)
		marks_thread_runs(marks, task_pid(event->to.next), event->cpu);
	else if (task_lane(event->to.next))
		live->cpu_of[task_pid(event->to.next)] = (uint16_t)(event->cpu + 1);
}

static uint16_t cpu_of_thread(const struct live *live, uint32_t word)
{
	const struct marks *marks = &live->marks[task_lane(word) % N_LANES_MAX];

	if (marks->area)
		return marks_thread_cpu(marks, task_pid(word));
	return (uint16_t)(live->cpu_of[task_pid(word)] - 1); /* CPU_UNKNOWN is all ones */
}

static void deliver(const struct event *event, void *ctx)
{
	const struct delivery *to = ctx;
	struct event copy;

	while (strangers_meet(to->live->strangers, event, &copy))
		to->fn(&copy, to->ctx);
	if (event->kind == EVENT_SWITCH) {
		follow_threads(to->live, event);
	} else if (event_is_of_coroutine(event->kind) && event->cpu == CPU_UNKNOWN) {
		copy = *event;
		copy.cpu = cpu_of_thread(to->live, event->task);
		event = &copy;
	}
	if (event->kind == EVENT_NAME || event->cpu == CPU_UNKNOWN ||
	    is_shown(to->live, event->cpu))
		to->fn(event, to->ctx);
}

static int live_poll(struct source *source, source_fn fn, void *ctx)
{
	struct live *live = (struct live *)source;
	struct delivery to = { live, fn, ctx };
	uint64_t up_to = clock_now_ns() - SLACK_NS, stuck_ns;

	drain_all(live);
	stuck_ns = live->rings->stuck_ns(live->rings);
	if (stuck_ns < up_to)
		up_to = stuck_ns;
	int n = (int)merge_drain(live->merge, up_to, deliver, &to);

	source->wish_ns = live->rings->wish_ns;
	return n;
}

static int live_flush(struct source *source, source_fn fn, void *ctx)
{
	struct live *live = (struct live *)source;
	struct delivery to = { live, fn, ctx };

	drain_all(live);
	return (int)merge_flush(live->merge, deliver, &to);
}

/* --- counts ---------------------------------------------------------------------------------- */

/* A CPU's counters of before or after a switch, not of both: else a long run is lost, or there twice. */
static void copy_cpu(const struct live *live, struct counts *counts, unsigned cpu)
{
	size_t first = (size_t)cpu * live->maps.n_lanes;
	uint64_t before;

	for (int i = 0; i < 8; i++) { /* at a million switches a second one in three fails */
		before = __atomic_load_n(&live->cpus[cpu].n_switches, __ATOMIC_ACQUIRE);
		memcpy(counts->cells + first, live->cells + first,
		       live->maps.n_lanes * sizeof(*live->cells));
		counts->cpus[cpu] = live->cpus[cpu];
		atomic_thread_fence(memory_order_acquire);
		if (__atomic_load_n(&live->cpus[cpu].n_switches, __ATOMIC_RELAXED) == before)
			break;
	}
}

/* A task that runs for long has not been counted since it came: add that, as of now. */
static void add_running(struct counts *counts, unsigned cpu)
{
	const struct cpu_counters *here = &counts->cpus[cpu];
	uint64_t now = counts->time_ns;

	uint32_t lane = task_lane(here->running);

	if (lane && lane < counts->n_lanes && here->arrived_ns < now)
		counts_cell(counts, cpu, lane)->run_ns += now - here->arrived_ns;
}

/* As if what is not shown had not been. */
static void hide_cpu(struct counts *counts, unsigned cpu)
{
	memset(counts_cell(counts, cpu, 0), 0, counts->n_lanes * sizeof(*counts->cells));
	counts->cpus[cpu].other_switches = 0;
	counts->online[cpu] = false;
}

/* What an event loop and its coroutines did, each thread of the pool in a line of its own. */
static void read_loops(const struct lab_area *area, const struct lab_sums *sums,
		       struct lane_work *work)
{
	work->user_switches = sums->user_switches;
	work->coroutines = sums->created;
	work->turns = sums->turns;
	work->polls = sums->polls;
	work->ready = sums->ready;
	work->n_pool = area->spec.n_pool;
	if (!work->n_pool || work->n_pool > LAB_N_POOL)
		work->n_pool = 1;
	for (unsigned i = 0; i < work->n_pool; i++)
		work->pool[i] = (struct pool_work){
			.user_switches = atomic_load_explicit(&area->lines[i].user_switches,
							      memory_order_relaxed),
			.done = atomic_load_explicit(&area->lines[i].done, memory_order_relaxed),
		};
}

/* Of a runtime that the hooks know. Without one, nobody knows whether there are coroutines. */
static void read_steps(const struct live *live, const struct counts *counts, unsigned lane,
		       struct lane_work *work)
{
	uint64_t steps = 0, coroutines = 0;

	for (unsigned cpu = 0; cpu < live->maps.n_cpus; cpu++) {
		const struct lane_counters *cell = counts_cell(counts, cpu, lane);

		steps += cell->steps;
		coroutines += cell->coroutines;
	}
	if (!steps)
		return;
	if (work->user_switches == COUNT_UNKNOWN) /* no marks beside them */
		work->user_switches = work->coroutines = 0;
	work->user_switches += steps;
	work->coroutines += coroutines;
}

static void read_work(const struct live *live, struct lane_work *work, unsigned lane,
		      uint64_t now_ns)
{
	const struct lab_area *area = live->marks[lane].area;
	const struct lab_area *clients = live->marks[live->clients[lane]].area;
	struct lab_sums sums;
	uint64_t switches, created;

	*work = lane_work_unknown;
	work->memory = live->memory[lane];
	if (!area && marked_counts(live->marked, lane, &switches, &created)) {
		work->user_switches = switches;
		work->coroutines = created;
	}
	if (!area)
		return;
	lab_area_sum(area, &sums);
	work->done = sums.done;
	work->yielded = sums.yielded;
	work->checksum = sums.checksum;
	work->alive = sums.alive;
	for (unsigned i = 0; i < LAB_N_FIGURES; i++)
		work->figures[i] = atomic_load_explicit(&area->figures[i], memory_order_relaxed);
	latency_read(clients ? &clients->latencies : &area->latencies, &work->latency);
	if (!strncmp(area->spec.model, "coroutine", sizeof(area->spec.model)))
		read_loops(area, &sums, work);

	uint64_t start = atomic_load(&area->started_ns), end = atomic_load(&area->ended_ns);

	if (start)
		work->wall_ns = (end ? end : now_ns) > start ? (end ? end : now_ns) - start : 0;
}

/* CPU time of this process and the keeper, from their start. */
static uint64_t read_cpu_ns(const struct live *live)
{
	struct timespec own, keeper = { 0, 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
	if (live->has_keeper_clock && clock_gettime(live->keeper_clock, &keeper))
		keeper = (struct timespec){ 0, 0 };
	return (uint64_t)(own.tv_sec + keeper.tv_sec) * NS_PER_S +
	       (uint64_t)(own.tv_nsec + keeper.tv_nsec);
}

/* Steps of coroutines of which nothing was told. */
static uint64_t count_unplaced(const struct live *live)
{
	uint64_t n = 0;

	for (unsigned cpu = 0; cpu < live->maps.n_cpus; cpu++)
		for (unsigned lane = 1; lane < live->maps.n_lanes; lane++)
			n += live->cells[cpu * live->maps.n_lanes + lane].unplaced;
	return n;
}

static void read_self(const struct live *live, const struct counts *counts, struct self_cost *self)
{
	uint64_t cpu_ns = read_cpu_ns(live);

	*self = (struct self_cost){
		.cpu_ns = cpu_ns,
		.lost_events = live->n_lost + marked_untold(live->marked) + count_unplaced(live),
		.n_events = live->n_events,
		.watch_ns = counts->time_ns - live->opened_ns,
		.watch_cpu_ns = cpu_ns - live->opened_cpu_ns,
		.read_bytes = live->rings->n_bytes + live->mark_bytes + marked_bytes(live->marked),
		.written_bytes = COUNT_UNKNOWN
	};
	for (unsigned cpu = 0; cpu < live->maps.n_cpus; cpu++) {
		self->hook_ns += counts->cpus[cpu].cost_ns;
		self->hook_n += counts->cpus[cpu].cost_n;
		self->n_switches += counts->cpus[cpu].own_switches;
	}
}

static int live_counts(struct source *source, struct counts *counts)
{
	struct live *live = (struct live *)source;

	counts->time_ns = clock_now_ns();
	for (unsigned cpu = 0; cpu < live->maps.n_cpus; cpu++) {
		copy_cpu(live, counts, cpu);
		add_running(counts, cpu);
	}
	for (unsigned lane = 0; lane < live->maps.n_lanes; lane++)
		read_work(live, &counts->work[lane], lane, counts->time_ns);
	for (unsigned lane = 1; lane < live->maps.n_lanes; lane++)
		if (!live->marks[lane].area)
			read_steps(live, counts, lane, &counts->work[lane]);
	read_self(live, counts, &counts->self);

	int err = procstat_read(live->procstat, counts);

	for (unsigned cpu = 0; cpu < live->maps.n_cpus; cpu++)
		if (!is_shown(live, cpu))
			hide_cpu(counts, cpu);
	return err;
}

/* --- tasks ----------------------------------------------------------------------------------- */

/* Tasks of all lanes that are in no table, since they found no slot, or room in the ring of the ended. */
static void tell_missing(const struct live *live, struct task_table *table)
{
	unsigned n_lanes = live->maps.n_lanes;

	table->n_untracked = table->n_untold = 0;
	for (unsigned i = 0; i < live->maps.n_cpus * n_lanes; i++) {
		table->n_untracked += i % n_lanes ? live->cells[i].untracked : 0;
		table->n_untold += i % n_lanes ? live->cells[i].untold : 0;
	}
}

static int live_tasks(struct source *source, struct task_table *table)
{
	struct live *live = (struct live *)source;

	task_table_clear(table, clock_now_ns());
	tell_missing(live, table);
	return figures_read(live->figures, live->cpus, table, table->time_ns);
}

static int live_ended(struct source *source, struct task_table *table)
{
	struct live *live = (struct live *)source;

	tell_missing(live, table);
	return figures_read_ended(live->figures, table);
}

/* --- a life ---------------------------------------------------------------------------------- */

static void live_free(struct source *source)
{
	struct live *live = (struct live *)source;

	if (!live)
		return;
	if (live->rings)
		live->rings->free(live->rings);
	figures_map_free(live->figures);
	memory_unmap(live->cells, cells_size(&live->maps));
	memory_unmap(live->cpus, cpus_size(&live->maps));
	memory_unmap(live->control, sizeof(*live->control));
	merge_free(live->merge);
	procstat_free(live->procstat);
	strangers_free(live->strangers);
	marked_free(live->marked);
	free(live->cpu_of);
	free(live);
}

static int map_all(struct live *live)
{
	const struct live_maps *maps = &live->maps;

	live->cells = mmap(NULL, cells_size(maps), PROT_READ, MAP_SHARED, maps->cells_fd, 0);
	live->cpus = mmap(NULL, cpus_size(maps), PROT_READ, MAP_SHARED, maps->cpus_fd, 0);
	live->control = mmap(NULL, sizeof(*live->control), PROT_READ | PROT_WRITE, MAP_SHARED,
			     maps->control_fd, 0);
	if (live->cells == MAP_FAILED || live->cpus == MAP_FAILED || live->control == MAP_FAILED)
		return -errno;
	live->rings = rings_new(maps, live->cpus);
	if (!live->rings)
		return -errno;
	live->figures = figures_map_new(maps);
	return live->figures ? 0 : -errno;
}

static void init_lanes(struct live *live)
{
	for (unsigned lane = 0; lane < N_LANES_MAX; lane++)
		live->memory[lane] = lane_work_unknown.memory;
	live->has_keeper_clock =
		live->maps.keeper && !clock_getcpuclockid(live->maps.keeper, &live->keeper_clock);
	mark_clock_sample(&live->mark_clock);
	live->opened_ns = clock_now_ns();
	live->opened_cpu_ns = read_cpu_ns(live);
}

struct source *live_new(const struct live_maps *maps, struct error *error)
{
	struct live *live = calloc(1, sizeof(*live));
	int err;

	if (!live) {
		error_set(error, ENOMEM, "cannot read the probes: out of memory");
		return NULL;
	}
	live->maps = *maps;
	live->source = (struct source){ .poll = live_poll,
					.flush = live_flush,
					.counts = live_counts,
					.tasks = live_tasks,
					.ended = live_ended,
					.free = live_free,
					.n_cpus = maps->n_cpus,
					.n_lanes = maps->n_lanes };
	live->merge = merge_new(n_streams(maps), 1u << 20);
	live->procstat = procstat_open(maps->n_cpus);
	live->strangers = strangers_new();
	live->marked = marked_new();
	live->cpu_of = calloc(TASK_PID_MASK + 1, sizeof(*live->cpu_of)); /* pages as used */
	err = live->merge && live->procstat && live->strangers && live->marked && live->cpu_of
		      ? map_all(live)
		      : -ENOMEM;
	if (err) {
		error_set(error, -err, "cannot read the probes: %s", strerror(-err));
		live_free(&live->source);
		return NULL;
	}
	init_lanes(live);
	return &live->source;
}

/* A new number each time, so that names are sent again to who has not heard them. */
void live_listen(struct source *source, bool listen)
{
	struct live *live = (struct live *)source;

	if (listen == (live->control->listening != 0))
		return;
	__atomic_store_n(&live->control->listening, listen ? ++live->listeners : 0,
			 __ATOMIC_RELEASE);
}

void live_show_cpus(struct source *source, const uint64_t words[LAB_PIN_WORDS])
{
	struct live *live = (struct live *)source;

	memcpy(live->shown, words, sizeof(live->shown));
	live->shows_some = false;
	for (unsigned i = 0; i < LAB_PIN_WORDS; i++)
		live->shows_some |= words[i] != 0;
}

void live_set_area(struct source *source, unsigned lane, const struct lab_area *area)
{
	struct live *live = (struct live *)source;

	marks_init(&live->marks[lane], area, lane);
	marked_clear(live->marked, lane);
	live->memory[lane] = lane_work_unknown.memory;
	live->clients[lane] = 0;
}

void live_set_clients(struct source *source, unsigned lane, unsigned clients)
{
	struct live *live = (struct live *)source;

	live->clients[lane] = clients;
}

void live_set_memory(struct source *source, unsigned lane, const struct lane_memory *memory)
{
	struct live *live = (struct live *)source;

	live->memory[lane] = *memory;
}

int live_add_marked(struct source *source, unsigned lane, pid_t pid, int fd)
{
	struct live *live = (struct live *)source;

	return marked_add(live->marked, lane, pid, fd, &live->mark_clock);
}

void live_tell_marked(struct source *source, bool tell)
{
	struct live *live = (struct live *)source;

	live->tells_marked = tell;
}

void live_keep_marked(struct source *source)
{
	struct live *live = (struct live *)source;

	marked_keep(live->marked, &live->mark_clock);
}
