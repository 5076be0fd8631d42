#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# limits.sh - a cgroup's limits on tasks and on memory are met, by swtch or by its lab: one line says what
# failed and why, and nothing is left.
. "$(dirname "$0")/../left.bash"
alone "$@"
. "$tests/script.bash"
. "$tests/group.bash"
group_new "swtch-limits-$$"
trap 'group_free; rm -rf "$here"' EXIT
begin_left

# limited WHICH NUMBER ARGS...: swtch in a group of its own with that limit; its exit status.
limited() {
	local which=$1 number=$2
	shift 2
	group_free
	group_new "swtch-limits-$$"
	group_limit "$which" "$number"
	rm -f r.pftrace
	group_run "$swtch" "$@" >out 2>err </dev/null
}

# tells STATUS WORDS: it was well, or ended so and said why in one line, a recording's own words apart.
tells() {
	[ "$1" != 0 ] || return 0
	[ "$1" = 1 ] && [ "$(grep -vc '^swtch: recorded ' err)" = 1 ] && grep -qE "^swtch: .*($2)" err
}

one=(stat --job pingpong --model process --work 100)
record=(record -o r.pftrace --job pingpong --model thread --work 100)
n_failed=0
for n in 1 2 3 4 5 6; do
	for verb in one record; do
		declare -n words=$verb
		limited pids $n "${words[@]}"
		status=$?
		n_failed=$((n_failed + status))
		tells $status "pids.max"
		result "${words[0]} with pids.max $n: status $status, and it is told" $?
		nothing_left
		result "nothing is left of it" $?
	done
done
[ $n_failed -gt 4 ] && [ $n_failed -lt 12 ]
result "some of these were too low, some were not" $?

# The kernel may end swtch itself: then nobody is there to say so.
for megabytes in 8 16 32; do
	limited memory ${megabytes}M "${one[@]}"
	status=$?
	[ $status = 137 ] || tells $status "memory"
	result "stat with $megabytes MB: status $status, and it is told" $?
	nothing_left
	result "nothing is left of it" $?
done

# The lab alone is too large: foreseen, or found out by the kernel, which then ends the lab and not swtch.
for large in "--model process --tasks 3000;memory.max is 128 MB" "--model process --tasks 1700;signal 9 .*memory" \
	"--model coroutine --tasks 32000;signal 9 .*memory"; do
	limited memory 128M stat --job idle --time 5 ${large%;*}
	status=$?
	[ $status = 1 ] && tells $status "${large#*;}"
	result "job idle ${large%;*} with 128 MB is told" $?
	nothing_left
	result "nothing is left of it" $?
done
exit $failed
