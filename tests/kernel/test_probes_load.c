// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_probes_load.c - the verifier takes every program, whichever way the hooks go and however much it
 * is asked to say, and neither it nor libbpf warns of anything.
 */
#include <bpf/libbpf.h>

#include "keeper/verdicts.h"
#include "rig.h"

#define N_VERIFIED_MAX 100000 /* a tenth of what the kernel takes: BPF_COMPLEXITY_LIMIT_INSNS */
#define TAINT_WARN                                                                                 \
	(1u << 9) /* the kernel itself warned: Documentation/admin-guide/tainted-kernels.rst */

static unsigned n_warnings;

static int note_warnings(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level != LIBBPF_WARN)
		return 0;
	n_warnings++;
	return vfprintf(stderr, format, args);
}

static unsigned read_taint(void)
{
	FILE *file = fopen("/proc/sys/kernel/tainted", "re");
	unsigned taint = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%u", &taint), 1);
	fclose(file);
	return taint & TAINT_WARN;
}

struct seen {
	unsigned level, n_programs, n_maps;
	bool has_switch;
};

static void check_program(void *ctx, const struct verdict *verdict)
{
	static const char *const complaints[] = { "WARN", "BUG", "bug", "invalid", "not allowed" };
	struct seen *seen = ctx;

	seen->n_programs++;
	seen->has_switch |= !strcmp(verdict->program, "on_switch");
	for (unsigned i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		if (strstr(verdict->log, complaints[i]))
			fail_msg("%s, level %u: the verifier's log has \"%s\"", verdict->program,
				 seen->level, complaints[i]);
	assert_in_range(verdict->n_verified, 1, N_VERIFIED_MAX);
	assert_in_range(verdict->n_instructions, 1, 4096);
	assert_in_range(verdict->stack_bytes, 0, 512);
	if (seen->level == VERIFIER_STATS)
		assert_non_null(strstr(verdict->log, "stack depth "));
	if (seen->level == VERIFIER_STATES)
		assert_true(strlen(verdict->log) > verdict->n_verified);
}

static void check_map(void *ctx, const struct map_figures *figures)
{
	struct seen *seen = ctx;

	seen->n_maps++;
	assert_true(figures->n_elements > 0);
}

/*
 * Loaded and attached, as if nobody asked. All states are some 60 MB of text, over which 5.10 is minutes on
 * an emulated CPU: once for each of the rings, of which an old kernel has but the plain one.
 */
static void check_way(struct probes_wish wish, const unsigned *levels)
{
	static bool had_states[2];
	bool is_plain = wish.plain_ring;

	for (unsigned i = 0; levels[i]; i++) {
		struct seen seen = { .level = levels[i] };
		struct probes_facts facts;
		struct error error = { 0 };
		struct probes *probes;

		if (levels[i] == VERIFIER_STATES && had_states[is_plain])
			continue;
		wish.verifier_level = levels[i];
		n_warnings = 0;
		probes = probes_open(&wish, &facts, &error);
		if (!probes && !must_have_bpf())
			skip();
		if (!probes)
			fail_msg("level %u: %s", levels[i], error.text);
		assert_int_equal(n_warnings, 0);
		is_plain = facts.plain_bytes;
		had_states[is_plain] |= levels[i] == VERIFIER_STATES;
		verdicts_each(probes_object(probes), check_program, &seen);
		verdicts_each_map(probes_object(probes), check_map, &seen);
		assert_true(seen.has_switch && seen.n_programs >= 8 && seen.n_maps >= 12);
		probes_free(probes);
	}
}

static const unsigned all_levels[] = { VERIFIER_PATHS, VERIFIER_STATES, VERIFIER_STATS, 0 };

static void check_quietly(struct probes_wish wish, const unsigned *levels)
{
	unsigned before = read_taint();

	probes_talk(); /* what libbpf says comes to us */
	libbpf_set_print(note_warnings);
	check_way(wish, levels);
	assert_int_equal(read_taint(), before);
}

static void test_mapped_way_loads_at_every_level_without_warning(void **state)
{
	(void)state;
	check_quietly((struct probes_wish){ .asyncio = true, .send = true, .ended = true },
		      all_levels);
}

static void test_plain_clock_loads_without_warning(void **state)
{
	const unsigned levels[] = { VERIFIER_PATHS, VERIFIER_STATS, 0 };

	(void)state;
	check_quietly((struct probes_wish){ .plain_clock = true }, levels);
}

static void test_plain_ring_loads_at_every_level_without_warning(void **state)
{
	(void)state;
	check_quietly(
		(struct probes_wish){ .plain_clock = true, .plain_ring = true, .ended = true },
		all_levels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mapped_way_loads_at_every_level_without_warning),
		cmocka_unit_test(test_plain_clock_loads_without_warning),
		cmocka_unit_test(test_plain_ring_loads_at_every_level_without_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
