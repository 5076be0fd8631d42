/* SPDX-License-Identifier: GPL-2.0-only */
/* report_latency.h - where time goes, who wakes whom and who blocks, for the files that print a report. */
#ifndef SWTCH_REPORT_LATENCY_H
#define SWTCH_REPORT_LATENCY_H

#include "base/json.h"
#include "sink/report_page.h"

/* Members of a lane's object: "spans", "wakers", "blocked"; nothing where nobody asked. */
void report_put_latency_json(const struct report *report, struct json *json, unsigned lane);

/* Rows of the table of lanes, and lists behind them. */
void report_put_latency_text(const struct page *page);

/* A row for each lane and kind of span, below a head. */
int report_latency_csv(const struct report *report, FILE *out);

#endif
