#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# capabilities_more.sh - without root: what ends tasks of another user (CAP_KILL), and what is told when limits of
# the lab may not be lifted (CAP_SYS_RESOURCE).
. "$(dirname "$0")/../script.bash"
needs_root
other=61997 # the uid of nobody, and a group that nobody is in
mkdir bin && cp "$swtch" "$(dirname "$swtch")/swtch-lab" bin/ && chmod 755 bin
nobody=(setpriv --reuid nobody --regid "$(id -gn nobody)" --groups "$other")
# What makes root of who executes it: of who is in that group, and of no other user of the machine.
install -m 700 -g $other "$(command -v setpriv)" bin/become && chmod 4710 bin/become

# able CAPABILITIES WORDS...: swtch as nobody, with these ("+bpf,+perfmon") and no other.
able() {
	local plus=$1
	shift
	timeout -k 1 $((60 * ${SWTCH_TEST_SLOWNESS:-1})) "${nobody[@]}" --inh-caps=-all,"$plus" \
		--ambient-caps=-all,"$plus" bin/swtch "$@" 2>err </dev/null
}

# A command that becomes another user, as by sudo, and says its pid first.
cat >becomes.sh <<END
exec bin/become --reuid $other --clear-groups sh -c 'echo \$\$; exec sleep 100'
END
is_others() { [ "$(stat -c %u "/proc/$(cat pid)" 2>/dev/null)" = $other ]; }

if [ "$("${nobody[@]}" bin/become --reuid $other --clear-groups id -u 2>/dev/null)" = $other ]; then
	moment=${SWTCH_TEST_SLOWNESS:-1} # in seconds: it has become another by then
	able +bpf,+perfmon,+kill stat -d "$moment" -o ended -- sh becomes.sh >pid
	[ $? = 143 ] && [ -s pid ] && ! is_others && [ -s ended ]
	result "with CAP_KILL what has become another user is ended, too" $?
	! is_others || kill "$(cat pid)"
	able +bpf,+perfmon stat -d "$moment" -o not_ended -- sh becomes.sh >pid
	[ $? = 1 ] && is_others && grep -q '^swtch: its tasks could not be ended' err
	result "without it, it goes on, and that is said" $?
	! is_others || kill "$(cat pid)"
else
	echo "skip - this file system has no set-user-ID"
fi

# A run that needs more descriptors than it may have.
many() { (ulimit -n 64 && able "$1" stat --json --job echo --model thread --tasks 100 --time 0.2 -o "$2"); }
many +bpf,+perfmon bounded.json
[ $? = 1 ] && grep -q 'RLIMIT_NOFILE is 64 .*raise ulimit -n' err &&
	jq -e 'any(.lanes[]; (.note // "") | contains("RLIMIT_NOFILE is 64"))' bounded.json >/dev/null
result "without CAP_SYS_RESOURCE a limit holds, and is named" $?
exit $failed
