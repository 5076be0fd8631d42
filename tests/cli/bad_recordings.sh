#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bad_recordings.sh - files that are no recordings, or damaged, or enormous: one clear line and status 1,
# or what is whole of them; in bounded memory and time. Needs no root.
. "$(dirname "$0")/../script.bash"
corpus=$scripts/../fuzz/corpus
bound=$((768 * 1024)) # KiB of address space: what foreign.h and packets.h state, and the program itself

# status, what is said, arguments; within the bounds
check() {
	local expected=$1 hint=$2 status problem=
	shift 2

	(ulimit -v "$bound" && exec timeout -k 1 20 "$swtch" "$@") >out 2>err </dev/null
	status=$?
	[ "$status" = "$expected" ] || problem="exit status $status, expected $expected"
	grep -q '^swtch: ' err || problem+="; does not begin with swtch:"
	[ "$(wc -l <err)" = 1 ] || problem+="; $(wc -l <err) lines on stderr"
	grep -qF -- "$hint" err || problem+="; does not say: $hint"
	LC_ALL=C grep -q '[^ -~]' err && problem+="; a raw byte"
	[ "$expected" = 1 ] && [ -s out ] && problem+="; something on stdout"
	if [ -n "$problem" ]; then
		echo "not ok - swtch $* (${problem#; })"
		sed 's/^/# /' err | cut -c 1-300
		failed=1
	else
		echo "ok - swtch ${*@Q}"
	fi
}

# By each verb that reads recordings and needs no terminal.
check_each() { # what is said, file
	check 1 "$1" stat -i "$2"
	check 1 "$1" export "$2" -f text -o -
}

# --- other kinds of files ---------------------------------------------------------------------------
: >empty
echo "hello" >text
printf 'a,b\n1,2\n' >table.csv
printf '\n\n\nhello\n' >lines
gzip -c "$corpus/file/seed-0" >packed.gz
head -c 4096 /dev/urandom >noise
mkdir directory
mkfifo pipe
ln -s loop loop
cp "$corpus/file/seed-0" secret && chmod 0 secret
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'

check_each "empty" empty
for file in text table.csv lines packed.gz "$swtch"; do
	check_each "no recording" "$file"
done
check_each "directory" directory
check_each "pipe" pipe
check_each "socket" socket
check_each "device" /dev/zero
check_each "device" /dev/null
check_each "loop: Too many levels of symbolic links" loop
check_each "missing: No such file" missing
check_each "No such file" $'\e[31mred'
(ulimit -v "$bound"; timeout 20 "$swtch" stat -i noise >out 2>err)
[ $? = 1 ] && [ "$(wc -l <err)" = 1 ]
result "noise is refused" $?
if [ "$(id -u)" = 0 ]; then
	chmod 755 . && as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${as_nobody[@]}" "$swtch" stat -i secret >out 2>err
else
	"$swtch" stat -i secret >out 2>err
fi
[ $? = 1 ] && grep -q 'secret: Permission denied' err
result "one that may not be read is told" $?

# --- claims -----------------------------------------------------------------------------------------
cat >make.py <<'END'
import sys, zlib

def number(value):
    out = b''
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])

def field(n, data):
    if isinstance(data, int):
        return number(n << 3) + number(data)
    return number(n << 3 | 2) + number(len(data)) + data

def packed(data):
    return field(1, field(50, data))

def zeros(n):
    pack, out = zlib.compressobj(9), b''
    piece = bytes(1 << 20)
    for _ in range(n >> 20):
        out += pack.compress(piece)
    return out + pack.flush()

def ours(n, message):
    return field(1, field(1901, field(n, message)))

def block(n_bytes, data):
    return ours(2, field(1, 5) + field(2, 6) + field(3, 0) + field(4, n_bytes)) + packed(data)

def switch(time, prev, after):
    return field(2, field(1, time) + field(2, prev) +
                 field(4, field(2, prev) + field(4, 1) + field(6, after)))

def bundle(cpu, events):
    return field(1, field(1, field(1, cpu) + events))

head = ours(1, field(1, 1) + field(2, 1) + field(3, 1) + field(4, 0))
later = ours(1, field(1, 99) + field(2, 1) + field(3, 1))
second = 10 ** 9
good = bundle(0, switch(1000 * second, 1, 2) + switch(1000 * second + 5, 2, 1))
files = {
    'later': later,
    # Of a block: more than it says, as much as is allowed, more than that.
    'bomb-more': head + block(1 << 20, zeros(32 << 20)),
    'bomb-most': head + block(64 << 20, zeros(64 << 20)) * 3,
    'bomb-over': head + block(1 << 60, zeros(256 << 20)),
    # Of another tool: each unpacks to 1 GiB; and to as much as is read, of nothing.
    'bomb-foreign': packed(zeros(1 << 30)) * 3 + good,
    'bomb-fields': packed(zlib.compress(field(1, b'') * (8 << 20))) * 2 + good,
    'long': number(10) + number(1 << 60) + b'x' * 1000,
    'long-good': good + number(10) + number((1 << 60) + 1) + b'x' * 1000,
    # A thousand CPUs, four million tasks, times at both ends, times that go back.
    'cpus': b''.join(bundle(cpu, switch(1000 * second + cpu, 1, 2)) for cpu in range(2000)),
    'tasks': b''.join(bundle(0, b''.join(
        switch(1000 * second + i, i, (i + 37) % 4194304) for i in range(start, 4194304, 409)))
        for start in range(0, 409, 41)),
    'times': bundle(0, b''.join(switch(1000 * second + (-1) ** i * i * 7919 % (1 << 40), 1, 2)
                                for i in range(50000))),
    'far': bundle(0, b''.join(switch(second * (1 + i * 80000), 1, 2) for i in range(20000))),
    'names': bundle(0, field(4, b''.join(field(5, b'name%d' % i) for i in range(200000)) +
        field(1, number(1000 * second) + b'\1' * 199999) + field(2, b'\1' * 200000) +
        field(3, b'\1\2' * 100000) + field(4, b'\1' * 200000) +
        field(6, b''.join(number(199999 * (i & 1)) for i in range(200000))))),
}
for name, data in files.items():
    open(name, 'wb').write(data)
END
python3 make.py

# Time and memory are bounded; what is good in it is told. status, a word that must be on stdout, file
within() {
	local status
	(ulimit -v "$bound" && exec timeout -k 1 60 "$swtch" stat -i "$3") >out 2>err </dev/null
	status=$?
	[ "$status" = "$1" ] && grep -qF -- "$2" out err
	result "$3 in bounded memory and time" $?
}

check_each "another version" later
within 1 "1 of 1 blocks cannot be read" bomb-more
within 1 "3 of 3 blocks cannot be read" bomb-most
within 1 "bomb-over was not ended" bomb-over
within 0 "left out: 3 packets of more than 64 MiB" bomb-foreign
within 0 "left out: 16777216 packets of other kinds" bomb-fields
within 1 "no recording" long
within 0 "1010 bytes at the end" long-good
within 0 "976 events of tasks or CPUs that cannot be" cpus
within 0 "context switches" tasks
within 0 "context switches" times
within 0 "context switches" far
within 0 "context switches" names

# --- growing while it is read -------------------------------------------------------------------------
seed=$corpus/file/seed-1
size=$(stat -c %s "$seed")
run export "$seed" -f text -o - >whole.text
(
	for ((at = 0; at < size; at += 37)); do
		tail -c +$((at + 1)) "$seed" | head -c 37 >>growing
	done
) &
writer=$!
growth=0
while kill -0 $writer 2>/dev/null; do
	[ -s growing ] || continue
	timeout 10 "$swtch" export growing -f text -o - >part.text 2>part.err
	case $? in
	0) head -c "$(stat -c %s part.text)" whole.text | cmp -s - part.text || growth=1 ;;
	1) grep -q '^swtch: ' part.err || growth=1 ;;
	*) growth=1 ;;
	esac
done
wait $writer
run export growing -f text -o - | cmp -s - whole.text || growth=1
[ -s whole.text ] && [ $growth = 0 ]
result "a file that grows is what it was when it was opened" $?
exit $failed
