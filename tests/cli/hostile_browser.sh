#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# hostile_browser.sh - pages and drawings of programs called so as to do harm (hostile_names.py), in a
# headless Chromium: nothing of a name runs, is loaded, or becomes an element or an attribute.
. "$(dirname "$0")/../script.bash"
. "$scripts/../browser.bash"
needs_root
command -v chromedriver >/dev/null || { echo "skip - needs chromium-driver"; exit 0; }
python=${SWTCH_PYTHON:-/usr/bin/python3}
names=$scripts/hostile_names.py

# What would say so if it ran: longer than a task's name, and so in lanes' names and the command line.
harm=('"><img src=x onerror=hurt=1>' "' autofocus onfocus='hurt=1' a='" '</script><script>hurt=1</script>' \
	'<svg onload=hurt=1>' '\u003cb\u003e${hurt=1}' 'javascript:hurt=1//' ']]>--></title><b>')
lanes=()
for word in "${harm[@]}"; do lanes+=(--lane "${word//=/ }=-- sleep 0.05"); done
run record -q -o plain.pftrace -- true && run export plain.pftrace -o plain.html
run record -q -o a.pftrace -- sh -c '"$1" "$2" tasks; : "$@"' sh "$python" "$names" "${harm[@]}" &&
	run record -q -o lanes.pftrace "${lanes[@]}" && for name in a lanes; do
	run export $name.pftrace -o $name.html && run export $name.pftrace -o $name.svg || exit 1
done
result "pages and drawings are made" $?

# All that a page has which a name could have made: elements, attributes that run or load, and what ran.
marks() {
	js "const all = [...document.querySelectorAll('*')];
		const attributes = all.flatMap(element => [...element.attributes]);
		return JSON.stringify({
			hurt: typeof hurt,
			scripts: document.scripts ? document.scripts.length : 0,
			tags: [...new Set(all.map(element => element.localName))].sort(),
			acts: attributes.filter(({name, value}) => /^on|^srcdoc\$|^autofocus\$/.test(name) ||
				/^(src|href|xlink:href|action)\$/.test(name) && !/^(#|data:)/.test(value)).length,
			loads: performance.getEntriesByType('resource').length})" | jq -c fromjson
}
# unfold: everything is shown that there is to show.
unfold() { js "for (const chip of document.querySelectorAll('.chip')) chip.click()" >/dev/null; }
# found NAME: searched for, and told of in words that hold it as it is.
found() {
	js "const search = document.querySelector('#search'); search.value = $(jq -cn --arg name "$1" '$name');
		search.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}));
		return document.querySelector('#detail').textContent.includes(search.value + ':')" | grep -q true
}
opens() { browser_open "file://$here/$1" && browser_wait 'document.body.dataset.ready' && unfold; }

browser_start 1280 900
opens plain.html
plain=$(marks)
jq -e '.hurt == "undefined" and .scripts > 0 and .acts == 0 and .loads == 0' <<<"$plain" >/dev/null
result "a plain page runs what is its own, and loads nothing" $?
opens a.html
result "the page with all names of tasks, threads and coroutines draws" $?
n=0 missing=''
while read -r name; do
	n=$((n + 1))
	found "$name" || missing+=" $name"
done < <("$python" "$names" shown)
echo "$missing" >err
[ $n -gt 10 ] && [ -z "$missing" ]
result "each of $n names is found and shown as it is" $?
: >err
mouse '#rows' 0 -100 move
for page in a lanes; do
	[ $page = a ] || opens $page.html || failed=1
	now=$(marks)
	printf '%s\n%s\n' "$plain" "$now" >err # which tells of elements too
	jq -en --argjson plain "$plain" --argjson now "$now" '$now == $plain' >/dev/null
	result "nothing of a name runs, is loaded or has become an element: $page.html" $?
done
[ -z "$(browser_errors | tee err)" ]
result "the browser has nothing to complain of" $?
: >err
for drawing in a lanes; do
	browser_open "file://$here/$drawing.svg"
	marks >err
	jq -e '.hurt == "undefined" and .scripts == 0 and .acts == 0 and .loads == 0 and
		(.tags | all(IN("svg", "style", "defs", "marker", "g", "path", "rect", "line", "text")))' err >/dev/null
	result "nor in $drawing.svg" $?
done
exit $failed
