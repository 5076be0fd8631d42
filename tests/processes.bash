# SPDX-License-Identifier: GPL-2.0-only
# processes.bash - which processes come from which, and what one of them occupies. Sourced, by script.bash
# and by screen.bash.
# shellcheck shell=bash

# below PID: all that come from it, a line each.
below() {
	local pid

	for pid in $(pgrep -P "$1" 2>/dev/null); do
		echo "$pid"
		below "$pid"
	done
}

# keeper_of PID: the keeper of swtch, which is PID or was started by it alone.
keeper_of() {
	local pid=$1

	while pid=$(pgrep -P "$pid" 2>/dev/null | head -n 1) && [ -n "$pid" ]; do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = swtch-keeper ] && echo "$pid" && return
	done
	return 1
}

# figures PID: resident KB, descriptors, threads, and KB that the kernel holds of its BPF maps and programs;
# false when it is gone.
figures() {
	local status fds bpf

	status=$(awk '/^VmRSS/ { rss = $2 } /^Threads/ { threads = $2 } END { print rss, threads }' \
		"/proc/$1/status" 2>/dev/null) && [ "$(wc -w <<<"$status")" = 2 ] || return 1
	fds=$(find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l)
	bpf=$(cat "/proc/$1/fdinfo"/* 2>/dev/null | awk '/^memlock/ { n += $2 } END { print int(n / 1024) }')
	echo "${status% *} $fds ${status#* } $bpf"
}

# steady KB FIRST LAST: between two looks, each the figures of swtch and those of its keeper, nothing grew, but
# resident memory by so many KB, that of the keeper by a quarter of it.
steady() {
	awk -v most="$1" '{ exit $9 - $1 > most || $13 - $5 > most / 4 || $10 > $2 || $11 != $3 || $14 > $6 ||
		$15 != $7 || $16 > $8 }' <<<"$2 $3"
}
