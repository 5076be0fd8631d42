/* SPDX-License-Identifier: GPL-2.0-only */
/* futex.h - the two futex calls of the lab, shared between processes. Any thread may call. */
#ifndef SWTCH_LAB_FUTEX_H
#define SWTCH_LAB_FUTEX_H

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Sleep while *word is value; until NULL, or an instant of CLOCK_MONOTONIC. May wake early. */
static inline void futex_wait(_Atomic uint32_t *word, uint32_t value, const struct timespec *until)
{
	syscall(SYS_futex, word, FUTEX_WAIT_BITSET, value, until, NULL, FUTEX_BITSET_MATCH_ANY);
}

/* Wake all who sleep on word. */
static inline void futex_wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

#endif
