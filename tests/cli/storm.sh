#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# storm.sh - threads that end with their first instruction, as fast as the CPUs make them, for STORM (3)
# seconds: none is missed, and what watches them does not grow.
. "$(dirname "$0")/../left.bash"
alone "$@"
. "$tests/script.bash"
storm=${swtch%/*}/tests/fault/storm
begin_left
keeper=
RSS_GROWTH=8192 # KB from the first look on

"$swtch" stat --json -o table -- "$storm" $((${STORM:-3} * ${SWTCH_TEST_SLOWNESS:-1})) >made 2>err </dev/null &
wait_for 20 attached $! && keeper=$(keeper_of $!)
first="$(figures $!) $(figures "$keeper")"
[ "$(wc -w <<<"$first")" = 8 ]
result "it is looked at while it runs" $?
last=$first
while looked="$(figures $!) $(figures "$keeper")" && [ "$(wc -w <<<"$looked")" = 8 ]; do
	last=$looked
	sleep 0.2 # between looks
done 2>/dev/null
wait $!
result "it ends well" $?
read -r n_threads n_processes <made
jq -r '.lanes[0] | "# \(.exited) tasks, \(.exited / .wall_ns * 1e9 | floor) a second; \(.audit)"' table
jq -e --argjson threads "$n_threads" --argjson processes "$n_processes" '.lanes[0] |
	.created.threads == $threads and .created.processes == $processes and .switches.missed == 0 and
	.exited == $threads + $processes + 1 and .audit == { tasks: .exited, exact: .exited, untracked: 0 }' table >/dev/null
result "each was counted, exactly" $?
echo "# swtch and keeper, KB, descriptors, threads, KB of maps: $first; $last"
steady $RSS_GROWTH "$first" "$last"
result "nothing grew" $?
nothing_left
result "nothing is left of it" $?
exit $failed
