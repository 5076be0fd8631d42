#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shared_memory.sh - what processes of swtch share has no name that others could open, cannot change its
# size under who reads it, and is nobody else's.
. "$(dirname "$0")/../script.bash"
needs_root
python=${SWTCH_PYTHON:-/usr/bin/python3}
loop=$(realpath "$(dirname "$swtch")")/examples/marks_loop

# Every process below ROOT: shared memory and what lies behind it. All that is wrong is printed.
cat >look.py <<'END'
import fcntl, os, re, sys

def below(root):
    children = {}
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            stat = open(f'/proc/{pid}/stat').read()
        except OSError:
            continue
        children.setdefault(int(stat[stat.rindex(')') + 2:].split()[1]), []).append(int(pid))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found

F_GET_SEALS, SHRINK, GROW = 1034, 2, 4
n_areas = n_maps = 0
for pid in below(int(sys.argv[1])):
    try:
        for line in open(f'/proc/{pid}/maps', errors='replace'):
            part = line.split(None, 5)
            if 's' not in part[1]:
                continue
            n_maps += 1
            path = part[5].strip() if len(part) > 5 else ''
            # Of no file, of the kernel's, or of a file without a name; read-only mappings of system files.
            if re.match(r'(/memfd:[\w-]+|/dev/zero) \(deleted\)$|anon_inode:|$', path) or 'w' not in part[1]:
                continue
            print('shared by name:', pid, line.strip())
        for fd in os.listdir(f'/proc/{pid}/fd'):
            path = os.readlink(f'/proc/{pid}/fd/{fd}')
            if re.match(r'/swtch-', path) and not path.endswith(' (deleted)'):
                print('a queue with a name:', pid, path)
            if not re.match(r'/memfd:swtch-(lab|marks) ', path):
                continue
            with open(f'/proc/{pid}/fd/{fd}', 'rb') as area:
                seals = fcntl.fcntl(area, F_GET_SEALS)
            n_areas += 1
            if seals & (SHRINK | GROW) != SHRINK | GROW:
                print('not sealed:', pid, path, seals)
    except (FileNotFoundError, ProcessLookupError):
        continue
if n_areas < int(sys.argv[2]) or not n_maps:
    print('only', n_areas, 'areas and', n_maps, 'mappings seen')
END

names() { ls -A /dev/shm /dev/mqueue 2>/dev/null; }
before=$(names)

# holds NAME, AREAS AT LEAST, ARGS OF SWTCH...: looked at while it runs.
holds() {
	local name=$1 least=$2 pid
	shift 2
	: >err
	"$swtch" stat -q -d 100 -o "$name" "$@" >/dev/null 2>run.err </dev/null &
	pid=$!
	wait_for 60 eval '! { "$python" look.py $pid $least || echo failed; } | tee err | grep . >/dev/null'
	result "what is shared while $name runs has no name and keeps its size" $?
	[ "$(names)" = "$before" ]
	result "and no name is left in /dev/shm or /dev/mqueue meanwhile" $?
	kill -TERM $pid
	{ wait $pid; } 2>/dev/null
	rm -f "$name"
}
for via in shm mqueue; do
	holds "pingpong-$via" 1 --job pingpong --model process --via $via --time 100
done
holds counter 1 --job counter --model process,thread --sync mutex --time 100
holds coroutines 1 --job pingpong --model coroutine --time 100
holds marks 1 -- "$loop" 1000000000000
exit $failed
