// SPDX-License-Identifier: GPL-2.0-only
/* test_marked.c - marks written by the public header, read back; and areas of programs that lie. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/clock.h"
#include "event/names.h"
#include "source/marked.h"
#include "swtch_marks.h"

#define LANE	 3u
#define N_EVENTS 400000u

static struct {
	struct event all[N_EVENTS];
	unsigned n;
} events;

static struct mark_clock mark_clock;

static void take(const struct event *event, unsigned stream, void *ctx)
{
	(void)ctx;
	assert_true(stream < MARKED_N_STREAMS);
	assert_true(events.n < N_EVENTS);
	events.all[events.n++] = *event;
}

/* A rate that is known takes two readings that are apart. */
static void know_clock(void)
{
	uint64_t until_ns = clock_now_ns() + 2000000;

	mark_clock_sample(&mark_clock);
	while (clock_now_ns() < until_ns)
		continue;
	mark_clock_sample(&mark_clock);
}

static uint64_t read_all(struct marked *marked)
{
	events.n = 0;
	return marked_read(marked, &mark_clock, take, NULL);
}

static unsigned count(unsigned kind)
{
	unsigned n = 0;

	for (unsigned i = 0; i < events.n; i++)
		n += events.all[i].kind == kind;
	return n;
}

/* This process as a program that is watched, with nothing unread. */
static struct marked *watch_self(void)
{
	struct marked *marked = marked_new();

	assert_non_null(marked);
	know_clock();
	swtch_mark_create(NULL); /* the first makes the area */
	assert_int_equal(marked_add(marked, LANE, getpid(), swtch_marks_fd, &mark_clock), 0);
	assert_int_equal(marked_add(marked, LANE, getpid(), swtch_marks_fd, &mark_clock), -EEXIST);
	return marked;
}

/* --- what the header writes ------------------------------------------------------------------- */

static void test_marks_of_watched_program_come_in_order_with_names(void **state)
{
	static const uint8_t kinds[] = {
		EVENT_COROUTINE_NAME, EVENT_CREATE, EVENT_CREATE, EVENT_RESUME,
		EVENT_SUSPEND,	      EVENT_RESUME, EVENT_END
	};
	struct marked *marked = watch_self();
	uint64_t switches, created;
	char name[COROUTINE_NAME_LEN];
	uint32_t a = swtch_mark_create("a name too long"), b = swtch_mark_create(NULL);

	(void)state;
	swtch_mark_resume(a);
	swtch_mark_switch(a, b);
	swtch_mark_end(b);
	assert_int_equal(read_all(marked), 0);
	assert_int_equal(events.n, sizeof(kinds));
	for (unsigned i = 0; i < events.n; i++) {
		assert_int_equal(events.all[i].kind, kinds[i]);
		assert_int_equal(events.all[i].task, task_word((uint32_t)getpid(), LANE));
		assert_true(!i || events.all[i].time_ns >= events.all[i - 1].time_ns);
		assert_int_equal(events.all[i].coroutine.id,
				 (i == 2 || i > 4 ? b : a) /* the area's first page is ours */);
	}
	event_coroutine_name(&events.all[0], name);
	assert_string_equal(name, "a name too ");
	assert_true(marked_counts(marked, LANE, &switches, &created));
	assert_int_equal(switches, 3);
	assert_int_equal(created, 2);
	assert_false(marked_counts(marked, LANE + 1, &switches, &created));
	swtch_mark_name(a, "other");
	swtch_mark_resume(a);
	swtch_mark_resume(a);
	assert_int_equal(read_all(marked), 0);
	assert_int_equal(count(EVENT_COROUTINE_NAME), 1); /* told once */
	marked_free(marked);
}

static void test_marks_are_not_written_when_watcher_is_gone(void **state)
{
	struct marked *marked = watch_self();
	uint32_t id = swtch_mark_create(NULL);
	uint64_t head;

	(void)state;
	swtch_mark_resume(id);
	head = swtch_marks_ring->head;
	marked_free(marked);
	assert_int_equal(swtch_marks_area->until, 0);
	swtch_mark_suspend(id);
	assert_int_equal(swtch_marks_ring->head, head);
}

/* Killed, it cannot say so: its time runs out. */
static void test_marks_stop_when_watcher_says_nothing_and_next_one_is_told(void **state)
{
	struct marked *marked = watch_self();
	uint32_t id = swtch_mark_create(NULL), lapses = swtch_marks_area->lapses;
	uint64_t head;

	(void)state;
	swtch_mark_resume(id);
	head = swtch_marks_ring->head;
	swtch_marks_area->until = 1;
	swtch_mark_suspend(id);
	assert_int_equal(swtch_marks_ring->head, head);
	assert_int_equal(swtch_marks_area->until, 0);
	assert_int_equal(swtch_marks_area->lapses, lapses + 1);
	assert_true(marked_untold(marked) > 0);
	marked_keep(marked, &mark_clock); /* it was only slow */
	swtch_mark_suspend(id);
	assert_int_equal(swtch_marks_ring->head, head + 1);
	assert_int_equal(read_all(marked), 1);
	assert_int_equal(count(EVENT_LOST), 1);
	assert_int_equal(marked_untold(marked), 0);
	marked_free(marked);
}

static void test_marks_that_were_overwritten_are_lost_but_counted(void **state)
{
	struct marked *marked = watch_self();
	const unsigned n = 3 * SWTCH_MARKS_N_MARKS;
	uint64_t switches, created, lost;
	uint32_t id = swtch_mark_create(NULL);

	(void)state;
	for (unsigned i = 0; i < n; i++)
		swtch_mark_resume(id);
	lost = read_all(marked);
	assert_int_equal(lost + count(EVENT_RESUME), n + 1); /* with the creation */
	assert_true(count(EVENT_RESUME) > SWTCH_MARKS_N_MARKS - 3);
	assert_int_equal(events.all[0].kind, EVENT_LOST);
	marked_counts(marked, LANE, &switches, &created);
	assert_int_equal(switches, n);
	for (unsigned i = 0; i < n; i++)
		swtch_mark_resume(id);
	marked_skip(marked); /* nobody asked for these */
	swtch_mark_suspend(id);
	assert_int_equal(read_all(marked), 0);
	assert_int_equal(events.n, 1);
	marked_free(marked);
}

/* --- threads and processes ----------------------------------------------------------------------- */

static void *mark_in_thread(void *arg)
{
	uint32_t *tid = arg, id = swtch_mark_create("thread");

	*tid = (uint32_t)gettid();
	for (int i = 0; i < 100; i++) {
		swtch_mark_resume(id);
		swtch_mark_suspend(id);
	}
	return NULL;
}

static void test_threads_have_rings_that_later_threads_take_over(void **state)
{
	enum { N_THREADS = 2 * SWTCH_MARKS_N_RINGS };
	struct marked *marked = watch_self();
	uint32_t tids[N_THREADS];
	pthread_t thread;

	(void)state;
	for (unsigned i = 0; i < N_THREADS; i++) {
		assert_int_equal(pthread_create(&thread, NULL, mark_in_thread, &tids[i]), 0);
		pthread_join(thread, NULL);
	}
	assert_int_equal(swtch_marks_area->unringed, 0);
	assert_int_equal(read_all(marked), 0);
	for (unsigned i = 0; i < N_THREADS; i++) {
		unsigned n = 0;

		for (unsigned j = 0; j < events.n; j++)
			n += task_pid(events.all[j].task) == tids[i] &&
			     events.all[j].kind == EVENT_SUSPEND;
		assert_true(n >= 100); /* a tid may have come again */
	}
	assert_int_equal(count(EVENT_SUSPEND), 100 * N_THREADS);
	assert_int_equal(count(EVENT_CREATE), N_THREADS);
	marked_free(marked);
}

static void test_child_writes_nothing_into_rings_of_its_parent(void **state)
{
	struct marked *marked = watch_self();
	uint64_t head;
	int status;
	pid_t pid;

	(void)state;
	swtch_mark_create(NULL);
	head = swtch_marks_ring->head;
	pid = fork();
	if (!pid) {
		uint32_t id = swtch_mark_create("child");

		swtch_mark_resume(id);
		_exit(swtch_marks_area && swtch_marks_area->pid == (uint32_t)getpid() &&
				      id == swtch_marks_area->last_id
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(swtch_marks_ring->head, head);
	marked_free(marked);
}

/* --- programs that lie ----------------------------------------------------------------------------- */

static struct swtch_mark_area *area_new(int *fd, size_t size, int seals)
{
	struct swtch_mark_area *area;

	*fd = memfd_create(SWTCH_MARKS_FILE, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_true(*fd >= 0);
	assert_int_equal(ftruncate(*fd, (off_t)size), 0);
	assert_int_equal(fcntl(*fd, F_ADD_SEALS, seals), 0);
	area = mmap(NULL, sizeof(*area), PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	assert_true(area != MAP_FAILED);
	if (size >= sizeof(*area)) {
		area->magic = SWTCH_MARKS_MAGIC;
		area->size = sizeof(*area);
		area->pid = (uint32_t)getpid();
	}
	return area;
}

static void expect_refused(size_t size, int seals, uint32_t magic)
{
	struct marked *marked = marked_new();
	int fd;
	struct swtch_mark_area *area = area_new(&fd, size, seals);

	if (size >= sizeof(*area))
		area->magic = magic;
	assert_int_equal(marked_add(marked, LANE, getpid(), fd, &mark_clock), -EINVAL);
	munmap(area, sizeof(*area));
	close(fd);
	marked_free(marked);
}

static void test_area_that_could_shrink_or_is_none_is_refused(void **state)
{
	const size_t size = sizeof(struct swtch_mark_area);

	(void)state;
	expect_refused(size, F_SEAL_GROW, SWTCH_MARKS_MAGIC);
	expect_refused(size - 4096, F_SEAL_SHRINK, SWTCH_MARKS_MAGIC);
	expect_refused(size + 4096, F_SEAL_SHRINK, SWTCH_MARKS_MAGIC);
	expect_refused(size, F_SEAL_SHRINK, SWTCH_MARKS_MAGIC + 1);
}

static void lie(struct swtch_mark_area *area, unsigned seed)
{
	unsigned char *bytes = (unsigned char *)area->rings[0].marks;

	srand(seed);
	for (unsigned i = 0; i < SWTCH_MARKS_N_MARKS * sizeof(struct swtch_mark); i++)
		bytes[i] = (unsigned char)(i % 16 >= 13 ? 0 : rand());
	for (unsigned i = 0; i < SWTCH_MARKS_N_MARKS; i++)
		area->rings[0].marks[i].kind = (unsigned)rand() % 8;
	memset(area->names, 0xff, sizeof(area->names));
	for (unsigned i = 0; i < SWTCH_MARKS_N_MARKS; i++)
		area->names[area->rings[0].marks[i].coroutine % SWTCH_MARKS_N_NAMES].coroutine =
			area->rings[0].marks[i].coroutine;
}

static void test_rings_of_liars_are_read_within_bounds(void **state)
{
	static const uint64_t heads[] = { UINT64_MAX,	 0, 100, 5, SWTCH_MARKS_N_MARKS + 200,
					  UINT64_MAX / 2 };
	struct marked *marked = marked_new();
	int fd;
	struct swtch_mark_area *area =
		area_new(&fd, sizeof(*area), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);

	(void)state;
	area->n_rings = 1;
	assert_int_equal(marked_add(marked, LANE, getpid(), fd, &mark_clock), 0);
	lie(area, 6);
	area->n_rings = UINT32_MAX;
	for (unsigned i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		area->rings[0].head = heads[i];
		area->unringed -= 7;
		area->lapses--;
		area->rings[0].switches = heads[i];
		read_all(marked);
		for (unsigned j = 0; j < events.n; j++) {
			assert_true(events.all[j].kind > 0 && events.all[j].kind < N_EVENT_KINDS);
			assert_int_equal(task_lane(events.all[j].task), LANE);
		}
		assert_true(events.n <= 2 * SWTCH_MARKS_N_MARKS + 4);
	}
	marked_free(marked);
	munmap(area, sizeof(*area));
	close(fd);
}

static void test_ids_of_two_programs_in_a_lane_do_not_meet(void **state)
{
	struct marked *marked = marked_new();
	struct swtch_mark_area *areas[2];
	int fds[2];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		areas[i] = area_new(&fds[i], sizeof(*areas[i]), F_SEAL_SHRINK);
		areas[i]->n_rings = 1;
		assert_int_equal(marked_add(marked, LANE, getpid(), fds[i], &mark_clock), 0);
		areas[i]->rings[0].marks[0] =
			(struct swtch_mark){ mark_ticks(), 7, SWTCH_MARK_CREATE };
		areas[i]->rings[0].head = 1;
	}
	read_all(marked);
	assert_int_equal(events.n, 2);
	assert_int_equal(events.all[0].coroutine.id, 7);
	assert_int_not_equal(events.all[1].coroutine.id, 7);
	marked_free(marked);
	for (unsigned i = 0; i < 2; i++) {
		munmap(areas[i], sizeof(*areas[i]));
		close(fds[i]);
	}
}

/* A program with ids all over leaves the hooks their half; and the hooks, who begin anew, it its own. */
static void test_ids_of_hooks_meet_no_ids_of_marks(void **state)
{
	static bool is_theirs[1u << 20]; /* by page of 4,096 */
	struct marked *marked = marked_new();
	int fd;
	struct swtch_mark_area *area = area_new(&fd, sizeof(*area), F_SEAL_SHRINK);
	uint64_t written = 0;

	(void)state;
	area->n_rings = 1;
	assert_int_equal(marked_add(marked, LANE, getpid(), fd, &mark_clock), 0);
	assert_int_equal(marked_hook_id(marked, LANE, 7), 7);
	while (written < 1u << 20) {
		for (unsigned i = 0; i < SWTCH_MARKS_N_MARKS / 2; i++, written++)
			area->rings[0].marks[written % SWTCH_MARKS_N_MARKS] =
				(struct swtch_mark){ mark_ticks(), (uint32_t)written << 12 | 7,
						     SWTCH_MARK_RESUME };
		area->rings[0].head = written;
		read_all(marked);
		assert_int_equal(events.n, SWTCH_MARKS_N_MARKS / 2);
		for (unsigned i = 0; i < events.n; i++)
			is_theirs[events.all[i].coroutine.id >> 12] = true;
	}
	assert_int_equal(marked_hook_id(marked, LANE, 8), 8);
	for (uint64_t id = 0; id < 1ull << 32; id += 4096)
		assert_false(is_theirs[marked_hook_id(marked, LANE, (uint32_t)id) >> 12]);
	assert_int_equal(marked_hook_id(marked, LANE + 1, 4096),
			 0); /* a lane's pages are its own */
	marked_free(marked);
	munmap(area, sizeof(*area));
	close(fd);
}

/* A program that lies, and one in the same lane that does not; each ring is its stream. */
struct neighbours {
	struct marked *marked;
	struct swtch_mark_area *liar, *honest;
	int liar_fd, honest_fd;
};

static void neighbours_init(struct neighbours *neighbours)
{
	struct swtch_mark_area **areas[] = { &neighbours->liar, &neighbours->honest };
	int *fds[] = { &neighbours->liar_fd, &neighbours->honest_fd };

	know_clock();
	neighbours->marked = marked_new();
	for (unsigned i = 0; i < 2; i++) {
		*areas[i] = area_new(fds[i], sizeof(**areas[i]), F_SEAL_SHRINK);
		(*areas[i])->n_rings = 1;
		assert_int_equal(
			marked_add(neighbours->marked, LANE, getpid(), *fds[i], &mark_clock), 0);
	}
}

static void neighbours_fini(struct neighbours *neighbours)
{
	marked_free(neighbours->marked);
	munmap(neighbours->liar, sizeof(*neighbours->liar));
	munmap(neighbours->honest, sizeof(*neighbours->honest));
	close(neighbours->liar_fd);
	close(neighbours->honest_fd);
}

static void mark(struct swtch_mark_area *area, uint32_t id, uint32_t kind)
{
	uint64_t head = area->rings[0].head;

	area->rings[0].marks[head % SWTCH_MARKS_N_MARKS] =
		(struct swtch_mark){ mark_ticks(), id, kind };
	area->rings[0].head = head + 1;
}

static void test_ids_all_over_leave_other_programs_theirs(void **state)
{
	static bool is_liars[1u << 20]; /* by page of 4,096 */
	struct neighbours neighbours;

	(void)state;
	neighbours_init(&neighbours);
	for (uint32_t page = 0; page < 1u << 20;) {
		for (unsigned i = 0; i < SWTCH_MARKS_N_MARKS / 2; i++)
			mark(neighbours.liar, page++ << 12, SWTCH_MARK_RESUME);
		read_all(neighbours.marked);
		assert_int_equal(events.n, SWTCH_MARKS_N_MARKS / 2);
		for (unsigned i = 0; i < events.n; i++)
			is_liars[events.all[i].coroutine.id >> 12] = true;
	}
	for (unsigned i = 0; i < 1000; i++)
		mark(neighbours.honest, i << 12, SWTCH_MARK_RESUME);
	read_all(neighbours.marked);
	assert_int_equal(events.n, 1000);
	for (unsigned i = 0; i < events.n; i++) {
		assert_false(is_liars[events.all[i].coroutine.id >> 12]);
		is_liars[events.all[i].coroutine.id >> 12] = true; /* nor among themselves */
	}
	neighbours_fini(&neighbours);
}

/* What is lost is one sum for all programs. */
static void test_losses_that_cannot_be_count_as_one(void **state)
{
	struct neighbours neighbours;

	(void)state;
	neighbours_init(&neighbours);
	neighbours.liar->unringed += UINT64_MAX / 2;
	assert_int_equal(marked_untold(neighbours.marked), 1);
	neighbours.liar->rings[0].head = 1ull << 60;
	assert_int_equal(read_all(neighbours.marked), 3); /* and the one that may be half written */
	for (unsigned i = 0; i < events.n; i++)
		assert_true(events.all[i].kind != EVENT_LOST || events.all[i].lost.n <= 1);
	assert_int_equal(count(EVENT_LOST), 3);
	neighbours.liar->rings[0].head = 3; /* backwards */
	assert_int_equal(read_all(neighbours.marked), 0);
	assert_int_equal(marked_untold(neighbours.marked), 0);
	neighbours.honest->unringed += 5;		  /* as it may well be */
	assert_int_equal(read_all(neighbours.marked), 0); /* who has no ring tells of none */
	mark(neighbours.honest, 1, SWTCH_MARK_RESUME);
	assert_int_equal(read_all(neighbours.marked), 5);
	neighbours_fini(&neighbours);
}

/* What was counted as lost once stays so. */
static void test_losses_do_not_become_less_when_they_are_taken_back(void **state)
{
	struct neighbours neighbours;

	(void)state;
	neighbours_init(&neighbours);
	neighbours.liar->unringed += 1000;
	assert_int_equal(marked_untold(neighbours.marked), 1000);
	neighbours.liar->unringed -= 1000;
	assert_int_equal(marked_untold(neighbours.marked), 1000);
	mark(neighbours.liar, 1, SWTCH_MARK_RESUME);
	assert_int_equal(read_all(neighbours.marked) + marked_untold(neighbours.marked), 1000);
	neighbours.liar->unringed += 5;
	assert_int_equal(read_all(neighbours.marked), 1000);
	assert_int_equal(marked_untold(neighbours.marked), 0);
	neighbours_fini(&neighbours);
}

/* A liar names a thread of another process; one that is gone by now may have been its own. */
static void test_marks_are_of_no_other_process(void **state)
{
	struct neighbours neighbours;
	pid_t other = fork();

	(void)state;
	if (!other) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* this test may fail before it ends it */
		for (;;)
			pause();
	}
	assert_true(other > 0);
	neighbours_init(&neighbours);
	mark(neighbours.liar, (uint32_t)other, SWTCH_MARK_THREAD);
	mark(neighbours.liar, 1, SWTCH_MARK_RESUME);
	mark(neighbours.liar, TASK_PID_MASK + (uint32_t)other, SWTCH_MARK_THREAD);
	mark(neighbours.liar, 2, SWTCH_MARK_RESUME);
	read_all(neighbours.marked);
	assert_int_equal(events.n, 2);
	for (unsigned i = 0; i < events.n; i++)
		assert_int_equal(events.all[i].task, task_word((uint32_t)getpid(), LANE));
	assert_int_equal(kill(other, SIGKILL), 0);
	assert_int_equal(waitpid(other, NULL, 0), other);
	mark(neighbours.liar, (uint32_t)other, SWTCH_MARK_THREAD);
	mark(neighbours.liar, 1, SWTCH_MARK_RESUME);
	read_all(neighbours.marked);
	assert_int_equal(events.all[0].task, task_word((uint32_t)other, LANE));
	neighbours_fini(&neighbours);
}

static void test_name_from_a_ring_has_its_tail_in_place(void **state)
{
	struct event event = { .kind = EVENT_COROUTINE_NAME,
			       .called = { 3, "abcdefgh" },
			       .seq = 99,
			       .state = 'i',
			       .cpu = (uint16_t)('k' << 8 | 'j') };
	char name[COROUTINE_NAME_LEN];

	(void)state;
	event_move_coroutine_name(&event, 5);
	event_coroutine_name(&event, name);
	assert_string_equal(name, "abcdefghijk");
	assert_int_equal(event.cpu, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks_of_watched_program_come_in_order_with_names),
		cmocka_unit_test(test_marks_are_not_written_when_watcher_is_gone),
		cmocka_unit_test(test_marks_stop_when_watcher_says_nothing_and_next_one_is_told),
		cmocka_unit_test(test_marks_that_were_overwritten_are_lost_but_counted),
		cmocka_unit_test(test_threads_have_rings_that_later_threads_take_over),
		cmocka_unit_test(test_child_writes_nothing_into_rings_of_its_parent),
		cmocka_unit_test(test_area_that_could_shrink_or_is_none_is_refused),
		cmocka_unit_test(test_rings_of_liars_are_read_within_bounds),
		cmocka_unit_test(test_ids_of_two_programs_in_a_lane_do_not_meet),
		cmocka_unit_test(test_ids_of_hooks_meet_no_ids_of_marks),
		cmocka_unit_test(test_ids_all_over_leave_other_programs_theirs),
		cmocka_unit_test(test_losses_that_cannot_be_count_as_one),
		cmocka_unit_test(test_losses_do_not_become_less_when_they_are_taken_back),
		cmocka_unit_test(test_marks_are_of_no_other_process),
		cmocka_unit_test(test_name_from_a_ring_has_its_tail_in_place),
	};

	return cmocka_run_group_tests_name("marked", tests, NULL, NULL);
}
