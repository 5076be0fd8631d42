// SPDX-License-Identifier: GPL-2.0-only
/* values.c - numbers, times, lists: no locale, no sign, no rest that is ignored. */
#include "cmd/values.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "lab/job.h"

const char *value_shown(char shown[VALUE_SHOWN], const char *value)
{
	escape_name(shown, VALUE_SHOWN, value);
	return shown;
}

/* Digits from *at on, which moves behind them. -EINVAL without digits, -ERANGE when too many. */
static int read_digits(const char **at, uint64_t *number)
{
	bool too_many = false;

	if (!isdigit((unsigned char)**at))
		return -EINVAL;
	for (*number = 0; isdigit((unsigned char)**at); ++*at)
		too_many |= __builtin_mul_overflow(*number, 10u, number) ||
			    __builtin_add_overflow(*number, (uint64_t)(**at - '0'), number);
	return too_many ? -ERANGE : 0;
}

/* Why a text is no number that will do; the range is said in the units of `range`. */
static int refuse(const char *option, const char *value, int why, const char *what,
		  const char *range, struct error *error)
{
	char shown[VALUE_SHOWN];

	value_shown(shown, value);
	if (!*value)
		return error_set(error, EINVAL, "%s is empty; use %s", option, range);
	if (why == -ERANGE)
		return error_set(error, EINVAL, "%s %s is out of range; use %s", option, shown,
				 range);
	return error_set(error, EINVAL, "%s %s is not %s; use %s", option, shown, what, range);
}

/* -5 is a number, but none that will do; -x is none. */
static int judge(const char *value)
{
	return *value == '-' && isdigit((unsigned char)value[1]) ? -ERANGE : -EINVAL;
}

int value_number(const char *option, const char *value, uint64_t least, uint64_t most,
		 uint64_t *number, struct error *error)
{
	const char *at = value;
	uint64_t read = 0;
	char range[64];
	int err = read_digits(&at, &read);

	if (*at)
		err = judge(value);
	else if (!err && (read < least || read > most))
		err = -ERANGE;
	if (!err) {
		*number = read;
		return 0;
	}
	snprintf(range, sizeof(range), "%" PRIu64 " to %" PRIu64, least, most);
	return refuse(option, value, err, "a whole number", range, error);
}

/* A unit by name behind a number; the table ends with name NULL. */
struct unit {
	const char *name;
	uint64_t size;
};

static uint64_t find_unit(const struct unit *units, const char *name)
{
	for (; units->name; units++)
		if (!strcmp(units->name, name))
			return units->size;
	return 0;
}

/* "64K", "1.5s": digits, perhaps a point and digits, a unit. */
static int read_scaled(const char *value, const struct unit *units, bool fraction, uint64_t *result)
{
	const char *at = value;
	uint64_t whole, part = 0, part_of = 1;
	uint64_t unit;
	int err = read_digits(&at, &whole);

	if (err == -EINVAL && fraction && *at == '.') { /* .5 */
		whole = 0;
		err = 0;
	}
	if (err == -EINVAL)
		return judge(value);
	if (fraction && *at == '.') {
		at++;
		if (!isdigit((unsigned char)*at))
			return -EINVAL;
		for (; isdigit((unsigned char)*at); at++) {
			if (part_of >= NS_PER_S) /* finer than a nanosecond */
				continue;
			part = part * 10 + (uint64_t)(*at - '0');
			part_of *= 10;
		}
	}
	unit = find_unit(units, at);
	if (!unit)
		return -EINVAL;
	if (err || __builtin_mul_overflow(whole, unit, &whole) ||
	    __builtin_add_overflow(whole, (uint64_t)((double)unit * part / part_of + 0.5), result))
		return -ERANGE;
	return 0;
}

static void show_scaled(char *out, size_t size, uint64_t value, const struct unit *units)
{
	const struct unit *best = units; /* rows go from the largest to the smallest */

	while (best[1].name && (!*best->name || !value || value % best->size))
		best++;
	snprintf(out, size, "%" PRIu64 "%s", value / best->size, best->name);
}

static int scaled(const char *option, const char *value, const struct unit *units, bool fraction,
		  uint64_t least, uint64_t most, const char *what, uint64_t *result,
		  struct error *error)
{
	char range[96], from[32], to[32];
	uint64_t read = 0;
	int err = read_scaled(value, units, fraction, &read);

	if (!err && (read < least || read > most))
		err = -ERANGE;
	if (!err) {
		*result = read;
		return 0;
	}
	show_scaled(from, sizeof(from), least, units);
	show_scaled(to, sizeof(to), most, units);
	snprintf(range, sizeof(range), "%s to %s", from, to);
	return refuse(option, value, err, what, range, error);
}

int value_bytes(const char *option, const char *value, uint64_t least, uint64_t most,
		uint64_t *bytes, struct error *error)
{
	static const struct unit units[] = {
		{ "G", 1u << 30 }, { "M", 1u << 20 }, { "K", 1u << 10 }, { "", 1 }, { NULL, 0 }
	};

	return scaled(option, value, units, false, least, most, "a size like 65536 or 64K", bytes,
		      error);
}

int value_time(const char *option, const char *value, uint64_t least_ns, uint64_t most_ns,
	       uint64_t *ns, struct error *error)
{
	static const struct unit units[] = { { "h", 3600 * NS_PER_S },
					     { "m", 60 * NS_PER_S },
					     { "", NS_PER_S },
					     { "s", NS_PER_S },
					     { "ms", NS_PER_MS },
					     { "us", NS_PER_US },
					     { "ns", 1 },
					     { NULL, 0 } };

	return scaled(option, value, units, true, least_ns, most_ns,
		      "a time like 5, 5s, 500ms or 2m", ns, error);
}

int value_rate(const char *option, const char *value, uint64_t most, uint64_t *hz,
	       struct error *error)
{
	if (!strcmp(value, "max")) {
		*hz = 0;
		return 0;
	}
	if (value_number(option, value, 1, most, hz, NULL)) {
		char shown[VALUE_SHOWN];

		return error_set(error, EINVAL,
				 "%s %s is not a rate; use 1 to %" PRIu64 " units a second, or max",
				 option, *value ? value_shown(shown, value) : "\"\"", most);
	}
	return 0;
}

/* "3" or "0-3" from *at on, which moves behind it. */
static int read_range(const char **at, uint64_t *first, uint64_t *last)
{
	int err = read_digits(at, first);

	*last = *first;
	if (!err && **at == '-') {
		++*at;
		err = read_digits(at, last);
	}
	return err;
}

int value_cpus(const char *option, const char *value, unsigned n_cpus, uint64_t *words,
	       size_t n_words, struct error *error)
{
	char shown[VALUE_SHOWN];
	const char *at = value;
	uint64_t first = 0, last = 0;

	value_shown(shown, value);
	if (n_cpus > n_words * 64)
		n_cpus = (unsigned)n_words * 64;
	memset(words, 0, n_words * sizeof(*words));
	do {
		int err = read_range(&at, &first, &last);

		if (err == -EINVAL || (*at && *at != ',') || first > last)
			return error_set(error, EINVAL,
					 "%s %s is not a list of CPUs; use one like 0-3,7", option,
					 *shown ? shown : "\"\"");
		if (err || last >= n_cpus)
			return error_set(error, EINVAL,
					 "%s %s names a CPU that is not here; use 0 to %u", option,
					 shown, n_cpus - 1);
		for (uint64_t cpu = first; cpu <= last; cpu++) {
			if (words[cpu / 64] >> cpu % 64 & 1)
				return error_set(error, EINVAL,
						 "%s %s names CPU %" PRIu64
						 " twice; name each once",
						 option, shown, cpu);
			words[cpu / 64] |= 1ull << cpu % 64;
		}
	} while (*at++ == ',');
	return 0;
}

int value_models(const char *option, const char *value, unsigned *models, struct error *error)
{
	static const char use[] = "use process, thread, coroutine, or some of them with commas";
	char name[VALUE_SHOWN], shown[VALUE_SHOWN];
	unsigned found = 0;
	const char *at = value;

	do {
		size_t length = strcspn(at, ",");
		int model;

		snprintf(name, sizeof(name), "%.*s", (int)(length < 64 ? length : 64), at);
		model = model_find(name);
		if (!length)
			return error_set(error, EINVAL, "%s %s has an empty name in it; %s", option,
					 *value ? value_shown(shown, value) : "\"\"", use);
		if (model < 0)
			return error_set(error, EINVAL, "%s: no model is called %s; %s", option,
					 value_shown(shown, name), use);
		if (found >> model & 1)
			return error_set(error, EINVAL, "%s names %s twice; name each once", option,
					 name);
		found |= 1u << model;
		at += length;
	} while (*at++ == ',');
	*models = found;
	return 0;
}

/* Letters to change, add, leave out or swap with their neighbour to come from one to the other. */
static unsigned distance(const char *from, const char *to)
{
	unsigned rows[3][32];
	size_t n_from = strlen(from), n_to = strlen(to);

	if (n_from > 31 || n_to > 31)
		return 99;
	for (unsigned j = 0; j <= n_to; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= n_from; i++) {
		unsigned *row = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= n_to; j++) {
			unsigned best = last[j - 1] + (from[i - 1] != to[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && from[i - 1] == to[j - 2] &&
			    from[i - 2] == to[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[n_from % 3][n_to];
}

const char *value_nearest(const char *typed, const char *const *words)
{
	const char *nearest = NULL;
	unsigned least = 99;

	for (; *words; words++) {
		unsigned far = distance(typed, *words);
		/* A slip for each three letters, two at most. */
		bool near = far <= 2 && far * 3 <= strlen(*words) + 1 && far < least;

		if (near) {
			least = far;
			nearest = *words;
		}
	}
	return nearest;
}
