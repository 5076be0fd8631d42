#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# layers.sh - who may include whom: the arrows of the house, held against every #include.
#
#   tests/layers.sh [ROOT]
#
# Prints `ok` or a `not ok` line for each rule, with the lines that break it.
set -u
cd "${1:-.}" || exit 1

# folder: what it may include beside itself
may() {
	case $1 in
	base) ;;
	event) echo base ;;
	source | keeper | lab) echo base event ;;
	state) echo base event ;;
	sink | view) echo base event state ;;
	tui) echo base event state sink view ;;
	cmd | main.c) echo base event source state sink lab keeper view tui cmd ;;
	*) return 1 ;;
	esac
}

failed=0
result() { # rule, offending lines
	if [ -z "$2" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
		failed=1
	fi
}

# file:line:included, for every #include "..." in a set of files
includes() {
	grep -HnoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<][^">]+[">]' "$@" /dev/null |
		sed -E 's/#[[:space:]]*include[[:space:]]*//; s/[[:space:]]//g'
}

mapfile -t files < <(find user -name '*.[chS]' | sort)
[ ${#files[@]} -gt 0 ] || { echo "not ok - user/ holds no sources"; exit 1; }

crossings=$(includes "${files[@]}" | while IFS=: read -r file line included; do
	from=${file#user/} && from=${from%%/*}
	name=${included:1:-1}
	[[ $included == \"* && $name == */* ]] || continue
	to=${name%%/*}
	[ "$to" = "$from" ] && continue
	[ "$to" = bpf ] && continue # a rule of its own
	may "$from" >/dev/null || { echo "$file:$line: folder $from is in no layer"; continue; }
	[[ " $(may "$from" | tr '\n' ' ') " == *" $to "* ]] || echo "$file:$line: $included"
done)
result "folders include only what lies below them" "$crossings"

result "only the keeper includes the skeleton" \
	"$(includes "${files[@]}" | grep 'skel\.h' | grep -v '^user/keeper/')"
result "only the terminal includes ncurses" \
	"$(includes "${files[@]}" | grep -E '[<"](ncursesw?/)?(ncurses|curses|term|panel)\.h' | grep -v '^user/tui/')"
result "user/ includes of bpf/ only event.h" "$(
	includes "${files[@]}" | while IFS=: read -r file line included; do
		name=${included:1:-1}
		[[ $name == */bpf/* || $name == ../* || -e bpf/${name##*/} && $name != */* ]] || continue
		[[ $name == bpf/swtch.skel.h || $name == event.h ]] || echo "$file:$line: $included"
	done)"
result "bpf/ includes nothing of user/" \
	"$(find bpf -name '*.[ch]' -exec grep -HnE '#include[[:space:]]*"(\.\./|user/|(base|event|state)/)' {} +)"
exit $failed
