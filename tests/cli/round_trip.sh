#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# round_trip.sh - a real run of each job under each model, recorded and read back: the switches of
# each task in the file are those that its audit counted, and those of each lane what stat counts.
. "$(dirname "$0")/../script.bash"
needs_root

# What the events say (jsonl on stdin) against what the counters said (the report).
cat >compare.py <<'END'
import collections, json, sys

report = json.load(open(sys.argv[1]))
left, ended, lanes, wrong = collections.Counter(), 0, collections.Counter(), []
wakeups, lost, coroutines = 0, 0, collections.Counter()
for line in sys.stdin:
    event = json.loads(line)
    kind, lane = event["kind"], event.get("lane")
    if kind == "switch" and event["task"]["pid"] and event["left"]:
        left[event["task"]["pid"]] += 1
        lanes[lane] += 1
    elif kind == "clone":
        left[event["child"]["pid"]] = 0
    elif kind == "wakeup":
        wakeups += 1
    elif kind == "create":
        coroutines[lane] += 1
    elif kind == "lost":
        lost += event["lost"]
    elif kind == "exit":
        ended += 1
        if event["seen"] != event["moved"] or (event["moved"] and event["moved"] != left[event["task"]["pid"]]):
            wrong.append((event, left[event["task"]["pid"]]))
for lane in report["lanes"]:
    name = lane["name"]
    made = lane["created"]["coroutines"] if lane["model"] == "coroutine" else 0
    if coroutines[name] != made:
        wrong.append((name, "coroutines", coroutines[name], made))
    if lane["audit"]["tasks"] != lane["audit"]["exact"]:
        wrong.append((name, lane["audit"]))
audited = sum(lane["audit"]["tasks"] for lane in report["lanes"])
counted = sum(lane["wakeups"] for lane in report["lanes"])
if wakeups != counted:  # a line is of the waker's lane, a count of who is woken
    wrong.append(("wakeups", wakeups, counted))
if lost or report["lost"]["events"]:
    wrong.append(("lost", lost, report["lost"]["events"]))
if not ended or ended < audited:
    wrong.append(("ended", ended, audited))
if sum(lanes.values()) < sum(lane["switches"]["total"] for lane in report["lanes"]):
    wrong.append(("switches", dict(lanes), [lane["switches"] for lane in report["lanes"]]))
for problem in wrong[:5]:
    print("#", problem)
sys.exit(bool(wrong))
END

# Little work: what flat out is lost is told in other tests.
settings() {
	case $1 in
	pingpong) echo --work 2000 ;;
	yield) echo --tasks 4 --work 4000 ;;
	sleep) echo --tasks 3 --sleep 0.05 ;;
	spawn) echo --work 200 ;;
	compute) echo --work 20000 ;;
	counter) echo --work 2000 --sync mutex ;;
	echo) echo --clients 3 --work 1000 ;;
	hog) echo --time 0.3 ;;
	crash) echo ;;
	idle) echo --tasks 20 ;;
	esac
}

for job in pingpong yield sleep spawn compute counter echo hog crash idle; do
	for model in process thread coroutine; do
		rm -f run.pftrace
		# shellcheck disable=SC2046 # options
		run record --job "$job" --model "$model" $(settings "$job") -q -o run.pftrace &&
			run stat -i run.pftrace --json >report.json &&
			run export run.pftrace -f jsonl -o - >events.jsonl &&
			python3 compare.py report.json <events.jsonl >err
		result "$job as $model comes out of a recording as it went in" $?
	done
done
jq -e '.self | .events > 0 and .watch_ns > 0 and .cpu_ns_per_event > 0 and .written_bytes != null and
	.read_bytes >= 16 * .events and .switches > 0' report.json >/dev/null
result "what making a recording cost comes out of it" $?
exit $failed
