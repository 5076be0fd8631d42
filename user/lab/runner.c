// SPDX-License-Identifier: GPL-2.0-only
/*
 * runner.c - main() of swtch-lab: one run of one job under one model.
 *
 * swtch executes it anew for each run, with nothing of its own but the shared area as descriptor
 * LAB_AREA_FD: so forks are as cheap and tasks as clean as in any program. It ends when its parent
 * does, and its tasks end when it does, however that happens.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/executor.h"
#include "lab/futex.h"

/* Ring and lines are written while the job is measured: take their page faults now. */
static void touch(void *memory, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += 4096)
		atomic_fetch_add_explicit((_Atomic char *)memory + i, 0, memory_order_relaxed);
}

static void refuse(const char *why)
{
	fprintf(stderr,
		"swtch-lab: %s; it is started by swtch, not by hand (try sudo swtch stat --job "
		"pingpong)\n",
		why);
}

static struct lab_area *map_area(void)
{
	struct lab_area *area;
	struct stat stat;

	if (fstat(LAB_AREA_FD, &stat)) {
		refuse("descriptor 3 is not open");
		return NULL;
	}
	if (!S_ISREG(stat.st_mode) || stat.st_size != sizeof(*area)) {
		refuse("descriptor 3 is no lab area of this version");
		return NULL;
	}
	area = mmap(NULL, sizeof(*area), PROT_READ | PROT_WRITE, MAP_SHARED, LAB_AREA_FD, 0);
	if (area == MAP_FAILED) {
		refuse("descriptor 3 cannot be mapped");
		return NULL;
	}
	if (area->magic != LAB_AREA_MAGIC || area->size != sizeof(*area)) {
		refuse("descriptor 3 is no lab area of this version");
		return NULL;
	}
	return area;
}

/* Die with whoever started us; who that should be only they can tell. */
static void end_with_parent(const struct lab_area *area)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (area->spec.parent && getppid() != (pid_t)area->spec.parent)
		raise(SIGKILL);
}

/* None of these costs anything until it is used: take all we may have. */
static void raise_limits(void)
{
	static const __rlimit_resource_t resources[] = { RLIMIT_NOFILE, RLIMIT_NPROC,
							 RLIMIT_MSGQUEUE };
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		if (!getrlimit(resources[i], &limit)) {
			limit.rlim_cur = limit.rlim_max;
			setrlimit(resources[i], &limit);
		}
}

/* Should memory run out, the lab goes first: before swtch, and whatever else the machine is for. */
static void end_first(void)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "we");

	if (!file)
		return;
	fputs("1000", file);
	fclose(file);
}

static int pin(struct lab *lab)
{
	cpu_set_t cpus;
	int n = 0;

	CPU_ZERO(&cpus);
	for (int cpu = 0; cpu < LAB_PIN_WORDS * 64 && cpu < CPU_SETSIZE; cpu++)
		if (lab->spec.pin[cpu / 64] >> cpu % 64 & 1) {
			CPU_SET(cpu, &cpus);
			n++;
		}
	if (!n || !sched_setaffinity(0, sizeof(cpus), &cpus))
		return 0;
	n = -errno;
	lab_error(lab,
		  "cannot pin the lab to the CPUs asked for: %s (are they online, and in its "
		  "cgroup's cpuset?)",
		  strerror(-n));
	return n;
}

static int prepare(struct lab *lab, struct lab_area *area)
{
	uint32_t n;
	int err;

	err = lab_init(lab, area, NULL);
	if (!err)
		err = pin(lab);
	if (err)
		return err;
	prctl(PR_SET_NAME, lab->executor->comm);
	n = lab->n_tasks < LAB_N_LINES ? lab->n_tasks : LAB_N_LINES;
	touch(area->lines, n * sizeof(area->lines[0]));
	if (lab->model == MODEL_COROUTINE)
		touch(&area->rings[0], sizeof(area->rings[0]));
	return 0;
}

int main(void)
{
	static struct lab lab; /* after a failure it stays as it is, to the process' end */
	struct lab_area *area = map_area();
	int err;

	if (!area)
		return 2;
	end_with_parent(area);
	close(LAB_AREA_FD); /* all else was closed by exec */
	raise_limits();
	end_first();
	signal(SIGPIPE, SIG_IGN); /* a partner's death is told by an error, not by a signal */
	err = prepare(&lab, area);
	if (!err) {
		lab_set_phase(area, LAB_READY);
		while (!atomic_load(&area->go))
			futex_wait(&area->go, 0, NULL);
		lab_set_phase(area, LAB_RUNNING);
		err = lab_run(&lab);
	}
	lab_set_phase(area, err ? LAB_FAILED : LAB_DONE);
	if (err) /* what tasks that were killed waited for cannot be destroyed: that waits for them */
		return 1;
	lab_fini(&lab);
	return 0;
}
