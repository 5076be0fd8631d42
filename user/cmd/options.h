/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options.h - the command line, once read and checked. One table holds every option: its name, the
 * verbs it belongs to, its argument and its line of help.
 */
#ifndef SWTCH_OPTIONS_H
#define SWTCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "event/area.h"
#include "keeper/target.h"
#include "lab/job.h"

enum exit_code { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

enum turns { TURNS_DEFAULT, TURNS_TOGETHER, TURNS_IN_TURN };

enum runtime { RUNTIME_ASYNCIO = 1, RUNTIME_MARKS = 2, RUNTIME_SEND = 4, RUNTIME_ALL = 7 };

#define RATE_UNSET UINT64_MAX /* --rate not given: the verb's own default */
#define RATE_MAX   0	      /* --rate max: flat out */

struct options {
	const char *verb;

	/* The lab. */
	const char *job;      /* name in the table of jobs; never NULL */
	unsigned models;      /* bit 1 << MODEL_*; never 0 */
	struct lab_spec wish; /* job and model unset; see job_spec() */
	uint64_t time_ns;     /* each model works so long; 0: not given */
	uint64_t rate_hz;     /* or RATE_UNSET, RATE_MAX */
	enum turns turns;
	const char *user; /* --user NAME; NULL: who called, by SUDO_UID */

	/* The first command among the targets: its argv, NULL-terminated; NULL without one. */
	char *const *command;

	/* What is watched instead of the lab: a lane each; none: the lab. */
	struct target targets[N_TARGETS_MAX];
	unsigned n_targets;
	unsigned runtimes; /* whose coroutines are looked for in them: RUNTIME_*, or'ed */

	/* All verbs. */
	uint64_t duration_ns; /* 0: until the end */
	uint64_t interval_ns; /* 0: the verb's default */
	const char *output;   /* -o; NULL: stdout */
	const char *format;   /* -f; NULL: the verb's default */
	bool json, csv, per_task, latency, force, quiet, verbose, no_color, ascii;
	uint64_t ring_ns, ring_bytes; /* --ring: one of them; both 0: not given */
	uint64_t ring_size_bytes;     /* --ring-size: for each CPU; 0: as probes.h has it */
	uint64_t cpus[LAB_PIN_WORDS]; /* -C: CPUs to show; all zero: all */
	const char *synthetic; /* --synthetic CPUS[,TASKS[,SEED]]: a machine made up, for tests */
	uint64_t synthetic_parts[3]; /* what stands there: CPUs, tasks, seed */
	/* Of a recording. */
	const char *input;     /* -i; NULL: none */
	bool has_from, has_to; /* --from, --to: in the log's time */
	uint64_t from_ns, to_ns;
	const char *lane, *task; /* --lane (export's), --task; NULL: any */

	/* What is left: `swtch help VERB`, `swtch claims ID...`, `swtch export FILE`; NULL-terminated. */
	char **args;
};

/*
 * options_read - read argv of `verb` (argv[0] is the verb) into `options`, defaults filled in.
 * Returns 0, or -EINVAL with a one-line error that names the option, the value, the range and
 * what to try. -ECANCELED: --help was asked for and has been printed to stdout.
 */
int options_read(struct options *options, const char *verb, int argc, char **argv,
		 struct error *error);

/* Print the help of a verb (NULL: of the program), made from the tables of verbs and options. */
void options_help(const char *verb);

/* A verb: `run` returns the exit status; it prints its own error. */
struct verb {
	const char *name;
	const char *says; /* one line for help */
	const char *usage;
	int (*run)(const struct options *options);
};

extern const struct verb verbs[]; /* ends with name NULL; in main.c */

/* One function a verb, in the file of that name. */
int cmd_live(const struct options *options);
int cmd_stat(const struct options *options);
int cmd_log(const struct options *options);
int cmd_record(const struct options *options);
int cmd_export(const struct options *options);
int cmd_replay(const struct options *options);
int cmd_claims(const struct options *options);
int cmd_jobs(const struct options *options);
int cmd_doctor(const struct options *options);
int cmd_help(const struct options *options);

#endif
