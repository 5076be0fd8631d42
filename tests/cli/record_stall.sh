#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# record_stall.sh - a disk that stalls loses nothing, and what a stalled recorder loses is told: on which
# CPU, when, from which record on and how many.
. "$(dirname "$0")/../script.bash"
needs_root

# Every switch of a task that ended is an event of the file, or may be among the lost ones; and between two
# losses of a CPU there are as many events of it as their numbers say.
cat >check.py <<'END'
import collections, json, sys

left, n_lost, n_ended, missing, wrong = collections.Counter(), 0, 0, 0, []
since = {}  # CPU: number of the record after the last loss, and events of hooks since
for line in sys.stdin:
    event = json.loads(line)
    kind, cpu = event["kind"], event.get("cpu")
    if kind == "lost":
        n_lost += event["lost"]
        if cpu is None or not event.get("lost_from"):
            wrong.append(("not located", event))
            continue
        if cpu in since and since[cpu][0] + since[cpu][1] != event["lost_from"]:
            wrong.append(("between two losses", since[cpu], event))
        since[cpu] = [event["lost_from"] + event["lost"], 0]
    elif kind in ("switch", "wakeup", "migrate", "clone", "exec", "exit") and cpu in since:
        since[cpu][1] += 1
    if kind == "switch":
        left[event["task"]["pid"]] += 1
    elif kind == "exit":
        n_ended += 1
        missing += event["moved"] - left[event["task"]["pid"]] if event["moved"] else 0
if not 0 <= missing <= n_lost or n_ended < 2:
    wrong.append(("switches missing", missing, n_lost, n_ended))
if sys.argv[1] == "none" and n_lost:
    wrong.append(("lost", n_lost))
for problem in wrong[:5]:
    print("#", problem)
sys.exit(bool(wrong))
END
checked() { # FILE LOSSES
	run export -q "$1" -f jsonl -o - | python3 check.py "$2" >said
	local status=$((PIPESTATUS[0] + PIPESTATUS[1]))
	cat said >>err
	return $status
}

pair=(--job pingpong --model process --pin 0)

# The disk is a pipe, and stalls while whoever reads it is stopped.
mkfifo -m 666 disk
cat disk >stalled.pftrace &
reader=$!
"$swtch" record "${pair[@]}" --rate 20000 --time 3s -o disk 2>told </dev/null &
pid=$!
wait_for 20 grew stalled.pftrace 10000
result "the recording comes through a pipe" $?
kill -STOP $reader
sleep 2 # a stall, not a wait
kill -CONT $reader
wait $pid
result "a disk that stalls for 2 s fails nothing" $?
wait $reader
cp told err
grep -qE '^swtch: recorded [0-9]+ events of .*; nothing lost$' told
result "and loses nothing" $?
checked stalled.pftrace none
result "each switch of a task that ended is in the file" $?

# The recorder itself is stopped, twice, until the hook has gone round its ring.
"$swtch" record "${pair[@]}" --time 2s -o lost.pftrace 2>told </dev/null &
pid=$!
for n in 1000 100000; do
	wait_for 20 grew lost.pftrace $n
	kill -STOP $pid
	sleep 0.8
	kill -CONT $pid
done
wait $pid
result "a recorder that is stopped goes on" $?
checked lost.pftrace some
result "what it lost is located by CPU, number and time" $?
[ -n "$(run export -q lost.pftrace -f jsonl -o - | grep '"kind":"lost"')" ]
result "something was" $?
exit $failed
