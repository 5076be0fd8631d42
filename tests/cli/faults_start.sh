#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# faults_start.sh - swtch with an n-th call that fails, for every n: an allocation, or one of open, mmap,
# fork, bpf and the like, in the process that was called or in those that it forks. Each run ends by itself
# with 0 and what it should have written, or with 1 or 2 and one line; it leaves nothing behind.
#
#   COUNT=3   so many n of most rows, evenly spread over the call sites
#   ALL=sites every call site; ALL=1 every call (half an hour); VERBS="stat log" of those alone
. "$(dirname "$0")/../script.bash"
needs_root
calls=$(dirname "$swtch")/tests/fault/calls.so
[ -e "$calls" ] || { echo "not ok - there is no $calls"; exit 1; }
COUNT=${COUNT:-3}
patience=$((20 * ${SWTCH_TEST_SLOWNESS:-1})) # seconds for a run

"$swtch" record -q --job pingpong --work 20 -o source.pftrace 2>err </dev/null
result "there is a recording to read" $?
"$swtch" export source.pftrace -o source.html -q 2>err && "$swtch" export source.pftrace -o source.jsonl -q 2>err
result "which is whole" $?
touch begin

# --- what a run must leave ---------------------------------------------------------------------------

is_alone() { # nobody else has our probes at the moment
	! pgrep -x swtch-keeper >/dev/null
}
n_programs() { bpftool prog show 2>/dev/null | grep -cE ' name on_(switch|exit|clone|exec) '; }

# Processes that were started here, but for those of this script.
left_running() {
	local cwd
	for cwd in $(find /proc -maxdepth 2 -name cwd -lname "$here" 2>/dev/null); do
		grep -qsE '^(swtch|swtch-keeper|swtch-lab|swtch-held)$' "${cwd%cwd}comm" && return 0
	done
	return 1
}
runs_no_more() { ! left_running; }
left_lying() {
	find /dev/shm /dev/mqueue /sys/fs/bpf /tmp -maxdepth 1 -newer begin -iname '*swtch*' 2>/dev/null
	find /sys/fs/cgroup -newer begin -name '*swtch*' 2>/dev/null
	find . -newer begin ! -name . ! -name out ! -name err ! -name 'now.*' ! -name sites ! -name screen
}

# --- one run -----------------------------------------------------------------------------------------

has_lanes() { jq -e '[.lanes[].name] == ["process", "thread", "coroutine"] and all(.lanes[]; .work.done == 20)' "$1" >/dev/null; }
read_back() { "$swtch" export "$1" -f jsonl -o - 2>/dev/null | jq -se 'length > 50' >/dev/null; }
restored() {
	[ "$(cat now.before)" = "$(cat now.after)" ] &&
		[ "$(grep -ao '\[?1049h' screen | wc -l)" = "$(grep -ao '\[?1049l' screen | wc -l)" ]
}

# What is right when the status is 0 (or when a screen was shown, whatever it is).
declare -A right=(
	[stat]="has_lanes out"
	[stat_i]="jq -e .lanes out"
	[record]="read_back now.pftrace"
	[export_jsonl]="cmp now.jsonl source.jsonl"
	[export_html]="cmp now.html source.html"
	[doctor]="jq -e .checks out"
	[log]="[ -s out ]"
	[live]=restored
	[replay]=restored
)
declare -A verbs=(
	[stat]="stat --json --work 20"
	[stat_i]="stat --json -i source.pftrace"
	[record]="record -q --work 20 -o now.pftrace"
	[export_jsonl]="export source.pftrace -q -o now.jsonl"
	[export_html]="export source.pftrace -q -o now.html"
	[doctor]="doctor --json"
	[log]="log --work 20 --model thread"
	[live]="live -d 300ms --rate 100"
	[replay]="replay source.pftrace"
)
declare -A counts=([export_jsonl]=999 [stat_i]=999 [export_html]=20 [replay]=3 [live]=2 [log]=2)

# once VERB [NAME=VALUE...]: its status.
once() {
	local verb=$1
	shift
	rm -f now.*
	case $verb in
	live | replay) # in a terminal
		cat >now.sh <<-END
			stty -g >now.before
			env $* LD_PRELOAD=$calls timeout --foreground -k 1 $patience $swtch ${verbs[$verb]} 2>err
			echo \$? >now.status
			stty -g >now.after
		END
		echo q | TERM=xterm script -qc "sh now.sh" screen >/dev/null 2>&1
		return "$(cat now.status)"
		;;
	esac
	# shellcheck disable=SC2086 # words
	env "$@" LD_PRELOAD="$calls" timeout -k 1 $patience "$swtch" ${verbs[$verb]} >out 2>err </dev/null
}

# One line of ours. What doctor finds is in its table; and ncurses, without memory, says a line of its own
# and exits (_nc_err_abort()).
told() { # VERB
	case $1 in
	doctor) jq -e '.ready == false' out >/dev/null 2>&1 && return ;;
	live | replay) [ "$(cat err)" = '"?", line 0, col 0: Out of memory' ] && return ;;
	esac
	[ "$(wc -l <err)" = 1 ] && grep -q '^swtch: ..........' err
}

# Nothing, or what was wrong with it.
judge() { # VERB STATUS
	case $2 in
	0) eval "${right[$1]}" >/dev/null 2>&1 || echo "status 0, and its output is wrong" ;;
	1 | 2)
		told "$1" || echo "not one line: $(head -c 300 err | tr '\n' '~')"
		case $1 in
		record) [ ! -e now.pftrace ] || "$swtch" export now.pftrace >/dev/null 2>&1 || echo "a broken file" ;;
		export*) ! ls now.* >/dev/null 2>&1 || echo "half a file" ;;
		live | replay) restored || echo "the terminal is not restored" ;;
		esac
		;;
	124 | 137) echo "no end" ;;
	*) echo "status $2: $(head -c 300 err | tr '\n' '~')" ;;
	esac
	wait_for 5 runs_no_more || echo "a process is left"
}

# Which n to try, of the sites.
choose() { # VERB
	local n
	n=$(wc -l <sites)
	case ${ALL-} in
	1) seq 1 "$(tail -n 1 sites)" ;;
	sites) cat sites ;;
	*) awk -v n="$n" -v count="${counts[$1]-$COUNT}" 'int((NR - 1) * count / n) != int((NR - 2) * count / n) || NR == 1' sites ;;
	esac
}

row() { # VERB KIND SIDE
	local verb=$1 fault=$2 side=$3 n n_runs=0 n_told=0 bad=0 wrong status
	rm -f sites
	once "$verb" FAULT="$fault:0" FAULT_SIDE="$side" FAULT_SITES="$here/sites"
	wrong=$(judge "$verb" $?)
	[ -z "$wrong" ] && [ -s sites ]
	result "$verb: it runs when none of its calls fails ($fault, $side)${wrong:+: $wrong}" $? || return
	for n in $(choose "$verb"); do
		once "$verb" FAULT="$fault:$n" FAULT_SIDE="$side"
		status=$?
		wrong=$(judge "$verb" "$status")
		n_runs=$((n_runs + 1))
		[ "$status" = 0 ] || n_told=$((n_told + 1))
		[ -z "$wrong" ] || { bad=1; echo "# FAULT=$fault:$n FAULT_SIDE=$side swtch ${verbs[$verb]}: $wrong"; }
	done
	rm -f now.*
	result "$verb: any of $(wc -l <sites) places of $fault fails ($side): $n_runs tried, $n_told ended it" $bad
}

is_alone && before=$(n_programs)
for verb in ${VERBS:-stat record live export_jsonl export_html stat_i doctor replay log}; do
	for fault in alloc calls; do
		row "$verb" $fault first
		case $verb in # whoever only looks on forks nobody; the keeper of log is that of stat
		stat | record | live) [ "$verb" != stat ] && [ -z "${ALL-}" ] || row "$verb" $fault forked ;;
		esac
	done
done

[ -z "$(left_lying | tee err)" ]
result "no file, shared memory, queue, cgroup or pinned program is left" $?
no_program() { [ "$(n_programs)" -le "$before" ]; }
if [ -n "${before-}" ] && is_alone; then
	wait_for 10 no_program
	result "no program is left in the kernel" $?
fi
exit $failed
