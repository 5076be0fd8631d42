#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# record.sh - recordings of the real kernel: straight into a file, from a ring, killed, on a full disk.
. "$(dirname "$0")/../script.bash"
needs_root

# What anyone can read of a recording: nobody, without a privilege.
chmod 755 . && cp "$swtch" swtch-of-nobody
reads() { # FILE ARGS: as nobody, who owns nothing here
	local file=$1
	shift
	install -m 644 "$file" readable.pftrace
	setpriv --reuid=65534 --regid=65534 --clear-groups ./swtch-of-nobody "$@" readable.pftrace 2>err </dev/null
}
lines() { reads "$1" export -f jsonl -o -; }

run record --time 300ms --rate 500 -o a.pftrace
result "record ends well" $?
[ "$(wc -l <err)" = 1 ] && grep -qE '^swtch: recorded [0-9]+ events of [0-9.]+ s in a.pftrace, [0-9.]+ KB; nothing lost$' err
result "and says in one line what it recorded" $?
[ "$(stat -c %a a.pftrace)" = 600 ]
result "a recording is private" $?
said=$(sed -E 's/.*recorded ([0-9]+) events.*/\1/' err)
lines a.pftrace >a.jsonl
result "who has no privilege reads it" $?
[ "$(wc -l <a.jsonl)" -gt 1000 ] && [ "$(wc -l <a.jsonl)" -le "$said" ]
result "as many events are in it as it said, but for names in passing" $?

# Its output stands in a pipe that nobody empties: so it is still there to be looked at.
mkfifo full_pipe && exec 9<>full_pipe
"$swtch" export a.pftrace -f jsonl -o - >full_pipe 2>/dev/null &
reader=$!
without_privilege() {
	grep -qE '^CapEff:[[:space:]]*0+$' "/proc/$reader/status" && grep -qE '^NoNewPrivs:[[:space:]]*1$' "/proc/$reader/status"
}
wait_for 10 without_privilege
result "who reads one as root holds no capability" $?
kill -9 $reader && wait $reader 2>/dev/null
exec 9>&-

jq -se '[.[] | select(.kind == "exit")] | length >= 6 and all(.seen == .moved)' a.jsonl >/dev/null
result "each task's end is in it, with an exact audit" $?
jq -se 'any(.[]; .kind == "resume") and any(.[]; .kind == "clone")' a.jsonl >/dev/null
result "coroutines and clones are in it" $?
jq -se '[.[].time_ns] | . == sort' a.jsonl >/dev/null
result "in the order of time" $?
reads a.pftrace stat --json -i >a.json
jq -e '[.lanes[].name] == ["process", "thread", "coroutine"] and all(.lanes[];
	.work.done > 100 and .wall_ns > 250000000 and .audit.exact == .audit.tasks)' a.json >/dev/null
result "its table has every lane, its work and its time" $?

run record --time 100ms --rate 500 -q -o q.pftrace
[ $? = 0 ] && [ ! -s err ] && [ -s q.pftrace ]
result "-q says nothing" $?
run record --time 100ms --rate 500 >out
[ $? = 0 ] && [ -s swtch.pftrace ] && [ ! -s out ]
result "without -o it is swtch.pftrace" $?
run record --time 100ms --rate 500 -o - >piped.pftrace
[ $? = 0 ] && [ "$(lines piped.pftrace | wc -l)" -gt 100 ]
result "-o - is standard output" $?

# A command: its status, its output, its signals.
run record -o c.pftrace -- sh -c 'echo mine; exit 7' >out
[ $? = 7 ] && [ "$(cat out)" = mine ]
result "the command's status is ours, its output its own" $?
lines c.pftrace | jq -se 'any(.[]; .kind == "exit" and .task.name == "sh")' >/dev/null
result "its end is in the recording" $?
run record --force -o c.pftrace -- sh -c 'kill -KILL $$'
[ $? = 137 ]
result "128 and the signal when it was killed" $?

# Failures: one line, nothing overwritten, nothing followed.
fails() { # name, status, what the line must hold, arguments
	local name=$1 expected=$2 hint=$3 status
	shift 3
	run record --time 100ms "$@" >out
	status=$?
	[ "$status" = "$expected" ] && [ "$(wc -l <err)" = 1 ] && grep -qF -- "$hint" err && [ ! -s out ]
	result "$name" $?
}
before=$(sha256sum a.pftrace)
fails "an existing file is not overwritten" 1 "add --force" -o a.pftrace
[ "$(sha256sum a.pftrace)" = "$before" ]
result "and stays as it is" $?
ln -s a.pftrace link
fails "a link is not followed" 1 "symbolic link" -o link --force
fails "a directory is no file" 1 "directory" -o .
fails "a missing directory is named" 1 "make its directory first" -o missing/a.pftrace
fails "a full device is told" 1 "No space left" -q -o /dev/full
fails "a ring needs a file" 2 "name one" --ring 30s -o -
fails "what is no size of a ring is told" 2 "5x" --ring 5x
run record --time 100ms --rate 500 -o a.pftrace --force
[ $? = 0 ] && [ "$(lines a.pftrace | wc -l)" -gt 100 ]
result "--force overwrites" $?

# A signal ends it whole; kill -9 leaves what was written until then.
"$swtch" record --rate 2000 --time 60 -o term.pftrace 2>err </dev/null &
pid=$!
wait_for 20 grew term.pftrace 2000
kill -TERM $pid
wait $pid
result "SIGTERM ends it well" $?
lines term.pftrace | tail -n 1 | jq -e .time_ns >/dev/null
result "and the file is whole" $?
for delay in 0.3 1.1 2.7; do
	"$swtch" record --rate 2000 --time 60 -o "kill$delay.pftrace" 2>err </dev/null &
	pid=$!
	wait_for 20 grew "kill$delay.pftrace" 100
	sleep $delay # any moment will do
	kill -KILL $pid
	wait $pid 2>/dev/null
	if [ $delay = 0.3 ]; then # the first second may be lost
		reads "kill$delay.pftrace" export -f jsonl -o - >out
		[ $? -lt 2 ]
	else
		lines "kill$delay.pftrace" | jq -se 'length > 500 and .[-1].time_ns > 500000000' >/dev/null
	fi
	result "killed after $delay s it has all but the last second" $?
done
reads kill2.7.pftrace stat --json -i | jq -e '.lanes[0].wall_ns > 500000000' >/dev/null
result "and knows how long was worked until then" $?

# A ring: the last of it, each time into a file of its own.
"$swtch" record --ring 2s --rate 2000 --time 60 --model process -o ring.pftrace 2>said </dev/null &
pid=$!
wait_for 20 test -e ring.pftrace
sleep 4 # longer than the ring
kill -USR2 $pid
wait_for 20 grep -q 'to ring.pftrace' said
result "SIGUSR2 writes the ring" $?
kill -USR2 $pid
wait_for 20 grep -q 'to ring-2.pftrace' said
result "and again into another file" $?
kill -TERM $pid
wait $pid
result "a ring ends well" $?
grep -q 'to ring-3.pftrace' said
result "and is written at the end" $?
cp said err
for file in ring ring-2 ring-3; do
	[ "$(stat -c %a $file.pftrace)" = 600 ] &&
		lines $file.pftrace | jq -se '(.[-1].time_ns - .[0].time_ns) as $span |
			$span > 1000000000 and $span < 3500000000 and .[0].time_ns > 200000000 and
			([.[] | select(.task.name == null)] | length) * 50 < length' >/dev/null
	result "$file has the last seconds, and knows who is in it" $?
done
run record --ring 1M --time 2 --model process,thread -o small.pftrace
[ $? = 0 ] && [ "$(stat -c %s small.pftrace)" -lt 1100000 ] && [ "$(lines small.pftrace | wc -l)" -gt 1000 ]
result "a ring of 1M is no larger" $?

# A full disk: what was written stays, and can be read; a command goes on.
mkdir full
if mount -t tmpfs -o size=128k,mode=777 tmpfs full 2>/dev/null; then
	run record --model process --time 20 -o full/a.pftrace
	[ $? = 1 ] && grep -q 'No space left' err && grep -q 'recorded' err
	result "a full disk ends the recording, and is told" $?
	cp full/a.pftrace kept.pftrace
	said=$(sed -n 's/^swtch: recorded \([0-9]*\) events.* events lost (they could not be written)$/\1/p' err)
	there=$(lines kept.pftrace | wc -l) # but for names in passing
	[ "$said" -ge "$there" ] && [ "$said" -lt $((there + there / 4 + 100)) ]
	result "as many events are in it as it said; the others are lost" $?
	[ "$(lines kept.pftrace | wc -l)" -gt 1000 ] && reads kept.pftrace stat --json -i | jq -e '.lanes | length == 1' >/dev/null
	result "what was written until then is whole" $?
	rm full/a.pftrace
	mount -o remount,size=4k full
	run record -o full/b.pftrace -- sh -c 'i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i + 1)); done; exit 4'
	[ $? = 4 ] && grep -qE '^swtch: recorded 0 events .*; [0-9.]+k? events lost' err
	result "what did not fit is not recorded, but lost" $?
	reads full/b.pftrace stat -i >out
	[ $? = 1 ] && [ ! -s out ] && grep -q 'b.* holds no counts' err
	result "and its table is an error, not zeros" $?
	reads full/b.pftrace export -f jsonl -o - >out
	grep -q 'was not ended: the recorder was killed or could not write' err
	result "why it was not ended nobody knows" $?
	rm full/b.pftrace
	mount -o remount,size=128k full
	run record -o full/c.pftrace -- sh -c 'i=0; while [ $i -lt 6000 ]; do /bin/true; i=$((i + 1)); done; echo done; exit 5' >out
	[ $? = 5 ] && [ "$(cat out)" = done ] && grep -q 'the command goes on' err
	result "a command is not ended by a full disk" $?
	umount full
else
	echo "skip a full disk (needs mount)"
fi
exit $failed
