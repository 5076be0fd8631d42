// SPDX-License-Identifier: GPL-2.0-only
/*
 * claims.c - the seventeen claims: one table, and all the numbers that verdicts hang on.
 *
 * How a condition is judged (judge.c): each round of measurements gives one value, the figure, or
 * the figure over the one beside it, both of that round. Fewer than five rounds decide nothing.
 *
 *  - AT_LEAST, AT_MOST are for what is measured and therefore spreads, and for what the scheduler
 *    happens to do: a race is lost only while two tasks run at once. Of every seven rounds the
 *    lowest and the highest are set aside, as one of them may have met another program at work. If
 *    all others are on one side of the bound it is decided, else it is not.
 *  - EQUAL, ABOVE, BELOW are for what is counted. True in every round: it holds; false in every
 *    round: it does not; now this, now that: not decided, however many rounds there are.
 *
 * A claim holds when all of its conditions do, does not hold here when any of them does not, and is
 * not decided otherwise. What was not measured decides nothing.
 *
 * How fast several tasks are together (METRIC_ALONE_NS) depends on CPUs that nobody else uses: a run
 * beside which others took a quarter of them is tried again, and if that does not help not measured.
 *
 * The bounds are what the sentence means to one who hears it, and far from what is measured on
 * either side, so that a verdict is the same the next time:
 *
 *    2     "expensive", "many resources": at least twice as much.
 *    1.5   the same of a switch, where twice would ask too much: the switch itself is but a part of
 *          what a round trip costs in either model.
 *    1.3   "speed up": a third faster; two CPUs give up to 2, one CPU 1.
 *    1.1   "do not raise speed": what one may take for noise.
 *    2     ten sleeps "in parallel" take at most two sleeps' time; one by one it would be ten.
 *    1/10  "no context switch" in a price: another order of magnitude.
 *    1/100 "no context switch" in a count: what the machine does anyhow, the timer for one.
 *    5     starved: five of the intervals at which a task wanted to run have gone by.
 *    1     "optimise": less, whatever the difference. Of what happens, races and switches: once.
 *    1/2   the loop "watches" and "switches": for more of the requests than not; one that is there
 *          already needs no switch.
 */
#include "state/claims.h"

#include <strings.h>

#define SLEEP_NS    100e6 /* of RUN_SLEEP */
#define INTERVAL_NS 10e6  /* of RUN_HOG */

/* Work is given where the count matters, time where the price does. */
const char *const experiments[N_EXPERIMENTS] = {
	[RUN_PRIVATE] = "--job counter --private --model process --sync none --tasks 4 --work 4000",
	[RUN_UNSYNCHRONISED] =
		"--job counter --sync none --model process,thread --tasks 4 --work 100000000",
	[RUN_ATOMIC] = "--job counter --sync atomic --model process,thread --tasks 4 --work 200000",
	[RUN_MUTEX] = "--job counter --sync mutex --model process,thread --tasks 4 --work 200000",
	[RUN_SEMAPHORE] =
		"--job counter --sync semaphore --model process,thread --tasks 4 --work 200000",
	[RUN_CONDVAR] =
		"--job counter --sync condvar --model process,thread --tasks 4 --work 200000",
	[RUN_CRASH] = "--job crash --tasks 4 --work 8000",
	[RUN_SPAWN] = "--job spawn --model process,thread --time 0.5",
	[RUN_PINGPONG_PIPES] =
		"--job pingpong --via pipe --model process,thread --pin 0 --time 0.5",
	[RUN_VIA_PIPE] = "--job pingpong --via pipe --model process --pin 0 --work 5000",
	[RUN_VIA_SOCKETPAIR] =
		"--job pingpong --via socketpair --model process --pin 0 --work 5000",
	[RUN_VIA_SHM] = "--job pingpong --via shm --model process --pin 0 --work 5000",
	[RUN_VIA_MQUEUE] = "--job pingpong --via mqueue --model process --pin 0 --work 5000",
	[RUN_PINGPONG] = "--job pingpong --model thread,coroutine --pin 0 --time 0.5",
	[RUN_IDLE] = "--job idle --model thread,coroutine --tasks 500",
	[RUN_THREAD_1] = "--job compute --model thread --tasks 1 --work 6000",
	[RUN_THREADS_4] = "--job compute --model thread --tasks 4 --work 6000",
	[RUN_COROUTINE_1] = "--job compute --model coroutine --tasks 1 --work 6000",
	[RUN_COROUTINES_4] = "--job compute --model coroutine --tasks 4 --work 6000",
	[RUN_SLEEP] = "--job sleep --sleep 0.1 --tasks 10",
	[RUN_YIELD] = "--job yield --model coroutine --tasks 4 --work 1000000",
	[RUN_YIELD_POOL] = "--job yield --model coroutine --tasks 4 --pool 2 --work 1000000",
	[RUN_SEND] = "--job yield --model coroutine --tasks 1 --work 3 --send 4",
	[RUN_HOG] = "--job hog --model thread,coroutine --sleep 0.01 --pin 0 --time 0.5",
	[RUN_ECHO] = "--job echo --clients 100 --time 1",
};

/* A figure of counter; what was expected, counted and lost of one way to synchronise. */
#define COUNTER(name, run, lane, figure)                                                           \
	{                                                                                          \
		name, run, lane, METRIC_FIGURE, COUNTER_##figure                                   \
	}

/* What a token's round trip is through one way, and whether all of them came through. */
#define VIA(name, run)                                                                             \
	{ "a round trip by " name, run, OF_PROCESS, METRIC_UNIT_NS, 0 },                           \
		{ "switches each, " name, run, OF_PROCESS, METRIC_UNIT_SWITCHES, 0 },              \
		{ "round trips by " name, run, OF_PROCESS, METRIC_DONE, 0 },                       \
	{                                                                                          \
		"checksum by " name, run, OF_PROCESS, METRIC_CHECKSUM, 0                           \
	}

const struct claim claims[N_CLAIMS] = {
	{ "P1", "each process has its own independent address space",
	  .figures = { COUNTER("additions by processes", RUN_PRIVATE, OF_PROCESS, EXPECTED),
		       COUNTER("most that a process sees", RUN_PRIVATE, OF_PROCESS, SEEN_MOST),
		       COUNTER("additions by threads", RUN_ATOMIC, OF_THREAD, EXPECTED),
		       COUNTER("what the last thread sees", RUN_ATOMIC, OF_THREAD, COUNTED) },
	  .conditions = { { 1, BELOW, 1, 0 }, { 3, EQUAL, 1, 2 } } },
	{ "P2", "a crash in one process usually does not affect the others",
	  .figures = { { "processes of 4 that finish", RUN_CRASH, OF_PROCESS, METRIC_FIGURE,
			 CRASH_FINISHED },
		       { "threads of 4 that finish", RUN_CRASH, OF_THREAD, METRIC_FIGURE,
			 CRASH_FINISHED },
		       { "coroutines of 4 that finish", RUN_CRASH, OF_COROUTINE, METRIC_FIGURE,
			 CRASH_FINISHED } },
	  .conditions = { { 0, EQUAL, 3, ALONE } } },
	{ "P3", "creating a process is expensive beside a thread",
	  .figures = { { "a process made and ended", RUN_SPAWN, OF_PROCESS, METRIC_UNIT_NS, 0 },
		       { "a thread made and ended", RUN_SPAWN, OF_THREAD, METRIC_UNIT_NS, 0 } },
	  .conditions = { { 0, AT_LEAST, 2, 1 } } },
	{ "P4", "switching between processes is expensive beside threads",
	  .figures = { { "a switch between processes", RUN_PINGPONG_PIPES, OF_PROCESS,
			 METRIC_SWITCH_NS, 0 },
		       { "a switch between threads", RUN_PINGPONG_PIPES, OF_THREAD,
			 METRIC_SWITCH_NS, 0 } },
	  .conditions = { { 0, AT_LEAST, 1.5, 1 } } },
	{ "P5", "processes communicate by pipes, sockets, shared memory, message queues",
	  .figures = { VIA("pipe", RUN_VIA_PIPE), VIA("socket pair", RUN_VIA_SOCKETPAIR),
		       VIA("shared memory", RUN_VIA_SHM), VIA("message queue", RUN_VIA_MQUEUE) },
	  .conditions = { { 2, EQUAL, 5000, ALONE },
			  { 6, EQUAL, 5000, ALONE },
			  { 10, EQUAL, 5000, ALONE },
			  { 14, EQUAL, 5000, ALONE },
			  { 7, EQUAL, 1, 3 },
			  { 11, EQUAL, 1, 3 },
			  { 15, EQUAL, 1, 3 } } },
	{ "T1", "the threads of a process share its address space, open files, sockets",
	  .figures = { COUNTER("additions by threads", RUN_ATOMIC, OF_THREAD, EXPECTED),
		       COUNTER("what the last thread sees", RUN_ATOMIC, OF_THREAD, COUNTED),
		       COUNTER("threads that read the first's file", RUN_ATOMIC, OF_THREAD, FILES),
		       COUNTER("processes that read the first's", RUN_ATOMIC, OF_PROCESS, FILES) },
	  .conditions = { { 1, EQUAL, 1, 0 }, { 2, EQUAL, 3, ALONE }, { 3, EQUAL, 0, ALONE } } },
	{ "T2",
	  "without synchronisation there are data races; mutexes, semaphores, condition variables "
	  "prevent them",
	  .figures = { COUNTER("lost by threads, no sync", RUN_UNSYNCHRONISED, OF_THREAD, LOST),
		       COUNTER("lost by processes, no sync", RUN_UNSYNCHRONISED, OF_PROCESS, LOST),
		       COUNTER("lost by threads, atomic", RUN_ATOMIC, OF_THREAD, LOST),
		       COUNTER("lost by processes, atomic", RUN_ATOMIC, OF_PROCESS, LOST),
		       COUNTER("lost by threads, mutex", RUN_MUTEX, OF_THREAD, LOST),
		       COUNTER("lost by processes, mutex", RUN_MUTEX, OF_PROCESS, LOST),
		       COUNTER("lost by threads, semaphore", RUN_SEMAPHORE, OF_THREAD, LOST),
		       COUNTER("lost by processes, semaphore", RUN_SEMAPHORE, OF_PROCESS, LOST),
		       COUNTER("lost by threads, condition", RUN_CONDVAR, OF_THREAD, LOST),
		       COUNTER("lost by processes, condition", RUN_CONDVAR, OF_PROCESS, LOST) },
	  .conditions = { { 0, AT_LEAST, 1, ALONE },
			  { 2, EQUAL, 0, ALONE },
			  { 3, EQUAL, 0, ALONE },
			  { 4, EQUAL, 0, ALONE },
			  { 5, EQUAL, 0, ALONE },
			  { 6, EQUAL, 0, ALONE },
			  { 7, EQUAL, 0, ALONE },
			  { 8, EQUAL, 0, ALONE },
			  { 9, EQUAL, 0, ALONE } } },
	{ "T3", "threads take many resources: the CPU has to keep switching between them",
	  .figures = { { "switches a round trip, threads", RUN_PINGPONG, OF_THREAD,
			 METRIC_UNIT_SWITCHES, 0 },
		       { "switches a round trip, coroutines", RUN_PINGPONG, OF_COROUTINE,
			 METRIC_UNIT_SWITCHES, 0 },
		       { "a thread's memory", RUN_IDLE, OF_THREAD, METRIC_TASK_BYTES, 0 },
		       { "a coroutine's memory", RUN_IDLE, OF_COROUTINE, METRIC_TASK_BYTES, 0 } },
	  .conditions = { { 0, AT_LEAST, 1, ALONE },
			  { 1, AT_MOST, 0.01, ALONE },
			  { 2, AT_LEAST, 2, 3 } } },
	{ "T4", "threads speed up a complex task",
	  .figures = { { "the sum by 1 thread", RUN_THREAD_1, OF_THREAD, METRIC_ALONE_NS, 0 },
		       { "the sum by 4 threads", RUN_THREADS_4, OF_THREAD, METRIC_ALONE_NS, 0 } },
	  .conditions = { { 0, AT_LEAST, 1.3, 1 } } },
	{ "T5", "threads run in parallel: ten sleeps of 5 s",
	  .figures = { { "10 sleeps of 100 ms by threads", RUN_SLEEP, OF_THREAD, METRIC_WALL_NS,
			 0 },
		       { "10 sleeps by processes", RUN_SLEEP, OF_PROCESS, METRIC_WALL_NS, 0 },
		       { "10 sleeps by coroutines", RUN_SLEEP, OF_COROUTINE, METRIC_WALL_NS, 0 } },
	  .conditions = { { 0, AT_MOST, 2 * SLEEP_NS, ALONE } } },
	{ "C1", "coroutines are organised inside system threads: one, or a pool",
	  .figures = { { "threads made for coroutines", RUN_YIELD, OF_COROUTINE, METRIC_THREADS,
			 0 },
		       { "threads that ran a pool of 2", RUN_YIELD_POOL, OF_COROUTINE,
			 METRIC_POOL_THREADS, 0 },
		       { "threads made for a pool of 2", RUN_YIELD_POOL, OF_COROUTINE,
			 METRIC_THREADS, 0 } },
	  /* One of the pool is the main thread, or it only waits for two others. */
	  .conditions = { { 0, EQUAL, 0, ALONE },
			  { 1, EQUAL, 2, ALONE },
			  { 2, BELOW, 2, ALONE } } },
	{ "C2", "the OS manages threads, the developer's code switches coroutines",
	  .figures = { { "involuntary switches of threads", RUN_HOG, OF_THREAD, METRIC_INVOLUNTARY,
			 0 },
		       { "a thread beside a hog waits", RUN_HOG, OF_THREAD, METRIC_LATENCY_P50_NS,
			 0 },
		       { "a coroutine beside a hog waits", RUN_HOG, OF_COROUTINE,
			 METRIC_LATENCY_P50_NS, 0 },
		       { "coroutine switches not at a yield", RUN_YIELD, OF_COROUTINE,
			 METRIC_UNASKED, 0 } },
	  .conditions = { { 0, AT_LEAST, 1, ALONE },
			  { 2, AT_LEAST, 5 * INTERVAL_NS, ALONE },
			  { 3, EQUAL, 0, ALONE } } },
	{ "C3", "coroutines need no (kernel) context switch",
	  .figures = { { "kernel switches a coroutine switch", RUN_PINGPONG, OF_COROUTINE,
			 METRIC_KERNEL_PER_USER, 0 },
		       { "a coroutine switch", RUN_PINGPONG, OF_COROUTINE, METRIC_USER_SWITCH_NS,
			 0 },
		       { "a switch between threads", RUN_PINGPONG, OF_THREAD, METRIC_SWITCH_NS,
			 0 } },
	  .conditions = { { 0, AT_MOST, 0.01, ALONE }, { 1, AT_MOST, 0.1, 2 } } },
	{ "C4", "coroutines do not raise speed",
	  .figures = { { "the sum by 1 coroutine", RUN_COROUTINE_1, OF_COROUTINE, METRIC_ALONE_NS,
			 0 },
		       { "the sum by 4 coroutines", RUN_COROUTINES_4, OF_COROUTINE, METRIC_ALONE_NS,
			 0 } },
	  .conditions = { { 0, AT_MOST, 1.1, 1 } } },
	{ "C5", "coroutines optimise load",
	  .figures = { { "CPU a request, coroutines", RUN_ECHO, OF_COROUTINE, METRIC_UNIT_CPU_NS,
			 0 },
		       { "CPU a request, threads", RUN_ECHO, OF_THREAD, METRIC_UNIT_CPU_NS, 0 },
		       { "CPU a request, processes", RUN_ECHO, OF_PROCESS, METRIC_UNIT_CPU_NS, 0 },
		       { "switches a request, coroutines", RUN_ECHO, OF_COROUTINE,
			 METRIC_UNIT_SWITCHES, 0 },
		       { "switches a request, threads", RUN_ECHO, OF_THREAD, METRIC_UNIT_SWITCHES,
			 0 },
		       { "switches a request, processes", RUN_ECHO, OF_PROCESS,
			 METRIC_UNIT_SWITCHES, 0 },
		       { "memory a client, coroutines", RUN_ECHO, OF_COROUTINE, METRIC_TASK_BYTES,
			 0 },
		       { "memory a client, threads", RUN_ECHO, OF_THREAD, METRIC_TASK_BYTES, 0 },
		       { "memory a client, processes", RUN_ECHO, OF_PROCESS, METRIC_TASK_BYTES,
			 0 } },
	  .conditions = { { 0, AT_MOST, 1, 1 },
			  { 0, AT_MOST, 1, 2 },
			  { 3, AT_MOST, 1, 4 },
			  { 3, AT_MOST, 1, 5 },
			  { 6, AT_MOST, 1, 7 },
			  { 6, AT_MOST, 1, 8 } } },
	{ "C6", "coroutines can be paused and resumed; a finished one raises StopIteration",
	  .figures = { { "resumes of a coroutine", RUN_SEND, OF_COROUTINE, METRIC_FIGURE,
			 YIELD_RESUMES },
		       { "steps that it made", RUN_SEND, OF_COROUTINE, METRIC_DONE, 0 },
		       { "answers that it is done", RUN_SEND, OF_COROUTINE, METRIC_FIGURE,
			 YIELD_ANSWERED_DONE } },
	  .conditions = { { 0, EQUAL, 4, ALONE },
			  { 1, EQUAL, 3, ALONE },
			  { 2, EQUAL, 1, ALONE } } },
	{ "A1", "the event loop watches tasks and switches execution between coroutines",
	  .figures = { { "turns of the loop", RUN_ECHO, OF_COROUTINE, METRIC_TURNS, 0 },
		       { "events for each epoll_wait", RUN_ECHO, OF_COROUTINE, METRIC_POLL_READY,
			 0 },
		       { "coroutine switches a request", RUN_ECHO, OF_COROUTINE,
			 METRIC_UNIT_USER_SWITCHES, 0 },
		       { "kernel switches a request", RUN_ECHO, OF_COROUTINE, METRIC_UNIT_SWITCHES,
			 0 },
		       { "threads made", RUN_ECHO, OF_COROUTINE, METRIC_THREADS, 0 } },
	  .conditions = { { 0, ABOVE, 0, ALONE },
			  { 1, AT_LEAST, 0.5, ALONE },
			  { 2, AT_LEAST, 0.5, ALONE },
			  { 3, AT_MOST, 1, ALONE },
			  { 4, EQUAL, 0, ALONE } } },
};

int claim_find(const char *id)
{
	for (int i = 0; i < N_CLAIMS; i++)
		if (!strcasecmp(claims[i].id, id))
			return i;
	return -1;
}

bool claim_uses(const struct claim *claim, enum experiment experiment)
{
	for (const struct claim_figure *figure = claim->figures; figure->name; figure++)
		if (figure->experiment == experiment)
			return true;
	return false;
}
