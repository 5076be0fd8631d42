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

#endif
