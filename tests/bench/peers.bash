# SPDX-License-Identifier: GPL-2.0-only
# peers.bash - swtch and the tools that it is measured beside, each around a command that begins once
# the tool is attached: all promise that but two, which say when they are. To be sourced; the shell is
# then in an empty directory of its own.
#
#   lacks TOOL                 why it cannot be had here; nothing when it can
#   around TOOL COMMAND...     runs both; what they say is in `said`, what TOOL writes in TOOL.data
#   seen TOOL                  how many switches it has counted or recorded
#   failed MEASURE TOOL        tells that there is no measure, since TOOL failed: its last words
#
# runqlat and cpudist are those of libbpf-tools; those of bpfcc-tools want the kernel's headers.
# All tools but the command itself run on other CPUs than CPU 0, which is the load's, if there are any.

swtch=$(realpath "${SWTCH:-build/swtch}")
# shellcheck disable=SC2034 # for who sources this
pair=$(dirname "$swtch")/tests/bench/load/pair
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
[ -z "${SUDO_UID-}" ] || chown "$SUDO_UID" . # as whom swtch writes
elsewhere=()
[ "$(nproc --all)" = 1 ] || elsewhere=(taskset -c "1-$(($(nproc --all) - 1))")

declare -A programs=(
	[counting]=$swtch [events]=$swtch [bpftrace]=bpftrace [runqlat]=runqlat [cpudist]=cpudist
	[perf_record]=perf [perf_sched]=perf [trace_cmd]=trace-cmd
)

lacks() { # tool
	if [ "$(id -u)" != 0 ]; then
		echo "needs root"
	elif ! command -v "${programs[$1]}" >/dev/null; then
		echo "no ${programs[$1]} here"
	fi
}

around() { # tool, command...
	"around_$1" "${@:2}" >said 2>&1 </dev/null
}

failed() { # measure, tool
	printf '%s - %s failed: %s\n' "$1" "${programs[$2]##*/}" \
		"$(grep -av '^$' said | tail -n 1 | tr -c '[:print:]\n' '?' | cut -c 1-120)"
}

around_counting() {
	"${elsewhere[@]}" "$swtch" stat -q --json --force -o counting.data -- "$@"
}

around_events() {
	"${elsewhere[@]}" "$swtch" record -q --force -o events.data -- "$@"
}

around_bpftrace() {
	"${elsewhere[@]}" bpftrace -e 'tracepoint:sched:sched_switch { @[cpu] = count(); }' -c "$*"
}

around_runqlat() {
	once_told runqlat "$@"
}

around_cpudist() {
	once_told cpudist "$@"
}

# Wakings too, as ours does: a pair that yields has none.
around_perf_record() {
	"${elsewhere[@]}" perf record -e sched:sched_switch,sched:sched_waking -C 0 -o perf_record.data -- "$@"
}

around_perf_sched() {
	"${elsewhere[@]}" perf sched record -C 0 -o perf_sched.data -- "$@"
}

around_trace_cmd() {
	with_ftrace "${elsewhere[@]}" trace-cmd record -M 1 -e sched_switch -e sched_waking \
		-o trace_cmd.data "$@"
}

# These two take no command, and say that they are attached.
once_told() { # tool, command...
	local pid status tries=1000

	stdbuf -oL "${elsewhere[@]}" "$1" >told 2>&1 &
	pid=$!
	until grep -q '^Tracing' told; do
		if ! kill -0 $pid 2>/dev/null || [ $((tries--)) = 0 ]; then
			kill $pid 2>/dev/null
			cat told
			return 1
		fi
		sleep 0.01
	done
	"${@:2}"
	status=$?
	# Whoever was not asleep yet sleeps on.
	for ((tries = 100; tries > 0; tries--)); do
		kill -INT $pid 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL $pid 2>/dev/null
	wait $pid
	cat told
	return $status
}

# Where functions may not be traced, which nobody asks for, trace-cmd gives up, and where BPF programs go
# while it copies the kernel's symbols: in a mount namespace of its own other files stand there.
with_ftrace() { # command...
	: >empty
	echo 1 >enabled
	cat /proc/kallsyms >kallsyms
	unshare -m bash -c '
		[ -e /sys/kernel/tracing/README ] || mount -t tracefs nodev /sys/kernel/tracing
		mount --bind enabled /proc/sys/kernel/ftrace_enabled
		mount --bind kallsyms /proc/kallsyms
		for file in /sys/kernel{,/debug}/tracing/set_ftrace_{filter,notrace,pid,notrace_pid}; do
			[ ! -e $file ] || mount --bind empty $file
		done
		exec "$@"' with_ftrace "$@"
}

seen() { # tool
	case $1 in
	counting) jq '[.lanes[].switches.total] | add' counting.data ;;
	events) "$swtch" stat -i events.data --json 2>/dev/null | jq '[.lanes[].switches.total] | add' ;;
	bpftrace) awk '/^@\[/ { n += $2 } END { print n + 0 }' said ;;
	runqlat | cpudist) awk '/->/ { n += $5 } END { print n + 0 }' said ;;
	perf_*) sed -n 's/.*(\([0-9]*\) samples).*/\1/p' said ;;
	trace_cmd) trace-cmd report trace_cmd.data 2>/dev/null | grep -c sched_switch: ;;
	esac
}
