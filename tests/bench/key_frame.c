// SPDX-License-Identifier: GPL-2.0-only
/*
 * key_frame.c - from a key to the last byte of the frame that answers it, at 200x60 with 10,000 tasks
 * on 256 CPUs that are made up: through the whole program and its terminal, view by view, and for a
 * recording of that which is played. Prints `name value unit`.
 */
#include <glob.h>

#include "screen.h"

#define N_KEYS	  120
#define N_VIEWS	  6
#define ONLY_LIVE 4 /* of the views: a recording has none of tasks */
#define N_WALK	  8
#define QUIET_NS  (6 * NS_PER_MS)   /* no more comes of a frame that was silent for so long */
#define ANSWER_NS (500 * NS_PER_MS) /* a key without an answer in this time has none */
#define SETTLE_NS (1500 * NS_PER_MS)
#define RECORD_NS (2 * NS_PER_S)

struct times {
	double ms[2 * N_VIEWS * (N_KEYS + 1)];
	unsigned n, n_silent;
};

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

static void print(const char *what, const char *view, struct times *times)
{
	unsigned n = times->n;

	if (!n) {
		printf("%s%s_p99 - no key was answered\n", what, view);
		return;
	}
	qsort(times->ms, n, sizeof(*times->ms), compare);
	printf("%s%s_p99 %.2f ms (median %.2f, longest %.2f, %u keys, %u without an answer)\n",
	       what, view, times->ms[(n - 1) * 99 / 100], times->ms[n / 2], times->ms[n - 1], n,
	       times->n_silent);
}

/* A frame of its own comes only now and then: what follows a key answers it. */
static void press(struct screen *screen, const char *key, struct times *times)
{
	struct pollfd fd = { .fd = screen->fd, .events = POLLIN };
	uint64_t begin_ns, last_ns;

	screen_read(screen, QUIET_NS);
	begin_ns = clock_now_ns();
	screen_type(screen, key);
	if (poll(&fd, 1, (int)(ANSWER_NS / NS_PER_MS)) <= 0) {
		times->n_silent++;
		return;
	}
	last_ns = screen_read(screen, QUIET_NS);
	times->ms[times->n++] = (double)(last_ns - begin_ns) / NS_PER_MS;
}

#define UP	"\033OA"
#define DOWN	"\033OB"
#define LEFT	"\033OD"
#define PAGE_UP "\033[5~"
#define PAGE_DN "\033[6~"

/* Keys that change what a view shows, each again and again. */
static const struct {
	const char *name, *view;
	const char *keys[N_WALK];
} walks[N_VIEWS] = {
	{ "lanes", "1", { PAGE_DN, DOWN, UP, PAGE_UP, PAGE_DN, DOWN, UP, PAGE_UP } },
	{ "events", "2", { PAGE_UP, UP, DOWN, PAGE_UP, PAGE_DN, UP, UP, PAGE_DN } },
	{ "claims", "3", { "2", "3", "7", "3", "1", "3", "4", "3" } },
	{ "timeline", "4", { LEFT, DOWN, "Z", "<", ">", "z", UP, LEFT } },
	{ "tasks", "5", { DOWN, PAGE_DN, "\r", "S", UP, "\r", ">", "T" } },
	{ "help", "7", { DOWN, DOWN, UP, PAGE_DN, UP, UP, PAGE_UP, DOWN } },
};

static void walk(struct screen *screen, const char *what, bool is_live, struct times *all)
{
	for (unsigned view = 0; view < N_VIEWS; view++) {
		struct times times = { .n = 0 };

		if (view == ONLY_LIVE && !is_live)
			continue;
		press(screen, walks[view].view, &times);
		for (unsigned i = 0; i < N_KEYS; i++)
			press(screen, walks[view].keys[i % N_WALK], &times);
		for (unsigned i = 0; i < times.n; i++)
			all->ms[all->n++] = times.ms[i];
		print(what, walks[view].name, &times);
	}
}

/* Record for a while; false when there is no file then. */
static bool record(struct screen *screen, glob_t *files)
{
	screen_type(screen, "W");
	screen_run(screen, RECORD_NS);
	screen_type(screen, "W");
	screen_read(screen, SETTLE_NS);
	return !glob("swtch-*.pftrace", 0, NULL, files) && files->gl_pathc == 1;
}

static void measure(struct times *all)
{
	static const char *const live[] = { "live", "--synthetic", "256,10000", "-I", "10s", NULL };
	struct screen screen = screen_start(live, 60, 200);
	glob_t files;
	bool is_recorded;

	screen_run(&screen, SETTLE_NS);
	walk(&screen, "key_frame_", true, all);
	is_recorded = record(&screen, &files);
	screen_end(&screen, "q");
	if (is_recorded) {
		const char *const replay[] = { "replay", files.gl_pathv[0], "-I", "10s", NULL };

		screen = screen_start(replay, 60, 200);
		screen_run(&screen, SETTLE_NS);
		walk(&screen, "key_frame_replay_", false, all);
		screen_end(&screen, "q");
		unlink(files.gl_pathv[0]);
	}
	globfree(&files);
}

int main(void)
{
	char folder[] = "/tmp/swtch-key-frame-XXXXXX";
	char *program = realpath(getenv("SWTCH") ? getenv("SWTCH") : "build/swtch", NULL);
	struct times all = { .n = 0 };

	if (!program || !mkdtemp(folder) || chdir(folder) || setenv("SWTCH", program, 1))
		exit(1);
	measure(&all);
	print("key_frame", "", &all);
	rmdir(folder);
	free(program);
	return 0;
}
