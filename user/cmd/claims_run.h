/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * claims_run.h - judging: the experiments of the claims, one after another, in rounds.
 *
 * Rounds are interleaved: all experiments once, then all of them again, so that what comes and goes
 * on the machine meets every model. Five rounds at least; then only those of claims that are not
 * decided yet, as long as the time allows. It is stepped, by the verb `claims` in a loop and by the
 * live view on its tick. Session, state and counts are borrowed; one thread.
 */
#ifndef SWTCH_CLAIMS_RUN_H
#define SWTCH_CLAIMS_RUN_H

#include "cmd/session.h"
#include "state/judge.h"

struct claims_run;

/* NULL with ENOMEM. Nothing runs yet. Free it before the session. */
struct claims_run *claims_run_new(struct session *session, struct state *state,
				  struct counts *counts);
void claims_run_free(struct claims_run *run);

/* Judge these anew; what runs in the session is ended. */
void claims_run_start(struct claims_run *run, const bool wanted[N_CLAIMS]);

/*
 * Go on: start an experiment, look after it, take its figures. Waits no longer than wait_ms; true
 * while there is something left to do.
 */
bool claims_run_step(struct claims_run *run, int wait_ms);

/* End what runs; what was measured stays judged. */
void claims_run_stop(struct claims_run *run);

/* How it stands; owned by the run and changed by each step. */
const struct claim_board *claims_run_board(const struct claims_run *run);

/* What runs at the moment, or ran last. */
const struct run *claims_run_now(const struct claims_run *run);

/* Was any figure measured at all? */
bool claims_run_measured(const struct claims_run *run);

/*
 * The run that `swtch VERB EXPERIMENT` would make. 0, or -EINVAL with `error` set: the option that
 * this program or machine does not have.
 */
int experiment_read(enum experiment experiment, const char *verb, struct run *run,
		    struct error *error);

#endif
