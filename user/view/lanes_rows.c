// SPDX-License-Identifier: GPL-2.0-only
/* lanes_rows.c - what stands below the CPUs, one function a row. */
#include "view/lanes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define RATIO_SHOWN 0.0005 /* what is below is written as 0.00, and has no bar */

static uint64_t switches(const struct lane_figures *lane)
{
	return lane->total.voluntary + lane->total.involuntary;
}

/* A total for each unit of work; NAN, which prints as "-", where there is none. */
static double each(uint64_t total, const struct lane_figures *lane)
{
	if (total == COUNT_UNKNOWN || lane->work.done == COUNT_UNKNOWN || !lane->work.done)
		return NAN;
	return (double)total / (double)lane->work.done;
}

static void show_switches_each(struct shown *shown, const struct lane_figures *lane)
{
	shown->size = each(switches(lane), lane);
	number_ratio(shown->first, shown->size);
	if (shown->size < RATIO_SHOWN)
		shown->size = 0;
}

static void show_user_each(struct shown *shown, const struct lane_figures *lane)
{
	shown->size = each(lane->work.user_switches, lane);
	number_ratio(shown->first, shown->size);
	if (shown->size < RATIO_SHOWN)
		shown->size = 0;
}

static void show_cpu_each(struct shown *shown, const struct lane_figures *lane)
{
	shown->size = each(lane->total.run_ns, lane);
	number_time(shown->first, shown->size);
}

static void show_kinds(struct shown *shown, const struct lane_figures *lane)
{
	number_count(shown->first, lane->total.voluntary);
	number_count(shown->second, lane->total.involuntary);
}

static void show_user(struct shown *shown, const struct lane_figures *lane)
{
	number_count(shown->first, lane->work.user_switches);
	if (lane->work.user_switches == COUNT_UNKNOWN)
		return;
	number_rate(shown->second, lane->user_switch_hz);
	snprintf(shown->second + strnlen(shown->second, NUMBER_SIZE - 3), 3, "/s");
}

static void show_wakeups(struct shown *shown, const struct lane_figures *lane)
{
	shown->size = (double)lane->total.wakeups;
	number_count(shown->first, lane->total.wakeups);
	number_count(shown->second, lane->total.migrations);
}

static void show_made(struct shown *shown, const struct lane_figures *lane)
{
	static const char *const nouns[] = { "coroutine", "thread", "process" };
	static const char *const plurals[] = { "coroutines", "threads", "processes" };
	uint64_t made[] = { lane->work.coroutines, lane->total.threads, lane->total.processes };
	char number[NUMBER_SIZE];

	for (unsigned i = 0; i < 3; i++) {
		if (!made[i] || made[i] == COUNT_UNKNOWN)
			continue;
		snprintf(shown->words, sizeof(shown->words), "%s %s", number_count(number, made[i]),
			 made[i] == 1 ? nouns[i] : plurals[i]);
		return;
	}
	snprintf(shown->words, sizeof(shown->words), "none");
}

static void show_times(struct shown *shown, const struct lane_figures *lane)
{
	shown->size = (double)lane->total.run_ns;
	number_time(shown->first, shown->size);
	number_time(shown->second, (double)lane->total.wait_ns);
}

static double percentile(const struct lane_figures *lane, double share)
{
	uint64_t ns = waits_percentile(lane->total.wait_log2, lane->total.wait_max_ns, share);

	return ns == COUNT_UNKNOWN ? NAN : (double)ns;
}

static void show_waits(struct shown *shown, const struct lane_figures *lane)
{
	shown->size = percentile(lane, 0.5);
	number_time(shown->first, shown->size);
	number_time(shown->second, percentile(lane, 0.99));
}

static void show_memory(struct shown *shown, const struct lane_figures *lane)
{
	if (lane->work.memory.task_bytes != COUNT_UNKNOWN)
		shown->size = (double)lane->work.memory.task_bytes;
	number_bytes(shown->first, lane->work.memory.task_bytes);
	number_bytes(shown->second, lane->work.memory.pss_bytes);
}

static void show_exact(struct shown *shown, const struct lane_figures *lane)
{
	char exact[NUMBER_SIZE], audited[NUMBER_SIZE];

	number_count(exact, lane->total.exact);
	number_count(audited, lane->total.audited);
	if (lane->total.exact == lane->total.audited)
		snprintf(shown->words, sizeof(shown->words), "%s exact", exact);
	else if (strcmp(exact, audited) != 0)
		snprintf(shown->words, sizeof(shown->words), "%s of %s", exact, audited);
	else /* three digits do not tell them apart */
		snprintf(shown->words, sizeof(shown->words), "%s not exact",
			 number_count(audited, lane->total.audited - lane->total.exact));
}

/* Nothing has been held against the kernel before the first task ends. */
static void show_audit(struct shown *shown, const struct lane_figures *lane)
{
	char exact[NUMBER_SIZE];

	shown->alarm = lane->total.exact != lane->total.audited || lane->total.missed ||
		       lane->total.untracked;
	if (lane->total.untracked)
		snprintf(shown->words, sizeof(shown->words), "%s untracked",
			 number_count(exact, lane->total.untracked));
	else if (lane->total.missed)
		snprintf(shown->words, sizeof(shown->words), "%s missed",
			 number_count(exact, lane->total.missed));
	else if (!lane->total.audited)
		snprintf(shown->words, sizeof(shown->words), "none ended yet");
	else
		show_exact(shown, lane);
}

static void show_switches(struct shown *shown, const struct lane_figures *lane)
{
	shown->size = (double)switches(lane);
	number_count(shown->first, switches(lane));
}

/* Nothing at all where the job measures nothing; "-" where it has not measured anything yet. */
static void show_latency(struct shown *shown, const struct lane_figures *lane)
{
	const struct latency_counts *counts = &lane->work.latency;
	uint64_t half = latency_percentile(counts, 0.5), most = latency_percentile(counts, 0.99);

	if (!lane->label.latency)
		return;
	if (counts->total)
		shown->size = (double)half;
	number_time(shown->first, counts->total ? (double)half : NAN);
	number_time(shown->second, counts->total ? (double)most : NAN);
}

/* The figures that have a short name: two of them at most. */
static void show_own(struct shown *shown, const struct lane_figures *lane)
{
	const struct lab_figure *figures = lane->label.figures;
	char *at[] = { shown->first, shown->second };
	unsigned n = 0;

	for (unsigned i = 0; figures && figures[i].name && n < 2; i++) {
		uint64_t value = lane->work.figures[i];

		if (!figures[i].brief)
			continue;
		snprintf(shown->head + strlen(shown->head),
			 sizeof(shown->head) - strlen(shown->head), "%s%s", n ? "/" : "",
			 figures[i].brief);
		number_count(at[n++], value);
		shown->alarm |= figures[i].alarm && value && value != COUNT_UNKNOWN;
	}
}

const struct lane_row lane_rows[] = {
	{ "switches", PER_UNIT, 0, false, show_switches_each,
	  "context switches in the kernel that one unit of the job's work costs" },
	{ "user switches", PER_UNIT, 1, false, show_user_each,
	  "switches between coroutines for a unit; the kernel does not see them" },
	{ "CPU time", PER_UNIT, 2, false, show_cpu_each,
	  "time that the lane's tasks were on a CPU, for a unit" },
	{ "lat. p50/p99", IN_TOTAL, 1, true, show_latency,
	  "what the job's own tasks measured: half of the times, and all but one in a hundred, were no "
	  "longer" },
	{ "the job's own", IN_TOTAL, 1, true, show_own,
	  "two figures that only this job counts, named at the left" },
	{ "switches", IN_TOTAL, 3, false, show_switches,
	  "times that a task of the lane left its CPU" },
	{ "vol./invol.", IN_TOTAL, 4, false, show_kinds,
	  "of these: the task waited for something, or the kernel took the CPU away (sched_yield "
	  "counts there too)" },
	{ "user switches", IN_TOTAL, 5, false, show_user,
	  "switches between coroutines, made by the program itself, and how many a second" },
	{ "wakeups/migr.", IN_TOTAL, 8, false, show_wakeups,
	  "times that a task was made runnable, or moved to another CPU's queue" },
	{ "made", IN_TOTAL, 7, false, show_made, "tasks made since the lane started" },
	{ "ran/waited", IN_TOTAL, 9, false, show_times,
	  "time on a CPU, and time runnable but waiting for one, all tasks together" },
	{ "wait p50/p99", IN_TOTAL, 6, false, show_waits,
	  "from being woken to running: half of the wakings, and all but one in a hundred, took no "
	  "longer" },
	{ "memory: each", IN_TOTAL, 10, false, show_memory,
	  "what one task adds, and all of the lane's processes together (PSS)" },
	{ "audit", IN_TOTAL, 1, false, show_audit,
	  "tasks that ended and whose switches, as counted here, equal the kernel's own count to the "
	  "last one; red when any does not" },
	{ NULL, 0, 0, false, NULL, NULL },
};
