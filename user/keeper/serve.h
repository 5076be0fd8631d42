/* SPDX-License-Identifier: GPL-2.0-only */
/* serve.h - the keeper's own side: one loop over requests and ended children. */
#ifndef SWTCH_SERVE_H
#define SWTCH_SERVE_H

#include "keeper/keeper.h"
#include "keeper/privilege.h"

/*
 * Load the probes, report on `socket`, then answer until its other end is closed; ends what was
 * started before it returns. Runs in a process of its own. Returns its exit status.
 */
int serve(int socket, const struct keeper_wish *wish, const struct identity *invoking,
	  const struct identity *lab);

/* The first message of the keeper: facts, with descriptors, or an error. */
struct hello {
	int32_t err;
	struct probes_facts facts;
	struct error error;
};

#define N_HELLO_FDS 7

/* Where the descriptors of the facts are, in the order of the message. */
void hello_fds(struct probes_facts *facts, int *fds[N_HELLO_FDS]);

/*
 * SOCK_SEQPACKET with descriptors. 0, -errno: then nothing was sent. Receive: -EPIPE at the end of the other
 * side; -EBADMSG of another size; -EMFILE where not all that came along could be taken. These two are taken
 * off the queue.
 */
int message_send(int socket, const void *message, size_t size, const int *fds, unsigned n_fds);
int message_receive(int socket, void *message, size_t size, int *fds, unsigned n_fds_max,
		    unsigned *n_fds, bool wait);

#endif
