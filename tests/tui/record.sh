#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# record.sh - a recording in a terminal: its progress, and Enter, which writes the ring.
. "$(dirname "$0")/screen.bash"
[ "$(id -u)" = 0 ] || { echo "skip record (needs root and BPF)"; exit 0; }

progress() { sees "00:01" && sees " events" && sees " in the ring" && sees "nothing lost" && sees "Enter writes"; }
writes() { keys Enter && sees "events, to swtch.pftrace" && [ -s "$work/swtch.pftrace" ]; }
writes_again() { keys Enter && sees "events, to swtch-2.pftrace" && [ -s "$work/swtch-2.pftrace" ]; }
goes_on() { sees "00:03"; }
ends() { keys C-c && restored 0 && sees "events, to swtch-3.pftrace" && [ -s "$work/swtch-3.pftrace" ]; }
overwrites_nothing() {
	wait_until ended && [ "$(cat "$work/status")" = 1 ] && sees "add --force"
}
leaves_stdin() { # Enter is the command's
	sees "type here" && keys hello Enter && sees "got hello" && wait_until ended &&
		[ "$(cat "$work/status")" = 3 ] && sees "swtch: wrote the last"
}

open 100x24 record --ring 30s --rate 500 --time 60 --model process
check record_shows_progress progress
check record_enter_writes_the_ring writes
check record_enter_writes_it_again writes_again
check record_goes_on goes_on
check record_ctrl_c_ends_it ends
open 100x24 record --ring 30s --time 60
check record_overwrites_nothing overwrites_nothing
cat >"$work/ask" <<'END'
echo type here
read -r line
echo "got $line"
exit 3
END
open 100x24 record --ring 30s -o c.pftrace -- sh ask
check record_leaves_the_terminal_to_a_command leaves_stdin
