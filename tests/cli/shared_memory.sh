#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shared_memory.sh - what processes of swtch share has no name that others could open, cannot change its
# size under who reads it, and is nobody else's. With a /dev/shm and message queues that nobody else uses.
. "$(dirname "$0")/../left.bash"
alone "$@"
. "$tests/script.bash"
python=${SWTCH_PYTHON:-/usr/bin/python3}
loop=$(realpath "$(dirname "$swtch")")/examples/marks_loop
begin_left

# look.py N PID...: the shared memory of these processes, and what lies behind it. False until N of them share
# an area of ours; then all that is wrong is printed.
cat >look.py <<'END'
import fcntl, os, re, sys

F_GET_SEALS, SHRINK, GROW = 1034, 2, 4
n_areas, sharing, wrong = 0, set(), []
for pid in map(int, sys.argv[2:]):
    try:
        for line in open(f'/proc/{pid}/maps', errors='replace'):
            part = line.split(None, 5)
            if 's' not in part[1]:
                continue
            path = part[5].strip() if len(part) > 5 else ''
            if re.match(r'/memfd:swtch-(lab|marks) ', path):
                sharing.add(pid)
            # Of no file, of the kernel's, or of a file without a name; read-only mappings of system files.
            if re.match(r'(/memfd:[\w-]+|/dev/zero) \(deleted\)$|anon_inode:|$', path) or 'w' not in part[1]:
                continue
            wrong.append(('shared by name:', pid, line.strip()))
        for fd in os.listdir(f'/proc/{pid}/fd'):
            path = os.readlink(f'/proc/{pid}/fd/{fd}')
            if re.match(r'/swtch-', path) and not path.endswith(' (deleted)'):
                wrong.append(('a queue with a name:', pid, path))
            if not re.match(r'/memfd:swtch-(lab|marks) ', path):
                continue
            with open(f'/proc/{pid}/fd/{fd}', 'rb') as area:
                seals = fcntl.fcntl(area, F_GET_SEALS)
            n_areas += 1
            if seals & (SHRINK | GROW) != SHRINK | GROW:
                wrong.append(('not sealed:', pid, path, seals))
    except (FileNotFoundError, ProcessLookupError):
        continue
if not n_areas or len(sharing) < int(sys.argv[1]):
    sys.exit(1)
for what in wrong:
    print(*what)
END

names() { find /dev/shm -mindepth 1 ! -path /dev/shm/queues; } # message queues are in the folder

# holds NAME, PROCESSES, ARGS OF SWTCH...: looked at while so many share what they have.
holds() {
	local name=$1 processes=$2 pid
	shift 2
	"$swtch" stat -q -d 100 -o "$name" "$@" >/dev/null 2>run.err </dev/null &
	pid=$!
	wait_for 20 eval '"$python" look.py $processes $pid $(below $pid) >err'
	result "$name: $processes processes share memory" $?
	[ ! -s err ]
	result "it has no name and keeps its size" $?
	[ -z "$(names | tee err)" ]
	result "and no name is left in /dev/shm or of a message queue meanwhile" $?
	kill -TERM $pid
	{ wait $pid; } 2>/dev/null
	[ -z "$(names | tee err)" ]
	result "nor when it has ended" $?
	rm -f "$name"
}
for via in shm mqueue; do
	holds "pingpong-$via" 4 --job pingpong --model process --via $via --time 100
done
holds counter 4 --job counter --model process,thread --sync mutex --time 100
holds coroutines 2 --job pingpong --model coroutine --time 100
holds marks 2 -- "$loop" 1000000000000
nothing_left
result "and nothing else is" $?
exit $failed
