#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# size.sh - bytes a switch on disk: a recording, with wakings, counts and names, beside what trace-cmd
# writes with compression of the same run.
set -u
# shellcheck source=tests/bench/peers.bash
. "$(dirname "$0")/peers.bash"

record=("$swtch" record -q --force --job pingpong --pin 0 --model process --work 100000 -o run.pftrace)

tell() { # what it is called, bytes, switches
	awk -v name="size_$1" -v size="$2" -v n="$3" 'BEGIN { printf "%s %.2f bytes/switch\n", name, size / n }'
}

ours() { # what it is called
	"$swtch" stat -i run.pftrace --json >stat.json 2>/dev/null
	tell "$1" "$(stat -c %s run.pftrace)" "$(jq '[.lanes[].switches.total] | add' stat.json)"
}

# Bytes of each CPU's data, compressed, as trace-cmd says.
theirs() { # what it is called
	tell "$1_trace_cmd" "$(awk '/bytes in size/ { sum += $1 } END { print sum + 0 }' said)" \
		"$(trace-cmd report -F sched_switch trace.dat 2>/dev/null | grep -c sched_switch:)"
}

why=$(lacks events)
if [ -n "$why" ]; then
	for kind in switches wakings; do
		echo "size_$kind - $why"
	done
	exit 0
fi
why=$(lacks trace_cmd)
for kind in switches wakings; do
	events=(-e sched_switch)
	[ $kind = switches ] || events+=(-e sched_waking)
	beside=(with_ftrace trace-cmd record --compression any "${events[@]}" -o trace.dat)
	[ -z "$why" ] || beside=()
	"${beside[@]}" "${record[@]}" >said 2>&1 || { tail -n 5 said >&2; exit 1; }
	ours $kind
	if [ -z "$why" ]; then
		theirs $kind
	else
		echo "size_${kind}_trace_cmd - $why"
	fi
done
