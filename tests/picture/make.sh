#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make.sh - README's picture: the live view in a terminal of 120x36, captured while it runs.
# Needs root, tmux, aha, chromium. `make picture` sees to them.
set -eu
swtch=$(realpath "${SWTCH:-build/swtch}")
cd "$(dirname "$0")"

columns=120 rows=36 deadline=30
socket=swtch-picture-$$
page=$(mktemp -d)
trap 'tmux -L "$socket" kill-server 2>/dev/null || :; rm -rf "$page"' EXIT

tmux -L "$socket" -f /dev/null new-session -d -x "$columns" -y "$rows" \
	"TERM=screen-256color LC_ALL=C.UTF-8 '$swtch' live --job pingpong"

# Until it has run for eight seconds: the clock in the first row says so.
until tmux -L "$socket" capture-pane -p 2>/dev/null | head -n 1 | grep -q '00:0[89]'; do
	deadline=$((deadline - 1))
	[ "$deadline" -gt 0 ] || { echo "picture: the live view did not come up" >&2; exit 1; }
	sleep 1
done
tmux -L "$socket" capture-pane -e -p >"$page/screen"
tmux -L "$socket" send-keys q

aha --black --title swtch <"$page/screen" |
	sed 's/<pre>/<pre style="font: 15px DejaVu Sans Mono; line-height: 18px; margin: 10px">/' \
		>"$page/screen.html"
chromium --headless --no-sandbox --hide-scrollbars --screenshot="$PWD/live.png" \
	--window-size="$((columns * 9 + 34)),$((rows * 18 + 24))" "file://$page/screen.html" 2>/dev/null
echo "tests/picture/live.png"
