#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# perfetto.sh - recordings as Perfetto sees them: decoded by protoc and followed by Python alone, without
# our reader. No field is unknown; in a pinned pair each waking has the right waker, each CPU's times
# ascend, names are right, and no slice is longer than what the counters say was run.
. "$(dirname "$0")/../script.bash"
needs_root
schema=$scripts/../../user
work=2000

cat >flat.py <<'END'
# A recording with its compressed packets unpacked in place.
import sys, zlib

def number(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at

data, at, out = open(sys.argv[1], 'rb').read(), 0, b''
while at < len(data):
    start = at
    tag, at = number(data, at)
    n, at = number(data, at)
    assert tag == 10 and at + n <= len(data)
    inside, where = number(data, at)
    if inside == 50 << 3 | 2:
        n_packed, where = number(data, where)
        out += zlib.decompress(data[where:where + n_packed])
    else:
        out += data[start:at + n]
    at += n
sys.stdout.buffer.write(out)
END

cat >text.py <<'END'
# What protoc prints, as dictionaries: field name to the list of its values.
import re

def parse(path):
    top = {}
    stack = [top]
    for line in open(path, encoding='latin-1'):
        line = line.strip()
        if line == '}':
            stack.pop()
        elif line.endswith(' {'):
            inside = {}
            stack[-1].setdefault(line[:-2], []).append(inside)
            stack.append(inside)
        else:
            name, value = line.split(': ', 1)
            value = value[1:-1] if value[0] == '"' else value
            stack[-1].setdefault(name, []).append(
                int(value) if re.fullmatch(r'-?\d+', value) else value)
    assert len(stack) == 1
    return top

def one(message, field, default=0):
    return message.get(field, [default])[0]
END

cat >follow.py <<'END'
# A viewer's reading of scheduling, block by block: for each CPU who runs when, and who wakes whom.
import collections, json, sys
from text import parse, one

packets = parse(sys.argv[1])['packet']
work, stat = int(sys.argv[2]), json.load(open(sys.argv[3]))
names, runs, parents, last, ran = {}, {}, {}, collections.Counter(), collections.Counter()
wakings, wrong, dropped = [], [], set()
left, longest = collections.Counter(), collections.Counter()  # by pid: others may be called the same

def bundle(b):
    cpu, compact = one(b, 'cpu'), one(b, 'compact_sched', {})
    table, steps, time = compact.get('intern_table', []), [], 0
    for delta, state, pid, name in zip(*(compact.get(f, []) for f in (
            'switch_timestamp', 'switch_prev_state', 'switch_next_pid', 'switch_next_comm_index'))):
        time += delta
        steps.append((time, 1, pid, state))
        names[pid] = table[name]
    time = 0
    for delta, pid in zip(compact.get('waking_timestamp', []), compact.get('waking_pid', [])):
        time += delta
        steps.append((time, 0, pid, None))
    if any(delta < 0 for f in ('switch_timestamp', 'waking_timestamp') for delta in compact.get(f, [])):
        wrong.append('a step back in time')
    times = [one(e, 'timestamp') for e in b.get('event', [])]
    if cpu and times != sorted(times):  # CPU 0 also has names, which belong to none
        wrong.append('single events of CPU %d do not ascend' % cpu)
    for e in b.get('event', []):
        for kind in ('sched_waking', 'sched_wakeup_new'):
            if kind in e:
                wakings.append((one(e, 'timestamp'), one(e, 'pid'), one(e[kind][0], 'pid')))
        if 'task_newtask' in e:
            parents[one(e['task_newtask'][0], 'pid')] = one(e, 'pid')
        if 'task_rename' in e:
            names[one(e['task_rename'][0], 'pid')] = one(e['task_rename'][0], 'newcomm')
    # A waking at the very time of a switch would be told one by one: here none has another's time.
    for time, is_switch, pid, state in sorted(steps):
        if time < last[cpu]:
            wrong.append('CPU %d goes back in time' % cpu)
        if not is_switch:
            wakings.append((time, runs.get(cpu, (None,))[0], pid))
        elif cpu in runs:
            prev, since = runs[cpu]
            ran[prev] += time - since
            longest[prev] = max(longest[prev], time - since)
            left[prev] += 1
        if is_switch:
            runs[cpu] = pid, time
        last[cpu] = time

watched = set()
for packet in packets:
    if 'ftrace_events' in packet:
        bundle(packet['ftrace_events'][0])
    for tasks in one(packet, '[swtch.packet]', {}).get('tasks', []):
        watched |= {word & 0x3fffff for word in tasks.get('word', []) if word >> 22}
while children := {child for child in parents if parents[child] in watched} - watched:
    watched |= children

pids = {name: [pid for pid in names if names[pid] == name and pid in watched] for name in ('ping-0', 'pong-0')}
assert all(len(of) == 1 for of in pids.values()), pids
ping, pong = pids['ping-0'][0], pids['pong-0'][0]
print(ping, pong, file=open('pids', 'w'))
pairs = collections.Counter((waker, wakee) for _, waker, wakee in wakings)
lane = stat['lanes'][0]
n_switches = left[ping] + left[pong]
checks = {
    # Not at each turn: whoever is preempted while it writes finds its answer there.
    'ping wakes pong and pong wakes ping':
        min(pairs[ping, pong], pairs[pong, ping]) >= max(work / 4, 0.25 * len(wakings)) and
        pairs[ping, pong] + pairs[pong, ping] >= len(wakings) - 12,
    # The kernel files it under a wakeup when an interrupt finds one about to sleep: once in thousands.
    'neither wakes itself': pairs[ping, ping] + pairs[pong, pong] <= len(wakings) / 200,
    'nobody else wakes them, but to start and end':
        sum(n for p, n in pairs.items() if p[1] in (ping, pong) and p[0] not in (ping, pong)) <= 10,
    'as many wakings as the counters say': abs(len(wakings) - lane['wakeups']) <= 2,
    'times of each CPU ascend': not wrong,
    'each leaves as often as it is counted':
        abs(n_switches - lane['switches']['total']) <= lane['switches']['total'] * 0.05 + 20,
    # Who was running when its lane began came to its CPU unseen: what it ran is counted, not drawn.
    'no more is drawn than was counted':
        0 < sum(ran[p] for p in (ping, pong)) and sum(ran[p] for p in watched) < lane['run_ns'] * 1.05 + 1e6,
    'no slice is long': max(longest[ping], longest[pong]) < 100e6,
}
for name, held in checks.items():
    print('%s - %s' % ('ok' if held else 'not ok', name))
if not all(checks.values()):
    print('#', pairs, wrong[:5], n_switches, lane['switches'], sum(ran[p] for p in watched),
          lane['run_ns'], longest[ping], longest[pong], len(wakings), lane['wakeups'])
    sys.exit(1)
END

cat >drawn.py <<'END'
# How long a viewer draws each of some pids, by the switches alone: one number a line.
import collections, sys
from text import parse, one

drawn, runs = collections.Counter(), {}
for packet in parse(sys.argv[1])['packet']:
    for bundle in packet.get('ftrace_events', []):
        cpu, compact, time = one(bundle, 'cpu'), one(bundle, 'compact_sched', {}), 0
        for delta, pid in zip(compact.get('switch_timestamp', []), compact.get('switch_next_pid', [])):
            time += delta
            if cpu in runs:
                drawn[runs[cpu][0]] += time - runs[cpu][1]
            runs[cpu] = pid, time
for pid in sys.argv[2:]:
    print(drawn[int(pid)])
END

cat >slices.py <<'END'
# Coroutines: tracks under their thread's, and slices that begin and end in turn, by the clock of marks.
import collections, sys
from text import parse, one

packets, tracks, thread_of, open_since = parse(sys.argv[1])['packet'], {}, {}, {}
clock, defaults, n, wrong, names = None, None, collections.Counter(), [], {}
for packet in packets:
    if one(packet, 'trusted_packet_sequence_id') != 1:
        continue
    if one(packet, 'sequence_flags') & 1:
        clock, names = None, {}
    for entry in one(packet, 'interned_data', {}).get('event_names', []):
        names[one(entry, 'iid')] = one(entry, 'name')
    for c in one(packet, 'clock_snapshot', {}).get('clocks', []):
        if one(c, 'clock_id') == 64:
            clock = one(c, 'timestamp')
    for track in packet.get('track_descriptor', []):
        (thread_of if 'thread' in track else tracks)[one(track, 'uuid')] = track
    for event in packet.get('track_event', []):
        clock += one(packet, 'timestamp')
        uuid, kind = one(event, 'track_uuid'), one(event, 'type')
        n[kind] += 1
        if uuid not in tracks or one(tracks[uuid], 'parent_uuid') not in thread_of:
            wrong.append(('no track', uuid))
        if one(event, 'name_iid') not in names:
            wrong.append(('no name', uuid))
        if kind == 'TYPE_SLICE_BEGIN':
            if uuid in open_since:
                wrong.append(('begins twice', uuid))
            open_since[uuid] = clock
        elif kind == 'TYPE_SLICE_END' and open_since.pop(uuid, clock) > clock:
            wrong.append(('ends before it begins', uuid))
if wrong or n['TYPE_SLICE_BEGIN'] < int(sys.argv[2]) or not thread_of:
    print('#', wrong[:5], n)
    sys.exit(1)
END

decode() { # file, text
	python3 flat.py "$1" >flat 2>err && protoc -I "$schema" --decode=perfetto.protos.Trace \
		event/swtch.proto <flat >"$2" 2>>err
}

unknown() { # text: fields that the schema does not have are printed by their numbers
	grep -qE '^ *[0-9]+(:| \{)' "$1"
}

run record --job pingpong --pin 0 --model process --work $work -o pair.pftrace
result "a pair is recorded" $?
protoc -I "$schema" --decode=perfetto.protos.Trace event/swtch.proto <pair.pftrace >outer.txt 2>err
result "the file decodes" $?
decode pair.pftrace pair.txt
result "so do its blocks" $?
! unknown outer.txt && ! unknown pair.txt
result "no field is unknown" $?
for message in head block tasks lane run counts details; do
	grep -qE "^ +$message \{" pair.txt || echo "# no $message" >>err
done
grep -q 'extension_set {' pair.txt && grep -q 'release: "' pair.txt && ! grep -q '^# no' err
result "every message of ours is in it, with its description and the kernel's release" $?
run stat -i pair.pftrace --json >pair.json
python3 follow.py pair.txt $work pair.json || failed=1

# Two strangers take turns on the CPU where watched tasks sleep; switches between the two are not told.
# Neither may be drawn for longer than it ran.
hogs=()
for _ in 1 2; do
	taskset -c 0 sh -c 'while :; do :; done' &
	hogs+=($!)
done
cpu_times() { # ns on a CPU, by the kernel's count
	for hog in "${hogs[@]}"; do cut -d' ' -f1 "/proc/$hog/schedstat"; done
}
cpu_times >before
run record --job sleep --tasks 2 --sleep 0.2 --pin 0 --model thread --work 8 -o hogs.pftrace
status=$?
cpu_times >after
kill "${hogs[@]}" && wait "${hogs[@]}" 2>/dev/null
decode hogs.pftrace hogs.txt && python3 drawn.py hogs.txt "${hogs[@]}" >drawn && [ $status = 0 ] &&
	paste before after drawn | awk '{ sum += $3; if ($3 > ($2 - $1) * 1.1 + 5e6) exit 1 }
		END { if (!sum) exit 1 }' && [ "$(wc -l <drawn)" = 2 ]
result "no task is drawn for longer than it ran" $?

# Without what is ours in it, the file is read as another tool's: the pair's switches are the same.
cat >foreign.py <<'END'
import sys
sys.argv[1:], out = sys.argv[1:2], sys.argv[2]
exec(open('flat.py').read().split('data, at, out')[0])
data, at, kept = open(sys.argv[1], 'rb').read(), 0, b''
while at < len(data):
    start, (_, at) = at, number(data, at)
    n, at = number(data, at)
    if number(data, at)[0] == 50 << 3 | 2:
        kept += data[start:at + n]
    at += n
open(out, 'wb').write(kept)
END
python3 foreign.py pair.pftrace foreign.pftrace 2>err && run stat -i foreign.pftrace --json >foreign.json
jq -es --arg pids "$(tr ' ' '|' <pids)" '(.[1].lanes | map(select(.name |
		test("^p[io]ng-0(:(" + $pids + "))?$"))) | map(.switches.total) | add) as $pair |
	.[1].target.kind == "trace" and (.[0].lanes[0].switches.total - $pair | . >= 0 and . <= 40)' \
	pair.json foreign.json >/dev/null
result "read as another tool's trace, it has the same switches" $?

run record --job pingpong --pin 0 --model coroutine --work 200 -o loop.pftrace &&
	decode loop.pftrace loop.txt && ! unknown loop.txt && python3 slices.py loop.txt 400
result "coroutines are slices of tracks under their thread's" $?
exit $failed
