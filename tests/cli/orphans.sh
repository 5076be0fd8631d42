#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# orphans.sh - a command outlives its keeper, and its first thread it; swtch ends it.
. "$(dirname "$0")/../script.bash"
needs_root

# One whose first thread has ended, and one that waits to be told to end.
cat >headless.py <<'END'
import ctypes, os, signal, sys, threading, time
if not os.fork():
    signal.signal(signal.SIGTERM, lambda *_: (open("told", "a").write("."), os._exit(0)))
    open("child", "w").write(str(os.getpid()))
    while True:
        time.sleep(60)
threading.Thread(target=time.sleep, args=(60,)).start()
open("headless", "w").write(str(os.getpid()))
ctypes.CDLL(None).pthread_exit(None)
END
state_of() { sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null; }
is_headless() { [ -s headless ] && [ -s child ] && [ "$(state_of "$(<headless)")" = Z ]; }
is_gone() { [ ! -e "/proc/$1" ]; } # its parent is init, or whoever reaps for it

"$swtch" stat -o table -- python3 headless.py >out 2>err </dev/null &
pid=$!
wait_for 60 is_headless
result "the first thread of the command has ended, and the command has not" $?
[ -d "/proc/$(<headless)/task" ] && [ "$(ls "/proc/$(<headless)/task" | wc -l)" = 2 ]
result "it is there with a zombie and a thread" $?
kill -9 "$(keeper_of $pid)"
wait $pid
[ $? = 1 ] && [ "$(grep -c 'keeper process was killed' err)" = 1 ]
result "swtch says who was killed" $?
for who in headless child; do
	wait_for 10 is_gone "$(<$who)"
	result "and ends the process: $who" $?
	kill -9 "$(<$who)" 2>/dev/null
done
[ "$(<told)" = . ]
result "which was asked before, once" $?
exit $failed
