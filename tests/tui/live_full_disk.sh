#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# live_full_disk.sh - what the live view writes on a disk that is full: the events of w, the recording of
# W. It is told on the screen, no broken file stays, and the view goes on.
. "$(dirname "$0")/screen.bash"
[ "$(id -u)" = 0 ] || { echo "skip live_full_disk (needs root to mount a small disk)"; exit 0; }

# In a mount namespace of its own, with the program's pid and its working directory on the small disk.
cat >"$work/in_small" <<END
#!/bin/sh
exec unshare -m sh -c 'mkdir -p $work/small && mount -t tmpfs -o size=\$0 none $work/small && cd $work/small && exec "\$@"' \
	"\$DISK" "$SWTCH" "\$@"
END
chmod +x "$work/in_small"
tested=$SWTCH
SWTCH=$work/in_small

files() { find "/proc/$(cat "$work/pid")/cwd/" -type f -name 'swtch-*'; }
goes_on() { keys 1 && sees "switches/s" && keys q && restored 0; }
all_can_be_read() {
	local file
	for file in $(files); do "$tested" export "$file" -f csv -o /dev/null 2>/dev/null || return 1; done
}

open 100x24 DISK=4k live --synthetic 2
events_are_refused() {
	sees "switches/s" && sees "events" && keys w && sees "cannot write swtch-" && sees "No space left" &&
		[ -z "$(files)" ]
}
check live_w_on_a_full_disk_is_told events_are_refused
check live_w_on_a_full_disk_goes_on goes_on

open 100x24 DISK=8k live --synthetic 2
recording_is_refused() {
	sees "switches/s" && keys W && sees "cannot write swtch-" &&
		sees "No space left" && all_can_be_read
}
check live_W_on_a_full_disk_is_told recording_is_refused
check live_W_on_a_full_disk_goes_on goes_on
