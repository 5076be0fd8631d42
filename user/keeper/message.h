/* SPDX-License-Identifier: GPL-2.0-only */
/* message.h - the wire between the keeper and its client: messages with descriptors, and the first of them. */
#ifndef SWTCH_MESSAGE_H
#define SWTCH_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "keeper/probes.h"

/* The first message of the keeper, before it answers any (protocol.h): facts, with descriptors, or an error. */
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
