// SPDX-License-Identifier: GPL-2.0-only
/*
 * session_orphans.c - a command whose keeper was killed is ended by us, with all that it made, as its keeper
 * would have.
 *
 * The signal that it was to get at its keeper's death (prctl(2), PR_SET_PDEATHSIG) is forgotten by an exec
 * that adds capabilities, which root's does: begin_new_exec() and commit_creds() in the kernel. It runs as
 * who we are, so that we may. The maps outlive their keeper for us, and tell who was in which lane.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "cmd/session_private.h"
#include "event/task_table.h"
#include "keeper/protocol.h"
#include "source/source.h"

#define STEP_US 5000

static bool is_command(const struct session *session, uint32_t lane)
{
	const struct target *target =
		lane <= SESSION_N_LANES ? session_target(session, lane) : NULL;

	return target && target->kind == TARGET_COMMAND && lane_is_alive(&session->lanes[lane]);
}

/* It may have ended since, and its number be another's: that one is younger. */
static bool is_there(const struct task_row *row)
{
	return proc_is_from((pid_t)row->tgid, (pid_t)row->pid, row->start_ns);
}

/* A signal (0: none) to the process of this row, and to no other that got its number meanwhile. */
static bool send_one(const struct task_row *row, int number)
{
	int process = (int)syscall(SYS_pidfd_open, row->tgid, 0);
	bool is_it = process >= 0 && is_there(row);

	if (is_it)
		syscall(SYS_pidfd_send_signal, process, number, NULL, 0);
	if (process >= 0)
		close(process);
	return is_it;
}

static int by_process(const void *left, const void *right)
{
	const struct task_row *a = left, *b = right;

	return a->tgid < b->tgid ? -1 : a->tgid > b->tgid;
}

/*
 * To each process once: any thread of it may be the one that is left, its first may have ended. Returns how
 * many there are.
 */
static unsigned send_all(const struct session *session, const struct task_table *table, int number)
{
	uint32_t sent = 0; /* rows lie by process */
	unsigned n = 0;

	for (size_t i = 0; i < table->n; i++) {
		const struct task_row *row = &table->rows[i];

		if (row->tgid == sent || !is_command(session, row->lane) || !send_one(row, number))
			continue;
		sent = row->tgid;
		n++;
	}
	return n;
}

void session_end_orphans(struct session *session)
{
	uint64_t begin_ns = clock_now_ns();
	struct task_table table;

	task_table_init(&table);
	if (session->source->tasks(session->source, &table))
		table.n = 0;
	if (table.n)
		qsort(table.rows, table.n, sizeof(*table.rows), by_process);
	if (send_all(session, &table, SIGTERM)) {
		while (send_all(session, &table, 0) && clock_now_ns() - begin_ns < COMMAND_ASK_NS)
			usleep(STEP_US);
		send_all(session, &table, SIGKILL);
	}
	task_table_fini(&table);
}
