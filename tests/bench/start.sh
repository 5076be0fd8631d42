#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# start.sh - from the start of a tool to its probes attached: a command that it holds until then tells the
# time.
set -u
# shellcheck source=tests/bench/peers.bash
. "$(dirname "$0")/peers.bash"

tell() { # tool, what it is called
	local why begin

	why=$(lacks "$1")
	if [ -n "$why" ]; then
		echo "start_$2 - $why"
		return
	fi
	begin=$EPOCHREALTIME
	if around "$1" "$pair" now; then
		awk -v name="start_$2" -v begin="$begin" \
			'/^pair now/ { printf "%s %.1f ms\n", name, ($3 - begin) * 1000 }' said
	else
		failed "start_$2" "$1"
	fi
}

tell counting stat
tell events record
tell bpftrace stat_bpftrace
tell perf_record record_perf
