// SPDX-License-Identifier: GPL-2.0-only
/*
 * live_cpu.c - what the live view takes of one core: lanes flat out, twenty frames a second, the
 * view and its keeper together. Prints `name value unit`.
 */
#include "cpu_time.h"
#include "event.h"
#include "screen.h"

#define SETTLE_NS  (1500 * NS_PER_MS) /* the lab starts, the first events of a view come */
#define MEASURE_NS (2 * NS_PER_S)

/* Its child that keeps the privilege; 0 without one. */
static pid_t keeper_of(pid_t pid)
{
	char path[64], name[TASK_NAME_LEN + 1];
	FILE *children, *comm;
	pid_t child, keeper = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	children = fopen(path, "re");
	while (children && !keeper && fscanf(children, "%d", &child) == 1) {
		snprintf(path, sizeof(path), "/proc/%d/comm", child);
		comm = fopen(path, "re");
		if (comm && fgets(name, sizeof(name), comm) && !strcmp(name, "swtch-keeper\n"))
			keeper = child;
		if (comm)
			fclose(comm);
	}
	if (children)
		fclose(children);
	return keeper;
}

static void measure(struct screen *screen, const char *name)
{
	pid_t keeper;
	uint64_t begin_ns, used_ns, n_bytes;

	if (!screen_run(screen, SETTLE_NS)) {
		printf("%s - the live view ended (it needs root and BPF)\n", name);
		return;
	}
	keeper = keeper_of(screen->pid);
	n_bytes = screen->n_bytes;
	begin_ns = clock_now_ns();
	used_ns = cpu_time_of(screen->pid) + (keeper ? cpu_time_of(keeper) : 0);
	screen_run(screen, MEASURE_NS);
	used_ns = cpu_time_of(screen->pid) + (keeper ? cpu_time_of(keeper) : 0) - used_ns;
	begin_ns = clock_now_ns() - begin_ns;
	printf("%s %.2f percent of one CPU; %.1f KB/s to the terminal%s\n", name,
	       100.0 * (double)used_ns / (double)begin_ns,
	       (double)(screen->n_bytes - n_bytes) / 1e3 / ((double)begin_ns / NS_PER_S),
	       keeper ? "" : "; without the keeper");
}

int main(void)
{
	static const char *const busy[] = { "live", "--rate", "max", NULL };
	static const char *const idle[] = { "live", "--", "sleep", "60", NULL };
	struct screen screen = screen_start(busy, 40, 120);

	measure(&screen, "live_cpu");
	screen_resize(&screen, 60, 200);
	measure(&screen, "live_cpu_200x60");
	screen_type(&screen, "2");
	measure(&screen, "live_cpu_events");
	screen_type(&screen, "4");
	measure(&screen, "live_cpu_timeline");
	screen_end(&screen, "q");
	screen = screen_start(idle, 60, 200);
	measure(&screen, "live_cpu_idle");
	screen_end(&screen, "q");
	return 0;
}
