// words.js - times, tasks and what happened, in words. Text only: nothing here makes markup.

const UNITS = [[1e9, 's'], [1e6, 'ms'], [1e3, 'us'], [1, 'ns']];

function duration(ns) {
	for (const [size, unit] of UNITS)
		if (ns >= size || unit === 'ns') {
			const value = ns / size;
			const digits = unit === 'ns' || value >= 100 ? 0 : value >= 10 ? 1 : 2;
			return `${value.toFixed(digits)} ${unit}`;
		}
}

// As the log prints it: seconds since the start, to the nanosecond.
function logTime(facts, t) {
	const ns = Math.round(facts.from + t), size = Math.abs(ns);
	const part = String(size % 1e9).padStart(9, '0');
	return `${ns < 0 ? '-' : ''}${Math.floor(size / 1e9)}.${part} s`;
}

const count = n => n.toLocaleString('en-US');

const STATES = ['still runnable', 'sleeping', 'blocked', 'stopped', 'traced', 'dead', 'ended',
	'parked', 'idle'];
const VOLUNTARY = 0x80;

class Words {
	constructor(facts, store) {
		this.facts = facts;
		this.store = store;
	}

	task(number) {
		const task = this.facts.tasks[number];
		if (!task || number === 0)
			return 'a task that is not known';
		return number === 1 ? 'the idle task' : `${task[3] || '?'}:${task[0]}`;
	}

	lane(number) {
		const task = this.facts.tasks[number];
		const lane = task && this.facts.lanes[task[1]];
		return lane ? lane.name : 'other tasks';
	}

	left(state) {
		if (state === NOT_LEFT)
			return 'nobody saw it leave';
		const why = STATES[state & 0x7f] ?? 'in a state without a name';
		return `left ${state & VOLUNTARY ? 'voluntarily' : 'involuntarily'} (${why})`;
	}

	// Lines: the first is a title.
	stretch(i) {
		const s = this.store.stretches;
		const lines = [
			this.task(s.task[i]),
			`${this.lane(s.task[i])}, on CPU ${s.cpu[i]} for ${duration(s.end[i] - s.start[i])}`,
			`came at ${logTime(this.facts, s.start[i])}`,
			this.left(s.state[i]),
		];
		if (s.waited[i])
			lines.push(`had waited for the CPU ${duration(s.waited[i])}`);
		if (s.woken[i] >= 0) {
			const before = duration(s.start[i] - s.woken[i]);
			lines.push(`woken by ${this.task(s.waker[i])} on CPU ${s.wakerCpu[i]}, ` +
				`${before} before it came`);
		}
		return lines;
	}

	coroutine(i) {
		const c = this.store.coroutines;
		return [
			`co-${c.id[i]}`,
			`in ${this.task(c.task[i])} for ${duration(c.end[i] - c.start[i])}`,
			`resumed at ${logTime(this.facts, c.start[i])}`,
		];
	}

	mark(i) {
		const m = this.store.marks, about = m.about[i], who = this.task(m.task[i]);
		const what = {
			clone: () => `${who} makes ${this.task(about)}`,
			exec: () => `${who} runs another program`,
			exit: () => `${who} ends, status ${about >> 8}` +
				(about & 127 ? `, killed by signal ${about & 127}` : ''),
			lost: () => `${about ? count(about) : 'some'} events lost`,
		}[this.facts.kinds[m.kind[i]]];
		return what ? what() : who;
	}

	shares(n, shares, from, to) {
		const lines = [`${count(n)} switches in ${duration(to - from)}`];
		let rest = 1;
		shares.forEach((share, layer) => {
			rest -= share;
			if (share >= 0.0005)
				lines.push(`${(share * 100).toFixed(1)}% ${this.facts.lanes[layer].name}`);
		});
		if (rest >= 0.0005)
			lines.push(`${(rest * 100).toFixed(1)}% idle, or not known`);
		lines.push('zoom in to see each');
		return lines;
	}
}
