/* SPDX-License-Identifier: GPL-2.0-only */
/* option_table.h - the table of options, for who reads the command line and who prints its help. */
#ifndef SWTCH_OPTION_TABLE_H
#define SWTCH_OPTION_TABLE_H

#include "cmd/options.h"

enum option_group { GROUP_LAB, GROUP_WATCH, GROUP_RESULT, GROUP_HELP, N_OPTION_GROUPS };

/* What is gathered while reading. */
struct reading {
	struct options *options;
	uint64_t given;		/* bit n: row n stood on the command line */
	const char *via, *sync; /* held against the job and its models at the end */
	const char *pin;
	const char *cpu; /* lists of CPUs are checked when the machine is known */
	unsigned n_cpus; /* of that machine */
	struct error *error;
};

struct option_row {
	const char *name;     /* without the dashes */
	char letter;	      /* of the short form, or 0 */
	const char *argument; /* what help calls it, or NULL: a flag */
	const char *verbs;    /* that it belongs to, with spaces between */
	enum option_group group;
	unsigned job_option; /* JOB_*: only for jobs that have it; 0: any */
	const char *says;    /* NULL: not in the help */
	/* `option` is the name with its dashes. 0 or -EINVAL with reading->error set. */
	int (*parse)(struct reading *reading, const char *option, const char *value);
};

#define WATCHING "live stat log record" /* verbs that run the lab or a command */

extern const struct option_row option_rows[]; /* ends with name NULL; at most 64 */

/* Is the word one of those that stand in `words` with spaces between? */
bool words_have(const char *words, const char *word);

#endif
