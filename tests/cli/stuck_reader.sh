#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# stuck_reader.sh - a reader that takes nothing holds nobody: one signal ends who writes to it.
. "$(dirname "$0")/../script.bash"
needs_root

mkfifo pipe
sleep 100 <pipe & # opens it, and never reads
reader=$!
exec 9>pipe
"$swtch" log -a -f jsonl >&9 2>err </dev/null &
pid=$!
exec 9>&-
waits_to_write() { grep -qx '.*pipe_write' "/proc/$pid/wchan"; }
wait_for 60 waits_to_write
result "a log waits for its reader" $?
kill -TERM $pid
is_over() { ! kill -0 $pid 2>/dev/null; }
wait_for 30 is_over
result "one signal ends it" $?
kill -9 $pid 2>/dev/null
wait $pid
[ $? = 1 ] && grep -q '^swtch: cannot write standard output' err
result "and it says that its log is cut" $?
kill $reader
exit $failed
