#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# faults_start.sh - swtch with an n-th call that fails, for every n: an allocation, or one of open, mmap,
# fork, bpf and the like, in the process that was called or in those that it forks. Each run ends by itself
# with 0 and what it should have written, or with 1 or 2 and one line; it leaves nothing behind.
#
#   SITES=3   so many n of most rows, evenly spread over the call sites
#   ALL=sites every call site; ALL=1 every call (half an hour); VERBS="stat log" of those alone
. "$(dirname "$0")/../left.bash"
alone "$@"
. "$tests/script.bash"
calls=$(dirname "$swtch")/tests/fault/calls.so
[ -e "$calls" ] || { echo "not ok - there is no $calls"; exit 1; }
n_sites=${SITES:-3}
begin_left
patience=$((20 * ${SWTCH_TEST_SLOWNESS:-1})) # seconds for a run

"$swtch" record -q --job pingpong --work 20 -o source.pftrace 2>err </dev/null
result "there is a recording to read" $?
"$swtch" export source.pftrace -o source.html -q 2>err && "$swtch" export source.pftrace -o source.jsonl -q 2>err &&
	"$swtch" stat --json -i source.pftrace >source.json 2>err && "$swtch" doctor --json >doctor.json 2>err
result "which is whole" $?
ls -A >mine

# --- what a run must leave ---------------------------------------------------------------------------

# Files here that nobody asked for.
lies_here() {
	ls -A | grep -vxF -f mine | grep -vE '^(out|err|screen|sites|fired|now\..*)$' | sed 's/^/# left: file /' | tee now.left
	[ ! -s now.left ]
}

# --- one run -----------------------------------------------------------------------------------------

has_lanes() { jq -e '[.lanes[].name] == ["process", "thread", "coroutine"] and all(.lanes[]; .work.done == 20)' "$1" >/dev/null; }
read_back() {
	"$swtch" export "$1" -f jsonl -o - 2>/dev/null | jq -se 'length > 50' >/dev/null &&
		"$swtch" stat --json -i "$1" >now.json 2>/dev/null && has_lanes now.json
}
all_checks() { jq -e --slurpfile all doctor.json '.ready and [.checks[].name] == [$all[0].checks[].name]' "$1"; }
has_events() { # each line is one, and what was asked for ran
	jq -es '[.[] | select(.kind == "switch" and .lane == "thread")] | length > 20' "$1"
}
shown() { restored && grep -aq F10 screen && grep -aq Quit screen; }
restored() {
	[ "$(cat now.before)" = "$(cat now.after)" ] &&
		[ "$(grep -ao '\[?1049h' screen | wc -l)" = "$(grep -ao '\[?1049l' screen | wc -l)" ]
}

# What is right when the status is 0.
declare -A right=(
	[stat]="has_lanes out"
	[stat_i]="cmp out source.json"
	[record]="read_back now.pftrace"
	[export_jsonl]="cmp now.jsonl source.jsonl"
	[export_html]="cmp now.html source.html"
	[doctor]="all_checks out"
	[log]="has_events out"
	[live]=shown
	[replay]=shown
)
declare -A verbs=(
	[stat]="stat --json --work 20"
	[stat_i]="stat --json -i source.pftrace"
	[record]="record -q --work 20 -o now.pftrace"
	[export_jsonl]="export source.pftrace -q -o now.jsonl"
	[export_html]="export source.pftrace -q -o now.html"
	[doctor]="doctor --json"
	[log]="log --work 20 --model thread -f jsonl"
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
	wait_for 15 nothing_rests || echo "left: $(rests | head -n 1)"
}

# Which n to try, of the sites.
choose() { # VERB
	local n
	n=$(wc -l <sites)
	case ${ALL-} in
	1) seq 1 "$(tail -n 1 sites)" ;;
	sites) cat sites ;;
	*) awk -v n="$n" -v count="${counts[$1]-$n_sites}" 'int((NR - 1) * count / n) != int((NR - 2) * count / n) || NR == 1' sites ;;
	esac
}

row() { # VERB KIND SIDE
	local verb=$1 fault=$2 side=$3 n n_runs=0 n_told=0 n_idle=0 bad=0 wrong status
	rm -f sites
	once "$verb" FAULT="$fault:0" FAULT_SIDE="$side" FAULT_SITES="$here/sites"
	wrong=$(judge "$verb" $?)
	[ -z "$wrong" ] && [ -s sites ]
	result "$verb: it runs when none of its calls fails ($fault, $side)${wrong:+: $wrong}" $?
	[ -z "$wrong" ] && [ -s sites ] || return
	for n in $(choose "$verb"); do
		for _ in 1 2 3; do # some calls are more or fewer from run to run
			rm -f fired
			once "$verb" FAULT="$fault:$n" FAULT_SIDE="$side" FAULT_FIRED="$here/fired"
			status=$?
			wrong=$(judge "$verb" "$status")
			[ -z "$wrong" ] && [ ! -s fired ] || break
		done
		[ -s fired ] || n_idle=$((n_idle + 1))
		n_runs=$((n_runs + 1))
		[ "$status" = 0 ] || n_told=$((n_told + 1))
		[ -z "$wrong" ] || { bad=1; echo "# FAULT=$fault:$n FAULT_SIDE=$side swtch ${verbs[$verb]}: $wrong"; }
	done
	[ $((n_idle * 2)) -lt $n_runs ] || bad=1
	rm -f now.*
	result "$verb: any of $(wc -l <sites) places of $fault fails ($side): $n_runs tried, $n_idle not come to, $n_told ended it" $bad
	nothing_left && lies_here
	result "$verb: nothing is left of these" $?
}

for verb in ${VERBS:-stat record live export_jsonl export_html stat_i doctor replay log}; do
	for fault in alloc calls; do
		row "$verb" $fault first
		case $verb in # whoever only looks on forks nobody; the keeper of log is that of stat
		stat | record | live) [ "$verb" != stat ] && [ -z "${ALL-}" ] || row "$verb" $fault forked ;;
		esac
	done
done

exit $failed
