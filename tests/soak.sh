#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# soak.sh - for TIME seconds all jobs of the lab in turn, three models at once and flat out, in one live
# view with a recording on: what swtch and its keeper occupy does not grow, each recording can be read, and
# at the end nothing is left.
#
#   tests/soak.sh TIME       (make soak TIME=3600)
#
# A line at the start, each minute and at the end: seconds, the job; of swtch and of its keeper the resident
# memory in KB, descriptors and threads, of the keeper what the kernel holds of its maps in KB; recordings, the switches that they count, and how many events were
# lost since the start. Whoever ends it early gets the last line too. The first round of all jobs fills
# what is bounded (history, buffers): growth is counted from its end on.
. "$(dirname "$0")/left.bash"
alone "$@"
DEADLINE=60
. "$(dirname "$0")/tui/screen.bash"

time=${1:-60}
RSS_GROWTH=${RSS_GROWTH:-16384} # KB that swtch may grow in all, its keeper a quarter of it
FD_GROWTH=2
MAPS_GROWTH=64 # KB
RECORDING_BYTES=$((1 << 30)) # of one job at the most: they lie in memory
begin_left
mapfile -t jobs < <("$SWTCH" jobs | sed -n '/^$/q; s/ .*//p')
slot=$((time / (2 * ${#jobs[@]} + 2))) # two rounds at least
slot=$((slot > 10 ? 10 : slot < 2 ? 2 : slot))
n_recordings=0 n_switches=0 n_lost=0 round=0 job= told=0 failed=0

header() {
	printf '%6s %-9s | %-19s | %-28s | %s\n' s job "swtch KB fd threads" "keeper KB fd threads maps KB" \
		"recordings switches lost"
}
line() {
	printf '%6d %-9s | %11d %3d %3d %.0s| %12d %3d %3d %8d | %5d %13d %9d\n' $SECONDS "$job" \
		$(figures "$swtch" || echo 0 0 0 0) $(figures "$keeper" || echo 0 0 0 0) $n_recordings $n_switches $n_lost
	told=$((SECONDS / 60))
}
each_minute() { [ $((SECONDS / 60)) = $told ] || line; }
fails() {
	echo "not ok soak: $*"
	failed=1
}
cut_off() {
	line
	echo "cut off after $SECONDS s of $time"
	tidy
	exit 1
}
trap cut_off INT TERM HUP

# Into the next job, with all that the view has to tell of it recorded.
begin_job() {
	each_minute
	keys W && sees "recording: " && keys F2 && sees "Up and Down choose" || return 1
	job=${jobs[$1]}
	keys Home $(yes Down | head -n "$1") Enter && misses "Up and Down choose" && sees "$job" && sees "flat out"
}

# The recording is whole, and says itself what it counts and how many events were lost until its end.
end_job() {
	local file facts

	file=$(ls "$work"/swtch-*.pftrace) && keys W && sees "events in ${file##*/}" && # once it is closed
		facts=$("$SWTCH" stat -i "$file" --json 2>/dev/null) || return 1
	n_lost=$(jq .lost.events <<<"$facts")
	n_switches=$((n_switches + $(jq '[.lanes[].switches.total] | add // 0' <<<"$facts")))
	n_recordings=$((n_recordings + 1))
	each_minute
	rm -f "$file"
}

# Hold the job for its time; false when swtch is gone.
hold() {
	local end=$((SECONDS + slot))

	while [ $SECONDS -lt $end ] && ! is_large; do
		[ -e "/proc/$swtch" ] || return 1
		each_minute
		sleep 0.2
	done
}
is_large() { [ "$(cat "$work"/swtch-*.pftrace 2>/dev/null | wc -c)" -gt $RECORDING_BYTES ]; }

# Each of a process's figures against those after the first round.
compare() { # name, its bound in KB, before, now
	local before=($3) now=($4)

	[ "${now[0]}" -le $((before[0] + $2)) ] || fails "$1 grew from ${before[0]} to ${now[0]} KB"
	[ "${now[1]}" -le $((before[1] + FD_GROWTH)) ] || fails "$1 had ${before[1]} descriptors, has ${now[1]}"
	[ "${now[2]}" = "${before[2]}" ] || fails "$1 had ${before[2]} threads, has ${now[2]}"
	[ "${now[3]}" -le $((before[3] + MAPS_GROWTH)) ] || fails "the maps of $1 grew from ${before[3]} to ${now[3]} KB"
}

open 120x40 live --rate max
sees "flat out" || { fails "the live view does not start"; exit 1; }
swtch=$(<"$work/pid")
keeper=$(keeper_of "$swtch") || { fails "there is no keeper"; exit 1; }
header
line
until [ $SECONDS -ge "$time" ] && [ $round -ge 2 ]; do
	for ((i = 0; i < ${#jobs[@]}; i++)); do
		begin_job $i && hold && end_job || { fails "job ${jobs[i]}"; screen | sed 's/^/# /'; break 2; }
	done
	round=$((round + 1))
	[ $round != 1 ] || swtch_first=$(figures "$swtch") keeper_first=$(figures "$keeper")
	[ $round != 1 ] || line
done
line
if [ $failed = 0 ]; then
	compare swtch "$RSS_GROWTH" "$swtch_first" "$(figures "$swtch")"
	compare keeper $((RSS_GROWTH / 4)) "$keeper_first" "$(figures "$keeper")"
	keys q
	restored 0 || fails "q does not end it"
	tm kill-server 2>/dev/null
	nothing_left || fails "something is left behind"
fi
[ $failed != 0 ] || echo "ok soak: $round rounds of ${#jobs[@]} jobs in $SECONDS s, $n_lost events lost"
exit $failed
