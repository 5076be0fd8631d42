#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# watch.sh - what each tool adds to a switch, for a pair on one CPU that yields and for one that passes a
# byte through pipes: while it is watched, less the mean of before and after.
set -u
# shellcheck source=tests/bench/peers.bash
. "$(dirname "$0")/peers.bash"
load=("$pair" yield:250 pipe:250)

# Nanoseconds a switch that the load told of.
told() { # kind, file
	awk -v kind="$1" '$1 == "pair" && $2 == kind { print $4 / $3; exit }' "$2"
}

untraced() { # file
	"${load[@]}" >"$1"
}

tell() { # tool, what it is called
	local why="" n saw

	why=$(lacks "$1")
	if [ -z "$why" ]; then
		if ! around "$1" "${load[@]}"; then
			for kind in yield pipe; do
				failed "watch_${kind}_$2" "$1"
			done
			return
		fi
		untraced after
		n=$(awk '$1 == "pair" { n += $3 } END { print n + 0 }' said)
		saw=$(seen "$1")
		# With less than half it was not attached, or gave up; cpudist passes over those that wait.
		[ $((saw * 2)) -ge "$n" ] || why="it saw ${saw:-none} of $n switches"
	fi
	for kind in yield pipe; do
		if [ -n "$why" ]; then
			printf 'watch_%s_%s - %s\n' $kind "$2" "$why"
			continue
		fi
		awk -v name="watch_${kind}_$2" -v ns="$(told $kind said)" \
			-v before="$(told $kind before)" -v after="$(told $kind after)" \
			'BEGIN { printf "%s %.1f ns\n", name, ns - (before + after) / 2 }'
	done
	[ -n "$why" ] || mv after before
}

untraced before
printf 'watch_%s_untraced %.1f ns\n' yield "$(told yield before)" pipe "$(told pipe before)"
tell counting counting
tell bpftrace counting_bpftrace
tell runqlat counting_runqlat
tell cpudist counting_cpudist
tell events events
tell trace_cmd events_trace_cmd
tell perf_record events_perf_record
tell perf_sched events_perf_sched
