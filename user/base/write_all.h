/* SPDX-License-Identifier: GPL-2.0-only */
/* write_all.h - write(2) until all is written. Any thread may call. */
#ifndef SWTCH_WRITE_ALL_H
#define SWTCH_WRITE_ALL_H

#include <stddef.h>

/*
 * All `n` bytes, also where a pipe is full and its other end made it non-blocking. A signal that interrupts
 * it, or one of interrupt_watch()'s, even if it came before, asks us to end: from then on each wait for room
 * takes `patience_ms` at the most, so that who reads may take what there is, and who takes nothing does not
 * hold us; -1: as long as it takes. 0 or -errno; -EINTR: there was no room in time. A terminal may hold us
 * longer: it promises room for less than it is given.
 */
int write_all(int fd, const void *bytes, size_t n, int patience_ms);

#endif
