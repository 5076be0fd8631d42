/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * our_packet.h - a message of ours in a packet of its own, begun and ended: swtch.proto has what stands in it.
 */
#ifndef SWTCH_OUR_PACKET_H
#define SWTCH_OUR_PACKET_H

#include "base/wire.h"
#include "event/recording.h"

/* Where what is open began. */
struct ours {
	size_t packet, outer, message;
};

static inline struct ours ours_begin(struct wire *out, enum swtch_field field)
{
	struct ours ours = { .packet = wire_begin(out, TRACE_PACKET) };

	ours.outer = wire_begin(out, PACKET_SWTCH);
	ours.message = wire_begin(out, field);
	return ours;
}

static inline void ours_end(struct wire *out, const struct ours *ours)
{
	wire_end(out, ours->message);
	wire_end(out, ours->outer);
	wire_end(out, ours->packet);
}

#endif
