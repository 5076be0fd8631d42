#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# capabilities.sh - without root: what works with which capabilities, and what is said without one of them.
. "$(dirname "$0")/../script.bash"
needs_root
# Where nobody may go, wherever the tree is.
built=$(dirname "$swtch")
mkdir bin && cp "$swtch" "$built/swtch-lab" "$scripts/steps.py" bin/
[ ! -x "$built/examples/marks_loop" ] || cp "$built/examples/marks_loop" bin/
chmod 755 bin bin/*
swtch=$here/bin/swtch
python=${SWTCH_PYTHON:-/usr/bin/python3}
nobody=(setpriv --reuid nobody --regid "$(id -gn nobody)" --clear-groups)

# able CAPABILITIES WORDS...: swtch as nobody, with these ("bpf,perfmon") and no other.
able() {
	local plus

	plus=$(sed 's/[^,][^,]*/+&/g' <<<"$1")
	shift
	timeout -k 1 $((60 * ${SWTCH_TEST_SLOWNESS:-1})) "${nobody[@]}" --inh-caps=-all"${plus:+,$plus}" \
		--ambient-caps=-all"${plus:+,$plus}" "$swtch" "$@" 2>err </dev/null
}

# refused NAME WORDS: it ended with 1, and the one line of stderr has the words.
refused() { # status, name, words
	[ "$1" = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -qF -- "$3" err
	result "$2" $?
}

for row in "|CAP_BPF + CAP_PERFMON is missing" "bpf|CAP_PERFMON is missing" "perfmon|CAP_BPF is missing" \
	"sys_ptrace,net_admin|CAP_BPF + CAP_PERFMON is missing"; do
	able "${row%|*}" stat --job pingpong --work 10 >out
	refused $? "with '${row%|*}' it says what is missing" "(needs root or CAP_BPF + CAP_PERFMON, and ${row#*|}; try sudo"
	able "${row%|*}" doctor --json >doctor.json
	[ $? = 1 ] && jq -e --arg lacks "without ${row#*|}" '.checks[] | select(.name == "privilege") |
		.verdict == "missing" and ((.found + " is missing") | endswith($lacks))' doctor.json >/dev/null
	result "and so does doctor" $?
done

# --- CAP_BPF and CAP_PERFMON: all that is one's own -----------------------------------------------------

both=bpf,perfmon
able $both doctor --json >doctor.json && jq -e '.ready and (.checks[] | select(.name == "probes") | .verdict == "ok") and
	(.checks[] | select(.name == "others'\'' memory") | .verdict == "not seen")' doctor.json >/dev/null
result "with CAP_BPF and CAP_PERFMON doctor is content" $?
able $both stat --json --job pingpong --time 0.3 >lab.json && jq -e '(.lanes | length == 3) and .lost.events == 0 and
	all(.lanes[]; .work.done > 0 and .audit.exact == .audit.tasks and .memory.pss_bytes > 0)' lab.json >/dev/null
result "they run and measure the lab" $?
# Its streams are the caller's, so the report is on stderr.
able $both stat --json -- sh -c 'echo out; sleep 0.3; exit 3' >out
[ $? = 3 ] && [ "$(cat out)" = out ] && jq -e '.lanes[0] | .created.processes >= 1 and .audit.exact == .audit.tasks and
	.memory.pss_bytes > 0' err >/dev/null
result "a command of one's own" $?
able $both log -f jsonl -o - -- sh -c : >events.jsonl && grep -q '"kind":"exec"' events.jsonl
result "its events" $?
if [ -x bin/marks_loop ]; then
	able $both stat --json -- bin/marks_loop 2000 >out && jq -e '.lanes[0].user_switches > 1000' err >/dev/null
	result "coroutines that it marks" $?
fi
if has_uprobes; then
	able $both stat --json -- "$python" bin/steps.py 3 10 --count >out &&
		jq -e --argjson n "$(cat out)" '.lanes[0] | .runtime == "asyncio" and .user_switches == $n' err >/dev/null
	result "steps of asyncio" $?
fi

"${nobody[@]}" sleep 100 &
own=$!
sleep 100 &
other=$!
trap 'kill $own $other; rm -rf "$here"' EXIT
asleep() { [ "$(cat "/proc/$1/comm")" = sleep ]; }
wait_for 10 asleep $own && wait_for 10 asleep $other

able $both stat --json -p $own -d 0.5 >own.json && jq -e '.lanes[0] | .memory.pss_bytes > 0 and (has("note") | not)' own.json >/dev/null
result "a running process of one's own" $?

# --- CAP_SYS_PTRACE: what is in the processes of others -------------------------------------------------

able $both stat --json -p $other -d 0.5 >other.json && jq -e '.lanes[0] | .memory.pss_bytes == null and
	(.note | contains("CAP_SYS_PTRACE is missing"))' other.json >/dev/null
result "one of another's is watched, but not looked into, and that is said" $?
able $both stat -p $other -d 0.5 >out && [ "$(grep -c 'CAP_SYS_PTRACE is missing' out)" = 1 ]
result "in one line" $?
able $both stat --json -a -d 0.5 >all.json && jq -e '.lanes[0] | .switches.total > 0 and .memory.pss_bytes == null and
	(.note | contains("CAP_SYS_PTRACE is missing"))' all.json >/dev/null
result "of everything a part of the memory does not pass for all" $?
able $both,sys_ptrace stat --json -p $other -d 0.5 >other.json &&
	jq -e '.lanes[0] | .memory.pss_bytes > 0 and (has("note") | not)' other.json >/dev/null
result "with CAP_SYS_PTRACE too it is looked into" $?
able $both,sys_ptrace stat --json -a -d 0.5 >all.json && jq -e '.lanes[0] | .memory.pss_bytes > 0 and (has("note") | not)' all.json >/dev/null
result "and so is everything" $?

# --- capabilities of the file, for whoever may execute it -----------------------------------------------

able_file() { timeout -k 1 60 "${nobody[@]}" --inh-caps=-all "$@" 2>err </dev/null; }
if setcap cap_bpf,cap_perfmon,cap_sys_ptrace=ep bin/swtch 2>err; then
	able_file bin/swtch stat --json --job pingpong --time 0.2 >lab.json &&
		jq -e 'all(.lanes[]; .work.done > 0 and .memory.pss_bytes > 0)' lab.json >/dev/null
	result "capabilities of the file do for the lab" $?
	able_file bin/swtch stat --json -p $other -d 0.5 >other.json && jq -e '.lanes[0].memory.pss_bytes > 0' other.json >/dev/null
	result "and for another's process" $?
	able_file bin/swtch stat -o none -- grep -c '^Cap[IPEA].*0000000000000000$' /proc/self/status >out && [ "$(cat out)" = 4 ]
	result "and its command has none of them" $?

	# A recording may be anybody's: who reads it has none either. It waits for who reads what it writes.
	able_file bin/swtch record --force -o all.pftrace --job pingpong --model process --work 20000
	mkfifo slow && exec 9<>slow
	"${nobody[@]}" --inh-caps=-all bin/swtch export all.pftrace -f jsonl -o - >&9 2>err </dev/null &
	reader=$!
	gave_all_up() {
		[ "$(grep -cE '^Cap(Inh|Prm|Eff|Amb):.0000000000000000$' /proc/$reader/status)" = 4 ] &&
			grep -q '^NoNewPrivs:.1$' /proc/$reader/status && grep -q '^Seccomp:.2$' /proc/$reader/status &&
			grep -q '^State:.S' /proc/$reader/status
	}
	wait_for 20 gave_all_up
	result "and who reads a recording has given them up" $?
	kill $reader
	exec 9>&-
else
	echo "skip - this file system keeps no capabilities, or setcap is missing"
fi
exit $failed
