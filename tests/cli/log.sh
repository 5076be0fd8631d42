#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# log.sh - a log that cannot be written: a command of the user's goes on to its own end; all else ends at once.
. "$(dirname "$0")/../script.bash"
needs_root

# It works on for long after the log is full, and then tells.
# shellcheck disable=SC2016 # the command's own
command=(sh -c 'i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i + 1)); done; echo done >there; exit "$0"')
chmod 777 .

run log -o /dev/full -- "${command[@]}" 5
[ $? = 5 ] && [ "$(cat there)" = "done" ]
result "a command is not ended by a full disk, and its status is ours" $?
[ "$(wc -l <err)" = 1 ] && grep -q '/dev/full: No space left on device.*the command goes on' err
result "which is told in one line" $?
rm -f there
run log -o /dev/full -- "${command[@]}" 0
[ $? = 1 ] && [ "$(cat there)" = "done" ]
result "a log that is not whole is a failure" $?
rm -f there
run log -o - -- "${command[@]}" 6 | head -n 2 >first
[ "${PIPESTATUS[0]}" = 6 ] && [ "$(cat there)" = "done" ] && [ "$(wc -l <first)" = 2 ] && [ ! -s err ]
result "nor by a reader that has had enough, which is no failure" $?
rm -f there
timeout 120 "$swtch" log -- "${command[@]}" 7 2>&1 >/dev/null </dev/null | head -n 2 >first
[ "${PIPESTATUS[0]}" = 7 ] && [ "$(cat there)" = "done" ] && [ "$(wc -l <first)" = 2 ]
result "nor where the log is on standard error" $?

run log -a -o /dev/full
[ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && ! grep -q 'goes on' err
result "without a command it ends at once" $?
run log --model process --time 60 -o /dev/full
[ $? = 1 ] && [ "$(wc -l <err)" = 1 ]
result "so does a job of the lab" $?
exit $failed
