#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# live_tasks.sh - the view of tasks on the real kernel: what a task sleeps in, and its pids.
. "$(dirname "$0")/screen.bash"

[ "$(id -u)" = 0 ] || { echo "skip live_tasks (needs root and BPF)"; exit 0; }

# sleep(1) as the first process of a PID namespace; unshare(1) waits for it.
unshare --pid --fork --kill-child sleep 600 &
unshare=$!
trap 'kill -KILL "$unshare" 2>/dev/null; tidy' EXIT # it waits out a SIGTERM

is_executed() { inner=$(pgrep -P "$unshare" -x sleep); }

watches() {
	wait_until is_executed && open 100x24 live -p "$inner" && sees "switches/s" && keys 5 &&
		sees "1 task of 1 process"
}
knows_who_sleeps() { screen | grep -E "^ +$inner sleep .* sleeping"; }
tells_the_call() { keys Enter && sees "clock_nanosleep: it waits for time to pass"; }
tells_both_pids() { sees "pid $inner (1 in its namespace)"; }
searches() { keys / && sees "Enter goes to the next" && keys sleep Enter && sees "search: sleep"; }
lists_coroutines() {
	open 100x24 live --job pingpong --model coroutine && sees "switches/s" && keys 5 && sees "2 co" &&
		sees " co-1 " && sees suspended && keys Left && misses " co-1 " && keys Right && sees " co-1 "
}
quits() { keys q && restored 0; }

check live_tasks_opens watches
check live_tasks_sleeper_is_asleep_though_no_hook_saw_it wait_until knows_who_sleeps
check live_tasks_tells_the_call tells_the_call
check live_tasks_tells_pid_in_its_namespace tells_both_pids
check live_tasks_searches searches
check live_tasks_quits quits
check live_tasks_lists_coroutines lists_coroutines
check live_tasks_quits_the_lab quits
