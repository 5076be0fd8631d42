#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# idle.sh - a million coroutines that do nothing: what one of them adds to the memory of the program,
# pages (smaps_rollup) and page tables (status) together, as the kernel tells it once all stand there.
set -u
swtch=$(realpath "${SWTCH:-build/swtch}")
n=1000000 needed_kb=6000000

here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
free_kb=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)

if [ "$(id -u)" != 0 ]; then
	echo "coroutine_idle_million - needs root"
elif [ "$free_kb" -lt $needed_kb ]; then
	echo "coroutine_idle_million - MemAvailable is $((free_kb >> 10)) MB of $((needed_kb >> 10))"
else
	"$swtch" stat -q --job idle --model coroutine --tasks $n --json >stat.json || exit 1
	jq -r '.lanes[0] | select(.work.done == '$n') | .memory |
		"coroutine_idle_million \(.per_task_bytes) bytes \(.per_task_table_bytes) of them page tables"' \
		stat.json
fi
