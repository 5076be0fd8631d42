// SPDX-License-Identifier: GPL-2.0-only
/* marked.c - areas that other programs write, mapped and read without trusting them. */
#include "source/marked.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/lost.h"
#include "event/names.h"
#include "source/marked_private.h"

#define NO_STREAM UINT16_MAX
#define LATE_NS	  NS_PER_MS /* from a look at a ring to that at the clock */
#define N_GONE	  40 /* looks at a program that is gone, if nobody reads its marks meanwhile */

#define LOAD(what)	   __atomic_load_n(&(what), __ATOMIC_RELAXED)
#define LOAD_ACQUIRE(what) __atomic_load_n(&(what), __ATOMIC_ACQUIRE)

/* --- a life ---------------------------------------------------------------------------------- */

struct marked *marked_new(void)
{
	return calloc(1, sizeof(struct marked));
}

/* The one word of an area that is ours to write. */
static void promise(struct program *program, const struct mark_clock *clock)
{
	double rate = clock->ns_per_tick > 0 ? clock->ns_per_tick : 1;

	program->until = mark_ticks() + (uint64_t)((double)MARKED_LEASE_NS / rate);
	__atomic_store_n(&program->area->until, program->until, __ATOMIC_RELEASE);
}

/* Whoever else watches has written another time there, or will soon: it is told of a lapse. */
static void withdraw(struct program *program)
{
	if (__atomic_compare_exchange_n(&program->area->until, &program->until, 0, false,
					__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		__atomic_fetch_add(&program->area->lapses, 1, __ATOMIC_RELAXED);
}

static void program_free(struct marked *marked, struct program *program)
{
	for (unsigned i = 0; i < SWTCH_MARKS_N_RINGS; i++)
		if (program->rings[i].stream != NO_STREAM)
			marked->taken[program->rings[i].stream] = false;
	if (program->area)
		munmap(program->area, sizeof(*program->area));
	free(program->pages);
	free(program);
}

void marked_free(struct marked *marked)
{
	if (!marked)
		return;
	for (unsigned i = 0; i < marked->n_programs; i++) {
		withdraw(marked->programs[i]);
		program_free(marked, marked->programs[i]);
	}
	for (unsigned lane = 0; lane < N_LANES_MAX; lane++)
		free(marked->lanes[lane].hook_pages);
	free(marked);
}

/* A memory file, and one that can shrink below nobody's reading. */
static int check_file(int fd, struct stat *file)
{
	struct statfs system;
	int seals = fcntl(fd, F_GET_SEALS);

	if (fstat(fd, file) || fstatfs(fd, &system))
		return -errno;
	if (seals < 0 || !(seals & F_SEAL_SHRINK) || !S_ISREG(file->st_mode) ||
	    system.f_type != TMPFS_MAGIC /* no huge pages, which may run out */
	    || file->st_size != (off_t)sizeof(struct swtch_mark_area))
		return -EINVAL;
	return 0;
}

static bool is_known(const struct marked *marked, uint32_t lane, const struct stat *file)
{
	for (unsigned i = 0; i < marked->n_programs; i++)
		if (marked->programs[i]->inode == file->st_ino &&
		    marked->programs[i]->device == file->st_dev &&
		    marked->programs[i]->lane == lane)
			return true;
	return false;
}

static int map_area(struct program *program, int fd)
{
	void *memory =
		mmap(NULL, sizeof(*program->area), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	program->area = memory;
	if (LOAD_ACQUIRE(program->area->magic) != SWTCH_MARKS_MAGIC ||
	    program->area->size != sizeof(*program->area))
		return -EINVAL;
	return 0;
}

/* Rings that were ever taken: all others stay memory that does not exist. */
static unsigned n_rings(const struct program *program)
{
	unsigned n = LOAD_ACQUIRE(program->area->n_rings);

	return n < SWTCH_MARKS_N_RINGS ? n : SWTCH_MARKS_N_RINGS;
}

/*
 * The thread that a program says it is: not one that another process has by now. One that is gone may
 * have been its own. No privilege is needed to learn whether there is one.
 */
static uint32_t tid_of(const struct program *program, uint32_t tid)
{
	if (program->is_apart || !tid || tid > TASK_PID_MASK || (pid_t)tid == program->pid)
		return (uint32_t)program->pid;
	if (syscall(SYS_tgkill, program->pid, tid, 0) && errno == ESRCH &&
	    (!kill((pid_t)tid, 0) || errno != ESRCH))
		return (uint32_t)program->pid;
	return tid;
}

/*
 * The thread whose marks a ring holds here. Looked for when there is something to tell of it, once, and no
 * more often for one program than its share, as each time costs calls, and a program may name another with
 * each mark: beyond, it is the program, and is looked for again at the next read.
 */
static void find_thread(struct program *program, struct ring_place *place)
{
	if (place->said == place->asked)
		return;
	place->tid = (uint32_t)program->pid;
	if (program->n_looks == MARKED_N_LOOKS)
		return;
	program->n_looks++;
	place->tid = tid_of(program, place->said);
	place->asked = place->said;
}

/* What was written before somebody else's watching ended is not ours to tell. */
static void begin(struct program *program)
{
	struct swtch_mark_area *area = program->area;

	program->is_apart = area->pid != (uint32_t)program->pid;
	program->lapses = LOAD(area->lapses);
	program->unringed = LOAD(area->unringed);
	for (unsigned i = 0; i < SWTCH_MARKS_N_RINGS; i++)
		program->rings[i].tid = (uint32_t)program->pid;
	for (unsigned i = 0; i < n_rings(program); i++) {
		program->rings[i].said = LOAD(area->rings[i].tid);
		program->rings[i].next = LOAD_ACQUIRE(area->rings[i].head);
		program->rings[i].switches = LOAD(area->rings[i].switches);
		program->rings[i].created = LOAD(area->rings[i].created);
	}
}

int marked_add(struct marked *marked, uint32_t lane, pid_t pid, int fd,
	       const struct mark_clock *clock)
{
	struct stat file;
	struct program *program;
	int err = check_file(fd, &file);

	if (err || lane >= N_LANES_MAX)
		return err ? err : -EINVAL;
	if (is_known(marked, lane, &file))
		return -EEXIST;
	if (marked->n_programs == MARKED_N_PROGRAMS)
		return -ENOSPC;
	program = calloc(1, sizeof(*program));
	if (!program)
		return -ENOMEM;
	program->pages = calloc(N_PAGES, sizeof(*program->pages));
	program->lane = lane;
	program->pid = pid;
	program->device = file.st_dev;
	program->inode = file.st_ino;
	for (unsigned i = 0; i < SWTCH_MARKS_N_RINGS; i++)
		program->rings[i].stream = NO_STREAM;
	err = program->pages ? map_area(program, fd) : -ENOMEM;
	if (err) {
		program_free(marked, program);
		return err;
	}
	program->read_ns = clock_now_ns();
	begin(program);
	promise(program, clock);
	marked->programs[marked->n_programs++] = program;
	marked->lanes[lane].has_any = true;
	return 0;
}

static void add_counts(const struct program *program, uint64_t *switches, uint64_t *created)
{
	for (unsigned i = 0; i < n_rings(program); i++) {
		*switches += LOAD(program->area->rings[i].switches) - program->rings[i].switches;
		*created += LOAD(program->area->rings[i].created) - program->rings[i].created;
	}
}

static void drop(struct marked *marked, unsigned number)
{
	program_free(marked, marked->programs[number]);
	marked->programs[number] = marked->programs[--marked->n_programs];
}

void marked_clear(struct marked *marked, uint32_t lane)
{
	for (unsigned i = marked->n_programs; i-- > 0;) {
		if (marked->programs[i]->lane != lane)
			continue;
		withdraw(marked->programs[i]);
		drop(marked, i);
	}
	free(marked->lanes[lane].hook_pages);
	marked->lanes[lane] = (struct lane_sums){ 0 };
}

static bool is_read(const struct program *program)
{
	for (unsigned i = 0; i < n_rings(program); i++)
		if (LOAD(program->area->rings[i].head) != program->rings[i].next)
			return false;
	return true;
}

/*
 * Of n marks that a program says it lost since it was read last. None makes more than one a nanosecond:
 * more is a lie, and nobody knows how many, which is 0. What is lost is summed over all programs.
 */
static uint64_t believed(const struct program *program, uint64_t n, uint64_t now_ns)
{
	return now_ns >= program->read_ns && n <= now_ns - program->read_ns + LATE_NS ? n : 0;
}

/* As a number to add up: one at least, where there is any. */
static uint64_t claimed(const struct program *program, uint64_t n, uint64_t now_ns)
{
	uint64_t n_believed = believed(program, n, now_ns);

	return n && !n_believed ? 1 : n_believed;
}

/* What was lost and nobody was told: it does not become less, whatever the program says later. */
static uint64_t untold(struct program *program)
{
	uint64_t n = claimed(program, LOAD(program->area->unringed) - program->unringed,
			     clock_now_ns()) +
		     (LOAD(program->area->lapses) != program->lapses);

	if (n > program->untold)
		program->untold = n;
	return program->untold;
}

void marked_keep(struct marked *marked, const struct mark_clock *clock)
{
	for (unsigned i = marked->n_programs; i-- > 0;) {
		struct program *program = marked->programs[i];
		struct lane_sums *sums = &marked->lanes[program->lane];

		/* Gone, and told of: a pid that is another's by now only keeps it longer. */
		if (kill(program->pid, 0) && errno == ESRCH) {
			if (!is_read(program) && ++program->n_gone < N_GONE)
				continue;
			sums->untold += untold(program);
			add_counts(program, &sums->switches, &sums->created);
			drop(marked, i);
		} else {
			promise(program, clock);
		}
	}
}

/* --- reading --------------------------------------------------------------------------------- */

/* Events on their way to whoever asked for them. */
struct reading {
	struct marked *marked;
	struct program *program;
	struct ring_place *place;
	uint64_t unringed; /* of the program, as both are in this read */
	uint32_t lapses;
	const struct mark_clock *clock;
	marks_fn fn;
	void *ctx;
};

static void tell(struct reading *reading, struct event *event)
{
	find_thread(reading->program, reading->place);
	event->task = task_word(reading->place->tid, reading->program->lane);
	reading->fn(event, reading->place->stream, reading->ctx);
}

static uint64_t ticks_of(const struct swtch_mark_ring *ring, uint64_t number)
{
	return LOAD(ring->marks[number % SWTCH_MARKS_N_MARKS].ticks);
}

/* `n` 0: nobody knows how many, and it counts as one. Before what was there at `ticks`, or now. */
static uint64_t tell_lost(struct reading *reading, uint64_t n, uint64_t ticks)
{
	struct event event = event_lost(CPU_UNKNOWN, mark_clock_ns(reading->clock, ticks), n,
					(uint32_t)reading->place->next);

	tell(reading, &event);
	return n ? n : 1;
}

/* What the program says that it lost. */
static uint64_t tell_claimed(struct reading *reading, uint64_t n, uint64_t ticks)
{
	return tell_lost(reading, believed(reading->program, n, reading->clock->last_ns), ticks);
}

/* A coroutine goes by another name than the last time, or has its first. */
static void tell_name(struct reading *reading, uint32_t id, uint64_t time_ns)
{
	const struct swtch_mark_label *from =
		&reading->program->area->names[id % SWTCH_MARKS_N_NAMES];
	struct swtch_mark_label *told = &reading->program->told[id % SWTCH_MARKS_N_NAMES], label;
	struct event event = { .kind = EVENT_COROUTINE_NAME,
			       .time_ns = time_ns,
			       .cpu = CPU_UNKNOWN };

	if (LOAD_ACQUIRE(from->coroutine) != id)
		return;
	memcpy(&label, from, sizeof(label));
	label.text[sizeof(label.text) - 1] = '\0';
	atomic_thread_fence(memory_order_acquire);
	if (!memcmp(&label, told, sizeof(label)) || !*label.text || LOAD(from->coroutine) != id)
		return;
	*told = label;
	event_set_coroutine_name(&event, marked_id(reading->marked, reading->program, id),
				 label.text);
	tell(reading, &event);
}

static void tell_mark(struct reading *reading, const struct swtch_mark *mark)
{
	static const uint8_t kinds[] = { [SWTCH_MARK_CREATE] = EVENT_CREATE,
					 [SWTCH_MARK_RESUME] = EVENT_RESUME,
					 [SWTCH_MARK_SUSPEND] = EVENT_SUSPEND,
					 [SWTCH_MARK_END] = EVENT_END };
	struct event event = { .time_ns = mark_clock_ns(reading->clock, mark->ticks),
			       .cpu = CPU_UNKNOWN };

	if (mark->kind == SWTCH_MARK_THREAD)
		reading->place->said = mark->coroutine;
	if (mark->kind >= sizeof(kinds) || !kinds[mark->kind])
		return;
	event.kind = kinds[mark->kind];
	event.coroutine.id = marked_id(reading->marked, reading->program, mark->coroutine);
	event.coroutine.lane = reading->program->lane;
	if (event.kind == EVENT_CREATE || event.kind == EVENT_RESUME)
		tell_name(reading, mark->coroutine, event.time_ns);
	tell(reading, &event);
}

/* Up to mark number `end`, which was there before the clock was sampled. */
static uint64_t read_ring(struct reading *reading, const struct swtch_mark_ring *ring, uint64_t end)
{
	struct ring_place *place = reading->place;
	uint64_t lost = 0, late = 0;

	if (end < place->next) /* a ring that runs backwards is not one of ours: start over */
		place->next = end;
	if (end - place->next >= SWTCH_MARKS_N_MARKS) {
		uint64_t n = end - place->next - SWTCH_MARKS_N_MARKS + 1;

		place->next += n;
		lost = tell_claimed(reading, n, ticks_of(ring, place->next));
		place->said = LOAD(ring->tid); /* in what was lost it said so */
	}
	reading->marked->n_bytes += (end - place->next) * sizeof(struct swtch_mark);
	for (; place->next < end; place->next++) {
		struct swtch_mark mark = ring->marks[place->next % SWTCH_MARKS_N_MARKS];

		atomic_thread_fence(memory_order_acquire);
		/* The slot behind the newest may be half written. */
		if (LOAD(ring->head) - place->next >= SWTCH_MARKS_N_MARKS - 1) {
			late++;
			continue;
		}
		if (late)
			lost += tell_lost(reading, late, mark.ticks);
		late = 0;
		tell_mark(reading, &mark);
	}
	return late ? lost + tell_lost(reading, late, UINT64_MAX) : lost;
}

static uint16_t take_stream(struct marked *marked)
{
	uint16_t stream = 0;

	while (stream < MARKED_N_STREAMS && marked->taken[stream])
		stream++;
	if (stream == MARKED_N_STREAMS)
		return NO_STREAM;
	marked->taken[stream] = true;
	return stream;
}

/* What no ring holds: watching that ended unasked, and threads without a ring. */
static uint64_t read_losses(struct reading *reading)
{
	struct program *program = reading->program;
	uint64_t lost = reading->unringed - program->unringed;

	reading->place = &program->rings[0];
	if (reading->place->stream == NO_STREAM || (!lost && reading->lapses == program->lapses))
		return 0;
	if (lost)
		lost = tell_claimed(reading, lost, UINT64_MAX);
	if (reading->lapses != program->lapses)
		lost += tell_lost(reading, 0, UINT64_MAX);
	if (lost < program->untold) /* as it was counted already */
		lost = program->untold;
	program->untold = 0;
	program->unringed = reading->unringed;
	program->lapses = reading->lapses;
	return lost;
}

static uint64_t read_program(struct reading *reading, const uint64_t *ends)
{
	struct program *program = reading->program;
	uint64_t lost = 0;

	program->n_looks = 0;
	for (unsigned i = 0; i < SWTCH_MARKS_N_RINGS; i++) {
		struct ring_place *place = &program->rings[i];

		if (ends[i] == place->next)
			continue;
		if (place->stream == NO_STREAM)
			place->stream = take_stream(reading->marked);
		if (place->stream == NO_STREAM) { /* as good as overwritten */
			lost += claimed(program, ends[i] - place->next, reading->clock->last_ns);
			place->next = ends[i];
			continue;
		}
		reading->place = place;
		lost += read_ring(reading, &program->area->rings[i], ends[i]);
	}
	return lost + read_losses(reading);
}

uint64_t marked_read(struct marked *marked, struct mark_clock *clock, marks_fn fn, void *ctx)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < marked->n_programs; i++) {
		struct program *program = marked->programs[i];
		struct reading reading = { .marked = marked,
					   .program = program,
					   .place = &program->rings[0],
					   .unringed = LOAD(program->area->unringed),
					   .lapses = LOAD(program->area->lapses),
					   .clock = clock,
					   .fn = fn,
					   .ctx = ctx };
		uint64_t ends[SWTCH_MARKS_N_RINGS] = { 0 };
		bool is_news = reading.unringed != program->unringed;

		for (unsigned ring = 0; ring < n_rings(program); ring++) {
			ends[ring] = LOAD_ACQUIRE(program->area->rings[ring].head);
			is_news |= ends[ring] != program->rings[ring].next;
		}
		if (is_news)
			mark_clock_sample(clock);
		lost += read_program(&reading, ends);
		program->read_ns = clock->last_ns;
	}
	return lost;
}

void marked_skip(struct marked *marked)
{
	for (unsigned i = 0; i < marked->n_programs; i++) {
		struct program *program = marked->programs[i];

		for (unsigned ring = 0; ring < n_rings(program); ring++) {
			const struct swtch_mark_ring *from = &program->area->rings[ring];

			program->rings[ring].next = LOAD_ACQUIRE(from->head);
			program->rings[ring].said = LOAD(from->tid);
		}
	}
}

bool marked_counts(const struct marked *marked, uint32_t lane, uint64_t *switches,
		   uint64_t *created)
{
	*switches = marked->lanes[lane].switches;
	*created = marked->lanes[lane].created;
	for (unsigned i = 0; i < marked->n_programs; i++)
		if (marked->programs[i]->lane == lane)
			add_counts(marked->programs[i], switches, created);
	return marked->lanes[lane].has_any;
}

uint64_t marked_untold(const struct marked *marked)
{
	uint64_t n = 0;

	for (unsigned lane = 0; lane < N_LANES_MAX; lane++)
		n += marked->lanes[lane].untold;
	for (unsigned i = 0; i < marked->n_programs; i++)
		n += untold(marked->programs[i]);
	return n;
}

uint64_t marked_bytes(const struct marked *marked)
{
	return marked->n_bytes;
}
