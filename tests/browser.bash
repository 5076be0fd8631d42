# SPDX-License-Identifier: GPL-2.0-only
# browser.bash - a headless Chromium to drive: WebDriver over HTTP, with curl and jq.
# Sourced behind script.bash; ends the script with a skip where there is no chromedriver.
# shellcheck shell=bash disable=SC2154 # script.bash has $here

driver_pid='' session=''

browser_quit() {
	[ -n "$session" ] && wd DELETE '' >/dev/null
	[ -n "$driver_pid" ] && kill "$driver_pid" 2>/dev/null && wait "$driver_pid" 2>/dev/null
	session='' driver_pid=''
}

# A request of the session: method, path, body. What it answers, or nothing on failure.
wd() {
	curl -sS --max-time 60 -X "$1" -H 'Content-Type: application/json' ${3+--data-binary "$3"} \
		"http://127.0.0.1:$port/session/$session$2" 2>>driver.err
}

browser_start() { # width, height, further arguments of Chromium
	local width=$1 height=$2 arguments body
	shift 2
	command -v chromedriver >/dev/null || { echo "skip - needs chromium-driver"; exit 0; }
	chromedriver --port=0 >driver.out 2>driver.err &
	driver_pid=$!
	trap 'browser_quit; rm -rf "$here"' EXIT
	for _ in $(seq 200); do
		port=$(sed -n 's/.*started successfully on port \([0-9]*\).*/\1/p' driver.out)
		[ -n "$port" ] && break
		sleep 0.05
	done
	arguments=$(jq -cn '$ARGS.positional' --args -- --headless=new --no-sandbox --disable-gpu \
		--disable-dev-shm-usage --hide-scrollbars --force-device-scale-factor=1 \
		"--user-data-dir=$here/profile" "--window-size=$width,$height" "$@")
	body=$(jq -cn --argjson args "$arguments" '{capabilities: {alwaysMatch: {browserName: "chrome",
		"goog:loggingPrefs": {browser: "ALL"},
		"goog:chromeOptions": {args: $args}}}}')
	session=$(curl -sS --max-time 60 -H 'Content-Type: application/json' -d "$body" \
		"http://127.0.0.1:$port/session" 2>>driver.err | jq -r '.value.sessionId // empty')
	[ -n "$session" ] || { echo "not ok - Chromium starts"; sed 's/^/# /' driver.err; exit 1; }
}

browser_open() { # address
	wd POST /url "$(jq -cn --arg url "$1" '{url: $url}')" >/dev/null
}

# The value of a piece of script, as JSON; it may say `return`.
js() {
	wd POST /execute/sync "$(jq -cn --arg script "$1" '{script: $script, args: []}')" | jq -c .value
}

# Wait until a script says true: at most 20 s.
browser_wait() {
	for _ in $(seq 200); do
		[ "$(js "return !!($1)")" = true ] && return 0
		sleep 0.1
	done
	return 1
}

# Input: a list of actions of WebDriver's pointer, wheel or key, from the middle of an element.
element_of() { # selector
	wd POST /element "$(jq -cn --arg css "$1" '{using: "css selector", value: $css}')" |
		jq -c .value
}

mouse() { # selector, x and y from its middle, and what is done there: move, click, drag DX
	local origin at press='[]'
	origin=$(element_of "$1")
	at="{\"type\": \"pointerMove\", \"duration\": 50, \"origin\": $origin, \"x\": $2, \"y\": $3}"
	case $4 in
	click) press='[{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]' ;;
	drag) press="[{\"type\": \"pointerDown\", \"button\": 0}, {\"type\": \"pointerMove\",
		\"duration\": 100, \"origin\": \"pointer\", \"x\": $5, \"y\": 0},
		{\"type\": \"pointerUp\", \"button\": 0}]" ;;
	esac
	wd POST /actions "{\"actions\": [{\"type\": \"pointer\", \"id\": \"mouse\",
		\"actions\": $(jq -cn --argjson a "[$at]" --argjson b "$press" '$a + $b')}]}" >/dev/null
}

wheel() { # selector, x and y from its middle, how far
	wd POST /actions "{\"actions\": [{\"type\": \"wheel\", \"id\": \"wheel\", \"actions\":
		[{\"type\": \"scroll\", \"origin\": $(element_of "$1"), \"x\": $2, \"y\": $3,
		\"deltaX\": 0, \"deltaY\": $4, \"duration\": 50}]}]}" >/dev/null
}

key() { # a key
	wd POST /actions "$(jq -cn --arg key "$1" '{actions: [{type: "key", id: "keys", actions:
		[{type: "keyDown", value: $key}, {type: "keyUp", value: $key}]}]}')" >/dev/null
}

picture() { # file
	wd GET /screenshot | jq -r .value | base64 -d >"$1"
}

# Errors that the page or the browser told so far, a line each.
browser_errors() {
	wd POST /se/log '{"type": "browser"}' | jq -r '.value[]? | select(.level == "SEVERE") | .message'
}
