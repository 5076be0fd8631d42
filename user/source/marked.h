/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * marked.h - programs that mark their coroutines with include/swtch_marks.h: their marks as events.
 *
 * A program's area is mapped here until the program is gone. It is another's memory: sizes are fixed when
 * it is mapped, nothing read from it is an index or a length. Owned by a source; one thread.
 */
#ifndef SWTCH_MARKED_H
#define SWTCH_MARKED_H

#include <stdbool.h>
#include <sys/types.h>

#include "event.h"
#include "source/marks.h"

#define MARKED_N_STREAMS  256 /* rings that are in use, of all programs: see merge.h */
#define MARKED_N_PROGRAMS 256
#define MARKED_N_LOOKS                                                                             \
	256 /* for threads that one program's marks name, in one read: two calls each */

struct marked;

/* NULL with ENOMEM. */
struct marked *marked_new(void);

/* Whoever else watches the programs goes on; else their marks cost nothing from now on. */
void marked_free(struct marked *marked);

/*
 * A program of a lane, whose area is behind `fd`, which stays the caller's; from now on it is
 * watched. 0, -EEXIST when it is already, -EINVAL when it is no such area, or may change its size,
 * -ENOSPC, -ENOMEM, or what mmap() says.
 */
int marked_add(struct marked *marked, uint32_t lane, pid_t pid, int fd,
	       const struct mark_clock *clock);

/* The lane begins anew: what was in it is of no interest any more. */
void marked_clear(struct marked *marked, uint32_t lane);

/* To be called again and again, within MARKED_LEASE_NS: we are still there. Forgets who is gone. */
void marked_keep(struct marked *marked, const struct mark_clock *clock);
#define MARKED_LEASE_NS 3000000000ull

/*
 * Hand over every mark that is there and not yet read, as marks_read() does, each ring with a stream
 * of its own (below MARKED_N_STREAMS). An EVENT_COROUTINE_NAME comes before the first mark of a
 * coroutine that has one. Ids are made unique within the lane. A mark is of the thread that it says, if
 * that is the program's; else, and where a program names more than MARKED_N_LOOKS, of the program's first.
 * Returns how many were lost.
 */
uint64_t marked_read(struct marked *marked, struct mark_clock *clock, marks_fn fn, void *ctx);

/*
 * The id, within the lane, of a coroutine that a hook numbered: never one that a mark's coroutine has.
 * 0 without memory.
 */
uint32_t marked_hook_id(struct marked *marked, uint32_t lane, uint32_t id);

/* Nobody wants them: what is there is as read, and not lost. */
void marked_skip(struct marked *marked);

/* What the programs of a lane counted since they are watched. False when there were none. */
bool marked_counts(const struct marked *marked, uint32_t lane, uint64_t *switches,
		   uint64_t *created);

/* What programs could not write, and nobody read of: it is not counted either. */
uint64_t marked_untold(const struct marked *marked);

/* Bytes of marks that were read. */
uint64_t marked_bytes(const struct marked *marked);

#endif
