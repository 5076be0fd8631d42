#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# live_faults.sh - a terminal that goes wrong: resized to one cell and back TIMES times, stopped and
# continued, hung up, closed while programs run. It is restored, and nothing is left behind.
. "$(dirname "$0")/screen.bash"
TIMES=${TIMES:-1000}
RSS_KB_MOST=90000 # some 52,000 once the history of events is full, resized or not

# The terminal's own size, set as fast as can be, each a SIGWINCH to who is in front; and some keys.
cat >"$work/resize.py" <<'END'
import fcntl, os, struct, sys, termios
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
for i in range(int(sys.argv[2])):
    for rows, columns in ((1, 1), (24, 80)) if i % 2 else ((2, 300), (1, 1), (200, 1), (24, 80)):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
END
tty() { tm display-message -p '#{pane_tty}'; }
rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$(cat "$work/pid")/status"; }
n_fds() { ls "/proc/$(cat "$work/pid")/fd" | wc -l; }
resizes() { python3 "$work/resize.py" "$(tty)" "$1" && keys C-l && sees "F10Quit"; }
sizes_are_survived() {
	local view fds

	sees "switches/s" && resizes 50 || return 1
	fds=$(n_fds)
	for view in 1 2 3 4 5 6 7; do
		keys "$view" && resizes $((TIMES / 7 + 1)) || return 1
	done
	keys 1 && sees "switches/s" || return 1
	echo "# $TIMES times: RSS $(rss_kb) kB, descriptors $fds to $(n_fds)"
	[ "$(rss_kb)" -lt "$RSS_KB_MOST" ] && [ "$(n_fds)" = "$fds" ]
}
open 80x24 live --synthetic 2
check live_1x1_and_back_is_survived sizes_are_survived
keys q
check live_1x1_and_back_is_restored restored 0

# A terminal that starts as one cell.
open 1x1 live --synthetic 2
wakes_up() { wait_until [ -s "$work/pid" ] && tm resize-window -x 80 -y 24 && sees "switches/s" && keys q && restored 0; }
check live_starts_in_1x1 wakes_up

# Stopped by job control, as by Ctrl-Z: so in front of a shell that has it.
cat >"$work/shell.sh" <<-END
	set -m
	cd "$work"
	stty -g >before
	sh -c 'echo \$\$ >pid; exec "\$0" live --synthetic 2' "$SWTCH"
	stty -g >stopped
	echo "it is stopped"
	read -r _
	fg >/dev/null
	echo \$? >status.new
	stty -g >after
	mv status.new status
	echo "the shell is back"
	exec cat
END
stops() {
	sees "switches/s" && "$@" && sees "it is stopped" && cmp -s "$work/before" "$work/stopped" &&
		[ "$(tm display-message -p '#{alternate_on} #{cursor_flag}')" = "0 1" ]
}
continues() { keys Enter && sees "switches/s" && misses "it is stopped" && keys 2 && sees " events " && keys q && restored 0; }
for how in "keys C-z" "kill -TSTP"; do
	tm kill-server 2>/dev/null
	server=${server%-*}-$((${server##*-} + 1))
	rm -f "$work"/{pid,before,after,status,stopped}
	tm new-session -d -x 80 -y 24 "bash $work/shell.sh"
	sees "switches/s"
	[ "$how" = "keys C-z" ] || how="kill -TSTP $(cat "$work/pid")"
	check "live_${how%% *}_stops_and_gives_the_terminal_back" stops $how
	check "live_${how%% *}_continues" continues
done

# Stopped from outside, without a word, and continued.
open 80x24 live --synthetic 2
outside() { sees "switches/s" && kill -STOP "$(cat "$work/pid")" && kill -CONT "$(cat "$work/pid")" && keys 2 && sees " events " && keys q && restored 0; }
check live_SIGSTOP_and_SIGCONT outside

# With the keeper and the lab: none of them outlives the terminal.
[ "$(id -u)" = 0 ] || { echo "skip live_faults of the lab (needs root and BPF)"; exit 0; }
all_gone() {
	local pid
	[ -n "$all" ] || return 1
	for pid in $all; do gone "$pid" || return 1; done
}
# Itself, the keeper, the runner and at least a task; all of them go to $all.
runs_lab() { [ -s "$work/pid" ] && all="$(cat "$work/pid") $(below "$(cat "$work/pid")")" && [ "$(wc -w <<<"$all")" -ge 4 ]; }
lab_runs() { sees "switches/s" && wait_until runs_lab; }
for fault in "kill -HUP" "tm kill-server" "kill -TERM"; do
	all=
	open 100x24 live --rate 200
	check "live_with_a_lab_before_${fault//[^a-zA-Z]/_}" lab_runs
	case $fault in kill*) fault="$fault $(cat "$work/pid")" ;; esac
	ends() { $fault && wait_until all_gone; }
	check "live_with_a_lab_${fault//[^a-zA-Z]/_}leaves_no_process" ends
	case $fault in kill*) check "live_with_a_lab_${fault//[^a-zA-Z]/_}restores_the_terminal" restored 0 ;; esac
done

# Others that are in a terminal when it goes.
for verb in "record --ring 30s -o hup.pftrace" "stat" "log -o hup.log"; do
	open 100x24 $verb --rate 200 --time 60
	all=
	check "${verb%% *}_has_a_lab" wait_until runs_lab
	tm kill-server
	check "${verb%% *}_ends_with_its_terminal" wait_until all_gone
done
check record_that_lost_its_terminal_can_be_read eval '"$SWTCH" export "$work/hup.pftrace" -f csv -o /dev/null'
