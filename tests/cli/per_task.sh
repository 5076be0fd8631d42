#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# per_task.sh - stat --per-task: what each task did adds up to its lane, live and in a recording.
. "$(dirname "$0")/../script.bash"
needs_root

# The tasks of each lane add up to it, and nobody is missing.
sums='. as $all | .tasks_untold == 0 and ([.lanes[] | . as $lane |
	[$all.tasks[] | select(.lane == $lane.name)] as $tasks |
	($tasks | map(.switches.voluntary) | add) == .switches.voluntary and
	($tasks | map(.switches.involuntary) | add) == .switches.involuntary and
	($tasks | map(.wakeups) | add) == .wakeups and
	($tasks | map(.migrations) | add) == .migrations and
	($tasks | map(.run_ns) | add) == .run_ns and
	($tasks | map(.wait_ns) | add) == .wait_ns] | all)'

holds() { # what, file, filter...
	jq -e "$3" "$2" >/dev/null 2>err
	result "$1" $?
}

run stat --job pingpong --work 3000 --per-task --json -o lab.json
holds "the lab's tasks add up to their lanes" lab.json "$sums"
holds "each has its name, and has ended" lab.json \
	'[.tasks[] | select(.state != "ended" or .name == "")] == []'
holds "the two of a pair switch alike often" lab.json \
	'[.tasks[] | select(.lane == "process" and (.name | startswith("p"))) | .switches.total] |
	 length == 2 and min > 2990'

for kind in processes threads; do
	messaging=(perf bench sched messaging -g 2 -l 50)
	[ $kind = threads ] && messaging+=(-t)
	run stat --per-task --json -o $kind.json -- "${messaging[@]}" >/dev/null
	holds "perf bench sched messaging, $kind: all 81 tasks add up" $kind.json \
		"$sums and (.tasks | length) == 81"
done
holds "threads are of one process" threads.json '[.tasks[].tgid] | unique | length == 1'

run record -q -o r.pftrace -- "${messaging[@]}" >/dev/null
run stat -i r.pftrace --per-task --json -o tape.json
holds "those of a recording are made from its events, and add up" tape.json \
	"$sums and (.tasks | length) == 81"

sleep 100 &
asleep=$!
run stat --per-task --json -d 0.1 -p $asleep -o asleep.json
kill $asleep
holds "who sleeps all the time is there: its state was asked for, who woke it nobody saw" asleep.json \
	'.tasks | length == 1 and .[0].pid == '$asleep' and .[0].state == "sleeping" and .[0].switches.total == 0 and
	 .[0].sleep_ns > 0 and .[0].waker == null'

run stat --per-task --csv --job pingpong --work 500 --model thread -o t.csv
[ "$(head -1 t.csv | cut -d, -f1-6)" = "lane,name,pid,tgid,parent,switches.total" ] &&
	[ "$(wc -l <t.csv)" = 4 ]
result "as CSV each task is a row" $?

run stat --per-task --job pingpong --work 500 --model thread -o t.txt
[ "$(grep -cE '^thread +(ping-0|pong-0|lab-thread):[0-9]+ +[0-9,]+ ' t.txt)" = 3 ]
result "and as text a line" $?
exit $failed
