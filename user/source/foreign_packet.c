// SPDX-License-Identifier: GPL-2.0-only
/* foreign_packet.c - the packets of another tool that say something of scheduling; which do not. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/lost.h"

#include "source/foreign_private.h"

/* --- who is who ------------------------------------------------------------------------------------ */

static void copy_name(char name[TASK_NAME_LEN], const uint8_t *bytes, size_t n)
{
	memset(name, 0, TASK_NAME_LEN);
	if (n)
		memcpy(name, bytes, n < TASK_NAME_LEN ? n : TASK_NAME_LEN - 1);
}

static void set_name(struct names *names, uint32_t pid, const char *name)
{
	struct event event = { .kind = EVENT_NAME, .task = pid };

	event_set_name(&event, name);
	names_apply(names, &event);
}

/* Never 0. */
static uint32_t hash_name(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash ? hash : 1;
}

void foreign_learn_name(struct foreign *foreign, uint32_t pid, const uint8_t *bytes, size_t n)
{
	char name[TASK_NAME_LEN];

	if (!pid || pid > TASK_PID_MASK || !n || foreign->tasks[pid].name)
		return;
	copy_name(name, bytes, n);
	foreign->tasks[pid].name = hash_name(name);
	set_name(foreign->names, pid, name);
}

void foreign_learn_group(struct foreign *foreign, uint64_t pid, uint64_t tgid)
{
	if (pid && pid <= TASK_PID_MASK && tgid && tgid <= TASK_PID_MASK)
		foreign->tasks[pid].tgid = (uint32_t)tgid;
}

/* "/usr/bin/vim" is called vim. */
static void learn_program(struct foreign *foreign, uint64_t tgid, const struct wire_field *path)
{
	const uint8_t *bytes = path->bytes, *slash;
	size_t n = path->type == WIRE_BYTES ? path->n : 0;
	char name[TASK_NAME_LEN];

	if (!n || !tgid || tgid > TASK_PID_MASK)
		return;
	slash = memrchr(bytes, '/', n);
	if (slash && slash + 1 < bytes + n) {
		n -= (size_t)(slash + 1 - bytes);
		bytes = slash + 1;
	}
	copy_name(name, bytes, n);
	set_name(foreign->programs, (uint32_t)tgid, name);
}

/* A process, in the messages that tell of one: which fields are its pid, and what it runs. */
static void learn_process(struct foreign *foreign, struct wire_in in, uint32_t pid_field,
			  uint32_t path_field)
{
	struct wire_field field, path = { 0 };
	uint64_t pid = 0;

	while (wire_next(&in, &field)) {
		if (field.number == pid_field)
			pid = field.value;
		else if (field.number == path_field && !path.n)
			path = field; /* the first of a command line */
	}
	learn_program(foreign, pid, &path);
	foreign_learn_group(foreign, pid, pid);
}

static void learn_thread(struct foreign *foreign, struct wire_in in, uint32_t tid_field,
			 uint32_t tgid_field, uint32_t name_field)
{
	struct wire_field field, name = { 0 };
	uint64_t tid = 0, tgid = 0;

	while (wire_next(&in, &field)) {
		if (field.number == tid_field)
			tid = field.value;
		else if (field.number == tgid_field)
			tgid = field.value;
		else if (field.number == name_field && field.type == WIRE_BYTES)
			name = field;
	}
	foreign_learn_group(foreign, tid, tgid);
	if (tid <= TASK_PID_MASK)
		foreign_learn_name(foreign, (uint32_t)tid, name.bytes, name.n);
}

static int take_tree(struct foreign *foreign, struct wire_in in)
{
	struct wire_field field;

	while (wire_next(&in, &field)) {
		if (field.number == TREE_PROCESS)
			learn_process(foreign, wire_inside(&field), PROCESS_PID, PROCESS_CMDLINE);
		else if (field.number == TREE_THREAD)
			learn_thread(foreign, wire_inside(&field), THREAD_TID, THREAD_TGID,
				     THREAD_NAME);
	}
	return 0;
}

static int take_process(struct foreign *foreign, struct wire_in in)
{
	learn_process(foreign, in, TRACK_PROCESS_PID, TRACK_PROCESS_CMDLINE);
	learn_process(foreign, in, TRACK_PROCESS_PID, TRACK_PROCESS_NAME);
	return 0;
}

static int take_thread(struct foreign *foreign, struct wire_in in)
{
	learn_thread(foreign, in, TRACK_THREAD_TID, TRACK_THREAD_PID, TRACK_THREAD_NAME);
	return 0;
}

static int take_track(struct foreign *foreign, struct wire_in in)
{
	struct wire_field field;

	while (wire_next(&in, &field)) {
		if (field.number == TRACK_PROCESS)
			take_process(foreign, wire_inside(&field));
		else if (field.number == TRACK_THREAD)
			take_thread(foreign, wire_inside(&field));
	}
	return 0;
}

static int take_track_event(struct foreign *foreign, struct wire_in in)
{
	(void)in;
	foreign->n_track_events++;
	return 0;
}

/* --- the system, clocks ------------------------------------------------------------------------------ */

/* Bits of states moved in Linux 4.14; without a release they are taken for today's. */
static bool is_before_4_14(const char *release)
{
	unsigned major, minor;

	return sscanf(release, "%u.%u", &major, &minor) == 2 &&
	       (major < 4 || (major == 4 && minor < 14));
}

static int take_system(struct foreign *foreign, struct wire_in in)
{
	struct wire_field field;
	struct foreign_facts *facts = &foreign->facts;

	while (wire_next(&in, &field)) {
		struct wire_in uts = wire_inside(&field);

		if (field.number != SYSTEM_UTSNAME)
			continue;
		while (wire_next(&uts, &field))
			if (field.number == UTSNAME_RELEASE && field.type == WIRE_BYTES)
				snprintf(facts->kernel, sizeof(facts->kernel), "%.*s",
					 (int)(field.n < sizeof(facts->kernel)
						       ? field.n
						       : sizeof(facts->kernel) - 1),
					 field.n ? (const char *)field.bytes : "");
	}
	foreign->old_states = is_before_4_14(facts->kernel);
	return 0;
}

static void set_clock(struct foreign *foreign, uint64_t clock, uint64_t time, uint64_t boot)
{
	if (!clock || clock >= N_FTRACE_CLOCKS || foreign->clocks[clock].known)
		return;
	foreign->clocks[clock] = (struct foreign_clock){ true, time - boot };
}

static int take_clocks(struct foreign *foreign, struct wire_in in)
{
	struct wire_field field;
	uint64_t raw = 0, boot = 0;

	while (wire_next(&in, &field)) {
		struct wire_in clock = wire_inside(&field);
		uint64_t id = 0, time = 0;

		if (field.number != SNAPSHOT_CLOCK)
			continue;
		while (wire_next(&clock, &field)) {
			if (field.number == CLOCK_FIELD_ID)
				id = field.value;
			else if (field.number == CLOCK_FIELD_TIME)
				time = field.value;
		}
		if (id == CLOCK_ID_MONOTONIC_RAW)
			raw = time;
		else if (id == CLOCK_ID_BOOTTIME)
			boot = time;
	}
	if (raw && boot)
		set_clock(foreign, FTRACE_CLOCK_MONO_RAW, raw, boot);
	return 0;
}

/* What to take off the times of a bundle. */
static uint64_t bundle_offset(struct foreign *foreign, struct wire_in in)
{
	uint64_t clock = FTRACE_CLOCK_BOOT, time = 0, boot = 0;
	struct wire_field field;

	while (wire_next(&in, &field)) {
		if (field.number == BUNDLE_CLOCK)
			clock = field.value;
		else if (field.number == BUNDLE_CLOCK_TIME)
			time = field.value;
		else if (field.number == BUNDLE_BOOT_TIME)
			boot = field.value;
	}
	if (time && boot)
		set_clock(foreign, clock, time, boot);
	if (clock == FTRACE_CLOCK_BOOT)
		return 0;
	if (clock < N_FTRACE_CLOCKS && foreign->clocks[clock].known)
		return foreign->clocks[clock].offset_ns;
	foreign->n_unclocked++;
	return 0;
}

/* --- events: the first pass --------------------------------------------------------------------------- */

static void sample(struct foreign *foreign, uint64_t time_ns)
{
	if (!time_ns || foreign->n_sampled++ % foreign->stride)
		return;
	if (foreign->n_samples == FOREIGN_N_SAMPLES) {
		for (unsigned i = 0; i < FOREIGN_N_SAMPLES / 2; i++)
			foreign->samples[i] = foreign->samples[2 * i];
		foreign->n_samples = FOREIGN_N_SAMPLES / 2;
		foreign->stride *= 2;
	}
	foreign->samples[foreign->n_samples++] = time_ns;
}

static int scan_event(const struct event *event, enum cpu_stream stream, void *ctx)
{
	struct foreign *foreign = ctx;
	uint32_t *n;

	(void)stream;
	sample(foreign, event->time_ns);
	foreign->facts.n_events++;
	if (foreign->ftrace.cpu >= foreign->facts.n_cpus)
		foreign->facts.n_cpus = foreign->ftrace.cpu + 1;
	if (event->kind == EVENT_SWITCH) {
		foreign->facts.n_switches++;
		if (event->to.next >= foreign->n_pids)
			foreign->n_pids = event->to.next + 1;
		n = &foreign->tasks[event->to.next].n_switches;
		*n += *n < UINT32_MAX;
	} else if (event->kind == EVENT_CLONE && event->made.flags_low & CLONE_THREAD) {
		foreign_learn_group(foreign, event->made.child,
				    foreign_group(foreign, event->task));
	} else if (event->kind == EVENT_NAME &&
		   foreign_group(foreign, event->task) == event->task) {
		names_apply(foreign->programs, event); /* an exec, mostly: another program now */
	}
	return 0;
}

static void scan_comm(uint32_t pid, const uint8_t *name, size_t n, void *ctx)
{
	foreign_learn_name(ctx, pid, name, n);
}

/* --- events: the second pass -------------------------------------------------------------------------- */

int foreign_let_go(struct foreign *foreign)
{
	if (foreign->err || !foreign->holds)
		return foreign->err;
	foreign->holds = false;
	return reorder_push(foreign->reorder, &foreign->held);
}

/* Where the trace has a gap: nobody knows how many are gone. */
static int tell_loss(struct foreign *foreign, uint64_t time_ns)
{
	struct event lost = event_lost(foreign->ftrace.cpu, time_ns, 0, 0);

	foreign->told_loss = true;
	return reorder_push(foreign->reorder, &lost);
}

static uint8_t state_before_4_14(uint8_t state)
{
	return state == LEAVE_IDLE ? LEAVE_BLOCKED : state == LEAVE_PARKED ? LEAVE_DEAD : state;
}

static int play_event(const struct event *event, enum cpu_stream stream, void *ctx)
{
	struct foreign *foreign = ctx;
	int err = foreign_let_go(foreign);

	(void)stream;
	if (!err && (event->time_ns < foreign->from_ns || event->time_ns > foreign->until_ns)) {
		foreign->n_absurd_times++;
		return 0;
	}
	if (!err && foreign->ftrace.lost && !foreign->told_loss)
		err = tell_loss(foreign, event->time_ns);
	if (err)
		return err;
	foreign->held = *event;
	foreign->holds = true;
	if (event->kind == EVENT_SWITCH && foreign->old_states)
		foreign->held.state = state_before_4_14(event->state);
	return 0;
}

/* A name that is another than the last one met: told before the event that it was met with. */
static void play_comm(uint32_t pid, const uint8_t *bytes, size_t n, void *ctx)
{
	struct foreign *foreign = ctx;
	struct event event = { .time_ns = foreign->held.time_ns, .kind = EVENT_NAME, .task = pid };
	char name[TASK_NAME_LEN];
	uint32_t hash;

	if (foreign->err || !foreign->holds || !pid || pid > TASK_PID_MASK)
		return;
	copy_name(name, bytes, n);
	hash = hash_name(name);
	if (hash == foreign->tasks[pid].name)
		return;
	foreign->tasks[pid].name = hash;
	event_set_name(&event, name);
	foreign->err = reorder_push(foreign->reorder, &event);
}

static int take_bundle(struct foreign *foreign, struct wire_in in)
{
	struct ftrace_reader *ftrace = &foreign->ftrace;
	int err;

	ftrace->event = foreign->pass == 1 ? scan_event : play_event;
	ftrace->comm = foreign->pass == 1 ? scan_comm : play_comm;
	ftrace->ctx = foreign;
	ftrace->n_cpus = RECORDING_N_CPUS_MAX;
	ftrace->offset_ns = bundle_offset(foreign, in);
	foreign->told_loss = false;
	err = ftrace_read(ftrace, in);
	if (err == -EBADMSG) {
		foreign->n_damaged++;
		err = 0;
	}
	return err ? err : foreign_let_go(foreign);
}

/* --- packets ------------------------------------------------------------------------------------------ */

static const struct {
	uint32_t field;
	bool twice; /* else who made the first pass knows it */
	int (*take)(struct foreign *foreign, struct wire_in in);
} kinds[] = {
	{ PACKET_FTRACE_EVENTS, true, take_bundle },
	{ PACKET_TRACK_EVENT, true, take_track_event },
	{ PACKET_PROCESS_TREE, false, take_tree },
	{ PACKET_CLOCK_SNAPSHOT, false, take_clocks },
	{ PACKET_SYSTEM_INFO, false, take_system },
	{ PACKET_PROCESS_DESCRIPTOR, false, take_process },
	{ PACKET_THREAD_DESCRIPTOR, false, take_thread },
	{ PACKET_TRACK_DESCRIPTOR, false, take_track },
};

#define N_KINDS (sizeof(kinds) / sizeof(*kinds))

int foreign_packet(struct wire_in packet, void *ctx)
{
	struct foreign *foreign = ctx;
	struct wire_in all = packet;
	struct wire_field field;
	bool known = false;
	int err = 0;

	while (wire_next(&packet, &field)) {
		if (field.number != PACKET_MACHINE || !field.value)
			continue;
		foreign->n_machines++;
		return 0;
	}
	if (packet.broken)
		foreign->n_damaged++;
	while (!err && !packet.broken && wire_next(&all, &field)) {
		for (size_t i = 0; i < N_KINDS && !err; i++) {
			if (kinds[i].field != field.number || field.type != WIRE_BYTES)
				continue;
			known = true;
			if (kinds[i].twice || foreign->pass == 1)
				err = kinds[i].take(foreign, wire_inside(&field));
		}
	}
	foreign->n_other_packets += !known && !packet.broken;
	return err;
}
