// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_marks.c - memory that other programs write: the areas of include/swtch_marks.h and of the lab.
 * One program scribbles, between two readings and, at each event that is handed over, in the middle of
 * one. Another one in the same lane keeps to the rules: its marks must come, all of them and as they are.
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "fuzz.h"
#include "machine.h"
#include "source/marked.h"

#define SWTCH_MARKS_LAYOUT_ONLY
#include "swtch_marks.h"

#define LANE	      3u
#define N_HEADERS     (sizeof(struct swtch_mark_area) - sizeof(((struct swtch_mark_area *)0)->rings))
#define N_RINGS_HIT   3u /* rings that are written to; all have places in the reader alike */
#define ID	      77u
#define HONEST_STREAM 0u
#define HOSTILE_PID   1		      /* any that lives; the honest one is ours */
#define N_LOST_MOST   (60 * NS_PER_S) /* no input takes so long */

enum doing {
	DO_SCRIBBLE_HEADER, /* anything before the rings, names included */
	DO_SCRIBBLE_RING,
	DO_MARK,   /* one more, as the header writes it, but with any contents */
	DO_HEAD,   /* of a ring */
	DO_HONEST, /* a mark of the other program */
	DO_READ,
	DO_KEEP,
	DO_SCRIBBLE_LAB,
	N_DOS
};

struct scene {
	struct script script;
	struct marked *marked;
	struct mark_clock clock;
	struct fuzz_reader reader;
	struct marks lab;
	uint64_t n_written, n_told; /* honest marks */
};

static struct area {
	int fd;
	struct swtch_mark_area *memory;
} hostile, honest;
static struct {
	int fd;
	struct lab_area *memory;
} lab;

static void *map_new(int *fd, size_t size)
{
	void *memory;

	*fd = memfd_create(SWTCH_MARKS_FILE, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	MUST(*fd >= 0 && !ftruncate(*fd, (off_t)size));
	MUST(!fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	MUST(memory != MAP_FAILED);
	return memory;
}

/* All zero again, without its pages. */
static void area_clear(struct area *area, pid_t pid)
{
	if (!area->memory)
		area->memory = map_new(&area->fd, sizeof(*area->memory));
	MUST(!madvise(area->memory, sizeof(*area->memory), MADV_REMOVE));
	area->memory->magic = SWTCH_MARKS_MAGIC;
	area->memory->size = sizeof(*area->memory);
	area->memory->pid = (uint32_t)pid;
	area->memory->n_rings = 1;
	area->memory->rings[0].tid = (uint32_t)pid;
}

static void put(struct swtch_mark_ring *ring, struct swtch_mark mark)
{
	uint64_t head = ring->head;

	ring->marks[head % SWTCH_MARKS_N_MARKS] = mark;
	__atomic_store_n(&ring->head, head + 1, __ATOMIC_RELEASE);
}

/* Where a head is, and round it, scribbling matters most. */
static void scribble_ring(struct scene *scene)
{
	struct swtch_mark_ring *ring =
		&hostile.memory->rings[script_number(&scene->script, 1) % N_RINGS_HIT];
	bool is_start = script_number(&scene->script, 1) & 1;

	if (is_start)
		script_scribble(&scene->script, ring, 64 + 16 * sizeof(ring->marks[0]));
	else
		script_scribble(&scene->script, ring, sizeof(*ring));
}

static void scribble(struct scene *scene, unsigned deed)
{
	struct script *script = &scene->script;
	struct swtch_mark_ring *ring = &hostile.memory->rings[deed / N_DOS % N_RINGS_HIT];
	struct swtch_mark mark;

	switch ((enum doing)(deed % N_DOS)) {
	case DO_SCRIBBLE_HEADER:
		script_scribble(script, hostile.memory, N_HEADERS);
		break;
	case DO_SCRIBBLE_RING:
		scribble_ring(scene);
		break;
	case DO_MARK:
		script_take(script, &mark, sizeof(mark));
		put(ring, mark);
		break;
	case DO_HEAD:
		ring->head = script_number(script, 8);
		break;
	case DO_SCRIBBLE_LAB:
		script_scribble(script, lab.memory, sizeof(*lab.memory));
		break;
	default:
		break;
	}
}

static void take_honest(struct scene *scene, const struct event *event)
{
	MUST(event->kind == EVENT_RESUME && event->coroutine.lane == LANE);
	MUST(event->task == task_word((uint32_t)getpid(), LANE));
	scene->n_told++;
}

static void take(const struct event *event, unsigned stream, void *ctx)
{
	struct scene *scene = ctx;

	MUST(stream < MARKED_N_STREAMS && task_lane(event->task) == LANE);
	if (stream == HONEST_STREAM)
		take_honest(scene, event);
	else
		MUST(task_pid(event->task) != (uint32_t)getpid());
	fuzz_event(event, &scene->reader);
	if (!script_ends(&scene->script)) /* in the middle of reading */
		scribble(scene, script_number(&scene->script, 1));
}

static void take_lab(const struct event *event, unsigned ring, void *ctx)
{
	struct scene *scene = ctx;

	MUST(ring < LAB_N_POOL && task_lane(event->task) == LANE + 1);
	fuzz_event(event, &scene->reader);
	if (!script_ends(&scene->script))
		scribble(scene, script_number(&scene->script, 1));
}

static void read_all(struct scene *scene)
{
	struct latency_counts latency;
	struct lab_sums sums;
	uint64_t switches, created;

	MUST(marked_read(scene->marked, &scene->clock, take, scene) < N_LOST_MOST);
	MUST(scene->n_told == scene->n_written);
	MUST(marked_counts(scene->marked, LANE, &switches, &created));
	MUST(marked_untold(scene->marked) < N_LOST_MOST);
	marks_read(&scene->lab, &scene->clock, take_lab, scene);
	marks_thread_runs(&scene->lab, 7, 1);
	MUST(marks_thread_cpu(&scene->lab, 7) == 1 ||
	     marks_thread_cpu(&scene->lab, 7) == CPU_UNKNOWN);
	lab_area_sum(lab.memory, &sums);
	latency_read(&lab.memory->latencies, &latency);
}

/* A stream is taken when a ring's first mark is read: the honest program has the first one. */
static void start(struct scene *scene)
{
	area_clear(&honest, getpid());
	area_clear(&hostile, HOSTILE_PID);
	if (!lab.memory)
		lab.memory = map_new(&lab.fd, sizeof(*lab.memory));
	MUST(!madvise(lab.memory, sizeof(*lab.memory), MADV_REMOVE));
	scene->marked = marked_new();
	MUST(scene->marked);
	mark_clock_sample(&scene->clock);
	MUST(!marked_add(scene->marked, LANE, getpid(), honest.fd, &scene->clock));
	marks_init(&scene->lab, lab.memory, LANE + 1);
	fuzz_reader_init(&scene->reader, MACHINE_N_CPUS, N_LANES_MAX);
}

static void go_on(struct scene *scene)
{
	const struct swtch_mark mark = { mark_ticks(), ID, SWTCH_MARK_RESUME };
	unsigned deed = script_number(&scene->script, 1);

	switch ((enum doing)(deed % N_DOS)) {
	case DO_HONEST:
		put(&honest.memory->rings[0], mark);
		if (++scene->n_written - scene->n_told == SWTCH_MARKS_N_MARKS / 2)
			read_all(scene);
		break;
	case DO_READ:
		read_all(scene);
		break;
	case DO_KEEP:
		marked_keep(scene->marked, &scene->clock);
		break;
	default:
		scribble(scene, deed);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct scene scene = { .script = { bytes, bytes + n } };
	int err;

	start(&scene);
	go_on(&scene); /* before it is looked at, too */
	put(&honest.memory->rings[0], (struct swtch_mark){ mark_ticks(), ID, SWTCH_MARK_RESUME });
	scene.n_written++;
	err = marked_add(scene.marked, LANE, HOSTILE_PID, hostile.fd, &scene.clock);
	MUST(!err || err == -EINVAL);
	while (!script_ends(&scene.script))
		go_on(&scene);
	read_all(&scene);
	marked_clear(scene.marked, LANE);
	marked_free(scene.marked);
	fuzz_reader_fini(&scene.reader);
	return 0;
}
