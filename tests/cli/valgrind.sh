#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# valgrind.sh - the reader under memcheck, which sees what sanitizers do not: memory that was never
# written. Exports, the table and the view of a recording, and of those that fuzzing begins with.
. "$(dirname "$0")/../script.bash"
command -v valgrind >/dev/null || { echo "skip - needs valgrind"; exit 0; }
corpus=$scripts/../fuzz/corpus/file

# 99 when it found something; else the program's own status. Memory that nobody holds any more at the
# end counts; not what ncurses holds by a pointer to its middle.
grind=(valgrind -q --log-file=err --error-exitcode=99 --leak-check=full --show-leak-kinds=definite
	--errors-for-leak-kinds=definite)
most=$((60 * ${SWTCH_TEST_SLOWNESS:-1})) # seconds that one may take, of some 5
memcheck() { timeout -k 1 $most "${grind[@]}" "$swtch" "$@" </dev/null 2>said; }
clean() { [ "$1" -lt 99 ] && ! [ -s err ]; }

if [ "$(id -u)" = 0 ]; then
	"$swtch" record -q -o run.pftrace --time 100ms --rate 100 2>err </dev/null
	result "a recording is made" $?
	for format in text csv jsonl chrome html svg; do
		memcheck export run.pftrace -f $format -o "out.$format" && clean $? && [ -s "out.$format" ]
		result "export as $format" $?
	done
	memcheck stat -i run.pftrace --latency --per-task >out && clean $? && [ -s out ]
	result "stat -i" $?
	# Each view, some steps, then away; the keys wait in the terminal until they are read.
	printf '12345n.,+-?qqq' | timeout -k 1 $most script -qec "stty rows 40 columns 120
		${grind[*]} '$swtch' replay run.pftrace" screen >/dev/null
	clean $? && grep -q REPLAY screen
	result "replay" $?
else
	echo "skip - a whole recording (needs root and BPF)"
fi

n=0 bad=0
for file in "$corpus"/*; do
	[ -f "$file" ] || continue # of no file valgrind has nothing to say
	n=$((n + 1))
	memcheck export -f jsonl "$file" >/dev/null
	clean $? || { bad=1; sed "s/^/# ${file##*/}: /" err; }
done
[ $n -gt 0 ] && [ $bad = 0 ]
result "the $n recordings that fuzzing begins with" $?
exit $failed
