/* SPDX-License-Identifier: GPL-2.0-only */
/* report_tasks.h - the tasks of a report one by one, for the files that print it. */
#ifndef SWTCH_REPORT_TASKS_H
#define SWTCH_REPORT_TASKS_H

#include "base/json.h"
#include "sink/report_page.h"

/* Members of the report's object: "tasks", and how many are missing there. */
void report_put_tasks_json(const struct report *report, struct json *json);

/* A table of them, behind that of the lanes. */
void report_put_tasks_text(const struct page *page);

/* A row for each, below a head. */
int report_tasks_csv(const struct report *report, FILE *out);

#endif
