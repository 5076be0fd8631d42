#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# htop.sh - what htop takes of a core on a terminal of 200x60, as often as it can: ten frames a second. The
# peer of live_cpu_200x60.
set -u
name=live_cpu_200x60_htop
echo "live_cpu_200x60_scxtop - scxtop is in no Debian package"
for program in htop tmux; do
	command -v $program >/dev/null || { echo "$name - no $program here"; exit 0; }
done
socket=swtch-bench-$$
trap 'tmux -L $socket kill-server 2>/dev/null' EXIT

tmux -L $socket -f /dev/null new-session -d -x 200 -y 60 'exec htop -d 1' || exit 1
for ((tries = 500; tries > 0; tries--)); do
	tmux -L $socket capture-pane -p | grep -q 'Load average' && break
	sleep 0.01
done
[ $tries != 0 ] || { echo "$name - htop shows nothing"; exit 0; }
pid=$(tmux -L $socket display -p '#{pane_pid}')

# CPU time of its one thread, and the time: both in nanoseconds.
used() {
	echo "$(cut -d ' ' -f 1 "/proc/$pid/schedstat") ${EPOCHREALTIME/./}000"
}

before=$(used)
sleep 2
echo "$before $(used)" | awk -v name=$name \
	'{ printf "%s %.2f percent of one CPU; 10 frames a second\n", name, ($3 - $1) / ($4 - $2) * 100 }'
