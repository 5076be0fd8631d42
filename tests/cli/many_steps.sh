#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# many_steps.sh - more coroutines, and threads in the middle of a step, than there is room for at a time.
. "$(dirname "$0")/../script.bash"
needs_root
python=${SWTCH_PYTHON:-/usr/bin/python3}
needs_uprobes
. "$scripts/../probed.bash"

# Those of programs that have ended make room for those of the next.
run stat --json -o a.json --runtime send -- sh -c "echo leave 70000 | '$python' '$scripts/many_steps.py'
	echo step 50 20 | '$python' '$scripts/many_steps.py'" >/dev/null
jq -e '.lanes[0] | .user_switches == 71000 and .created.coroutines == 70050' a.json >/dev/null
result "coroutines that nobody resumes any more make room" $?

# The number of the keeper's map of that name.
map_of() { # pid of the keeper, name
	local id

	for id in $(sed -n 's/^map_id:[[:space:]]*//p' "/proc/$1/fdinfo/"* | sort -u); do
		"$bpftool" map show id "$id" | grep -q " name $2 " && echo "$id" && return
	done
	return 1
}

ask() { # what
	local n=$(($(grep -c done said) + 1))

	echo "$1" >&9
	wait_for 60 said_done $n
}

said_done() { [ "$(grep -c done said)" -ge "$1" ]; }

mkfifo go
"$python" "$scripts/many_steps.py" <go >said &
pid=$!
exec 9>go
ask "step 1 1"
run stat --json --runtime send -p $pid >b.json 9>&- &
stat=$!
wait_for 20 probed $stat on_send
result "steps of a program that runs are looked for" $?
map=$(map_of "$(keeper_of $stat)" steps)
ask "end 20"
[ "$(grep -c '^[0-9]' said)" = 1 ] && [ "$("$bpftool" -j map dump id "$map" | jq length)" = 0 ]
result "who ends in the middle of a step leaves nothing" $?

# Filled up with threads that are none: pids have 22 bits.
for ((i = 0; i < 8192; i++)); do
	printf 'map update id %s key hex %02x %02x 80 00 value hex%s\n' "$map" $((i & 255)) $((i >> 8)) "$(printf ' 00%.0s' {1..32})"
done >fill
"$bpftool" batch file fill >filled 2>&1
ask "step 5 40"
exec 9>&-
wait $pid
wait $stat
jq -e '.lost.events == 200 and .lanes[0].user_switches == 20' b.json >/dev/null
result "a step that finds no room is told as lost" $?
exit $failed
