#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# send.sh - Python's coroutines that a program resumes itself: each step, as it counts them, and its end.
. "$(dirname "$0")/../script.bash"
needs_root
python=${SWTCH_PYTHON:-/usr/bin/python3}
needs_uprobes

steps=$(run stat --json -o a.json -- "$python" "$scripts/sends.py" 3 5 40)
[ "$steps" = 1245 ] &&
	jq -e --argjson steps "$steps" '.lanes[0] | .user_switches == $steps and .runtime == "send" and
		.created.coroutines == 30 and .audit.exact == .audit.tasks' a.json >/dev/null
result "loops of three threads: each step is seen, and none within another" $?
steps=$(run log -f jsonl -o b.jsonl -- "$python" "$scripts/sends.py" 2 3 10)
jq -es --argjson steps "$steps" 'map(select(.coroutine)) | map(select(.kind == "resume")) as $resumes |
	map(select(.kind == "suspend")) as $suspends | map(select(.kind == "end")) as $ends |
	($resumes | length) == $steps and ($suspends | length) + ($ends | length) == $steps and
	($ends | length) == 12' b.jsonl >/dev/null
result "each step has its end, and each coroutine one" $?
jq -es 'map(select(.coroutine and (.kind == "resume" or .kind == "suspend" or .kind == "end"))) |
	group_by(.task.pid) | length == 2 and all(.[]; [range(0; length; 2) as $i |
	.[$i].kind == "resume" and .[$i + 1].kind != "resume" and .[$i].coroutine == .[$i + 1].coroutine] | all)' b.jsonl >/dev/null
result "in turn, in each thread" $?
jq -es '["outer", "generator"] - map(select(.kind == "coname").name) == []' b.jsonl >/dev/null
result "and what they are called" $?
run stat --json -o g.json -- "$python" "$scripts/send_exec.py" 3 &&
	jq -e '.lanes[0].user_switches == 24' g.json >/dev/null
result "what a program was in the midst of ends when it executes another" $?
run stat --json -o c.json --runtime asyncio,marks -- "$python" "$scripts/sends.py" 1 1 1 >/dev/null &&
	jq -e '.lanes[0] | .user_switches == null and .runtime == null' c.json >/dev/null
result "nobody looks where it is not wished for" $?
run stat --json -o d.json --runtime send -- "$python" "$scripts/steps.py" 2 3 >/dev/null &&
	jq -e '.lanes[0].user_switches == null' d.json >/dev/null
result "nor for asyncio's" $?
run stat -o e.txt -- "$python" "$scripts/sends.py" 1 1 1 >/dev/null && grep -Eq '^  told by +send$' e.txt
result "the page says who told" $?
exit $failed
