// SPDX-License-Identifier: GPL-2.0-only
/*
 * scale.c - the live view of a machine much larger than this one: 1,024 CPUs, 100,000 tasks that come
 * and go, 20 million events a second for ten seconds of that machine's time, its rings bounded.
 *
 * The machine goes on while one thread reads and draws: it makes up as much time as that took, in
 * CPU time (making it up is not counted). What the thread is too late for is lost. The frames of all
 * views are drawn in turn, twenty a second. Prints `name value unit`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "cmd/live.h"
#include "cpu_time.h"

const struct verb verbs[] = { { 0 } }; /* the help has them */

#define N_CPUS	      1024
#define N_TASKS	      100000
#define STRETCH	      9 /* makes 20 million events a second of it */
#define LENGTH_NS     (10 * NS_PER_S)
#define FRAME_NS      (50 * NS_PER_MS)
#define N_TASK_FRAMES 20
#define N_FIRST	      2		       /* of them also get the memory */
#define STEP_NS	      (10 * NS_PER_MS) /* between two looks at the rings at least: they fill fast */
#define BEGIN_NS      (100 * NS_PER_S)

static void fold_all(struct settings *settings)
{
	memset(settings->timeline.cpus, 0, sizeof(settings->timeline.cpus));
	settings->timeline.zoom = 0;
}

static void unfold_all(struct settings *settings)
{
	memset(settings->timeline.cpus, 0xff, sizeof(settings->timeline.cpus));
}

static void look_closely(struct settings *settings)
{
	settings->timeline.zoom = 1 + 9; /* 1 us a column */
}

static struct picture {
	const char *name;
	unsigned view;
	void (*prepare)(struct settings *settings);
	uint64_t most_ns; /* of one frame */
} pictures[] = {
	{ "lanes", VIEW_LANES, NULL, 0 },
	{ "events", VIEW_EVENTS, NULL, 0 },
	{ "claims", VIEW_CLAIMS, NULL, 0 },
	{ "timeline", VIEW_TIMELINE, fold_all, 0 },
	{ "timeline_unfolded", VIEW_TIMELINE, unfold_all, 0 },
	{ "timeline_close", VIEW_TIMELINE, look_closely, 0 },
	{ "help", VIEW_HELP, NULL, 0 },
};

#define N_PICTURES (sizeof(pictures) / sizeof(*pictures))

static void draw(struct live *live, unsigned frame, uint64_t now_ns)
{
	struct picture *picture = &pictures[frame % N_PICTURES];
	uint64_t begin_ns;

	live->settings.view = picture->view;
	if (picture->prepare)
		picture->prepare(&live->settings);
	begin_ns = cpu_time_ns();
	if (live_draw(live, now_ns))
		exit(1);
	begin_ns = cpu_time_ns() - begin_ns;
	if (begin_ns > picture->most_ns)
		picture->most_ns = begin_ns;
}

static void open(struct live *live, struct options *options)
{
	struct error error;

	if (live_open(live, options, NULL, BEGIN_NS, &error) ||
	    grid_init(&live->grid, 60, 200, false)) {
		fprintf(stderr, "scale: %s\n", error.text);
		exit(1);
	}
	live->settings.n_rows = live->grid.n_rows;
	live->settings.n_columns = live->grid.n_columns;
	source_synth_set_stretch(live->scene.source, STRETCH);
}

/* Returns the CPU time that reading and drawing took. */
static uint64_t run(struct live *live)
{
	uint64_t now_ns = BEGIN_NS, frame_ns = BEGIN_NS, all_ns = 0, took_ns = 0;
	unsigned frame = 0;

	while (now_ns < BEGIN_NS + LENGTH_NS) {
		uint64_t step_ns = took_ns > STEP_NS ? took_ns : STEP_NS;

		source_synth_advance(live->scene.source, step_ns);
		now_ns += step_ns;
		took_ns = cpu_time_ns();
		live->scene.now_ns = now_ns; /* it need not make up more */
		if (scene_step(&live->scene, now_ns) < 0)
			exit(1);
		if (now_ns >= frame_ns) {
			draw(live, frame++, now_ns);
			frame_ns += FRAME_NS;
		}
		took_ns = cpu_time_ns() - took_ns;
		all_ns += took_ns;
	}
	return all_ns;
}

/* Each task read and sorted, a frame after the other, apart from the events. Returns the longest, in CPU time. */
static uint64_t draw_tasks(struct live *live)
{
	uint64_t now_ns = live->scene.now_ns, most_ns = 0;

	live->scene.wants_tasks = true;
	live->settings.view = VIEW_TASKS;
	for (unsigned i = 0; i < N_TASK_FRAMES; i++) {
		uint64_t begin_ns;

		source_synth_advance(live->scene.source, STEP_NS);
		now_ns += NS_PER_S / 4;
		live->scene.now_ns = now_ns;
		if (scene_step(&live->scene, now_ns) < 0)
			exit(1);
		begin_ns = cpu_time_ns();
		if (live_draw(live, now_ns))
			exit(1);
		begin_ns = cpu_time_ns() - begin_ns;
		if (i < N_FIRST)
			continue;
		if (begin_ns > most_ns)
			most_ns = begin_ns;
	}
	return most_ns;
}

#define TASK_BYTES                                                                                 \
	(sizeof(struct task_row) + sizeof(struct task_state) + sizeof(struct process_state) +      \
	 3 * sizeof(struct task_item) + 64)

/*
 * What the headers allow: names of every pid, twice; events; counts; CPU by CPU and lane by lane; and, as the
 * view of tasks was looked at, a table, states and rows, with room for a third more.
 */
static size_t bound(const struct state *state)
{
	size_t n_cells = (size_t)state->n_cpus * state->n_lanes;
	size_t overview = sizeof(uint64_t) * OVERVIEW_N_MIN * state->n_cpus * (state->n_lanes + 2);

	if (overview < SCENE_OVERVIEW_BYTES)
		overview = SCENE_OVERVIEW_BYTES;
	return 2 * NAMES_BYTES_MAX + SCENE_N_EVENTS * (sizeof(struct event) + sizeof(uint64_t)) +
	       3 * SYNTH_N_RECORDS * sizeof(struct event) + overview +
	       (size_t)N_TASKS * 4 / 3 * TASK_BYTES +
	       n_cells * (sizeof(struct cell_state) + sizeof(struct figure) +
			  3 * sizeof(struct lane_counters));
}

int main(void)
{
	struct options options = { .verb = "live",
				   .synthetic = "made up",
				   .synthetic_parts = { N_CPUS, N_TASKS, 1 } };
	struct live live = { 0 };
	struct counts counts;
	struct rusage usage;
	uint64_t took_ns, most_ns = 0, n;

	open(&live, &options);
	took_ns = run(&live);
	if (counts_init(&counts, N_CPUS, live.scene.source->n_lanes) ||
	    live.scene.source->counts(live.scene.source, &counts))
		exit(1);
	n = counts.self.n_events + counts.self.lost_events;
	printf("scale_made %.2f Mevents/s of its time, %u CPUs, %u tasks\n",
	       (double)n / 1e3 / (LENGTH_NS / NS_PER_MS), N_CPUS, N_TASKS);
	printf("scale_taken %.2f Mevents/s\n",
	       (double)counts.self.n_events / 1e3 / (LENGTH_NS / NS_PER_MS));
	printf("scale_lost %.3f percent, %.1f percent of them located\n",
	       100.0 * (double)counts.self.lost_events / (double)n,
	       counts.self.lost_events
		       ? 100.0 * (double)live.scene.state->n_lost / (double)counts.self.lost_events
		       : 100.0);
	printf("scale_thread %.1f percent of one CPU\n",
	       100.0 * (double)took_ns / (double)LENGTH_NS);
	for (unsigned i = 0; i < N_PICTURES; i++) {
		printf("scale_frame_%s %.2f ms, the longest\n", pictures[i].name,
		       (double)pictures[i].most_ns / NS_PER_MS);
		if (pictures[i].most_ns > most_ns)
			most_ns = pictures[i].most_ns;
	}
	printf("scale_frame_tasks %.2f ms, the longest\n", (double)draw_tasks(&live) / NS_PER_MS);
	printf("scale_frame %.2f ms\n", (double)most_ns / NS_PER_MS);
	getrusage(RUSAGE_SELF, &usage);
	printf("scale_memory %.0f MiB\n", (double)usage.ru_maxrss / 1024);
	printf("scale_memory_bound %.0f MiB and the program itself\n",
	       (double)bound(live.scene.state) / (1u << 20));
	counts_fini(&counts);
	live_close(&live);
	return 0;
}
