/* SPDX-License-Identifier: GPL-2.0-only */
/* procstat.h - idle and busy time of each CPU, from /proc/stat (proc(5)). */
#ifndef SWTCH_PROCSTAT_H
#define SWTCH_PROCSTAT_H

#include "event/counts.h"

struct procstat;

/* NULL with errno. */
struct procstat *procstat_open(unsigned n_cpus);
void procstat_free(struct procstat *procstat);

/* Fill times[] and online[] of `counts`; a CPU that is not listed is offline. 0 or -errno. */
int procstat_read(struct procstat *procstat, struct counts *counts);

#endif
