#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# manual.sh - the manual page: made, well formed, and with every verb and option of the program.
. "$(dirname "$0")/../script.bash"

"$scripts/../../doc/man.sh" "$swtch" >swtch.1 2>err
result "the page is made" $?

groff -man -ww -Tutf8 -rLL=80n -P-cbou swtch.1 >page 2>err && [ ! -s err ]
result "groff has nothing to say against it" $?

verbs='live stat log record replay export claims jobs doctor help'
for verb in $verbs; do
	grep -q "^  *swtch $verb" page || echo "$verb" >>missing
	for option in $("$swtch" help "$verb" | grep -oE '^  (-[A-Za-z], |    )--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
		grep -qE -- "^ +(-[A-Za-z], )?$option( |\$)" page || echo "$option of $verb" >>missing
	done
done
[ ! -s missing ] || { cat missing >err && false; }
result "every verb and option is in it" $?

for option in --ring --force --pid; do
	awk -v option="$option" '$0 ~ "^ +(-[A-Za-z], )?" option "( |$)" { on = 1 } on && /record/ { found = 1; exit }
		on && /^$/ { exit } END { exit !found }' page
	result "$option names the verbs that have it" $?
done
exit $failed
