#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# foreign.sh - traces of other tools: made from text by protoc, read by stat, export and replay's
# opener; what cannot be read of them is named.
. "$(dirname "$0")/../script.bash"
schema=$scripts/../../user

encode() { # file; text of a Trace on stdin
	protoc -I "$schema" --encode=perfetto.protos.Trace event/swtch.proto >"$1" 2>err
}

log() { # file: its events as text on stdout
	run export "$1" -f text -o - | sed 's/ *$//'
}

said() { # words that must be in what was said on stderr
	grep -qF -- "$1" err
}

# --- two CPUs, drained one after the other, in the full form -----------------------------------------
# A cat (100, threads 100 and 101) and a dog (200); the second round of CPU 0 is older than the first
# of CPU 1's end. Times are of a kernel that has been up for 1,000 s.
cat >full.txt <<'END'
packet { system_info { utsname { sysname: "Linux" release: "6.1.0-test" } } }
packet { process_tree {
	processes { pid: 100 ppid: 1 cmdline: "/usr/bin/cat" cmdline: "--all" }
	processes { pid: 200 ppid: 1 cmdline: "dog" }
	threads { tid: 101 tgid: 100 }
} }
packet { ftrace_events { cpu: 0
	event { timestamp: 1000000000000 pid: 0 sched_switch { prev_comm: "swapper/0" prev_pid: 0
		prev_state: 0 next_comm: "cat" next_pid: 100 } }
	event { timestamp: 1000000001000 pid: 100 sched_waking { comm: "kitten" pid: 101 prio: 120
		success: 1 target_cpu: 1 } }
	event { timestamp: 1000000003000 pid: 100 sched_switch { prev_comm: "cat" prev_pid: 100
		prev_state: 1 next_comm: "dog" next_pid: 200 } }
} }
packet { ftrace_events { cpu: 1
	event { timestamp: 1000000001500 pid: 0 sched_switch { prev_comm: "swapper/1" prev_pid: 0
		prev_state: 0 next_comm: "kitten" next_pid: 101 } }
	event { timestamp: 1000000002500 pid: 101 task_newtask { pid: 102 comm: "kitten"
		clone_flags: 0x3d0f00 } }
	event { timestamp: 1000000006000 pid: 101 sched_switch { prev_comm: "kitten" prev_pid: 101
		prev_state: 256 next_comm: "swapper/1" next_pid: 0 } }
} }
packet { ftrace_events { cpu: 0
	event { timestamp: 1000000004000 pid: 200 task_rename { pid: 200 oldcomm: "dog"
		newcomm: "puppy" } }
	event { timestamp: 1000000005000 pid: 200 sched_process_exit { comm: "puppy" pid: 200
		tgid: 200 } }
	event { timestamp: 1000000005500 pid: 200 sched_switch { prev_comm: "puppy" prev_pid: 200
		prev_state: 16 next_comm: "swapper/0" next_pid: 0 } }
} }
END
encode full.pftrace <full.txt
log full.pftrace >full.log
cat >full.want <<'END'
0.000000000 [---] name    cat      100 is called cat
0.000000000 [000] switch  cat      idle:0 -> cat:100
0.000001000 [---] name    cat      101 is called kitten
0.000001000 [000] wakeup  cat      cat:100 wakes kitten:101 for cpu 1
0.000001500 [001] switch  cat      idle:0 -> kitten:101  waited 500ns
0.000002500 [001] clone   cat      kitten:101 makes thread kitten:102 (CLONE_VM|CLONE_THREAD|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_SYSVSEM|CLONE_SETTLS|CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID)
0.000003000 [---] name    puppy    200 is called dog
0.000003000 [000] switch  cat      cat:100 -> dog:200  voluntary (S)  ran 3.0us
0.000004000 [---] name    puppy    200 is called puppy
0.000005000 [000] exit    puppy    puppy:200 ends with 0
0.000005500 [000] switch  puppy    puppy:200 -> idle:0  voluntary (X)  ran 2.5us
0.000006000 [001] switch  cat      kitten:101 -> idle:0  involuntary (R)  ran 4.5us
END
diff full.want full.log >>err
result "stretches of CPUs are put in one order, and completed" $?
run stat -i full.pftrace --json >stat.json
jq -e '.kernel == "6.1.0-test" and .cpus == 2 and .target.kind == "trace" and
	([.lanes[] | [.name, .switches.voluntary, .switches.involuntary, .wakeups, .run_ns, .wait_ns,
	.created.threads, .exited]] ==
	[["cat", 1, 1, 1, 7500, 500, 1, 0], ["puppy", 1, 0, 0, 2500, 0, 0, 1]])' stat.json >/dev/null
result "lanes are programs, threads are their program's, and counts are made" $?
jq -e '.self.cpu_ns == null and .wall_ns == 6000' stat.json >/dev/null
result "what a trace does not tell is null" $?

# --- the compact form ----------------------------------------------------------------------------------
# The first switch of a CPU says who runs. Wakers are whoever runs; names come from the table.
cat >compact.txt <<'END'
packet { ftrace_events { cpu: 3 compact_sched {
	intern_table: "swapper/3" intern_table: "a" intern_table: "b\n\033[31m"
	switch_timestamp: 5000000000000 switch_timestamp: 1000 switch_timestamp: 2000 switch_timestamp: 500
	switch_prev_state: 0 switch_prev_state: 1 switch_prev_state: 2 switch_prev_state: 0
	switch_next_pid: 10 switch_next_pid: 11 switch_next_pid: 0 switch_next_pid: 10
	switch_next_prio: 120 switch_next_prio: 120 switch_next_prio: 120 switch_next_prio: 120
	switch_next_comm_index: 1 switch_next_comm_index: 2 switch_next_comm_index: 0
	switch_next_comm_index: 1
	waking_timestamp: 5000000000400 waking_timestamp: 3000
	waking_pid: 11 waking_pid: 10
	waking_target_cpu: 3 waking_target_cpu: 3
	waking_prio: 120 waking_prio: 120
	waking_comm_index: 2 waking_comm_index: 1
	waking_common_flags: 1 waking_common_flags: 1
} } }
END
encode compact.pftrace <compact.txt
log compact.pftrace >compact.log
cat >compact.want <<'END'
0.000000400 [---] name    b\x0a\x1b[31m 11 is called b\x0a\x1b[31m
0.000000400 [003] wakeup  a        a:10 wakes b\x0a\x1b[31m:11 for cpu 3
0.000001000 [003] switch  a        a:10 -> b\x0a\x1b[31m:11  voluntary (S)  ran 1.0us waited 600ns
0.000003000 [003] switch  b\x0a\x1b[31m b\x0a\x1b[31m:11 -> idle:0  voluntary (D)  ran 2.0us
0.000003400 [003] wakeup  a        an interrupt wakes a:10 for cpu 3
0.000003500 [003] switch  a        idle:0 -> a:10  waited 100ns
END
grep -v 'is called a$' compact.log | diff compact.want - >>err
result "the compact form: who left, who woke, and hostile names are escaped" $?

# --- compressed, in pieces --------------------------------------------------------------------------------
python3 - full.pftrace packed.pftrace nested.pftrace <<'END'
import sys, zlib
def field(number, data):
    n, out = len(data), b''
    for value in (number << 3 | 2, n):
        while value >= 128:
            out += bytes([value & 127 | 128]); value >>= 7
        out += bytes([value])
    return out + data
def packed(data): return field(1, field(50, zlib.compress(data)))
full = open(sys.argv[1], 'rb').read()
at = 1 + 1 + full[1]  # the first packet stays as it is
open(sys.argv[2], 'wb').write(full[:at] + packed(full[at:]))
open(sys.argv[3], 'wb').write(packed(packed(full)) + full)
END
log packed.pftrace | diff full.log - >>err
result "compressed packets are unpacked" $?
log nested.pftrace | diff full.log - && said "left out: 1 damaged packet"
result "but not those in compressed ones" $?

# --- clocks ------------------------------------------------------------------------------------------------
# ftrace by the raw clock, 500 s behind CLOCK_BOOTTIME, beside a CPU that is in it.
cat >clock.txt <<'END'
packet { clock_snapshot { clocks { clock_id: 6 timestamp: 2000000000000 }
	clocks { clock_id: 5 timestamp: 1500000000000 } } }
packet { ftrace_events { cpu: 0 ftrace_clock: FTRACE_CLOCK_MONO_RAW
	event { timestamp: 1500000001000 pid: 1 sched_switch { prev_pid: 1 prev_state: 1 next_pid: 2 } }
} }
packet { ftrace_events { cpu: 1
	event { timestamp: 2000000000500 pid: 3 sched_switch { prev_pid: 3 prev_state: 1 next_pid: 4 } }
	event { timestamp: 2000000001500 pid: 4 sched_switch { prev_pid: 4 prev_state: 1 next_pid: 3 } }
} }
packet { ftrace_events { cpu: 2 ftrace_clock: FTRACE_CLOCK_LOCAL ftrace_timestamp: 700
	boot_timestamp: 2000000000700
	event { timestamp: 2000 pid: 5 sched_switch { prev_pid: 5 prev_state: 1 next_pid: 6 } }
} }
END
encode clock.pftrace <clock.txt
log clock.pftrace | awk '$3 == "switch" { print $1, $2 }' >clock.log
printf '%s\n' '0.000000000 [001]' '0.000000500 [000]' '0.000001000 [001]' '0.000001500 [002]' |
	diff - clock.log >>err
result "other clocks are rebased to one" $?

# --- gaps, and what is left out ------------------------------------------------------------------------------
cat >odd.txt <<'END'
packet { timestamp: 5 track_event { type: TYPE_SLICE_BEGIN track_uuid: 7 } }
packet { timestamp: 9 track_event { type: TYPE_SLICE_END track_uuid: 7 } }
packet { synchronization_marker: "x" }
packet { zstd_compressed_packets: "1234" }
packet { machine_id: 7 ftrace_events { cpu: 0
	event { timestamp: 3000000000000 pid: 9 sched_switch { prev_pid: 9 next_pid: 8 } } } }
packet { ftrace_events { cpu: 5000
	event { timestamp: 3000000000000 pid: 9 sched_switch { prev_pid: 9 next_pid: 8 } } } }
packet { ftrace_events { cpu: 0
	event { timestamp: 0 pid: 9 sched_switch { prev_pid: 9 next_pid: 8 } }
	event { timestamp: 3000000000000 pid: 1 sched_switch { prev_pid: 1 prev_state: 1 next_pid: 2 } }
	event { timestamp: 3000000000100 pid: 2 sched_switch { prev_pid: 2 prev_state: 1 next_pid: 8388608 } }
	event { timestamp: 3000000000100 pid: 2 sched_wakeup { pid: 1 } }
	event { timestamp: 18446744073709551615 pid: 9 sched_switch { prev_pid: 9 next_pid: 8 } }
} }
packet { ftrace_events { cpu: 0 lost_events: true
	event { timestamp: 3000000000500 pid: 3 sched_switch { prev_pid: 3 prev_state: 1 next_pid: 1 } }
} }
END
encode odd.pftrace <odd.txt
log odd.pftrace | sed 's/^\([^ ]* [^ ]*\) *\([a-z]*\).*/\1 \2/' >odd.log
printf '%s\n' '0.000000000 [000] switch' '0.000000500 [000] lost' '0.000000500 [000] switch' |
	diff - odd.log >>err
result "a gap is an event, and nothing absurd is one" $?
said "left out: 2 track events, 1 ftrace event of another kind, 1 packet compressed with zstd, \
1 packet of another machine, 2 events at times that cannot be, 2 events of tasks or CPUs that cannot \
be, 1 packet of another kind"
result "what is left out is named, by kind and number" $?
run stat -i odd.pftrace --json 2>/dev/null | jq -e '.lost.events == 1' >/dev/null
result "and the gap is counted as a loss" $?

# --- cut ------------------------------------------------------------------------------------------------------
head -c -5 full.pftrace >cut.pftrace
log cut.pftrace >cut.log && said "bytes at the end, which are no whole packet" &&
	[ "$(grep -c switch cut.log)" = 4 ]
result "of a trace that is cut, the whole packets are read" $?

# --- no trace at all ----------------------------------------------------------------------------------------------
printf 'packet { track_event { type: TYPE_INSTANT } }' | encode slices.pftrace
log slices.pftrace >slices.log
said "slices.pftrace holds no context switches that can be read (left out: 1 track event)" &&
	[ ! -s slices.log ]
result "a trace without switches is refused, with what is in it" $?

# Nothing of it stays behind.
mkdir tmp && TMPDIR=$PWD/tmp run stat -i full.pftrace >/dev/null && [ -z "$(ls tmp)" ]
result "no temporary file is left" $?
TMPDIR=$PWD/nowhere run stat -i full.pftrace >/dev/null
[ $? = 1 ] && said "nowhere" && said "set TMPDIR"
result "and one that cannot be made is told" $?
exit $failed
