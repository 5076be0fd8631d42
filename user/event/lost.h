/* SPDX-License-Identifier: GPL-2.0-only */
/* lost.h - the event that tells of lost ones. */
#ifndef SWTCH_LOST_H
#define SWTCH_LOST_H

#include "event.h"

/*
 * n records of a CPU's ring were lost behind time_ns, the first of them number first_seq. n saturates; 0
 * is not known, as CPU_UNKNOWN is, and number 0.
 */
static inline struct event event_lost(unsigned cpu, uint64_t time_ns, uint64_t n,
				      uint32_t first_seq)
{
	return (struct event){ .time_ns = time_ns,
			       .kind = EVENT_LOST,
			       .cpu = (uint16_t)cpu,
			       .lost = { .n = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX,
					 .first_seq = first_seq } };
}

#endif
