// SPDX-License-Identifier: GPL-2.0-only
/* main.c - the table of verbs: finds the one that was meant, and runs it. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/options.h"
#include "cmd/targets.h"
#include "cmd/values.h"
#include "keeper/launch.h"

#define VERSION "0.1.0"

const struct verb verbs[] = {
	{ "live", "Watch every context switch as it happens, full screen",
	  "live [OPTIONS] [-- CMD ARGS...]", cmd_live },
	{ "stat", "Run to the end, then print one table",
	  "stat [OPTIONS] [-- CMD ARGS...] | stat -i FILE", cmd_stat },
	{ "log", "Print events as they happen", "log [OPTIONS] [-- CMD ARGS...]", cmd_log },
	{ "record", "Write a recording, which is a Perfetto trace too",
	  "record [OPTIONS] [-- CMD ARGS...]", cmd_record },
	{ "replay", "Watch a recording, full screen; needs no root", "replay FILE [OPTIONS]",
	  cmd_replay },
	{ "export", "Turn a recording into text, csv, jsonl, chrome, html or svg",
	  "export FILE [-o OUT] [OPTIONS]", cmd_export },
	{ "claims", "Judge what the lecture says of processes, threads and coroutines",
	  "claims [ID...] [OPTIONS]", cmd_claims },
	{ "jobs", "List what the lab can run", "jobs [JOB]", cmd_jobs },
	{ "doctor", "Tell what this machine allows, what is missing and how to get it",
	  "doctor [--json]", cmd_doctor },
	{ "help", "Tell about a verb and its options", "help [VERB]", cmd_help },
	{ NULL, NULL, NULL, NULL },
};

static const struct verb *find_verb(const char *name)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (!strcmp(verb->name, name))
			return verb;
	return NULL;
}

static int refuse_verb(const char *name)
{
	const char *names[sizeof(verbs) / sizeof(*verbs)] = { 0 };
	const char *nearest;
	char shown[VALUE_SHOWN];

	for (int i = 0; verbs[i].name; i++)
		names[i] = verbs[i].name;
	nearest = value_nearest(name, names);
	fprintf(stderr, "swtch: no verb is called %s%s%s%s; `swtch help` lists them\n",
		*name ? value_shown(shown, name) : "\"\"", nearest ? " (did you mean " : "",
		nearest ? nearest : "", nearest ? "?)" : "");
	return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
	/* Without a verb it is live's line, and argv[0] stands where the verb would. */
	bool named = argc > 1 && *argv[1] != '-';
	const char *name = named ? argv[1] : "live";
	const struct verb *verb = find_verb(name);
	struct options options;
	struct error error;
	int err, status = EXIT_OK;

	if (!verb)
		return refuse_verb(name);
	argc -= named;
	argv += named;
	err = options_read(&options, verb->name, argc, argv, &error);
	if (!err) {
		status = verb->run(&options);
	} else if (err != -ECANCELED) {
		fprintf(stderr, "swtch: %s\n", error.text);
		status = EXIT_USAGE;
	}
	targets_fini(&options);
	return status;
}

/*
 * Descriptors 0 to 2 must be something, or files of ours would become what messages go to, or a child's
 * streams. What was closed fails as if it still was.
 */
static void fill_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null",
				    (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	int status = EXIT_OK;

	fill_streams();
	launch_note_signals();
	setlocale(LC_CTYPE, "");  /* the terminal's characters; numbers stay as they are */
	signal(SIGPIPE, SIG_IGN); /* a reader that went away is noticed, and not our end */
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow: write and ftruncate say so */
	if (argc == 2 && !strcmp(argv[1], "--version"))
		printf("swtch " VERSION "\n");
	else if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
		options_help(NULL);
	else
		status = run(argc, argv);
	if (status == EXIT_OK && fflush(stdout) && errno != EPIPE) {
		fprintf(stderr, "swtch: cannot write standard output: %s\n", strerror(errno));
		status = EXIT_FAILED;
	}
	return status;
}
