#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh - every fuzzer over what is kept of its corpus, and then on its own for so long; as many at a
# time as there are CPUs.
#
#   tests/fuzz/run.sh SECONDS BUILD FUZZER...
#
# Prints `ok` or `not ok` for each. What it found in BUILD/corpus is kept from run to run; an input that
# fails lies in BUILD/failed, and belongs into tests/fuzz/corpus once it is understood.
set -u
seconds=$1 build=$2
shift 2
failed=0
mkdir -p "$build/failed"

fuzz() {
	local fuzzer=$1 name=${1##*/fuzz_} bounds
	mkdir -p "$build/corpus/$name" "tests/fuzz/corpus/$name"
	bounds=(-rss_limit_mb=1024 -timeout=10 -max_len=65536 -verbosity=1 -print_final_stats=1
		-artifact_prefix="$build/failed/$name-")
	[ "$seconds" -gt 0 ] && bounds+=(-max_total_time="$seconds") || bounds+=(-runs=0)
	[ -f "tests/fuzz/$name.dict" ] && bounds+=(-dict="tests/fuzz/$name.dict")
	if "$fuzzer" "${bounds[@]}" "$build/corpus/$name" "tests/fuzz/corpus/$name" >"$build/$name.log" 2>&1; then
		awk -v name="$name" '/^stat::number_of_executed_units/ { n = $2 } /cov:/ { c = $4; f = $6 }
			END { print "ok - fuzzing " name ": " n " inputs, " c " edges, " f " features" }' \
			"$build/$name.log"
		return
	fi
	{
		echo "not ok - fuzzing $name; its input is in $build/failed"
		grep -aE 'ERROR|SUMMARY|runtime error|^ +#[0-9] |Test unit written' "$build/$name.log" |
			head -n 25 | cat -v | sed 's/^/# /'
	} >"$build/$name.told"
	cat "$build/$name.told"
	return 1
}

running=0
for fuzzer in "$@"; do
	if [ "$running" -ge "$(nproc)" ]; then
		wait -n || failed=1
		running=$((running - 1))
	fi
	fuzz "$fuzzer" &
	running=$((running + 1))
done
for ((; running > 0; running--)); do
	wait -n || failed=1
done
exit $failed
