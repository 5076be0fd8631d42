#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# privileges.sh - with the live view open: what each process of swtch may do, as /proc/PID/status has it, and
# that none outlives it.
. "$(dirname "$0")/screen.bash"

[ "$(id -u)" = 0 ] || { echo "skip privileges (needs root and BPF)"; exit 0; }
none=0000000000000000
somebody=12345 # in no passwd, and in no group
nobody=$(id -u nobody) nogroup=$(id -g nobody)
unset SUDO_UID SUDO_GID
# Bits of linux/capability.h.
override=1 kill=5 setgid=6 setuid=7 ptrace=19 bpf=39
all_bounds=$(awk '/^CapBnd/ { print $2 }' /proc/self/status)

mask() { # BITS...
	local sum=0 bit

	for bit in "$@"; do sum=$((sum | 1 << bit)); done
	printf '%016x' $sum
}

# Before 5.19, where BPF is not for everybody, the keeper cannot use its maps without CAP_BPF.
old=$(uname -r | awk -F. '$1 < 5 || $1 == 5 && $2 < 19 { print "old" }')
[ -z "$old" ] || [ "$(cat /proc/sys/kernel/unprivileged_bpf_disabled)" = 0 ] || with_bpf=$bpf

field() { awk -v label="$2:" '$1 == label { $1 = ""; print substr($0, 2) }' "/proc/$1/status" 2>/dev/null; }

# has PID FIELD VALUE: or it is said what there is instead.
has() {
	local value

	value=$(field "$1" "$2")
	[ "$value" = "$3" ] && return
	echo "# $(cat "/proc/$1/comm") $1: $2 is '$value', not '$3'"
	return 1
}

# sets PID INHERITABLE PERMITTED EFFECTIVE BOUNDING AMBIENT
sets() { has "$1" CapInh "$2" && has "$1" CapPrm "$3" && has "$1" CapEff "$4" && has "$1" CapBnd "$5" && has "$1" CapAmb "$6"; }
is() { has "$1" Uid "$2 $2 $2 $2" && has "$1" Gid "$3 $3 $3 $3"; }
undumpable() { [ "$(stat -c %u "/proc/$1/mem")" = 0 ] && ! setpriv --reuid "$2" --regid "$2" --clear-groups readlink "/proc/$1/exe" >/dev/null; }

# All that has no privilege: the view, the lab's runners, its tasks.
bounds=$none # which only CAP_SETPCAP may empty; no_new_privs makes nothing of them
harmless() { # PID UID GID
	sets "$1" $none $none $none "$bounds" $none && has "$1" NoNewPrivs 1 && is "$1" "$2" "$3"
}

view() { cat "$work/pid" 2>/dev/null; }
keeper() { keeper_of "$(view)"; }
comm() { cat "/proc/$1/comm" 2>/dev/null; }

view_is() { # UID GID
	local groups=$2

	[ "$1" = 0 ] && groups=$(field $$ Groups)
	harmless "$(view)" "$1" "$2" && has "$(view)" Seccomp 2 && has "$(view)" Groups "$groups" && undumpable "$(view)" "${1/#0/$nobody}"
}
harmless_and_closed() { harmless "$1" "$nobody" "$nogroup" && undumpable "$1" "$nobody"; }
keeper_is() { # BOUNDING NO_NEW_PRIVS BITS...; and in $besides those that are permitted only
	local bounding=$1 no_new_privs=$2 held permitted

	shift 2
	held=$(mask "$@" ${with_bpf-}) permitted=$(mask "$@" ${with_bpf-} ${besides-})
	keeper >/dev/null && [ "$(pgrep -P "$(view)")" = "$(keeper)" ] && # which started nobody else
		sets "$(keeper)" $none "$permitted" "$held" "$bounding" $none &&
		has "$(keeper)" NoNewPrivs "$no_new_privs" && undumpable "$(keeper)" "$nobody"
}
tasks_are() { # UID GID GROUPS: all below the keeper, which are the lab's
	local pid n=0

	for pid in $(below "$(keeper)"); do
		harmless "$pid" "$1" "$2" && has "$pid" Groups "$3" || return
		n=$((n + 1))
	done
	[ $n -ge 5 ] # three runners, two processes
}
command_is() { # UID GID CAPABILITIES: nothing is forbidden to it
	local pid

	pid=$(below "$(keeper)") && [ -n "$pid" ] || return
	[ "$(comm "$pid")" = sleep ] && sets "$pid" $none "$3" "$3" "$all_bounds" $none && has "$pid" NoNewPrivs 0 && is "$pid" "$1" "$2"
}

# Killed as nothing can prepare for, the view leaves nobody behind.
leaves_nobody() {
	local view family pid

	view=$(view) && keeper >/dev/null || return # nobody is nobody's to leave
	family="$view $(below "$view")"
	kill -9 "$view"
	for pid in $family; do wait_until gone "$pid" || return; done
}

works() { screen | grep -qE 'round trip/s *│ +[0-9.]+k' && screen | grep -q '2 coroutines'; }
sudo_is() { echo "SUDO_UID=$1 SUDO_GID=$2 SUDO_USER=somebody"; }

# shellcheck disable=SC2046 # settings are words
{
	open 80x24 $(sudo_is $somebody $somebody) live --job pingpong
	check privileges_lab_is_at_work wait_until works
	check privileges_lab_view_is_the_invoking_users view_is $somebody $somebody
	check privileges_lab_keeper_has_four_capabilities keeper_is $none 1 $kill $setgid $setuid $ptrace
	check privileges_lab_tasks_are_the_invoking_users tasks_are $somebody $somebody $somebody
	check privileges_lab_leaves_nobody leaves_nobody

	open 80x24 live --job pingpong
	check privileges_root_lab_is_at_work wait_until works
	check privileges_root_view_has_no_capability view_is 0 0
	check privileges_root_lab_tasks_are_nobody tasks_are "$nobody" "$nogroup" "$nogroup"
	check privileges_root_lab_leaves_nobody leaves_nobody

	open 80x24 $(sudo_is $somebody $somebody) live -- sleep 1000
	check privileges_command_is_at_work wait_until command_is $somebody $somebody $none
	check privileges_command_view_is_the_invoking_users view_is $somebody $somebody
	check privileges_command_keeper_has_four_capabilities keeper_is "$all_bounds" 0 $kill $setgid $setuid $ptrace
	check privileges_command_leaves_nobody leaves_nobody

	open 80x24 live -- sleep 1000
	check privileges_roots_command_is_at_work wait_until command_is 0 0 "$all_bounds"
	check privileges_roots_command_view_has_no_capability view_is 0 0
	besides=$override
	check privileges_roots_command_keeper_has_four_capabilities keeper_is "$all_bounds" 0 $kill $setgid $setuid $ptrace
	unset besides
	check privileges_roots_command_leaves_nobody leaves_nobody

	sleep 1000 &
	target=$!
	trap 'kill $target; tidy' EXIT
	open 80x24 $(sudo_is $somebody $somebody) live -p $target
	check privileges_watching_is_at_work sees "which goes on when this ends"
	check privileges_watching_view_is_the_invoking_users view_is $somebody $somebody
	check privileges_watching_keeper_has_one_capability keeper_is $none 1 $ptrace
	check privileges_watching_keeper_is_confined has "$(keeper)" Seccomp 2
	check privileges_watching_leaves_nobody leaves_nobody
	check privileges_watching_leaves_its_target kill -0 $target

	# By capabilities instead of root all are the caller's, who may not look into what has or had some.
	cp "$SWTCH" "${SWTCH%/*}/swtch-lab" "$work" # where the caller may go, wherever the tree is
	cat >"$work/able" <<-EOF
		#!/bin/sh
		exec setpriv --reuid $nobody --regid $nogroup --clear-groups --inh-caps=-all,+bpf,+perfmon \
			--ambient-caps=-all,+bpf,+perfmon "$work/swtch" "\$@"
	EOF
	chmod 755 "$work"/{able,swtch,swtch-lab}
	SWTCH=$work/able bounds=$all_bounds
	open 80x24 live --job pingpong
	check privileges_able_lab_is_at_work wait_until works
	check privileges_able_view_is_the_callers harmless_and_closed "$(view)"
	check privileges_able_keeper_keeps_none eval 'harmless_and_closed "$(keeper)"'
	check privileges_able_lab_tasks_are_the_callers tasks_are "$nobody" "$nogroup" ''
	check privileges_able_leaves_nobody leaves_nobody
}
