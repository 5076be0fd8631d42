#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# claims.sh - some claims judged on the real kernel: rounds, figures, files, and an early end.
. "$(dirname "$0")/../script.bash"
needs_root

run claims p4 P3 --json >claims.json
result "claims --json ends well" $?
[ "$(wc -l <claims.json)" = 1 ] && ! [ -s err ]
result "it is one line, with nothing beside it" $?
jq -e '.version == 1 and [.claims[].id] == ["P3", "P4"]' claims.json >/dev/null
result "those that were named, in the lecture's order" $?
jq -e 'all(.claims[]; (.verdict | IN("holds", "does not hold here", "not decided")) and .rounds >= 5)' \
	claims.json >/dev/null
result "each has a verdict, by five rounds at least" $?
jq -e 'all(.claims[].figures[]; .min > 0 and .min <= .median and .median <= .max and .unit == "ns")' \
	claims.json >/dev/null
result "and figures with their spread" $?
jq -e 'all(.claims[]; .says and .note == null and (.reproduce | startswith("swtch stat --job ")))' \
	claims.json >/dev/null
result "and the command that reproduces it" $?
command=$(jq -r '.claims[1].reproduce' claims.json)
sh -c "swtch() { '$swtch' \"\$@\"; }; $command" >stat 2>err && [ "$(grep -c '^pingpong: ' stat)" = 1 ]
result "which does" $?

run claims T5 C1 -o file && [ -s file ]
result "claims -o writes a file" $?
! awk 'length > 80' file | grep -q . && ! LC_ALL=C grep -q '[^ -~]' file
result "of 80 columns, plain" $?
grep -qE '^T5 .* (holds|does not hold here|not decided) +[0-9]+ rounds$' file &&
	grep -q '^ *sudo swtch stat --job sleep' file
result "with verdict and command" $?
run claims T5 -o file
[ $? = 1 ] && grep -q -- --force err
result "which is kept unless --force is given" $?

# Ctrl-C: what there is, and nothing left behind.
timeout --preserve-status -s INT 1 "$swtch" claims T4 >out 2>err </dev/null
[ $? = 130 ] && grep -q '^T4 ' out && [ "$(cat err)" = \
	"swtch: interrupted: judged from what was measured until then" ]
result "an interrupt ends it with what there is" $?
grep -qE '^T4 .* not decided +[0-4] rounds?$' out
result "which decides nothing" $?
exit $failed
