#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# surroundings.sh - what a command finds around itself under swtch is what it finds without, run by the same
# user: descriptors, environment, signals, limits, ids, capabilities. One variable comes with swtch.
. "$(dirname "$0")/../script.bash"
needs_root
nobody=$(id -u nobody) nogroup=$(id -g nobody)
unset SUDO_UID SUDO_GID SUDO_USER SUDO_COMMAND # who calls is root itself, even when sudo ran this

# All but what differs from run to run: its own number, and times.
cat >look <<'E2'
#!/bin/sh
while read -r line; do # first and by the shell itself: to make a process it changes what is blocked
	case $line in
	Uid:* | Gid:* | Groups:* | Cap* | NoNewPrivs:* | Seccomp* | SigB* | SigI* | Umask:* | Cpus_allowed:* | Spec*) echo "$line" ;;
	esac
done </proc/$$/status
i=3
while [ $i -lt 64 ]; do # 10 and 11 are the shell's own
	if [ $i != 10 ] && [ $i != 11 ] && [ -e /proc/$$/fd/$i ]; then
		echo "descriptor $i"
		readlink /proc/$$/fd/$i
	fi
	i=$((i + 1))
done
sed 's/^/limit /' /proc/$$/limits
env | grep -v '^_=' | sort | sed 's/^/env /'
echo "folder $(pwd)"
echo "oom $(cat /proc/$$/oom_score_adj), slack $(cat /proc/$$/timerslack_ns 2>/dev/null), $(chrt -p $$ | sed 's/.*current//')"
cut -d' ' -f5,6,7,19 /proc/$$/stat | sed 's/^/group, session, terminal, nice /'
echo "dumpable $(stat -c %u /proc/$$/environ)"
E2
chmod 755 look

# How whoever calls has it: something open, a signal ignored, another blocked, other limits.
called() { # WORDS...: what to run, in those surroundings
	(
		ulimit -S -c 0 -n 333 -u 4444
		umask 027
		exec env --ignore-signal=USR1 --block-signal=USR2 nice -n 3 "$@" 9</proc/version </dev/null
	)
}

# same NAME: `found` is `wanted`, but for the variable that tells of the one who reads marks.
same() {
	[ "$(grep -c '^env SWTCH_MARKS=[0-9]*$' found)" = 1 ] && sed -i '/^env SWTCH_MARKS=/d' found &&
		[ "$(wc -l <wanted)" -gt 40 ] && diff wanted found >err
	result "$1" $?
}

called ./look >wanted 2>err
grep -q '^/proc/version' wanted && grep -q '^SigIgn:.*2..$' wanted && grep -q '^SigBlk:.*8..$' wanted
result "the surroundings are unusual" $?
called "$swtch" stat -o r1 -- ./look >found 2>err
same "root's command finds root's surroundings"

# Where only its owner may go root goes, too, and so does root's own command.
mkdir -m 700 closed && printf '#!/bin/sh\necho inside\n' >closed/say && chmod 755 closed/say && chown -R "$nobody" closed
[ "$("$swtch" stat -o r0 -- closed/say 2>err)" = inside ]
result "root's command may lie where only its owner may go" $?

# Through sudo: the caller's again, and what root had open is not theirs.
theirs=(HOME="$(getent passwd nobody | cut -d: -f6)" SHELL="$(getent passwd nobody | cut -d: -f7)" USER=nobody LOGNAME=nobody)
called setpriv --reuid "$nobody" --regid "$nogroup" --init-groups env "${theirs[@]}" ./look 2>err | grep -v -e '^descriptor 9' -e '^/proc/version' >wanted
called env SUDO_UID="$nobody" SUDO_GID="$nogroup" SUDO_USER=nobody SUDO_COMMAND=swtch MAIL=/var/mail/root \
	"$swtch" stat -o r2 -- ./look >found 2>err
same "through sudo a command is its caller's, with nothing of root's"
[ "$(grep -c '^Cap.*0000000000000000$' found)" = 4 ] && grep -qx "dumpable $nobody" found
result "it has no capability, and may be looked at" $?

# With capabilities instead of root: they are swtch's, not the command's.
as_nobody=(setpriv --reuid "$nobody" --regid "$nogroup" --clear-groups)
called "${as_nobody[@]}" --inh-caps=-all ./look >wanted 2>err
called "${as_nobody[@]}" --inh-caps=-all,+bpf,+perfmon,+sys_ptrace --ambient-caps=+bpf,+perfmon,+sys_ptrace \
	"$swtch" stat -o r3 -- ./look >found 2>err
same "capabilities that swtch was given stay its own"

exit $failed
