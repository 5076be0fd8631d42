#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# coverage.sh - run tests with the programs of a build that counts lines, and say which were run.
#
#   tests/checked/coverage.sh BUILD TEST...
#   tests/checked/coverage.sh BUILD                say again what was counted
#
# Fails below LEAST (85) per cent of the lines of user/, or when a test fails.
set -u
build=$1
shift
least=${LEAST:-85}
status=0

if [ $# != 0 ]; then
	# Counts are added up by whoever a process has become: tasks of the lab are nobody.
	find "$build" -name '*.gcda' -delete
	find "$build/user" -name '*.gcno' | while read -r notes; do
		: >"${notes%.gcno}.gcda" && chmod 666 "${notes%.gcno}.gcda"
	done
	export SWTCH=$build/swtch SWTCH_TEST_SLOWNESS=${SWTCH_TEST_SLOWNESS:-2} SWTCH_TEST_TIMEOUT=${SWTCH_TEST_TIMEOUT:-300}
	tests/run "$@" || status=1
fi

# gcov says `File 'user/x.c'`, then `Lines executed:12.34% of 56`; of headers each user's part: left out.
find "$build/user" -name '*.gcno' -print0 | sort -z | xargs -0 gcov -n 2>/dev/null |
	awk -v least="$least" '
	/^File / { file = substr($2, 2, length($2) - 2); next }
	/^Lines executed/ && file ~ /^user\/.*\.c$/ {
		split($0, part, /[:% ]+/) # Lines executed NN.NN of N
		n = part[5]; run = int(part[3] * n / 100 + 0.5)
		printf "F %6.1f %% of %4d lines, %3d not run  %s\n", part[3], n, n - run, file
		all += n; all_run += run
	}
	{ file = "" }
	END {
		rate = all ? 100 * all_run / all : 0
		printf "T %.1f %% of the %d lines of user/ were run, at least %s %% are wanted\n", rate, all, least
		exit rate < least
	}' >"$build/coverage.txt" || status=1
grep '^F' "$build/coverage.txt" | sort -k 2n | head -n 15 | cut -c 3-
grep '^T' "$build/coverage.txt" | cut -c 3-
exit $status
