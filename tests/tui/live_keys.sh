#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# live_keys.sh - the live view on a made-up machine, driven by keys.
. "$(dirname "$0")/screen.bash"

opens() { sees "switches/s" && sees "CPU   1" && sees "nothing lost" && sees "F10Quit"; }

helps() {
	keys F1 && sees "The screen" && keys End && sees "one line an event" &&
		keys F1 && sees "switches/s" && keys '?' && sees "The screen" && keys h && misses "The screen"
}

changes_views() {
	keys 2 && sees "newest at the end" && keys Tab && sees "no lab here" &&
		keys Tab && sees "newest at the right" && keys Tab && sees "by switch/s" &&
		keys Tab && sees "woken to running" && keys Tab && sees "The screen" &&
		keys Tab && sees "switches/s" && keys BTab && sees "The screen" && keys 1 && sees "switches/s"
}

only_migrations() {
	screen | sed -n '4,23p' | grep . | grep -qv migrate && return 1
	screen | grep -q ' migrate '
}

filters() {
	keys F4 && sees "any text of a line" && keys migrate Enter && sees "filter: migrate" &&
		wait_until only_migrations && keys '\' && sees "empty shows all" && keys Escape &&
		misses "empty shows all" && keys Escape && misses "filter:" && sees "wakeup"
}

# What is seen stays, through redraws, until Space is pressed again.
pauses() {
	local before

	keys 2 && sees "newest at the end" && keys Space && sees "paused" && sees "Go on" || return 1
	before=$(screen)
	keys 1 && sees "switches/s" && keys 2 && sees " events " && misses "switches/s" || return 1
	[ "$(screen)" = "$before" ] || return 1
	keys Space && misses "paused" && sees "newest at the end"
}

searches() {
	keys / && sees "Enter goes up" && keys pong Enter && sees "search: pong" && sees "End follows" &&
		keys n && keys / C-h C-h C-h C-h nothing-like-it Enter && sees "is in no event above" &&
		keys End && sees "newest at the end" && keys Escape Escape && misses "search:"
}

# The first time that is told, in seconds; how far back the events go depends on when it was paused.
first_time() { screen | grep -oE "$1[0-9]+\.[0-9]{4,}" | grep -m 1 -oE '[0-9.]+'; }
is_before() { [ "$(printf '%s\n' "$(first_time "$1")" "$2" | sort -n | head -n 1)" != "$2" ]; }

scrolls() {
	local there

	keys 2 && sees "newest at the end" && keys Space && sees paused && keys PPage && sees "End follows" ||
		return 1
	there=$(first_time '')
	keys Home && wait_until is_before '' "$there" && keys NPage && keys End && sees " events " &&
		misses "End follows" && keys Space && misses paused
}

# To an instant and back: zoomed in, from event to event, unfolded and folded, found by name.
tells_time() {
	local there

	keys 4 && sees "newest at the right" && sees "CPU   1" && keys Space && sees paused &&
		keys Left && misses "newest at the right" && keys z z z z z z . && sees " at " && sees "CPU 0:" &&
		keys Enter && sees "▸CPU   0" && keys Enter && sees "▾CPU   0" &&
		keys / && sees "Enter goes to the next" && keys wakeup Enter && sees "Here: wakeup" ||
		return 1
	there=$(first_time ' at ')
	keys Home && wait_until is_before ' at ' "$there" && keys Escape && keys End && sees "Left stops here" &&
		keys Space && misses paused && sees "newest at the right" && keys 1
}

# Who is on the first row of the list, and who is chosen; a pause holds the list still.
first_row() { screen | sed -n 5p | cut -c 1-25; }
is_by() { [ "$(first_row)" = "$1" ]; }
isnt_by() { [ "$(first_row)" != "$1" ]; }

lists_tasks() {
	local there

	keys 5 && sees "by switch/s" && sees "tasks of" && sees "worker-" && sees "▾" && keys Space && sees paused ||
		return 1
	there=$(first_row)
	keys S && sees flipped && wait_until isnt_by "$there" && keys S && wait_until is_by "$there" &&
		keys T && misses "▾" && keys T && sees " programs " && keys T && misses " programs " && sees "▾" && keys '<' && sees "by name" && keys '>' &&
		sees "by switch/s" && keys Down Enter && sees "means" && sees "left  " && keys F && sees following &&
		keys Left && sees "▸" && keys Right && sees "▾" && keys Escape && misses "means" && keys Home &&
		misses following && keys F4 && sees "any text of a line" && keys thread Enter &&
		sees "filter: thread" && keys Escape && misses "filter:" && keys Space && misses paused
}

chooses() {
	keys 1 && sees "switches/s" && keys F2 && sees "Up and Down choose" && sees "pingpong" &&
		keys Down Up Enter && misses "Up and Down choose" && sees "only the lab" &&
		keys '#' && sees "how many tasks" && keys 9 C-h 8 Enter && sees "8 tasks" &&
		keys + && sees "16 tasks" && keys - && sees "8 tasks"
}

resizes() {
	tm resize-window -x 120 -y 40 && sees "from woken" && tm resize-window -x 1 -y 1 &&
		tm resize-window -x 3 -y 2 && tm resize-window -x 200 -y 60 && sees "latest events" &&
		tm resize-window -x 80 -y 24 && misses "latest events" && sees "CPU   1" && sees "F10Quit"
}

writes() {
	local file

	keys w && sees "events to swtch-" || return 1
	file=$(cd "$work" && ls swtch-*.log) || return 1
	[ "$(stat -c %a "$work/$file")" = 600 ] && grep -q ' switch ' "$work/$file" &&
		! grep -q $'\033' "$work/$file" && [ "$(wc -l <"$work/$file")" -gt 100 ]
}

refuses_to_overwrite() {
	ln -s /etc/passwd "$work/link" && local second file
	rm -f "$work"/swtch-*.log
	for second in {0..99}; do
		file=$(date -d "+$second sec" +swtch-%Y%m%d-%H%M%S.log)
		echo mine >"$work/$file"
	done
	keys w && sees "swtch-2" && [ "$(cat "$work"/swtch-*.log | sort -u)" = mine ]
}

quits() { # what was written is named once more
	keys q && restored 0 && screen | grep -q "^swtch: wrote .* events to swtch-"
}

scrolls_cpus() {
	sees "of 256" && sees "CPU   0" && keys NPage && misses "CPU   0" && keys Down Down End &&
		sees "CPU 255" && keys PPage && misses "CPU 255" && keys Home && sees "CPU   0"
}

open 80x24 live --synthetic 2,60
check live_opens opens
check live_help_opens_and_closes helps
check live_views_change changes_views
check live_filter filters
check live_pause_freezes_what_is_seen pauses
check live_search searches
check live_events_scroll scrolls
check live_tasks_are_listed lists_tasks
check live_timeline_tells_what_happened tells_time
check live_prompts_and_chooser chooses
check live_resizes_to_anything resizes
check live_w_writes_the_log writes
check live_w_never_overwrites refuses_to_overwrite
check live_q_restores_the_terminal quits
open 80x24 live --synthetic 256,1000
check live_256_cpus_scroll scrolls_cpus
keys F10
check live_F10_restores_the_terminal restored 0
open 80x24 live --synthetic 2 -d 1
check live_duration_ends_it restored 0
