#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# churn.sh - tasks come and go as fast as the machine makes them, for TIME (4) seconds: each is counted, each
# slot is used again, and neither swtch nor its keeper grows, nor the maps.
. "$(dirname "$0")/../left.bash"
alone "$@"
. "$tests/script.bash"
begin_left
time=${TIME:-4}
RSS_GROWTH=8192 # KB from the middle of the run on: by then each pid was seen

# Resident KB, descriptors, threads and bytes of BPF maps of a process.
figures() {
	echo "$(awk '/^VmRSS/ { print $2 }' "/proc/$1/status") $(ls "/proc/$1/fd" | wc -l)" \
		"$(awk '/^Threads/ { print $2 }' "/proc/$1/status")" \
		"$(cat "/proc/$1/fdinfo"/* 2>/dev/null | awk '/^memlock/ { n += $2 } END { print n + 0 }')"
}

# To samples, a line for each look: swtch's figures and the keeper's.
sample() {
	local one keeper

	wait_for 20 attached "$1" || return 1
	keeper=$(pgrep -P "$1")
	: >samples
	while one="$(figures "$1") $(figures "$keeper")" && [ "$(wc -w <<<"$one")" = 8 ]; do
		echo "$one" >>samples
		sleep 0.2 # between looks
	done 2>/dev/null
}

# From the middle of the run to its last full look.
steady() {
	awk -v most=$RSS_GROWTH '{ line[NR] = $0 }
		END {
			split(line[int((NR + 1) / 2)], a); split(line[NR - 1], b)
			print "# swtch: " a[1] " to " b[1] " KB, " b[2] " descriptors, " b[3] " threads; keeper: " \
				a[5] " to " b[5] " KB, " b[6] " descriptors, " b[8] / 2 ^ 20 " MB of maps"
			exit NR < 6 || b[1] - a[1] > most || b[5] - a[5] > most / 4 || b[2] > a[2] || b[3] != a[3] ||
				b[6] > a[6] || b[7] != a[7] || b[8] > a[8]
		}' samples
}

churn() { # verb, model, tasks
	"$swtch" "$1" --job spawn --model "$2" --tasks "$3" --time "$time" -o out --force $4 2>err </dev/null &
	sample $!
	wait $!
	result "$1 of job spawn, model $2" $?
	steady
	result "nothing grew" $?
	[ "$1" = stat ] || run stat -i out --json >table 2>/dev/null
	[ "$1" != stat ] || cp out table
	jq -r '.lanes[0] | "# \(.exited) tasks, \(.exited / .wall_ns * 1e9 | floor) a second; \(.audit)"' table
	jq -e '.lanes[0] | .audit.tasks == .exited and .audit.exact == .exited and .audit.untracked == 0 and
		.created.threads + .created.processes == .exited - 1 and .switches.missed == 0' table >/dev/null
	result "each was counted, exactly" $?
	nothing_left
	result "nothing is left of it" $?
}

churn stat thread 2 --json
jq -e --argjson most "$(cat /proc/sys/kernel/pid_max)" '.lanes[0].exited > $most' table >/dev/null ||
	echo "skip - each slot was used again (fewer tasks than slots in $time s: TIME=)"
churn record thread 2 -q
churn stat process 2 --json
exit $failed
