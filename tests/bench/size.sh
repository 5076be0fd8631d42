#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# size.sh - bytes a switch on disk: a recording, with wakings, counts and names, beside what trace-cmd
# writes with compression of the same run.
set -u
# shellcheck source=tests/bench/peers.bash
. "$(dirname "$0")/peers.bash"

# What trace-cmd says of each CPU: bytes of its data, compressed.
trace_bytes() {
	awk '/bytes in size/ { sum += $1 } END { print sum + 0 }' said
}

record=("$swtch" record -q --force --job pingpong --pin 0 --model process --work 100000 -o run.pftrace)

ours() { # what it is called
	"$swtch" stat -i run.pftrace --json >stat.json 2>/dev/null
	awk -v name="$1" -v size="$(stat -c %s run.pftrace)" \
		-v n="$(jq '[.lanes[].switches.total] | add' stat.json)" \
		'BEGIN { printf "size_%s %.2f bytes/switch\n", name, size / n }'
}

why=$(lacks trace_cmd)
if [ -n "$why" ]; then
	for name in switches wakings switches_trace_cmd wakings_trace_cmd; do
		echo "size_$name - $why"
	done
	exit 0
fi
for kind in switches wakings; do
	events=(-e sched_switch)
	[ $kind = switches ] || events+=(-e sched_waking)
	with_ftrace trace-cmd record --compression any "${events[@]}" -o trace.dat \
		"${record[@]}" >said 2>&1 || { tail -n 5 said >&2; exit 1; }
	n=$(trace-cmd report -F sched_switch trace.dat 2>/dev/null | grep -c sched_switch:)
	awk -v kind=$kind -v size="$(trace_bytes)" -v n="$n" \
		'BEGIN { printf "size_%s_trace_cmd %.2f bytes/switch\n", kind, size / n }'
	ours "$kind"
done
