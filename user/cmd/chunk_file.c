// SPDX-License-Identifier: GPL-2.0-only
/* chunk_file.c - a queue of copies, and a thread that write(2)s each to its end. */
#include "cmd/chunk_file.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/write_all.h"
#include "base/interrupt.h"

#define LOOK_NS (20 * NS_PER_MS) /* between two looks for a signal, while we wait for the disk */

struct part {
	struct part *next;
	size_t n;
	uint64_t n_events;
	uint8_t bytes[];
};

struct chunk_writer {
	pthread_t thread;
	pthread_mutex_t mutex; /* for all that follows but fd and can_cut */
	pthread_cond_t
		news; /* there is more to write, or no more will come; or the thread is through */
	int fd;
	bool can_cut; /* a plain file that begins with what we wrote */
	struct part *first, *last;
	size_t n_waiting;   /* bytes of chunks, that which is being written among them */
	uint64_t n_written; /* bytes of whole chunks */
	uint64_t n_lost;    /* events of the others */
	bool takes_all, ends;
	bool is_through; /* the thread touches this no more, */
	bool is_left;	 /* or frees it, as nobody waits for it */
	int err;
};

/* --- the thread ---------------------------------------------------------------------------------- */

/* The next chunk, which stays the first of the queue; NULL: no more will come. */
static struct part *wait_for_part(struct chunk_writer *writer)
{
	struct part *part;

	pthread_mutex_lock(&writer->mutex);
	while (!writer->first && !writer->ends)
		pthread_cond_wait(&writer->news, &writer->mutex);
	part = writer->first;
	pthread_mutex_unlock(&writer->mutex);
	return part;
}

/* The first of the queue is written, or nobody will: `err`. */
static void drop_part(struct chunk_writer *writer, int err)
{
	struct part *part;

	pthread_mutex_lock(&writer->mutex);
	part = writer->first;
	writer->first = part->next;
	if (!writer->first)
		writer->last = NULL;
	writer->n_waiting -= part->n;
	if (!err)
		writer->n_written += part->n;
	else
		writer->n_lost += part->n_events;
	if (!writer->err)
		writer->err = err;
	pthread_mutex_unlock(&writer->mutex);
	free(part);
}

static void free_writer(struct chunk_writer *writer)
{
	pthread_cond_destroy(&writer->news);
	pthread_mutex_destroy(&writer->mutex);
	free(writer);
}

static void *write_parts(void *ctx)
{
	struct chunk_writer *writer = ctx;
	const struct part *part;
	bool is_left;
	int err = 0;

	while ((part = wait_for_part(writer))) {
		if (!err) {
			err = write_all(writer->fd, part->bytes, part->n, -1);
			if (err && writer->can_cut)
				(void)!ftruncate(writer->fd, (off_t)writer->n_written);
		}
		drop_part(writer, err);
	}
	pthread_mutex_lock(&writer->mutex);
	writer->is_through = true;
	pthread_cond_broadcast(&writer->news);
	is_left = writer->is_left;
	pthread_mutex_unlock(&writer->mutex);
	if (is_left)
		free_writer(writer);
	return NULL;
}

/* --- who hands over -------------------------------------------------------------------------------- */

/* Signals are for who can end in order. */
static int start_thread(struct chunk_writer *writer)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&writer->thread, NULL, write_parts, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

static int start(struct chunk_file *file)
{
	struct chunk_writer *writer = calloc(1, sizeof(*writer));
	pthread_condattr_t clock;
	struct stat stat;
	int err;

	if (!writer)
		return -ENOMEM;
	writer->fd = fileno(file->output.file);
	writer->can_cut = file->output.path && !fstat(writer->fd, &stat) && S_ISREG(stat.st_mode);
	pthread_mutex_init(&writer->mutex, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&writer->news, &clock);
	pthread_condattr_destroy(&clock);
	err = start_thread(writer);
	if (err)
		free_writer(writer);
	else
		file->writer = writer;
	return err;
}

int chunk_file_open(struct chunk_file *file, const char *path, bool force, struct error *error)
{
	char shown[SHOWN_PATH];
	int err;

	*file = (struct chunk_file){ 0 };
	err = output_open(&file->output, path, force, 0600, error);
	if (err)
		return err;
	err = start(file);
	if (!err)
		return 0;
	output_close(&file->output, err, error); /* it takes away what it made */
	escape_name(shown, sizeof(shown), path);
	return error_set(error, -err, "cannot start the thread that writes %s: %s%s", shown,
			 strerror(-err), error_of_clone(-err));
}

static int make_part(const struct chunk *chunk, struct part **part)
{
	*part = malloc(sizeof(**part) + chunk->n);
	if (!*part)
		return -ENOMEM;
	(*part)->next = NULL;
	(*part)->n = chunk->n;
	(*part)->n_events = chunk->n_events;
	memcpy((*part)->bytes, chunk->bytes, chunk->n);
	return 0;
}

int chunk_file_write(const struct chunk *chunk, void *ctx)
{
	struct chunk_file *file = ctx;
	struct chunk_writer *writer = file->writer;
	struct part *part = NULL;
	int err;

	pthread_mutex_lock(&writer->mutex);
	err = writer->err;
	if (!err && !writer->takes_all && writer->n_waiting + chunk->n > CHUNK_FILE_BYTES_MOST)
		err = -ENOBUFS;
	if (!err)
		err = make_part(chunk, &part);
	if (!err) {
		if (writer->last)
			writer->last->next = part;
		else
			writer->first = part;
		writer->last = part;
		writer->n_waiting += part->n;
		pthread_cond_signal(&writer->news);
	}
	pthread_mutex_unlock(&writer->mutex);
	return err;
}

void chunk_file_take_all(struct chunk_file *file)
{
	pthread_mutex_lock(&file->writer->mutex);
	file->writer->takes_all = true;
	pthread_mutex_unlock(&file->writer->mutex);
}

int chunk_file_err(const struct chunk_file *file)
{
	int err;

	pthread_mutex_lock(&file->writer->mutex);
	err = file->writer->err;
	pthread_mutex_unlock(&file->writer->mutex);
	return err;
}

uint64_t chunk_file_n_lost(const struct chunk_file *file)
{
	uint64_t n;

	if (!file->writer)
		return file->n_lost;
	pthread_mutex_lock(&file->writer->mutex);
	n = file->writer->n_lost;
	pthread_mutex_unlock(&file->writer->mutex);
	return n;
}

bool chunk_file_is_idle(const struct chunk_file *file)
{
	bool is_idle;

	pthread_mutex_lock(&file->writer->mutex);
	is_idle = !file->writer->first;
	pthread_mutex_unlock(&file->writer->mutex);
	return is_idle;
}

/* --- the end ----------------------------------------------------------------------------------------- */

static void wait_a_little(struct chunk_writer *writer)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_NS;
	until.tv_sec += until.tv_nsec / (long)NS_PER_S;
	until.tv_nsec %= (long)NS_PER_S;
	pthread_cond_timedwait(&writer->news, &writer->mutex, &until);
}

/*
 * Wait for the thread. False: a signal came, and the disk had not taken all. Then the thread, which may
 * stay in write(2) for ever, is left alone with what it needs.
 */
static bool wait_for_end(struct chunk_writer *writer)
{
	unsigned n_signals = interrupt_count();
	pthread_t thread = writer->thread;
	bool is_through;

	pthread_mutex_lock(&writer->mutex);
	writer->ends = true;
	pthread_cond_broadcast(&writer->news);
	while (!writer->is_through && interrupt_count() == n_signals)
		wait_a_little(writer);
	is_through = writer->is_through;
	writer->is_left = !is_through;
	pthread_mutex_unlock(&writer->mutex);
	if (is_through)
		pthread_join(thread, NULL);
	else
		pthread_detach(thread);
	return is_through;
}

static int tell_left(struct chunk_file *file, struct error *error)
{
	char shown[SHOWN_PATH];

	escape_name(shown, sizeof(shown),
		    file->output.path ? file->output.path : "standard output");
	return error_set(error, EINTR, "ended before all was written to %s", shown);
}

/* All is written, or failed: 0 or -errno. -EINTR: a signal came before, and the thread is left alone. */
static int join(struct chunk_file *file, struct error *error)
{
	struct chunk_writer *writer = file->writer;
	int err;

	file->writer = NULL;
	if (!wait_for_end(writer)) {
		err = tell_left(file, error);
		file->output.file = NULL; /* it goes on writing there */
		return err;
	}
	err = writer->err;
	file->n_bytes = writer->n_written;
	file->n_lost = writer->n_lost;
	free_writer(writer);
	return err;
}

int chunk_file_close(struct chunk_file *file, struct error *error)
{
	int err;

	if (!file->writer)
		return 0;
	err = join(file, error);
	if (!file->n_bytes)
		return output_close(&file->output, err ? err : -ENODATA, error);
	return output_keep(&file->output, err, error);
}

void chunk_file_drop(struct chunk_file *file)
{
	struct error error;

	if (!file->writer)
		return;
	join(file, &error);
	output_close(&file->output, -ECANCELED, NULL);
}
