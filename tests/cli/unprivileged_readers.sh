#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# unprivileged_readers.sh - who reads a recording as root has given all of it up before the first byte: the
# kernel asks us at each read (fanotify(7)), and who reads is looked at while it waits for the answer.
. "$(dirname "$0")/../script.bash"
needs_root
python=${SWTCH_PYTHON:-/usr/bin/python3}
nobody=$(id -u nobody) nogroup=$(id -g nobody)
unset SUDO_UID SUDO_GID SUDO_USER # root's own

cat >gate.py <<'END'
# gate.py FILE UID GID COMMAND...: runs it; says how often FILE was read, and what the thread that did so had
# that it should not. Without a command: can that be done here?
import ctypes, os, select, struct, subprocess, sys

FAN_CLOEXEC, FAN_CLASS_CONTENT, FAN_REPORT_TID = 1, 4, 0x100
FAN_MARK_ADD, FAN_ACCESS_PERM, FAN_ALLOW, AT_FDCWD = 1, 0x20000, 1, -100
EVENT = struct.Struct("=IBBHQii")  # struct fanotify_event_metadata

path, uid, gid, *command = sys.argv[1:]
wanted = {"Uid": [uid] * 4, "Gid": [gid] * 4, "NoNewPrivs": ["1"], "Seccomp": ["2"],
          **{set_: ["0" * 16] for set_ in ("CapInh", "CapPrm", "CapEff", "CapAmb")}}
if uid != "0":
    wanted["Groups"] = sorted(map(str, os.getgrouplist("nobody", int(gid))), key=int)
libc = ctypes.CDLL(None, use_errno=True)
gate = libc.fanotify_init(FAN_CLOEXEC | FAN_CLASS_CONTENT | FAN_REPORT_TID, os.O_RDONLY)
if gate < 0 or libc.fanotify_mark(gate, FAN_MARK_ADD, ctypes.c_uint64(FAN_ACCESS_PERM), AT_FDCWD, path.encode()):
    print("skip - the kernel has no fanotify that asks:", os.strerror(ctypes.get_errno()))
    sys.exit(3)
if not command:
    sys.exit()
n, too_much = 0, set()
program = subprocess.Popen(command)
while program.poll() is None:
    if not select.select([gate], [], [], 0.02)[0]:
        continue
    data = os.read(gate, 4096)
    while data:
        length, _, _, _, _, fd, tid = EVENT.unpack_from(data)
        data = data[length:]
        with open(f"/proc/{tid}/status") as status:
            has = {name: words.split() for name, words in (line.split(":", 1) for line in status)}
        n += 1
        too_much |= {f"{name} {has[name]}" for name in wanted if has[name] != wanted[name]}
        os.write(gate, struct.pack("=iI", fd, FAN_ALLOW))
        os.close(fd)
print("#", n, "reads")
for what in sorted(too_much):
    print("# it still has", what)
sys.exit(program.returncode or not n or bool(too_much))
END
gated() { timeout -k 1 $((120 * ${SWTCH_TEST_SLOWNESS:-1})) "$python" gate.py run.pftrace "$@" 2>err </dev/null; }

run record -q --rate 300 --time 300ms -o run.pftrace
result "there is a recording, which is root's" $?
gated "$nobody" "$nogroup" || exit 0

sudo=(env SUDO_UID="$nobody" SUDO_GID="$nogroup" SUDO_USER=nobody)
"${sudo[@]}" "$swtch" export run.pftrace -o stolen.jsonl 2>err
[ $? = 1 ] && grep -q "^swtch: cannot read run.pftrace: Permission denied" err && [ ! -e stolen.jsonl ]
result "through sudo nobody reads what is root's alone" $?
chown "$nobody" run.pftrace
for format in jsonl html; do
	gated "$nobody" "$nogroup" "${sudo[@]}" "$swtch" export run.pftrace -o read.$format && [ -s read.$format ] &&
		[ "$(stat -c %u read.$format)" = "$nobody" ]
	result "export of $format through sudo is its caller, confined, when it reads and writes" $?
done
gated "$nobody" "$nogroup" "${sudo[@]}" "$swtch" stat -i run.pftrace --json -o read.json && jq -e .lanes read.json >/dev/null
result "so is stat -i" $?
# The key waits in the terminal until it is read.
cat >keys.sh <<'END'
printf q | script -qec "stty rows 40 columns 120; '$1' replay run.pftrace" screen >/dev/null && grep -q REPLAY screen
END
gated "$nobody" "$nogroup" "${sudo[@]}" sh keys.sh "$swtch"
result "so is replay" $?
chown 0 run.pftrace
gated 0 0 "$swtch" export run.pftrace -o root.jsonl && cmp -s root.jsonl read.jsonl
result "root itself has no capability, and is confined" $?
exit $failed
