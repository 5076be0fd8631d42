#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# churn.sh - tasks come and go as fast as the machine makes them, for CHURN (4) seconds at least: each is counted, each
# slot is used again, and neither swtch nor its keeper grows, nor the maps.
. "$(dirname "$0")/../left.bash"
alone "$@"
. "$tests/script.bash"
begin_left
time=${CHURN:-4}
MOST=600     # seconds, if nobody ends it
LOOKS=6      # at least
RSS_GROWTH=8192 # KB from the middle of the run on: by then each pid was seen

# To samples, a line for each look: swtch's figures and the keeper's, until both the time and the looks are had.
sample() {
	local one two keeper end

	: >samples
	wait_for 20 attached "$1" && keeper=$(keeper_of "$1") || return 1
	end=$((SECONDS + time))
	while [ $SECONDS -lt $end ] || [ "$(wc -l <samples)" -lt $LOOKS ]; do
		one=$(figures "$1") && two=$(figures "$keeper") || return 1 # it has ended by itself
		echo "$one $two" >>samples
		sleep 0.2 # between looks
	done
}

# From the middle of the run, when each pid was seen, to its last look.
nothing_grew() {
	local n middle last

	n=$(wc -l <samples)
	middle=$(sed -n "$(((n + 1) / 2))p" samples) last=$(tail -n 1 samples)
	echo "# swtch and keeper, KB, descriptors, threads, KB of maps: $middle; $last; $n looks"
	[ "$n" -ge $LOOKS ] && steady $RSS_GROWTH "$middle" "$last"
}

churn() { # verb, model, tasks, options, status when SIGTERM ended it
	"$swtch" "$1" --job spawn --model "$2" --tasks "$3" --time $MOST -o out --force $4 2>err </dev/null &
	sample $!
	result "$1 of job spawn, model $2, is looked at while it runs" $?
	kill -TERM $!
	wait $!
	[ $? = $5 ]
	result "it ends when it is told to" $?
	nothing_grew
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

churn stat thread 2 --json 143
jq -e --argjson most "$(cat /proc/sys/kernel/pid_max)" '.lanes[0].exited > $most' table >/dev/null ||
	echo "skip - each slot was used again (fewer tasks than slots in $time s: CHURN=)"
churn record thread 2 -q 0
churn stat process 2 --json 143
exit $failed
