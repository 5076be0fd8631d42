#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# targets.sh - programs that run already, cgroups, the whole machine, and several of these side by side.
. "$(dirname "$0")/../script.bash"
needs_root

# A process with threads that sleep now and then, and with a child now and then; ends with its stdin.
cat >worker.py <<'E2'
import os, select, sys, threading, time
def work():
    while True:
        time.sleep(0.005)
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
print(os.getpid(), flush=True)
while not select.select([sys.stdin], [], [], 0.05)[0]:
    if os.fork() == 0:
        os._exit(0)
    os.wait()
E2
started=()
start() { # NAME: its pid is in $pid, and it ends when its pipe is closed
	coproc worker { exec /usr/bin/python3 worker.py; }
	read -r pid <&"${worker[0]}"
	started+=("$pid")
}
finish() { eval "exec ${worker[1]}>&-"; wait "$pid"; }

# What the kernel has counted of a process' tasks so far.
switched() { cat /proc/"$1"/task/*/status | awk '/ctxt_switches/ { n += $2 } END { print n }'; }

# Stopped while the watching begins and ends, so that both count the same.
start
before=$(switched "$pid")
run stat --json -p "$pid" -d 1 >pid.json
result "stat -p ends well after -d" $?
after=$(switched "$pid")
kill -0 "$pid"
result "what was watched goes on" $?
jq -e --argjson most $((after - before)) --argjson pid "$pid" '.target == {kind: "pids", pids: [$pid]} and
	(.lanes | length) == 1 and (.lanes[0] | .switches.total > 500 and .switches.total <= $most and
	.created.processes > 5 and .created.threads == 0 and .exited == .created.processes and
	.switches.missed == 0 and .audit.exact == .audit.tasks and .audit.untracked == 0)' pid.json >/dev/null
result "all its threads and what it forks are in the lane" $?

# From its first to its last switch: what ends is held against the kernel's counts.
run stat --json -p "$pid" >whole.json &
stat=$!
wait_for 20 attached $stat
sleep 0.3
finish
result "the program ends as it would have" $?
wait $stat
result "stat -p ends when the last of it has ended" $?
jq -e '.lanes[0] | .exited > 5 and .audit.tasks >= .created.processes + 1 and .audit.exact == .audit.tasks and
	.switches.missed == 0' whole.json >/dev/null
result "and every task's switches are the kernel's" $?

# Many processes, and many threads, as a command and as something that runs.
if command -v perf >/dev/null; then
	for kind in "" -t; do
		run stat --json -o bench.json --force -- perf bench sched messaging $kind -g 2 -l 200 >/dev/null
		jq -e '.lanes[0] | .audit.tasks > 80 and .audit.exact == .audit.tasks and .switches.missed == 0 and
			.audit.untracked == 0 and .exited == .audit.tasks' bench.json >/dev/null
		result "perf bench sched messaging $kind: every task is exact" $?
	done
fi

# Side by side, with names.
start
run stat --json -o lanes.json --lane "work=-p $pid" --lane 'one=-- sh -c "sleep 0.3; exit 3"' --lane two='-- true' 2>err
[ $? = 0 ]
result "with several commands the status is 0" $?
jq -e '.target.kind == "lanes" and [.lanes[].name] == ["work", "one", "two"] and
	(.lanes[0].switches.total > 100) and (.lanes[1].exited == 2) and (.lanes[2].exited == 1)' lanes.json >/dev/null
result "each target is a lane" $?
run stat --json -o mixed.json --force -p "$pid" -- sh -c 'exit 3'
kill -0 "$pid" && jq -e '[.lanes[].name] == ["python3", "sh"]' mixed.json >/dev/null
result "a lane is called after its program" $?
run log -p "$pid" -d 0.3 -f jsonl >log.jsonl && jq -e 'select(.kind == "switch")' log.jsonl >/dev/null &&
	jq -es '[.[] | .lane] | index("python3")' log.jsonl >/dev/null
result "log -p tells its switches" $?
run record -q -p "$pid" -d 0.3 -o rec.pftrace && run stat -i rec.pftrace --json |
	jq -e --argjson pid "$pid" '.target == {kind: "pids", pids: [$pid]} and .lanes[0].switches.total > 50' >/dev/null
result "record -p knows what it is of" $?

# Everything: nothing of swtch, and no kernel thread left out.
run stat --json -a -d 0.5 >all.json
jq -e '.target == {kind: "all"} and .lanes[0].name == "all" and .lanes[0].switches.total > 100 and
	.lanes[0].audit.exact == .lanes[0].audit.tasks' all.json >/dev/null
result "-a is one lane" $?
run stat --json -a -d 0.1 >all.json
jq -e '.cpus as $cpus | .lanes[0] | .wall_ns >= 100000000 and .run_ns <= .wall_ns * $cpus' all.json >/dev/null
result "-d begins when all is attached, and no more was counted than is told" $?
sleepers=() lanes=()
for i in 1 2 3 4 5 6 7 8 9; do
	sleep 100 &
	sleepers+=($!) lanes+=(--lane "of$i=-p $!")
done
run stat --json "${lanes[@]}" -d 0.2 >nine.json
jq -e '.lanes | length == 9 and all(.[]; .wall_ns >= 200000000)' nine.json >/dev/null
result "every one of nine lanes is watched for that long" $?
kill "${sleepers[@]}"
run log -a -d 0.3 -f jsonl | jq -es --argjson pid "$pid" '[.[] | select(.kind == "switch")] |
	any(.task.pid == $pid or .next.pid == $pid)' >/dev/null
result "with the tasks of all programs" $?
finish

# A cgroup: who is in it, who comes, who leaves.
mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
cgroup=$mount/swtch-test-$$
if [ -n "$mount" ] && mkdir "$cgroup" 2>/dev/null; then
	trap 'rmdir "$cgroup/below" "$cgroup" 2>/dev/null; rm -rf "$here"' EXIT
	mkdir "$cgroup/below"
	start
	in=$pid
	echo "$in" >"$cgroup/below/cgroup.procs"
	run stat --json --cgroup "$cgroup" -d 2 >cgroup.json &
	stat=$!
	wait_for 20 attached $stat
	sleep 0.5
	sh -c "echo \$\$ >$cgroup/cgroup.procs; exec sleep 0.6" & # comes
	comes=$!
	sleep 0.5
	echo "$in" >"$mount/cgroup.procs" # leaves
	wait $stat
	result "stat --cgroup ends well after -d" $?
	wait $comes
	jq -e --arg path "$cgroup" '.target == {kind: "cgroup", path: $path} and
		(.lanes[0] | .switches.total > 300 and .exited >= .created.processes and .audit.exact == .audit.tasks)' cgroup.json >/dev/null
	result "all below a cgroup is in its lane" $?
	run stat --json --cgroup "${cgroup#"$mount"/}" -d 0.3 | jq -e '.lanes[0].switches.total == 0' >/dev/null
	result "who left it is in no lane; it is found by its name alone" $?
	finish
fi

# A thread is no process, and two processes are not one.
start
thread=$(ls /proc/"$pid"/task | grep -vx "$pid" | head -1)
run stat -p "$thread" -d 0.1
[ $? != 0 ] && grep -qF -- "$thread alone: it is a thread of process $pid" err
result "a thread is not watched alone" $?
first=$pid
sleep 100 &
run stat --json -p "$first,$!" -d 0.1 | jq -e '.lanes | length == 1 and .[0].name == "python3+1"' >/dev/null
result "a lane of two processes says so" $?
kill $!
finish
run stat -d 0.2 -o cut.txt -- sleep 100
[ $? = 143 ] && grep -qF "the time of -d is up" err
result "a command that -d ends is said to be" $?

# What cannot be watched is told by name, and before anything is started.
refuses() { # what is said, arguments...
	run stat "${@:2}"
	[ $? != 0 ] && [ "$(wc -l <err)" = 1 ] && grep -qF -- "$1" err
	result "refused: $1" $?
}
refuses "process 4194303: there is no such process" -p 4194303
refuses "cgroup /no: No such file or directory" --cgroup /no
refuses "/etc: it is no cgroup of the second version" --cgroup /etc
refuses "stands there twice" -p 1,1
refuses "stands there twice" --lane a='-p 1' --lane b='-p 1'
refuses "two lanes are called a;" --lane a='-p 1' --lane a=-a
refuses "no process stands there" -p -d 1
refuses "is not a whole number" -p x
refuses "has no NAME=" --lane web
refuses "a quote is not closed" --lane "a=-- sh 'x"
refuses "is for the lab" -p 1 --job pingpong
exit $failed
