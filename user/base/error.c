// SPDX-License-Identifier: GPL-2.0-only
/* error.c - the sentence that the user will read. */
#include "base/error.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *error, int err, const char *format, ...)
{
	va_list args;

	if (error) {
		va_start(args, format);
		vsnprintf(error->text, sizeof(error->text), format, args);
		va_end(args);
	}
	return -err;
}

const char *error_of_signal(int number)
{
	return number == SIGKILL ? " (by somebody, or for want of memory: see dmesg)" : "";
}

/* EAGAIN: too many of a user, or of a cgroup (fork(2)). */
const char *error_of_clone(int err)
{
	return err == EAGAIN ? " (see ulimit -u and pids.max)" : "";
}
