# SPDX-License-Identifier: GPL-2.0-only
# left.bash - what swtch may leave behind, looked for: processes, BPF objects, shared memory, message
# queues, temporary files. Sourced, by scripts that call `alone` before anything else.
# shellcheck shell=bash
tests=$(realpath "$(dirname "${BASH_SOURCE[0]}")")

# Run this script again with /dev/shm, message queues and /tmp of its own: what is in them then is ours,
# whatever else the machine does. A build below /tmp must stay to be seen.
alone() {
	[ "$(id -u)" = 0 ] || { echo "skip - needs root and BPF"; exit 0; }
	[ -z "${SWTCH_ALONE-}" ] || return 0
	unset TMPDIR
	exec unshare --mount --propagation private --ipc sh -c '
		mount -t tmpfs none /dev/shm || exit 1
		export SWTCH_ALONE=shm
		case $(pwd -P)/ in
		/tmp/*) ;;
		*) mount -t tmpfs -o mode=1777 none /tmp && SWTCH_ALONE=tmp ;;
		esac
		exec "$0" "$@"' "$0" "$@"
}

# begin_left: programs in the script's own folder are ours ($here, or $work of a screen's), and nobody else's
# are: swtch ($swtch, $SWTCH) and its lab are copied there and run from there, so that another that runs the
# same build is neither blamed nor killed. What is there now is no rest of what comes.
begin_left() {
	local built

	bpftool=$(sh "$tests/deps.sh" bpftool) || { echo "not ok - no bpftool"; exit 1; }
	built=$(realpath "${swtch:-$SWTCH}")
	ours=$(realpath "${here:-$work}")
	cp "$built" "${built%/*}/swtch-lab" "$ours" || { echo "not ok - no copy of swtch"; exit 1; }
	swtch=$ours/swtch SWTCH=$ours/swtch
	mkdir /dev/shm/queues && mount -t mqueue none /dev/shm/queues || exit 1
	bpf_before=$(bpf_unheld)
	tmp_before=$(ls -A /tmp)
}

# Processes whose program is ours, "pid program" a line. Zombies have no program any more.
our_processes() {
	find /proc -mindepth 2 -maxdepth 2 -name exe -lname "$ours/*" -printf '%P %l\n' 2>/dev/null |
		sed 's|^\([0-9]*\)/exe|\1|'
}

# BPF programs, maps and links that no process has a descriptor of. All are listed first, so that what is
# made meanwhile is none of them; others' may be among them for a moment, when they end. Maps may also be
# held by a mapping, which does not say of which: not judged then.
bpf_unheld() {
	local kind all kinds="prog link map"

	grep -qs anon_inode:bpf-map /proc/[0-9]*/maps && kinds="prog link"
	all=$(for kind in $kinds; do
		"$bpftool" "$kind" show 2>/dev/null | sed -nE "s/^([0-9]+): .*/${kind}_id \1/p"
	done)
	comm -23 <(sort <<<"$all") <(cat /proc/[0-9]*/fdinfo/* 2>/dev/null |
		sed -nE 's/^(prog|map|link)_id:[[:space:]]*([0-9]+)$/\1_id \2/p' | sort -u)
}

# What is left of us now, but for BPF: a line each.
rests() {
	our_processes | sed 's/^/process /'
	find /dev/shm -mindepth 1 ! -path /dev/shm/queues -printf 'shared memory or queue %p\n'
	[ "$SWTCH_ALONE" = shm ] || ls -A /tmp | grep -vxF -e "$tmp_before" | sed 's/^/temporary file /'
}

# For a look after each of many runs, with a deadline; nothing_left does the rest after them.
nothing_rests() { [ -z "$(rests)" ]; }

# nothing_left: within 15 s; else what is left is told. What no process holds is gone once the kernel has
# come to it, which may last on a busy machine (a link of a tracepoint waits until each task has left its
# CPU by itself: synchronize_rcu_tasks()): it stays only if it is there at every look.
nothing_left() {
	local end=$((SECONDS + 15 * ${SWTCH_TEST_SLOWNESS:-1})) left bpf

	while left=$(rests) && [ -n "$left" ]; do
		[ "$SECONDS" -lt "$end" ] || { sed 's/^/# left: /' <<<"$left"; return 1; }
		sleep 0.02
	done
	end=$((end + 100))
	bpf=$(bpf_unheld | grep -vxF -e "$bpf_before")
	while [ -n "$bpf" ]; do
		[ "$SECONDS" -lt "$end" ] || { sed 's/^/# left: /' <<<"$bpf"; return 1; }
		bpf=$(comm -12 <(echo "$bpf") <(bpf_unheld))
	done
}
