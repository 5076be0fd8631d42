// SPDX-License-Identifier: GPL-2.0-only
/*
 * echo.c - the echo server of the lab with a coroutine for each connection, beside one of libuv, each
 * driven by the lab's own clients: 10,000 connections, on each of them a request as soon as the last
 * one is answered. A server has a CPU for itself, its clients have another. Both pairs stand there from
 * the beginning and are let run in turn, so that what else the machine does meets both. Requests a
 * second, and the server's CPU time for each.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "cpu_time.h"
#include "event/counts.h"
#include "lab/futex.h"
#include "lab/job.h"

#define N_CONNECTIONS 10000
#define N_WARM	      (3ull * N_CONNECTIONS) /* requests before the measurement */
#define N_STRETCHES   10
#define SETTLE_US     50000  /* of a stretch, before it is measured */
#define STRETCH_US    250000 /* that is measured */
#define DEADLINE_NS   (30 * NS_PER_S)
#define CPU_CLIENTS   0
#define CPU_SERVER    1

struct program {
	pid_t pid;
	struct lab_area *area; /* NULL: not of the lab */
};

/* A server, its clients, and what was measured of them. */
struct side {
	const char *suffix; /* of its measures */
	struct program server, clients;
	uint64_t n, ns, cpu_ns, clients_ns;
};

static struct side sides[] = { { .suffix = "" }, { .suffix = "_libuv" } };

#define N_SIDES (sizeof(sides) / sizeof(sides[0]))

static void end(struct program *program)
{
	if (program->pid > 0) {
		kill(program->pid, SIGKILL);
		waitpid(program->pid, NULL, 0);
	}
	if (program->area)
		munmap(program->area, sizeof(*program->area));
}

static void end_all(void)
{
	for (size_t i = 0; i < N_SIDES; i++) {
		end(&sides[i].clients);
		end(&sides[i].server);
	}
}

_Noreturn static void die(const char *what)
{
	const char *why = strerror(errno);

	for (size_t i = 0; i < N_SIDES; i++) {
		if (sides[i].server.area && sides[i].server.area->error[0])
			why = sides[i].server.area->error;
		if (sides[i].clients.area && sides[i].clients.area->error[0])
			why = sides[i].clients.area->error;
	}
	fprintf(stderr, "bench: %s: %s\n", what, why);
	end_all();
	exit(1);
}

/* A file beside this program, or beside one of its folders. */
static void path_of(char path[static 4096], const char *name)
{
	ssize_t n = readlink("/proc/self/exe", path, 4000);

	if (n <= 0)
		die("/proc/self/exe");
	path[n] = '\0';
	*strrchr(path, '/') = '\0';
	strcat(path, name);
}

_Noreturn static void become(const char *path, int fd, int as, int cpu)
{
	char *const argv[] = { (char *)(uintptr_t)path, NULL };
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET(cpu, &only);
	sched_setaffinity(0, sizeof(only), &only);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd == as)
		fcntl(fd, F_SETFD, 0);
	else
		dup2(fd, as);
	execv(path, argv);
	_exit(127);
}

static void wait_ready(const struct program *program)
{
	uint64_t until_ns = clock_now_ns() + DEADLINE_NS;
	struct timespec until = { (time_t)(until_ns / NS_PER_S), 0 };
	uint32_t phase;

	while ((phase = atomic_load(&program->area->phase)) < LAB_READY) {
		if (clock_now_ns() > until_ns)
			die("the lab is not ready");
		futex_wait(&program->area->phase, phase, &until);
	}
	if (phase == LAB_FAILED)
		die("the lab");
}

/* A run of the lab that is ready to go. */
static void start_lab(struct program *program, const char *job, uint32_t port, int cpu)
{
	struct lab_spec wish = { .n_tasks = N_CONNECTIONS, .think_ns = 1, .port = port };
	int fd = memfd_create("lab", MFD_CLOEXEC);
	char path[4096];

	if (fd < 0 || ftruncate(fd, sizeof(*program->area)))
		die("memfd_create");
	program->area =
		mmap(NULL, sizeof(*program->area), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (program->area == MAP_FAILED)
		die("mmap");
	program->area->magic = LAB_AREA_MAGIC;
	program->area->size = sizeof(*program->area);
	for (unsigned i = 0; i < LAB_N_FIGURES; i++)
		program->area->figures[i] = COUNT_UNKNOWN;
	job_spec(job_find(job), MODEL_COROUTINE, &wish, &program->area->spec);
	program->area->spec.work = 0; /* until it is asked to stop */
	path_of(path, "/../../swtch-lab");
	program->pid = fork();
	if (!program->pid)
		become(path, fd, LAB_AREA_FD, cpu);
	close(fd);
	wait_ready(program);
}

static void go(const struct program *program)
{
	atomic_store(&program->area->go, 1);
	futex_wake(&program->area->go);
}

/* Its port. */
static uint32_t start_ours(struct program *server)
{
	start_lab(server, "echo", 0, CPU_SERVER);
	go(server);
	return server->area->port;
}

/* The same, or 0: built without the library. */
static uint32_t start_libuv(struct program *server)
{
	char path[4096], line[16] = "";
	int said[2];

	if (pipe2(said, O_CLOEXEC))
		die("pipe2");
	path_of(path, "/load/echo_libuv");
	server->pid = fork();
	if (!server->pid)
		become(path, said[1], STDOUT_FILENO, CPU_SERVER);
	close(said[1]);
	if (read(said[0], line, sizeof(line) - 1) < 0)
		die("echo_libuv");
	close(said[0]);
	return (uint32_t)strtoul(line, NULL, 10);
}

/* CPU time of a whole process, in ns. */
static uint64_t cpu_ns_of(pid_t pid)
{
	uint64_t ns = cpu_time_of(pid);

	if (!ns)
		die("the CPU time of the server");
	return ns;
}

static uint64_t n_answered(const struct side *side)
{
	struct lab_sums sums;

	lab_area_sum(side->clients.area, &sums);
	if (atomic_load(&side->clients.area->phase) > LAB_RUNNING)
		die("the clients ended");
	return sums.done;
}

static void let(const struct side *side, int signal)
{
	kill(side->clients.pid, signal);
	kill(side->server.pid, signal);
}

/* All connections are made, and a few requests answered on each. */
static void connect_all(struct side *side, uint32_t port)
{
	uint64_t until_ns = clock_now_ns() + DEADLINE_NS;

	start_lab(&side->clients, "clients", port, CPU_CLIENTS);
	go(&side->clients);
	while (n_answered(side) < N_WARM) {
		if (clock_now_ns() > until_ns)
			die("no answers");
		usleep(10000);
	}
	let(side, SIGSTOP);
}

static void measure(struct side *side)
{
	let(side, SIGCONT);
	usleep(SETTLE_US);
	side->n -= n_answered(side);
	side->ns -= clock_now_ns();
	side->cpu_ns -= cpu_ns_of(side->server.pid);
	side->clients_ns -= cpu_ns_of(side->clients.pid);
	usleep(STRETCH_US);
	side->n += n_answered(side);
	side->ns += clock_now_ns();
	side->cpu_ns += cpu_ns_of(side->server.pid);
	side->clients_ns += cpu_ns_of(side->clients.pid);
	let(side, SIGSTOP);
}

static void lacks(const char *suffix, const char *what)
{
	printf("echo_requests%s - %s\n", suffix, what);
	printf("echo_server_cpu%s - %s\n", suffix, what);
}

static void tell(const struct side *side)
{
	double ns = (double)side->ns, n = (double)side->n;

	if (!side->clients.area) {
		lacks(side->suffix, "built without libuv");
		return;
	}
	printf("echo_requests%s %.0f requests/s server %.0f %%, clients %.0f %% of a CPU\n",
	       side->suffix, n * NS_PER_S / ns, 100.0 * (double)side->cpu_ns / ns,
	       100.0 * (double)side->clients_ns / ns);
	printf("echo_server_cpu%s %.0f ns/request\n", side->suffix, (double)side->cpu_ns / n);
}

int main(void)
{
	struct rlimit limit;
	uint32_t port;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max; /* libuv's server takes what it is given */
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || limit.rlim_max < N_CONNECTIONS + 64) {
		for (size_t i = 0; i < N_SIDES; i++)
			lacks(sides[i].suffix, "needs two CPUs and 10,064 descriptors");
		return 0;
	}
	connect_all(&sides[0], start_ours(&sides[0].server));
	port = start_libuv(&sides[1].server);
	if (port)
		connect_all(&sides[1], port);
	for (unsigned i = 0; i < N_STRETCHES * N_SIDES; i++)
		if (sides[i % N_SIDES].clients.area)
			measure(&sides[i % N_SIDES]);
	for (size_t i = 0; i < N_SIDES; i++)
		tell(&sides[i]);
	end_all();
	return 0;
}
