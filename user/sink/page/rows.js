// rows.js - what stands below each other: CPUs, lanes that unfold to tasks, tasks that unfold to
// coroutines. Tracks are made when they are first seen.

const ROW_HEIGHTS = { cpu: 40, lane: 26, task: 24, coroutine: 18 };

class Rows {
	constructor(facts, store) {
		const { stretches, coroutines } = store;
		this.facts = facts;
		this.store = store;
		this.ofCpu = groupBy(stretches.cpu, stretches.n, facts.cpus);
		this.ofTask = groupBy(stretches.task, stretches.n, facts.tasks.length);
		this.coOfTask = groupBy(coroutines.task, coroutines.n, facts.tasks.length);
		this.tracks = new Map();
		this.unfolded = new Set();
		this.cpuTracks = Array.from({ length: facts.cpus }, (_, cpu) => this.cpuTrack(cpu));
		this.lanes = this.#tasksOfLanes();
		this.build();
	}

	laneOfTask(number) {
		const lane = this.facts.tasks[number][1];
		return lane < this.facts.lanes.length ? lane : 0;
	}

	// Tasks that ran, by lane, oldest pid first; those of no lane come last.
	#tasksOfLanes() {
		const lanes = this.facts.lanes.map((lane, number) => ({ lane: number, tasks: [] }));
		for (let task = 2; task < this.facts.tasks.length; task++)
			if (this.ofTask(task).length)
				lanes[this.laneOfTask(task)].tasks.push(task);
		lanes.push(lanes.shift());
		for (const lane of lanes)
			lane.tasks.sort((a, b) => this.facts.tasks[a][0] - this.facts.tasks[b][0]);
		return lanes.filter(lane => lane.tasks.length);
	}

	cpuTrack(cpu) {
		const s = this.store.stretches;
		return new Track(s, this.ofCpu(cpu), this.facts.lanes.length,
			i => this.laneOfTask(s.task[i]));
	}

	#memo(key, make) {
		if (!this.tracks.has(key))
			this.tracks.set(key, make());
		return this.tracks.get(key);
	}

	taskTrack(task) {
		const lane = this.laneOfTask(task);
		return this.#memo(`t${task}`, () => new Track(this.store.stretches, this.ofTask(task),
			this.facts.lanes.length, () => lane));
	}

	// The coroutines of a thread: their numbers, and a track of each.
	coroutinesOf(task) {
		return this.#memo(`c${task}`, () => {
			const c = this.store.coroutines, byId = new Map();
			for (const i of this.coOfTask(task)) {
				if (!byId.has(c.id[i]))
					byId.set(c.id[i], []);
				byId.get(c.id[i]).push(i);
			}
			return [...byId].sort((a, b) => a[0] - b[0]).map(([id, index]) => ({
				id,
				track: new Track(c, Uint32Array.from(index), this.facts.lanes.length,
					i => c.lane[i] < this.facts.lanes.length ? c.lane[i] : 0),
			}));
		});
	}

	toggle(key) {
		if (!this.unfolded.delete(key))
			this.unfolded.add(key);
		this.build();
	}

	build() {
		const rows = [];
		this.cpuTracks.forEach((track, cpu) => rows.push({ kind: 'cpu', cpu, track,
			label: `CPU ${cpu}` }));
		for (const { lane, tasks } of this.lanes) {
			const key = `lane${lane}`, open = this.unfolded.has(key);
			rows.push({ kind: 'lane', lane, key, open, foldable: true, detail: count(tasks.length),
				label: this.facts.lanes[lane].name });
			for (const task of open ? tasks : [])
				this.#addTask(rows, task);
		}
		this.list = rows;
		this.height = 0;
		for (const row of rows) {
			row.y = this.height;
			row.height = ROW_HEIGHTS[row.kind];
			this.height += row.height;
		}
	}

	#addTask(rows, task) {
		const [pid, , , name] = this.facts.tasks[task];
		const foldable = this.coOfTask(task).length > 0, key = `task${task}`;
		const open = foldable && this.unfolded.has(key);
		const trackOf = () => this.taskTrack(task);
		rows.push({ kind: 'task', task, key, foldable, open, label: `${name || '?'}:${pid}`,
			lane: this.laneOfTask(task), get track() { return trackOf(); } });
		for (const { id, track } of open ? this.coroutinesOf(task) : [])
			rows.push({ kind: 'coroutine', task, track, label: `co-${id}` });
	}

	// The row at a height, and its number; undefined below all.
	at(y) {
		return this.list.find(row => y >= row.y && y < row.y + row.height);
	}
}
