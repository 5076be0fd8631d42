#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# live_claims.sh - claims in the live view: begun, stopped, and run, with nothing left behind.
. "$(dirname "$0")/screen.bash"

needs_a_lab() {
	keys 3 && sees "no lab here" && sees "A1" && keys J && sees "only the lab" && keys q && restored 0
}

open 80x24 live --synthetic 2
sees "switches/s"
check live_claims_need_a_lab needs_a_lab

[ "$(id -u)" = 0 ] || { echo "skip live_claims (needs root and BPF)"; exit 0; }

says_what_to_press() {
	sees "process" && keys 3 && sees "not judged yet" && sees "J judges:" && sees "ends what runs"
}
judges() {
	keys J && sees "round 1 of 5" && sees " left; J or Esc stops" && sees "flat out" &&
		wait_until eval "screen | grep -q '^[ >]P3 .* 1 round '"
}
goes_on_elsewhere() {
	keys 1 && sees "switches/s" && sees "in turn" && keys r && sees "claims are judged flat out" &&
		keys J && sees "round" && sees "Esc stops"
}
pauses() {
	local before

	keys Space && sees "help   paused" || return 1 # C6 has that word too
	before=$(screen | sed -n '4,20p')
	sleep 0.5
	[ "$(screen | sed -n '4,20p')" = "$before" ] && keys Space && misses "help   paused"
}
stops() { keys Escape && keys Escape && sees " - R runs the job again" && misses "Esc stops"; }
unfolds() {
	keys Down Down Right && sees "a process made and ended" && sees "sudo swtch stat --job spawn" &&
		keys Left && sees "A1"
}
runs() {
	keys Enter && sees "spawn" && sees "task/s" && sees "together" && misses "coroutine" &&
		screen | grep -q 'process *│.* thread'
}
runs_own_again() { keys 3 && keys J && sees "round 1 of 5" && keys R && misses "Esc stops" && keys 1 && sees "task/s"; }
leaves_nothing() {
	local swtch

	swtch=$(cat "$work/pid")
	keys 3 && keys J && sees "round 1 of 5" && keys q && restored 0 && wait_until gone "$swtch" &&
		! pgrep -P 1 -x swtch-lab >/dev/null
}

open 80x24 live
check live_claims_say_what_to_press says_what_to_press
check live_claims_are_judged_as_they_come judges
check live_claims_go_on_while_others_are_seen goes_on_elsewhere
check live_claims_pause pauses
check live_claims_stop stops
check live_claims_unfold unfolds
check live_claims_enter_runs_the_job runs
check live_claims_R_ends_judging runs_own_again
check live_claims_end_with_the_program leaves_nothing
