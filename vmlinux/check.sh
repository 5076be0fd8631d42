#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# check.sh - hold vmlinux.h against a kernel's BTF: every struct and member in it must be there.
#
#   vmlinux/check.sh [BTF]     default: the running kernel's, /sys/kernel/btf/vmlinux
#
# What a kernel lacks is named; bpf/compat.bpf.h must have an accessor for it. Needs bpftool.
set -eu
cd "$(dirname "$0")"
btf=${1:-/sys/kernel/btf/vmlinux}
bpftool=${BPFTOOL:-$(sh ../tests/deps.sh bpftool)}
known=$(mktemp)
trap 'rm -f "$known"' EXIT

# `struct name member`, a line each, from C as bpftool prints it and as vmlinux.h has it.
members() {
	awk '
	/^struct [a-z_0-9]+ \{/ { name = $2; next }
	/^\};/ { name = "" }
	name && /^\t[a-z].*;/ {
		sub(/;.*/, ""); sub(/\[.*/, ""); sub(/ *:.*/, ""); sub(/.*[ *]/, "")
		print name, $0
	}'
}

"$bpftool" btf dump file "$btf" format c | members | sort -u >"$known"
missing=0
for member in $(members <vmlinux.h | tr ' ' .); do
	if ! grep -qx "$(echo "$member" | tr . ' ')" "$known"; then
		echo "missing in $btf: struct $member"
		missing=1
	fi
done
[ "$missing" = 0 ] && echo "every member of vmlinux.h is in $btf"
exit "$missing"
