/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task.h - what the body of a job may do. It is written once, against this interface, and runs as
 * processes, as threads and as coroutines.
 *
 * A task belongs to its executor; only the task itself may call, with itself as first argument.
 */
#ifndef SWTCH_LAB_TASK_H
#define SWTCH_LAB_TASK_H

#include "lab/executor.h"

/* Enough for a checksum that shows a lost, doubled or changed token; four cycles. */
static inline uint64_t hash_fold(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * 0x9e3779b97f4a7c15u;
}

/* Add to a counter of the area. A line with one writer needs no locked instruction. */
static inline void task_count(const struct task *self, _Atomic uint64_t *counter, uint64_t n)
{
	if (self->lab->executor->owns_line)
		atomic_store_explicit(counter,
				      atomic_load_explicit(counter, memory_order_relaxed) + n,
				      memory_order_relaxed);
	else
		atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/*
 * May the task begin another unit? Waits when the offered rate has none for it yet. False when its
 * share is done or everybody was asked to stop: then the body must come to its end.
 */
static inline bool task_next(struct task *self)
{
	const struct lab_area *area = self->lab->area;

	if (self->credit && !atomic_load_explicit(&area->stop, memory_order_relaxed) &&
	    atomic_load_explicit(&area->rate_hz, memory_order_relaxed) == self->rate_hz) {
		self->credit--;
		return true;
	}
	return pace_wait(self);
}

/* Count units done, and fold what they computed into the checksum. */
static inline void task_done(struct task *self, uint64_t n, uint64_t value)
{
	self->hash = hash_fold(self->hash, value);
	task_count(self, &self->line->done, n);
}

/* Add to a figure of the job's own: an index into job->figures. The first to add makes it known. */
static inline void task_figure(const struct task *self, unsigned figure, uint64_t n)
{
	_Atomic uint64_t *at = &self->lab->area->figures[figure];
	uint64_t unknown = UINT64_MAX;

	if (atomic_load_explicit(at, memory_order_relaxed) == unknown)
		atomic_compare_exchange_strong(at, &unknown, 0);
	atomic_fetch_add_explicit(at, n, memory_order_relaxed);
}

static inline void task_latency(const struct task *self, uint64_t ns)
{
	latency_record(&self->lab->area->latencies, ns);
}

static inline void task_yield(struct task *self)
{
	self->lab->executor->yield(self);
}

/* Sleep for ns from now, in the kernel or in the loop's timers. */
void task_sleep(struct task *self, uint64_t ns);

/* Until an instant of CLOCK_MONOTONIC, or a little after everybody was asked to stop. May end early. */
static inline void task_nap(struct task *self, uint64_t until_ns)
{
	self->lab->executor->nap(self, until_ns);
}

static inline void task_send(struct task *self, struct link *link, uint64_t token)
{
	link->ops->send(link, self, token);
}

static inline uint64_t task_receive(struct task *self, struct link *link)
{
	return link->ops->receive(link, self);
}

/* Make a task that runs child->fn(child->arg); it counts as created and alive. Ends the job on error. */
static inline void task_spawn(struct task *self, struct child *child)
{
	self->lab->executor->spawn(self, child);
}

/* Wait until a child has ended; what it answered is in child->result. */
static inline void task_join(struct task *self, struct child *child)
{
	self->lab->executor->join(self, child);
}

/* The lab has one lock, which all its tasks share. */
static inline void task_lock(struct task *self)
{
	self->lab->executor->lock(self);
}

static inline void task_unlock(struct task *self)
{
	self->lab->executor->unlock(self);
}

/*
 * Descriptors: under the coroutine model they must not block. Each waits
 * where it has to, in the kernel or in the loop.
 */

/* At least one byte and at most n: how many; 0 at the end; -errno. */
static inline ssize_t task_read(struct task *self, int fd, void *bytes, size_t n)
{
	return self->lab->executor->read(self, fd, bytes, n);
}

/* All n bytes: n, or -errno. */
static inline ssize_t task_write(struct task *self, int fd, const void *bytes, size_t n)
{
	return self->lab->executor->write(self, fd, bytes, n);
}

/* A connection made to a listening socket; one task at a time. A descriptor or -errno. */
static inline int task_accept(struct task *self, int fd)
{
	return self->lab->executor->accept(self, fd);
}

static inline void task_close(struct task *self, int fd)
{
	self->lab->executor->close(self, fd);
}

/* Print one line on stderr if the run asks for it: whole, whoever else prints. */
void task_log(const struct task *self, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
