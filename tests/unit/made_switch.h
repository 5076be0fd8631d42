/* SPDX-License-Identifier: GPL-2.0-only */
/* made_switch.h - a switch as a test says it, on CPU 0. */
#ifndef SWTCH_MADE_SWITCH_H
#define SWTCH_MADE_SWITCH_H

#include "event.h"

static inline struct event a_switch(uint64_t time_ns, uint32_t from, uint8_t state, uint32_t to,
				    uint32_t ran_ns, uint32_t waited_ns)
{
	return (struct event){ .time_ns = time_ns,
			       .kind = EVENT_SWITCH,
			       .state = state,
			       .task = from,
			       .to = { to, ran_ns, waited_ns } };
}

#endif
