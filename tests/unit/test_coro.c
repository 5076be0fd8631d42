// SPDX-License-Identifier: GPL-2.0-only
/* test_coro.c - coroutines by themselves: resumed, suspended, ended, watched, out of stack. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lab/coro.h"

#ifdef __SANITIZE_THREAD__
#define VERY_MANY 1000 /* it keeps a thread's worth of records for each coroutine */
#else
#define VERY_MANY 200000
#endif

static struct lab_line line;
static struct mark_ring ring;
static _Atomic uint32_t marks_on;

static int host_new(void **state)
{
	static struct coro_host host;

	memset(&line, 0, sizeof(line));
	memset(&ring, 0, sizeof(ring));
	marks_on = 0;
	*state = &host;
	return coro_host_init(&host, 0, 0, &line, &marks_on, &ring);
}

static int host_free(void **state)
{
	coro_host_fini(*state);
	return 0;
}

static char trace[64];

struct counter {
	struct coro_host *host;
	char name;
	int limit;
};

static void count_to_limit(void *arg)
{
	struct counter *counter = arg;

	for (int i = 0; i < counter->limit; i++) {
		strncat(trace, &counter->name, 1);
		coro_suspend(counter->host);
	}
}

static void test_coro_finished_answers_done(void **state)
{
	struct counter counter = { *state, 'a', 3 };
	struct coro *coro = coro_new(*state, count_to_limit, &counter);

	trace[0] = '\0';
	for (int i = 0; i < 3; i++)
		assert_int_equal(coro_resume(coro), CORO_SUSPENDED);
	assert_int_equal(coro_resume(coro), CORO_DONE);
	assert_int_equal(coro_resume(coro), CORO_DONE);
	assert_int_equal(coro_resume(coro), CORO_DONE);
	assert_string_equal(trace, "aaa");
	assert_int_equal(line.user_switches, 4); /* an answer without a switch counts none */
	coro_free(coro);
}

static void test_coro_two_resumed_in_turn_keep_their_places(void **state)
{
	struct counter a = { *state, 'a', 2 }, b = { *state, 'b', 3 };
	struct coro *first = coro_new(*state, count_to_limit, &a);
	struct coro *second = coro_new(*state, count_to_limit, &b);
	int alive;

	trace[0] = '\0';
	do {
		alive = coro_resume(first) == CORO_SUSPENDED;
		alive += coro_resume(second) == CORO_SUSPENDED;
	} while (alive);
	assert_string_equal(trace, "ababb");
	assert_int_equal(line.created, 2);
	coro_free(first);
	coro_free(second);
}

struct inner_outer {
	struct coro *inner;
	struct coro_host *host;
};

static void outer_body(void *arg)
{
	struct inner_outer *both = arg;

	while (coro_resume(both->inner) == CORO_SUSPENDED) {
		strncat(trace, "o", 2);
		coro_suspend(both->host);
	}
}

static void test_coro_nested_returns_to_who_resumed(void **state)
{
	struct counter counter = { *state, 'i', 2 };
	struct inner_outer both = { coro_new(*state, count_to_limit, &counter), *state };
	struct coro *outer = coro_new(*state, outer_body, &both);

	trace[0] = '\0';
	while (coro_resume(outer) == CORO_SUSPENDED)
		strncat(trace, ".", 2);
	assert_string_equal(trace, "io.io.");
	coro_free(both.inner);
	coro_free(outer);
}

static volatile uint64_t seed = 3;

/* More values alive across the switch than the CPU has registers, of both kinds. */
static void keeps_registers(void *arg)
{
	struct coro_host *host = arg;
	uint64_t a = seed, b = a * 3, c = b ^ 5, d = c + 7, e = d * 9, f = e ^ 11, g = f + 13;
	double x = (double)a / 3, y = x * 5, z = y - 7;

	for (int i = 0; i < 1000; i++) {
		coro_suspend(host);
		a += b, b ^= c, c += d, d ^= e, e += f, f ^= g, g += a;
		x += y, y -= z, z += x / 2;
	}
	*(uint64_t *)trace = a ^ b ^ c ^ d ^ e ^ f ^ g ^ (uint64_t)(x != x) ^ (uint64_t)z;
}

static uint64_t run_beside(struct coro_host *host, int n)
{
	struct coro *coros[2];

	memset(trace, 0, sizeof(trace));
	for (int i = 0; i < n; i++)
		coros[i] = coro_new(host, keeps_registers, host);
	for (bool alive = true; alive;) {
		alive = false;
		for (int i = 0; i < n; i++) {
			seed = seed + (uint64_t)i; /* the second starts from other values */
			alive |= coro_resume(coros[n - 1 - i]) == CORO_SUSPENDED;
		}
	}
	for (int i = 0; i < n; i++)
		coro_free(coros[i]);
	return *(uint64_t *)trace;
}

static void test_coro_registers_survive_switches(void **state)
{
	uint64_t alone, beside;

	seed = 4;
	alone = run_beside(*state, 1);
	seed = 3;
	beside = run_beside(*state, 2); /* coros[0] starts from seed 4 and ends last */
	assert_int_equal(alone, beside);
}

static void nothing(void *arg)
{
	(void)arg;
}

static void test_coro_pool_reuses_stacks(void **state)
{
	struct coro_host *host = *state;
	struct coro *first = coro_new(host, nothing, NULL), *again;

	coro_resume(first);
	coro_free(first);
	for (int i = 0; i < 1000; i++) {
		again = coro_new(host, nothing, NULL);
		assert_ptr_equal(again, first);
		assert_int_equal(coro_resume(again), CORO_DONE);
		coro_free(again);
	}
	assert_int_equal(host->pool.n_stacks, 1);
	assert_int_equal(line.created, 1001);
}

static void test_coro_many_stacks_do_not_overlap(void **state)
{
	enum { N = 300 };
	struct coro_host *host = *state;
	struct coro *coros[N];

	for (int i = 0; i < N; i++) {
		coros[i] = coro_new(host, nothing, NULL);
		assert_non_null(coros[i]);
		assert_true((char *)coros[i] - coros[i]->stack.low > STACK_DEFAULT_BYTES - 4096);
		memset(coros[i]->stack.low, i, 64);
	}
	for (int i = 0; i < N; i++)
		assert_int_equal((unsigned char)coros[i]->stack.low[63], i % 256);
	for (int i = 0; i < N; i++) {
		memset(coros[i]->stack.low, 0, 64);
		assert_int_equal(coro_resume(coros[i]), CORO_DONE);
		coro_free(coros[i]);
	}
}

__attribute__((noinline)) static int recurse(volatile char *before)
{
	volatile char here[512];

	here[0] = before ? before[0] : 0;
	return seed ? recurse(here) + here[0] : 0; /* always */
}

static void overflow(void *arg)
{
	(void)arg;
	trace[0] = (char)recurse(NULL);
}

static char *guard_low, *guard_high;

enum { HIT_GUARD = 42, HIT_OTHER };

static void on_fault(int signal, siginfo_t *info, void *context)
{
	char *at = info->si_addr;

	(void)signal;
	(void)context;
	_exit(at >= guard_low && at < guard_high ? HIT_GUARD : HIT_OTHER);
}

/*
 * Below the overflowing stack lies another one, which without a guard would be written over; n lie
 * below and above it.
 */
_Noreturn static void overflow_child(bool guard_by_map, int n)
{
	static char handler_stack[1 << 16];
	stack_t other = { .ss_sp = handler_stack, .ss_size = sizeof(handler_stack) };
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	struct coro_host host;
	struct coro *coro;

	if (coro_host_init(&host, 0, 0, NULL, NULL, NULL))
		_exit(1);
	host.pool.guard_by_map = guard_by_map;
	for (int i = 0; i < n; i++)
		coro_new(&host, nothing, NULL);
	coro = coro_new(&host, overflow, NULL);
	for (int i = 0; coro && i < n; i++)
		if (!coro_new(&host, nothing, NULL))
			_exit(3);
	if (!coro)
		_exit(3);
	guard_high = coro->stack.low;
	guard_low = guard_high - host.pool.page_bytes;
	sigaltstack(&other, NULL);
	sigaction(SIGSEGV, &action, NULL);
	coro_resume(coro);
	_exit(2);
}

static void overflow_dies(bool guard_by_map, int n)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		overflow_child(guard_by_map, n);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), HIT_GUARD);
}

static void test_coro_stack_overflow_hits_guard(void **state)
{
	(void)state;
	overflow_dies(false, 1);
}

static void test_coro_stack_overflow_hits_guard_among_very_many(void **state)
{
	(void)state;
	if (stack_mappings())
		skip(); /* the kernel lets no process have so many */
	overflow_dies(false, VERY_MANY / 2);
}

static void test_coro_stack_overflow_hits_guard_of_older_kernels(void **state)
{
	(void)state;
	overflow_dies(true, 1);
}

static void test_coro_marks_tell_its_life_when_watched(void **state)
{
	static const uint32_t kinds[] = { MARK_CREATE, MARK_RESUME, MARK_SUSPEND, MARK_RESUME,
					  MARK_END };
	struct counter counter = { *state, 'm', 1 };
	struct coro *coro;

	coro = coro_new(*state, count_to_limit, &counter);
	while (coro_resume(coro) != CORO_DONE)
		;
	coro_free(coro);
	assert_int_equal(ring.head, 0); /* nobody watched */
	marks_on = 1;
	coro = coro_new(*state, count_to_limit, &counter);
	while (coro_resume(coro) != CORO_DONE)
		;
	coro_free(coro);
	assert_int_equal(ring.head, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(ring.marks[i].kind, kinds[i]);
		assert_int_equal(ring.marks[i].coroutine, 2);
		assert_true(!i || ring.marks[i].ticks >= ring.marks[i - 1].ticks);
	}
}

#define coro_test(name) cmocka_unit_test_setup_teardown(name, host_new, host_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		coro_test(test_coro_finished_answers_done),
		coro_test(test_coro_two_resumed_in_turn_keep_their_places),
		coro_test(test_coro_nested_returns_to_who_resumed),
		coro_test(test_coro_registers_survive_switches),
		coro_test(test_coro_pool_reuses_stacks),
		coro_test(test_coro_many_stacks_do_not_overlap),
		coro_test(test_coro_stack_overflow_hits_guard),
		coro_test(test_coro_stack_overflow_hits_guard_among_very_many),
		coro_test(test_coro_stack_overflow_hits_guard_of_older_kernels),
		coro_test(test_coro_marks_tell_its_life_when_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
