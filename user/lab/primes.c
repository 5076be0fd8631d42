// SPDX-License-Identifier: GPL-2.0-only
/* primes.c - trial division, which takes its time. */
#include "lab/primes.h"

#include <stdbool.h>

static bool is_prime(uint32_t n)
{
	if (n < 4)
		return n > 1;
	if (n % 2 == 0)
		return false;
	for (uint32_t d = 3; d <= n / d; d += 2)
		if (n % d == 0)
			return false;
	return true;
}

uint32_t primes_count(uint32_t first, uint32_t n)
{
	uint32_t count = 0;

	for (uint32_t i = first; i < first + n; i++)
		count += is_prime(i);
	return count;
}
