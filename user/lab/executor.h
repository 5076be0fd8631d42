/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * executor.h - one run of the lab: the job, its tasks, and the executor that makes them processes,
 * threads or coroutines.
 *
 * struct lab lives in the runner; forked tasks hold their own copy of it, and share with each other
 * only the area and lab->shared. The runner's main thread calls lab_*() unless said otherwise.
 */
#ifndef SWTCH_LAB_EXECUTOR_H
#define SWTCH_LAB_EXECUTOR_H

#include <pthread.h>
#include <sys/types.h>

#include "lab/job.h"
#include "lab/link.h"

#define LAB_TASK_FAILED 1 /* exit status of a forked task that has written area->error */

struct coro;
struct coroutines;
struct loop;

/* One task as the executors see it; bodies go through task.h. */
struct task {
	struct lab *lab;
	struct lab_line *line;
	uint32_t number; /* 0, 1, 2, ... */
	uint32_t worker; /* its place among the tasks that take units */

	/* pace.c: the share of the work, and how much of it the rate has released */
	uint64_t credit;   /* units that it may begin at once */
	uint64_t left;	   /* units of its share beyond those */
	uint64_t rate_hz;  /* the rate that the next two are about */
	uint64_t epoch_ns; /* since when */
	uint64_t granted;  /* units granted since */

	uint64_t hash;
	struct loop *loop; /* that runs it, if it is a coroutine */
	union {
		pid_t pid;
		pthread_t thread;
	};
};

/* A task that another task makes, and waits for. */
struct child {
	unsigned (*fn)(uint64_t arg); /* its answer must fit an exit status below 126 */
	uint64_t arg;
	unsigned result;
	union {
		pid_t pid;
		pthread_t thread;
		struct coro *coro;
	};
};

struct executor {
	const char *comm;	       /* the runner's name under this model */
	bool owns_line;		       /* a line of counters is written by one thread alone */
	int (*init)(struct lab *lab);  /* what is not measured; 0 or -errno, said by lab_error() */
	int (*run)(struct lab *lab);   /* make the tasks, wait until all have ended; the same */
	void (*fini)(struct lab *lab); /* release what init made */
	void (*yield)(struct task *self);
	void (*sleep)(struct task *self, uint64_t until_ns);
	void (*nap)(struct task *self,
		    uint64_t until_ns);	     /* may end early: on stop, on a new rate */
	void (*poke)(const struct lab *lab); /* ends the naps of all tasks */
	void (*spawn)(struct task *self, struct child *child);
	void (*join)(struct task *self, struct child *child);
	void (*lock)(struct task *self);
	void (*unlock)(struct task *self);
	/* As task.h has them: a number, or -errno. */
	ssize_t (*read)(struct task *self, int fd, void *bytes, size_t n);
	ssize_t (*write)(struct task *self, int fd, const void *bytes, size_t n);
	int (*accept)(struct task *self, int fd);
	void (*close)(struct task *self, int fd);
};

extern const struct executor executor_process, executor_thread, executor_coroutine;

/* Memory that forked tasks share beside the area. */
struct lab_shared {
	_Atomic uint32_t failed; /* the first to set it writes area->error */
	pthread_mutex_t lock;	 /* task_lock() of processes and threads */
};

struct lab {
	struct lab_area *area;
	struct lab_spec spec; /* copied once: the area is shared, and this is checked */
	const struct job *job;
	const struct executor *executor;
	enum lab_model model;
	uint32_t n_tasks;   /* that the executor makes */
	uint32_t n_workers; /* of them, those that take units */
	struct task *tasks;
	struct lab_shared *shared;
	struct link *links;
	uint32_t n_links;
	void *link_states;
	size_t link_states_bytes;
	struct coroutines *coroutines; /* the coroutine executor's */
	int listen_fd;		       /* a server's; -1: none */
	void *own;		       /* the job's: from its open to its close */
	bool forked;		       /* this copy is a forked task's */
};

/*
 * Check area->spec and prepare the run; job NULL takes the one that the spec names, else it is used
 * instead (for tests). 0, or -errno with area->error set. Call lab_fini() in both cases.
 */
int lab_init(struct lab *lab, struct lab_area *area, const struct job *job);

/* Run the job: started_ns to ended_ns. 0, or -errno with area->error set. */
int lab_run(struct lab *lab);

void lab_fini(struct lab *lab);

/* Open n links of the way that the spec names. 0, or -errno with area->error set. */
int lab_open_links(struct lab *lab, uint32_t n);

/* Set the phase and wake whoever waits for it. */
void lab_set_phase(struct lab_area *area, enum lab_phase phase);

/* Write area->error unless somebody did before; any task or thread may call. */
void lab_error(struct lab *lab, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * limit.c: hold what the run will need against what the system allows, so that it is refused before
 * its first task and not in the middle: its tasks; n more descriptors. 0, or -errno with area->error set:
 * the limit's name, its value, what of it is taken, what is needed, how to raise it. What cannot be
 * known in advance passes.
 */
int lab_check_tasks(struct lab *lab);
int lab_check_descriptors(struct lab *lab, uint64_t n);

/*
 * lab_error() for a call that failed with -err: adds the error's text and, where a limit explains it,
 * the limit's name, its value and how to raise it. Returns err.
 */
int lab_error_limit(struct lab *lab, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for mq_open(3), where the error is about message queues rather than descriptors. */
int lab_error_queues(struct lab *lab, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The job has failed (area->error says why): end this program, in whichever task we are. */
_Noreturn void lab_die(struct lab *lab);

/* A task is being made: called by who makes it, so that one that has not run yet counts. */
void task_made(struct task *self);

/* The body of one task from begin to end, with its counters. */
void task_run(struct task *self);

/* The name of a task for the kernel: "ping-0", "compute-12". */
void task_comm(const struct task *self, char comm[LAB_NAME_BYTES]);

/* pace.c: the part of task_next() that is not in every unit's way. */
bool pace_wait(struct task *self);

/* Give a task its share of the work. */
void pace_init(struct task *self);

#endif
