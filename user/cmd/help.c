// SPDX-License-Identifier: GPL-2.0-only
/* help.c - help made from the tables of verbs and options, so that it cannot fall behind them. */
#include <stdio.h>
#include <string.h>

#include "cmd/option_table.h"
#include "cmd/values.h"

static const struct verb *find_verb(const char *name)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (!strcmp(verb->name, name))
			return verb;
	return NULL;
}

static void print_option(const struct option_row *row)
{
	char left[64] = "    ";

	if (row->letter)
		snprintf(left, sizeof(left), "-%c, ", row->letter);
	strncat(left, "--", sizeof(left) - strlen(left) - 1);
	strncat(left, row->name, sizeof(left) - strlen(left) - 1);
	if (row->argument) {
		strncat(left, " ", sizeof(left) - strlen(left) - 1);
		strncat(left, row->argument, sizeof(left) - strlen(left) - 1);
	}
	printf("  %-22s %s\n", left, row->says);
}

static void print_options(const char *verb)
{
	static const char *const titles[N_OPTION_GROUPS] = {
		[GROUP_LAB] =
			"The lab, which runs unless something else is named (-p, --cgroup, -a, -- CMD):",
		[GROUP_WATCH] = "Watching:",
		[GROUP_RESULT] = "Output:",
		[GROUP_HELP] = "Help:",
	};
	/* Of verbs that run neither the lab nor a command. */
	static const char *const others[N_OPTION_GROUPS] = {
		[GROUP_LAB] = "The lab:",
		[GROUP_WATCH] = "The recording:",
		[GROUP_RESULT] = "Output:",
		[GROUP_HELP] = "Help:",
	};

	for (int group = 0; group < N_OPTION_GROUPS; group++) {
		bool titled = false;

		for (const struct option_row *row = option_rows; row->name; row++) {
			if ((int)row->group != group || !row->says || !words_have(row->verbs, verb))
				continue;
			if (!titled)
				printf("\n%s\n",
				       words_have(WATCHING, verb) ? titles[group] : others[group]);
			titled = true;
			print_option(row);
		}
	}
}

static void print_program(void)
{
	printf("swtch shows, live and for each CPU, every context switch while one job runs as\n"
	       "processes, threads and coroutines, or while a command of yours runs.\n\n"
	       "usage: swtch [VERB] [OPTIONS] [-p PID | --cgroup PATH | -a | -- CMD]\n\n");
	for (const struct verb *verb = verbs; verb->name; verb++)
		printf("  %-8s %s\n", verb->name, verb->says);
	printf("\nWithout a verb: swtch live. Watching needs root: sudo swtch.\n"
	       "`swtch help VERB` has the options of a verb; `swtch --version` tells the version.\n\n"
	       "Exit status: 0 success, 1 failure, 2 usage; with -- CMD the command's own\n"
	       "(128 + signal when killed).\n");
}

void options_help(const char *name)
{
	const struct verb *verb = name ? find_verb(name) : NULL;

	if (!verb) {
		print_program();
		return;
	}
	printf("usage: swtch %s\n\n%s.\n", verb->usage, verb->says);
	print_options(verb->name);
}

int cmd_help(const struct options *options)
{
	const char *topic = options->args[0];
	const char *names[32] = { 0 };
	const char *nearest;
	char shown[VALUE_SHOWN];

	if (!topic || find_verb(topic)) {
		options_help(topic);
		return EXIT_OK;
	}
	for (int i = 0; i < 31 && verbs[i].name; i++)
		names[i] = verbs[i].name;
	nearest = value_nearest(topic, names);
	fprintf(stderr, "swtch: no verb is called %s; try swtch help%s%s\n",
		value_shown(shown, topic), nearest ? " " : "", nearest ? nearest : "");
	return EXIT_USAGE;
}
