# SPDX-License-Identifier: GPL-2.0-only
# group.bash - a cgroup with limits, of either version, to run things in: see cgroups(7). Sourced.
# shellcheck shell=bash

# group_new NAME: skips the script where that may not be done.
group_new() {
	local controller

	groups=()
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		{ echo +pids +memory >/sys/fs/cgroup/cgroup.subtree_control; } 2>/dev/null
		groups=("/sys/fs/cgroup/$1")
	else
		for controller in pids memory; do groups+=("/sys/fs/cgroup/$controller/$1"); done
	fi
	if ! mkdir "${groups[@]}" 2>/dev/null || ! [ -e "${groups[0]}/pids.max" ]; then
		rmdir "${groups[@]}" 2>/dev/null
		echo "skip - no cgroup with limits can be made here"
		exit 0
	fi
}

# group_limit pids|memory NUMBER|max.
group_limit() {
	local group

	case $1 in
	pids) echo "$2" >"${groups[0]}/pids.max" ;;
	memory)
		group=${groups[-1]}
		if [ -e "$group/memory.max" ]; then
			echo "$2" >"$group/memory.max"
			{ echo 0 >"$group/memory.swap.max"; } 2>/dev/null
		else
			echo "${2/max/-1}" >"$group/memory.limit_in_bytes"
		fi
		;;
	esac
}

# group_run COMMAND...: in it, from its first instruction on.
group_run() {
	local group

	(
		for group in "${groups[@]}"; do echo $BASHPID >"$group/cgroup.procs"; done
		exec "$@"
	)
}

# Nobody is in it; not even somebody who is about to go.
group_is_empty() { [ -z "$(cat "${groups[@]/%//cgroup.procs}")" ]; }

group_free() {
	local pids

	while pids=$(cat "${groups[@]/%//cgroup.procs}" 2>/dev/null) && [ -n "$pids" ]; do
		kill -9 $pids 2>/dev/null
		sleep 0.02
	done
	rmdir "${groups[@]}"
}
