// SPDX-License-Identifier: GPL-2.0-only
/* test_schema.c - the numbers that the code writes and reads are those of the .proto files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/wire.h"
#include "event/descriptor.h"
#include "event/recording.h"

/* What field `name` of `message` must be. */
struct row {
	const char *message, *name;
	uint32_t number;
};

#define P(message, name, number)                                                                   \
	{                                                                                          \
		"perfetto.protos." message, name, number                                           \
	}
#define S(message, name, number)                                                                   \
	{                                                                                          \
		"swtch." message, name, number                                                     \
	}

static const struct row rows[] = {
	P("Trace", "packet", TRACE_PACKET),
	P("TracePacket", "ftrace_events", PACKET_FTRACE_EVENTS),
	P("TracePacket", "process_tree", PACKET_PROCESS_TREE),
	P("TracePacket", "clock_snapshot", PACKET_CLOCK_SNAPSHOT),
	P("TracePacket", "timestamp", PACKET_TIMESTAMP),
	P("TracePacket", "trusted_packet_sequence_id", PACKET_SEQUENCE_ID),
	P("TracePacket", "track_event", PACKET_TRACK_EVENT),
	P("TracePacket", "interned_data", PACKET_INTERNED_DATA),
	P("TracePacket", "process_descriptor", PACKET_PROCESS_DESCRIPTOR),
	P("TracePacket", "thread_descriptor", PACKET_THREAD_DESCRIPTOR),
	P("TracePacket", "machine_id", PACKET_MACHINE),
	P("TracePacket", "zstd_compressed_packets", PACKET_ZSTD),
	P("TracePacket", "sequence_flags", PACKET_SEQUENCE_FLAGS),
	P("TracePacket", "system_info", PACKET_SYSTEM_INFO),
	P("TracePacket", "compressed_packets", PACKET_COMPRESSED),
	P("TracePacket", "timestamp_clock_id", PACKET_TIMESTAMP_CLOCK),
	P("TracePacket", "trace_packet_defaults", PACKET_DEFAULTS),
	P("TracePacket", "track_descriptor", PACKET_TRACK_DESCRIPTOR),
	P("TracePacket", "extension_descriptor", PACKET_EXTENSION_DESCRIPTOR),
	P("FtraceEventBundle", "cpu", BUNDLE_CPU),
	P("FtraceEventBundle", "event", BUNDLE_EVENT),
	P("FtraceEventBundle", "lost_events", BUNDLE_LOST_EVENTS),
	P("FtraceEventBundle", "compact_sched", BUNDLE_COMPACT_SCHED),
	P("FtraceEventBundle", "ftrace_clock", BUNDLE_CLOCK),
	P("FtraceEventBundle", "ftrace_timestamp", BUNDLE_CLOCK_TIME),
	P("FtraceEventBundle", "boot_timestamp", BUNDLE_BOOT_TIME),
	P("FtraceClock", "FTRACE_CLOCK_MONO_RAW", FTRACE_CLOCK_MONO_RAW),
	P("FtraceEventBundle.CompactSched", "switch_timestamp", COMPACT_SWITCH_TIMESTAMP),
	P("FtraceEventBundle.CompactSched", "switch_prev_state", COMPACT_SWITCH_PREV_STATE),
	P("FtraceEventBundle.CompactSched", "switch_next_pid", COMPACT_SWITCH_NEXT_PID),
	P("FtraceEventBundle.CompactSched", "switch_next_prio", COMPACT_SWITCH_NEXT_PRIO),
	P("FtraceEventBundle.CompactSched", "intern_table", COMPACT_NAMES),
	P("FtraceEventBundle.CompactSched", "switch_next_comm_index", COMPACT_SWITCH_NEXT_NAME),
	P("FtraceEventBundle.CompactSched", "waking_timestamp", COMPACT_WAKING_TIMESTAMP),
	P("FtraceEventBundle.CompactSched", "waking_pid", COMPACT_WAKING_PID),
	P("FtraceEventBundle.CompactSched", "waking_target_cpu", COMPACT_WAKING_TARGET_CPU),
	P("FtraceEventBundle.CompactSched", "waking_prio", COMPACT_WAKING_PRIO),
	P("FtraceEventBundle.CompactSched", "waking_comm_index", COMPACT_WAKING_NAME),
	P("FtraceEventBundle.CompactSched", "waking_common_flags", COMPACT_WAKING_FLAGS),
	P("FtraceEvent", "timestamp", FTRACE_TIMESTAMP),
	P("FtraceEvent", "pid", FTRACE_PID),
	P("FtraceEvent", "sched_switch", FTRACE_SCHED_SWITCH),
	P("FtraceEvent", "sched_waking", FTRACE_SCHED_WAKING),
	P("FtraceEvent", "sched_wakeup_new", FTRACE_SCHED_WAKEUP_NEW),
	P("FtraceEvent", "task_newtask", FTRACE_TASK_NEWTASK),
	P("FtraceEvent", "task_rename", FTRACE_TASK_RENAME),
	P("FtraceEvent", "sched_process_exec", FTRACE_SCHED_PROCESS_EXEC),
	P("FtraceEvent", "sched_process_exit", FTRACE_SCHED_PROCESS_EXIT),
	P("FtraceEvent", "sched_migrate_task", FTRACE_SCHED_MIGRATE_TASK),
	P("SchedSwitchFtraceEvent", "prev_comm", SWITCH_PREV_COMM),
	P("SchedSwitchFtraceEvent", "prev_pid", SWITCH_PREV_PID),
	P("SchedSwitchFtraceEvent", "prev_state", SWITCH_PREV_STATE),
	P("SchedSwitchFtraceEvent", "next_comm", SWITCH_NEXT_COMM),
	P("SchedSwitchFtraceEvent", "next_pid", SWITCH_NEXT_PID),
	P("SchedWakingFtraceEvent", "comm", WAKING_COMM),
	P("SchedWakingFtraceEvent", "pid", WAKING_PID),
	P("SchedWakingFtraceEvent", "success", WAKING_SUCCESS),
	P("SchedWakingFtraceEvent", "target_cpu", WAKING_TARGET_CPU),
	P("SchedWakeupNewFtraceEvent", "comm", WAKING_COMM),
	P("SchedWakeupNewFtraceEvent", "pid", WAKING_PID),
	P("SchedWakeupNewFtraceEvent", "success", WAKING_SUCCESS),
	P("SchedWakeupNewFtraceEvent", "target_cpu", WAKING_TARGET_CPU),
	P("SchedMigrateTaskFtraceEvent", "comm", MIGRATE_COMM),
	P("SchedMigrateTaskFtraceEvent", "pid", MIGRATE_PID),
	P("SchedMigrateTaskFtraceEvent", "orig_cpu", MIGRATE_FROM_CPU),
	P("SchedMigrateTaskFtraceEvent", "dest_cpu", MIGRATE_TO_CPU),
	P("TaskNewtaskFtraceEvent", "pid", NEWTASK_PID),
	P("TaskNewtaskFtraceEvent", "comm", NEWTASK_COMM),
	P("TaskNewtaskFtraceEvent", "clone_flags", NEWTASK_FLAGS),
	P("TaskRenameFtraceEvent", "pid", RENAME_PID),
	P("TaskRenameFtraceEvent", "oldcomm", RENAME_OLD),
	P("TaskRenameFtraceEvent", "newcomm", RENAME_NEW),
	P("SchedProcessExecFtraceEvent", "filename", EXEC_FILENAME),
	P("SchedProcessExecFtraceEvent", "pid", EXEC_PID),
	P("SchedProcessExecFtraceEvent", "old_pid", EXEC_OLD_PID),
	P("SchedProcessExitFtraceEvent", "comm", EXIT_COMM),
	P("SchedProcessExitFtraceEvent", "pid", EXIT_PID),
	P("SchedProcessExitFtraceEvent", "tgid", EXIT_TGID),
	P("ClockSnapshot", "clocks", SNAPSHOT_CLOCK),
	P("ClockSnapshot.Clock", "clock_id", CLOCK_FIELD_ID),
	P("ClockSnapshot.Clock", "timestamp", CLOCK_FIELD_TIME),
	P("ClockSnapshot.Clock", "is_incremental", CLOCK_FIELD_INCREMENTAL),
	P("SystemInfo", "utsname", SYSTEM_UTSNAME),
	P("Utsname", "sysname", UTSNAME_SYSNAME),
	P("Utsname", "version", UTSNAME_VERSION),
	P("Utsname", "release", UTSNAME_RELEASE),
	P("Utsname", "machine", UTSNAME_MACHINE),
	P("ProcessTree", "processes", TREE_PROCESS),
	P("ProcessTree", "threads", TREE_THREAD),
	P("ProcessTree.Process", "pid", PROCESS_PID),
	P("ProcessTree.Process", "cmdline", PROCESS_CMDLINE),
	P("ProcessTree.Thread", "tid", THREAD_TID),
	P("ProcessTree.Thread", "name", THREAD_NAME),
	P("ProcessTree.Thread", "tgid", THREAD_TGID),
	P("TrackDescriptor", "uuid", TRACK_UUID),
	P("TrackDescriptor", "name", TRACK_NAME),
	P("TrackDescriptor", "thread", TRACK_THREAD),
	P("TrackDescriptor", "process", TRACK_PROCESS),
	P("ProcessDescriptor", "pid", TRACK_PROCESS_PID),
	P("ProcessDescriptor", "cmdline", TRACK_PROCESS_CMDLINE),
	P("ProcessDescriptor", "process_name", TRACK_PROCESS_NAME),
	P("TrackDescriptor", "parent_uuid", TRACK_PARENT),
	P("ThreadDescriptor", "pid", TRACK_THREAD_PID),
	P("ThreadDescriptor", "tid", TRACK_THREAD_TID),
	P("ThreadDescriptor", "thread_name", TRACK_THREAD_NAME),
	P("TrackEvent", "type", TRACK_EVENT_TYPE),
	P("TrackEvent", "name_iid", TRACK_EVENT_NAME_ID),
	P("TrackEvent", "track_uuid", TRACK_EVENT_TRACK),
	P("InternedData", "event_names", INTERNED_EVENT_NAME),
	P("EventName", "iid", EVENT_NAME_ID),
	P("EventName", "name", EVENT_NAME_TEXT),
	P("TracePacketDefaults", "timestamp_clock_id", DEFAULTS_TIMESTAMP_CLOCK),
	P("ExtensionDescriptor", "extension_set", EXTENSION_SET),
	P("TracePacket.SequenceFlags", "SEQ_INCREMENTAL_STATE_CLEARED", SEQUENCE_CLEARED),
	P("TracePacket.SequenceFlags", "SEQ_NEEDS_INCREMENTAL_STATE", SEQUENCE_NEEDS_STATE),
	P("BuiltinClock", "BUILTIN_CLOCK_REALTIME", CLOCK_ID_REALTIME),
	P("BuiltinClock", "BUILTIN_CLOCK_MONOTONIC", CLOCK_ID_MONOTONIC),
	P("BuiltinClock", "BUILTIN_CLOCK_MONOTONIC_RAW", CLOCK_ID_MONOTONIC_RAW),
	P("BuiltinClock", "BUILTIN_CLOCK_BOOTTIME", CLOCK_ID_BOOTTIME),
	P("TrackEvent.Type", "TYPE_SLICE_BEGIN", TRACK_BEGIN),
	P("TrackEvent.Type", "TYPE_SLICE_END", TRACK_END),
	P("TrackEvent.Type", "TYPE_INSTANT", TRACK_INSTANT),

	{ "swtch", "packet", PACKET_SWTCH }, /* an extension: of the package */
	S("Packet", "head", SWTCH_HEAD),
	S("Packet", "block", SWTCH_BLOCK),
	S("Packet", "tasks", SWTCH_TASKS),
	S("Packet", "lane", SWTCH_LANE),
	S("Packet", "run", SWTCH_RUN),
	S("Packet", "counts", SWTCH_COUNTS),
	S("Packet", "details", SWTCH_DETAILS),
	S("Head", "version", HEAD_VERSION),
	S("Head", "n_cpus", HEAD_N_CPUS),
	S("Head", "n_lanes", HEAD_N_LANES),
	S("Head", "boot_offset_ns", HEAD_BOOT_OFFSET),
	S("Block", "first_ns", BLOCK_FIRST),
	S("Block", "last_ns", BLOCK_LAST),
	S("Block", "n_events", BLOCK_N_EVENTS),
	S("Block", "n_bytes", BLOCK_N_BYTES),
	S("Block", "number", BLOCK_NUMBER),
	S("Tasks", "word", TASKS_WORD),
	S("Tasks", "name", TASKS_NAME),
	S("Lane", "number", LANE_NUMBER),
	S("Lane", "starts", LANE_STARTS),
	S("Lane", "name", LANE_NAME),
	S("Lane", "model", LANE_MODEL),
	S("Lane", "via", LANE_VIA),
	S("Lane", "sync", LANE_SYNC),
	S("Lane", "unit", LANE_UNIT),
	S("Lane", "note", LANE_NOTE),
	S("Lane", "phase", LANE_PHASE),
	S("Lane", "apart", LANE_APART),
	S("Lane", "figure", LANE_FIGURE),
	S("Lane", "latency", LANE_LATENCY),
	S("Lane", "at", ITEM_AT),
	S("Figure", "name", FIGURE_NAME),
	S("Figure", "head", FIGURE_HEAD),
	S("Figure", "alarm", FIGURE_ALARM),
	S("Figure", "brief", FIGURE_BRIEF),
	S("Run", "kind", RUN_KIND),
	S("Run", "job", RUN_JOB),
	S("Run", "says", RUN_SAYS),
	S("Run", "shows", RUN_SHOWS),
	S("Run", "mode", RUN_MODE),
	S("Run", "kernel", RUN_KERNEL),
	S("Run", "n_tasks", RUN_N_TASKS),
	S("Run", "rate_hz", RUN_RATE),
	S("Run", "start_ns", RUN_START),
	S("Run", "wall_ns", RUN_WALL),
	S("Run", "lane_wall_ns", RUN_LANE_WALL),
	S("Run", "ended", RUN_ENDED),
	S("Run", "at", ITEM_AT),
	S("Counts", "time_ns", COUNTS_TIME),
	S("Counts", "moves", COUNTS_MOVES),
	S("Counts", "tail", COUNTS_TAIL),
	S("Counts", "at", ITEM_AT),
	S("Details", "patch_at", DETAILS_PATCH_AT),
	S("Details", "patch_field", DETAILS_PATCH_FIELD),
	S("Details", "patch_value", DETAILS_PATCH_VALUE),
	S("Details", "tie_at", DETAILS_TIE_AT),
	S("Details", "tie_n", DETAILS_TIE_N),
	S("Details", "tie_place", DETAILS_TIE_PLACE),
	S("Details", "exit_code", DETAILS_EXIT_CODE),
	S("Details", "exit_moved", DETAILS_EXIT_MOVED),
	S("Details", "exit_unseen", DETAILS_EXIT_UNSEEN),
	S("Details", "lost_time_ns", DETAILS_LOST_TIME),
	S("Details", "lost_cpu", DETAILS_LOST_CPU),
	S("Details", "lost_n", DETAILS_LOST_N),
	S("Details", "lost_first", DETAILS_LOST_FIRST),
	S("Details", "leading_cpu", DETAILS_LEADING),
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Numbers of a FileDescriptorSet, as perfetto.proto has them too. */
enum { SET_FILE = 1 };
enum { FILE_PACKAGE = 2, FILE_MESSAGE = 4, FILE_ENUM = 5, FILE_EXTENSION = 7 };
enum { MESSAGE_NAME = 1, MESSAGE_FIELD = 2, MESSAGE_NESTED = 3, MESSAGE_ENUM = 4 };
enum { FIELD_NAME = 1, FIELD_NUMBER = 3 };
enum { ENUM_NAME = 1, ENUM_VALUE = 2, VALUE_NUMBER = 2 };

static bool found[N_ROWS];
static unsigned n_wrong, n_unknown_ours;

/* One field of the schema: the row that names it says the same; ours have one each. */
static void hold(const char *message, const char *name, uint64_t number)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		if (strcmp(rows[i].message, message) || strcmp(rows[i].name, name))
			continue;
		found[i] = true;
		if (rows[i].number == number)
			return;
		print_message("%s.%s: %u in code, %u in the schema\n", message, name,
			      rows[i].number, (unsigned)number);
		n_wrong++;
		return;
	}
	if (!strncmp(message, "swtch", 5)) {
		print_message("%s.%s: not in the code\n", message, name);
		n_unknown_ours++;
	}
}

static void get_text(struct wire_in in, uint32_t number, char *text, size_t size)
{
	struct wire_field field;

	*text = '\0';
	while (wire_next(&in, &field))
		if (field.number == number && field.type == WIRE_BYTES)
			snprintf(text, size, "%.*s", (int)field.n, (const char *)field.bytes);
}

static void hold_field(const char *message, struct wire_in in, uint32_t number_field)
{
	struct wire_field field;
	char name[64];
	uint64_t number = 0;

	get_text(in, FIELD_NAME, name, sizeof(name));
	while (wire_next(&in, &field))
		if (field.number == number_field && field.type == WIRE_VARINT)
			number = field.value;
	hold(message, name, number);
}

static void join(const char *outer, struct wire_in in, char *name, size_t size)
{
	char last[64];

	get_text(in, MESSAGE_NAME, last, sizeof(last));
	snprintf(name, size, "%s.%s", outer, last);
}

static void hold_enum(const char *outer, struct wire_in in)
{
	struct wire_field field;
	char name[128];

	join(outer, in, name, sizeof(name));
	while (wire_next(&in, &field))
		if (field.number == ENUM_VALUE)
			hold_field(name, wire_inside(&field), VALUE_NUMBER);
}

static void hold_message(const char *outer, struct wire_in in)
{
	struct wire_field field;
	char name[128];

	join(outer, in, name, sizeof(name));
	while (wire_next(&in, &field)) {
		if (field.number == MESSAGE_FIELD)
			hold_field(name, wire_inside(&field), FIELD_NUMBER);
		else if (field.number == MESSAGE_NESTED)
			hold_message(name, wire_inside(&field));
		else if (field.number == MESSAGE_ENUM)
			hold_enum(name, wire_inside(&field));
	}
}

static void hold_file(struct wire_in in)
{
	struct wire_field field;
	char package[64];

	get_text(in, FILE_PACKAGE, package, sizeof(package));
	while (wire_next(&in, &field)) {
		if (field.number == FILE_MESSAGE)
			hold_message(package, wire_inside(&field));
		else if (field.number == FILE_ENUM)
			hold_enum(package, wire_inside(&field));
		else if (field.number == FILE_EXTENSION)
			hold_field(package, wire_inside(&field), FIELD_NUMBER);
	}
}

/* Both files as protoc understands them. */
static size_t compile(uint8_t *bytes, size_t size)
{
	FILE *pipe = popen("protoc -Iuser --include_imports --descriptor_set_out=/dev/stdout "
			   "event/swtch.proto",
			   "r");
	size_t n;

	assert_non_null(pipe);
	n = fread(bytes, 1, size, pipe);
	assert_int_equal(pclose(pipe), 0);
	return n;
}

static uint8_t set[1 << 16];

static void test_schema_numbers_are_those_of_the_code(void **state)
{
	size_t n = compile(set, sizeof(set));
	struct wire_in in = wire_in(set, n);
	struct wire_field field;

	(void)state;
	assert_in_range(n, 1000, sizeof(set) - 1);
	while (wire_next(&in, &field))
		if (field.number == SET_FILE)
			hold_file(wire_inside(&field));
	assert_false(in.broken);
	for (size_t i = 0; i < N_ROWS; i++) {
		if (found[i])
			continue;
		print_message("%s.%s: not in the schema\n", rows[i].message, rows[i].name);
		n_wrong++;
	}
	assert_int_equal(n_wrong, 0);
	assert_int_equal(n_unknown_ours, 0);
}

/* What a recording carries describes ours alone: what viewers know themselves is not told anew. */
static void test_schema_descriptor_is_our_file_alone(void **state)
{
	size_t n = compile(set, sizeof(set)), n_ours;
	struct wire_in in = wire_in(swtch_descriptor, swtch_descriptor_size);
	struct wire_field field;
	unsigned n_files = 0;

	(void)state;
	n_ours = (size_t)(in.end - in.at);
	assert_in_range(n_ours, 500, n - 1);
	/* protoc writes files in the order of what they need: ours is the last of both. */
	assert_memory_equal(set + n - n_ours, swtch_descriptor, n_ours);
	while (wire_next(&in, &field))
		n_files += field.number == SET_FILE;
	assert_false(in.broken);
	assert_int_equal(n_files, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schema_numbers_are_those_of_the_code),
		cmocka_unit_test(test_schema_descriptor_is_our_file_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
