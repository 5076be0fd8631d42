/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * targets.h - what shall be watched, in the words of the command line: -p, --cgroup, -a, --lane, --.
 *
 * Each adds one target to the options, and checks what can be known of it already. `name` may be NULL,
 * `option` is the option with its dashes. 0, or -EINVAL with `error` set. What is allocated here stays
 * until targets_fini().
 */
#ifndef SWTCH_TARGETS_H
#define SWTCH_TARGETS_H

#include "cmd/options.h"

int targets_add_pids(struct options *options, const char *name, const char *option,
		     const char *value, struct error *error);
int targets_add_cgroup(struct options *options, const char *name, const char *option,
		       const char *value, struct error *error);
int targets_add_all(struct options *options, const char *name, const char *option,
		    struct error *error);
int targets_add_command(struct options *options, const char *name, char *const *command,
			struct error *error);

/* NAME=TARGET, which is split into words as a shell does, but nothing is expanded. */
int targets_add_lane(struct options *options, const char *option, const char *value,
		     struct error *error);

/* Free what targets were made of; whether reading the options went well or not. */
void targets_fini(struct options *options);

/* That the processes and cgroups are there, before anything is attached. 0, or -errno with `error` set. */
int targets_check(const struct options *options, struct error *error);

/* The kind of targets whose end is that of the run: the first of commands, processes, cgroups, all. */
enum target_kind targets_decide(const struct options *options);

/* What a lane of the target is called; escaped. */
void target_name(const struct target *target, char *name, size_t size);

/* The target as one line of text, escaped: as the command line has it. */
void target_describe(const struct target *target, char *text, size_t size);

/* All of them, one after another. */
void targets_describe(const struct options *options, char *text, size_t size);

/* As --json calls its kind: "command", "pids", "cgroup", "all". */
const char *target_kind_name(enum target_kind kind);

#endif
