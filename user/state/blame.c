// SPDX-License-Identifier: GPL-2.0-only
/* blame.c - of each thread, which coroutines it is in; and a table of those that blocked one. */
#include "state/blame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"

#define THREADS_SIZE ((TASK_PID_MASK + 1) * sizeof(struct inside))
#define N_PLACES     (2 * N_BLAMED_MAX) /* of the hash table: half empty at least */
#define N_DEEP	     8 /* coroutines that resumed one another; deeper ones are not told apart */

/* A thread: the coroutines that it is in, the innermost last. */
struct inside {
	uint32_t ids[N_DEEP];
	uint32_t n;	   /* may be more than there is room for */
	uint32_t word;	   /* of the thread; 0: none was ever seen */
	uint64_t since_ns; /* when it came into the first of them */
	uint64_t left_ns;  /* since when it is away in the middle of one; 0: it is not */
	uint32_t blocker;  /* which one, */
	uint8_t call;	   /* and what it waits for: enum leave_call */
};

_Static_assert(sizeof(struct inside) == 64, "as the header says");

struct blame_private {
	struct inside *threads; /* [TASK_PID_MASK + 1], by pid */
	struct blamed *table;	/* [N_PLACES]; n_all 0: a free place */
	uint64_t lost_ns;	/* before that, switches are missing; 0: none are */
};

struct blame *blame_new(unsigned n_lanes)
{
	struct blame *blame = calloc(1, sizeof(*blame));

	if (!blame)
		return NULL;
	blame->n_lanes = n_lanes;
	blame->sums = calloc(n_lanes, sizeof(*blame->sums));
	blame->private = calloc(1, sizeof(*blame->private));
	if (blame->private) {
		blame->private->table = calloc(N_PLACES, sizeof(*blame->private->table));
		blame->private->threads = mmap(NULL, THREADS_SIZE, PROT_READ | PROT_WRITE,
					       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	}
	if (blame->sums && blame->private && blame->private->table &&
	    blame->private->threads != MAP_FAILED)
		return blame;
	blame_free(blame);
	errno = ENOMEM;
	return NULL;
}

void blame_free(struct blame *blame)
{
	if (!blame)
		return;
	if (blame->private) {
		memory_unmap(blame->private->threads, THREADS_SIZE);
		free(blame->private->table);
	}
	free(blame->private);
	free(blame->sums);
	free(blame);
}

void blame_clear(struct blame *blame)
{
	struct blame_private *private = blame->private;

	memset(blame->sums, 0, blame->n_lanes * sizeof(*blame->sums));
	memset(private->table, 0, N_PLACES * sizeof(*private->table));
	madvise(private->threads, THREADS_SIZE, MADV_DONTNEED);
	blame->n_blamed = 0;
	private->lost_ns = 0;
	blame->n_apart = 0;
}

struct blame *blame_copy(const struct blame *blame)
{
	struct blame *copy = blame_new(blame->n_lanes);

	if (!copy)
		return NULL;
	memcpy(copy->sums, blame->sums, blame->n_lanes * sizeof(*blame->sums));
	memcpy(copy->private->table, blame->private->table,
	       N_PLACES * sizeof(*blame->private->table));
	copy->n_blamed = blame->n_blamed;
	copy->n_apart = blame->n_apart;
	return copy;
}

/* --- who is inside -------------------------------------------------------------------------------- */

static struct inside *thread_of(const struct blame *blame, uint32_t word)
{
	return &blame->private->threads[task_pid(word)];
}

static void resume(struct blame *blame, const struct event *event)
{
	struct inside *thread = thread_of(blame, event->task);

	if (thread->word != event->task)
		*thread = (struct inside){ .word = event->task };
	if (!thread->n)
		thread->since_ns = event->time_ns;
	if (thread->n < N_DEEP)
		thread->ids[thread->n] = event->coroutine.id;
	thread->n += thread->n < UINT32_MAX;
	if (task_lane(event->task) < blame->n_lanes)
		blame->sums[task_lane(event->task)].n_steps++;
}

/*
 * It is outside again, and so are those that it resumed. A thread that is away marks nothing: where it
 * seems to, the clocks of marks and of switches differ by a microsecond, and it was outside before it left.
 */
static void suspend(struct blame *blame, const struct event *event)
{
	struct inside *thread = thread_of(blame, event->task);

	if (thread->word != event->task)
		return;
	uint32_t i = thread->n < N_DEEP ? thread->n : N_DEEP;

	while (i && thread->ids[i - 1] != event->coroutine.id)
		i--;
	if (i)
		thread->n = i - 1;
	else if (thread->n > N_DEEP)
		thread->n--; /* one of the deep ones */
	if (thread->blocker == event->coroutine.id)
		thread->left_ns = 0;
}

/* --- who blocked ---------------------------------------------------------------------------------- */

static struct blamed *find(struct blame_private *private, uint32_t lane, uint32_t id)
{
	uint64_t key = ((uint64_t)lane << 32 | id) * 0x9e3779b97f4a7c15ull;
	size_t at = key >> 32 & (N_PLACES - 1);

	while (private->table[at].n_all &&
	       (private->table[at].lane != lane || private->table[at].id != id))
		at = (at + 1) & (N_PLACES - 1);
	return &private->table[at];
}

static void blame_it(struct blame *blame, const struct inside *thread, uint64_t away_ns)
{
	struct blame_private *private = blame->private;
	uint32_t lane = task_lane(thread->word);
	struct blame_sum *sum = &blame->sums[lane];
	struct blamed *blamed = find(private, lane, thread->blocker);

	sum->n++;
	sum->total_ns += away_ns;
	if (away_ns > sum->max_ns)
		sum->max_ns = away_ns;
	if (!blamed->n_all && blame->n_blamed == N_BLAMED_MAX) {
		blame->n_apart++;
		return;
	}
	blame->n_blamed += !blamed->n_all;
	blamed->lane = lane;
	blamed->id = thread->blocker;
	blamed->thread = thread->word;
	blamed->n_all++;
	blamed->n[thread->call & LEAVE_CALL_MASK]++;
	blamed->total_ns += away_ns;
	if (away_ns > blamed->max_ns)
		blamed->max_ns = away_ns;
}

static void leave(struct blame *blame, const struct event *event)
{
	struct inside *thread = thread_of(blame, event->task);
	uint8_t state = event->state & LEAVE_MASK;

	if (thread->word != event->task)
		return;
	thread->left_ns = 0;
	if (state == LEAVE_DEAD)
		*thread = (struct inside){ 0 };
	if (thread->since_ns <= blame->private->lost_ns)
		thread->n = 0; /* it may have come out unseen */
	if (!thread->n || thread->n > N_DEEP || task_lane(event->task) >= blame->n_lanes)
		return;
	if (state == LEAVE_RUNNABLE)
		blame->sums[task_lane(event->task)].n_preempted++;
	if (state != LEAVE_SLEEPING && state != LEAVE_BLOCKED)
		return;
	thread->left_ns = event->time_ns;
	thread->blocker = thread->ids[thread->n - 1];
	thread->call = leave_call(event->state);
}

static void come(struct blame *blame, const struct event *event)
{
	struct inside *thread = thread_of(blame, event->to.next);

	if (thread->word != event->to.next || !thread->left_ns)
		return;
	if (thread->left_ns >= blame->private->lost_ns && event->time_ns >= thread->left_ns)
		blame_it(blame, thread, event->time_ns - thread->left_ns);
	thread->left_ns = 0;
}

/* Marks of a thread are missing, or switches of a CPU. */
static void lose(struct blame *blame, const struct event *event)
{
	if (task_pid(event->task))
		*thread_of(blame, event->task) = (struct inside){ 0 };
	else
		blame->private->lost_ns = event->time_ns;
}

void blame_apply(struct blame *blame, const struct event *event)
{
	switch (event->kind) {
	case EVENT_SWITCH:
		if (task_pid(event->task))
			leave(blame, event);
		if (task_pid(event->to.next))
			come(blame, event);
		break;
	case EVENT_RESUME:
		if (task_pid(event->task))
			resume(blame, event);
		break;
	case EVENT_SUSPEND:
	case EVENT_END:
		if (task_pid(event->task))
			suspend(blame, event);
		break;
	case EVENT_LOST:
		lose(blame, event);
		break;
	default:
		break;
	}
}

/* --- what is known -------------------------------------------------------------------------------- */

static bool is_before(const struct blamed *a, const struct blamed *b)
{
	if (a->total_ns != b->total_ns)
		return a->total_ns > b->total_ns;
	return a->lane != b->lane ? a->lane < b->lane : a->id < b->id;
}

unsigned blame_worst(const struct blame *blame, unsigned lane, struct blamed *worst, unsigned n)
{
	unsigned n_found = 0;

	for (size_t i = 0; n && i < N_PLACES; i++) {
		const struct blamed *one = &blame->private->table[i];
		unsigned at;

		if (!one->n_all || (lane && one->lane != lane) ||
		    (n_found == n && !is_before(one, &worst[n - 1])))
			continue;
		n_found += n_found < n;
		for (at = n_found - 1; at && is_before(one, &worst[at - 1]); at--)
			worst[at] = worst[at - 1];
		worst[at] = *one;
	}
	return n_found;
}

bool blame_of_thread(const struct blame *blame, uint32_t thread, struct blamed *worst)
{
	bool found = false;

	for (size_t i = 0; i < N_PLACES; i++) {
		const struct blamed *one = &blame->private->table[i];

		if (!one->n_all || one->thread != thread || (found && !is_before(one, worst)))
			continue;
		*worst = *one;
		found = true;
	}
	return found;
}

unsigned blamed_call(const struct blamed *blamed)
{
	unsigned most = 0;

	for (unsigned call = 1; call < N_LEAVE_CALLS; call++)
		if (blamed->n[call] > blamed->n[most])
			most = call;
	return most;
}
