#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# hostile_names.sh - tasks, threads, coroutines, lanes, cgroups and files called so as to do harm: one
# table of names (hostile_names.py) through every output, each of which stays well-formed and harmless.
. "$(dirname "$0")/../script.bash"
needs_root
python=${SWTCH_PYTHON:-/usr/bin/python3}
names=$scripts/hostile_names.py
include=$scripts/../../include
schema=$scripts/../../user
mapfile -t shown < <("$python" "$names" shown)

clean() { "$python" "$names" clean "$@" >>err; }
shows() { # FILE [STRING THAT STANDS FOR A BACKSLASH]: each name that looks alike in all text is in it
	local name
	for name in "${shown[@]}"; do
		name=${name//\\/"${2:-\\}"}
		grep -qF -- "$name" "$1" || { echo "$1 has no $name" >>err; return 1; }
	done
}
tables() { # FILE...: rows of one length, no cell that a spreadsheet would compute
	"$python" - "$@" 2>>err <<'END_OF_PYTHON'
import csv, re, sys
for path in sys.argv[1:]:
    rows = list(csv.reader(open(path, newline='', encoding='utf-8'), strict=True))
    assert len(rows) > 1 and len({len(row) for row in rows}) == 1, path
    for cell in (cell for row in rows for cell in row):
        assert not re.match(r'[=+@\t\r]|-(?!\d+(\.\d+)?$)', cell), (path, cell)
END_OF_PYTHON
}
pages() { # FILE...: no element that a name made, and as many scripts as the page itself has
	"$python" - "$@" 2>>err <<'END_OF_PYTHON'
import html.parser, sys

class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.tags = []
        self.feed(open(path, encoding='utf-8').read())
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

tags = [Page(path).tags for path in sys.argv[1:]]
n_scripts = tags[0].count('script')
for page in tags:
    assert n_scripts and page.count('script') == n_scripts and set(page) == set(tags[0]), set(page) ^ set(tags[0])
END_OF_PYTHON
}
drawing() { # FILE: XML, with no element that runs or links
	"$python" - "$1" 2>>err <<'END_OF_PYTHON'
import sys, xml.etree.ElementTree as tree
tags = {element.tag.split('}')[-1] for element in tree.parse(sys.argv[1]).iter()}
assert 'svg' in tags and not tags & {'script', 'a', 'b', 'foreignObject', 'image'}, tags
END_OF_PYTHON
}

# --- tasks, threads, coroutines of Python and of marks ----------------------------------------------------

{
	"$python" "$names" code
	cat <<'END'
#include <time.h>
#include "swtch_marks.h"
int main(void)
{
	uint32_t marks[sizeof(names) / sizeof(*names)];

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		marks[i] = swtch_mark_create(names[i]);
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		swtch_mark_resume(marks[i]);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		swtch_mark_suspend(marks[i]);
	}
	return 0;
}
END
} >marks.c
gcc -O1 -D_GNU_SOURCE "-I$include" marks.c -o marks 2>err
result "a program with coroutines of such names is built" $?
# shellcheck disable=SC2016 # for the other shell
printf '#!/bin/sh\n"$1" "$2" tasks; ./marks\n' >both && chmod +x both

run record -q -o a.pftrace -- ./both "$python" "$names"
result "tasks, threads and coroutines are recorded" $?
run record -q -o plain.pftrace -- true && run export plain.pftrace -o plain.html
for format in text csv jsonl chrome html svg; do
	run export a.pftrace -f $format -o a.$format && clean a.$format
	result "export -f $format has no byte that acts" $?
done
shows a.text && shows a.csv
result "each name is in it, escaped" $?
# A Python coroutine is called what is plain ASCII, of 11 bytes, and so is one with marks.
grep -qF 'in python3:' a.text && grep 'coname ' a.text | grep python3 | grep -qF '\x1b[2J\x1b[31mre' &&
	grep 'coname ' a.text | grep marks: | grep -qF 'is called </script><b'
result "coroutines' names too" $?
tables a.csv
result "its csv is a table and computes nothing" $?
jq -es 'length > 100' a.jsonl >/dev/null && shows a.jsonl '\\'
result "its jsonl is JSON" $?
jq -e '.traceEvents | length > 100' a.chrome >/dev/null && shows a.chrome '\\'
result "its chrome is JSON" $?
drawing a.svg
result "its svg is XML with nothing that runs" $?
pages plain.html a.html
result "its html has the elements of any page" $?

"$python" - a.pftrace >flat 2>err <<'END'
# Compressed blocks unpacked in place; strings are as in the file.
import sys, zlib

def number(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at

data, at = open(sys.argv[1], 'rb').read(), 0
while at < len(data):
    start = at
    n, at = number(data, at + 1)
    inside, where = number(data, at)
    if inside == 50 << 3 | 2:
        n_packed, where = number(data, where)
        sys.stdout.buffer.write(zlib.decompress(data[where:where + n_packed]))
    else:
        sys.stdout.buffer.write(data[start:at + n])
    at += n
END
# In it are the kernel's bytes, as Perfetto's own recorder writes them: protoc warns of what is no UTF-8.
protoc -I "$schema" --decode=perfetto.protos.Trace event/swtch.proto <flat >decoded 2>warnings &&
	! grep -qE '^ *[0-9]+(:| \{)' decoded && grep -q 'comm.*"=cmd()"' decoded &&
	grep -q 'comm.*"</script><b>"' decoded && clean decoded
result "the recording is protobuf, and every field is known" $?

for kind in --text --json --csv; do
	for more in --per-task --latency; do
		options=("$more")
		[ $kind = --text ] || options+=("$kind")
		run stat -i a.pftrace "${options[@]}" -o "s$kind$more" && clean "s$kind$more"
		result "stat ${options[*]} has no byte that acts" $?
	done
done
shows s--text--per-task && shows s--csv--per-task && shows s--json--per-task '\\'
result "a report has each name, escaped" $?
tables s--csv--per-task s--csv--latency
result "its csv is a table and computes nothing" $?
jq -es 'length == 2 and (.[0].tasks | length > 40)' s--json--per-task s--json--latency >/dev/null
result "its JSON is JSON" $?

for format in text csv jsonl; do
	run log -f $format -o l.$format -- ./both "$python" "$names" && clean l.$format
	result "log -f $format has no byte that acts" $?
done
shows l.text && shows l.csv && shows l.jsonl '\\' && tables l.csv && jq -es 'length > 100' l.jsonl >/dev/null
result "and each name, escaped, in what is well-formed" $?

# --- lanes --------------------------------------------------------------------------------------------------

words=()
while read -r hex; do
	word=$(printf '%b.' "$(sed 's/../\\x&/g' <<<"$hex")") # the dot: a newline at the end stays
	words+=("${word%.}")
done < <("$python" "$names" words)
lanes=()
for word in "${words[@]}"; do
	[[ $word == *=* ]] || lanes+=("$word") # a lane's name ends at the first
done
exports() {
	for format in text csv jsonl chrome html svg; do
		run export "$1.pftrace" -f $format -o "$1.$format" || return 1
	done
}
for ((i = 0; i < ${#lanes[@]}; i += 6)); do
	args=()
	for word in "${lanes[@]:i:6}"; do args+=(--lane "$word=-- sleep 0.05"); done
	n=$((${#args[@]} / 2))
	rm -f lanes.*
	run record -q -o lanes.pftrace "${args[@]}" && exports lanes && run stat -i lanes.pftrace -o lanes.stat && run stat -i lanes.pftrace --csv -o lanes.stat.csv &&
		run stat --json --latency -o lanes.json "${args[@]}" &&
		clean lanes.{text,csv,jsonl,chrome,html,svg,stat,stat.csv,json} && tables lanes.csv lanes.stat.csv &&
		jq -e --argjson n $n '.lanes | length == $n and all(.name != "")' lanes.json >/dev/null &&
		jq -es 'length > 10' lanes.jsonl lanes.chrome >/dev/null && drawing lanes.svg && pages plain.html lanes.html
	result "lanes of such names, $((i + 1)) to $((i + n)), are harmless in every output" $?
done

# --- processes that run already -----------------------------------------------------------------------------

coproc sleepers { "$python" "$names" sleepers; }
read -r pids <&"${sleepers[0]}"
run stat --per-task -d 0.1 -p "$pids" -o attached --csv && clean attached && tables attached &&
	[ "$(grep -c . attached)" = $((1 + $(tr ',' '\n' <<<"$pids" | wc -l))) ] && shows attached
result "processes of such names are found by their pids, each" $?
two_lines=$(cut -d , -f 10 <<<"$pids")
run stat --json -d 0.1 -p "$two_lines" -o attached.json && jq -e '.lanes[0].name == "two\\x0alines\\x0d"' attached.json >/dev/null
result "and a lane is called so, escaped" $?
eval "exec ${sleepers[1]}>&-"
wait "$sleepers_PID"

# --- errors -------------------------------------------------------------------------------------------------

# told ARGS...: fails with one sentence on stderr, without a byte that acts; nothing on stdout.
told() {
	timeout 60 "$swtch" "$@" >out 2>sentence </dev/null
	local status=$?
	if [ $status = 0 ] || [ -s out ] || [ "$(wc -l <sentence)" != 1 ] || ! clean sentence; then
		printf 'status %d: %s\n' $status "${*@Q}" >>err
		return 1
	fi
}
: >err
status=0
for word in "${words[@]}"; do
	told export "./$word" && told stat -i "./$word" && told stat --lane "x$word" &&
		told stat --job "x$word" && told stat --model "x$word" && told stat -p "x$word" &&
		told stat --cgroup "/x$word" && told export a.pftrace -o - --lane "x$word" &&
		told export a.pftrace -o - --task "x$word" && told export a.pftrace -f "x$word" -o - &&
		told stat -o "nowhere/$word" --work 10 && told "x$word" && told stat "--x$word" &&
		told stat --runtime "x$word" && told live -C "x$word" || status=1
done
result "an error that has such a word is one harmless line" $status

# --- a cgroup -----------------------------------------------------------------------------------------------

mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
cgroup=$mount/swtch-$$-$(printf '\033[2J\xff"<script>=x')
if [ -n "$mount" ] && mkdir "$cgroup" 2>/dev/null; then
	trap 'rmdir "$cgroup" 2>/dev/null; rm -rf "$here"' EXIT
	sleep 100 &
	inside=$!
	echo $inside >"$cgroup/cgroup.procs"
	run record -q -d 0.1 --cgroup "$cgroup" -o cgroup.pftrace && run export cgroup.pftrace -o cgroup.html &&
		run export cgroup.pftrace -o cgroup.svg && run stat --json -d 0.1 --cgroup "$cgroup" -o cgroup.json &&
		run stat -d 0.1 --cgroup "$cgroup" -o cgroup.text && run stat --csv -d 0.1 --cgroup "$cgroup" -o cgroup.csv
	status=$?
	kill $inside && { wait $inside; } 2>/dev/null
	[ $status = 0 ] && clean cgroup.{html,svg,json,text,csv} && tables cgroup.csv && drawing cgroup.svg &&
		pages plain.html cgroup.html && grep -qF '\x1b[2J\xff"<script>=x' cgroup.text &&
		jq -e '.target.path | endswith("\\x1b[2J\\xff\"<script>=x")' cgroup.json >/dev/null
	result "a cgroup of such a name is harmless in every output" $?
else
	echo "skip - no cgroups can be made here"
fi
exit $failed
