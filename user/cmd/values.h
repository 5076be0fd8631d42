/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * values.h - the values of options: each reader takes the whole text or says what it takes.
 *
 * `option` is how the user knows the option, "--tasks". All return 0, or -EINVAL with `error` set;
 * only then is the result not written. No state; any thread may call.
 */
#ifndef SWTCH_VALUES_H
#define SWTCH_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A whole number from `least` to `most`. */
int value_number(const char *option, const char *value, uint64_t least, uint64_t most,
		 uint64_t *number, struct error *error);

/* Bytes: a whole number, with K, M or G (binary) if wanted. */
int value_bytes(const char *option, const char *value, uint64_t least, uint64_t most,
		uint64_t *bytes, struct error *error);

/* A time: 5, 5s, 0.5s, 500ms, 250us, 2m, 1h; a bare number is seconds. */
int value_time(const char *option, const char *value, uint64_t least_ns, uint64_t most_ns,
	       uint64_t *ns, struct error *error);

/* Units a second, or "max", which is 0. */
int value_rate(const char *option, const char *value, uint64_t most, uint64_t *hz,
	       struct error *error);

/*
 * A list of CPUs, "0-3,7", below n_cpus: bit n of `words` for CPU n. No CPU twice, no empty item.
 */
int value_cpus(const char *option, const char *value, unsigned n_cpus, uint64_t *words,
	       size_t n_words, struct error *error);

/* A set of models, "process,thread": bit 1 << MODEL_*. None twice, no empty item. */
int value_models(const char *option, const char *value, unsigned *models, struct error *error);

/*
 * The word of `words` (ends with NULL) that is nearest to what was typed, or NULL if none is near
 * enough to have been meant.
 */
const char *value_nearest(const char *typed, const char *const *words);

/* A value as it can be shown in an error: escaped, cut. `shown` has VALUE_SHOWN bytes. */
#define VALUE_SHOWN 96
const char *value_shown(char shown[VALUE_SHOWN], const char *value);

#endif
