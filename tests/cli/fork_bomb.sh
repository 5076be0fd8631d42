#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# fork_bomb.sh - a traced command forks without an end and ignores what can be ignored: its tasks are counted
# exactly, and all of them end with it, whoever ends it. Bounded by a cgroup with pids.max and by
# RLIMIT_NPROC, as a user of its own; never without.
. "$(dirname "$0")/../left.bash"
alone "$@"
. "$tests/script.bash"
. "$tests/group.bash"
group_new "swtch-bomb-$$"
trap 'group_free; rm -rf "$here"' EXIT
group_limit pids 200
export SUDO_UID=61997 SUDO_GID=61997 # nobody's
begin_left
cat >bomb.py <<'END2'
import os, signal, time

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD):
    signal.signal(number, signal.SIG_IGN)
first = os.getpid()
while True:
    try:
        os.fork()
    except OSError:
        if os.getpid() != first and time.monotonic_ns() % 8 == 0:
            os._exit(0)  # so that there is always room for another
        time.sleep(0.001)
END2

bomb() { # WORDS...: swtch with them and the bomb in the group, as its pid in $pid; what it is in, in $within
	rm -f out err
	wait_for 60 is_unused || return 1
	(
		ulimit -u 150
		group_run "$swtch" "$@" -- python3 bomb.py >/dev/null 2>err </dev/null
	) &
	within=$!
	wait_for 20 is_full && pid=$(pgrep -P $within -x swtch)
}

# Who ended counts until its parent, or the machine's first process, has looked after it.
is_unused() { [ "$(cat "${groups[0]}/pids.current")" = 0 ]; }
is_full() { [ "$(cat "${groups[0]}/pids.current")" -gt 100 ]; }

bomb stat -d 3 --json -o out
result "the bomb reaches its bound" $?
[ $failed = 0 ] || exit 1 # with all that is in the group
wait $within
[ $? = 137 ] # its command's: what ignores all else is ended with 9
result "stat ends it after its time" $?
grep -q "the time of -d is up" err
result "and says so" $?
jq -r '.lanes[0] | "# \(.exited) tasks, \(.switches.total) switches, \(.audit)"' out
jq -e '.lanes[0] | .exited > 200 and .audit.tasks == .exited and .audit.exact == .exited and
	.switches.missed == 0 and .audit.untracked == 0' out >/dev/null
result "each of its tasks was counted, exactly" $?
nothing_left && wait_for 10 group_is_empty
result "nothing is left of it" $?

bomb record -q -o r.pftrace && kill -9 "$pid"
result "another one, recorded" $?
[ $failed = 0 ] || exit 1 # with all that is in the group
{ wait $within; } 2>/dev/null
nothing_left && wait_for 10 group_is_empty
result "swtch is killed: its keeper leaves nothing" $?

bomb stat --json -o out && kill -TERM "$pid"
result "a third one" $?
[ $failed = 0 ] || exit 1 # with all that is in the group
wait $within
[ $? = 137 ] && nothing_left && wait_for 10 group_is_empty
result "swtch is told to end: nothing is left" $?
exit $failed
