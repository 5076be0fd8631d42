/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * chunk_file.h - chunks of a recording into a file, by a thread of its own: a disk that stalls holds up
 * nobody who hands them over. What is in the file is whole at any moment.
 *
 * Owned by who opened it, and used by one thread. The other one does nothing but write, takes no signal,
 * and may do no more than who opened the file: privilege is dropped before.
 */
#ifndef SWTCH_CHUNK_FILE_H
#define SWTCH_CHUNK_FILE_H

#include "base/output.h"
#include "sink/recording.h"

/*
 * Bytes of chunks that wait for the disk, at most; what comes then is refused, and so located as lost.
 * A minute of 400,000 switches a second.
 */
#define CHUNK_FILE_BYTES_MOST (64u << 20)

struct chunk_writer;

struct chunk_file {
	struct output output;
	struct chunk_writer *writer; /* what both threads know; NULL: not open */
	uint64_t n_bytes;	     /* that were written, of whole chunks: once it is closed */
	uint64_t n_lost;	     /* events that were taken and not written: likewise */
};

/* Open `path` as output_open() does, private to its owner. 0, or -errno with `error` set. */
int chunk_file_open(struct chunk_file *file, const char *path, bool force, struct error *error);

/*
 * A chunk_fn that keeps a copy until it is written; `ctx` is the chunk_file. 0; -ENOBUFS: too much waits;
 * -ENOMEM; or the first error of a write before: then nothing more is taken, and a chunk that does not fit
 * as a whole is taken back.
 */
int chunk_file_write(const struct chunk *chunk, void *ctx);

/* Take what comes from now on, however much waits: the end of a recording, or what a ring holds. */
void chunk_file_take_all(struct chunk_file *file);

/* Of the first write that failed; 0: none did. */
int chunk_file_err(const struct chunk_file *file);

/* Events of chunks that were taken, and then could not be written as a whole. */
uint64_t chunk_file_n_lost(const struct chunk_file *file);

/* Nothing waits: closing it will not take long. */
bool chunk_file_is_idle(const struct chunk_file *file);

/*
 * Wait until all is written, or until another signal asks us to end (interrupt.h), and close it; what was
 * written stays, but a file of ours to which nothing was is removed. 0, or -errno with `error` set: of the
 * first write that failed, or of closing; -EINTR: not all is written. A zeroed one will do.
 */
int chunk_file_close(struct chunk_file *file, struct error *error);

/* Close it, and remove what we created: nothing was recorded. */
void chunk_file_drop(struct chunk_file *file);

#endif
