// SPDX-License-Identifier: GPL-2.0-only
/* option_table.c - every option: adding one is a function of a few lines, and a row. */
#include "cmd/option_table.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/ring.h"
#include "cmd/targets.h"
#include "cmd/values.h"
#include "keeper/privilege.h"
#include "sink/sink.h"
#include "source/source.h"

#define WORK_MAX	 1000000000000000ull
#define RATE_MOST	 1000000000ull
#define DAY_NS		 (24 * 3600 * NS_PER_S)
#define SLEEP_LEAST_NS	 NS_PER_US
#define SLEEP_MOST_NS	 (3600 * NS_PER_S)
#define SENDS_MOST	 1000000000ull
#define STACK_LEAST	 (16ull << 10) /* as the lab has it: user/lab/jobs.c */
#define STACK_MOST	 (1ull << 30)
#define RING_LEAST	 (1ull << 20)
#define RING_SIZE_LEAST	 (128ull << 10)
#define RING_SIZE_MOST	 (1ull << 30)
#define LONGEST_NS	 (365 * DAY_NS)
#define REFRESH_LEAST_NS (10 * NS_PER_MS)
#define REFRESH_MOST_NS	 (60 * NS_PER_S)

bool words_have(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

#define PARSE(name)                                                                                \
	static int parse_##name(struct reading *reading, const char *option, const char *value)

/* A row that only stores: a flag, or a text that is checked where it is used. */
#define PARSE_FLAG(name, field)                                                                    \
	PARSE(name)                                                                                \
	{                                                                                          \
		(void)option;                                                                      \
		(void)value;                                                                       \
		reading->options->field = true;                                                    \
		return 0;                                                                          \
	}

PARSE_FLAG(log, wish.log)
PARSE_FLAG(private, wish.is_private)
PARSE_FLAG(json, json)
PARSE_FLAG(csv, csv)
PARSE_FLAG(force, force)
PARSE_FLAG(per_task, per_task)
PARSE_FLAG(latency, latency)
PARSE_FLAG(quiet, quiet)
PARSE_FLAG(verbose, verbose)
PARSE_FLAG(no_color, no_color)
PARSE_FLAG(ascii, ascii)

PARSE(job)
{
	const struct job *job;
	char shown[VALUE_SHOWN], list[256] = "";
	const char *names[32] = { 0 };

	if (job_listed(value)) {
		reading->options->job = value;
		return 0;
	}
	for (size_t i = 0; (job = job_at(i)) && i < 31; i++) {
		names[i] = job->name;
		strncat(list, i ? ", " : "", sizeof(list) - strlen(list) - 1);
		strncat(list, job->name, sizeof(list) - strlen(list) - 1);
	}

	const char *nearest = value_nearest(value, names);

	return error_set(reading->error, EINVAL, "%s: no job is called %s%s%s%s; the jobs are %s",
			 option, *value ? value_shown(shown, value) : "\"\"",
			 nearest ? " (did you mean " : "", nearest ? nearest : "",
			 nearest ? "?)" : "", list);
}

PARSE(model)
{
	return value_models(option, value, &reading->options->models, reading->error);
}

PARSE(tasks)
{
	uint64_t n;
	int err = value_number(option, value, 1, LAB_MAX_TASKS, &n, reading->error);

	if (!err)
		reading->options->wish.n_tasks = (uint32_t)n;
	return err;
}

PARSE(work)
{
	return value_number(option, value, 1, WORK_MAX, &reading->options->wish.work,
			    reading->error);
}

PARSE(time)
{
	return value_time(option, value, NS_PER_MS, DAY_NS, &reading->options->time_ns,
			  reading->error);
}

PARSE(via)
{
	(void)option;
	reading->via = value;
	return 0;
}

PARSE(sync)
{
	(void)option;
	reading->sync = value;
	return 0;
}

PARSE(pool)
{
	uint64_t n;
	int err = value_number(option, value, 1, LAB_N_POOL, &n, reading->error);

	if (!err)
		reading->options->wish.n_pool = (uint32_t)n;
	return err;
}

/* How often each coroutine is resumed by hand; "all": until it answers that it is done. */
PARSE(send)
{
	uint64_t n = LAB_SENDS_ALL;
	int err = 0;

	if (strcmp(value, "all") != 0)
		err = value_number(option, value, 1, SENDS_MOST, &n, reading->error);
	if (!err)
		reading->options->wish.n_sends = (uint32_t)n;
	return err;
}

/* A task for each connection. */
PARSE(clients)
{
	return parse_tasks(reading, option, value);
}

/* A bare number is milliseconds. None at all is a nanosecond: zero would be the job's own choice. */
PARSE(think)
{
	char with_unit[32];
	size_t length = strlen(value);
	bool is_bare = length && length < 20 && strspn(value, "0123456789.") == length;
	uint64_t *think_ns = &reading->options->wish.think_ns;
	int err;

	if (is_bare)
		snprintf(with_unit, sizeof(with_unit), "%sms", value);
	err = value_time(option, is_bare ? with_unit : value, 0, SLEEP_MOST_NS, think_ns,
			 reading->error);
	if (!err && !*think_ns)
		*think_ns = 1;
	return err;
}

PARSE(rate)
{
	return value_rate(option, value, RATE_MOST, &reading->options->rate_hz, reading->error);
}

PARSE(together)
{
	(void)option;
	(void)value;
	reading->options->turns = TURNS_TOGETHER;
	return 0;
}

PARSE(in_turn)
{
	(void)option;
	(void)value;
	reading->options->turns = TURNS_IN_TURN;
	return 0;
}

PARSE(sleep)
{
	return value_time(option, value, SLEEP_LEAST_NS, SLEEP_MOST_NS,
			  &reading->options->wish.sleep_ns, reading->error);
}

PARSE(stack)
{
	return value_bytes(option, value, STACK_LEAST, STACK_MOST,
			   &reading->options->wish.stack_bytes, reading->error);
}

PARSE(pin)
{
	(void)option;
	reading->pin = value;
	return 0;
}

PARSE(user)
{
	char shown[VALUE_SHOWN];
	struct identity identity;

	value_shown(shown, value);
	if (!getpwnam(value))
		return error_set(reading->error, EINVAL,
				 "%s: no user is called %s; name one that `getent passwd` lists",
				 option, *shown ? shown : "\"\"");
	if (identity_lab(&identity, value, reading->error))
		return -EINVAL;
	reading->options->user = value;
	return 0;
}

PARSE(duration)
{
	return value_time(option, value, NS_PER_MS, 30 * DAY_NS, &reading->options->duration_ns,
			  reading->error);
}

PARSE(interval)
{
	return value_time(option, value, REFRESH_LEAST_NS, REFRESH_MOST_NS,
			  &reading->options->interval_ns, reading->error);
}

PARSE(cpu)
{
	(void)option;
	reading->cpu = value;
	return 0;
}

PARSE(output)
{
	if (!*value)
		return error_set(reading->error, EINVAL,
				 "%s is empty; name a file, or - for standard output", option);
	reading->options->output = value;
	return 0;
}

/* A number of bytes ends with K, M or G, anything else is a time: 2m is two minutes. */
PARSE(ring)
{
	struct options *options = reading->options;
	size_t length = strlen(value);
	int err;

	options->ring_ns = options->ring_bytes = 0;
	if (length && strchr("KMG", value[length - 1]))
		err = value_bytes(option, value, RING_LEAST, RING_BYTES_MOST, &options->ring_bytes,
				  reading->error);
	else
		err = value_time(option, value, NS_PER_S, DAY_NS, &options->ring_ns,
				 reading->error);
	return err;
}

PARSE(ring_size)
{
	return value_bytes(option, value, RING_SIZE_LEAST, RING_SIZE_MOST,
			   &reading->options->ring_size_bytes, reading->error);
}

PARSE(format)
{
	const struct sink_format *format = sink_find(value);
	bool is_log = !strcmp(reading->options->verb, "log");
	char shown[VALUE_SHOWN], list[128];

	if (!format || (is_log && !format->is_log)) {
		sink_list(list, sizeof(list), is_log);
		return error_set(reading->error, EINVAL, "%s: no format %sis called %s; use %s",
				 option, format ? "of a log " : "",
				 *value ? value_shown(shown, value) : "\"\"", list);
	}
	reading->options->format = value;
	return 0;
}

PARSE(input)
{
	(void)option;
	reading->options->input = value;
	return 0;
}

PARSE(from)
{
	reading->options->has_from = true;
	return value_time(option, value, 0, LONGEST_NS, &reading->options->from_ns, reading->error);
}

PARSE(to)
{
	reading->options->has_to = true;
	return value_time(option, value, 0, LONGEST_NS, &reading->options->to_ns, reading->error);
}

/* Which lane, for export; else another one, NAME=TARGET. */
PARSE(lane)
{
	if (words_have(WATCHING, reading->options->verb))
		return targets_add_lane(reading->options, option, value, reading->error);
	reading->options->lane = value;
	return 0;
}

PARSE(pid)
{
	return targets_add_pids(reading->options, NULL, option, value, reading->error);
}

PARSE(cgroup)
{
	return targets_add_cgroup(reading->options, NULL, option, value, reading->error);
}

/* A set of them, or none. */
PARSE(runtime)
{
	static const struct {
		const char *name;
		unsigned runtimes;
	} names[] = { { "asyncio", RUNTIME_ASYNCIO },
		      { "marks", RUNTIME_MARKS },
		      { "send", RUNTIME_SEND },
		      { "all", RUNTIME_ALL },
		      { "none", 0 } };
	char shown[VALUE_SHOWN];

	reading->options->runtimes = 0;
	for (const char *at = value;; at++) {
		size_t length = strcspn(at, ","), i = 0, n = sizeof(names) / sizeof(names[0]);

		while (i < n &&
		       (strlen(names[i].name) != length || strncmp(at, names[i].name, length) != 0))
			i++;
		if (i == n)
			return error_set(
				reading->error, EINVAL,
				"%s: %s is no runtime; use asyncio, send, marks, all or none",
				option, *value ? value_shown(shown, value) : "\"\"");
		reading->options->runtimes |= names[i].runtimes;
		at += length;
		if (!*at)
			return 0;
	}
}

PARSE(all)
{
	(void)value;
	return targets_add_all(reading->options, NULL, option, reading->error);
}

PARSE(task)
{
	(void)option;
	reading->options->task = value;
	return 0;
}

/* CPUS[,TASKS[,SEED]]. The machine is made up, so it has the CPUs that are asked for. */
PARSE(synthetic)
{
	static const struct {
		const char *name;
		uint64_t least, most;
	} parts[] = { { "CPUs", 1, SYNTH_N_CPUS_MAX },
		      { "tasks", 1, SYNTH_N_TASKS_MAX },
		      { "seed", 0, UINT64_MAX } };
	char name[64], part[32];
	const char *at = value;
	uint64_t *numbers = reading->options->synthetic_parts;

	numbers[1] = 2; /* a pair */
	numbers[2] = 1;

	for (unsigned i = 0; i < 3; i++) {
		size_t length = i < 2 ? strcspn(at, ",") : strlen(at);
		int err;

		snprintf(name, sizeof(name), "%s %s", option, parts[i].name);
		if (length >= sizeof(part))
			length = sizeof(part) - 1;
		memcpy(part, at, length);
		part[length] = '\0';
		err = value_number(name, part, parts[i].least, parts[i].most, &numbers[i],
				   reading->error);
		if (err)
			return err;
		at += length;
		if (!*at++)
			break;
	}
	reading->n_cpus = (unsigned)numbers[0];
	reading->options->synthetic = value;
	return 0;
}

const struct option_row option_rows[] = {
	{ "job", 0, "JOB", WATCHING, GROUP_LAB, 0, "what the lab runs: see swtch jobs (pingpong)",
	  parse_job },
	{ "model", 0, "LIST", WATCHING, GROUP_LAB, 0, "process, thread, coroutine, or some (all)",
	  parse_model },
	{ "tasks", 0, "N", WATCHING, GROUP_LAB, 0, "how many tasks (the job's own number)",
	  parse_tasks },
	{ "work", 0, "K", WATCHING, GROUP_LAB, 0, "units of work for each model", parse_work },
	{ "time", 0, "TIME", WATCHING, GROUP_LAB, 0, "or how long each model works", parse_time },
	{ "via", 0, "WAY", WATCHING, GROUP_LAB, JOB_VIA,
	  "how tasks communicate: see swtch jobs JOB", parse_via },
	{ "sync", 0, "WAY", WATCHING, GROUP_LAB, JOB_SYNC,
	  "how tasks share a counter: see swtch jobs JOB", parse_sync },
	{ "private", 0, NULL, WATCHING, GROUP_LAB, JOB_PRIVATE,
	  "each process adds to a counter in its own memory alone", parse_private },
	{ "pool", 0, "P", WATCHING, GROUP_LAB, JOB_POOL, "threads that share the coroutines (1)",
	  parse_pool },
	{ "send", 0, "N", WATCHING, GROUP_LAB, JOB_SEND,
	  "resume coroutines by hand, each N times or: all", parse_send },
	{ "clients", 0, "C", WATCHING, GROUP_LAB, JOB_CLIENTS,
	  "connections, with a task of the server for each", parse_clients },
	{ "think", 0, "MS", WATCHING, GROUP_LAB, JOB_CLIENTS,
	  "ms from an answer to the client's next request", parse_think },
	{ "rate", 0, "R", WATCHING, GROUP_LAB, 0, "units a second offered to each model, or max",
	  parse_rate },
	{ "together", 0, NULL, WATCHING, GROUP_LAB, 0, "all models at once (live's default)",
	  parse_together },
	{ "in-turn", 0, NULL, WATCHING, GROUP_LAB, 0, "one model after another (else the default)",
	  parse_in_turn },
	{ "sleep", 0, "TIME", WATCHING, GROUP_LAB, JOB_SLEEP, "how long a task sleeps",
	  parse_sleep },
	{ "stack", 0, "BYTES", WATCHING, GROUP_LAB, JOB_STACK, "stack of a thread or coroutine",
	  parse_stack },
	{ "log", 0, NULL, "stat log record", GROUP_LAB, JOB_LOG,
	  "tasks print their steps on stderr", parse_log },
	{ "pin", 0, "CPUS", WATCHING, GROUP_LAB, 0, "CPUs that the lab may use, like 0-3,7",
	  parse_pin },
	{ "user", 0, "NAME", WATCHING " claims", GROUP_LAB, 0, "whom lab tasks run as (root only)",
	  parse_user },
	{ "duration", 'd', "TIME", WATCHING, GROUP_WATCH, 0, "end after this time: 5, 500ms, 2m",
	  parse_duration },
	{ "interval", 'I', "TIME", "live replay", GROUP_WATCH, 0, "time between two pictures",
	  parse_interval },
	{ "cpu", 'C', "CPUS", WATCHING " export", GROUP_WATCH, 0, "show only these CPUs",
	  parse_cpu },
	{ "ring-size", 0, "BYTES", WATCHING, GROUP_WATCH, 0,
	  "room of each CPU for events not yet read (4M)", parse_ring_size },
	{ "input", 'i', "FILE", "stat", GROUP_WATCH, 0, "nothing is run: what a recording has",
	  parse_input },
	{ "from", 0, "TIME", "export", GROUP_WATCH, 0,
	  "what comes after it: seconds of the log's time", parse_from },
	{ "to", 0, "TIME", "export", GROUP_WATCH, 0, "and before it: 1.5 (seconds), 300ms",
	  parse_to },
	{ "pid", 'p', "PID,...", WATCHING, GROUP_WATCH, 0,
	  "processes that run, their threads, what they fork", parse_pid },
	{ "cgroup", 0, "PATH", WATCHING, GROUP_WATCH, 0, "all tasks of a container or slice",
	  parse_cgroup },
	{ "runtime", 0, "LIST", WATCHING, GROUP_WATCH, 0,
	  "whose coroutines: asyncio, send, marks, none (all)", parse_runtime },
	{ "all", 'a', NULL, WATCHING, GROUP_WATCH, 0, "all tasks of the machine", parse_all },
	{ "lane", 0, "NAME=...", WATCHING " export", GROUP_WATCH, 0,
	  "a lane: 'web=-p 812', 'x=-- CMD'; export: only NAME", parse_lane },
	{ "task", 0, "TASK", "export", GROUP_WATCH, 0, "or this task: a pid or a name",
	  parse_task },
	{ "synthetic", 0, "CPUS", "live", GROUP_WATCH, 0, NULL, parse_synthetic },
	{ "output", 'o', "FILE", "stat log record export claims", GROUP_RESULT, 0,
	  "write there; - is stdout (record: swtch.pftrace)", parse_output },
	{ "force", 0, NULL, "stat log record export claims", GROUP_RESULT, 0,
	  "overwrite FILE if it exists", parse_force },
	{ "ring", 0, "SIZE", "record", GROUP_RESULT, 0,
	  "keep the last 30 (s), 2m, 64M; SIGUSR2 or Enter writes", parse_ring },
	{ "format", 'f', "FORMAT", "log export", GROUP_RESULT, 0,
	  "text, csv or jsonl; export: also chrome, html, svg", parse_format },
	{ "json", 0, NULL, "stat claims doctor", GROUP_RESULT, 0, "one JSON object", parse_json },
	{ "csv", 0, NULL, "stat", GROUP_RESULT, 0, "comma-separated values", parse_csv },
	{ "per-task", 0, NULL, "stat", GROUP_RESULT, 0, "each task by itself, too",
	  parse_per_task },
	{ "latency", 0, NULL, "stat", GROUP_RESULT, 0,
	  "where time goes, who wakes whom, who blocks", parse_latency },
	{ "quiet", 'q', NULL, WATCHING " export claims", GROUP_RESULT, 0, "no progress, no notes",
	  parse_quiet },
	{ "verbose", 'v', NULL, WATCHING " claims", GROUP_RESULT, 0, "more about what is done",
	  parse_verbose },
	{ "no-color", 0, NULL, "live stat log record replay export claims jobs doctor",
	  GROUP_RESULT, 0, "no colours (NO_COLOR in the environment does the same)",
	  parse_no_color },
	{ "ascii", 0, NULL, "live stat log record replay export claims jobs doctor", GROUP_RESULT,
	  0, "nothing but ASCII", parse_ascii },
	{ "help", 'h', NULL, "live stat log record replay export claims jobs doctor help",
	  GROUP_HELP, 0, "this text", NULL },
	{ NULL, 0, NULL, NULL, 0, 0, NULL, NULL },
};
