# SPDX-License-Identifier: GPL-2.0-only
# probed.bash - which hooks a run has at work. Sourced, by scripts that sourced script.bash.
# shellcheck shell=bash
bpftool=$(sh "$scripts/../deps.sh" bpftool)

# probed PID PROGRAM: the keeper of swtch, which `run` started in the background as PID, has a link of the
# program of that name. Of an interpreter on_send is the last: probes_add_interpreter() of keeper/probes.c.
probed() {
	local keeper id

	keeper=$(keeper_of "$1") || return
	for id in $(awk 'FNR == 1 { of_link = 0 } /^link_type/ { of_link = 1 } of_link && /^prog_id/ { print $2 }' \
		"/proc/$keeper/fdinfo/"* 2>/dev/null); do
		"$bpftool" prog show id "$id" 2>/dev/null | grep -q " name $2 " && return
	done
	return 1
}
