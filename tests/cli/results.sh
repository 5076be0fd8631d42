#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# results.sh - stat and log on the real kernel, read back by other programs: jq and sqlite.
. "$(dirname "$0")/../script.bash"
needs_root

run stat --work 2000 --json >stat.json
result "stat --json ends well" $?
[ "$(wc -l <stat.json)" = 1 ]
result "stat --json is one line" $?
jq -e '[.lanes[].name] == ["process", "thread", "coroutine"]' stat.json >/dev/null
result "a lane for each model" $?
jq -e 'all(.lanes[]; .work.done == 2000)' stat.json >/dev/null
result "each model did the work" $?
jq -e 'all(.lanes[]; .switches.total == .switches.voluntary + .switches.involuntary and
	.switches.total == ([.per_cpu[].switches] | add))' stat.json >/dev/null
result "sums over kinds and CPUs are the total" $?
jq -e 'all(.lanes[]; .audit.tasks > 0 and .audit.exact == .audit.tasks)' stat.json >/dev/null
result "the audit is exact" $?
jq -e '.self | .bpf_switches_timed > 0 and .bpf_ns_per_switch > 0 and .switches > 0 and
	.watch_ns > 0 and .watch_cpu_ns > 0 and .watch_cpu_ns < .cpu_ns and .events == 0 and
	.cpu_ns_per_event == null and .read_bytes == 0 and .written_bytes == null' stat.json >/dev/null
result "what watching cost is told, and null where nothing was measured" $?
jq -e '.self | .clock == "scheduler" and .ring == "mapped"' stat.json >/dev/null
result "which clock and which ring the hooks have is told" $?
SWTCH_PLAIN_CLOCK=1 SWTCH_PLAIN_RING=1 run stat --work 10 --json |
	jq -e '.self | .clock == "monotonic" and .ring == "kernel"' >/dev/null
result "and where they are the plain ones" $?
jq -e '.lost.events == 0' stat.json >/dev/null
result "nothing is lost" $?
jq -e '.lanes[2] | .user_switches >= 4000 and .switches.total < 1000' stat.json >/dev/null
result "coroutines switch in user space" $?

run stat --work 500 --csv >stat.csv
sqlite3 :memory: -cmd '.mode csv' '.import stat.csv t' \
	'select name, "work.done" from t' >rows 2>&1
printf 'process,500\nthread,500\ncoroutine,500\n' | cmp -s - <(tr -d '\r"' <rows)
result "stat --csv is a table that sqlite takes" $?

# What one job counts beside units.
run stat --job counter --work 100000 --sync atomic --pool 2 --json >counter.json
jq -e 'all(.lanes[]; .sync == "atomic" and .work.expected == 100000 and
	.work.counted == 100000 and .work.lost_updates == 0)' counter.json >/dev/null
result "a job's own figures are in its work" $?
jq -e '[.lanes[].work.files_read] == [0, 3, 3] and
	[.lanes[].loop == null] == [true, true, false] and
	([.lanes[2].pool[].done] | add) == 100000' counter.json >/dev/null
result "so are those of event loops and pools" $?
run stat --job counter --work 1000 --private --csv >counter.csv
sqlite3 :memory: -cmd '.mode csv' '.import counter.csv t' \
	'select name, "work.expected", "work.seen_least", "work.files_read" from t' >rows 2>&1
head -n 1 rows | tr -d '\r"' | grep -qx 'process,1000,250,0'
result "and columns of the table" $?

# A server's clients have lanes of their own: what they do is no part of what a request costs.
run stat --job echo --clients 20 --work 2000 --json >echo.json
jq -e '[.lanes[].name] == ["process", "thread", "coroutine", "process-clients", "thread-clients",
	"coroutine-clients"]' echo.json >/dev/null
result "a server's clients have lanes of their own" $?
jq -e 'all(.lanes[:3][]; .work | .done == 2000 and .requests == 2000 and .connections == 20 and
	.latency_ns.p50 > 0 and .latency_ns.p50 <= .latency_ns.p99 and
	.latency_ns.p99 <= .latency_ns.max and ([.latency_ns.log2[]] | add) == 2000)' \
	echo.json >/dev/null
result "and measure how long each answer takes" $?
jq -e '([.lanes[:3][].work.checksum] | unique | length) == 1 and
	all(.lanes[]; .audit.exact == .audit.tasks and .audit.untracked == 0)' echo.json >/dev/null
result "every model serves the same, and every audit is exact" $?
jq -e '[.lanes[].created | [.processes, .threads, .coroutines]] ==
	[[20, 0, 0], [0, 20, 0], [0, 0, 20], [0, 0, 20], [0, 0, 20], [0, 0, 20]]' echo.json >/dev/null
result "a task for each connection" $?

# A job whose tasks die: expected of the signal that they die by, and of no other.
run stat --job crash --work 4000 --json >crash.json
result "a crash on purpose is no failure" $?
jq -e '[.lanes[].work | .finished, .died] == [3, 1, 0, 4, 0, 4]' crash.json >/dev/null
result "one process dies, of threads and coroutines all" $?
jq -e '(.lanes[0].note == "task 1 was killed by SIGSEGV; 3 of 4 tasks finished") and
	all(.lanes[1:][]; .note == "the program was killed by SIGSEGV, and all of its 4 tasks with it") and
	all(.lanes[]; .audit.exact == .audit.tasks and .audit.tasks > 0)' crash.json >/dev/null
result "and each lane says how it ended" $?
"$swtch" stat --job crash --model process --time 60 -o killed 2>err </dev/null &
watcher=$!
for _ in $(seq 400); do # the runner has only three children left once one has crashed
	runner=$(pgrep -x lab-process -P "$(pgrep -d , -P $watcher)")
	[ -n "$runner" ] && [ "$(pgrep -c -P "$runner" crash)" = 3 ] && break
	sleep 0.05
done
kill -KILL "$runner"
wait $watcher
[ $? = 1 ] && grep -q "killed by signal 9" err
result "a runner that is killed otherwise has failed" $?

# Tasks that linger end by themselves once all stand and their memory has been read.
run stat --job idle --tasks 100 --json >idle.json
result "tasks that do nothing end when they have been measured" $?
jq -e 'all(.lanes[]; .work.done == 100 and .memory.pss_bytes > 0 and .memory.per_task_bytes > 0 and
	(.memory.per_task_page_bytes + .memory.per_task_table_bytes +
		.memory.per_task_kernel_stack_bytes - .memory.per_task_bytes | fabs) < 3)' idle.json >/dev/null
result "the parts of what each added are its whole" $?
jq -e '[.lanes[].memory.per_task_bytes] | .[0] > .[1] and .[1] > .[2]' idle.json >/dev/null &&
	jq -e '[.lanes[].memory.per_task_kernel_stack_bytes] == [16384, 16384, 0]' idle.json >/dev/null
result "a process adds more than a thread, and that more than a coroutine" $?
run stat --job idle --tasks 10 --time 300ms --json >idle.json
jq -e 'all(.lanes[]; .work.done == 10 and .wall_ns >= 300000000)' idle.json >/dev/null
result "and stay as long as they are told to" $?
n=1000000
[ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt 6000000 ] || n=100000
run stat --job idle --model coroutine --tasks $n --json >idle.json
jq -e --argjson n $n '.lanes[0] | .work.done == $n and .memory.per_task_bytes < 10000 and
	.created.coroutines == $n' idle.json >/dev/null
result "$n coroutines stand there" $?

# A log: paced, so that nothing is lost. Each format on its own run.
run log --time 300ms --rate 200 -f jsonl -o log.jsonl
result "log -f jsonl ends well" $?
jq -se 'all(.[]; (.time_ns | type) == "number" and .kind)' log.jsonl >/dev/null
result "every line of it is an object with time and kind" $?
jq -se '[.[] | select(.kind == "lost")] == []' log.jsonl >/dev/null
result "and nothing is lost" $?
jq -se '[.[] | select(.kind == "exit")] | length >= 6 and all(.seen == .moved)' log.jsonl >/dev/null
result "each task's end has an exact audit" $?
jq -se '[.[] | select(.kind == "resume")] | length > 50' log.jsonl >/dev/null
result "coroutines are seen" $?
[ "$(stat -c %a log.jsonl)" = 600 ]
result "a log is private" $?

run log --time 300ms --rate 200 -f csv >log.csv
sqlite3 :memory: -cmd '.mode csv' '.import log.csv t' \
	'select count(*) > 50 from t where kind = '\''switch'\'' and "task.pid" <> '\'\' >rows 2>&1
[ "$(tr -d '\r' <rows)" = 1 ]
result "log -f csv is a table that sqlite takes" $?
[ "$(head -n 1 log.csv | tr , '\n' | sort)" = \
	"$(cat log.csv | head -n 1 | tr , '\n' | sort -u)" ]
result "its columns have different names" $?
missing=$(jq -r 'paths(scalars) | join(".")' log.jsonl | sort -u |
	grep -vxFf <(head -n 1 log.csv | tr , '\n'))
[ -z "$missing" ]
result "names in jsonl are columns in csv" $?

run log --time 200ms --rate 100 >log.text
! grep -vqE '^-?[0-9]+\.[0-9]{9} \[([0-9]{3}|---)\] [a-z]+ +[^ ]+ +[^ ].*$' log.text && [ -s log.text ]
result "log -f text keeps its columns" $?

# A command: its status, its name whatever it holds.
run stat -o /dev/null -- sh -c 'exit 7'
[ $? = 7 ]
result "the command's status is ours" $?
run stat -o /dev/null -- sh -c 'kill -KILL $$'
[ $? = 137 ]
result "128 and the signal when it was killed" $?
cp "$(command -v sleep)" $'x\e[2J\n"=,'
run log -f text -o hostile.text -- ./$'x\e[2J\n"=,' 0.1
run log -f jsonl -o hostile.jsonl -- ./$'x\e[2J\n"=,' 0.1
! LC_ALL=C grep -q '[^ -~]' hostile.text hostile.jsonl && grep -q 'x\\x1b\[2J\\x0a"=,' hostile.text
result "a hostile name is spelled out" $?
jq -se 'any(.[]; .task.name == "x\\x1b[2J\\x0a\"=,")' hostile.jsonl >/dev/null
result "and the same in JSON" $?

# Failures: one line, status 1, nothing left behind, nothing overwritten.
fails() { # name, what the line must hold, arguments
	local name=$1 hint=$2 status
	shift 2
	run "$@" >out
	status=$?
	[ $status = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -qF -- "$hint" err && ! [ -s out ]
	result "$name (status $status)" $?
}
echo precious >kept
chmod 666 kept # the invoking user may write it
fails "an existing file is kept" "--force" stat --work 10 -o kept
fails "a log too" "--force" log --work 10 -o kept
[ "$(cat kept)" = precious ]
result "and not touched" $?
run stat --work 10 -o kept --force && ! grep -q precious kept
result "unless --force is given" $?
fails "a directory is refused" "directory" stat --work 10 -o .
fails "a full disk is told" "No space left" stat --work 10 -o /dev/full --json
run stat --work 10 -o /dev/full
[ $? = 1 ] && head -n 1 err | grep -q 'No space left .*; the table follows here$' && grep -q '^switches by CPU' err
result "and a table for people is on standard error instead" $?
fails "for a log too" "No space left" log --work 10 -o /dev/full
fails "a command that is not there" "nowhere" stat -- /nowhere/at/all
fails "a place that is not there" "nowhere" log --work 10 -o /nowhere/at/all
ln -s kept link
fails "a link is not followed" "symbolic link" stat --work 10 -o link --force
exit $failed
