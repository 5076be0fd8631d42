#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bench.sh - the runner of the benchmarks judges what programs print: made-up ones, with values that are
# known. Nothing is timed.
. "$(dirname "$0")/../script.bash"
runner=$scripts/../bench/run

made_up() { # name; the script's text on stdin
	mkdir -p made
	{ echo '#!/bin/sh' && cat; } >"made/$1.sh"
	chmod 755 "made/$1.sh"
}

judged() { # expected status, words...; tables in `out`
	local expected=$1 status
	shift
	SWTCH=$swtch timeout -k 1 60 "$runner" --dir made "$@" >out 2>err </dev/null
	status=$?
	[ "$status" = "$expected" ] && ! grep -q Traceback err
}

# Another value each round: 10, 20, ... 60, 700.
made_up ours <<'END'
echo ours >>order
n=$(grep -c ours order)
echo "ours_ns $((n < 7 ? n * 10 : 700)) ns with a remark"
echo "ours_rate 5e6 events/s"
echo "ours_free 1.5 KB"
[ $n != 1 ] && echo "ours_odd $n ns" || echo "ours_odd - not this time"
END
made_up peers <<'END'
echo peers >>order
echo "ours_ns_fast 90 ns"
echo "ours_ns_slow 200.5 ns"
echo "ours_ns_gone - no such tool here | at all"
echo "peers_only 7 ns"
END
made_up long <<'END'
echo long >>order
echo "long_lost 0 events"
END
cat >made/bars.txt <<'END'
# a comment
ours_ns | at most 40 ns | as much as the bar
ours_ns | 2 times less than ours_ns_fast | ... beside the fast one
ours_ns | 5 times less than ours_ns_slow | ... beside the slow one
ours_ns | no more than ours_ns_gone | ... beside the missing one
ours_rate | at least 5000000 events/s | a rate
long_lost | at most 0 events | loss
long_lost | no less than long_lost | ... beside itself
nobody | at most 1 ns | what nobody prints
long | rounds 1 | takes long
END

judged 0 -o out.json
result "all bars held: status 0" $?
[ "$(tr '\n' ' ' <order)" = "long ours peers $(yes 'ours peers' | head -n 6 | tr '\n' ' ')" ]
result "seven rounds in turn, and one of a program that takes long" $?

row() { # beginning, the rest of the line but for spaces
	grep "^$1" out | tr -s ' ' | grep -qxF -- "$1 $2"
}
row "as much as the bar" "40.0 ns 10.0 .. 700 at most 40 ns holds"
result "a median with its spread, and what equals the bar holds" $?
row "... beside the fast one" "90.0 ns 90.0 .. 90.0 2 times less holds: 2.25 times"
result "a ratio shows the peer" $?
row "... beside the slow one" "200 ns 200 .. 200 5 times less holds: 5.01 times"
result "five times less, by a hair" $?
row "... beside the missing one" "- no more not measured: no such tool here | at all"
result "a missing peer is told of" $?
row "what nobody prints" "- at most 1 ns not measured: no program printed it"
result "what no program prints is told of" $?
row "loss" "0 events 0 .. 0 at most 0 events holds"
result "nothing is at most nothing" $?
grep -q '^... beside itself .* not measured: nothing to compare' out
result "nothing over nothing is no ratio" $?
grep -q '^ours_odd .*(6 rounds, in others: not this time)$' out && grep -q '^peers_only ' out
result "what has no bar is shown, rounds without a value too" $?
grep -qx '5 holds, 0 missed, 3 not measured' out && grep -q '^Linux .* CPUs$' out
result "the sum, and the machine" $?

jq -e '.version == 1 and .cpus > 0 and (.kernel | length > 0) and (.others_share | type == "number") and
       (.bars | length) == 8 and .bars[1].ratio == 2.25 and .bars[3].verdict == "not measured" and
       .bars[3].why == "no such tool here | at all" and .failed == {} and
       (.measures[] | select(.name == "ours_ns") | .median == 40 and .min == 10 and .max == 700 and
        .unit == "ns" and .remark == "with a remark" and (.values | length) == 7) and
       (.measures[] | select(.name == "ours_ns_gone") | .median == null and .values == [])' out.json >/dev/null
result "JSON has all of it" $?

judged 0 --results peers
result "one by name" $?
grep -qF 'no such tool here \| at all' made/RESULTS.md && ! grep -q 'as much as' made/RESULTS.md
result "RESULTS.md, its cells escaped" $?
judged 0 --json --rounds 2 peers && jq -e '.measures | length == 4' out >/dev/null
result "JSON on stdout" $?
judged 1 nosuch && grep -q 'no nosuch; there are: long ours peers' err
result "a name that is none" $?

echo 'ours_ns | at most 9.9 ns | too slow' >>made/bars.txt
rm order
judged 1 ours && row "too slow" "40.0 ns 10.0 .. 700 at most 9.9 ns missed"
result "a bar is missed: status 1" $?
echo 'ours_ns | at most 10 us | in another unit' >>made/bars.txt
judged 1 ours && grep -q 'ours_ns is in ns, its bar in us' err
result "a bar in another unit is an error" $?
echo 'ours_ns | at least | nothing' >made/bars.txt
judged 1 ours && grep -q '^bench: bars.txt:1: ' err
result "a bar that is none is an error" $?

: >made/bars.txt
made_up broken <<'END'
echo "broken_first 1 ns"
echo once >>broken_order
echo "what went wrong" >&2
exit 3
END
made_up babbles <<'END'
echo "babbles nan ns"
END
made_up hangs <<'END'
sleep 1000 &
echo $! >hanging
wait
END
judged 1 --deadline 1 broken babbles hangs
result "programs that fail: status 1" $?
grep -qx 'broken failed: exit status 3: what went wrong' out && [ "$(wc -l <broken_order)" = 1 ]
result "one that fails is not run again" $?
grep -qx 'babbles failed: printed what is no measure: babbles nan ns' out
result "what is no number is no measure" $?
grep -qx 'hangs failed: no end after 1 s' out && timeout 10 tail --pid="$(cat hanging)" -f /dev/null
result "one that hangs is ended with all that it started" $?

rm hanging
SWTCH=$swtch "$runner" --dir made hangs >out 2>err </dev/null &
pid=$!
timeout 10 bash -c 'until [ -s hanging ]; do sleep 0.01; done'
kill $pid
wait $pid
[ $? = 143 ] && timeout 10 tail --pid="$(cat hanging)" -f /dev/null
result "what it started ends with it" $?
exit $failed
