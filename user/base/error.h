/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * error.h - one sentence for the user: what failed, on what, why, what to try.
 *
 * Whoever finds an error writes it, whoever called passes it on, cmd/ prints it once.
 */
#ifndef SWTCH_ERROR_H
#define SWTCH_ERROR_H

struct error {
	char text[512];
};

/*
 * Write the sentence (cut at the room there is; NULL error is allowed) and return -err, so that
 * `return error_set(error, EINVAL, "...")` reads as it should. `err` is a positive errno.
 */
int error_set(struct error *error, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Who may have sent a signal that nobody asked for, to be put behind its number: " (...)", or "". */
const char *error_of_signal(int number);

/* What to try where fork or clone said this (a positive errno), to be put behind: " (...)", or "". */
const char *error_of_clone(int err);

#endif
