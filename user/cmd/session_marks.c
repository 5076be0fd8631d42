// SPDX-License-Identifier: GPL-2.0-only
/* session_marks.c - programs that mark their coroutines: found by the keeper, read by the source. */
#include <unistd.h>

#include "base/clock.h"
#include "cmd/session_private.h"
#include "source/live.h"

/* A program that we started waits for it at its first mark; others are found when they are. */
#define SOON_NS	  (20 * NS_PER_MS)
#define LATER_NS  (250 * NS_PER_MS)
#define EARLY_NS  (2 * NS_PER_S)
#define N_AT_ONCE 64 /* of a lane */

bool session_reads_marks(const struct session *session)
{
	return session_has_targets(session) && session->options->runtimes & RUNTIME_MARKS;
}

static bool is_looked_at(const struct session *session, unsigned number)
{
	return session_target(session, number) && lane_is_alive(&session->lanes[number]);
}

uint64_t session_marks_deadline(const struct session *session)
{
	for (unsigned i = 1; session_reads_marks(session) && i <= SESSION_N_LANES; i++)
		if (is_looked_at(session, i))
			return session->next_marks_ns;
	return UINT64_MAX;
}

/* Each area is given once; one that cannot be read is not asked for again. */
static void take_programs(struct session *session, unsigned number)
{
	for (int i = 0; i < N_AT_ONCE; i++) {
		pid_t pid;
		int fd = keeper_find_marks(session->keeper, number, &pid);

		if (fd < 0)
			return;
		live_add_marked(session->source, number, pid, fd);
		close(fd);
	}
}

void session_find_marks(struct session *session, uint64_t now_ns)
{
	bool early = false;

	if (now_ns < session_marks_deadline(session))
		return;
	for (unsigned i = 1; i <= SESSION_N_LANES; i++) {
		if (!is_looked_at(session, i))
			continue;
		take_programs(session, i);
		early |= now_ns - session->lanes[i].started_ns < EARLY_NS;
	}
	live_keep_marked(session->source);
	session->next_marks_ns = now_ns + (early ? SOON_NS : LATER_NS);
}
