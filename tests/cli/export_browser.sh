#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# export_browser.sh - the HTML report in a headless Chromium: its table against stat's, zoomed,
# dragged, unfolded, clicked, with names that would run if they could; and the Chrome JSON in
# speedscope, a viewer from npm.
. "$(dirname "$0")/../script.bash"
. "$scripts/../browser.bash"
needs_root
command -v chromedriver >/dev/null || { echo "skip - needs chromium-driver"; exit 0; }

run record --time 300ms --rate 2000 -q -o run.pftrace && run export run.pftrace -o run.html &&
	run stat -i run.pftrace --json >stat.json
result "a page is made of a recording" $?
run record -q -o names.pftrace -- bash -c 'name() { printf %s "$1" >/proc/self/comm; sleep 0.01; }
	for _ in 1 2 3; do (name "</script><b>") & (name "<img src=x>") & (name "<!--&") & done
	wait; : "<script>document.title = 1</script>"' && run export names.pftrace -o names.html
result "and of one with names that would do harm" $?

browser_start 1280 900
browser_open "file://$here/run.html" && browser_wait 'document.body.dataset.ready'
result "the page opens from disk and draws" $?

# --- the table --------------------------------------------------------------------------------------

# A row of the table as JSON: numbers as they are, without commas.
table_row() {
	js "const row = [...document.querySelectorAll('#table tr')].find(row =>
		row.cells[0].textContent === '$1');
		return row ? [...row.cells].slice(1).map(cell => cell.textContent.replaceAll(',', '')) : null"
}
row_is() { # label, path in a lane's JSON
	[ "$(table_row "$1")" = "$(jq -c "[.lanes[] | $2 | if . == null then \"-\" else tostring end]" \
		stat.json)" ]
	result "the table's row \"$1\" is stat's $2" $?
}
row_is "units of work" .work.done
row_is "context switches" .switches.total
row_is voluntary .switches.voluntary
row_is involuntary .switches.involuntary
row_is "switches in user space" .user_switches
row_is wakeups .wakeups
row_is migrations .migrations
row_is "tasks ended" .exited
row_is "CPU 0" '([.per_cpu[] | select(.cpu == 0) | .switches] + [0])[0]'
[ "$(js "return [...document.querySelectorAll('#table tr')][0].textContent")" = \
	'"processthreadcoroutine"' ]
result "its columns are the lanes" $?
[ "$(js "return document.querySelectorAll('#histograms figure').length")" -ge 3 ]
result "each lane has a histogram" $?

# --- the timeline -----------------------------------------------------------------------------------

range() { # how long is seen, in ns
	js "const [value, unit] = document.querySelector('#range').value.split(': ')[1].split(' ');
		return value * {s: 1e9, ms: 1e6, us: 1e3, ns: 1}[unit]"
}
# Are many pixels of the CPUs' rows nearer to a lane's colour than to that of an empty row?
coloured() { # a hue
	browser_wait "(() => {
		const canvas = document.querySelector('#rows'), context = canvas.getContext('2d');
		const style = getComputedStyle(document.documentElement);
		const colour = name => style.getPropertyValue(name).match(/[0-9a-f]{2}/gi)
			.map(part => parseInt(part, 16));
		const lane = colour('--hue-$1'), row = colour('--row');
		const data = context.getImageData(170, 26, canvas.width - 170, 80).data;
		const far = (i, to) => Math.abs(data[i] - to[0]) + Math.abs(data[i + 1] - to[1]) +
			Math.abs(data[i + 2] - to[2]);
		let n = 0;
		for (let i = 0; i < data.length; i += 4)
			n += far(i, lane) < far(i, row) && far(i, lane) < 150;
		return n > 50;
	})()"
}
coloured 0 && coloured 1 && coloured 2
result "each lane is drawn in its colour" $?
all=$(range)
for _ in 1 2 3; do wheel '#rows' -200 -20 -400; done
browser_wait "document.querySelector('#window').hidden === false"
zoomed=$(range)
[ "$(jq -n "$zoomed < $all / 3")" = true ]
result "the wheel zooms" $?
before=$(js "return document.querySelector('#range').value")
mouse '#rows' 0 -20 drag 150
browser_wait "document.querySelector('#range').value !== $before"
[ $? = 0 ] && [ "$(range)" = "$zoomed" ]
result "a drag moves what is seen, and no more" $?
js "document.querySelector('#rows').focus()" >/dev/null
key 0
browser_wait "document.querySelector('#window').hidden"
result "a key shows all of it again" $?
for _ in $(seq 9); do wheel '#rows' -450 -70 -400; done
js "document.querySelector('#search').focus()" >/dev/null
mouse '#search' 0 0 click
for letter in p i n g; do key $letter; done
key $'\ue007' # Enter
browser_wait "/^ping/.test(document.querySelector('#detail').textContent)"
result "a task is found by its name" $?
js "return document.querySelector('#detail').textContent" >detail
grep -qE 'process, on CPU [0-9]+ for [0-9.]+ (ns|us|ms).*came at -?[0-9.]+ s.*left (in)?voluntarily' detail
result "and what happened there is told in words" $?
js "document.activeElement.blur()" >/dev/null
key z
key ']'
browser_wait "document.querySelector('#detail').textContent !== $(cat detail)"
result "a key goes to what it did next" $?
rows=$(js "return +document.querySelector('#rows').dataset.rows")
js "document.querySelector('.chip[data-lane=\"2\"]').click()" >/dev/null
browser_wait "+document.querySelector('#rows').dataset.rows >= $((rows + 3))"
result "a lane unfolds to its tasks" $?
mouse '#rows' 0 -100 move
browser_wait "getComputedStyle(document.querySelector('#tip')).display === 'block' &&
	document.querySelector('#tip').textContent.length > 10"
result "what lies under the pointer is told" $?
js "window.dispatchEvent(new Event('resize'))" >/dev/null
wd POST /goog/cdp/execute '{"cmd": "Emulation.setEmulatedMedia", "params": {"features":
	[{"name": "prefers-color-scheme", "value": "dark"}]}}' >/dev/null
browser_wait "getComputedStyle(document.body).backgroundColor === 'rgb(22, 24, 28)'"
result "it is dark where that is preferred" $?
[ -z "$(browser_errors | tee err)" ]
result "the browser has nothing to complain of" $?
: >err

# --- names ------------------------------------------------------------------------------------------

browser_open "file://$here/names.html" && browser_wait 'document.body.dataset.ready'
result "the page with hostile names draws" $?
js "for (const chip of document.querySelectorAll('.chip')) chip.click()" >/dev/null
[ "$(js "return document.querySelectorAll('img, b:not(#tip b, #detail b, figcaption b)').length")" = 0 ] &&
	[ "$(js 'return document.title !== "1" && document.scripts.length')" = 2 ]
result "no name has become an element" $?
js "const search = document.querySelector('#search'); search.value = '<img';
	search.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}));
	return document.querySelector('#detail b').textContent" | grep -q '<img src=x>:'
result "a name is shown as it is" $?
[ -z "$(browser_errors | tee err)" ]
result "and the browser has nothing to complain of" $?
: >err

# --- a viewer that is not ours ----------------------------------------------------------------------

if ! npm pack --silent speedscope@1.25.0 >npm.out 2>&1; then
	echo "skip - speedscope cannot be had from npm here"
	exit $failed
fi
tar -xzf speedscope-*.tgz
run export run.pftrace --task ping-0 -o run.json || run export run.pftrace --from 50ms --to 60ms -o run.json
cp run.json package/dist/release/run.json
python3 -u -m http.server --bind 127.0.0.1 --directory package/dist/release 0 >http.out 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; browser_quit; rm -rf "$here"' EXIT
for _ in $(seq 100); do
	http=$(sed -n 's/.*http:\/\/127.0.0.1:\([0-9]*\)\/.*/\1/p' http.out)
	[ -n "$http" ] && break
	sleep 0.05
done
browser_open "http://127.0.0.1:$http/index.html#profileURL=http://127.0.0.1:$http/run.json"
browser_wait "/tid [0-9]+/.test(document.body.innerText) && document.querySelector('canvas')"
result "speedscope loads the Chrome JSON" $?
shows_all() { grep -q 'ping-0 (pid' threads && grep -q 'pong-0 (pid' threads && grep -q 'CPUs (pid' threads; }
: >threads
for _ in $(seq 200); do # a thread at a time, and again those that it was too slow to show
	js 'return document.body.innerText' >>threads
	shows_all && break
	key n
done
shows_all
result "and shows our threads and CPUs" $?
exit $failed
