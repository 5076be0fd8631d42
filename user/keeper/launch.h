/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * launch.h - children of the keeper: held until their lane is set, then the lab runner or the user's
 * command, as their user, with nothing of ours.
 */
#ifndef SWTCH_LAUNCH_H
#define SWTCH_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "keeper/privilege.h"

struct launch {
	const struct identity *identity;
	bool is_lab;
	bool quiet; /* stdin, stdout, stderr are /dev/null; a session (lab) or group of its own */
	bool keep_stderr; /* all but stderr, for --log */
	bool marks;	  /* a command that marks its coroutines waits until that is found */
	int terminal_fd;  /* becomes stdin, stdout, stderr and the controlling terminal; -1: none */
	int runner_fd;	  /* lab: the runner's program */
	int area_fd;	  /* lab: becomes descriptor LAB_AREA_FD */
	char *const *argv;
};

/* A child that was forked and waits to be let go. */
struct held {
	pid_t pid;
	int go_fd;     /* closing it ends the child, a byte lets it go */
	int report_fd; /* its errno, should it fail before exec */
};

/*
 * Remember which signals are ignored and blocked now, before we change that: a command finds them as
 * whoever called us left them (nohup(1)).
 */
void launch_note_signals(void);

/*
 * While we may: let lab runs have as many descriptors, processes and message queues as the system
 * allows anybody. A command keeps the limits that it was called under. What may not be raised stays.
 */
void launch_raise_limits(void);

/* Fork, prepare all but exec, and hold; 0 or -errno. */
int launch_hold(const struct launch *launch, struct held *held);

/*
 * Let it go; *released_ns is when, on CLOCK_MONOTONIC. 0 once it runs the new program, or -errno of
 * what failed; it is gone then.
 */
int launch_release(struct held *held, uint64_t *released_ns);

/* End it instead. */
void launch_drop(struct held *held);

/* Find build/swtch-lab beside the program, or in ../libexec/swtch. A descriptor or -errno. */
int launch_find_runner(void);

#endif
