#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# size.sh - bytes a switch on disk: a recording, with wakings, counts and names, beside what trace-cmd
# writes with compression of the same run.
set -u
swtch=$(realpath "${SWTCH:-build/swtch}")
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1

# Where functions may not be traced, which nobody asks for, trace-cmd gives up: in a mount namespace of
# its own other files stand there.
under_trace_cmd() { # events, command...
	local events=$1
	shift
	unshare -m bash -c '
		[ -e /sys/kernel/tracing/README ] || mount -t tracefs nodev /sys/kernel/tracing
		echo 1 >enabled
		mount --bind enabled /proc/sys/kernel/ftrace_enabled
		for file in set_ftrace_filter set_ftrace_notrace set_ftrace_pid set_ftrace_notrace_pid; do
			: >$file
			mount --bind $file /sys/kernel/tracing/$file
		done
		exec trace-cmd record --compression any $0 -o trace.dat "$@"' "$events" "$@" >said 2>&1
}

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

if [ "$(id -u)" != 0 ]; then
	printf 'size_%s - needs root\n' switches wakings switches_trace_cmd wakings_trace_cmd
	exit 0
fi
if ! command -v trace-cmd >/dev/null; then
	"${record[@]}" 2>err || { cat err >&2; exit 1; }
	ours wakings
	printf 'size_%s_trace_cmd - trace-cmd is not here\n' switches wakings
	exit 0
fi
for kind in switches wakings; do
	events="-e sched_switch"
	[ $kind = wakings ] && events+=" -e sched_waking"
	# shellcheck disable=SC2086 # several words
	under_trace_cmd "$events" "${record[@]}" || { tail -n 5 said >&2; exit 1; }
	n=$(trace-cmd report -F sched_switch trace.dat 2>/dev/null | grep -c sched_switch:)
	awk -v kind=$kind -v size="$(trace_bytes)" -v n="$n" \
		'BEGIN { printf "size_%s_trace_cmd %.2f bytes/switch\n", kind, size / n }'
	ours "$kind"
done
