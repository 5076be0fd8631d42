#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# killed.sh - whoever of a running session is killed with 9, and whenever: nothing of it is left, and a
# swtch that lives says who died. KILLS (8) moments, drawn from SEED.
. "$(dirname "$0")/../left.bash"
alone "$@"
. "$(dirname "$0")/screen.bash"

kills=${KILLS:-8}
RANDOM=${SEED:=$((RANDOM * 32768 + RANDOM))}
echo "# SEED=$SEED"
cd "$work" || exit 1
cp "$(command -v sleep)" "$(command -v sh)" .
begin_left

# What runs, for a minute unless it is killed: verb and words.
jobs=(
	"--job pingpong --model process --via pipe" "--job pingpong --model process --via mqueue"
	"--job pingpong --model process --via shm" "--job pingpong --model thread"
	"--job pingpong --model coroutine" "--job echo --model process --clients 20"
	"--job echo --model coroutine --clients 50" "--job counter --model process --tasks 4"
	"--job spawn --model process" "--job spawn --model thread" "--job pingpong --together"
)
# Of a command all that it made ends with swtch or its keeper. What it leaves behind itself is its own affair.
command_line() { [ "$victim" = runner ] && echo "exec ./sleep 60" || echo "./sleep 60 & ./sleep 60 & wait"; }

start() {
	rm -f "$work"/{err,out,out.pftrace,table,status,pid}
	case $verb in
	live) open 100x30 live ${jobs[job]} ;;
	command) "$SWTCH" stat -o table -- ./sh -c "$(command_line)" >out 2>err </dev/null & ;;
	*) "$SWTCH" "$verb" ${jobs[job]} --time 60 -o out.pftrace >out 2>err </dev/null & ;;
	esac
	swtch=$!
	[ "$verb" != live ] || { wait_until test -s pid && swtch=$(<pid); }
}

# child PID: one of its children, any.
child() { pgrep -P "$1" | shuf -n 1 --random-source=<(yes $RANDOM); }

# The victim is killed, if it is there by now: it may end by itself, as a trial of the lab's does.
kill_victim() {
	local at=$swtch name

	for name in swtch keeper runner task; do
		[ "$name" != "$victim" ] || { kill -9 "$at" 2>/dev/null; return; }
		at=$(child "$at")
		[ -n "$at" ] || return
	done
}

# Who died, in one line and nothing else beside what a recording tells of itself; and the exit status. A view
# lives on, with that line, until it is told to end; or it could not begin: the line is in the terminal then.
tells() {
	local says status

	case $victim/$verb in
	keeper/*) says='keeper process' wanted=1 ;;
	runner/command) says= wanted=137 ;;
	*) says='was killed by signal 9' wanted=1 ;;
	esac
	if [ "$verb" = live ]; then
		sees "$says" || { echo "# it is not told"; return 1; }
		ended || keys q
		wait_until ended && sees "the shell is back" || { echo "# it does not end"; return 1; }
		status=$(<status)
		[ "$status" = 0 ] || { [ "$status" = 1 ] && shows "$says"; } || { echo "# status $status"; return 1; }
		return
	fi
	wait $swtch
	status=$?
	[ "$status" = $wanted ] && ! grep -v '^swtch: ' err >&2 || { echo "# status $status"; return 1; }
	[ -z "$says" ] || [ "$(grep -v '^swtch: recorded' err | grep -c "$says")" = 1 ]
}

round() {
	start
	sleep "$(printf '0.%03d' $delay)" # the moment, drawn: not a wait for anything
	wait_until kill_victim || { echo "# no $victim"; return 1; }
	if [ "$victim" != swtch ]; then
		tells || { cat err 2>/dev/null | sed 's/^/# said: /'; [ "$verb" != live ] || screen | sed 's/^/# /'; return 1; }
	fi
	tm kill-server 2>/dev/null
	wait $swtch 2>/dev/null
	nothing_left
}

draw() { # the number of the round
	local verbs=(stat record live command) victims=(swtch keeper runner task)

	verb=${verbs[n % 4]} victim=${victims[RANDOM % 4]} job=$((RANDOM % ${#jobs[@]})) delay=$((RANDOM % 700))
	[ "$verb" != command ] || [ "$victim" != task ] || victim=runner
	[[ ${jobs[job]} == *process* ]] || [ "$victim" != task ] || victim=runner # a thread takes all with it
}

# Moments that were found: while the rate is sought; a server that takes its clients with it.
# And a view whose keeper dies, which is drawn too seldom.
known=("live 0 keeper 600" "live 4 runner 0" "record 6 runner 170" "stat 6 runner 90")
for ((n = 1 - ${#known[@]}; n <= kills; n++)); do
	if [ $n -lt 1 ]; then
		read -r verb job victim delay <<<"${known[-n]}"
	else
		draw
	fi
	what=$verb
	[ "$verb" = command ] || what="$verb ${jobs[job]}"
	if round; then
		echo "ok $n: $what: $victim after $delay ms"
	else
		echo "not ok $n: $what: $victim after $delay ms"
		kill -9 $(our_processes | cut -d' ' -f1) 2>/dev/null # or the next rounds would find it
	fi
done
