# SPDX-License-Identifier: GPL-2.0-only
# script.bash - what test scripts begin with: $swtch, a directory of their own to be in, results.
# Sourced; ends the script with a skip when it says `needs_root` or `needs_uprobes` and there are none.
# shellcheck shell=bash disable=SC2034 # used by who sources this
set -u
. "$(dirname "${BASH_SOURCE[0]}")/processes.bash"
swtch=$(realpath "${SWTCH:-build/swtch}")
scripts=$(realpath "$(dirname "$0")")
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
chmod 777 "$here" # results are written by the invoking user
cd "$here" || exit 1
failed=0

needs_root() {
	[ "$(id -u)" = 0 ] && return
	echo "skip - needs root and BPF"
	exit 0
}

result() { # name, status; what the last command said is told with a failure
	if [ "$2" = 0 ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		[ -s err ] && sed 's/^/# /' err
		failed=1
	fi
}

# has_uprobes: interpreters can be probed without a privilege (Linux 6.6).
has_uprobes() {
	local vmlinux=/sys/kernel/btf/vmlinux
	grep -q bpf_uprobe_multi_link <(bpftool btf dump file $vmlinux 2>/dev/null ||
		"$(sh "$scripts/../deps.sh" bpftool)" btf dump file $vmlinux)
}

needs_uprobes() {
	has_uprobes && return
	echo "skip - uprobes without a privilege need Linux 6.6"
	exit 0
}

run() { # a failure to run at all is reported by what is missing in the results
	timeout -k 1 $((120 * ${SWTCH_TEST_SLOWNESS:-1})) "$swtch" "$@" 2>err </dev/null
}

# wait_for SECONDS COMMAND...: until it is true. On a slow machine so many times longer.
wait_for() {
	local end=$((SECONDS + $1 * ${SWTCH_TEST_SLOWNESS:-1}))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# grew FILE BYTES: it has more than so many.
grew() { [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -gt "$2" ]; }

# attached PID: swtch, which `run` started in the background as PID, has the probes.
attached() {
	local keeper

	keeper=$(keeper_of "$1") && readlink "/proc/$keeper/fd/"* 2>/dev/null | grep -q bpf_link
}
