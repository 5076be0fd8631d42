// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_options.c - a command line: words end with a zero byte, the first is the verb's number. Reading it
 * must end with a usable whole or with one line that says why not, and touch nothing but its own words.
 */
#include <errno.h>
#include <stdio.h>

#include "cmd/filter.h"
#include "cmd/options.h"
#include "cmd/targets.h"
#include "fuzz.h"

#define N_WORDS_MAX 64
#define BYTES_MAX   4096

/* Stands in for the table of main.c. */
const struct verb verbs[] = { { "live", "", "", NULL },	  { "stat", "", "", NULL },
			      { "log", "", "", NULL },	  { "record", "", "", NULL },
			      { "replay", "", "", NULL }, { "export", "", "", NULL },
			      { "claims", "", "", NULL }, { "jobs", "", "", NULL },
			      { "doctor", "", "", NULL }, { "help", "", "", NULL },
			      { NULL, NULL, NULL, NULL } };

#define N_VERBS (sizeof(verbs) / sizeof(*verbs) - 1)

/* Help is printed; libFuzzer talks on stderr. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	MUST(freopen("/dev/null", "w", stdout));
	return 0;
}

static void hold_line(const char *text)
{
	MUST(*text && !strpbrk(text, "\n\033\r"));
}

/* What verbs do with the targets before anything is attached; and what they keep until the end. */
static void use_targets(struct options *options)
{
	char name[LANE_NAME_LEN], text[256];
	struct error error;

	for (unsigned i = 0; i < options->n_targets; i++) {
		struct target *target = &options->targets[i];

		MUST(target->kind != TARGET_PIDS || target->n_pids);
		MUST(target->kind != TARGET_COMMAND || (target->command && target->command[0]));
		target_name(target, name, sizeof(name));
		MUST(!strpbrk(name, "\n\033\r"));
		target_describe(target, text, sizeof(text));
		MUST(!strpbrk(text, "\n\033\r"));
	}
	targets_describe(options, text, sizeof(text));
	if (targets_check(options, &error))
		hold_line(error.text);
}

static void use_filter(const struct options *options)
{
	struct filter filter = { .cpus = options->cpus,
				 .n_words = LAB_PIN_WORDS,
				 .lane = options->lane,
				 .task = options->task };
	struct state *state = state_new(1, 2);
	struct event event = { .kind = EVENT_NAME, .task = task_word(7, 1) };

	MUST(state);
	event_set_name(&event, "\\x1b\n\"");
	state_apply(state, &event, NULL);
	event.kind = EVENT_SWITCH;
	filter_wants(&filter, &event, state);
	state_free(state);
}

static void release(struct options *options)
{
	for (unsigned i = 0; i < options->n_targets; i++) {
		struct target *target = &options->targets[i];

		if (target->kind == TARGET_CGROUP)
			free((void *)(uintptr_t)target->cgroup);
		free(target->memory);
	}
}

static void read_line(char *verb, int argc, char **argv)
{
	struct options options;
	struct error error = { .text = "" };
	int err = options_read(&options, verb, argc, argv, &error);

	MUST(!err || err == -EINVAL || err == -ECANCELED);
	if (err == -EINVAL)
		hold_line(error.text);
	if (!err) {
		MUST(options.models && options.job && options.args);
		MUST(memchr(options.wish.via, 0, sizeof(options.wish.via)));
		MUST(memchr(options.wish.sync, 0, sizeof(options.wish.sync)));
		for (char **arg = options.args; *arg; arg++)
			MUST(arg - options.args < argc);
		use_targets(&options);
		use_filter(&options);
	}
	release(&options);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char text[BYTES_MAX + 1] = "", *words[N_WORDS_MAX + 1];
	const char *verb;
	int n_words = 1;

	if (!n || n > BYTES_MAX)
		return 0;
	memcpy(text, bytes + 1, n - 1);
	verb = verbs[bytes[0] % N_VERBS].name;
	words[0] = strdup(verb);
	for (char *at = text; at < text + n - 1 && n_words < N_WORDS_MAX; at += strlen(at) + 1)
		words[n_words++] = strdup(at); /* each with an end that AddressSanitizer knows */
	words[n_words] = NULL;

	char *all[N_WORDS_MAX + 1];

	memcpy(all, words, sizeof(words)); /* getopt changes their order */
	read_line(words[0], n_words, words);
	for (int i = 0; i < n_words; i++)
		free(all[i]);
	return 0;
}
