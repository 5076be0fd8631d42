#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# jobs.sh - every job under every model on the real kernel: it ends well, every audit is exact,
# nothing is lost, nothing stays behind. SWTCH_ROUNDS says how often in a row (1).
. "$(dirname "$0")/../left.bash"
alone "$@"
. "$tests/script.bash"
begin_left

stays() { # told in left
	wait_for 15 nothing_rests
	{ rests; find /var/crash . -maxdepth 1 -newer swtch -name 'core*' 2>/dev/null; } >left
	[ -s left ]
}

try() { # job, model, options: true when all is well
	local job=$1 model=$2
	shift 2
	rm -f left
	timeout -k 1 $((60 * ${SWTCH_TEST_SLOWNESS:-1})) "$swtch" stat --job "$job" --model "$model" "$@" --json >out 2>err </dev/null ||
		return 1
	jq -e '.lost.events == 0 and (.lanes | length > 0) and all(.lanes[]; .audit.tasks > 0 and
		.audit.exact == .audit.tasks and .audit.untracked == 0 and .switches.missed == 0)' \
		out >/dev/null || return 1
	! stays
}

each_model() { # name, job, options
	local name=$1 job=$2 round model
	shift 2
	for model in process thread coroutine; do
		for ((round = 0; round < ${SWTCH_ROUNDS:-1}; round++)); do
			if ! try "$job" "$model" "$@"; then
				echo "not ok - $name, $model"
				sed 's/^/# /' err left 2>/dev/null
				jq -c '.lanes[] | [.name, .audit, .note]' out | sed 's/^/# /'
				failed=1
				continue 2
			fi
		done
		echo "ok - $name, $model"
	done
}

# Enough for each to do what it is about, and no more.
declare -A options=(
	[pingpong]="--work 300" [yield]="--work 300" [sleep]="--sleep 0.02" [spawn]="--work 50"
	[compute]="--work 300" [counter]="--work 20000" [echo]="--clients 20 --work 400"
	[hog]="--time 0.1" [crash]="--work 400" [idle]="--tasks 50"
)
for job in $("$swtch" jobs | sed -n 's/^\([a-z]*\)  .*/\1/p'); do
	# shellcheck disable=SC2086 # words
	each_model "$job" "$job" ${options[$job]-}
done
nothing_left
result "nothing is left of them" $?
exit $failed
