#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh - tests with the programs of a sanitized build; what the sanitizers said is one result more.
#
#   tests/checked/run.sh BUILD TEST...
set -u
build=$1
shift
reports=$build/reports

# The reports are written by whoever a process has become: tasks of the lab are nobody.
rm -rf "$reports"
mkdir -p "$reports" && chmod 1777 "$reports" || exit 1

export SWTCH=$build/swtch SWTCH_TEST_SLOWNESS=${SWTCH_TEST_SLOWNESS:-4} SWTCH_TEST_TIMEOUT=${SWTCH_TEST_TIMEOUT:-900}
tests/run "$@"
status=$?

for report in "$reports"/*; do
	[ -e "$report" ] || continue
	echo "${report##*/}:"
	head -n 60 "$report" | cat -v | sed 's/^/      | /'
	status=1
done
exit $status
