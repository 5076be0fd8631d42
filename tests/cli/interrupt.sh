#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# interrupt.sh - Ctrl-C is a command's own; one that ignores it is waited for, which is told, and a second ends it.
. "$(dirname "$0")/../script.bash"
needs_root
command=(sh -c 'trap "" INT; echo >there; while :; do sleep 0.1; done')

for verb in stat log record; do
	rm -f there
	# What a script has in the background ignores SIGINT, unless it is told otherwise.
	env --default-signal=INT timeout --foreground 100 "$swtch" "$verb" -o "$verb.out" -- "${command[@]}" 2>err </dev/null &
	pid=$!
	wait_for 30 test -e there && watcher=$(pgrep -P $pid -x swtch)
	kill -INT "$watcher"
	wait_for 20 grep -q 'waiting for the command to end; Ctrl-C once more ends it' err && kill -0 $pid
	result "$verb: that it waits is told" $?
	kill -INT "$watcher"
	wait $pid
	[ $? = 143 ] && [ "$(grep -c waiting err)" = 1 ]
	result "$verb: once, and the second Ctrl-C ends the command" $?
done
exit $failed
