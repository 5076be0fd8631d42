#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# live_lab.sh - the live view on the real kernel: three models at work, driven by keys, and every way
# to end it, after which nothing of it may be left.
. "$(dirname "$0")/screen.bash"

[ "$(id -u)" = 0 ] || { echo "skip live_lab (needs root and BPF)"; exit 0; }


pid() { cat "$work/pid"; }
children() { pgrep -P "$1" | tr '\n' ' '; }

# The keeper, the runners, the tasks: everything below us, to be looked for afterwards.
remember() {
	local keeper runner

	family="$(pid)"
	for keeper in $(children "$(pid)"); do
		family="$family $keeper"
		for runner in $(children "$keeper"); do family="$family $runner $(children "$runner")"; done
	done
	[ "$(wc -w <<<"$family")" -ge 7 ] # swtch, keeper, three runners, ping and pong
}

all_gone() {
	local one

	for one in $family; do kill -0 "$one" 2>/dev/null && return 1; done
	! pgrep -x swtch-lab >/dev/null || ! pgrep -P 1 -x swtch-lab >/dev/null
}

works() { screen | grep -qE 'round trip/s *│ +[0-9.]+k' && screen | grep -q '2 coroutines'; }
moves() { sees "process" && wait_until works && sees "nothing lost" && wait_until remember; }

in_turn() { keys t && sees "in turn" && sees "waits its turn" && keys t && misses "in turn" && wait_until works; }
flat_out() { keys r && sees "flat out" && keys r && misses "flat out"; }
reads_nothing() {
	sees "flat out" && wait_until works && keys w && sees "nothing was recorded while flat out" &&
		sees "nothing lost" && keys 2 && sees " switch "
}
changes_job() {
	keys F2 && sees "Up and Down choose" && keys Down Enter && sees "step/s" && sees "3 coroutines" &&
		keys + && sees "6 tasks" && sees "6 coroutines" && keys R && sees "00:0"
}
sees_coroutines() { keys 2 && keys F4 && keys resume Enter && sees " resume " && keys Escape 1 && sees "step/s"; }
writes() {
	sees "6 coroutines" && keys w && sees "events to swtch-" && grep -q ' switch ' "$work"/swtch-*.log &&
		! grep -q '^-' "$work"/swtch-*.log && # nothing before the start
		[ "$(stat -c %u "$work"/swtch-*.log)" = "${SUDO_UID:-0}" ]
}

unprivileged() {
	local status=/proc/$(pid)/status

	[ "$(awk '/^Cap(Inh|Prm|Eff|Bnd|Amb)/ { print $2 }' "$status" | sort -u)" = 0000000000000000 ] &&
		grep -qP '^NoNewPrivs:\t1' "$status" && grep -qP "^Uid:\t${SUDO_UID:-0}\t" "$status"
}

ends_clean() { restored "$1" && wait_until all_gone; }
killed() { kill -9 "$(pid)" && wait_until all_gone; }
loses_its_terminal() { tm kill-server && wait_until all_gone; }
loses_a_task() { # of the runners only that of the processes has children
	local runners

	runners=$(pgrep -d , -P "$(children "$(pid)" | tr -d ' ')")
	kill -9 "$(pgrep -P "$runners" | head -n 1)" && sees "killed by signal 9" && keys q && ends_clean 1
}

start() { open 80x24 live --job pingpong; }

start
check live_lab_moves moves
check live_lab_is_unprivileged unprivileged
check live_lab_in_turn_and_back in_turn
check live_lab_flat_out_and_back flat_out
check live_lab_other_job_and_tasks changes_job
check live_lab_coroutines_in_the_events sees_coroutines
check live_lab_w_writes_as_the_user writes
remember
keys q
check live_lab_q_leaves_nothing ends_clean 0
for signal in TERM HUP INT; do
	start
	moves && kill -"$signal" "$(pid)"
	check "live_lab_SIG${signal}_leaves_nothing" ends_clean 0
done
start
moves
check live_lab_SIGKILL_leaves_nothing killed
start
moves
check live_lab_closed_terminal_leaves_nothing loses_its_terminal
start
moves
check live_lab_killed_task_is_told loses_a_task
open 80x24 live --job pingpong --rate max
check live_lab_flat_out_reads_what_is_looked_at reads_nothing
keys q
check live_lab_flat_out_ends ends_clean 0
# Its output is in a view of its own: on a terminal of its own, which is as large as ours.
open 100x30 live -- sh -c "'tty; stty size; stty -echo; printf \"\\033[2Jin\\033[5mside\\n\"; sleep 0.3; exit 3'"
check live_command_tells_its_status eval 'sees "done" && sees "ended with status 3; what it wrote is in the output"'
misses inside || bad=yes
keys 7
check live_command_output_is_a_view eval '[ -z "${bad-}" ] && sees inside && sees /dev/pts/ && sees "30 100"'
keys R
check live_command_is_started_again eval 'misses "ended with" && sees inside && sees "ended with"'
keys q
check live_command_ends_with_its_status restored 3
