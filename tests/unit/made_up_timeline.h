/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * made_up_timeline.h - a timeline to look at: of the made-up machine, or of few events whose answers
 * are known. A helper of tests/unit/test_view_timeline*.c, included by each of them.
 */
#ifndef TESTS_MADE_UP_TIMELINE_H
#define TESTS_MADE_UP_TIMELINE_H

#include "test_view.h"

#define COLUMNS 80
#define ROWS	24

static inline void open_timeline(struct machine *machine, unsigned n_cpus, unsigned ms)
{
	machine_open(machine, n_cpus, 60);
	machine_run(machine, ms);
	machine->settings.view = VIEW_TIMELINE;
	machine_draw(machine, COLUMNS, ROWS, false);
}

static inline void redraw(struct machine *machine)
{
	machine_draw(machine, COLUMNS, ROWS, false);
}

static inline void press(struct machine *machine, char32_t key, unsigned n)
{
	while (n--) {
		machine_key(machine, key);
		redraw(machine);
	}
}

static inline struct window_times {
	uint64_t from_ns, to_ns;
} wanted(const struct machine *machine)
{
	struct window_times times;

	timeline_wanted(&machine->settings, &times.from_ns, &times.to_ns);
	return times;
}

/* --- a machine of few events, whose answers are known --------------------------------------------- */

#define AT(us) (NS_PER_S + (us)*NS_PER_US)

static const uint32_t ping = 100u | 1u << TASK_PID_BITS, pong = 101u | 1u << TASK_PID_BITS;
static const uint32_t loop = 102u | 3u << TASK_PID_BITS;

static inline void send(struct machine *machine, uint64_t us, unsigned cpu, struct event event)
{
	event.time_ns = AT(us);
	event.cpu = (uint16_t)cpu;
	take_in(&event, machine);
}

static inline void send_name(struct machine *machine, uint32_t task, const char *name)
{
	struct event event = { .time_ns = AT(0), .kind = EVENT_NAME, .task = task };

	event_set_name(&event, name);
	take_in(&event, machine);
}

static inline void send_switch(struct machine *machine, uint64_t us, unsigned cpu, uint32_t left,
			       uint32_t came, unsigned state, uint32_t ran_us, uint32_t waited_us)
{
	send(machine, us, cpu,
	     (struct event){ .kind = EVENT_SWITCH,
			     .task = left,
			     .state = (uint8_t)state,
			     .to = { came, ran_us * 1000, waited_us * 1000 } });
}

static inline void send_waking(struct machine *machine, uint64_t us, unsigned cpu, uint32_t waker,
			       uint32_t wakee)
{
	send(machine, us, cpu,
	     (struct event){ .kind = EVENT_WAKING, .task = waker, .wake = { wakee, cpu, 0 } });
}

static inline void send_mark(struct machine *machine, uint64_t us, unsigned kind, uint32_t id)
{
	send(machine, us, 1,
	     (struct event){ .kind = (uint8_t)kind, .task = loop, .coroutine = { id, 3, 0 } });
}

/*
 * CPU 0: ping wakes pong and sleeps, pong is preempted by a stranger, comes back, sleeps deeply.
 * CPU 1: a loop with two coroutines, of which the second is made, resumed and suspended; then a loss.
 */
static inline void open_few(struct machine *machine)
{
	machine_open(machine, 2, 60);
	send_name(machine, ping, "ping");
	send_name(machine, pong, "pong");
	send_name(machine, loop, "loop");
	send_switch(machine, 100, 0, 0, ping, 0, 0, 0);
	send_switch(machine, 110, 1, 0, loop, 0, 0, 0);
	send_mark(machine, 120, EVENT_RESUME, 1);
	send_mark(machine, 150, EVENT_SUSPEND, 1);
	send_mark(machine, 160, EVENT_CREATE, 2);
	send_mark(machine, 170, EVENT_RESUME, 2);
	send_waking(machine, 180, 0, ping, pong);
	send_switch(machine, 200, 0, ping, pong, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 100, 20);
	send_mark(machine, 220, EVENT_SUSPEND, 2);
	send_switch(machine, 300, 0, pong, 7, LEAVE_RUNNABLE, 100, 0);
	send_switch(machine, 340, 0, 7, pong, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 0, 40);
	send(machine, 350, 0,
	     (struct event){ .kind = EVENT_CLONE, .task = pong, .made = { ping + 9, 0, 0 } });
	send(machine, 400, 1, (struct event){ .kind = EVENT_LOST, .lost = { .n = 5 } });
	send_switch(machine, 450, 0, pong, 0, LEAVE_BLOCKED | LEAVE_VOLUNTARY, 110, 0);
	send_switch(machine, 500, 1, loop, 0, LEAVE_SLEEPING | LEAVE_VOLUNTARY, 60, 0);
	send_waking(machine, 600, 1, 0, ping);
	machine->settings.view = VIEW_TIMELINE;
	machine->settings.timeline.zoom = 1 + 12; /* 10 us a column */
	redraw(machine);
}

static inline void select_row(struct machine *machine, unsigned kind, unsigned cpu, uint32_t task,
			      uint32_t coroutine)
{
	machine->settings.timeline.selected = (struct timeline_row){
		.kind = (uint8_t)kind, .cpu = (uint16_t)cpu, .task = task, .coroutine = coroutine
	};
}

#endif
