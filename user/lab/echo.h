/* SPDX-License-Identifier: GPL-2.0-only */
/* echo.h - what a server and its clients say to each other. Used by echo.c and clients.c. */
#ifndef SWTCH_LAB_ECHO_H
#define SWTCH_LAB_ECHO_H

#include "lab/task.h"

#define ECHO_BYTES 64 /* of a message: a token and padding */

struct message {
	uint64_t token;
	char padding[ECHO_BYTES - sizeof(uint64_t)];
};

/* Room to read into: a message that leaves some of it empty is known to be all that there was. */
struct inbound {
	struct message message;
	char more[ECHO_BYTES];
};

/*
 * Read one message, whole. 1, 0 when the other end closed before its first byte, or -errno:
 * -EPROTO for one that is cut or more than one at a time.
 */
int message_read(struct task *self, int fd, struct inbound *in);

/* Send without waiting for more to fill a packet. 0 or -errno. */
int socket_set_quick(int fd);

#endif
