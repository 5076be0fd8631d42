// SPDX-License-Identifier: GPL-2.0-only
/*
 * synth.c - a machine made up from a seed: CPUs that run bursts of pairs, of a coroutine loop, of
 * others' tasks, or idle. The clock is the caller's, so tests decide what time it is.
 *
 * CPUs are played one after another in windows of time; a pair belongs to one CPU during a burst
 * and may be taken only after the time it was let go, so that no task ever runs in two places.
 */
#include "source/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "event/names.h"
#include "event/task_life.h"
#include "source/synth_rings.h"

enum { LANE_OTHER, LANE_PROCESS, LANE_THREAD, LANE_COROUTINE, N_SYNTH_LANES };

#define START_NS	 NS_PER_S
#define WINDOW_NS	 NS_PER_MS
#define N_CPUS_FULL	 4 /* more CPUs than this switch less often each */
#define PID_RUNNER	 4000
#define PID_LOOP	 4100
#define SLEEPS(call)	 (LEAVE_SLEEPING | (call) << LEAVE_CALL_SHIFT | LEAVE_VOLUNTARY)
#define PID_FIRST	 4121
#define PROCESS_FLAGS	 0x01200011 /* CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD */
#define THREAD_FLAGS	 0x003d0f00 /* what pthread_create() asks for */
#define N_RESUMES_SHOWN	 8	    /* coroutine marks of one burst of the loop */
#define COROUTINE_NS	 60	    /* a user-level switch */
#define HOOK_NS		 41
#define N_BURSTS_OF_PAIR 400
#define N_PAIRS_FULL	 1000 /* of more than these each lives as much shorter */

struct pair {
	uint32_t pids[2];
	uint8_t lane;
	bool born, taken;
	uint16_t cpu;
	unsigned n_bursts;
	uint64_t free_ns; /* when it was let go */
	uint32_t seen[2]; /* switches of each task */
	struct task_life lives[2];
};

struct cpu {
	uint64_t now_ns;
	uint64_t since_ns;	/* when `current` came */
	uint32_t current;	/* task_word(); 0 idle */
	struct task_life *life; /* of `current`; NULL: in no lane */
	struct pair *pair;	/* whose burst it is; NULL without */
	unsigned side;		/* which of the pair runs */
	unsigned n_left;	/* switches of the burst to come */
	unsigned load;		/* percent */
	uint64_t period_ns;	/* of its load's rise and fall */
	uint32_t seed;
};

struct synth {
	struct source source; /* the first member: a source is cast to its synth */
	uint64_t now_ns;
	unsigned n_pairs, n_coroutines, stretch;
	uint32_t next_pid;
	uint32_t hostile;
	unsigned n_bursts_max; /* of a pair: then its tasks end and others take their place */
	struct pair *pairs, loop;
	struct cpu *cpus;
	struct counts counts;
	struct synth_rings rings;
	struct merge *merge;
};

static uint32_t draw(struct cpu *cpu, uint32_t below)
{
	cpu->seed = cpu->seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)cpu->seed * below) >> 32);
}

static unsigned cpu_number(const struct synth *synth, const struct cpu *cpu)
{
	return (unsigned)(cpu - synth->cpus);
}

static struct lane_counters *cell(struct synth *synth, const struct cpu *cpu, unsigned lane)
{
	return counts_cell(&synth->counts, cpu_number(synth, cpu), lane);
}

static void emit(struct synth *synth, const struct cpu *cpu, const struct event *event)
{
	struct event copy = *event;

	copy.time_ns = cpu->now_ns;
	if (copy.kind != EVENT_NAME) /* a name has its last bytes there */
		copy.cpu = (uint16_t)cpu_number(synth, cpu);
	synth_rings_write(&synth->rings, cpu_number(synth, cpu), &copy);
}

static void emit_name(struct synth *synth, struct cpu *cpu, uint32_t task, const char *name)
{
	struct event event = { .kind = EVENT_NAME, .task = task };

	event_set_name(&event, name);
	emit(synth, cpu, &event);
}

static void elapse(struct synth *synth, struct cpu *cpu, uint64_t ns)
{
	struct cpu_time *time = &synth->counts.times[cpu_number(synth, cpu)];

	*(cpu->current ? &time->busy_ns : &time->idle_ns) += ns;
	cpu->now_ns += ns;
}

/* Mostly a microsecond or two; now and then a long one. */
static uint32_t draw_wait(struct cpu *cpu)
{
	uint32_t wait_ns = 600 + draw(cpu, 900);

	return draw(cpu, 50) ? wait_ns : wait_ns * (2 + draw(cpu, 40));
}

static void count_wait(struct lane_counters *counters, uint32_t wait_ns)
{
	unsigned bucket = wait_ns ? 31 - (unsigned)__builtin_clz(wait_ns) : 0;

	counters->wait_ns += wait_ns;
	counters->wait_log2[bucket]++;
	if (wait_ns > counters->wait_max_ns)
		counters->wait_max_ns = wait_ns;
}

static void count_switch(struct synth *synth, struct cpu *cpu, uint8_t state)
{
	struct lane_counters *counters = cell(synth, cpu, task_lane(cpu->current));
	struct cpu_counters *of_cpu = &synth->counts.cpus[cpu_number(synth, cpu)];

	of_cpu->n_switches++;
	if (of_cpu->n_switches % COST_PERIOD == 0) {
		synth->counts.self.hook_n++;
		synth->counts.self.hook_ns += HOOK_NS - 3 + draw(cpu, 7);
	}
	if (!cpu->current)
		return;
	if (!task_lane(cpu->current)) {
		of_cpu->other_switches++;
		return;
	}
	*(state & LEAVE_VOLUNTARY ? &counters->voluntary : &counters->involuntary) += 1;
	counters->run_ns += cpu->now_ns - cpu->since_ns;
	if (cpu->pair)
		cpu->pair->seen[cpu->side]++;
}

/* `life` is that of `next`, if it is in a lane. */
static void switch_to(struct synth *synth, struct cpu *cpu, uint32_t next, struct task_life *life,
		      uint8_t state)
{
	uint32_t waited_ns = next ? draw_wait(cpu) : 0;
	uint64_t ran_ns = cpu->now_ns - cpu->since_ns;
	struct event event = { .kind = EVENT_SWITCH,
			       .task = cpu->current,
			       .state = state,
			       .to = { .next = next,
				       .ran_ns = ran_ns < TIME_SATURATED ? (uint32_t)ran_ns
									 : TIME_SATURATED,
				       .waited_ns = waited_ns } };

	if (next == cpu->current)
		return;
	count_switch(synth, cpu, state);
	if (cpu->life &&
	    cpu->life->row.pid == task_pid(cpu->current)) /* else it is another's now */
		task_life_leave(cpu->life, cpu_number(synth, cpu), state, ran_ns, cpu->now_ns);
	task_life_come(life, cpu_number(synth, cpu), waited_ns, cpu->now_ns);
	if (task_lane(next))
		count_wait(cell(synth, cpu, task_lane(next)), waited_ns);
	if (task_lane(next) || task_lane(cpu->current))
		emit(synth, cpu, &event);
	cpu->current = next;
	cpu->life = life;
	cpu->since_ns = cpu->now_ns;
}

/* --- tasks ------------------------------------------------------------------------------------ */

static uint32_t pair_word(const struct pair *pair, unsigned side)
{
	return task_word(pair->pids[side], pair->lane);
}

/* Names as programs choose them, the last ones with intent. */
static void name_task(struct synth *synth, char name[TASK_NAME_LEN], const struct pair *pair,
		      unsigned side)
{
	static const char *const hostile[] = {
		"\033[31mred",	"a\tb\nc",  "na\xc3\xafve-\xcf\x88", "\xff\xfe bad", "back\\slash",
		"\x7f\x01\x02", "\xe2\x82", "wide-\xe6\xbc\xa2"
	};

	if (synth->n_pairs > 8 && (pair - synth->pairs) % 8 == 7)
		snprintf(name, TASK_NAME_LEN, "%s", hostile[synth->hostile++ % 8]);
	else if (pair->lane == LANE_PROCESS)
		snprintf(name, TASK_NAME_LEN, "%s", side ? "pong" : "ping");
	else
		snprintf(name, TASK_NAME_LEN, "worker-%u", pair->pids[side] % 1000);
}

static void bear(struct synth *synth, struct cpu *cpu, struct pair *pair)
{
	struct lane_counters *counters = cell(synth, cpu, pair->lane);
	bool thread = pair->lane == LANE_THREAD;
	char name[TASK_NAME_LEN] = "";

	for (unsigned side = 0; side < 2; side++) {
		struct event made = { .kind = EVENT_CLONE,
				      .task = task_word(PID_RUNNER + pair->lane, pair->lane) };

		pair->pids[side] = synth->next_pid++;
		if (synth->next_pid > TASK_PID_MASK)
			synth->next_pid = PID_FIRST;
		pair->seen[side] = 0;
		made.made.child = pair_word(pair, side);
		made.made.flags_low = thread ? THREAD_FLAGS : PROCESS_FLAGS;
		emit(synth, cpu, &made);
		name_task(synth, name, pair, side);
		task_life_begin(&pair->lives[side], pair_word(pair, side),
				thread ? (uint32_t)PID_RUNNER + pair->lane : pair->pids[side],
				PID_RUNNER + pair->lane, cpu->now_ns);
		memcpy(pair->lives[side].row.name, name, sizeof(name));
		emit_name(synth, cpu, pair_word(pair, side), name);
		*(thread ? &counters->threads : &counters->processes) += 1;
		synth->counts.work[pair->lane].alive++;
	}
	pair->born = true;
	pair->cpu = (uint16_t)cpu_number(synth, cpu);
	pair->n_bursts = 0;
}

static void bury(struct synth *synth, struct cpu *cpu, struct pair *pair)
{
	struct lane_counters *counters = cell(synth, cpu, pair->lane);

	for (unsigned side = 0; side < 2; side++) {
		struct event end = { .kind = EVENT_EXIT, .task = pair_word(pair, side) };

		end.end.seen = end.end.moved = pair->seen[side];
		emit(synth, cpu, &end);
		counters->exited++;
		counters->audited++;
		counters->exact++;
		synth->counts.work[pair->lane].alive--;
	}
	pair->born = false;
}

static void move_here(struct synth *synth, struct cpu *cpu, struct pair *pair)
{
	unsigned here = cpu_number(synth, cpu);

	if (pair->cpu == here)
		return;
	for (unsigned side = 0; side < (pair == &synth->loop ? 1u : 2u); side++) {
		struct event move = { .kind = EVENT_MIGRATE,
				      .task = pair_word(pair, side),
				      .move = { .from_cpu = pair->cpu, .to_cpu = here } };

		emit(synth, cpu, &move);
		cell(synth, cpu, pair->lane)->migrations++;
		pair->lives[side].row.migrations++;
	}
	pair->cpu = (uint16_t)here;
}

/* --- what a CPU does next ----------------------------------------------------------------------- */

/* A triangle wave from half the CPU's load to all of it, so that the recent past has a shape. */
static unsigned load_now(const struct cpu *cpu)
{
	uint64_t at = cpu->now_ns % cpu->period_ns * 200 / cpu->period_ns;

	return cpu->load * (100 + (unsigned)(at < 100 ? at : 200 - at)) / 200;
}

/* Pairs keep to one CPU where they can; one draw in sixteen takes any. */
static struct pair *take_pair(struct synth *synth, struct cpu *cpu)
{
	unsigned here = cpu_number(synth, cpu), n_cpus = synth->source.n_cpus;
	unsigned n_own = synth->n_pairs > here ? (synth->n_pairs - here - 1) / n_cpus + 1 : 0;
	unsigned at = n_own && draw(cpu, 16) ? here + draw(cpu, n_own) * n_cpus
					     : draw(cpu, synth->n_pairs);
	struct pair *pair = &synth->pairs[at];

	if (pair->taken || pair->free_ns > cpu->now_ns)
		return NULL;
	if (pair->born && pair->n_bursts > synth->n_bursts_max)
		bury(synth, cpu, pair);
	if (!pair->born)
		bear(synth, cpu, pair);
	pair->taken = true;
	pair->n_bursts++;
	return pair;
}

/* The loop catches up with the work that the processes did, and sleeps again. */
static void run_loop(struct synth *synth, struct cpu *cpu)
{
	struct lane_work *work = &synth->counts.work[LANE_COROUTINE];
	uint64_t n = synth->counts.work[LANE_PROCESS].done - work->done;
	uint32_t word = pair_word(&synth->loop, 0);

	move_here(synth, cpu, &synth->loop);
	if (!synth->loop.born)
		emit_name(synth, cpu, word, "loop");
	synth->loop.born = true;
	switch_to(synth, cpu, word, &synth->loop.lives[0], SLEEPS(CALL_UNKNOWN));
	for (unsigned i = 0; i < 2 * n; i++) {
		uint32_t id = i % synth->n_coroutines + 1;
		struct event mark = { .kind = EVENT_RESUME,
				      .task = word,
				      .coroutine = { .id = id } };

		mark.coroutine.lane = LANE_COROUTINE;
		if (i < N_RESUMES_SHOWN)
			emit(synth, cpu, &mark);
		elapse(synth, cpu, COROUTINE_NS);
		mark.kind = EVENT_SUSPEND;
		if (i < N_RESUMES_SHOWN)
			emit(synth, cpu, &mark);
	}
	work->done += n;
	work->user_switches += 2 * n;
	synth->loop.free_ns = cpu->now_ns;
	switch_to(synth, cpu, 0, NULL, SLEEPS(CALL_POLL));
}

static void end_burst(struct cpu *cpu)
{
	cpu->pair->taken = false;
	cpu->pair->free_ns = cpu->now_ns;
	cpu->pair = NULL;
}

static void begin_burst(struct synth *synth, struct cpu *cpu)
{
	uint32_t quantum_ns = 60000 * synth->stretch;
	struct pair *pair;

	if (draw(cpu, 100) >= load_now(cpu)) {
		switch_to(synth, cpu, 0, NULL, SLEEPS(CALL_UNKNOWN));
		elapse(synth, cpu, quantum_ns + draw(cpu, 6 * quantum_ns));
		return;
	}
	if (!draw(cpu, 12)) { /* somebody else's task */
		switch_to(synth, cpu, task_word(2 + draw(cpu, 60), LANE_OTHER), NULL,
			  SLEEPS(CALL_UNKNOWN));
		elapse(synth, cpu, 2000 + draw(cpu, quantum_ns));
		return;
	}
	if (!draw(cpu, 25) && synth->loop.free_ns + 20 * NS_PER_MS < cpu->now_ns) {
		run_loop(synth, cpu);
		return;
	}
	pair = take_pair(synth, cpu);
	if (!pair) {
		switch_to(synth, cpu, 0, NULL, SLEEPS(CALL_UNKNOWN));
		elapse(synth, cpu, quantum_ns);
		return;
	}
	move_here(synth, cpu, pair);
	cpu->n_left = 8 + draw(cpu, 60);
	cpu->side = draw(cpu, 2);
	switch_to(synth, cpu, pair_word(pair, cpu->side), &pair->lives[cpu->side],
		  SLEEPS(CALL_UNKNOWN));
	cpu->pair = pair;
}

/* One task of the pair runs, wakes the other, and leaves for it; or is preempted for a moment. */
static void step_pair(struct synth *synth, struct cpu *cpu)
{
	struct pair *pair = cpu->pair;
	uint32_t other = pair_word(pair, !cpu->side);
	struct event waking = { .kind = EVENT_WAKING, .task = cpu->current };

	elapse(synth, cpu,
	       (pair->lane == LANE_PROCESS ? 5000 : 4400) * synth->stretch / 2 +
		       draw(cpu, 6000 * synth->stretch));
	if (!draw(cpu, 700)) {
		uint32_t back = cpu->current;
		struct task_life *life = cpu->life;

		switch_to(synth, cpu, task_word(2 + draw(cpu, 60), LANE_OTHER), NULL,
			  LEAVE_RUNNABLE);
		elapse(synth, cpu, 3000 + draw(cpu, 9000));
		switch_to(synth, cpu, back, life, SLEEPS(CALL_UNKNOWN));
		return;
	}
	waking.wake.wakee = other;
	waking.wake.target_cpu = pair->cpu;
	emit(synth, cpu, &waking);
	cell(synth, cpu, pair->lane)->wakeups++;
	task_life_wake(&pair->lives[!cpu->side], task_pid(cpu->current), cpu->now_ns);
	elapse(synth, cpu, 200 + draw(cpu, 400));
	switch_to(synth, cpu, other, &pair->lives[!cpu->side],
		  SLEEPS(pair->lane == LANE_PROCESS ? CALL_IO : CALL_LOCK));
	cpu->side = !cpu->side;
	synth->counts.work[pair->lane].done += cpu->side;
	if (!--cpu->n_left)
		end_burst(cpu);
}

static void play(struct synth *synth, struct cpu *cpu, uint64_t until_ns)
{
	while (cpu->now_ns < until_ns) {
		if (cpu->pair)
			step_pair(synth, cpu);
		else
			begin_burst(synth, cpu);
	}
}

void source_synth_advance(struct source *source, uint64_t ns)
{
	struct synth *synth = (struct synth *)source;
	uint64_t end_ns = synth->now_ns + ns;

	while (synth->now_ns < end_ns) {
		uint64_t left = end_ns - synth->now_ns;

		synth->now_ns += left < WINDOW_NS ? left : WINDOW_NS;
		for (unsigned i = 0; i < source->n_cpus; i++)
			play(synth, &synth->cpus[i], synth->now_ns);
	}
}

void source_synth_set_stretch(struct source *source, unsigned stretch)
{
	((struct synth *)source)->stretch = stretch;
}

void source_synth_lose(struct source *source, unsigned cpu, unsigned n)
{
	struct synth *synth = (struct synth *)source;

	if (cpu < source->n_cpus)
		synth_rings_skip(&synth->rings, cpu, n);
}

/* --- the source's own ----------------------------------------------------------------------------- */

static int synth_poll(struct source *source, source_fn fn, void *ctx)
{
	struct synth *synth = (struct synth *)source;

	synth_rings_drain(&synth->rings, synth->merge);
	return (int)merge_drain(synth->merge, synth->now_ns, fn, ctx);
}

static int synth_flush(struct source *source, source_fn fn, void *ctx)
{
	struct synth *synth = (struct synth *)source;

	synth_rings_drain(&synth->rings, synth->merge);
	return (int)merge_flush(synth->merge, fn, ctx);
}

static int synth_counts(struct source *source, struct counts *counts)
{
	struct synth *synth = (struct synth *)source;
	size_t n_cells = (size_t)source->n_cpus * source->n_lanes;

	if (counts->n_cpus != source->n_cpus || counts->n_lanes != source->n_lanes)
		return -EINVAL;
	synth->counts.self.n_events = synth->rings.n_read;
	synth->counts.self.lost_events = synth->rings.n_lost;
	synth->counts.self.cpu_ns = (synth->now_ns - START_NS) / 125; /* 0.8% of a CPU */
	synth->counts.self.watch_ns = synth->now_ns - START_NS;
	synth->counts.self.watch_cpu_ns = synth->counts.self.cpu_ns;
	synth->counts.self.n_switches = synth->counts.self.watch_ns / (25 * NS_PER_MS);
	for (unsigned lane = 1; lane < source->n_lanes; lane++)
		synth->counts.work[lane].wall_ns = synth->now_ns - START_NS;
	counts->time_ns = synth->now_ns;
	counts->self = synth->counts.self;
	memcpy(counts->cells, synth->counts.cells, n_cells * sizeof(*counts->cells));
	memcpy(counts->cpus, synth->counts.cpus, source->n_cpus * sizeof(*counts->cpus));
	memcpy(counts->times, synth->counts.times, source->n_cpus * sizeof(*counts->times));
	memcpy(counts->online, synth->counts.online, source->n_cpus * sizeof(*counts->online));
	memcpy(counts->work, synth->counts.work, source->n_lanes * sizeof(*counts->work));
	return 0;
}

static int synth_tasks(struct source *source, struct task_table *table)
{
	struct synth *synth = (struct synth *)source;
	int err = 0;

	task_table_clear(table, synth->now_ns);
	if (synth->loop.born)
		err = task_life_add(&synth->loop.lives[0], synth->now_ns, table);
	for (unsigned i = 0; !err && i < synth->n_pairs; i++)
		for (unsigned side = 0; !err && synth->pairs[i].born && side < 2; side++)
			err = task_life_add(&synth->pairs[i].lives[side], synth->now_ns, table);
	return err;
}

static void synth_free(struct source *source)
{
	struct synth *synth = (struct synth *)source;

	if (!synth)
		return;
	merge_free(synth->merge);
	synth_rings_fini(&synth->rings);
	counts_fini(&synth->counts);
	free(synth->cpus);
	free(synth->pairs);
	free(synth);
}

static size_t ring_size(unsigned n_cpus)
{
	size_t n_room = SYNTH_N_RECORDS;

	while (n_room > SYNTH_N_RECORDS / n_cpus)
		n_room /= 2;
	return n_room;
}

static void set_up(struct synth *synth, unsigned n_tasks, uint64_t seed)
{
	static const uint64_t per_task[] = { 0, 148 << 10, 24 << 10, 4200 };

	synth->now_ns = START_NS;
	synth->next_pid = PID_FIRST;
	synth->stretch = 1 + (synth->source.n_cpus - 1) / N_CPUS_FULL;
	synth->n_bursts_max = synth->n_pairs > N_PAIRS_FULL
				      ? N_BURSTS_OF_PAIR * N_PAIRS_FULL / synth->n_pairs
				      : N_BURSTS_OF_PAIR;
	synth->n_coroutines = n_tasks / 3 + 1;
	synth->loop = (struct pair){ .pids = { PID_LOOP, PID_LOOP }, .lane = LANE_COROUTINE };
	task_life_begin(&synth->loop.lives[0], pair_word(&synth->loop, 0), PID_LOOP, PID_RUNNER,
			START_NS);
	memcpy(synth->loop.lives[0].row.name, "loop", sizeof("loop"));
	synth->counts.work[LANE_COROUTINE].user_switches = 0;
	synth->counts.work[LANE_COROUTINE].coroutines = synth->n_coroutines;
	synth->counts.work[LANE_COROUTINE].alive = synth->n_coroutines;
	for (unsigned lane = 1; lane < N_SYNTH_LANES; lane++) {
		synth->counts.work[lane].memory.task_bytes = per_task[lane];
		synth->counts.work[lane].memory.pss_bytes = per_task[lane] * (n_tasks / 3 + 1);
	}
	for (unsigned i = 0; i < synth->n_pairs; i++)
		synth->pairs[i].lane =
			(i + i / synth->source.n_cpus) % 2 ? LANE_THREAD : LANE_PROCESS;
	for (unsigned i = 0; i < synth->source.n_cpus; i++) {
		struct cpu *cpu = &synth->cpus[i];

		cpu->seed = (uint32_t)(seed ^ seed >> 32) * 2654435761u + i * 40503u + 1;
		draw(cpu, 2);
		cpu->load = 45 + draw(cpu, 55);
		cpu->period_ns = (4 + draw(cpu, 12)) * NS_PER_S;
		cpu->now_ns = cpu->since_ns = START_NS;
		synth->counts.online[i] = true;
	}
}

struct source *source_synth_new(unsigned n_cpus, unsigned n_tasks, uint64_t seed)
{
	struct synth *synth;

	if (!n_cpus || n_cpus > SYNTH_N_CPUS_MAX || !n_tasks || n_tasks > SYNTH_N_TASKS_MAX) {
		errno = EINVAL;
		return NULL;
	}
	synth = calloc(1, sizeof(*synth));
	if (!synth)
		return NULL;
	synth->source = (struct source){ .poll = synth_poll,
					 .flush = synth_flush,
					 .counts = synth_counts,
					 .tasks = synth_tasks,
					 .free = synth_free,
					 .n_cpus = n_cpus,
					 .n_lanes = N_SYNTH_LANES };
	synth->n_pairs = n_tasks / 3 > 2 ? n_tasks / 3 : 2;
	synth->pairs = calloc(synth->n_pairs, sizeof(*synth->pairs));
	synth->cpus = calloc(n_cpus, sizeof(*synth->cpus));
	synth->merge = merge_new(n_cpus, 2 * ring_size(n_cpus));
	if (!synth->pairs || !synth->cpus || !synth->merge ||
	    synth_rings_init(&synth->rings, n_cpus, ring_size(n_cpus)) ||
	    counts_init(&synth->counts, n_cpus, N_SYNTH_LANES)) {
		synth_free(&synth->source);
		errno = ENOMEM;
		return NULL;
	}
	set_up(synth, n_tasks, seed);
	return &synth->source;
}
