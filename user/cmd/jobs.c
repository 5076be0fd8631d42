// SPDX-License-Identifier: GPL-2.0-only
/* jobs.c - what the lab can run: one line each, or one job in full. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/option_table.h"
#include "cmd/values.h"

#define LINE_WIDTH 78

/* Words of a paragraph, broken into lines. */
static void print_wrapped(const char *text)
{
	while (*text) {
		const char *line = text;
		size_t n = words_wrap(&text, LINE_WIDTH);

		printf("%.*s\n", (int)n, line);
	}
}

static void print_all(void)
{
	const struct job *job;

	for (size_t i = 0; (job = job_at(i)); i++)
		printf("%-10s %s\n", job->name, job->says);
	printf("\n`swtch jobs JOB` tells more; `sudo swtch live --job JOB` runs it.\n");
}

/* A line for each model: how much it does, and how its tasks may communicate or synchronise. */
static void print_models(const struct job *job)
{
	unsigned kind = job->options & (JOB_VIA | JOB_SYNC); /* no job has both */

	printf("\n  %-11s%-16s%s\n", "model", "work (default)",
	       kind == JOB_VIA	  ? "  --via"
	       : kind == JOB_SYNC ? "  --sync"
				  : "");
	for (int model = 0; model < N_MODELS; model++) {
		struct lab_spec spec;
		char ways[128];

		job_spec(job, (enum lab_model)model, NULL, &spec);
		way_list(job, (enum job_option)kind, (enum lab_model)model, ways, sizeof(ways));
		printf("  %-11s%*" PRIu64 "%s%s\n", model_name((enum lab_model)model), 14,
		       spec.work, *ways ? "    " : "", ways);
	}
}

/* The options of the job's own, and which models they are for where not for all. */
static void print_options(const struct job *job)
{
	char text[512] = "Options: --model --tasks --work --time --rate --pin";
	size_t n = strlen(text);

	for (const struct option_row *row = option_rows; row->name; row++) {
		unsigned models = job_option_models((enum job_option)row->job_option), n_named = 0;

		if (!(row->job_option & job->options) || n >= sizeof(text))
			continue;
		n += (size_t)snprintf(text + n, sizeof(text) - n, " --%s", row->name);
		for (int model = 0; models != (1u << N_MODELS) - 1 && model < N_MODELS; model++)
			if (models >> model & 1 && n < sizeof(text))
				n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s",
						      n_named++ ? ", " : " (",
						      model_name((enum lab_model)model));
		if (n_named && n < sizeof(text))
			n += (size_t)snprintf(text + n, sizeof(text) - n, ")");
	}
	putchar('\n');
	print_wrapped(text);
}

static void print_one(const struct job *job)
{
	printf("%s: %s\n\n", job->name, job->says);
	print_wrapped(job->about);
	putchar('\n');
	print_wrapped(job->shows);
	printf("\nA unit of work is one %s. Tasks: %u unless --tasks says otherwise", job->unit,
	       job->n_tasks);
	if (job->group > 1)
		printf(", in groups of %u", job->group);
	printf(".\n");
	if (job->sleep_ns)
		printf("--sleep is %.3g s unless given.\n", (double)job->sleep_ns / NS_PER_S);
	print_models(job);
	print_options(job);
}

int cmd_jobs(const struct options *options)
{
	const char *names[32] = { 0 };
	const char *name = options->args[0], *nearest;
	const struct job *job;
	char shown[VALUE_SHOWN];

	if (!name) {
		print_all();
		return EXIT_OK;
	}
	job = job_listed(name);
	if (job) {
		print_one(job);
		return EXIT_OK;
	}
	for (size_t i = 0; i < 31 && (job = job_at(i)); i++)
		names[i] = job->name;
	nearest = value_nearest(name, names);
	fprintf(stderr, "swtch: no job is called %s; try swtch jobs%s%s\n",
		*name ? value_shown(shown, name) : "\"\"", nearest ? " " : "",
		nearest ? nearest : "");
	return EXIT_USAGE;
}
