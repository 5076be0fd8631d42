/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sanitized.h - how much less is tried by a test that sanitizers make many times slower.
 *
 * A helper of tests/unit/test_*.c.
 */
#ifndef TESTS_SANITIZED_H
#define TESTS_SANITIZED_H

/* Of bits, seeds and the like only each n-th; of all without a sanitizer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EACH(n) (n)
#else
#define EACH(n) 1
#endif

#endif
