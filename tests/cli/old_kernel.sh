#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# old_kernel.sh - a kernel that cannot be watched, for it tells nothing of its types or is too old: each
# verb refuses in one line that says what is missing, and doctor names it among what it looked at.
#
# It is made here of the one that runs: its types are hidden from a mount namespace, its version by a
# personality(2) that shows every kernel as 2.6.
. "$(dirname "$0")/../script.bash"
needs_root

hidden() { # COMMAND...: where the kernel has no types
	unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' sh "$@"
}
hidden true 2>/dev/null || { echo "skip - needs /sys/kernel/btf to hide, and mount namespaces"; exit 0; }

# refuses VERB...: exit status 1, nothing on stdout, one line that tells of the types; no file is left.
refuses() {
	hidden "$swtch" "$@" >out 2>err </dev/null
	[ $? = 1 ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] && [ ! -e all.pftrace ] &&
		grep -q '^swtch: .*no type information in /sys/kernel/btf/vmlinux.*CONFIG_DEBUG_INFO_BTF' err
}

looked() {
	hidden "$swtch" doctor >out 2>err </dev/null
	[ $? = 1 ] && [ ! -s err ] && grep -A 1 '^missing *BTF ' out | grep -q CONFIG_DEBUG_INFO_BTF=y &&
		grep -q '^missing *probes .*no type information.*as the kernels of distributions have)' out
}

is_old() {
	setarch "$(uname -m)" --uname-2.6 "$swtch" doctor >out 2>err </dev/null
	[ $? = 1 ] && grep -qE "kernel.* 2\.6\." out && grep -q "boot a newer kernel of your distribution" out
}

for verb in "stat -- true" "record -o all.pftrace -- true" "log -- true" "stat -d 1 -a"; do
	# shellcheck disable=SC2086 # several words
	refuses $verb
	result "without the kernel's types, refused in one line: $verb" $?
done
looked
result "doctor says that they are missing" $?
if setarch "$(uname -m)" --uname-2.6 uname -r 2>/dev/null | grep -q '^2\.6\.'; then
	is_old
	result "doctor says that a kernel is too old" $?
fi
exit $failed
