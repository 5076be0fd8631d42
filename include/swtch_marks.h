/* SPDX-License-Identifier: 0BSD */
/*
 * swtch_marks.h - lets swtch see the coroutines of a C or C++ program. Copy it, or install it.
 *
 *	uint32_t id = swtch_mark_create("fetch");	a coroutine exists; its name, or NULL
 *	swtch_mark_resume(id);				before this thread enters it
 *	swtch_mark_suspend(id);				after it left, to be resumed
 *	swtch_mark_end(id);				after it left for good
 *	swtch_mark_switch(from, to);			both at once, from one right into another
 *	swtch_mark_name(id, "parse");			it is called otherwise from now on
 *
 * No library, nothing to start or stop; C11 and C++17, on Linux, x86-64 and AArch64.
 *
 * Cost. While nobody watches: a test of a word behind a pointer. While somebody does: the time stamp
 * counter and a few stores into memory shared with swtch; never a system call, never a wait. The first
 * create of a process makes that memory, of which only pages that are written exist. When swtch
 * started the program, this once waits until swtch has found it, for half a second at most.
 *
 * Threads. Each that marks has a ring of its own, up to SWTCH_MARKS_N_RINGS that live at once; marks
 * of more are counted as lost. A coroutine may move between threads. A name has 11 bytes, and is
 * forgotten when a coroutine whose number is SWTCH_MARKS_N_NAMES higher gets one.
 *
 * Fork. A child begins anew with its next create; its parent's memory is not its to write. (Made with
 * clone(2) itself, instead of fork(3), it must not mark.) exec ends it: the descriptor closes itself.
 *
 * What swtch does. It finds a descriptor of a memory file called "swtch-marks" and says in it until
 * when it watches, again and again. Who says so no longer, even killed, does not watch any more.
 */
#ifndef SWTCH_SWTCH_MARKS_H
#define SWTCH_SWTCH_MARKS_H

#include <stdint.h>

#define SWTCH_MARKS_FILE    "swtch-marks"
#define SWTCH_MARKS_MAGIC   0x736d7731u
#define SWTCH_MARKS_N_RINGS 64u
#define SWTCH_MARKS_N_MARKS (1u << 15) /* of each ring: half a MiB */
#define SWTCH_MARKS_N_NAMES (1u << 12)
#define SWTCH_MARKS_FD	    1000 /* the descriptor is this or the next free one, where it can be */

#define SWTCH_MARKS_LOW_FD 200 /* ... or this, where there may not be so many */

enum swtch_mark_kind {
	SWTCH_MARK_NONE,
	SWTCH_MARK_CREATE,
	SWTCH_MARK_RESUME,
	SWTCH_MARK_SUSPEND,
	SWTCH_MARK_END,
	SWTCH_MARK_THREAD /* from here on marks are of the thread whose id stands for the coroutine's */
};

struct swtch_mark {
	uint64_t ticks;
	uint32_t coroutine; /* 1, 2, ... in order of creation */
	uint32_t kind;	    /* enum swtch_mark_kind */
};

struct swtch_mark_ring {
	uint64_t head;	   /* marks ever written; the next goes to marks[head % N_MARKS] */
	uint64_t created;  /* coroutines, while watched */
	uint64_t switches; /* likewise, into coroutines and out of them */
	uint32_t tid;	   /* 0: the ring is free */
	uint32_t unused[9];
	struct swtch_mark marks[SWTCH_MARKS_N_MARKS];
};

struct swtch_mark_label {
	uint32_t coroutine; /* 0: none, or it is being written */
	char text[12];	    /* terminated */
};

struct swtch_mark_area {
	uint32_t magic;
	uint32_t size;	 /* sizeof(struct swtch_mark_area), so that two versions do not meet */
	uint32_t pid;	 /* as the process itself sees it */
	uint32_t lapses; /* how often watching ended; marks were not written from there on */
	uint64_t until; /* written by who watches: ticks up to which marks are; 0: nobody watches */
	uint64_t unringed; /* marks of threads that found no ring */
	uint32_t last_id;
	uint32_t n_rings; /* that were ever taken: the first ones */
	uint32_t unused[1012];
	struct swtch_mark_label names[SWTCH_MARKS_N_NAMES]; /* of coroutine id % N_NAMES */
	struct swtch_mark_ring rings[SWTCH_MARKS_N_RINGS];
};

static inline uint64_t swtch_mark_ticks(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
#else
#error "swtch_marks.h: no cheap clock known for this architecture"
#endif
}

#ifndef SWTCH_MARKS_LAYOUT_ONLY

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* One of each in a program, however many files include this: the linker takes the first. */
#define SWTCH_MARKS_ONE	       __attribute__((weak, visibility("default")))
#define SWTCH_MARKS_TLS	       __thread __attribute__((tls_model("initial-exec")))
#define SWTCH_MARKS_COLD       __attribute__((noinline, cold, unused))
#define SWTCH_MARKS_RARE(what) __builtin_expect(!!(what), 0)

SWTCH_MARKS_ONE uint64_t swtch_marks_nobody; /* stays 0 */
SWTCH_MARKS_ONE uint64_t *swtch_marks_until = &swtch_marks_nobody;
SWTCH_MARKS_ONE struct swtch_mark_area *swtch_marks_area;
SWTCH_MARKS_ONE uint32_t swtch_marks_state; /* 0: not made, 1: being made, 2: made or impossible */
SWTCH_MARKS_ONE uint32_t swtch_marks_spare_id; /* numbers, where there is no area */
SWTCH_MARKS_ONE uint32_t swtch_marks_forks;
SWTCH_MARKS_ONE int swtch_marks_fd = -1;
SWTCH_MARKS_ONE SWTCH_MARKS_TLS struct swtch_mark_ring *swtch_marks_ring;

/* In a child of fork(3), whose other threads are no more. */
SWTCH_MARKS_COLD static void swtch_marks_forked(void)
{
	struct swtch_mark_area *area = swtch_marks_area;

	swtch_marks_until = &swtch_marks_nobody;
	swtch_marks_ring = 0;
	swtch_marks_area = 0;
	if (area) {
		swtch_marks_spare_id = __atomic_load_n(&area->last_id, __ATOMIC_RELAXED);
		munmap(area, sizeof(*area));
		close(swtch_marks_fd);
	}
	swtch_marks_fd = -1;
	swtch_marks_state = 0;
}

/* The memory file, sealed in size, out of the way of who counts on low numbers; -1 without. */
SWTCH_MARKS_COLD static int swtch_marks_open(void)
{
	enum { CLOEXEC = 1, ALLOW_SEALING = 2, ADD_SEALS = 1033, SEAL = 1, SHRINK = 2, GROW = 4 };
	int fd = (int)syscall(SYS_memfd_create, SWTCH_MARKS_FILE, CLOEXEC | ALLOW_SEALING), high;

	if (fd < 0)
		return -1;
	high = fcntl(fd, F_DUPFD_CLOEXEC, SWTCH_MARKS_FD);
	if (high < 0)
		high = fcntl(fd, F_DUPFD_CLOEXEC, SWTCH_MARKS_LOW_FD);
	if (high >= 0) {
		close(fd);
		fd = high;
	}
	if (!ftruncate(fd, sizeof(struct swtch_mark_area)) &&
	    !fcntl(fd, ADD_SEALS, SEAL | SHRINK | GROW))
		return fd;
	close(fd);
	return -1;
}

/* Started by swtch, whose pid stands there: what comes now is to be seen from its beginning. */
SWTCH_MARKS_COLD static void swtch_marks_await(const struct swtch_mark_area *area)
{
	const char *watcher = getenv("SWTCH_MARKS");
	const struct timespec ms = { 0, 1000000 };
	int pid = watcher ? atoi(watcher) : 0;

	for (int i = 0; i < 500 && pid > 1 && !__atomic_load_n(&area->until, __ATOMIC_ACQUIRE); i++)
		if ((kill(pid, 0) && errno == ESRCH) || nanosleep(&ms, 0))
			break;
}

/* Make the area, once in a process; a thread that comes second does not wait for the first. */
SWTCH_MARKS_COLD static void swtch_marks_make(void)
{
	uint32_t none = 0;
	void *memory = MAP_FAILED;
	int error = errno;

	if (!__atomic_compare_exchange_n(&swtch_marks_state, &none, 1, 0, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return;
	if (!__atomic_exchange_n(&swtch_marks_forks, 1, __ATOMIC_RELAXED))
		pthread_atfork(0, 0, swtch_marks_forked);
	swtch_marks_fd = swtch_marks_open();
	if (swtch_marks_fd >= 0)
		memory = mmap(0, sizeof(struct swtch_mark_area), PROT_READ | PROT_WRITE, MAP_SHARED,
			      swtch_marks_fd, 0);
	if (memory != MAP_FAILED) {
		struct swtch_mark_area *area = (struct swtch_mark_area *)memory;

		area->size = sizeof(*area);
		area->pid = (uint32_t)getpid();
		area->last_id = __atomic_load_n(&swtch_marks_spare_id, __ATOMIC_RELAXED);
		__atomic_store_n(&area->magic, SWTCH_MARKS_MAGIC, __ATOMIC_RELEASE);
		swtch_marks_await(area);
		__atomic_store_n(&swtch_marks_area, area, __ATOMIC_RELEASE);
		__atomic_store_n(&swtch_marks_until, &area->until, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&swtch_marks_state, 2, __ATOMIC_RELEASE);
	errno = error;
}

/* A ring that is free, or whose thread is gone, for this thread. NULL without. */
SWTCH_MARKS_COLD static struct swtch_mark_ring *swtch_marks_take(struct swtch_mark_area *area)
{
	uint32_t tid = (uint32_t)syscall(SYS_gettid);
	int error = errno;

	for (unsigned i = 0; i < SWTCH_MARKS_N_RINGS && !swtch_marks_ring; i++) {
		struct swtch_mark_ring *ring = &area->rings[i];
		uint32_t owner = __atomic_load_n(&ring->tid, __ATOMIC_RELAXED);
		struct swtch_mark *mark;

		if (owner && owner != tid &&
		    (!syscall(SYS_tgkill, getpid(), owner, 0) || errno != ESRCH))
			continue;
		if (!__atomic_compare_exchange_n(&ring->tid, &owner, tid, 0, __ATOMIC_ACQ_REL,
						 __ATOMIC_RELAXED))
			continue;
		mark = &ring->marks[ring->head % SWTCH_MARKS_N_MARKS];
		mark->ticks = swtch_mark_ticks();
		mark->coroutine = tid;
		mark->kind = SWTCH_MARK_THREAD;
		__atomic_store_n(&ring->head, ring->head + 1, __ATOMIC_RELEASE);
		while (i >= (owner = __atomic_load_n(&area->n_rings, __ATOMIC_RELAXED)) &&
		       !__atomic_compare_exchange_n(&area->n_rings, &owner, i + 1, 0,
						    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
			continue;
		swtch_marks_ring = ring;
	}
	errno = error;
	return swtch_marks_ring;
}

/* Who watched says so no longer. */
SWTCH_MARKS_COLD static void swtch_marks_lapse(struct swtch_mark_area *area, uint64_t until)
{
	if (__atomic_compare_exchange_n(&area->until, &until, (uint64_t)0, 0, __ATOMIC_ACQ_REL,
					__ATOMIC_RELAXED))
		__atomic_fetch_add(&area->lapses, 1, __ATOMIC_RELAXED);
}

static inline void swtch_marks_put(struct swtch_mark_ring *ring, uint64_t ticks, uint32_t id,
				   uint32_t kind)
{
	uint64_t head = ring->head;
	struct swtch_mark *mark = &ring->marks[head % SWTCH_MARKS_N_MARKS];

	mark->ticks = ticks;
	mark->coroutine = id;
	mark->kind = kind;
	__atomic_store_n(&ring->head, head + 1, __ATOMIC_RELEASE);
}

/* A ring has one writer: no locked instruction. */
static inline void swtch_marks_count(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

/* This thread's ring while somebody watches, and the time; else NULL. */
static inline struct swtch_mark_ring *swtch_marks_open_ring(uint64_t *ticks)
{
	uint64_t until = __atomic_load_n(swtch_marks_until, __ATOMIC_RELAXED);
	struct swtch_mark_ring *ring;

	if (!SWTCH_MARKS_RARE(until))
		return 0;
	*ticks = swtch_mark_ticks();
	if (SWTCH_MARKS_RARE(*ticks > until)) {
		swtch_marks_lapse(swtch_marks_area, until);
		return 0;
	}
	ring = swtch_marks_ring;
	if (SWTCH_MARKS_RARE(!ring)) {
		ring = swtch_marks_take(swtch_marks_area);
		if (!ring)
			__atomic_fetch_add(&swtch_marks_area->unringed, 1, __ATOMIC_RELAXED);
	}
	return ring;
}

static inline void swtch_marks_move(uint32_t id, uint32_t kind)
{
	uint64_t ticks;
	struct swtch_mark_ring *ring = swtch_marks_open_ring(&ticks);

	if (!SWTCH_MARKS_RARE(ring))
		return;
	swtch_marks_put(ring, ticks, id, kind);
	swtch_marks_count(&ring->switches);
}

/* --- what a program calls ---------------------------------------------------------------------- */

/* What a coroutine is called from now on; cut at 11 bytes. Any thread. NULL, id 0: nothing happens. */
static inline void swtch_mark_name(uint32_t id, const char *name)
{
	struct swtch_mark_area *area = __atomic_load_n(&swtch_marks_area, __ATOMIC_ACQUIRE);
	struct swtch_mark_label *to;
	unsigned n = 0;

	if (!area || !name || !id)
		return;
	to = &area->names[id % SWTCH_MARKS_N_NAMES];
	__atomic_store_n(&to->coroutine, 0u, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	for (; n < sizeof(to->text) - 1 && name[n]; n++)
		to->text[n] = name[n];
	to->text[n] = '\0';
	__atomic_store_n(&to->coroutine, id, __ATOMIC_RELEASE);
}

/* A coroutine was made. Returns its number, for all other calls. */
static inline uint32_t swtch_mark_create(const char *name)
{
	struct swtch_mark_area *area = __atomic_load_n(&swtch_marks_area, __ATOMIC_ACQUIRE);
	struct swtch_mark_ring *ring;
	uint64_t ticks;
	uint32_t id;

	if (SWTCH_MARKS_RARE(!area)) {
		swtch_marks_make();
		area = __atomic_load_n(&swtch_marks_area, __ATOMIC_ACQUIRE);
	}
	id = 1 +
	     __atomic_fetch_add(area ? &area->last_id : &swtch_marks_spare_id, 1, __ATOMIC_RELAXED);
	swtch_mark_name(id, name);
	ring = swtch_marks_open_ring(&ticks);
	if (SWTCH_MARKS_RARE(ring)) {
		swtch_marks_put(ring, ticks, id, SWTCH_MARK_CREATE);
		swtch_marks_count(&ring->created);
	}
	return id;
}

/* This thread enters it, */
static inline void swtch_mark_resume(uint32_t id)
{
	swtch_marks_move(id, SWTCH_MARK_RESUME);
}

/* left it, to enter it again, */
static inline void swtch_mark_suspend(uint32_t id)
{
	swtch_marks_move(id, SWTCH_MARK_SUSPEND);
}

/* or left it for good. */
static inline void swtch_mark_end(uint32_t id)
{
	swtch_marks_move(id, SWTCH_MARK_END);
}

/* This thread goes from one, which is to be entered again, right into another: one switch. */
static inline void swtch_mark_switch(uint32_t from, uint32_t to)
{
	uint64_t ticks;
	struct swtch_mark_ring *ring = swtch_marks_open_ring(&ticks);

	if (!SWTCH_MARKS_RARE(ring))
		return;
	swtch_marks_put(ring, ticks, from, SWTCH_MARK_SUSPEND);
	swtch_marks_put(ring, ticks, to, SWTCH_MARK_RESUME);
	swtch_marks_count(&ring->switches);
}

#endif /* SWTCH_MARKS_LAYOUT_ONLY */
#endif
