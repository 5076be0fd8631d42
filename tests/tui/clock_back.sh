#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# clock_back.sh - the clock of the day goes back an hour at each look: durations, progress, recordings and
# their times do not depend on it; only the names of files have it, and those overwrite nothing.
. "$(dirname "$0")/screen.bash"
[ "$(id -u)" = 0 ] || { echo "skip clock_back (needs root and BPF)"; exit 0; }
clock=$(dirname "$SWTCH")/tests/fault/clock.so
[ -e "$clock" ] || { echo "not ok there is no $clock"; exit 1; }
cd "$work" || exit 1

goes_back() { read -r first second < <(LD_PRELOAD=$clock bash -c 'printf "%(%s)T %(%s)T\n" -1 -1') && [ "$second" -lt "$first" ]; }
check the_clock_goes_back goes_back

back() { LD_PRELOAD=$clock timeout 60 "$SWTCH" "$@" 2>err </dev/null; }
records() {
	back record --rate 500 --time 300ms -o a.pftrace && grep -q "nothing lost" err &&
		"$SWTCH" export a.pftrace -f jsonl >a.jsonl &&
		jq -se '[.[].time_ns] | . == sort and length > 1000 and .[0] >= 0 and .[-1] < 60e9' a.jsonl >/dev/null
}
check record_is_in_order_of_time records
ring() { back record --ring 10s --rate 500 --time 300ms -o b.pftrace && grep -q "wrote the last [0-9]*\.[0-9]* s" err; }
check record_ring_has_its_span ring
ends() { back stat --json --time 200ms >s.json && jq -e 'all(.lanes[]; .wall_ns > 190e6 and .wall_ns < 60e9)' s.json >/dev/null; }
check stat_has_its_time ends
duration() { back stat -d 300ms --time 60 --json >d.json && jq -e '.wall_ns > 290e6 and .wall_ns < 60e9' d.json >/dev/null; }
check duration_is_kept duration

# The view: its clock, both files, each by a name of its own.
open 100x24 LD_PRELOAD="$clock" live --synthetic 2
files() { find . -maxdepth 1 -name "swtch-*.$1" | wc -l; }
has_files() { [ "$(files "$1")" = "$2" ]; }
moves() { sees "00:01" && sees "00:02"; }
check live_time_goes_on moves
writes_twice() { keys w && wait_until has_files log 1 && keys w && wait_until has_files log 2; }
check live_w_has_a_name_each_time writes_twice
recording() { keys W && sees "recording into" && sees "W ends" && wait_until has_files pftrace 1 && keys W && sees "recorded"; }
check live_W_records recording
check live_recording_can_be_read eval '"$SWTCH" export swtch-*.pftrace -f csv -o /dev/null'
fades() { misses "recorded"; }
check live_message_goes_after_its_time fades
quits() { keys q && restored 0; }
check live_ends quits
