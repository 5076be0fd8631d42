#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# record.sh - what recording takes of a CPU besides the hook: reading, packing, writing; and how fast a
# recording becomes text, each tool's own of the same load.
set -u
# shellcheck source=tests/bench/peers.bash
. "$(dirname "$0")/peers.bash"
TIMEFORMAT='%U %S'

# The tool's own CPU seconds, all its processes', around a pair that yields: and how many switches.
recorded() { # tool, milliseconds
	{ time around "$1" "$pair" "yield:$2"; } 2>used || return 1
	awk '$1 == "pair" { n = $3; load = $4 / 1e9 } FILENAME == "used" { print $1 + $2 - load, n }' said used
}

# What does not grow with the number of switches, as starting, cancels out.
tell_cpu() { # tool, what it is called
	local short long

	if short=$(recorded "$1" 100) && long=$(recorded "$1" 1500); then
		echo "$short $long" | awk -v name="$2" \
			'{ printf "%s %.1f ns/switch\n", name, ($3 - $1) / ($4 - $2) * 1e9 }'
	else
		failed "$2" "$1"
		return 1
	fi
}

# Events for each second of CPU time; a line is an event.
tell_export() { # what it is called, command...
	local n
	n=$("${@:2}" 2>/dev/null | wc -l)
	{ time "${@:2}" >/dev/null 2>&1; } 2>used
	awk -v name="$1" -v n="$n" '{ printf "%s %.0f events/s %d events\n", name, n / ($1 + $2), n }' used
}

tell() { # tool, what its CPU and its export are called, command of the export
	local why

	why=$(lacks "$1")
	if [ -z "$why" ] && tell_cpu "$1" "$2"; then
		tell_export "${@:3}"
	else
		[ -z "$why" ] || echo "$2 - $why"
		echo "$3 - ${why:-there is no recording of its own}"
	fi
}

tell events record_cpu export_jsonl "$swtch" export -q events.data -f jsonl -o -
tell trace_cmd record_cpu_trace_cmd export_trace_cmd trace-cmd report trace_cmd.data
tell perf_record record_cpu_perf export_perf perf script -i perf_record.data
