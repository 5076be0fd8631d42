#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# verbs.sh - the verbs that need no root: version, help, jobs, doctor.
. "$(dirname "$0")/../script.bash"

# Run it: status, what stdout must hold, arguments. Lines of at most 100 columns, plain ASCII.
says() {
	local expected=$1 hint=$2 status problem=0
	shift 2
	"$swtch" "$@" >out 2>err </dev/null
	status=$?
	[ "$status" = "$expected" ] || problem=1
	grep -qE -- "$hint" out || problem=1
	[ -s err ] && problem=1
	LC_ALL=C grep -q '[^ -~]' out && problem=1
	result "swtch $* (status $status)" $problem
}

says 0 '^swtch [0-9]+\.[0-9]+' --version
says 0 '^usage: swtch' --help
says 0 '^usage: swtch' -h
says 0 '^usage: swtch' help
for verb in live stat log record replay export claims jobs doctor help; do
	says 0 "^  $verb " help
	says 0 "^usage: swtch .*$verb" help $verb
	says 0 "^usage: swtch .*$verb" $verb --help
done
says 0 '--json' help stat
says 0 '-f, --format' log -h
for job in pingpong yield sleep spawn compute counter hog crash idle; do
	says 0 "^$job " jobs
	says 0 "^$job: " jobs $job
done
says 0 'condvar' jobs pingpong

"$swtch" help stat | awk 'length > 80 { exit 1 }'
result "help fits 80 columns" $?

"$swtch" doctor --json >doctor.json 2>err </dev/null
status=$?
jq -e '.version == 1 and (.checks | length > 10) and
       all(.checks[]; .name and .needed and .found and
           (.verdict | IN("ok", "slower", "not seen", "missing")))' doctor.json >/dev/null
result "doctor --json is whole" $?
[ "$(jq -r .ready doctor.json)" = "$([ $status = 0 ] && echo true || echo false)" ]
result "doctor's status says what its JSON says" $?
[ "$(wc -l <doctor.json)" = 1 ]
result "doctor --json is one line" $?

# Copied to where anyone may run it, and run as nobody.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 755 .
	cp "$swtch" "${swtch%/*}/swtch-lab" .
	setpriv --reuid=65534 --regid=65534 --clear-groups ./swtch doctor >out 2>err </dev/null
	[ $? = 1 ] && grep -q '^missing *privilege' out && grep -q '^not seen *probes' out
	result "doctor without root says what it could not see" $?
	setpriv --reuid=65534 --regid=65534 --clear-groups ./swtch stat >out 2>err </dev/null
	[ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'try sudo' err && ! [ -s out ]
	result "stat without root says to try sudo, in one line" $?
else
	echo "skip - without root nobody else can be tried"
fi
exit $failed
