// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_rings.c - what hooks write, and what they never would: rings of both kinds, counters, figures of
 * tasks, anything at any place of them while they are read; through the merge into all that is made of
 * events. The first byte chooses the kind of rings, the rest is what is done.
 */
#include "fuzz.h"
#include "machine.h"

struct scene {
	struct script script;
	struct machine *machine;
	struct source *source;
	struct counts counts;
	struct task_table table;
	struct fuzz_reader reader;
};

static void take(const struct event *event, void *ctx)
{
	struct scene *scene = ctx;

	MUST(event->time_ns >= scene->reader.last_ns);
	fuzz_event(event, &scene->reader);
}

static void measure(struct scene *scene)
{
	struct source *source = scene->source;

	MUST(!source->counts(source, &scene->counts));
	state_measure(scene->reader.state, &scene->counts);
	task_table_clear(&scene->table, 0);
	MUST(!source->tasks(source, &scene->table));
	MUST(scene->table.n < MACHINE_N_SLOTS);
	MUST(!source->ended(source, &scene->table));
	for (size_t i = 0; i < scene->table.n; i++)
		MUST(scene->table.rows[i].lane < N_LANES_MAX &&
		     memchr(scene->table.rows[i].name, 0, TASK_NAME_LEN));
}

static void lose(struct scene *scene, unsigned cpu)
{
	struct cpu_counters *here = (struct cpu_counters *)scene->machine->parts[CPUS] + cpu;

	here->refused += script_number(&scene->script, 1);
	here->head += script_number(&scene->script, 1);
}

static void end_task(struct scene *scene)
{
	struct task_figures figures;

	script_take(&scene->script, &figures, sizeof(figures));
	machine_write_kernel(scene->machine, ENDED, &figures, sizeof(figures));
}

static void scribble(struct scene *scene)
{
	unsigned part = script_number(&scene->script, 1) % N_MACHINE_PARTS;

	script_scribble(&scene->script, scene->machine->parts[part], scene->machine->sizes[part]);
}

static void go_on(struct scene *scene)
{
	struct script *script = &scene->script;
	unsigned deed = script_number(script, 1), cpu = deed / N_DEEDS;
	struct event event;

	switch ((enum machine_deed)(deed % N_DEEDS)) {
	case WRITE:
		script_take(script, &event, sizeof(event));
		machine_write(scene->machine, cpu, &event);
		break;
	case LOSE:
		lose(scene, cpu % MACHINE_N_CPUS);
		break;
	case SCRIBBLE:
		scribble(scene);
		break;
	case HEAD:
		((struct cpu_counters *)scene->machine->parts[CPUS])[cpu % MACHINE_N_CPUS].head =
			script_number(script, 8);
		break;
	case END_TASK:
		end_task(scene);
		break;
	case POLL:
		MUST(scene->source->poll(scene->source, take, scene) >= 0);
		break;
	case MEASURE:
		measure(scene);
		break;
	default:
		live_listen(scene->source, cpu % 2);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct scene scene = { .script = { bytes, bytes + n } };

	scene.machine = machine_start(script_number(&scene.script, 1) & 1);
	scene.source = machine_open(scene.machine);
	MUST(!counts_init(&scene.counts, MACHINE_N_CPUS, MACHINE_N_LANES));
	fuzz_reader_init(&scene.reader, MACHINE_N_CPUS, MACHINE_N_LANES);
	while (!script_ends(&scene.script))
		go_on(&scene);
	MUST(scene.source->flush(scene.source, take, &scene) >= 0);
	measure(&scene);
	scene.source->free(scene.source);
	fuzz_reader_fini(&scene.reader);
	counts_fini(&scene.counts);
	task_table_fini(&scene.table);
	return 0;
}
