/* SPDX-License-Identifier: GPL-2.0-only */
/* primes.h - computing that nobody can leave out, for jobs whose tasks have to. Any thread. */
#ifndef SWTCH_LAB_PRIMES_H
#define SWTCH_LAB_PRIMES_H

#include <stdint.h>

/* How many of the n numbers from first on are prime, by trial division. */
uint32_t primes_count(uint32_t first, uint32_t n);

#endif
