// SPDX-License-Identifier: GPL-2.0-only
/*
 * coverage.c - linked into every program of a build that measures coverage: what was counted is
 * written also where a process ends or becomes another program without exit(3). gcc does so by
 * itself at exit(3), fork(2) and the members of exec(3) but fexecve(3).
 */
#include <unistd.h>

void __gcov_dump(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));
int __real_fexecve(int fd, char *const *argv, char *const *environment);
int __wrap_fexecve(int fd, char *const *argv, char *const *environment);

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}

int __wrap_fexecve(int fd, char *const *argv, char *const *environment)
{
	__gcov_dump();
	return __real_fexecve(fd, argv, environment);
}
