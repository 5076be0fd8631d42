#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# every_cpu.sh - stat, a recording and the live view on the real kernel: no CPU is missing in them,
# however many there are.
. "$(dirname "$0")/screen.bash"

[ "$(id -u)" = 0 ] || { echo "skip every_cpu (needs root and BPF)"; exit 0; }

mapfile -t cpus < <(grep -oP '^Cpus_allowed_list:\t\K.*' /proc/self/status | tr ',' '\n' |
	while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done)
all=$(jq -nc '$ARGS.positional | map(tonumber)' --args "${cpus[@]}")
rows=$((${#cpus[@]} + 24))

# One task tied to each CPU, that has to leave it; and one after another until the test is over.
once="for cpu in ${cpus[*]}; do taskset -c \$cpu sleep 0.01 & done; wait"
ever="for cpu in ${cpus[*]}; do while [ -e $work/run.sh ]; do taskset -c \$cpu sleep 0.4; done & done; wait"

counts() {
	"$SWTCH" stat --json -o "$work/stat.json" -- sh -c "$once" </dev/null &&
		jq -e --argjson all "$all" '.lanes[0] |
			([.per_cpu[] | select(.voluntary > 0) | .cpu] | contains($all)) and
			([.per_cpu[].switches] | add) == .switches.total and
			.audit.tasks > ($all | length) and .audit.exact == .audit.tasks' "$work/stat.json" >/dev/null
}

# A task that left its CPU tells of it there, and not elsewhere once it is tied.
records() {
	"$SWTCH" record -q -o "$work/all.pftrace" -- sh -c "$once" </dev/null &&
		"$SWTCH" export "$work/all.pftrace" -f jsonl -o - >"$work/all.jsonl" &&
		jq -se --argjson all "$all" '[.[] | select(.kind == "switch") | .cpu] | unique | contains($all)' \
			"$work/all.jsonl" >/dev/null
}

# A row for each CPU, with switches in it.
rows_move() {
	local cpu

	for cpu in "${cpus[@]}"; do
		screen | grep -qE "CPU +$cpu +│ +[0-9]*[1-9]" || return 1
	done
}
rows_stand() {
	local cpu

	for cpu in "${cpus[@]}"; do screen | grep -qE "^[▾▸]CPU +$cpu " || return 1; done
}
draws_lanes() { wait_until rows_move; }
draws_timeline() { keys 4 && sees "newest at the right" && wait_until rows_stand; }

check "stat counts on each CPU" counts
check "a recording tells of each CPU" records
open "120x$rows" live -- sh -c "'$ever'"
check "the live view has a row for each CPU" draws_lanes
check "its timeline as well" draws_timeline
keys q
check "q ends it" restored 0
