#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# replay.sh - recordings on the screen: made by a key of the live view, played, stepped, jumped in.
. "$(dirname "$0")/screen.bash"

recording() { ls "$work"/swtch-*.pftrace 2>/dev/null; }

# --- W in the live view -----------------------------------------------------------------------------

begins() { keys W && sees "recording into swtch-2" && sees "recording: " && [ -n "$(recording)" ]; }

counted() { screen | sed -n 's/.*recording: \([^ ]*\) events.*/\1/p'; }
counts_on() { [ "$(counted)" != "$1" ] && [ -n "$(counted)" ]; }

# What is seen stands still, what is recorded goes on.
goes_on_while_paused() {
	local before

	keys Space && sees paused && before=$(counted) && wait_until counts_on "$before" &&
		keys Space && misses paused
}

ends_by_key() {
	sees "00:03" && keys W && sees "recorded " && misses "recording: " && [ -s "$(recording)" ] &&
		[ "$(stat -c %a "$(recording)")" = 600 ]
}

first_ns() { "$SWTCH" export "$(recording)" -f jsonl -o - | head -n 1 | sed 's/{"time_ns":\([0-9]*\),.*/\1/'; }
has_what_was_before() { [ "$(first_ns)" -lt 100000000 ]; }

ends_with_the_view() {
	rm -f "$(recording)"
	keys W && sees "recording: " && keys q && restored 0 && sees "swtch: recorded " &&
		"$SWTCH" export "$(recording)" -f jsonl -o - | grep -q '"kind":"switch"'
}

# --- replay -------------------------------------------------------------------------------------------

where() { screen | sed -n 's|.*REPLAY *\([-0-9.]*\)/.*|\1|p'; } # seconds
last_line() { screen | sed -n '23p'; } # in the events' view the event that was stepped to
changes_from() { [ "$(last_line)" != "$1" ]; }
tells() { last_line | grep -q -- "$1"; }
is_at() { [ "$(where)" = "$1" ]; }
moves_from() { [ -n "$(where)" ] && [ "$(where)" != "$1" ]; }
plays() { shows REPLAY && ! shows "  paused"; }

opens() { sees REPLAY && sees "switches/s" && sees "1x" && wait_until moves_from 0.000; }

pauses() {
	local at

	keys Space && sees "  paused" && sees Play && at=$(where) && keys 2 && sees "newest at the end" &&
		keys 1 && sees "switches/s" && is_at "$at" && keys Space && misses "  paused" &&
		wait_until moves_from "$at" && keys Space && sees "  paused"
}

steps() {
	local here back

	keys 2 && sees "newest at the end" && keys @ && sees "share like" && keys 2 Enter &&
		wait_until is_at 2.000000 && here=$(last_line) && keys . && wait_until changes_from "$here" &&
		here=$(last_line) && keys , && wait_until changes_from "$here" && back=$(last_line) &&
		keys . && wait_until tells "$here" && keys , && wait_until tells "$back"
}

jumps() {
	keys @ && sees "share like" && keys 1.25 Enter && wait_until is_at 1.250000 &&
		keys F8 && sees "share like" && keys 500ms Enter && wait_until is_at 0.500000 &&
		keys @ && sees "share like" && keys 50% Enter && wait_until moves_from 0.500000 &&
		keys @ && sees "share like" && keys 9x Enter && sees "not a time like" &&
		keys @ && sees "share like" && keys 1000 Enter && misses "share like" && sees "  paused"
}

searches() {
	local found

	keys @ && sees "share like" && keys 0% Enter && misses "share like" && keys / &&
		sees "goes to the next" && keys migrate Enter && misses "goes to the next" &&
		wait_until tells migrate && found=$(last_line) && keys n &&
		wait_until changes_from "$found" && wait_until tells migrate && keys / &&
		sees "goes to the next" && keys nothing-like-it Enter && sees "is in no event from here on" &&
		keys Escape Escape
}

# 1-2-5 from a thousandth to a thousand times; told at once while it plays.
changes_speed() {
	local i

	keys @ && sees "share like" && keys 0% Enter && misses "share like" && keys Space && sees "1x" || return 1
	for i in {1..12}; do keys '['; done
	sees "1/1000x" || return 1
	for i in {1..25}; do keys ']'; done
	sees "end of the recording" # which took no time
}

ends() {
	local i

	for i in {1..9}; do keys '['; done # from 1000x: at 1x one sees it play
	keys @ && sees "share like" && keys 100% Enter && sees "end of the recording" && sees "  paused" &&
		keys Space && misses "end of the recording" && sees "  1x" && keys Space && sees "  paused"
}

has_every_view() {
	keys 1 && sees "switches/s" && keys 2 && sees " events " &&
		keys 4 && sees "a column" && keys 5 && sees " tasks of " &&
		keys 6 && sees "woken to running" && keys F1 && sees "The screen" && keys 1 && sees "switches/s"
}

# A jump plays what was before: rates are known where it leads to.
knows_tasks_after_a_jump() {
	keys 5 @ && sees "share like" && keys 2 Enter && wait_until is_at 2.000000 && keys Home &&
		wait_until rows_have_rates
}
rows_have_rates() { screen | grep -qE ' (ping|pong) +.* [0-9.]+k? +[0-9.]+ +[0-9.]+%'; }

scrolls_its_timeline() {
	keys @ && sees "share like" && keys 1 Enter && wait_until is_at 1.000000 && keys 4 &&
		sees "newest at the right" && misses "reading on" && keys z z z z '<' '<' '<' && sees "End follows" &&
		sees "CPU   0" && sees "ping" && keys End && sees "newest at the right"
}

refuses() { # key
	keys "$1" && sees "what ran then cannot be changed" && keys Escape && misses "cannot be changed"
}
changes_nothing() { keys 1 && refuses j && refuses '#' && refuses t && refuses r && refuses R && refuses +; }

writes() { keys w && sees "events to swtch-2" && grep -q ' switch ' "$work"/swtch-*.log; }

says_that_it_is_cut() { sees "cut: "; }

refused() { # status, words
	wait_until ended && [ "$(cat "$work/status")" = 1 ] && sees "$1"
}

open 80x24 live --synthetic 1,2
sees "switches/s" # all of it is in the history yet
check live_W_begins_a_recording begins
check live_W_records_while_paused goes_on_while_paused
check live_W_ends_it ends_by_key
check live_W_has_what_was_before has_what_was_before
cp "$(recording)" "$work/tape"
check live_W_is_ended_by_q ends_with_the_view

open 80x24 replay tape
check replay_opens_and_plays opens
check replay_space_plays_and_pauses pauses
check replay_steps_event_by_event steps
check replay_jumps_to_a_time jumps
check replay_searches_the_file searches
check replay_changes_speed changes_speed
check replay_ends_paused_and_begins_anew ends
check replay_has_every_view has_every_view
check replay_timeline_goes_anywhere scrolls_its_timeline
check replay_tasks_have_rates_after_a_jump knows_tasks_after_a_jump
check replay_changes_nothing_that_ran changes_nothing
check replay_w_writes_the_log writes
keys q
check replay_q_restores_the_terminal restored 0
head -c $(($(stat -c %s "$work/tape") * 2 / 3)) "$work/tape" >"$work/part"
open 120x40 replay part
check replay_says_that_it_is_cut says_that_it_is_cut
keys q
check replay_of_a_part_ends_well restored 0
open 80x24 replay missing
check replay_of_a_missing_file_says_so refused "cannot read missing"
: >"$work/empty"
open 80x24 replay empty
check replay_of_an_empty_file_says_so refused "empty"
open 80x24 replay run.sh
check replay_of_another_file_says_so refused "run.sh"
