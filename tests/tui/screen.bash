# SPDX-License-Identifier: GPL-2.0-only
# screen.bash - a terminal for tests: tmux with a server of its own, screens waited for, never slept
# for. Sourced by the scripts beside it.
. "$(dirname "${BASH_SOURCE[0]}")/../processes.bash"

SWTCH=${SWTCH:-build/swtch}
[[ $SWTCH == /* ]] || SWTCH=$PWD/$SWTCH
DEADLINE=$((${DEADLINE:-15} * ${SWTCH_TEST_SLOWNESS:-1})) # seconds that anything may take
LOOK_EVERY=0.03						   # seconds; on an emulated CPU a look takes as long
[ "${SWTCH_TEST_SLOWNESS:-1}" = 1 ] || LOOK_EVERY=0.3

command -v tmux >/dev/null || { echo "skip $(basename "$0" .sh) (needs tmux)"; exit 0; }
work=$(mktemp -d) || exit 1
chmod 777 "$work" # what swtch writes, the invoking user writes
server=swtch-test-$$-0
unset TMUX NO_COLOR
export LC_ALL=C.UTF-8 TMUX_TMPDIR=$work # sockets: none stays

tm() { tmux -L "$server" -f /dev/null "$@"; }
tidy() { tm kill-server 2>/dev/null; rm -rf "$work"; }
trap tidy EXIT

# open COLUMNSxROWS [NAME=VALUE...] ARGS...: swtch in a fresh terminal. Its pid, its exit status and
# the terminal's modes before and after go to files in $work.
open() {
	local size=$1 settings=()
	shift
	while [[ ${1-} == [A-Z]*=* ]]; do settings+=("$1"); shift; done
	tm kill-server 2>/dev/null
	server=${server%-*}-$((${server##*-} + 1)) # a dying server still holds the old name
	rm -f "$work"/{pid,before,after,status}
	cat >"$work/run.sh" <<-EOF
		cd "$work"
		stty -g >before
		env ${settings[*]} sh -c 'echo \$\$ >pid; exec "\$0" "\$@"' "$SWTCH" $*
		echo \$? >status.new
		stty -g >after
		mv status.new status
		echo "the shell is back"
		exec cat
	EOF
	tm new-session -d -x "${size%x*}" -y "${size#*x}" "bash $work/run.sh"
}

screen() { tm capture-pane -p; }
keys() { tm send-keys "$@"; }

# wait_until COMMAND...: poll until it is true, at most DEADLINE seconds.
wait_until() {
	local end=$((SECONDS + DEADLINE))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep $LOOK_EVERY
	done
}

shows() { screen 2>/dev/null | grep -qF -- "$1"; }
hides() { ! shows "$1"; }
sees() { wait_until shows "$1"; }
misses() { wait_until hides "$1"; }
ended() { [ -e "$work/status" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }

# check NAME COMMAND...: one result; what is on the screen explains a failure.
check() {
	local name=$1
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
		screen 2>/dev/null | sed 's/^/# /'
	fi
}

# The program ended with this status and left the terminal as it was.
restored() {
	wait_until ended || return 1
	sees "the shell is back" || return 1
	[ "$(cat "$work/status")" = "$1" ] && cmp -s "$work/before" "$work/after" &&
		[ "$(tm display-message -p '#{alternate_on} #{cursor_flag} #{keypad_cursor_flag}')" = "0 1 0" ]
}
