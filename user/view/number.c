// SPDX-License-Identifier: GPL-2.0-only
/* number.c - three significant digits and no more. */
#include "view/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "event/counts.h"

/* Three digits of a number that is below 999.5. */
static void three(char *out, double value, const char *unit)
{
	int n_digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

	snprintf(out, NUMBER_SIZE, "%.*f%s", n_digits, value, unit);
}

/* Divide by `step` until three digits will do, and name the unit that this leads to. */
static char *scaled(char *out, double value, double step, const char *const *units,
		    unsigned n_units)
{
	unsigned unit = 0;

	while (value >= 999.5 && unit + 1 < n_units) {
		value /= step;
		unit++;
	}
	if (value >= 999.5)
		snprintf(out, NUMBER_SIZE, "%.3g%s", value, units[unit]);
	else
		three(out, value, units[unit]);
	return out;
}

static const char *const powers[] = { "", "k", "M", "G", "T", "P", "E" };
#define N_POWERS (sizeof(powers) / sizeof(*powers))

static char *unknown(char *out)
{
	snprintf(out, NUMBER_SIZE, "-");
	return out;
}

char *number_count(char *out, uint64_t count)
{
	if (count == COUNT_UNKNOWN)
		return unknown(out);
	if (count >= 1000)
		return scaled(out, (double)count, 1000, powers, N_POWERS);
	snprintf(out, NUMBER_SIZE, "%u", (unsigned)count);
	return out;
}

char *number_rate(char *out, double rate)
{
	if (!isfinite(rate) || rate < 0)
		return unknown(out);
	if (rate >= 999.5)
		return scaled(out, rate, 1000, powers, N_POWERS);
	snprintf(out, NUMBER_SIZE, "%.*f", rate >= 0.05 && rate < 9.95 ? 1 : 0, rate);
	return out;
}

char *number_ratio(char *out, double ratio)
{
	if (!isfinite(ratio) || ratio < 0)
		return unknown(out);
	if (ratio >= 999.5)
		return scaled(out, ratio, 1000, powers, N_POWERS);
	if (ratio >= 0.0005 && ratio < 0.0995) {
		snprintf(out, NUMBER_SIZE, "%.3f", ratio);
		return out;
	}
	three(out, ratio, "");
	return out;
}

char *number_time(char *out, double ns)
{
	static const char *const units[] = { " ns", " us", " ms", " s" };

	if (!isfinite(ns) || ns < 0 || ns >= (double)UINT64_MAX)
		return unknown(out);
	if (ns >= 999.5 * NS_PER_S) {
		snprintf(out, NUMBER_SIZE, "%.0f s", ns / NS_PER_S);
		return out;
	}
	if (ns < 99.5 && ns == (double)(uint64_t)ns) {
		snprintf(out, NUMBER_SIZE, "%.0f ns", ns);
		return out;
	}
	return scaled(out, ns, 1000, units, 4);
}

char *number_bytes(char *out, uint64_t bytes)
{
	static const char *const units[] = { " B", " KB", " MB", " GB", " TB", " PB", " EB" };

	if (bytes == COUNT_UNKNOWN)
		return unknown(out);
	if (bytes >= 1000)
		return scaled(out, (double)bytes, 1024, units, 7);
	snprintf(out, NUMBER_SIZE, "%u B", (unsigned)bytes);
	return out;
}

char *number_percent(char *out, double share)
{
	double percent = share * 100;

	if (!isfinite(share) || share < 0)
		return unknown(out);
	snprintf(out, NUMBER_SIZE, "%.*f%%", percent >= 0.05 && percent < 9.95 ? 1 : 0, percent);
	return out;
}

char *number_clock(char *out, uint64_t ns)
{
	uint64_t seconds = ns / NS_PER_S;

	if (seconds >= 3600)
		snprintf(out, NUMBER_SIZE, "%u:%02u:%02u", (unsigned)(seconds / 3600),
			 (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
	else
		snprintf(out, NUMBER_SIZE, "%02u:%02u", (unsigned)(seconds / 60),
			 (unsigned)(seconds % 60));
	return out;
}
