// SPDX-License-Identifier: GPL-2.0-only
/* chunk_file.c - write(2) to the end of each chunk, and nothing that waits in a buffer. */
#include "cmd/chunk_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

int chunk_file_open(struct chunk_file *file, const char *path, bool force, struct error *error)
{
	*file = (struct chunk_file){ 0 };
	return output_open(&file->output, path, force, 0600, error);
}

static int write_all(int fd, const void *bytes, size_t n)
{
	const char *at = bytes;

	while (n) {
		ssize_t written = write(fd, at, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written ? -errno : -EIO;
		at += written;
		n -= (size_t)written;
	}
	return 0;
}

/* Only a plain file that begins with what we wrote can be cut to it. */
static void take_back(const struct chunk_file *file, int fd)
{
	struct stat stat;

	if (!fstat(fd, &stat) && S_ISREG(stat.st_mode) && file->output.path)
		(void)!ftruncate(fd, (off_t)file->n_bytes);
}

int chunk_file_write(const struct chunk *chunk, void *ctx)
{
	struct chunk_file *file = ctx;
	int fd = fileno(file->output.file);

	if (file->err)
		return file->err;
	file->err = write_all(fd, chunk->bytes, chunk->n);
	if (file->err)
		take_back(file, fd);
	else
		file->n_bytes += chunk->n;
	return file->err;
}

int chunk_file_close(struct chunk_file *file, struct error *error)
{
	if (!file->n_bytes)
		return output_close(&file->output, file->err ? file->err : -ENODATA, error);
	return output_keep(&file->output, file->err, error);
}
