// data.js - what html.c packed: columns of numbers, and tracks made of them.
//
// Times are nanoseconds since the page's first instant, as numbers: exact for a hundred days.

async function unpack(text) {
	const raw = atob(text);
	const packed = new Uint8Array(raw.length);
	for (let i = 0; i < raw.length; i++)
		packed[i] = raw.charCodeAt(i);
	const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

const ITEM_STRETCH = 0, ITEM_COROUTINE = 1, ITEM_MARK = 2;
const LEFT = 1, WAITED = 2, WOKEN = 4;
const NOT_LEFT = 255;

function makeStore(facts) {
	const n = facts.stretches, c = facts.coroutines, m = facts.marks;
	return {
		stretches: {
			n: 0, start: new Float64Array(n), end: new Float64Array(n),
			cpu: new Uint16Array(n), task: new Uint32Array(n), state: new Uint8Array(n),
			waited: new Float64Array(n), waker: new Uint32Array(n),
			woken: new Float64Array(n), wakerCpu: new Uint16Array(n),
		},
		coroutines: {
			n: 0, start: new Float64Array(c), end: new Float64Array(c),
			task: new Uint32Array(c), id: new Uint32Array(c), lane: new Uint16Array(c),
		},
		marks: {
			n: 0, time: new Float64Array(m), kind: new Uint8Array(m),
			cpu: new Uint16Array(m), task: new Uint32Array(m), about: new Float64Array(m),
		},
	};
}

function decode(bytes, facts) {
	const store = makeStore(facts);
	const { stretches, coroutines, marks } = store;
	let at = 0, last = 0;

	function number() {
		let value = 0, scale = 1, byte;
		do {
			byte = bytes[at++];
			value += (byte & 127) * scale;
			scale *= 128;
		} while (byte & 128);
		return value;
	}
	function signed() {
		const value = number();
		return value % 2 ? -(value + 1) / 2 : value / 2;
	}
	function stretch(flags) {
		const i = stretches.n++;
		stretches.end[i] = last;
		stretches.start[i] = last - number();
		stretches.cpu[i] = number();
		stretches.task[i] = number();
		stretches.state[i] = flags & LEFT ? number() : NOT_LEFT;
		stretches.waited[i] = flags & WAITED ? number() : 0;
		stretches.woken[i] = -1;
		if (!(flags & WOKEN))
			return;
		stretches.waker[i] = number();
		stretches.woken[i] = stretches.start[i] - number();
		stretches.wakerCpu[i] = number();
	}
	function coroutine() {
		const i = coroutines.n++;
		coroutines.end[i] = last;
		coroutines.start[i] = last - number();
		coroutines.task[i] = number();
		coroutines.id[i] = number();
		coroutines.lane[i] = number();
	}
	function mark() {
		const i = marks.n++;
		marks.time[i] = last;
		marks.kind[i] = number();
		marks.cpu[i] = number();
		marks.task[i] = number();
		marks.about[i] = number();
	}

	while (at < bytes.length) {
		const tag = number();
		last += signed();
		if ((tag & 3) === ITEM_STRETCH)
			stretch(tag >> 2);
		else if ((tag & 3) === ITEM_COROUTINE)
			coroutine();
		else
			mark();
	}
	return store;
}

// The numbers of the items that have each key, in their order: group(g) of n keys.
function groupBy(keys, n, nKeys) {
	const from = new Uint32Array(nKeys + 1), index = new Uint32Array(n);
	for (let i = 0; i < n; i++)
		from[keys[i] + 1]++;
	for (let k = 0; k < nKeys; k++)
		from[k + 1] += from[k];
	const next = from.slice();
	for (let i = 0; i < n; i++)
		index[next[keys[i]]++] = i;
	return key => index.subarray(from[key], from[key + 1]);
}

// Stretches that follow each other without overlap, and what they sum up to by layer.
class Track {
	constructor(items, index, nLayers, layerOf) {
		const n = index.length;
		this.n = n;
		this.items = items;
		this.index = index;
		this.start = new Float64Array(n);
		this.end = new Float64Array(n);
		this.layer = new Uint8Array(n);
		this.sums = Array.from({ length: nLayers }, () => null);
		for (let i = 0; i < n; i++) {
			this.start[i] = items.start[index[i]];
			this.end[i] = items.end[index[i]];
			this.layer[i] = layerOf(index[i]);
		}
		for (let i = 0; i < n; i++)
			this.sums[this.layer[i]] ??= new Float64Array(n + 1);
		for (let layer = 0; layer < nLayers; layer++)
			this.#sum(this.sums[layer], layer);
	}

	#sum(sums, layer) {
		for (let i = 0; sums && i < this.n; i++)
			sums[i + 1] = sums[i] +
				(this.layer[i] === layer ? this.end[i] - this.start[i] : 0);
	}

	// The first that ends after t; n when none does.
	find(t) {
		let low = 0, high = this.n;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (this.end[middle] > t)
				high = middle;
			else
				low = middle + 1;
		}
		return low;
	}

	// The one at t, or -1.
	at(t) {
		const i = this.find(t);
		return i < this.n && this.start[i] <= t ? i : -1;
	}

	// Time of a layer from the beginning up to t, where i is find(t).
	upTo(t, i, layer) {
		const sums = this.sums[layer];
		if (!sums)
			return 0;
		const part = i < this.n && this.layer[i] === layer ? Math.max(0, t - this.start[i]) : 0;
		return sums[i] + part;
	}

	// Shares of each layer between two times, 0 to 1.
	shares(from, to, out) {
		const i = this.find(from), j = this.find(to);
		for (let layer = 0; layer < this.sums.length; layer++)
			out[layer] = (this.upTo(to, j, layer) - this.upTo(from, i, layer)) / (to - from);
		return j - i;
	}
}
