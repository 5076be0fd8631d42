#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# hostile_names.sh - tasks that call themselves what would move a cursor or rename a window, on the screen;
# and w, which follows no link.
. "$(dirname "$0")/screen.bash"
[ "$(id -u)" = 0 ] || { echo "skip hostile_names (needs root and BPF)"; exit 0; }
names=$(realpath "$(dirname "$0")/../cli/hostile_names.py")

harmless() { # what is shown has no byte that acts
	screen >"$work/screen.text" && python3 "$names" clean "$work/screen.text" >&2
}
title_stays() { [ "$(tm display-message -p '#{pane_title}')" != title ]; }
lists_tasks() { keys 4 && sees '\x1b[2J\x1b[31mred' && harmless && title_stays; }
lists_events() { keys 2 && sees ' switch ' && keys Space && sees paused && harmless && keys Space && title_stays; }
every_view() {
	for view in 1 3 4 5 6; do
		keys $view && harmless && title_stays || return 1
	done
}
links() { # where w would write in the next seconds, all to one file that is not there
	local second
	for second in {0..30}; do
		ln -sf "$work/victim" "$work/$(date -d "+$second sec" +swtch-%Y%m%d-%H%M%S)$1"
	done
}
follows_no_link() { # key, ending
	links "$2"
	keys 2 && sees ' switch ' && keys "$1" && sees "symbolic link" && [ ! -e "$work/victim" ]
}
overwrites_nothing() { # W; w is live_keys.sh's
	local second
	for second in {0..30}; do
		rm -f "$work/$(date -d "+$second sec" +swtch-%Y%m%d-%H%M%S)".pftrace
	done
	for second in {0..30}; do
		echo mine >"$work/$(date -d "+$second sec" +swtch-%Y%m%d-%H%M%S).pftrace"
	done
	keys W && sees "it exists already" &&
		[ "$(cat "$work"/swtch-*.pftrace 2>/dev/null | sort -u)" = mine ]
}
quits() { keys q && restored 0; }

open 160x60 live --lane "'a</script>=-- python3 $names tasks 20000'"
check hostile_names_list_of_tasks lists_tasks
check hostile_names_list_of_events lists_events
check hostile_names_every_view every_view
check hostile_names_w_follows_no_link follows_no_link w .log
check hostile_names_W_follows_no_link follows_no_link W .pftrace
check hostile_names_W_overwrites_nothing overwrites_nothing
check hostile_names_quits quits
