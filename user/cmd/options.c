// SPDX-License-Identifier: GPL-2.0-only
/* options.c - argv, row by row of the table; then what only the whole line can tell. */
#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/option_table.h"
#include "cmd/targets.h"
#include "cmd/values.h"

#define N_ROWS_MAX 64
#define ROW_BASE   256 /* getopt's values for long options: above any letter */

/* What getopt_long() wants to know, made from the table. */
struct getopt_tables {
	struct option longs[N_ROWS_MAX + 1];
	char shorts[3 * N_ROWS_MAX + 3];
};

static void make_tables(struct getopt_tables *tables)
{
	char *at = tables->shorts;

	/* '-': a word that is no option comes in its place. ':': no value is told from no option. */
	*at++ = '-';
	*at++ = ':';
	for (int i = 0; option_rows[i].name; i++) {
		const struct option_row *row = &option_rows[i];

		tables->longs[i] =
			(struct option){ row->name, row->argument ? required_argument : no_argument,
					 NULL, ROW_BASE + i };
		if (row->letter)
			*at++ = row->letter;
		if (row->letter && row->argument)
			*at++ = ':';
	}
	*at = '\0';
}

static int find_row(int value)
{
	for (int i = 0; option_rows[i].name; i++)
		if (value == ROW_BASE + i || option_rows[i].letter == value)
			return i;
	return -1;
}

/* The option as the user wrote it, without its value. */
static const char *written(char shown[VALUE_SHOWN], const char *word, int letter)
{
	char name[VALUE_SHOWN];

	if (letter && strncmp(word, "--", 2) != 0)
		snprintf(name, sizeof(name), "-%c", letter);
	else
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	return value_shown(shown, name);
}

static int refuse_unknown(const struct reading *reading, const char *word, int letter)
{
	const char *names[N_ROWS_MAX + 1] = { 0 };
	const char *verb = reading->options->verb, *nearest = NULL;
	char shown[VALUE_SHOWN], plain[VALUE_SHOWN];
	int row = letter > 0 ? find_row(letter) : -1, n = 0;

	written(shown, word, letter);
	if (row >= 0 && !strncmp(word, "--", 2)) /* known: it got a value that it does not take */
		return error_set(reading->error, EINVAL,
				 "--%s takes no value; leave out the = and what follows",
				 option_rows[row].name);
	if (!strncmp(word, "--", 2)) {
		for (int i = 0; option_rows[i].name; i++)
			if (option_rows[i].says && words_have(option_rows[i].verbs, verb))
				names[n++] = option_rows[i].name;
		snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(word + 2, "="), word + 2);
		nearest = value_nearest(plain, names);
	}
	return error_set(reading->error, EINVAL,
			 "%s has no option %s%s%s%s; `swtch help %s` lists those it has", verb,
			 shown, nearest ? " (did you mean --" : "", nearest ? nearest : "",
			 nearest ? "?)" : "", verb);
}

static int refuse_without_value(const struct reading *reading, int value)
{
	const struct option_row *row = &option_rows[find_row(value)];

	return error_set(reading->error, EINVAL, "--%s needs a value: --%s %s, %s", row->name,
			 row->name, row->argument, row->says ? row->says : "a machine made up");
}

/* A word that is neither option nor value: the topic of help and jobs, claims; else a mistake. */
static int take_word(struct reading *reading, char **argv, int *n_args, char *word)
{
	const struct options *options = reading->options;
	char shown[VALUE_SHOWN];

	value_shown(shown, word);
	if (words_have("jobs help claims export replay", options->verb)) {
		if (*n_args && strcmp(options->verb, "claims") != 0)
			return error_set(reading->error, EINVAL,
					 "%s takes one name, and %s is the second; leave it out",
					 options->verb, shown);
		argv[1 + (*n_args)++] = word; /* behind the verb: read already */
		return 0;
	}
	return error_set(reading->error, EINVAL,
			 words_have(WATCHING, options->verb)
				 ? "%s: unexpected word %s; a command to watch comes after --"
				 : "%s: unexpected word %s; it takes none",
			 options->verb, *shown ? shown : "\"\"");
}

static int take_option(struct reading *reading, int i, const char *value)
{
	const struct option_row *row = &option_rows[i];
	char name[64];

	if (!words_have(row->verbs, reading->options->verb))
		return error_set(reading->error, EINVAL,
				 "--%s does not belong to %s, but to: %s; leave it out", row->name,
				 reading->options->verb, row->verbs);
	if (!row->parse) {
		options_help(reading->options->verb);
		return -ECANCELED;
	}
	snprintf(name, sizeof(name), "--%s", row->name);
	reading->given |= 1ull << (unsigned)i;
	return row->parse(reading, name, value);
}

static int take_command(struct reading *reading, char **argv)
{
	if (!words_have(WATCHING, reading->options->verb))
		return error_set(reading->error, EINVAL, "%s takes no command; leave out --",
				 reading->options->verb);
	if (!argv[optind] || !*argv[optind])
		return error_set(reading->error, EINVAL,
				 "no command after --; add one, as in: swtch %s -- ls -l",
				 reading->options->verb);
	return targets_add_command(reading->options, NULL, &argv[optind], reading->error);
}

static int read_words(struct reading *reading, int argc, char **argv)
{
	struct getopt_tables tables = { 0 };
	int err = 0, n_args = 0;

	make_tables(&tables);
	opterr = 0;
	optind = 0; /* glibc: start anew, for a second call too */
	while (!err) {
		int before = optind ? optind : 1;
		int value = getopt_long(argc, argv, tables.shorts, tables.longs, NULL);

		if (value == -1) {
			if (optind == before + 1) /* it took a "--" that is no option's value */
				err = take_command(reading, argv);
			break;
		}
		if (value == 1)
			err = take_word(reading, argv, &n_args, optarg);
		else if (value == '?' || (value != ':' && find_row(value) < 0))
			err = refuse_unknown(reading, argv[before], optopt);
		else if (value == ':')
			err = refuse_without_value(reading, optopt);
		else
			err = take_option(reading, find_row(value), optarg);
	}
	reading->options->args = n_args ? argv + 1 : &argv[argc];
	if (n_args)
		argv[1 + n_args] = NULL;
	return err;
}

static bool given(const struct reading *reading, const char *name)
{
	for (int i = 0; option_rows[i].name; i++)
		if (!strcmp(option_rows[i].name, name))
			return reading->given >> i & 1;
	return false;
}

/* Pairs that contradict each other. */
static int check_pairs(const struct reading *reading)
{
	static const char *const pairs[][2] = {
		{ "together", "in-turn" }, { "json", "csv" },	   { "work", "time" },
		{ "quiet", "verbose" },	   { "synthetic", "pin" }, { "tasks", "clients" },
		{ "send", "pool" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (given(reading, pairs[i][0]) && given(reading, pairs[i][1]))
			return error_set(reading->error, EINVAL,
					 "--%s and --%s exclude each other; leave one out",
					 pairs[i][0], pairs[i][1]);
	return 0;
}

static int check_cpus(struct reading *reading)
{
	struct options *options = reading->options;
	int err = 0;

	if (reading->pin)
		err = value_cpus("--pin", reading->pin, reading->n_cpus, options->wish.pin,
				 LAB_PIN_WORDS, reading->error);
	if (!strcmp(options->verb, "export")) /* the CPUs of another machine, perhaps */
		reading->n_cpus = LAB_PIN_WORDS * 64;
	if (!err && reading->cpu)
		err = value_cpus("--cpu", reading->cpu, reading->n_cpus, options->cpus,
				 LAB_PIN_WORDS, reading->error);
	return err;
}

/* The jobs that have an option, as text. */
static void list_takers(unsigned job_option, char *text, size_t size)
{
	const struct job *job;

	*text = '\0';
	for (size_t n = 0; (job = job_at(n)); n++) {
		if (!(job->options & job_option))
			continue;
		strncat(text, *text ? ", " : "", size - strlen(text) - 1);
		strncat(text, job->name, size - strlen(text) - 1);
	}
}

/* The models that an option means something to, as text. */
static void list_models(unsigned models, char *text, size_t size)
{
	*text = '\0';
	for (int model = 0; model < N_MODELS; model++)
		if (models >> model & 1) {
			strncat(text, *text ? ", " : "", size - strlen(text) - 1);
			strncat(text, model_name((enum lab_model)model), size - strlen(text) - 1);
		}
}

static int check_job_option(const struct reading *reading, const struct job *job,
			    const struct option_row *row)
{
	unsigned models = job_option_models((enum job_option)row->job_option);
	char list[128];

	if (!(job->options & row->job_option)) {
		list_takers(row->job_option, list, sizeof(list));
		return error_set(reading->error, EINVAL,
				 "--%s means nothing to job %s, but to: %s; leave it out",
				 row->name, job->name, list);
	}
	if (!(reading->options->models & models)) {
		list_models(models, list, sizeof(list));
		return error_set(reading->error, EINVAL,
				 "--%s means nothing to the models asked for, but to: %s; leave it "
				 "out, or add one with --model",
				 row->name, list);
	}
	return 0;
}

/* Options that only some jobs and models have, and options of the lab beside a command. */
static int check_job_options(const struct reading *reading, const struct job *job)
{
	int err = 0;

	for (int i = 0; !err && option_rows[i].name; i++) {
		const struct option_row *row = &option_rows[i];

		if (!(reading->given >> i & 1) || row->group != GROUP_LAB)
			continue;
		if (reading->options->n_targets)
			return error_set(reading->error, EINVAL,
					 "--%s is for the lab, not for a command or what runs "
					 "already; leave one out",
					 row->name);
		if (row->job_option)
			err = check_job_option(reading, job, row);
	}
	return err;
}

/* A way to communicate or to synchronise must fit every model; then it is a wish. */
static int take_way(const struct reading *reading, const struct job *job, enum job_option kind,
		    const char *way, char wish[LAB_NAME_BYTES])
{
	char shown[VALUE_SHOWN], misfits[128] = "", ways[256] = "", list[96];
	size_t n_ways = 0, n_misfits = 0;

	for (int model = 0; model < N_MODELS; model++) {
		if (!(reading->options->models >> model & 1))
			continue;
		way_list(job, kind, (enum lab_model)model, list, sizeof(list));
		n_ways += (size_t)snprintf(ways + n_ways, sizeof(ways) - n_ways, "%s%s: %s",
					   n_ways ? "; " : "", model_name((enum lab_model)model),
					   list);
		if (!way_fits(job, kind, (enum lab_model)model, way))
			n_misfits += (size_t)snprintf(
				misfits + n_misfits, sizeof(misfits) - n_misfits, "%s%s",
				n_misfits ? ", " : "", model_name((enum lab_model)model));
	}
	if (n_misfits)
		return error_set(
			reading->error, EINVAL,
			"--%s %s does not fit %s; choose models that it fits by --model, or what fits all (%s)",
			kind == JOB_VIA ? "via" : "sync", *way ? value_shown(shown, way) : "\"\"",
			misfits, ways);
	snprintf(wish, LAB_NAME_BYTES, "%s", way);
	return 0;
}

static int take_ways(const struct reading *reading, const struct job *job)
{
	struct lab_spec *wish = &reading->options->wish;
	int err = 0;

	if (reading->via)
		err = take_way(reading, job, JOB_VIA, reading->via, wish->via);
	if (!err && reading->sync)
		err = take_way(reading, job, JOB_SYNC, reading->sync, wish->sync);
	return err;
}

/* What the lab itself would say of the whole, asked before anything is started. */
static int check_with_lab(const struct reading *reading, const struct job *job)
{
	const struct options *options = reading->options;
	struct lab_spec spec;
	char why[200];

	for (int model = 0; model < N_MODELS; model++) {
		if (!(options->models >> model & 1))
			continue;
		job_spec(job, (enum lab_model)model, &options->wish, &spec);
		if (job_check(&spec, why, sizeof(why)))
			return error_set(reading->error, EINVAL, "--job %s --model %s: %s",
					 job->name, model_name((enum lab_model)model), why);
	}
	return 0;
}

/* A recording is read, nothing runs: options of what runs mean nothing. */
static int check_input(const struct reading *reading)
{
	if (!reading->options->input)
		return 0;
	if (reading->options->command)
		return error_set(reading->error, EINVAL,
				 "-i reads what was recorded, and runs no command; leave one out");
	for (int i = 0; option_rows[i].name; i++) {
		const struct option_row *row = &option_rows[i];

		if ((reading->given >> i & 1) && strcmp(row->name, "input") != 0 &&
		    (row->group == GROUP_LAB || row->group == GROUP_WATCH))
			return error_set(reading->error, EINVAL,
					 "--%s is for what runs, and -i reads what was recorded; "
					 "leave one out",
					 row->name);
	}
	return 0;
}

static int check_whole(struct reading *reading)
{
	const struct options *options = reading->options;
	const struct job *job = job_find(options->job);
	int err = check_pairs(reading);

	if (!err && options->csv && options->per_task && options->latency)
		err = error_set(reading->error, EINVAL,
				"--csv has room for one table: leave out --per-task or --latency");
	if (!err)
		err = check_input(reading);
	if (!err)
		err = check_cpus(reading);
	if (!err)
		err = check_job_options(reading, job);
	if (!err)
		err = take_ways(reading, job);
	return err ? err : check_with_lab(reading, job);
}

int options_read(struct options *options, const char *verb, int argc, char **argv,
		 struct error *error)
{
	long n_cpus = sysconf(_SC_NPROCESSORS_CONF);
	struct reading reading = { .options = options,
				   .n_cpus = n_cpus > 0 ? (unsigned)n_cpus : 1,
				   .error = error };
	int err;

	*options = (struct options){ .verb = verb,
				     .job = "pingpong",
				     .models = (1u << N_MODELS) - 1,
				     .runtimes = RUNTIME_ALL,
				     .rate_hz = RATE_UNSET };
	err = read_words(&reading, argc, argv);
	return err ? err : check_whole(&reading);
}
