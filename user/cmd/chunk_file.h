/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * chunk_file.h - chunks of a recording, straight into a file: what is in it is whole at any moment.
 *
 * Owned by who opened it; one thread.
 */
#ifndef SWTCH_CHUNK_FILE_H
#define SWTCH_CHUNK_FILE_H

#include "base/output.h"
#include "sink/recording.h"

struct chunk_file {
	struct output output;
	uint64_t n_bytes; /* of whole chunks */
	int err;	  /* of the first write that failed, or 0; then nothing more is taken */
};

/* Open `path` as output_open() does, private to its owner. 0, or -errno with `error` set. */
int chunk_file_open(struct chunk_file *file, const char *path, bool force, struct error *error);

/* A chunk_fn; `ctx` is the chunk_file. A chunk that does not fit as a whole is taken back. */
int chunk_file_write(const struct chunk *chunk, void *ctx);

/*
 * Close it; what was written stays, but a file of ours to which nothing was is removed. 0, or -errno
 * with `error` set: of the first write that failed, or of closing. A zeroed one will do.
 */
int chunk_file_close(struct chunk_file *file, struct error *error);

#endif
