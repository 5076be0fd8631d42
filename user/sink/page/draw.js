// draw.js - rows on a canvas, for a stretch of time [from, to).
//
// Where a pixel holds many stretches it shows the share of each lane, one upon the other; where it
// holds few, each is drawn with its name.

const LABELS = 170; // width of what stands left of the rows
const AXIS = 26;
const CROWDED = 1.5; // stretches a pixel, from which on shares are drawn
const ARROWS_MOST = 150;

function readTheme() {
	const style = getComputedStyle(document.documentElement);
	const get = name => style.getPropertyValue(name).trim();
	return {
		text: get('--text'), dim: get('--dim'), rule: get('--rule'), row: get('--row'),
		band: get('--band'), ink: get('--ink'), bad: get('--bad'), page: get('--page'),
		font: get('--font'), accent: get('--accent'),
		hues: Array.from({ length: 6 }, (_, i) => get(`--hue-${i}`)), other: get('--hue-other'),
	};
}

class Painter {
	constructor(canvas, facts, store, rows) {
		Object.assign(this, { canvas, facts, store, rows });
		this.context = canvas.getContext('2d');
		this.widths = new Map();
		this.theme = readTheme();
	}

	colour(lane) {
		const hue = this.facts.lanes[lane]?.hue;
		return hue == null ? this.theme.other : this.theme.hues[hue];
	}

	resize(width, height) {
		const ratio = window.devicePixelRatio || 1;
		this.width = width;
		this.height = height;
		this.canvas.width = Math.round(width * ratio);
		this.canvas.height = Math.round(height * ratio);
		this.canvas.style.width = `${width}px`;
		this.canvas.style.height = `${height}px`;
		this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
	}

	get plot() {
		return Math.max(50, this.width - LABELS);
	}

	x(t) {
		return LABELS + (t - this.from) / (this.to - this.from) * this.plot;
	}

	time(x) {
		return this.from + (x - LABELS) / this.plot * (this.to - this.from);
	}

	textWidth(text) {
		if (!this.widths.has(text)) {
			if (this.widths.size > 5000)
				this.widths.clear();
			this.widths.set(text, this.context.measureText(text).width);
		}
		return this.widths.get(text);
	}

	draw({ from, to, top, selected, hovered, time }) {
		const { context, theme } = this;
		Object.assign(this, { from, to, top });
		context.clearRect(0, 0, this.width, this.height);
		context.font = `11px ${theme.font}`;
		context.textBaseline = 'middle';
		this.shownRows = this.rows.list.filter(row =>
			row.y + row.height > top && row.y < top + this.height - AXIS);
		context.save();
		context.beginPath();
		context.rect(0, AXIS, this.width, this.height - AXIS);
		context.clip();
		for (const row of this.shownRows)
			this.#row(row, AXIS + row.y - top);
		this.#losses();
		this.#arrows(selected ?? hovered);
		this.#outline(selected, theme.text, 2);
		this.#outline(hovered, theme.text, 1);
		context.restore();
		this.#axis();
		if (time != null)
			this.#cursor(time);
	}

	// --- the axis

	#step() {
		const least = (this.to - this.from) / this.plot * 110;
		const power = 10 ** Math.floor(Math.log10(least));
		return [1, 2, 5, 10].map(m => m * power).find(step => step >= least) ?? least;
	}

	#axis() {
		const { context, theme } = this, step = Math.max(1, this.#step());
		const [size, unit] = UNITS.find(([ns]) => step >= ns) ?? UNITS[3];
		context.fillStyle = theme.page;
		context.fillRect(0, 0, this.width, AXIS);
		context.fillStyle = theme.dim;
		context.textAlign = 'center';
		const first = Math.ceil((this.facts.from + this.from) / step);
		for (let i = first; i * step <= this.facts.from + this.to; i++) {
			const x = this.x(i * step - this.facts.from);
			const text = `${(i * step / size).toLocaleString('en-US')} ${unit}`;
			context.fillRect(Math.round(x), AXIS - 5, 1, 5);
			if (x - this.textWidth(text) / 2 > LABELS - 30)
				context.fillText(text, x, AXIS - 13);
		}
		context.fillStyle = theme.rule;
		context.fillRect(0, AXIS - 1, this.width, 1);
	}

	#cursor(time) {
		const x = Math.round(this.x(time));
		if (x < LABELS)
			return;
		this.context.fillStyle = this.theme.accent;
		this.context.globalAlpha = 0.6;
		this.context.fillRect(x, 0, 1, this.height);
		this.context.globalAlpha = 1;
	}

	// --- rows

	#row(row, y) {
		const { context, theme } = this;
		if (row.kind === 'lane') {
			context.fillStyle = theme.band;
			context.fillRect(0, y, this.width, row.height);
			this.#label(row, y);
			return;
		}
		const pad = row.kind === 'cpu' ? 5 : 2, height = row.height - 2 * pad - this.#below(row);
		context.fillStyle = theme.row;
		context.fillRect(LABELS, y + pad, this.plot, height);
		this.#track(row, y + pad, height);
		if (row.kind === 'cpu')
			this.#marks(row, y + pad);
		this.#label(row, y);
	}

	// Room below a CPU's row, where it is told who waits.
	#below(row) {
		return row.kind === 'cpu' ? 6 : 0;
	}

	#label(row, y) {
		const { context, theme } = this, middle = y + row.height / 2;
		const indent = { cpu: 10, lane: 24, task: 38, coroutine: 56 }[row.kind];
		context.fillStyle = row.kind === 'lane' ? theme.band : theme.page;
		context.fillRect(0, y, LABELS, row.height);
		context.textAlign = 'left';
		if (row.foldable) {
			context.fillStyle = theme.dim;
			context.fillText(row.open ? '▾' : '▸', indent - 14, middle);
		}
		let x = indent;
		if (row.kind === 'lane') {
			context.fillStyle = this.colour(row.lane);
			context.fillRect(x, middle - 5, 10, 10);
			x += 16;
		}
		context.save();
		context.beginPath();
		context.rect(0, y, LABELS - 6, row.height);
		context.clip();
		context.fillStyle = row.kind === 'coroutine' ? theme.dim : theme.text;
		context.fillText(row.label, x, middle);
		if (row.detail) {
			context.fillStyle = theme.dim;
			context.fillText(row.detail, x + this.textWidth(row.label) + 8, middle);
		}
		context.restore();
	}

	#track(row, y, height) {
		const { track } = row;
		const i = track.find(this.from), j = track.find(this.to) + 1;
		if (j - i > CROWDED * this.plot)
			this.#shares(track, y, height);
		else
			this.#each(row, track, i, Math.min(j, track.n), y, height);
	}

	#shares(track, y, height) {
		const { context } = this, step = (this.to - this.from) / this.plot;
		const shares = new Float64Array(track.sums.length);
		for (let x = 0; x < this.plot; x++) {
			track.shares(this.from + x * step, this.from + (x + 1) * step, shares);
			let foot = y + height;
			for (let k = 1; k <= shares.length; k++) {
				const layer = k % shares.length; // other tasks on top
				const part = shares[layer] * height;
				if (part < 0.02)
					continue;
				foot -= part;
				context.fillStyle = this.colour(layer);
				context.fillRect(LABELS + x, foot, 1, part);
			}
		}
	}

	#each(row, track, i, end, y, height) {
		const { context } = this, waits = row.kind !== 'coroutine';
		for (; i < end; i++) {
			const x = Math.max(LABELS, this.x(track.start[i]));
			const width = Math.min(this.width, this.x(track.end[i])) - x;
			if (waits)
				this.#wait(row, track, i, x, y, height);
			if (width <= 0)
				continue;
			context.fillStyle = this.colour(track.layer[i]);
			context.fillRect(x, y, Math.max(0.6, width > 3 ? width - 0.6 : width), height);
			if (width > 24)
				this.#name(row, track, i, x, y, width, height);
		}
	}

	#wait(row, track, i, x, y, height) {
		const waited = track.items.waited[track.index[i]];
		if (!waited)
			return;
		const from = Math.max(LABELS, this.x(track.start[i] - waited));
		this.context.fillStyle = this.colour(track.layer[i]);
		this.context.globalAlpha = 0.4;
		if (row.kind === 'cpu')
			this.context.fillRect(from, y + height + 1, x - from, 4);
		else
			this.context.fillRect(from, y + height / 2 - 3, x - from, 6);
		this.context.globalAlpha = 1;
	}

	#name(row, track, i, x, y, width, height) {
		const item = track.index[i];
		const text = row.kind === 'cpu' ? this.facts.tasks[track.items.task[item]][3] || '?'
			: row.kind === 'task' ? `CPU ${track.items.cpu[item]}` : row.label;
		if (this.textWidth(text) > width - 6)
			return;
		this.context.fillStyle = this.theme.ink;
		this.context.textAlign = 'center';
		this.context.fillText(text, x + width / 2, y + height / 2 + 0.5);
	}

	// --- marks, losses, arrows

	visibleMarks(cpu) {
		const m = this.store.marks, list = [];
		for (let i = firstAtOrAfter(m.time, m.n, this.from); i < m.n && m.time[i] < this.to; i++) {
			if (cpu == null || m.cpu[i] === cpu)
				list.push(i);
			if (list.length > 400)
				return [];
		}
		return list;
	}

	#marks(row, y) {
		const { context, theme } = this, m = this.store.marks;
		for (const i of this.visibleMarks(row.cpu)) {
			const x = this.x(m.time[i]), kind = this.facts.kinds[m.kind[i]];
			context.beginPath();
			if (kind === 'clone') {
				context.moveTo(x, y + 1);
				context.lineTo(x - 4, y - 5);
				context.lineTo(x + 4, y - 5);
			} else if (kind === 'exit') {
				context.moveTo(x, y + 1);
				context.lineTo(x - 3, y - 2);
				context.lineTo(x, y - 5);
				context.lineTo(x + 3, y - 2);
			}
			context.fillStyle = theme.text;
			context.fill();
		}
	}

	#losses() {
		const m = this.store.marks, { context } = this;
		for (const i of this.visibleMarks()) {
			if (this.facts.kinds[m.kind[i]] !== 'lost')
				continue;
			context.fillStyle = this.theme.bad;
			context.fillRect(this.x(m.time[i]) - 1, AXIS, 2, this.height - AXIS);
		}
	}

	// From where the waker ran to where the woken task came: of all when they are few, else of one.
	#arrows(chosen) {
		const s = this.store.stretches, list = [];
		for (const row of this.shownRows) {
			if (row.kind !== 'cpu')
				continue;
			const i = row.track.find(this.from), j = Math.min(row.track.n, row.track.find(this.to) + 1);
			for (let k = i; k < j && list.length <= ARROWS_MOST; k++)
				list.push(row.track.index[k]);
		}
		this.context.strokeStyle = this.context.fillStyle = this.theme.text;
		if (list.length <= ARROWS_MOST)
			for (const i of list)
				this.#arrow(s, i, 0.45);
		if (chosen && chosen.items === s)
			this.#arrow(s, chosen.i, 1);
	}

	#arrow(s, i, alpha) {
		const rowOf = cpu => this.rows.list[cpu];
		const from = rowOf(s.wakerCpu[i]), to = rowOf(s.cpu[i]);
		if (s.woken[i] < 0 || from?.kind !== 'cpu' || to?.kind !== 'cpu')
			return;
		const { context } = this, x0 = this.x(s.woken[i]), x1 = this.x(s.start[i]);
		if (x0 < LABELS)
			return;
		const y0 = AXIS + from.y - this.top, y1 = AXIS + to.y - this.top;
		const [a, b] = from === to ? [y0 + 5, y1 + 5] : y0 < y1 ? [y0 + 29, y1 + 5] : [y0 + 5, y1 + 29];
		const angle = from === to ? Math.PI / 2 : Math.atan2(b - a, x1 - x0);
		context.globalAlpha = alpha;
		context.lineWidth = 1;
		context.beginPath();
		context.moveTo(x0, a);
		if (from === to)
			context.bezierCurveTo(x0, a - 9, x1, b - 9, x1, b);
		else
			context.lineTo(x1, b);
		context.stroke();
		context.beginPath();
		context.moveTo(x1, b);
		for (const side of [2.7, -2.7])
			context.lineTo(x1 + 6 * Math.cos(angle + side), b + 6 * Math.sin(angle + side));
		context.fill();
		context.globalAlpha = 1;
	}

	#outline(chosen, colour, width) {
		const row = chosen && this.shownRows.find(shown => shown.track === chosen.track);
		if (!row)
			return;
		const pad = row.kind === 'cpu' ? 5 : 2;
		const x = Math.max(LABELS, this.x(chosen.track.start[chosen.at]));
		const right = Math.min(this.width, this.x(chosen.track.end[chosen.at]));
		this.context.strokeStyle = colour;
		this.context.lineWidth = width;
		this.context.strokeRect(x - 0.5, AXIS + row.y - this.top + pad - 0.5,
			Math.max(2, right - x) + 1, row.height - 2 * pad - this.#below(row) + 1);
	}

	// All CPUs together, small, for a strip as wide as the rows.
	overview(canvas, width, height) {
		const ratio = window.devicePixelRatio || 1, context = canvas.getContext('2d');
		const shares = new Float64Array(this.facts.lanes.length), sum = new Float64Array(shares.length);
		canvas.width = Math.round(width * ratio);
		canvas.height = Math.round(height * ratio);
		context.setTransform(ratio, 0, 0, ratio, 0, 0);
		context.fillStyle = this.theme.row;
		context.fillRect(0, 0, width, height);
		for (let x = 0; x < width; x++) {
			sum.fill(0);
			for (const track of this.rows.cpuTracks) {
				track.shares(x / width * this.facts.span, (x + 1) / width * this.facts.span, shares);
				shares.forEach((share, layer) => { sum[layer] += share / this.facts.cpus; });
			}
			let foot = height;
			for (let k = 1; k <= sum.length; k++) {
				const part = sum[k % sum.length] * height;
				foot -= part;
				context.fillStyle = this.colour(k % sum.length);
				context.fillRect(x, foot, 1, part);
			}
		}
	}
}

function firstAtOrAfter(times, n, t) {
	let low = 0, high = n;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (times[middle] >= t)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}
