// SPDX-License-Identifier: GPL-2.0-only
/*
 * calls.c - preloaded into swtch (LD_PRELOAD): the n-th call of a kind fails, of each process that counts.
 *
 *   FAULT=alloc:17     the 17th allocation has no memory
 *   FAULT=calls:3      the 3rd of open, mmap, fork, bpf, ... has what it is short of most often
 *   FAULT_SIDE=forked  in the processes that swtch forks, each of which counts on for itself from where who
 *                      forked it is: so it may fail in several; else in itself, once
 *   FAULT_SITES=FILE   the first n of each call site is added there, a line each: what is worth a run
 *   FAULT_FIRED=FILE   whenever a call fails, its n is added there
 *   FAULT_TRAP=1       for a debugger: SIGTRAP where the call fails
 *
 * Programs that swtch executes are left alone. Calls that the C library makes of itself are seen if
 * they are allocations, and not otherwise.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_FRAMES    16
#define FAR_FD	    200	       /* what is forked gives the first ones to others */
#define SITES_BYTES (1u << 20) /* more than any start-up has */

enum kind { KIND_NONE, KIND_ALLOC, KIND_CALLS };

/* The C library's own, under names that need no looking up. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t align, size_t size);

static enum kind kind;
static unsigned long wanted;
static bool on_forked, traps;
static pid_t first;
static atomic_ulong n_calls;
static int sites_fd = -1, fired_fd = -1;
static uint8_t sites[SITES_BYTES];
/* Not reserved by a call: that would be an allocation. */
static __thread bool is_inside __attribute__((tls_model("initial-exec")));

/* By whom it was called, and by whom they were. */
static uint32_t hash_of_site(void)
{
	void *frames[N_FRAMES];
	int n = backtrace(frames, N_FRAMES);
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (int i = 2; i < n; i++)
		hash = (hash ^ (uintptr_t)frames[i]) * 1099511628211u;
	return (uint32_t)(hash >> 32) % SITES_BYTES;
}

static void note(int fd, unsigned long n)
{
	char line[32];
	int length = snprintf(line, sizeof(line), "%lu\n", n);

	if (write(fd, line, (size_t)length) != length)
		abort();
}

static void note_site(unsigned long n)
{
	uint32_t site = hash_of_site();

	if (!sites[site])
		note(sites_fd, n);
	sites[site] = 1;
}

/* Whether this call is the one. */
static bool fails(enum kind this)
{
	int err = errno;
	unsigned long n;

	if (this != kind || is_inside || (getpid() != first) != on_forked)
		return false;
	n = 1 + atomic_fetch_add(&n_calls, 1);
	is_inside = true;
	if (sites_fd >= 0)
		note_site(n);
	if (fired_fd >= 0 && n == wanted)
		note(fired_fd, n);
	is_inside = false;
	errno = err;
	if (n == wanted && traps)
		raise(SIGTRAP);
	return n == wanted;
}

/* The file that a variable names, to add to, where nobody is given its descriptor; -1 when it names none. */
static int open_notes(const char *variable)
{
	const char *file = getenv(variable);
	int fd, far;

	if (!file)
		return -1;
	fd = open(file, O_WRONLY | O_CREAT | O_APPEND, 0666);
	far = fcntl(fd, F_DUPFD_CLOEXEC, FAR_FD);
	close(fd);
	return far;
}

/* The first look at the stack loads a library, which allocates. */
__attribute__((constructor)) static void begin(void)
{
	const char *fault = getenv("FAULT"), *side = getenv("FAULT_SIDE");
	void *frame;

	if (!fault || strncmp(program_invocation_short_name, "swtch", 6) != 0)
		return;
	backtrace(&frame, 1);
	first = getpid();
	traps = getenv("FAULT_TRAP");
	on_forked = side && !strcmp(side, "forked");
	wanted = strtoul(strchr(fault, ':') + 1, NULL, 10);
	sites_fd = open_notes("FAULT_SITES");
	fired_fd = open_notes("FAULT_FIRED");
	kind = !strncmp(fault, "alloc:", 6) ? KIND_ALLOC : KIND_CALLS;
}

/* --- allocations --------------------------------------------------------------------------------- */

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t size)
{
	return fails(KIND_ALLOC) ? no_memory() : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails(KIND_ALLOC) ? no_memory() : __libc_calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
	return fails(KIND_ALLOC) ? no_memory() : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return fails(KIND_ALLOC) ? no_memory() : __libc_memalign(align, size);
}

int posix_memalign(void **memory, size_t align, size_t size)
{
	*memory = fails(KIND_ALLOC) ? NULL : __libc_memalign(align, size);
	return *memory ? 0 : ENOMEM;
}

/*
 * Who looks up a user with too little memory is ended by glibc 2.36 itself, by an assertion or a NULL
 * pointer (nss_database.c): so these fail as a whole, as if it was well.
 */
#define AS_A_WHOLE(type, name, failure, error, parameters, arguments)                              \
	type name parameters                                                                       \
	{                                                                                          \
		static type(*real) parameters;                                                     \
		type result;                                                                       \
                                                                                                   \
		if (fails(KIND_ALLOC)) {                                                           \
			errno = (error);                                                           \
			return failure;                                                            \
		}                                                                                  \
		is_inside = true;                                                                  \
		if (!real)                                                                         \
			*(void **)&real = dlsym(RTLD_NEXT, #name);                                 \
		result = real arguments;                                                           \
		is_inside = false;                                                                 \
		return result;                                                                     \
	}

AS_A_WHOLE(struct passwd *, getpwuid, NULL, ENOMEM, (uid_t uid), (uid))
AS_A_WHOLE(struct passwd *, getpwnam, NULL, ENOMEM, (const char *name), (name))
AS_A_WHOLE(int, initgroups, -1, ENOMEM, (const char *name, gid_t group), (name, group))

/* --- other calls --------------------------------------------------------------------------------- */

/*
 * INSTEAD(type, name, what it says when it fails, errno, (parameters), (arguments)): `name` as the C
 * library has it, unless it is to fail.
 */
#define INSTEAD(type, name, failure, error, parameters, arguments)                                 \
	type name parameters                                                                       \
	{                                                                                          \
		static type(*real) parameters;                                                     \
                                                                                                   \
		if (fails(KIND_CALLS)) {                                                           \
			errno = (error);                                                           \
			return failure;                                                            \
		}                                                                                  \
		if (!real)                                                                         \
			*(void **)&real = dlsym(RTLD_NEXT, #name);                                 \
		return real arguments;                                                             \
	}

INSTEAD(FILE *, fopen, NULL, EMFILE, (const char *path, const char *mode), (path, mode))
INSTEAD(FILE *, fdopen, NULL, ENOMEM, (int fd, const char *mode), (fd, mode))
INSTEAD(void *, mmap, MAP_FAILED, ENOMEM,
	(void *at, size_t size, int access, int flags, int fd, off_t offset),
	(at, size, access, flags, fd, offset))
INSTEAD(int, memfd_create, -1, EMFILE, (const char *name, unsigned flags), (name, flags))
INSTEAD(int, socketpair, -1, EMFILE, (int domain, int type, int protocol, int pair[2]),
	(domain, type, protocol, pair))
INSTEAD(int, pipe2, -1, EMFILE, (int pair[2], int flags), (pair, flags))
INSTEAD(int, signalfd, -1, EMFILE, (int fd, const sigset_t *mask, int flags), (fd, mask, flags))
INSTEAD(pid_t, fork, -1, EAGAIN, (void), ())
INSTEAD(int, dup2, -1, EBUSY, (int from, int to), (from, to))
INSTEAD(int, epoll_create1, -1, EMFILE, (int flags), (flags))
INSTEAD(ssize_t, sendmsg, -1, ENOBUFS, (int fd, const struct msghdr *message, int flags),
	(fd, message, flags))
INSTEAD(ssize_t, recvmsg, -1, ENOMEM, (int fd, struct msghdr *message, int flags),
	(fd, message, flags))

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*start)(void *), void *ctx)
{
	static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if (fails(KIND_CALLS))
		return EAGAIN;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
	return real(thread, how, start, ctx);
}

/* libbpf calls bpf(2) through this; the others of it do not fail for want of something. */
long syscall(long number, ...)
{
	static long (*real)(long number, ...);
	long words[6];
	va_list rest;

	va_start(rest, number);
	for (unsigned i = 0; i < 6; i++)
		words[i] = va_arg(rest, long);
	va_end(rest);
	if (number == SYS_bpf && fails(KIND_CALLS)) {
		errno = ENOMEM;
		return -1;
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

int openat(int folder, const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	if (fails(KIND_CALLS)) {
		errno = EMFILE;
		return -1;
	}
	return (int)syscall(SYS_openat, (long)folder, path, (long)flags, (long)mode);
}

int open(const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	return openat(AT_FDCWD, path, flags, mode);
}

/* The same, by the names that programs built for large files call them by. */
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));
void *mmap64(void *at, size_t size, int access, int flags, int fd, off64_t offset)
	__attribute__((alias("mmap")));
