#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# hotplug.sh - a CPU goes offline and comes back while stat, a recording and the live view look on:
# what it counted stays, it has one row, and one that was offline at the start is there when it comes.
#
# Only where SWTCH_TEST_HOTPLUG=1 says that it may (in guests of tests/vm): tasks that others tied to
# that CPU are not tied any more afterwards.
. "$(dirname "$0")/screen.bash"

skip() { echo "skip hotplug ($1)"; exit 0; }
[ "$(id -u)" = 0 ] || skip "needs root and BPF"
[ "${SWTCH_TEST_HOTPLUG-}" = 1 ] || skip "takes a CPU of the machine offline: SWTCH_TEST_HOTPLUG=1 lets it"

switch=$(printf '%s\n' /sys/devices/system/cpu/cpu[1-9]*/online | sort -V | tail -n 1)
[ -w "$switch" ] || skip "no CPU here can be taken offline"
cpu=$(tr -dc 0-9 <<<"${switch##*/cpu/}")
back() { echo 1 >"$switch" 2>/dev/null; tidy; }
trap back EXIT
cd "$work" || exit 1

online() { [ "$(cat "$switch")" = "$1" ] || echo "$1" >"$switch"; }
is_there() { [ -e "$1" ]; }

# What is watched: so many times a task that is tied to the CPU leaves it, or one that is not tied while
# there is no such CPU; then it waits until it is told to go on.
times=3
cat >step.sh <<END
n=0
while [ \$n -lt $times ]; do \$2 sleep 0.01; n=\$((n + 1)); done
: >done-\$1
while [ ! -e go-\$1 ]; do sleep 0.2; done
END
tied() { echo "sh step.sh $1 'taskset -c $cpu';"; }
loose() { echo "sh step.sh $1 '';"; }

# The watched command has come so far; the CPU goes or comes; it goes on.
step() { wait_until is_there "done-$1" && online "$2" && : >"go-$1"; }

# watch SWTCH_ARGS...: in the background; ends: well.
watch() {
	rm -f done-* go-* status all.*
	("$SWTCH" "$@" </dev/null >out 2>err; echo $? >status.new; mv status.new status) &
}
ends() { wait_until is_there status && [ "$(cat status)" = 0 ]; }

# holds [CONDITION]: each task's count is the kernel's, all are in rows, none of which is there twice.
holds() {
	jq -e --argjson cpu "$cpu" --argjson times "$times" '(.lanes[0] |
		.audit.tasks > 0 and .audit.exact == .audit.tasks and .switches.missed == 0 and
		([.per_cpu[].switches] | add) == .switches.total and
		([.per_cpu[].cpu] | length == (unique | length))) and .lost.events == 0 and
		([.lanes[0].per_cpu[] | select(.cpu == $cpu) | .voluntary] | '"${1-true}"')' all.json >/dev/null
}

keeps_counts() {
	watch stat --json -o all.json -- sh -c "$(tied 1) $(loose 2) $(tied 3) $(loose 4)"
	step 1 0 && step 2 1 && step 3 0 && step 4 1 && ends && holds 'add >= 2 * $times'
}

keeps_row() {
	watch stat -o all.txt -- sh -c "$(tied 1) $(loose 2)"
	step 1 0 && step 2 0 && ends && online 1 && [ "$(grep -c "^ *CPU $cpu " all.txt)" = 1 ] &&
		[ "$(sed -n "s/^ *CPU $cpu *//p" all.txt | tr -dc 0-9)" -ge "$times" ]
}

comes_later() { # SWTCH_ARGS...
	online 0 && watch "$@" -- sh -c "$(loose 1) $(tied 2)" && step 1 1 && step 2 1 && ends
}
is_counted() { comes_later stat --json -o all.json && holds 'add >= $times'; }
is_recorded() {
	comes_later record -q -o all.pftrace && "$SWTCH" stat -i all.pftrace --json >all.json 2>err &&
		holds 'add >= $times' && "$SWTCH" export all.pftrace -f jsonl -o - 2>>err |
		jq -se "map(select(.kind == \"switch\" and .cpu == $cpu)) | length >= $times" >/dev/null
}

# Many times, while tasks are thrown to and fro.
comes_and_goes() {
	local i

	watch stat --json -o all.json -- sh -c 'while [ ! -e go-1 ]; do sleep 0.01 & sleep 0.01; wait; done'
	for ((i = 0; i < 5; i++)); do online 0 && online 1 || return 1; done
	: >go-1
	ends && holds
}

has_row() { screen | grep -qE "CPU +$cpu$1" && [ "$(screen | grep -cE "CPU +$cpu( |$)")" = 1 ]; }
moves() { has_row " +│ +[0-9]*[1-9]"; }
goes_and_comes() {
	wait_until moves && online 0 && wait_until has_row " off" && online 1 && wait_until moves
}

check "a CPU that goes and comes keeps its counts" keeps_counts
check "one that is gone at the end has its row" keeps_row
check "one that is offline at the start is counted when it comes" is_counted
check "and recorded" is_recorded
check "one that comes and goes loses nothing" comes_and_goes
online 1
ever="while [ -e $work/run.sh ]; do taskset -c $cpu sleep 0.05 || sleep 0.05; done"
open "120x$(($(nproc) + 24))" live -- sh -c "'$ever'"
check "the live view says that it is off, and shows it again" goes_and_comes
keys q
check "q ends it" restored 0
