#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# stopped.sh - the reader stands still for STALL (5) seconds, and then for one more, while what it watches
# goes on at its full rate: what stat, a recording and the live view count is exact all the same, against the
# kernel's own; which events are lost is told, of which CPU and when, and nothing else is missing.
DEADLINE=60
. "$(dirname "$0")/screen.bash"
[ "$(id -u)" = 0 ] || { echo "skip stopped (needs root and BPF)"; exit 0; }
scripts=$(realpath "$(dirname "$0")")
stall=${STALL:-5}
cd "$work" || exit 1
cpu=$(grep -oP '^Cpus_allowed_list:\t\K\d+' /proc/self/status)

# The losses of a recording: all on that CPU, together no longer than the two were at work, and between two
# losses as many events of hooks as their numbers say.
cat >losses.py <<'END2'
import json, sys

cpu, worked_ns = int(sys.argv[1]), int(sys.argv[2]) * 10_000_000
n_lost, gap_ns, last_ns, since, wrong = 0, 0, None, None, []
in_gap = False
for line in sys.stdin:
    event = json.loads(line)
    kind = event["kind"]
    if event.get("cpu") != cpu:
        if kind == "lost":
            wrong.append(("lost elsewhere", event))
        continue
    if kind == "lost":
        if not event.get("lost_from") or since is not None and since != event["lost_from"]:
            wrong.append(("numbers", since, event))
        if last_ns is None or event["time_ns"] < last_ns:
            wrong.append(("time", last_ns, event))
        since, in_gap = event["lost_from"] + event["lost"], True
        n_lost += event["lost"]
    elif kind in ("switch", "wakeup", "migrate", "clone", "exec", "exit"):
        if in_gap:
            gap_ns += event["time_ns"] - last_ns
        in_gap = False
        since = None if since is None else since + 1
        last_ns = event["time_ns"]
print("#", n_lost, "events lost within", gap_ns / 1e9, "s")
if not n_lost or not 0 < gap_ns < worked_ns:
    wrong.append(("gap", n_lost, gap_ns))
for problem in wrong[:5]:
    print("#", problem)
sys.exit(bool(wrong))
END2

# What a task does, and how often it has left a CPU until now.
state_of() { sed -nE 's/^State:\s*(.).*/\1/p' "/proc/$1/status"; }
switches_of() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$1/status"; }
at_rest() {
	[ "$(wc -l <pids)" = 2 ] || return 1
	for pid in $(<pids); do [ "$(state_of "$pid")" = S ] || return 1; done
}

# Each of the two: its row against what the kernel told itself a moment before it ended, with a few to leave.
rows_exact() {
	while read -r pid voluntary involuntary; do
		jq -e --argjson pid "$pid" --argjson v "$voluntary" --argjson i "$involuntary" '.tasks[] |
			select(.pid == $pid) | .switches.voluntary - $v <= 8 and .switches.voluntary >= $v and
			.switches.involuntary - $i <= 8 and .switches.involuntary >= $i' stat.json >/dev/null || return 1
	done <kernel
	[ "$(wc -l <kernel)" = 2 ]
}

# Both, since they were at rest.
sum_exact() {
	jq -e --argjson kernel $(($(awk '{ n += $2 + $3 } END { print n }' kernel) - before)) '.lanes[0].switches |
		.total >= $kernel and .total - $kernel <= 32 and .missed == 0' "$1" >/dev/null
}

audited() { jq -e '.lanes[0].audit | .tasks >= 2 and .exact == .tasks' "$1" >/dev/null; }
lost_some() { jq -e ".lost.events > 0" "$1" >/dev/null; }
losses() {
	"$SWTCH" export -q "$1" -f jsonl -o - | python3 losses.py "$cpu" "$worked"
	[ "${PIPESTATUS[*]}" = "0 0" ]
}
table_of() { "$SWTCH" stat -i "$1" --json 2>/dev/null >"$2"; }

mkfifo go
"$SWTCH" stat --per-task --json -o stat.json -- python3 "$scripts/pair.py" "$cpu" go pids kernel 2>stat.err </dev/null &
stat=$!
touch pids
check "two tasks are at rest" wait_until at_rest
before=0
for pid in $(<pids); do before=$((before + $(switches_of "$pid"))); done
"$SWTCH" record -q --ring-size 256K -o record.pftrace -p "$(paste -sd, pids)" 2>record.err </dev/null &
record=$!
open 100x30 live --ring-size 256K -p "$(paste -sd, pids)"
sees "nothing lost" && keys W && sees "recording: "
wait_until test -s record.pftrace
head=$(stat -c %s record.pftrace) # written before they are watched; what comes next, each second, after
grew() { [ "$(stat -c %s record.pftrace)" -gt "$head" ]; }
check "and watched by three readers" wait_until grew
live=$(<pid)
hundredths() { sed 's/\([0-9]*\)\.\(..\) .*/\1\2/' /proc/uptime; } # of a second
began=$(hundredths)
echo >go
is_moving() { [ "$(switches_of "$(head -n 1 pids)")" -gt $((before + 1000)) ]; }
check "they are at work" wait_until is_moving
for seconds in "$stall" 1; do
	kill -STOP $stat $record "$live"
	sleep "$seconds" # a stall, not a wait
	kill -CONT $stat $record "$live"
	sees "events lost"
	head=$(stat -c %s record.pftrace)
	wait_until grew # what is left between two losses tells how many they were
done
rm go

wait $stat
check "stat goes on" test $? = 0
worked=$(($(hundredths) - began + 1))
wait $record
check "the recorder goes on" test $? = 0
check "the live view goes on" sees "events lost"
check "and sees them end" sees "done - "
keys W
check "and its recording" sees "events in swtch-"
table_of record.pftrace record.json
table_of swtch-*.pftrace live.json
check "stat counts each task as the kernel does" rows_exact
check "the recording's counts are the kernel's" sum_exact record.json
check "the live view's are" sum_exact live.json
for what in stat record live; do
	check "$what: the audit finds each task exact" audited $what.json
done
for what in record live; do
	check "$what: events are lost, and it is told" lost_some $what.json
done
check "record: they are located" losses record.pftrace
check "live: they are located" losses swtch-*.pftrace
keys q
check "q ends the view" restored 0
