#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# export.sh - a recording of the real kernel in every format, read back by other programs; parts of
# it; the table of stat -i; and what export refuses.
. "$(dirname "$0")/../script.bash"
needs_root

run record --time 300ms --rate 300 -q -o run.pftrace
result "a recording is made" $?
run record -q -o names.pftrace -- bash -c 'name() { printf %s "$1" >/proc/self/comm; sleep 0.01; }
	(name "</script><b>") & (name "=a,\"b") & (name "<!--&") & wait'
result "and one of tasks with names that would do harm" $?

# Logs.
for format in text csv jsonl; do
	run export run.pftrace -f $format >all.$format && run export run.pftrace -o file.$format &&
		cmp -s all.$format file.$format && ! [ -s err ]
	result "$format goes to stdout, and to a file by its ending" $?
done
jq -se 'all(.[]; .kind and (.time_ns | type == "number"))' all.jsonl >/dev/null
result "every line of jsonl is an object with time and kind" $?
n=$(jq -s length all.jsonl)
[ "$n" -gt 1000 ] && [ "$n" = "$(wc -l <all.text)" ]
result "text has as many lines" $?
sqlite3 :memory: -cmd '.mode csv' '.import all.csv t' 'select count(*) from t' >rows 2>&1
[ "$(tr -d '\r' <rows)" = "$n" ]
result "csv is a table of as many rows for sqlite" $?
run export names.pftrace -f csv >names.csv
sqlite3 :memory: -cmd '.mode csv' '.import names.csv t' \
	'select distinct "name" from t where kind = '\''name'\' >rows 2>&1
grep -q '</script><b>' rows && grep -q "'=a," rows
result "names in csv are themselves, but for formulas" $?

# Counts of the events are those of the table, for each lane.
run stat -i run.pftrace --json >stat.json
jq -e '.lost.events == 0 and ([.lanes[].name] == ["process", "thread", "coroutine"])' stat.json >/dev/null
result "stat -i has the lanes of the run" $?
jq -se '[.[] | select(.kind == "exit")] as $exits | ($exits | length) >= 6 and
	(. as $all | all($exits[]; . as $exit | .seen == .moved and .seen == ([$all[] |
		select(.kind == "switch" and .task.pid == $exit.task.pid and
			.time_ns < $exit.time_ns)] | length)))' all.jsonl >/dev/null
result "each task's switches in the file are those of its audit" $?
jq -se --slurpfile stat stat.json '
	(map(select(.kind == "exit") | {key: "\(.task.pid)", value: .lane}) | from_entries) as $lane |
	(map(select(.kind == "switch") | $lane["\(.task.pid)"] // empty) | group_by(.) |
		map({key: .[0], value: length}) | from_entries) as $counted |
	all($stat[0].lanes[]; .switches.total == $counted[.name])' all.jsonl >/dev/null
result "and each lane's are those that stat -i has" $?
wakeups=$(jq '[.lanes[].wakeups] | add' stat.json)
[ "$(jq -s '[.[] | select(.kind == "wakeup")] | length' all.jsonl)" -ge "$wakeups" ]
result "every wakeup that was counted is there" $?

# Parts.
run export run.pftrace -f jsonl --from 100ms --to 0.2 >part.jsonl
jq -se 'length > 10 and all(.[]; .time_ns >= 100000000 and .time_ns <= 200000000)' part.jsonl >/dev/null
result "--from and --to choose a stretch of time" $?
jq -c 'select(.time_ns >= 100000000 and .time_ns <= 200000000)' all.jsonl | cmp -s - part.jsonl
result "and change nothing in it, names included" $?
run export run.pftrace -f jsonl --lane thread >part.jsonl
jq -c 'select(.lane == "thread")' all.jsonl >wanted.jsonl
[ -s wanted.jsonl ] && [ -z "$(grep -vxFf part.jsonl wanted.jsonl)" ] &&
	[ "$(jq -r 'select(.kind != "switch") | .lane' part.jsonl | sort -u)" = thread ]
result "--lane chooses what concerns a lane" $?
pid=$(jq -r 'select(.kind == "clone" and .lane == "process") | .child.pid' all.jsonl | tail -n 1)
run export run.pftrace -f jsonl --task "$pid" >part.jsonl
jq -c --argjson pid "$pid" 'select([.task.pid, .next.pid, .wakee.pid, .child.pid] |
	index($pid))' all.jsonl | cmp -s - part.jsonl && [ -s part.jsonl ]
result "--task chooses what concerns a task" $?
run export run.pftrace -f jsonl -C 0 >part.jsonl
jq -se 'length > 0 and all(.[]; .kind == "name" or .cpu == 0)' part.jsonl >/dev/null
result "--cpu chooses CPUs" $?

# Formats that draw.
for name in run names; do
	run export $name.pftrace -o $name.json && jq -e '.traceEvents | length > 30 and
		all(.[]; .ph and .pid and (.ph == "M" or (.ts | type == "number")))' $name.json >/dev/null
	result "chrome is JSON of events with phase, process and time ($name)" $?
	run export $name.pftrace -o $name.html && [ "$(grep -c '</script' $name.html)" = 3 ]
	result "html has no script but its own ($name)" $?
	run export $name.pftrace -o $name.svg &&
		python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' $name.svg
	result "svg is well-formed ($name)" $?
done
jq -e '[.traceEvents[] | select(.ph == "X" and .cat == "coroutine" and (.name | startswith("co-")))]
	| length > 10' run.json >/dev/null
result "coroutines are in chrome" $?
# Each coroutine's stretch lies within one of its thread's: viewers draw it inside.
jq -e '[.traceEvents[] | select(.ph == "X" and .pid < 4194304)] |
	[.[] | select(.cat == "run")] as $runs |
	[.[] | select(.name | startswith("co-"))][:200] |
	all(.[]; . as $co | any($runs[]; .tid == $co.tid and .ts <= $co.ts + 0.0005 and
		.ts + .dur >= $co.ts + $co.dur - 0.0005))' run.json >/dev/null
result "within the time of their threads" $?
# A thread is on one CPU at a time, a CPU runs one task at a time.
jq -e '[.traceEvents[] | select(.ph == "X" and .pid == 4194304)] | group_by(.tid) |
	all(.[]; sort_by(.ts) | . as $x | all(range(1; length);
		$x[. - 1].ts + $x[. - 1].dur <= $x[.].ts + 0.0005))' run.json >/dev/null
result "on a CPU no two stretches overlap" $?

at=$(jq -s '.[length / 2 | floor].time_ns' all.jsonl)ns
for format in chrome html svg; do
	run export run.pftrace -f $format --from "$at" --to "$at" >instant && [ -s instant ] && ! [ -s err ]
	result "an instant is a stretch of time, too ($format)" $?
done

# What ends early, what is refused.
run export run.pftrace 2>err | head -n 1 >/dev/null
[ "${PIPESTATUS[0]}" = 0 ] && ! [ -s err ]
result "a reader that has had enough is no error" $?
run record --model process --time 2500ms --rate 300 -q -o long.pftrace # a block a second
head -c $(($(stat -c %s long.pftrace) - 100)) long.pftrace >cut.pftrace
run export cut.pftrace -f jsonl >cut.jsonl
[ $? = 0 ] && grep -q 'is cut' err && [ -s cut.jsonl ] && jq -se length cut.jsonl >/dev/null
result "a recording that is cut is exported as far as it goes, and said to be cut" $?
run stat -i cut.pftrace >/dev/null
[ $? = 0 ] && grep -q 'is cut' err
result "stat -i says so, too" $?
run stat -i cut.pftrace --json | jq -e 'all(.lanes[]; .wall_ns != 0)' >/dev/null
result "and a time at work that nobody measured is not 0" $?

refuses() { # status, what the line must hold, arguments
	local status=$1 hint=$2
	shift 2
	run "$@" >out
	[ $? = "$status" ] && [ "$(wc -l <err)" = 1 ] && grep -qF -- "$hint" err && ! [ -s out ]
	result "swtch $*: $hint" $?
}
mkfifo fifo
echo hello >text
: >empty
echo precious >kept.csv
refuses 2 "no recording to export" export
refuses 2 "names no format" export run.pftrace -o out.xyz
refuses 2 "no format is called no-such" export run.pftrace -f no-such
refuses 2 "later than --to" export run.pftrace --from 2 --to 1
refuses 2 "the second" export run.pftrace run.pftrace
refuses 2 "what runs" stat -i run.pftrace --job yield
refuses 2 "runs no command" stat -i run.pftrace -- true
refuses 2 "of a log" log -f html
refuses 1 "behind the end" export run.pftrace --from 1h
refuses 1 "before the beginning" export run.pftrace --to 0
refuses 1 "no event there is of a lane" export run.pftrace --lane nope -o new.csv
refuses 1 "no event there is of a task" export run.pftrace --task nope -o new.csv
refuses 1 "use 0 to" export run.pftrace --cpu 255 -o new.csv
refuses 1 "--force" export run.pftrace -o kept.csv
refuses 1 "directory" export .
refuses 1 "pipe" export fifo
refuses 1 "No such file" export nothing.pftrace
refuses 1 "device" stat -i /dev/zero
refuses 1 "text" export text
refuses 1 "empty" stat -i empty
[ "$(cat kept.csv)" = precious ] && ! [ -e new.csv ]
result "nothing was overwritten, nothing half written was left" $?
for format in text csv jsonl chrome html svg; do
	run export run.pftrace -f $format >/dev/full
	[ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'No space left' err
	result "a full disk is told ($format)" $?
done
exit $failed
