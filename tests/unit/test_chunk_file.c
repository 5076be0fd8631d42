// SPDX-License-Identifier: GPL-2.0-only
/* A file that chunks go to while its disk takes its time: who hands them over never waits for it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "cmd/chunk_file.h"

#define CHUNK_BYTES (1u << 20) /* more than a pipe holds */
#define N_EVENTS    7
#define DEADLINE_NS (20 * NS_PER_S)

struct rig {
	char directory[32], path[64];
	struct chunk_file file;
	int reader;
	uint8_t *bytes;
	struct chunk chunk;
};

/* A pipe by name, whose reader does not read yet: a disk that stalls. */
static int begin(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	strcpy(rig->directory, "/tmp/chunks-XXXXXX");
	assert_non_null(mkdtemp(rig->directory));
	snprintf(rig->path, sizeof(rig->path), "%s/pipe", rig->directory);
	assert_int_equal(mkfifo(rig->path, 0600), 0);
	rig->reader = open(rig->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(rig->reader >= 0);
	rig->bytes = malloc(CHUNK_BYTES);
	assert_non_null(rig->bytes);
	rig->chunk = (struct chunk){ .bytes = rig->bytes, .n = CHUNK_BYTES, .n_events = N_EVENTS };
	signal(SIGPIPE, SIG_IGN);
	*state = rig;
	return 0;
}

static int end(void **state)
{
	struct rig *rig = *state;

	close(rig->reader);
	unlink(rig->path);
	rmdir(rig->directory);
	free(rig->bytes);
	free(rig);
	return 0;
}

static void open_file(struct rig *rig)
{
	struct error error = { "" };

	if (chunk_file_open(&rig->file, rig->path, false, &error))
		fail_msg("%s", error.text);
}

static int hand_over(struct rig *rig, uint8_t number)
{
	memset(rig->bytes, number, CHUNK_BYTES);
	return chunk_file_write(&rig->chunk, &rig->file);
}

/* What the pipe gives until its writer is gone: each byte is its chunk's number. */
static void *read_all(void *ctx)
{
	struct rig *rig = ctx;
	uint8_t *bytes = malloc(CHUNK_BYTES);
	uint64_t n = 0, n_wrong = 0;
	ssize_t got;

	fcntl(rig->reader, F_SETFL, 0);
	while ((got = read(rig->reader, bytes, CHUNK_BYTES)) > 0)
		for (ssize_t i = 0; i < got; i++)
			n_wrong += bytes[i] != (uint8_t)(n++ / CHUNK_BYTES);
	free(bytes);
	return (void *)(uintptr_t)(n_wrong ? 0 : n);
}

static void test_chunk_file_of_a_disk_that_stalls_takes_all_and_writes_it_later(void **state)
{
	struct rig *rig = *state;
	struct error error;
	pthread_t thread;
	void *n;

	open_file(rig);
	for (uint8_t i = 0; i < 20; i++)
		assert_int_equal(hand_over(rig, i), 0);
	assert_false(chunk_file_is_idle(&rig->file));
	assert_int_equal(pthread_create(&thread, NULL, read_all, rig), 0);
	assert_int_equal(chunk_file_close(&rig->file, &error), 0);
	pthread_join(thread, &n);
	assert_int_equal((uintptr_t)n, 20 * (uintptr_t)CHUNK_BYTES);
	assert_int_equal(rig->file.n_bytes, 20 * CHUNK_BYTES);
}

static void test_chunk_file_with_too_much_waiting_refuses_until_the_end(void **state)
{
	struct rig *rig = *state;
	struct error error;
	pthread_t thread;
	unsigned n = 0;
	void *n_read;

	open_file(rig);
	while (!hand_over(rig, (uint8_t)n))
		assert_true(++n <= CHUNK_FILE_BYTES_MOST / CHUNK_BYTES);
	assert_int_equal(n, CHUNK_FILE_BYTES_MOST / CHUNK_BYTES);
	assert_int_equal(hand_over(rig, (uint8_t)n), -ENOBUFS);
	assert_int_equal(chunk_file_err(&rig->file), 0);
	chunk_file_take_all(&rig->file);
	assert_int_equal(hand_over(rig, (uint8_t)n), 0);
	assert_int_equal(pthread_create(&thread, NULL, read_all, rig), 0);
	assert_int_equal(chunk_file_close(&rig->file, &error), 0);
	pthread_join(thread, &n_read);
	assert_int_equal((uintptr_t)n_read, (n + 1) * (uintptr_t)CHUNK_BYTES);
}

static void test_chunk_file_tells_who_hands_over_of_an_error(void **state)
{
	struct rig *rig = *state;
	uint64_t until_ns = clock_now_ns() + DEADLINE_NS;
	struct error error;

	open_file(rig);
	close(rig->reader);
	assert_int_equal(hand_over(rig, 0), 0);
	while (!chunk_file_err(&rig->file))
		assert_true(clock_now_ns() < until_ns);
	assert_int_equal(hand_over(rig, 1), -EPIPE);
	assert_int_equal(chunk_file_close(&rig->file, &error), -EPIPE);
	assert_non_null(strstr(error.text, "Broken pipe"));
	assert_int_equal(rig->file.n_bytes, 0);
	assert_int_equal(rig->file.n_lost, N_EVENTS); /* the other one was not taken */
}

/* A file may grow no further: what is in it are whole chunks. */
static void test_chunk_file_without_room_keeps_whole_chunks(void **state)
{
	struct rig *rig = *state;
	struct rlimit before, limit;
	uint64_t n_taken = 0;
	struct error error;
	struct stat stat;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 2 * CHUNK_BYTES + CHUNK_BYTES / 2;
	unlink(rig->path);
	open_file(rig);
	setrlimit(RLIMIT_FSIZE, &limit);
	for (uint8_t i = 0; i < 4; i++)
		n_taken += !hand_over(rig, i);
	assert_int_equal(chunk_file_close(&rig->file, &error), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(rig->file.n_bytes, 2 * CHUNK_BYTES);
	assert_int_equal(rig->file.n_lost, (n_taken - 2) * N_EVENTS);
	assert_int_equal(lstat(rig->path, &stat), 0);
	assert_int_equal(stat.st_size, 2 * CHUNK_BYTES);
}

struct alarm {
	pthread_t target;
	atomic_bool ends;
};

static void *ring_alarm(void *ctx)
{
	struct alarm *alarm = ctx;

	while (!atomic_load(&alarm->ends)) {
		pthread_kill(alarm->target, SIGTERM);
		usleep(1000);
	}
	return NULL;
}

/* Whoever reads never does: a signal ends the waiting, and says that not all is written. */
static void test_chunk_file_is_not_waited_for_after_a_signal(void **state)
{
	struct rig *rig = *state;
	struct alarm alarm = { .target = pthread_self() };
	struct error error;
	pthread_t thread;

	interrupt_watch();
	open_file(rig);
	assert_int_equal(hand_over(rig, 0), 0);
	assert_int_equal(pthread_create(&thread, NULL, ring_alarm, &alarm), 0);
	assert_int_equal(chunk_file_close(&rig->file, &error), -EINTR);
	atomic_store(&alarm.ends, true);
	pthread_join(thread, NULL);
	assert_non_null(strstr(error.text, "before all was written"));
}

static void test_chunk_file_that_is_dropped_is_gone(void **state)
{
	struct rig *rig = *state;
	struct stat stat;

	unlink(rig->path);
	open_file(rig);
	assert_int_equal(hand_over(rig, 0), 0);
	chunk_file_drop(&rig->file);
	assert_int_equal(lstat(rig->path, &stat), -1);
	chunk_file_drop(&rig->file); /* a closed one will do */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_chunk_file_of_a_disk_that_stalls_takes_all_and_writes_it_later, begin,
			end),
		cmocka_unit_test_setup_teardown(
			test_chunk_file_with_too_much_waiting_refuses_until_the_end, begin, end),
		cmocka_unit_test_setup_teardown(test_chunk_file_tells_who_hands_over_of_an_error,
						begin, end),
		cmocka_unit_test_setup_teardown(test_chunk_file_without_room_keeps_whole_chunks,
						begin, end),
		cmocka_unit_test_setup_teardown(test_chunk_file_is_not_waited_for_after_a_signal,
						begin, end),
		cmocka_unit_test_setup_teardown(test_chunk_file_that_is_dropped_is_gone, begin,
						end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
