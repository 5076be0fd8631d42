#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# asyncio.sh - coroutines of interpreters that know nothing of us: each step of each task, as they count it.
. "$(dirname "$0")/../script.bash"
needs_root
python=${SWTCH_PYTHON:-/usr/bin/python3}
needs_uprobes
. "$scripts/../probed.bash"

# same FILE STEPS: the lane has as many steps, and coroutines that made them.
same() {
	jq -e --argjson steps "$2" '.lanes[0] | .user_switches == $steps and .runtime == "asyncio" and .created.coroutines > 10 and
		.created.coroutines < $steps and .audit.exact == .audit.tasks' "$1" >/dev/null
}

steps=$(run stat --json -o a.json -- "$python" "$scripts/steps.py" 10 50 --count)
[ "$steps" -gt 1000 ] && same a.json "$steps"
result "a server and clients with sockets: each step is seen" $?
steps=$(run stat --json -o b.json -- sh -c "sleep 0.1; '$python' '$scripts/steps.py' 5 20 --count; :")
[ "$steps" -gt 200 ] && same b.json "$steps"
result "an interpreter that is executed later is found" $?

# More files that are called so and are none than are kept in mind.
mkdir many && for i in {1..70}; do cp /bin/sleep many/python$i; done
steps=$(run stat --json -o many.json -- sh -c "for i in many/*; do \$i 1 & done; wait; '$python' '$scripts/steps.py' 5 20 --count; :")
[ "$steps" -gt 200 ] && [ "$(jq '.lanes[0].user_switches' many.json)" = "$steps" ]
result "files that are only called like one do not hide one" $?

# One that runs already, and goes on.
mkfifo go
"$python" "$scripts/steps.py" 10 50 --count --wait <go >said &
pid=$!
exec 9>go
wait_for 20 grep -q ready said
run stat --json -p $pid >c.json &
stat=$!
wait_for 20 probed $stat on_send
result "one that runs already is looked into" $?
echo >&9
wait $pid
result "it ends as it would have" $?
wait $stat
same c.json "$(tail -n 1 said)"
result "and its steps are seen from then on" $?

run log -f jsonl -o d.jsonl -- "$python" "$scripts/steps.py" 3 10 >/dev/null
jq -es 'map(select(.kind == "resume" or .kind == "suspend" or .kind == "create" or .kind == "end")) |
	(map(select(.kind == "resume")) | length) as $resumes | $resumes > 50 and
	(map(select(.kind == "suspend" or .kind == "end")) | length) == $resumes and
	(map(select(.kind == "create")) | length) > 5 and all(.[]; .cpu != null)' d.jsonl >/dev/null
result "each step begins and ends, on a CPU" $?
run record -q -o e.pftrace -- "$python" "$scripts/steps.py" 3 10 >/dev/null && run export e.pftrace -f jsonl -o - >e.jsonl &&
	[ "$(jq -r 'select(.kind == "resume") | .kind' e.jsonl | wc -l)" -gt 50 ]
result "a recording has them" $?
jq -es '["main", "ask", "serve"] - map(select(.kind == "coname").name) == []' e.jsonl >/dev/null
result "and what they are called" $?
run log -o g.log -- "$python" -c 'import asyncio
async def f(): await asyncio.sleep(0)
async def main():
    for name in ("\033[2J\n", "имя", "", "x" * 5000):
        c = f()
        c.__name__ = name
        await asyncio.create_task(c)
asyncio.run(main())'
[ $? = 0 ] && grep -qF '(\x1b[2J\x0a)' g.log && grep -q '(xxxxxxxxxxx)' g.log && ! grep -q "$(printf '\033')" g.log &&
	! grep -q 'resume .*()' g.log
result "names do no harm, and what is no plain one is left out" $?
run stat --json -o f.json --runtime none -- "$python" "$scripts/steps.py" 3 10 >/dev/null && jq -e '.lanes[0].user_switches == null' f.json >/dev/null
result "with --runtime none nobody looks for them" $?
run stat --json -o f.json --force --runtime none -- env >environment && ! grep -q SWTCH_MARKS environment &&
	run stat --json -o f.json --force -- env >environment && grep -q SWTCH_MARKS environment
result "nor are commands told to wait for who reads their marks" $?
run stat --runtime x -- true 2>/dev/null
[ $? = 2 ] && grep -q "x is no runtime" err
result "a runtime that nobody knows is refused" $?
exit $failed
