#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# latency.sh - stat --latency: where time goes, who wakes whom, and which coroutine blocked its loop.
. "$(dirname "$0")/../script.bash"
needs_root

holds() { # what, file, filter
	jq -e "$3" "$2" >/dev/null 2>err
	result "$1" $?
}

run stat --job pingpong --work 5000 --model process,thread --latency --json -o lab.json
holds "all time on CPUs is in spans, nothing lost" lab.json \
	'.lost.events == 0 and ([.lanes[] | .spans.ran.total_ns == .run_ns] | all)'
holds "the histogram of waking to running is the lane's own" lab.json \
	'[.lanes[] | .spans.woken.log2 == .wait_latency_ns.log2] | all'
holds "processes with a pipe are off for I/O, threads with a condvar for a lock" lab.json \
	'[.lanes[] | .spans | if .io.n > 1000 then "io" elif .lock.n > 1000 then "lock" else "?" end] == ["io", "lock"]'
holds "each of the pair wakes the other most" lab.json \
	'[.lanes[] | .wakers[:2] | map(.waker.name + ">" + .wakee.name) | sort] |
	 all(. == ["ping-0>pong-0", "pong-0>ping-0"])'
holds "where there are no coroutines nobody can be blamed" lab.json '[.lanes[].blocked] == [null, null]'

run record -q -o r.pftrace --job pingpong --work 3000 --model process
run stat -i r.pftrace --latency --json -o tape.json
holds "a recording has the same" tape.json \
	'.lanes[0] | .spans.ran.total_ns == .run_ns and .spans.io.n > 500 and .spans.woken.log2 == .wait_latency_ns.log2'

# One coroutine of six calls what blocks, so often.
cat >blocks.py <<'E2'
import asyncio, time
async def good():
    for _ in range(200):
        await asyncio.sleep(0.001)
async def bad():
    for _ in range(15):
        await asyncio.sleep(0.005)
        time.sleep(0.012)
async def main():
    await asyncio.gather(*[good() for _ in range(5)], bad())
asyncio.run(main())
E2
python=/usr/bin/python3
if "$python" -c 'import _asyncio' 2>/dev/null; then
	run stat --latency --json -o python.json -- "$python" blocks.py
	holds "of an asyncio loop the coroutine that sleeps in it is named, as often as it did" python.json \
		'.lanes[0].blocked | .by[0].n == 15 and .by[0].waits_for == "timer" and .by[0].max_ns >= 12000000'
	run record -q -o python.pftrace -- "$python" blocks.py
	run stat -i python.pftrace --latency --json -o python_tape.json
	holds "in a recording, too, and by its name" python_tape.json \
		'.lanes[0].blocked.by[0] | .n == 15 and .waits_for == "timer" and .name == "bad"'
	holds "and no other one for a timer" python.json \
		'[.lanes[0].blocked.by[1:][] | select(.waits_for == "timer")] == []'
fi

run stat --latency --csv -o t.csv --job pingpong --work 500 --model thread
[ "$(head -1 t.csv)" = "lane,span,n,total_ns,p50_ns,p90_ns,p99_ns,max_ns" ] && grep -q '^thread,lock,[1-9]' t.csv
result "as CSV each span is a row" $?
run stat --latency --per-task --csv --job pingpong
[ $? = 2 ] && grep -q "one table" err
result "one table a file" $?
run stat --latency -o t.txt --job pingpong --work 500 --model thread
grep -q "^off: for a lock  *[0-9.]*%, [0-9.]* .s$" t.txt && grep -q "ping-0:[0-9]* wakes pong-0:" t.txt
result "and as text it stands below the table" $?
exit $failed
