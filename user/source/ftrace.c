// SPDX-License-Identifier: GPL-2.0-only
/* ftrace.c - columns in step, and a table of the kinds of single events. */
#include "source/ftrace.h"

#include <string.h>

#include "event/infer.h"
#include "event/names.h"

#define N_FIELDS 16 /* of one event that are looked at: numbers 1 to 15 */

/* The fields of a single event, by number. */
struct fields {
	uint64_t value[N_FIELDS];
	const uint8_t *bytes[N_FIELDS];
	size_t n[N_FIELDS];
};

static bool is_pid(uint64_t pid)
{
	return pid <= TASK_PID_MASK;
}

static uint8_t leave_state(uint64_t bits)
{
	static const struct {
		uint16_t bit;
		uint8_t state;
	} states[] = { { PREV_SLEEPING, LEAVE_SLEEPING }, { PREV_IDLE, LEAVE_IDLE },
		       { PREV_BLOCKED, LEAVE_BLOCKED },	  { PREV_STOPPED, LEAVE_STOPPED },
		       { PREV_TRACED, LEAVE_TRACED },	  { PREV_DEAD, LEAVE_DEAD },
		       { PREV_ZOMBIE, LEAVE_ZOMBIE },	  { PREV_PARKED, LEAVE_PARKED } };

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (bits & states[i].bit)
			return states[i].state;
	return LEAVE_RUNNABLE;
}

static void tell_comm(const struct ftrace_reader *reader, uint64_t pid, const uint8_t *name,
		      size_t n)
{
	if (reader->comm && n)
		reader->comm((uint32_t)pid, name, n, reader->ctx);
}

/* --- columns --------------------------------------------------------------------------------------- */

struct columns {
	struct wire_in at[COMPACT_WAKING_FLAGS + 1]; /* by enum compact_field */
};

/* The first names of the table; what lies behind them is not told. */
#define N_NAMES 4096

struct name_table {
	unsigned n;
	struct {
		const uint8_t *bytes;
		size_t n;
	} names[N_NAMES];
};

static void read_names(struct name_table *table, struct wire_in in)
{
	struct wire_field field;

	table->n = 0;
	while (table->n < N_NAMES && wire_next(&in, &field)) {
		if (field.number != COMPACT_NAMES)
			continue;
		table->names[table->n].bytes = field.bytes;
		table->names[table->n++].n = field.n;
	}
}

static void tell_name(const struct ftrace_reader *reader, const struct name_table *table,
		      uint64_t pid, uint64_t number)
{
	if (number < table->n)
		tell_comm(reader, pid, table->names[number].bytes, table->names[number].n);
}

static int read_switches(struct ftrace_reader *reader, struct columns *columns,
			 const struct name_table *table)
{
	struct wire_in *times = &columns->at[COMPACT_SWITCH_TIMESTAMP];
	struct wire_in *states = &columns->at[COMPACT_SWITCH_PREV_STATE];
	struct wire_in *pids = &columns->at[COMPACT_SWITCH_NEXT_PID];
	struct wire_in *names = &columns->at[COMPACT_SWITCH_NEXT_NAME];
	struct event event = { .kind = EVENT_SWITCH, .cpu = (uint16_t)reader->cpu };
	bool leads = reader->leads && reader->leads(reader->cpu, reader->ctx);
	uint64_t time = 0;
	int err = 0;

	while (!err && wire_more(times) && wire_more(states) && wire_more(pids)) {
		uint64_t state, pid, name;

		time += wire_number(times);
		state = wire_number(states);
		pid = wire_number(pids);
		name = wire_more(names) ? wire_number(names) : UINT64_MAX;
		if (leads || pid == PID_NOT_WATCHED) {
			leads = false;
			continue;
		}
		if (!is_pid(pid)) {
			reader->n_absurd++;
			continue;
		}
		event.time_ns = time - reader->offset_ns;
		event.state = leave_state(state);
		event.seq = INFER_TASK;
		event.to.next = (uint32_t)pid;
		err = reader->event(&event, STREAM_SWITCHES, reader->ctx);
		tell_name(reader, table, pid, name);
	}
	return err ? err : times->broken || states->broken || pids->broken ? -EBADMSG : 0;
}

static int read_wakings(struct ftrace_reader *reader, struct columns *columns,
			const struct name_table *table)
{
	struct wire_in *times = &columns->at[COMPACT_WAKING_TIMESTAMP];
	struct wire_in *pids = &columns->at[COMPACT_WAKING_PID];
	struct wire_in *cpus = &columns->at[COMPACT_WAKING_TARGET_CPU];
	struct wire_in *names = &columns->at[COMPACT_WAKING_NAME];
	struct event event = { .kind = EVENT_WAKING, .cpu = (uint16_t)reader->cpu };
	uint64_t time = 0;
	int err = 0;

	while (!err && wire_more(times) && wire_more(pids) && wire_more(cpus)) {
		uint64_t pid, cpu, name;

		time += wire_number(times);
		pid = wire_number(pids);
		cpu = wire_number(cpus);
		name = wire_more(names) ? wire_number(names) : UINT64_MAX;
		if (!is_pid(pid) || cpu > UINT32_MAX) {
			reader->n_absurd++;
			continue;
		}
		event.time_ns = time - reader->offset_ns;
		event.seq = INFER_TASK;
		event.wake.wakee = (uint32_t)pid;
		event.wake.target_cpu = (uint32_t)cpu;
		err = reader->event(&event, STREAM_WAKINGS, reader->ctx);
		tell_name(reader, table, pid, name);
	}
	return err ? err : times->broken || pids->broken || cpus->broken ? -EBADMSG : 0;
}

static int read_compact(struct ftrace_reader *reader, struct wire_in in)
{
	struct columns columns = { 0 };
	struct name_table table;
	struct wire_in all = in;
	struct wire_field field;
	int err;

	while (wire_next(&in, &field))
		if (field.number <= COMPACT_WAKING_FLAGS && field.number != COMPACT_NAMES)
			columns.at[field.number] = wire_inside(&field);
	if (in.broken)
		return -EBADMSG;
	table.n = 0;
	if (reader->comm)
		read_names(&table, all);
	err = read_switches(reader, &columns, &table);
	return err ? err : read_wakings(reader, &columns, &table);
}

/* --- single events ------------------------------------------------------------------------------------ */

/* Each takes an event with time, CPU and the task that ran; false: it has what cannot be. */

static bool take_switch(struct event *event, const struct fields *fields)
{
	event->task = (uint32_t)fields->value[SWITCH_PREV_PID];
	event->state = leave_state(fields->value[SWITCH_PREV_STATE]);
	event->to.next = (uint32_t)fields->value[SWITCH_NEXT_PID];
	return is_pid(fields->value[SWITCH_PREV_PID]) && is_pid(fields->value[SWITCH_NEXT_PID]);
}

static bool take_waking(struct event *event, const struct fields *fields)
{
	event->wake.wakee = (uint32_t)fields->value[WAKING_PID];
	event->wake.target_cpu = (uint32_t)fields->value[WAKING_TARGET_CPU];
	return is_pid(fields->value[WAKING_PID]) && fields->value[WAKING_TARGET_CPU] <= UINT32_MAX;
}

static bool take_new(struct event *event, const struct fields *fields)
{
	event->wake.is_new = 1;
	return take_waking(event, fields);
}

static bool take_migrate(struct event *event, const struct fields *fields)
{
	event->task = (uint32_t)fields->value[MIGRATE_PID];
	event->move.from_cpu = (uint32_t)fields->value[MIGRATE_FROM_CPU];
	event->move.to_cpu = (uint32_t)fields->value[MIGRATE_TO_CPU];
	return is_pid(fields->value[MIGRATE_PID]);
}

static bool take_clone(struct event *event, const struct fields *fields)
{
	event->made.child = (uint32_t)fields->value[NEWTASK_PID];
	event->made.flags_low = (uint32_t)fields->value[NEWTASK_FLAGS];
	event->made.flags_high = (uint32_t)(fields->value[NEWTASK_FLAGS] >> 32);
	return is_pid(fields->value[NEWTASK_PID]);
}

static bool take_rename(struct event *event, const struct fields *fields)
{
	char name[TASK_NAME_LEN] = "";
	size_t n = fields->n[RENAME_NEW];

	if (n)
		memcpy(name, fields->bytes[RENAME_NEW], n < sizeof(name) ? n : sizeof(name) - 1);
	event->task = (uint32_t)fields->value[RENAME_PID];
	event_set_name(event, name);
	return is_pid(fields->value[RENAME_PID]);
}

static bool take_exec(struct event *event, const struct fields *fields)
{
	event->task = (uint32_t)fields->value[EXEC_PID];
	event->to.next = (uint32_t)fields->value[EXEC_OLD_PID];
	return is_pid(fields->value[EXEC_PID]);
}

static bool take_exit(struct event *event, const struct fields *fields)
{
	event->task = (uint32_t)fields->value[EXIT_PID];
	return is_pid(fields->value[EXIT_PID]);
}

static const struct kind {
	uint32_t field;
	enum event_kind kind;
	bool (*take)(struct event *event, const struct fields *fields);
	uint8_t pid, comm;	       /* fields of a task and its name; 0: none */
	uint8_t other_pid, other_comm; /* likewise */
} kinds[] = {
	{ FTRACE_SCHED_SWITCH, EVENT_SWITCH, take_switch, SWITCH_PREV_PID, SWITCH_PREV_COMM,
	  SWITCH_NEXT_PID, SWITCH_NEXT_COMM },
	{ FTRACE_SCHED_WAKING, EVENT_WAKING, take_waking, WAKING_PID, WAKING_COMM, 0, 0 },
	{ FTRACE_SCHED_WAKEUP_NEW, EVENT_WAKING, take_new, WAKING_PID, WAKING_COMM, 0, 0 },
	{ FTRACE_SCHED_MIGRATE_TASK, EVENT_MIGRATE, take_migrate, MIGRATE_PID, MIGRATE_COMM, 0, 0 },
	{ FTRACE_TASK_NEWTASK, EVENT_CLONE, take_clone, 0, 0, 0, 0 },
	{ FTRACE_TASK_RENAME, EVENT_NAME, take_rename, 0, 0, 0, 0 },
	{ FTRACE_SCHED_PROCESS_EXEC, EVENT_EXEC, take_exec, 0, 0, 0, 0 },
	{ FTRACE_SCHED_PROCESS_EXIT, EVENT_EXIT, take_exit, EXIT_PID, EXIT_COMM, 0, 0 },
};

static const struct kind *find_kind(uint32_t field)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].field == field)
			return &kinds[i];
	return NULL;
}

static bool read_fields(struct wire_in in, struct fields *fields)
{
	struct wire_field field;

	while (wire_next(&in, &field)) {
		if (field.number >= N_FIELDS)
			continue;
		fields->value[field.number] = field.value;
		fields->bytes[field.number] = field.bytes;
		fields->n[field.number] = field.n;
	}
	return !in.broken;
}

static int take(struct ftrace_reader *reader, struct event *event, const struct kind *kind,
		struct wire_in in)
{
	struct fields fields = { 0 };
	int err;

	event->kind = (uint8_t)kind->kind;
	if (!read_fields(in, &fields))
		return -EBADMSG;
	if (!kind->take(event, &fields)) {
		reader->n_absurd++;
		return 0;
	}
	err = reader->event(event, kind->kind == EVENT_SWITCH ? STREAM_SWITCHES : STREAM_OTHERS,
			    reader->ctx);
	if (kind->comm)
		tell_comm(reader, fields.value[kind->pid], fields.bytes[kind->comm],
			  fields.n[kind->comm]);
	if (kind->other_comm)
		tell_comm(reader, fields.value[kind->other_pid], fields.bytes[kind->other_comm],
			  fields.n[kind->other_comm]);
	return err;
}

static int read_single(struct ftrace_reader *reader, struct wire_in in)
{
	struct event event = { .cpu = (uint16_t)reader->cpu };
	const struct kind *kind = NULL;
	struct wire_in inside = { 0 };
	struct wire_field field;

	while (wire_next(&in, &field)) {
		if (field.number == FTRACE_TIMESTAMP) {
			event.time_ns = field.value - reader->offset_ns;
		} else if (field.number == FTRACE_PID) {
			event.task = is_pid(field.value) ? (uint32_t)field.value : 0;
		} else if (field.type == WIRE_BYTES) {
			kind = find_kind(field.number);
			inside = wire_inside(&field);
		}
	}
	if (in.broken)
		return -EBADMSG;
	if (kind)
		return take(reader, &event, kind, inside);
	reader->n_unknown++;
	return 0;
}

int ftrace_read(struct ftrace_reader *reader, struct wire_in bundle)
{
	struct wire_in in = bundle;
	struct wire_field field;
	int err = 0;

	reader->cpu = 0;
	reader->lost = false;
	while (wire_next(&in, &field)) {
		if (field.number == BUNDLE_CPU)
			reader->cpu =
				field.value < CPU_UNKNOWN ? (unsigned)field.value : CPU_UNKNOWN;
		else if (field.number == BUNDLE_LOST_EVENTS)
			reader->lost = field.value != 0;
	}
	if (in.broken)
		return -EBADMSG;
	if (reader->cpu >= reader->n_cpus) {
		reader->n_absurd++;
		return 0;
	}
	while (!err && wire_next(&bundle, &field)) {
		if (field.number == BUNDLE_COMPACT_SCHED)
			err = read_compact(reader, wire_inside(&field));
		else if (field.number == BUNDLE_EVENT)
			err = read_single(reader, wire_inside(&field));
	}
	return err;
}
