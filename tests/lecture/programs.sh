#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# programs.sh - the lecture's three programs, twice: as invocations of the lab (NAME.args, and in
# NAME.log what it prints), and in Python (NAME.py).
. "$(dirname "$0")/../script.bash"
needs_root

lab() { # NAME
	# shellcheck disable=SC2046 # words of a command line
	timeout -k 1 60 "$swtch" stat $(cat "$scripts/$1.args") --json \
		>"$1.json" 2>"$1.printed" </dev/null
}

python() { # NAME: watched, as a user would; its own output goes to NAME.out and NAME.err
	timeout -k 1 60 "$swtch" stat --json -o "$1.py.json" -- python3 -u "$scripts/$1.py" \
		>"$1.out" 2>"$1.err" </dev/null
	echo $? >"$1.status"
}

# Five seconds of sleep each: all at the same time.
lab sleep_me &
python sleep_me &
for name in count_to_three count; do
	lab "$name"
	result "$name: the lab runs it" $?
	diff "$scripts/$name.log" "$name.printed" | sed 's/^/# /'
	cmp -s "$scripts/$name.log" "$name.printed"
	result "$name: each step in its order, to StopIteration" $?
	jq -e '.lanes[0] | .work.answered_done == 1 and .work.resumes == .work.done + 1 and
		.user_switches == .work.resumes and .created.threads == 0 and .audit.tasks == 1 and
		.audit.exact == 1' "$name.json" >/dev/null
	result "$name: one coroutine, resumed by hand, no other thread" $?
	python "$name"
	grep -q '^StopIteration' "$name.err" && [ "$(cat "$name.status")" = 1 ]
	result "$name: Python ends by StopIteration" $?
	[ "$(grep -c Counting "$name.out")" = "$(grep -c step "$scripts/$name.log")" ]
	result "$name: Python counts as far" $?
	! has_uprobes || jq -e --slurpfile lab "$name.json" '.lanes[0] | .runtime == "send" and
		.user_switches == $lab[0].lanes[0].user_switches and .created.coroutines == 1' "$name.py.json" >/dev/null
	result "$name: each send() of Python is seen, as many as the lab's" $?
done
grep -q 'coroutine object count_to_three at 0x' count_to_three.out
result "count_to_three: Python names the coroutine that has not begun" $?

wait
# Which of ten threads comes first nobody can say.
sort sleep_me.printed | cmp -s - <(sort "$scripts/sleep_me.log")
result "sleep_me: ten fall asleep and wake up" $?
[ "$(grep -n 'falls asleep' sleep_me.printed | tail -n 1 | cut -d: -f1)" = 10 ]
result "sleep_me: all sleep before the first wakes" $?
jq -e '.lanes[0] | .created.threads == 10 and .wall_ns >= 5e9 and .wall_ns < 10e9 and
	.audit.exact == .audit.tasks' sleep_me.json >/dev/null
result "sleep_me: ten threads, the time of one sleep" $?
jq -e '.lanes[0] | .created.threads == 10 and .wall_ns >= 5e9 and .wall_ns < 10e9 and
	.audit.exact == .audit.tasks' sleep_me.py.json >/dev/null
result "sleep_me: Python's threads are the kernel's" $?
[ "$(grep -c 'woken up' sleep_me.out)" = 10 ]
result "sleep_me: Python's threads wake up" $?
exit $failed
