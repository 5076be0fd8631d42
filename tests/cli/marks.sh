#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# marks.sh - programs that mark their coroutines: what they count of themselves, swtch counts too;
# whoever watches may be killed, and whoever is watched.
. "$(dirname "$0")/../script.bash"
needs_root
examples=$(realpath "$(dirname "$swtch")")/examples
include=$scripts/../../include
loop=$examples/marks_loop

# What a program printed ("coroutines N steps N switches N") against the report.
agrees() { # printed, report
	read -r _ coroutines _ _ _ switches <"$1"
	[ -n "$switches" ] && jq -e --argjson c "$coroutines" --argjson s "$switches" '.lost.events == 0 and
		(.lanes[0] | .user_switches == $s and .created.coroutines == $c and .runtime == "marks")' "$2" >/dev/null
}

for example in "$loop" "$examples/marks_boost"; do
	[ -x "$example" ] || { echo "skip - ${example##*/} was not built: it needs Boost"; continue; }
	timeout 60 "$swtch" stat --json -o report.json --force -- "$example" 2000 >printed 2>err &&
		agrees printed report.json
	result "${example##*/} switches and creates as often as it says" $?
done

run stat --json -o report.json --force -- true && jq -e '.lanes[0] | .user_switches == null and
	.created.coroutines == null' report.json >/dev/null
result "a program without marks has no coroutines that are known" $?

run log -f jsonl -o events.jsonl -- "$loop" 10 >/dev/null &&
	[ "$(jq -r 'select(.kind == "coname") | .name' events.jsonl | sort | uniq -c | awk '{ print $1 $2 }' | xargs)" = \
		"2fetch 2parse 2reply 2store" ] &&
	jq -se 'map(select(.kind == "resume")) | length == 8 * (1 + 3 * 10) and
		all(.task.name == "marks_loop" and .cpu != null)' events.jsonl >/dev/null &&
	[ "$(jq -r 'select(.kind == "end").coroutine' events.jsonl | sort -n | xargs)" = "1 2 3 4 5 6 7 8" ]
result "events have coroutines with their names, threads and CPUs" $?

run record -q -o run.pftrace -- "$loop" 50 >/dev/null && run export run.pftrace -f jsonl -o read.jsonl &&
	run export run.pftrace -f text -o read.text && run export run.pftrace -f chrome -o read.chrome &&
	[ "$(jq -r 'select(.kind == "coname") | .name' read.jsonl | wc -l)" = 8 ] &&
	[ "$(grep -c '"kind":"resume"' read.jsonl)" = $((8 * (1 + 3 * 50))) ] &&
	grep -q 'resume .* co-3 (store) in marks_loop:' read.text && grep -q '"co-3 (store)"' read.chrome
result "a recording has the names" $?

# Each process of a command is a program of its own, with ids of its own; a child is none of its parent's.
run log -f jsonl -o two.jsonl -- sh -c "'$loop' 10 & '$loop' 10; wait" >/dev/null &&
	[ "$(jq -r 'select(.kind == "create").coroutine' two.jsonl | sort -u | wc -l)" = 16 ]
result "coroutines of two programs are told apart" $?

# --- what is killed ------------------------------------------------------------------------------------

timeout 60 "$swtch" stat --json -o killed.json -- timeout -s KILL 0.3 "$loop" 1000000000000 >/dev/null 2>err
jq -e '.lanes[0].user_switches > 1000 and .lost.events == 0' killed.json >/dev/null
result "a program that is killed was counted to its end" $?

# Bytes 16 to 23 of the area: until when it is watched.
until_ticks() { od -An -t u8 -j 16 -N 8 "/proc/$1/fd/1000" 2>/dev/null | tr -d ' '; }
is_watched() { [ "$(until_ticks "$1")" -gt 0 ] 2>/dev/null; }
is_let_go() { [ "$(until_ticks "$1")" = 0 ]; }

"$loop" 1000000000000 >/dev/null &
pid=$!
wait_for 20 test -e "/proc/$pid/fd/1000"
run stat --json -d 0.5 -o attached.json -p "$pid" && is_let_go "$pid" && kill -0 "$pid" &&
	jq -e '.lanes[0].user_switches > 1000 and .lost.events == 0' attached.json >/dev/null
result "a program that runs already is watched from then on, and let go" $?
kill -9 "$pid"
{ wait "$pid"; } 2>/dev/null

cat >run_loop.sh <<END
trap '' TERM
'$loop' 1000000000000 >/dev/null &
echo \$! >loop.pid.new && mv loop.pid.new loop.pid
wait
END
"$swtch" stat --json -o never.json -- sh run_loop.sh 2>err >/dev/null &
watcher=$!
wait_for 20 test -s loop.pid && wait_for 20 is_watched "$(cat loop.pid)"
result "a program that runs for long is watched" $?
keeper=$(pgrep -P $watcher)
kill -9 $watcher $keeper # in this order: it must not notice, and tidy up
{ wait $watcher; } 2>/dev/null
pid=$(cat loop.pid)
wait_for 20 is_let_go "$pid" && kill -0 "$pid"
result "killed, swtch leaves the program running, and its marks cost nothing again" $?
kill -9 "$pid"

# --- languages -------------------------------------------------------------------------------------------

cat >one.c <<'END'
#include "swtch_marks.h"
uint32_t one(void);
uint32_t one(void) { return swtch_mark_create("c"); }
END
cat >two.cpp <<'END'
#include "swtch_marks.h"
extern "C" uint32_t one(void);
int main()
{
	uint32_t first = one(), second = swtch_mark_create("c++");

	swtch_mark_resume(first);
	swtch_mark_end(first);
	return second == first + 1 ? 0 : 1;
}
END
strict="-O2 -Wall -Wextra -Wshadow -Wundef -pedantic -Werror -I$include"
if command -v g++ >/dev/null; then
	# shellcheck disable=SC2086 # options
	gcc -std=c11 -D_GNU_SOURCE $strict -c one.c 2>err && g++ -std=c++17 $strict two.cpp one.o -o both -pthread 2>err &&
		./both && run stat --json -o both.json -- ./both &&
		jq -e '.lanes[0] | .user_switches == 2 and .created.coroutines == 2' both.json >/dev/null
	result "C and C++ in one program share what they mark" $?
else
	echo "skip - there is no C++ compiler"
fi
exit $failed
