// main.js - the timeline's controls: wheel, drag, keys, buttons; and the start of it all.

const HEIGHT_LEAST = 160, HEIGHT_MOST = 560, SPAN_LEAST = 50;
const KEYS = [
	['wheel, + -', 'zoom'], ['drag, ← →', 'move'], ['↑ ↓, Shift wheel', 'rows'],
	['0', 'all of it'], ['click', 'keep what is told'], ['[ ]', 'the stretch before, behind'],
	['w', 'to who woke it'], ['z', 'zoom to it'], ['/', 'find a task'], ['Esc', 'let go'],
];

class Timeline {
	constructor(facts, store) {
		this.facts = facts;
		this.store = store;
		this.rows = new Rows(facts, store);
		this.words = new Words(facts, store);
		this.from = 0;
		this.to = Math.max(facts.span, SPAN_LEAST);
		this.#build();
		this.painter = new Painter(this.canvas, facts, store, this.rows);
		this.#listen();
		this.#fold();
		this.resize();
	}

	// --- elements

	#build() {
		const section = document.getElementById('timeline');
		const button = (id, label, title, act) => {
			const made = element('button', { id, title, type: 'button' }, label);
			made.addEventListener('click', act);
			return made;
		};
		this.range = element('output', { id: 'range' });
		this.search = element('input', { id: 'search', type: 'search', placeholder: 'find a task',
			'aria-label': 'find a task by name or pid' });
		this.chips = element('div', { id: 'lanes' });
		this.strip = element('canvas', { id: 'strip' });
		this.window = element('div', { id: 'window' });
		this.canvas = element('canvas', { id: 'rows', tabindex: '0',
			'aria-label': 'the timeline: a row for each CPU' });
		this.spacer = element('div', { id: 'spacer' }, this.canvas);
		this.scroller = element('div', { id: 'scroller' }, this.spacer);
		this.tip = element('div', { id: 'tip', role: 'status' });
		this.detail = element('div', { id: 'detail', 'aria-live': 'polite' });
		section.append(
			element('div', { id: 'bar' }, element('h2', {}, 'Timeline'),
				button('out', '−', 'zoom out (-)', () => this.zoom(2)),
				button('in', '+', 'zoom in (+)', () => this.zoom(0.5)),
				button('all', 'all', 'all of it (0)', () => this.show(0, this.facts.span)),
				this.range, this.search),
			this.chips,
			element('div', { id: 'overview' }, this.strip, this.window),
			this.scroller, this.detail, this.tip);
		for (const { lane, tasks } of this.rows.lanes)
			this.#addChip(lane, tasks.length);
	}

	#addChip(lane, n) {
		const swatch = element('span', { class: 'swatch' }), { name, hue } = this.facts.lanes[lane];
		const chip = element('button', { type: 'button', class: 'chip', 'data-lane': lane,
			title: 'show or hide its tasks' }, swatch, `${name} `, element('small', {}, count(n)));
		swatch.style.background = hue == null ? 'var(--hue-other)' : `var(--hue-${hue})`;
		chip.addEventListener('click', () => this.toggle(`lane${lane}`));
		this.chips.append(chip);
	}

	#fold() {
		for (const chip of this.chips.children)
			chip.setAttribute('aria-pressed',
				this.rows.unfolded.has(`lane${chip.dataset.lane}`));
		this.canvas.dataset.rows = this.rows.list.length;
	}

	toggle(key) {
		this.rows.toggle(key);
		this.#fold();
		this.resize();
	}

	resize() {
		const width = this.scroller.clientWidth;
		const height = Math.max(HEIGHT_LEAST, Math.min(HEIGHT_MOST, this.rows.height + AXIS + 4,
			window.innerHeight - 120));
		this.scroller.style.height = `${height}px`;
		this.painter.resize(width, height - 2); // less its borders
		this.spacer.style.height = `${Math.max(this.rows.height + AXIS, height - 2)}px`;
		this.painter.overview(this.strip, Math.max(50, width - LABELS), 30);
		this.draw();
	}

	draw() {
		if (this.pending)
			return;
		this.pending = requestAnimationFrame(() => {
			this.pending = 0;
			Object.assign(this.painter, { from: this.from, to: this.to });
			this.#point();
			this.painter.draw({ from: this.from, to: this.to, top: this.scroller.scrollTop,
				selected: this.selected, hovered: this.hovered, time: this.cursor });
			this.range.value = `${logTime(this.facts, this.from)} to ` +
				`${logTime(this.facts, this.to)}: ${duration(this.to - this.from)}`;
			this.window.hidden = this.to - this.from >= this.facts.span;
			this.window.style.left = `${this.from / this.facts.span * 100}%`;
			this.window.style.width = `${(this.to - this.from) / this.facts.span * 100}%`;
		});
	}

	// --- what is shown

	show(from, to) {
		const span = Math.min(Math.max(to - from, SPAN_LEAST), Math.max(this.facts.span, SPAN_LEAST));
		this.from = Math.min(Math.max(0, from), Math.max(0, this.facts.span - span));
		this.to = this.from + span;
		this.draw();
	}

	zoom(factor, around = (this.from + this.to) / 2) {
		this.show(around - (around - this.from) * factor, around + (this.to - around) * factor);
	}

	pan(share) {
		const by = share * (this.to - this.from);
		this.show(this.from + by, this.to + by);
	}

	scroll(by) {
		this.scroller.scrollTop += by;
	}

	// --- what is there

	#find(x, y) {
		const row = this.rows.at(y - AXIS + this.scroller.scrollTop);
		if (!row || y < AXIS)
			return {};
		if (x < LABELS || row.kind === 'lane')
			return { row };
		const time = this.painter.time(x), at = row.track.at(time);
		return { row, time, chosen: at < 0 ? undefined : this.#choice(row.track, at) };
	}

	#choice(track, at) {
		return { track, at, items: track.items, i: track.index[at] };
	}

	#tell(chosen) {
		return chosen.items === this.store.stretches ? this.words.stretch(chosen.i)
			: this.words.coroutine(chosen.i);
	}

	#tellAt({ row, time, chosen }) {
		const pixel = (this.to - this.from) / this.painter.plot, lines = [];
		const shares = new Float64Array(this.facts.lanes.length);
		const n = row.track.shares(time - pixel, time + pixel, shares);
		if (row.kind === 'cpu' && !(chosen && n < 2) && n > 1)
			return this.words.shares(n, shares, time - pixel, time + pixel);
		const near = row.kind === 'cpu' ? this.painter.visibleMarks(row.cpu) : [];
		for (const i of near)
			if (Math.abs(this.store.marks.time[i] - time) < 4 * pixel)
				lines.push(this.words.mark(i));
		if (chosen)
			return [...this.#tell(chosen), ...lines];
		return [`${row.label}: ${row.kind === 'cpu' ? 'idle, or not known' : 'not on a CPU'}`,
			`at ${logTime(this.facts, time)}`, ...lines];
	}

	select(chosen) {
		this.selected = chosen;
		this.detail.replaceChildren();
		if (chosen) {
			const [title, ...rest] = this.#tell(chosen);
			this.detail.append(element('b', {}, title), ` ${rest.join('; ')}.`);
		}
		this.draw();
	}

	#reveal({ track, at }) {
		const span = this.to - this.from, middle = (track.start[at] + track.end[at]) / 2;
		if (track.start[at] < this.from || track.end[at] > this.to)
			this.show(middle - span / 2, middle + span / 2);
	}

	step(by) {
		const { selected } = this;
		if (!selected)
			return;
		const at = selected.at + by;
		if (at < 0 || at >= selected.track.n)
			return;
		this.select(this.#choice(selected.track, at));
		this.#reveal(this.selected);
	}

	toWaker() {
		const s = this.store.stretches, { selected } = this;
		if (selected?.items !== s || s.woken[selected.i] < 0)
			return;
		const track = this.rows.cpuTracks[s.wakerCpu[selected.i]];
		const at = track ? track.at(s.woken[selected.i]) : -1;
		if (at < 0)
			return;
		this.select(this.#choice(track, at));
		this.#reveal(this.selected);
	}

	zoomTo() {
		if (!this.selected)
			return;
		const { track, at } = this.selected, length = track.end[at] - track.start[at];
		this.show(track.start[at] - length, track.end[at] + length);
	}

	// The next task with this name or pid, its lane unfolded, its first stretch selected.
	findTask(text) {
		const wanted = text.trim().toLowerCase(), all = this.rows.lanes.flatMap(lane => lane.tasks);
		const fits = task => {
			const [pid, , , name] = this.facts.tasks[task];
			return String(pid) === wanted || `${name}:${pid}`.toLowerCase().includes(wanted);
		};
		const from = all.indexOf(this.found) + 1;
		const found = [...all.slice(from), ...all.slice(0, from)].find(fits);
		this.search.classList.toggle('bad', wanted !== '' && found == null);
		if (!wanted || found == null)
			return;
		this.found = found;
		const key = `lane${this.rows.laneOfTask(found)}`;
		if (!this.rows.unfolded.has(key))
			this.toggle(key);
		const row = this.rows.list.find(shown => shown.kind === 'task' && shown.task === found);
		this.scroller.scrollTop = row.y - 60;
		this.select(this.#choice(row.track, 0));
		this.#reveal(this.selected);
	}

	// --- mouse

	#listen() {
		const { canvas } = this;
		canvas.addEventListener('wheel', event => this.#wheel(event), { passive: false });
		canvas.addEventListener('pointerdown', event => this.#down(event));
		canvas.addEventListener('pointermove', event => this.#move(event));
		canvas.addEventListener('pointerup', event => this.#up(event));
		canvas.addEventListener('pointerleave', () => this.#leave());
		document.addEventListener('keydown', event => this.#key(event));
		this.scroller.addEventListener('scroll', () => this.draw());
		this.search.addEventListener('keydown', event => {
			if (event.key === 'Enter')
				this.findTask(this.search.value);
			else if (event.key === 'Escape')
				canvas.focus();
			event.stopPropagation();
		});
		const overview = document.getElementById('overview');
		overview.addEventListener('pointerdown', event => this.#jump(event));
		overview.addEventListener('pointermove', event => event.buttons && this.#jump(event));
		window.addEventListener('resize', () => this.resize());
		matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
			this.painter.theme = readTheme();
			this.resize();
		});
	}

	#wheel(event) {
		if (event.offsetX < LABELS || event.shiftKey)
			return;
		event.preventDefault();
		if (Math.abs(event.deltaX) > Math.abs(event.deltaY))
			this.pan(event.deltaX / this.painter.plot);
		else
			this.zoom(1.0015 ** Math.max(-400, Math.min(400, event.deltaY)),
				this.painter.time(event.offsetX));
	}

	#down(event) {
		this.grip = { x: event.offsetX, y: event.offsetY, from: this.from, to: this.to,
			top: this.scroller.scrollTop, moved: false };
		this.canvas.setPointerCapture(event.pointerId);
	}

	#move(event) {
		const { grip } = this;
		if (!grip) {
			this.#hover(event);
			return;
		}
		const dx = event.offsetX - grip.x, dy = event.offsetY - grip.y;
		if (Math.abs(dx) + Math.abs(dy) > 4)
			grip.moved = true;
		if (!grip.moved)
			return;
		const by = -dx / this.painter.plot * (grip.to - grip.from);
		this.show(grip.from + by, grip.to + by);
		this.tip.style.display = 'none';
	}

	#up(event) {
		const { grip } = this;
		this.grip = null;
		if (!grip || grip.moved)
			return;
		const there = this.#find(event.offsetX, event.offsetY);
		if (there.row?.foldable && (event.offsetX < LABELS || there.row.kind === 'lane'))
			this.toggle(there.row.key);
		else
			this.select(there.chosen);
	}

	#hover(event) {
		this.pointer = { x: event.offsetX, y: event.offsetY,
			left: event.clientX, top: event.clientY };
		this.draw();
	}

	// What lies under the pointer changes also when the view moves.
	#point() {
		const { pointer } = this;
		if (!pointer || this.grip)
			return;
		const there = this.#find(pointer.x, pointer.y);
		this.cursor = pointer.x >= LABELS ? this.painter.time(pointer.x) : undefined;
		this.hovered = there.chosen;
		this.canvas.style.cursor = there.row?.foldable && pointer.x < LABELS ? 'pointer' : 'default';
		if (there.time == null) {
			this.tip.style.display = 'none';
			return;
		}
		const [title, ...rest] = this.#tellAt(there);
		this.tip.replaceChildren(element('b', {}, title),
			...rest.map(line => element('div', {}, line)));
		this.tip.style.display = 'block';
		this.#place(pointer.left, pointer.top);
	}

	#place(x, y) {
		const { offsetWidth, offsetHeight } = this.tip;
		const left = x + 16 + offsetWidth > window.innerWidth ? x - 16 - offsetWidth : x + 16;
		const top = y + 16 + offsetHeight > window.innerHeight ? y - 16 - offsetHeight : y + 16;
		this.tip.style.left = `${Math.max(4, left)}px`;
		this.tip.style.top = `${Math.max(4, top)}px`;
	}

	#leave() {
		this.pointer = this.hovered = this.cursor = undefined;
		this.tip.style.display = 'none';
		this.draw();
	}

	#jump(event) {
		const box = this.strip.getBoundingClientRect(), span = this.to - this.from;
		const middle = (event.clientX - box.left) / box.width * this.facts.span;
		this.show(middle - span / 2, middle + span / 2);
	}

	#key(event) {
		const acts = {
			'+': () => this.zoom(0.5), '=': () => this.zoom(0.5), '-': () => this.zoom(2),
			ArrowLeft: () => this.pan(-0.2), ArrowRight: () => this.pan(0.2),
			ArrowUp: () => this.scroll(-40), ArrowDown: () => this.scroll(40),
			0: () => this.show(0, this.facts.span), Home: () => this.show(0, this.facts.span),
			'[': () => this.step(-1), ']': () => this.step(1), w: () => this.toWaker(),
			z: () => this.zoomTo(), '/': () => this.search.focus(),
			Escape: () => this.select(undefined),
		};
		const scrolls = event.key.startsWith('Arrow') || event.key === 'Home';
		if (event.ctrlKey || event.metaKey || event.altKey || !acts[event.key] ||
		    (scrolls && document.activeElement !== this.canvas))
			return;
		event.preventDefault();
		acts[event.key]();
	}
}

async function start() {
	const facts = JSON.parse(document.getElementById('facts').textContent);
	const items = document.getElementById('items');
	putHead(facts);
	putHistograms(facts);
	document.getElementById('foot').append(
		...KEYS.map(([key, what]) => element('span', {}, element('kbd', {}, key), ` ${what}`)));
	const store = decode(await unpack(items.textContent), facts);
	items.remove();
	new Timeline(facts, store);
	document.body.dataset.ready = 'yes';
}

start().catch(error => {
	document.getElementById('timeline').append(element('p', { class: 'bad' },
		`The timeline cannot be drawn: ${error.message}. A browser of 2023 or later is needed.`));
});
