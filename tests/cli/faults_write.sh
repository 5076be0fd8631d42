#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# faults_write.sh - every output while writing goes wrong: no room, a broken disk, a limit, a reader that
# went away, writes that are interrupted or take half. What cannot be written is told in one line, with the
# file and the cause, and no broken file stays; what only takes more calls is written all the same.
# What w and W of the live view write: tui/live_full_disk.sh.
. "$(dirname "$0")/../script.bash"
needs_root
writes=$(dirname "$swtch")/tests/fault/writes
[ -x "$writes" ] || { echo "not ok - there is no $writes"; exit 1; }

run record -q --job pingpong --work 200 -o source.pftrace
result "there is a recording to read" $?

# Verbs that write a file. What is read from a recording has the same bytes each time.
declare -A verbs=(
	[text]="export source.pftrace -f text" [csv]="export source.pftrace -f csv"
	[jsonl]="export source.pftrace -f jsonl" [chrome]="export source.pftrace -f chrome"
	[html]="export source.pftrace -f html" [svg]="export source.pftrace -f svg"
	[stat_i]="stat -i source.pftrace" [stat_i_json]="stat -i source.pftrace --json --per-task --latency"
	[stat_i_csv]="stat -i source.pftrace --csv"
	[stat_json]="stat --json --model thread --work 10" [log]="log --model thread --work 10"
	[record]="record -q --model thread --work 10" [ring]="record -q --ring 10s --model thread --work 10"
)
is_right() { # VERB FILE
	case $1 in
	record | ring) "$swtch" export "$2" -f jsonl 2>/dev/null | jq -se 'length > 30' >/dev/null ;;
	log) grep -q switch "$2" ;;
	stat_json) jq -e '.lanes[0].work.done == 10' "$2" >/dev/null ;;
	*) cmp -s "$2" "whole.$1" ;;
	esac
}
# A recording that is cut stays, if it can be read; all else does not.
nothing_broken() { # VERB FILE
	[ ! -e "$2" ] || { [[ $1 == record* || $1 == ring ]] && "$swtch" export "$2" >/dev/null 2>&1; }
}
one_line() { [ "$(wc -l <err)" = 1 ] && grep -q "^swtch: .*$1.*$2" err; }
# told VERB STATUS FILE CAUSE
told() { [ "$2" = 1 ] && one_line "$3" "$4" && nothing_broken "$1" "$3"; }

faulty() { # FAULT FILE ARGS...
	local fault=$1 file=$2
	shift 2
	timeout -k 1 $((60 * ${SWTCH_TEST_SLOWNESS:-1})) "$writes" "$file" "$fault" "$swtch" "$@" 2>err </dev/null
}

for verb in text csv jsonl chrome html svg stat_i stat_i_json stat_i_csv stat_json log record ring; do
	read -ra words <<<"${verbs[$verb]}"
	run "${words[@]}" -o whole.$verb && is_right $verb whole.$verb
	result "$verb: its output is right when nothing fails" $?

	for fault in eio enospc; do
		[ $fault = eio ] && cause="Input/output error" || cause="No space left on device"
		for n in 1 2; do
			rm -f the.file
			faulty $fault:$n the.file "${words[@]}" -o the.file
			status=$?
			[ $status = 99 ] && [ $n -gt 1 ] && is_right $verb the.file && continue # it is one write
			told $verb $status the.file "$cause"
			result "$verb: $fault from write $n on is told, and leaves no broken file" $?
		done
	done
	for fault in eintr short; do
		rm -f the.file
		faulty $fault the.file "${words[@]}" -o the.file && is_right $verb the.file && [ ! -s err ]
		result "$verb: all of it is written when writes are $fault" $?
	done
	[ $verb = ring ] && continue # no output for a pipe
	for fault in eintr short; do
		faulty $fault - "${words[@]}" -o - >piped && is_right $verb piped
		result "$verb: and on standard output" $?
	done
	faulty eio:1 - "${words[@]}" -o - >piped
	[ $? = 1 ] && one_line "standard output" "Input/output error"
	result "$verb: standard output that cannot be written is told" $?
	exec 8> >(exec true)
	wait $!
	run "${words[@]}" -o - >&8 && [ ! -s err ]
	result "$verb: a reader that went away is no error" $?
	exec 8>&-
done

# Devices, limits, small disks: the kernel's own answers.
for verb in html record log stat_json; do
	read -ra words <<<"${verbs[$verb]}"
	run "${words[@]}" -o /dev/full
	[ $? = 1 ] && one_line /dev/full "No space left" && [ -c /dev/full ]
	result "$verb: /dev/full" $?
done
verbs[record_command]="record -q" # the lab shares a file in memory, to which the limit applies as well
for verb in jsonl html svg chrome stat_i_json record_command; do
	read -ra words <<<"${verbs[$verb]}"
	rm -f the.file
	(
		ulimit -f 1
		[ $verb != record_command ] || words+=(-- true)
		run "${words[0]}" -o the.file "${words[@]:1}"
	)
	told $verb $? the.file "File too large"
	result "$verb: a file that may not grow (RLIMIT_FSIZE)" $?
done
mkdir small && cat >in_small.sh <<'END'
mount -t tmpfs -o size=8k none small && cd small || exit 9
"$@"
status=$?
[ ! -e the.file ] || cp the.file ../kept
exit $status
END
for verb in jsonl html svg chrome record ring; do
	read -ra words <<<"${verbs[$verb]/--work 10/--work 2000}"
	rm -f kept
	unshare -m sh in_small.sh "$swtch" "${words[@]/source/..\/source}" -o the.file 2>err </dev/null
	status=$?
	[ $status = 1 ] && one_line the.file "No space left" && nothing_broken $verb kept
	result "$verb: a disk that is full after 8 KB" $?
done

# Streams that were closed are nobody else's.
"$swtch" export source.pftrace -f jsonl -o closed <&- >&- 2>&- && is_right jsonl closed
result "a file is whole without the three streams" $?
head -c -100 source.pftrace >cut.pftrace # of which a message tells
run export cut.pftrace -f jsonl -o cut.jsonl && [ -s err ]
"$swtch" export cut.pftrace -f jsonl -o closed3 <&- 2>&- && cmp -s closed3 cut.jsonl
result "no message goes into the file instead" $?
"$swtch" export source.pftrace -f jsonl >&- 2>err
[ $? = 1 ] && one_line "standard output" "Bad file descriptor"
result "standard output that is closed is told" $?
"$swtch" export nothing.pftrace -o closed2.csv <&- 2>&-
[ $? = 1 ] && [ ! -e closed2.csv ]
result "and an error without a stream to tell it is one" $?
for words in help jobs doctor "stat --help" --version; do
	exec 8> >(exec true)
	wait $!
	# shellcheck disable=SC2086 # words
	run $words >&8
	[ $? -le 1 ] && [ ! -s err ]
	result "swtch $words: a reader that went away is no error" $?
	exec 8>&-
done
exit $failed
