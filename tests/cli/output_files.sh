#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# output_files.sh - what -o writes, for each verb that has it, in a folder that all may write to: never
# through a link, never over a file without --force, with the modes that are promised.
. "$(dirname "$0")/../script.bash"
needs_root
umask 022
run record -q --job pingpong --model thread --work 20 -o source.pftrace
result "there is a recording to read" $?
mkdir shared && chmod 1777 shared

declare -A verbs=(
	[record]="record -q --model thread --work 10"
	[stat]="stat --model thread --work 10"
	[stat_json]="stat --json --model thread --work 10"
	[stat_i]="stat -i source.pftrace"
	[log]="log --model thread --work 10"
	[export]="export source.pftrace -f csv"
	[export_html]="export source.pftrace -f html"
	[export_svg]="export source.pftrace -f svg"
	[claims]="claims C6"
	[claims_json]="claims C6 --json"
)
declare -A modes=([stat]=644 [stat_json]=644 [stat_i]=644 [claims]=644 [claims_json]=644) # all else tells of other users' programs

refused() { # HINT ARGS...
	local hint=$1
	shift
	run "$@" >out
	[ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -qF -- "$hint" err && [ ! -s out ]
}
for verb in "${!verbs[@]}"; do
	read -ra words <<<"${verbs[$verb]}"
	file=shared/$verb
	echo precious >victim && chmod 666 victim

	ln -s ../victim "$file.link" && refused "symbolic link" "${words[@]}" -o "$file.link" &&
		refused "symbolic link" "${words[@]}" -o "$file.link" --force && [ "$(cat victim)" = precious ]
	result "$verb: a link to a file is not followed, with --force neither" $?
	ln -s ../not_there "$file.dangling" && refused "symbolic link" "${words[@]}" -o "$file.dangling" &&
		refused "symbolic link" "${words[@]}" -o "$file.dangling" --force && [ ! -e not_there ]
	result "$verb: nor is one to where nothing is" $?
	refused "--force" "${words[@]}" -o victim && [ "$(cat victim)" = precious ]
	result "$verb: a file is not overwritten" $?
	run "${words[@]}" -o "$file" && [ "$(stat -c '%a %F' "$file")" = "${modes[$verb]-600} regular file" ]
	result "$verb: a new file has mode ${modes[$verb]-600}" $?
	cp victim "$file.old" && chmod 640 "$file.old" && run "${words[@]}" -o "$file.old" --force &&
		! grep -q precious "$file.old" && [ "$(stat -c %a "$file.old")" = 640 ] && [ -s "$file.old" ]
	result "$verb: --force overwrites, and the mode stays" $?
	(umask 077 && run "${words[@]}" -o "$file.private" && [ "$(stat -c %a "$file.private")" = 600 ])
	result "$verb: the umask holds" $?
done
exit $failed
