#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# servers.sh - servers of others under their own load, watched while they run: every switch of every task.
. "$(dirname "$0")/../script.bash"
needs_root

# They end by themselves when they are asked to; then stat does too, and the audit has the kernel's word.
pids=()
tidy() { for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null; done; rm -rf "$here"; }
trap tidy EXIT
watch() { # FILE PIDS
	run stat --json -p "$2" >"$1" &
	stat=$!
	wait_for 20 attached $stat
}
exact() { # FILE TASKS SWITCHES
	jq -e --argjson tasks "$2" --argjson switches "$3" '.lanes[0] | .audit.tasks >= $tasks and
		.audit.exact == .audit.tasks and .audit.untracked == 0 and .switches.missed == 0 and
		.switches.total >= $switches and .exited == .audit.tasks' "$1" >/dev/null
}

if command -v redis-server >/dev/null && command -v redis-benchmark >/dev/null; then
	redis-server --unixsocket "$PWD/redis.sock" --port 0 --save '' --appendonly no --dir "$PWD" >redis.log 2>&1 &
	pids+=($!)
	wait_for 20 eval 'redis-cli -s redis.sock ping >/dev/null 2>&1'
	result "redis answers" $?
	watch redis.json "${pids[-1]}"
	redis-benchmark -s redis.sock -q -n 20000 -c 50 -t set,get >bench.log 2>&1
	result "and goes on to while it is watched" $?
	redis-cli -s redis.sock shutdown nosave 2>/dev/null
	wait "${pids[-1]}"
	result "it ends as it would have" $?
	wait $stat
	exact redis.json 4 100
	result "redis: all switches of its threads are the kernel's" $?
else
	echo "skip - redis-server is not here"
fi

if command -v nginx >/dev/null && command -v wrk >/dev/null; then
	mkdir logs
	cat >nginx.conf <<-E2
		worker_processes 2; daemon off; pid $PWD/nginx.pid; error_log $PWD/logs/error.log;
		events { worker_connections 2048; }
		http { access_log off; client_body_temp_path $PWD/a; proxy_temp_path $PWD/b; fastcgi_temp_path $PWD/c;
			uwsgi_temp_path $PWD/d; scgi_temp_path $PWD/e;
			server { listen 127.0.0.1:0; return 200 "here"; } }
	E2
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	sed -i "s/127.0.0.1:0/127.0.0.1:$port/" nginx.conf
	nginx -p "$PWD" -c "$PWD/nginx.conf" 2>nginx.log &
	master=$!
	pids+=($master)
	wait_for 20 eval 'curl -s "http://127.0.0.1:$port/" | grep -q here'
	result "nginx answers" $?
	workers=$(pgrep -P $master | paste -sd,)
	watch nginx.json "$master,$workers"
	wrk -c 1000 -t 2 -d 1 "http://127.0.0.1:$port/" >wrk.log 2>&1
	result "and goes on to a thousand connections while it is watched" $?
	kill -QUIT $master
	wait $master
	result "it ends as it would have" $?
	wait $stat
	exact nginx.json 3 50
	result "nginx: all switches of its processes are the kernel's" $?
else
	echo "skip - nginx and wrk are not here"
fi
exit $failed
