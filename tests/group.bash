# SPDX-License-Identifier: GPL-2.0-only
# group.bash - a cgroup with limits, of either version, to run things in: see cgroups(7). Sourced.
# shellcheck shell=bash disable=SC2034 # failed is of who sources this

# group_new NAME: skips the script where the kernel, or who made this machine, has none.
group_new() {
	local controller root=/sys/fs/cgroup

	groups=() groups_lent=()
	if [ -e $root/cgroup.controllers ]; then
		for controller in pids memory; do
			! grep -qw $controller $root/cgroup.subtree_control || continue
			{ echo "+$controller" >$root/cgroup.subtree_control; } 2>/dev/null || group_none "$controller"
			groups_lent+=("-$controller")
		done
		groups=("$root/$1")
	else
		for controller in pids memory; do
			[ -w $root/$controller/cgroup.procs ] || group_none "$controller"
			groups+=("$root/$controller/$1")
		done
	fi
	mkdir "${groups[@]}" && [ -e "${groups[0]}/pids.max" ] && return
	echo "not ok - a cgroup can be made"
	exit 1
}

group_none() { # CONTROLLER
	group_return
	groups=()
	echo "skip - no cgroup with limits can be made here: $1"
	exit 0
}

# What this gave to groups below the root is taken back.
group_return() {
	[ ${#groups_lent[@]} = 0 ] || echo "${groups_lent[@]}" >/sys/fs/cgroup/cgroup.subtree_control
	groups_lent=()
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
		for group in "${groups[@]}"; do echo $BASHPID >"$group/cgroup.procs" || exit 1; done
		exec "$@"
	)
}

# Nobody is in it; not even somebody who is about to go.
group_is_empty() { [ -z "$(cat "${groups[@]/%//cgroup.procs}")" ]; }

# It goes with all who are in it, who may take a moment.
group_free() {
	local group end=$((SECONDS + 20 * ${SWTCH_TEST_SLOWNESS:-1}))

	for group in "${groups[@]}"; do
		until rmdir "$group" 2>/dev/null; do
			[ "$SECONDS" -lt "$end" ] || { echo "not ok - $group goes"; failed=1; break; }
			grep -vx 0 "$group/cgroup.procs" | xargs -r kill -9 2>/dev/null
			sleep 0.02
		done
	done
	groups=()
	group_return
}
