#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bad_input.sh - command lines that are wrong: the exit status, exactly one line on stderr that says
# what was wrong, nothing on stdout, nothing left behind. Needs no root and starts nothing.
. "$(dirname "$0")/../script.bash"

# status, what the line must hold, arguments
check() {
	local expected=$1 hint=$2 status problem=
	shift 2

	timeout -k 1 10 "$swtch" "$@" >out 2>err </dev/null
	status=$?
	[ "$status" = "$expected" ] || problem="exit status $status, expected $expected"
	[ "$(wc -l <err)" = 1 ] || problem+="; $(wc -l <err) lines on stderr"
	[ -s out ] && problem+="; something on stdout"
	grep -q '^swtch: ' err || problem+="; does not begin with swtch:"
	grep -qF -- "$hint" err || problem+="; does not say: $hint"
	LC_ALL=C grep -q '[^ -~]' err && problem+="; a raw byte"
	rm -f out
	[ "$(ls)" = err ] || problem+="; left behind: $(ls | tr '\n' ' ')"
	if [ -n "$problem" ]; then
		echo "not ok - swtch $* (${problem#; })"
		sed 's/^/# /' err
		failed=1
	else
		echo "ok - swtch ${*@Q}"
	fi
}

check 2 "did you mean stat" statt
check 2 "swtch help" fly
check 2 "swtch help" ""
check 2 "swtch help" $'\e[2J'
check 2 "did you mean --tasks" stat --tsaks 3
check 2 "no option -x" stat -x
check 2 "no option -x" stat -qx
check 2 "no option --" stat $'--\e[2J'
check 2 "no option --nothing" --nothing
check 2 "takes no value" stat --json=3
check 2 "--tasks N" stat --tasks
check 2 "--duration TIME" stat -d
check 2 "belong to live" live --json
check 2 "belong to live" live -o x
check 2 "belong to stat" stat -f text
check 2 "belong to live" live --log --job yield
check 2 "belong to doctor" doctor --job yield
check 2 "unexpected word" stat ls
check 2 "unexpected word" doctor ls
check 2 "second" jobs yield sleep
check 2 "swtch jobs yield" jobs yeild
check 2 "swtch help stat" help statt
check 2 "P1 P2 P3 P4 P5 T1 T2 T3 T4 T5 C1 C2 C3 C4 C5 C6 A1" claims X9
check 2 "no claim is called P33" claims p3 P33
check 2 "no claim is called" claims ""
check 2 '\x1b[2J' claims $'\e[2J'
check 2 "belong to claims" claims --job yield
check 2 "takes no command" claims -- true

# Jobs, models, ways.
check 2 "pingpong, yield" stat --job nope
check 2 "did you mean yield" stat --job yeild
check 2 "no job is called" stat --job ""
check 2 '\x1b[2J' stat --job $'\e[2J'
check 2 "process, thread, coroutine" stat --model fibre
check 2 "empty name" stat --model ""
check 2 "empty name" stat --model process,
check 2 "twice" stat --model process,process
check 2 "thread: condvar" stat --via channel
check 2 "coroutine: channel" stat --via condvar --model coroutine
check 2 "does not fit" stat --via nothing
check 2 "does not fit" stat --via ""
check 2 "means nothing to job yield" stat --job yield --via pipe
check 2 "means nothing to job pingpong" stat --sleep 1
check 2 "means nothing to job pingpong" stat --stack 64K
check 2 "means nothing to job pingpong" stat --log
check 2 "groups of 2" stat --tasks 3

# Numbers, times, sizes, lists.
for value in 0 -1 -99999999999999999999 1000001 4294967298 18446744073709551618 abc 1.5 0x2 "" " 2" 2x; do
	check 2 "use 1 to 100000" stat --tasks "$value"
done
for value in 0 -1 99999999999999999999 many 1e6 ""; do
	check 2 "--work" stat --work "$value"
	check 2 "or max" stat --rate "$value"
done
for value in 0 -1 5x s . 5. 1e3 "" 99999999999999999999 31d 1000h; do
	check 2 "--duration" stat -d "$value"
	check 2 "--time" stat --time "$value"
done
check 2 "out of range" stat --job sleep --sleep 2h
check 2 "out of range" live -I 1ms
check 2 "16K to 1G" stat --job spawn --stack 1K
check 2 "16K to 1G" stat --job spawn --stack 64k
check 2 "16K to 1G" stat --job spawn --stack 99999999999999999999G
for value in 0 -1 127K 2G 4m x "" 99999999999999999999G; do
	check 2 "128K to 1G" record --ring-size "$value"
done
check 2 "belong to replay" replay --ring-size 4M x
for list in "" x 1-0 0, , 0,,1 -1 0-; do
	check 2 "list of CPUs" stat --pin "$list"
	check 2 "list of CPUs" stat -C "$list"
done
check 2 "not here" stat --pin 0-1024
check 2 "not here" stat -C 1023
check 2 "twice" stat --pin 0,0
check 2 "no format is called" log -f no-such
check 2 "no user is called" stat --user no-such-user-here
check 2 "root" stat --user root
check 2 "CPUs" live --synthetic 0
check 2 "seed" live --synthetic 1,1,x

# What excludes what.
check 2 "--together and --in-turn" stat --together --in-turn
check 2 "--json and --csv" stat --json --csv
check 2 "--work and --time" stat --work 5 --time 5
check 2 "no command after --" stat --
check 2 "no command after --" --
check 2 "for the lab" stat --job yield -- true
check 2 "takes no command" jobs -- true

# Standard output that cannot be written is a failure.
full() {
	"$swtch" "$@" >/dev/full 2>err </dev/null
	if [ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'No space left' err; then
		echo "ok - swtch $* >/dev/full"
	else
		echo "not ok - swtch $* >/dev/full"
		sed 's/^/# /' err
		failed=1
	fi
}
full --version
full --help
full jobs
full stat --help
full help log
full doctor --json

exit $failed
