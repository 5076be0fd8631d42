#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# live_terminal.sh - terminals of every kind, and every way to leave one.
. "$(dirname "$0")/screen.bash"

for signal in TERM HUP INT; do
	open 80x24 live --synthetic 2
	sees "switches/s" && kill -"$signal" "$(cat "$work/pid")"
	check "live_SIG${signal}_restores_the_terminal" restored 0
done

open 80x24 live --synthetic 2
sees "switches/s" && keys C-c
check live_ctrl_c_restores_the_terminal restored 0

# What ends it leaves it no time: another process gives the terminal back, just behind its end.
is_given_back() {
	[ "$(tm display-message -p '#{alternate_on} #{cursor_flag} #{keypad_cursor_flag}')" = "0 1 0" ] &&
		[ "$(stty -g <"$(tm display-message -p '#{pane_tty}')")" = "$(cat "$work/before")" ]
}
given_back() { wait_until ended && [ "$(cat "$work/status")" = "$1" ] && sees "the shell is back" && wait_until is_given_back; }
for signal in KILL SEGV ABRT USR1; do
	open 80x24 live --synthetic 2
	sees "switches/s" && kill -"$signal" "$(cat "$work/pid")"
	check "live_SIG${signal}_gives_the_terminal_back" given_back $((128 + $(kill -l "$signal")))
done
open 80x24 live --synthetic 2
sees "switches/s" && keys 'C-\'
check live_ctrl_backslash_gives_the_terminal_back given_back $((128 + $(kill -l QUIT)))

open 80x24 live --synthetic 2
sees "switches/s"
pid=$(cat "$work/pid")
tm kill-server
check live_ends_when_the_terminal_vanishes wait_until gone "$pid"

# One line on stderr, nothing drawn.
refused() { # status, words
	[ "$status" = "$1" ] && [ "$(wc -l <"$work/err")" = 1 ] && [ ! -s "$work/out" ] &&
		grep -q "^swtch: .*$2" "$work/err" && return
	sed 's/^/# /' "$work/err"
	return 1
}

"$SWTCH" live --synthetic 2 </dev/null >"$work/out" 2>"$work/err"
status=$?
check live_without_a_terminal_is_an_error refused 1 "needs a terminal"

# Through script(1) stdout is a terminal; an error goes there too.
one_line() {
	sees "the shell is back" || return 1
	[ "$(cat "$work/status")" = "$1" ] && screen | grep -q "^swtch: .*$2" &&
		[ "$(screen | grep -c .)" = 2 ]
}

open 120x24 TERM=no-such-terminal live --synthetic 2
check live_unknown_TERM_is_an_error one_line 1 "no-such-terminal"
open 120x24 TERM= live --synthetic 2
check live_empty_TERM_is_an_error one_line 1 "TERM is not set"
open 120x24 TERM=dumb live --synthetic 2
check live_dumb_terminal_is_an_error one_line 1 "cannot place its cursor"
open 120x24 live --synthetic 0
check live_synthetic_out_of_range_is_usage one_line 2 "synthetic"

plain_only() { sees "switches/s" && sees "####" && ! screen | grep -qP '[^\x00-\x7f]'; }
open 80x24 live --synthetic 2,60 --ascii
check live_ascii plain_only
open 80x24 LC_ALL=C live --synthetic 2,60
check live_locale_without_UTF-8_is_ascii plain_only

colors() { tm capture-pane -e -p | grep -qP '\033\[[0-9;]*(3[0-7]|38;[25]|9[0-7])[;0-9]*m'; }
colorless() { sees "switches/s" && ! colors; }
open 80x24 live --synthetic 2
check live_has_colors eval 'sees "switches/s" && wait_until colors'
open 80x24 NO_COLOR=1 live --synthetic 2
check live_NO_COLOR colorless
open 80x24 live --synthetic 2 --no-color
check live_no_color colorless
open 80x24 TERM=vt100 live --synthetic 2
check live_vt100_has_no_colors colorless
keys q
check live_vt100_is_restored restored 0
