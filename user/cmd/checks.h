/* SPDX-License-Identifier: GPL-2.0-only */
/* checks.h - what the machine allows, one check after the other: for `swtch doctor`. */
#ifndef SWTCH_CHECKS_H
#define SWTCH_CHECKS_H

enum verdict {
	VERDICT_OK,
	VERDICT_SLOWER,	 /* works, at a price that `fix` names */
	VERDICT_UNSEEN,	 /* could not be looked at; `fix` says how it can */
	VERDICT_MISSING, /* swtch does not work without it */
};

struct finding {
	enum verdict verdict;
	char found[256]; /* our words, or escaped */
	char fix[200];	 /* how to get it; "" where nothing is to be done */
};

struct check {
	const char *name;
	const char *needed;
	void (*look)(struct finding *finding);
};

extern const struct check checks[]; /* ends with name NULL; in the order of importance */

/* "ok", "slower", "not seen", "missing". */
const char *verdict_name(enum verdict verdict);

#endif
