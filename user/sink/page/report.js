// report.js - the head of the page, and histograms of what the report counts.

function element(tag, attributes = {}, ...children) {
	const made = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes))
		made.setAttribute(name, value);
	made.append(...children);
	return made;
}

function putHead(facts) {
	const { report } = facts, head = document.getElementById('head');
	const title = report?.target?.job || facts.says || 'a recording';
	const line = [];
	document.title = `${title} - swtch`;
	head.append(element('h1', {}, title));
	if (report?.target?.job)
		head.append(element('p', { class: 'says' }, facts.says));
	if (facts.shows)
		head.append(element('p', { class: 'shows' }, facts.shows));
	if (report?.kernel)
		line.push(`Linux ${report.kernel}`);
	line.push(`${facts.cpus} CPUs`, `${duration(facts.span)} of time`,
		`${count(facts.events)} events`, `${count(facts.stretches)} stretches on a CPU`);
	head.append(element('p', { class: 'facts' }, line.join(' · ')));
	if (facts.leftOut)
		head.append(element('p', { class: 'bad', id: 'left-out' },
			`The timeline ends at ${logTime(facts, facts.leftOutFrom)}: a page has room for ` +
			`two million stretches and marks, and ${count(facts.leftOut)} events came later. ` +
			'Export another part with --from and --to.'));
	if (facts.gaps)
		head.append(element('p', { class: 'bad', id: 'lost' },
			`${facts.lost ? count(facts.lost) : 'Some'} events of this time were lost (red ` +
			'lines): where nothing is drawn, something may have run.'));
}

// Bars over powers of two, from the first that holds any to the last, of one scale.
function histogram(name, hue, log2, times) {
	const figure = element('figure', {}), bars = element('div', { class: 'bars' });
	const first = log2.findIndex(n => n), most = Math.max(...log2);
	const last = log2.length - 1 - [...log2].reverse().findIndex(n => n);
	const total = log2.reduce((sum, n) => sum + n, 0);
	const swatch = element('span', { class: 'swatch' });
	swatch.style.background = hue == null ? 'var(--hue-other)' : `var(--hue-${hue})`;
	figure.append(element('figcaption', {}, swatch, element('b', {}, name),
		` p50 ${duration(times.p50)} · p99 ${duration(times.p99)} · longest ${duration(times.max)}`));
	for (let i = first; i <= last; i++) {
		const bar = element('div', { class: 'bar' }), fill = element('div', { class: 'fill' });
		const words = `${duration(i ? 2 ** i : 0)} to ${duration(2 ** (i + 1))}: ` +
			`${count(log2[i])} (${(log2[i] / total * 100).toFixed(1)}%)`;
		fill.style.height = `${log2[i] ? Math.max(1, log2[i] / most * 100) : 0}%`;
		fill.style.background = swatch.style.background;
		bar.title = words;
		bar.append(fill, element('div', { class: 'from' }, duration(i ? 2 ** i : 0)));
		bars.append(bar);
	}
	figure.append(bars);
	return figure;
}

function putHistograms(facts) {
	const section = document.getElementById('histograms'), figures = [[], []];
	for (const lane of facts.report?.lanes ?? []) {
		const hue = facts.lanes.find(known => known.name === lane.name)?.hue;
		const sets = [lane.wait_latency_ns, lane.work?.latency_ns];
		sets.forEach((times, i) => {
			if (times?.log2?.some(n => n))
				figures[i].push(histogram(lane.name, hue, times.log2, times));
		});
	}
	const heads = ['From being woken to running', 'What the tasks measured themselves'];
	heads.forEach((head, i) => {
		if (figures[i].length)
			section.append(element('h2', {}, head), element('div', { class: 'figures' }, ...figures[i]));
	});
}
