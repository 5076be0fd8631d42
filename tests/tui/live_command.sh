#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# live_command.sh - a command of the user's in the live view: how it ended is how swtch ends, and no slip of a
# key ends it.
. "$(dirname "$0")/screen.bash"
[ "$(id -u)" = 0 ] || { echo "skip live_command (needs root and BPF)"; exit 0; }

n_starts() { wc -l <"$work/starts"; }
has_started() { [ -s "$work/starts" ] && [ "$(n_starts)" = "$1" ]; }
asks_first() {
	wait_until has_started 1 && keys R && sees "R once more ends it" && [ "$(n_starts)" = 1 ] &&
		keys R && wait_until has_started 2
}
is_told() { restored 1 && screen | grep -q "^swtch: the keeper process was killed"; }

open 80x24 live -- "sh -c 'exit 4'"
check live_command_says_its_status sees "ended with status 4"
keys q
check live_command_status_is_swtchs restored 4

open 80x24 live -- "sh -c 'echo start >>starts; exec sleep 1000'"
check live_command_is_not_ended_by_one_key asks_first
kill -9 "$(keeper_of "$(cat "$work/pid")")"
check live_command_without_its_keeper_is_told sees "the keeper process was killed"
keys q
check live_command_failure_is_told_behind_the_screen is_told

sleep 1000 &
target=$!
open 80x24 live -p $target
check live_target_goes_on sees "which goes on when this ends"
kill $target
check live_target_that_ended_offers_no_restart eval 'sees "as it was until the end" && sees "done - q quits"'
keys q
check live_target_that_ended_is_no_failure restored 0
