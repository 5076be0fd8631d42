/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report_page.h - the page that report_text() and report_put_html() fill, for the files that
 * fill a part of it.
 *
 * A row is a label and a cell for each lane that is used; those that stand apart have lines of their
 * own. One thread.
 */
#ifndef SWTCH_REPORT_PAGE_H
#define SWTCH_REPORT_PAGE_H

#include "sink/report.h"

#define PAGE_CELL_BYTES 64

#define RED   "\033[31m"
#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

struct page {
	const struct report *report;
	struct writer *out;
	bool colour;
	bool is_html; /* the inside of a table, for style sheets to colour; else text */
};

/*
 * A figure as people read it, at most size bytes with the NUL; "-" when it could not be had: 1,234,567;
 * 12.3 ms; 1.55 MB (units of 1,024, as in the live view).
 */
void page_count(char *text, size_t size, uint64_t value);
void page_duration(char *text, size_t size, uint64_t ns);
void page_time(char *text, size_t size, double ns); /* also parts of one; NAN: none */
void page_rate(char *text, size_t size, double hz); /* likewise */
void page_bytes(char *text, size_t size, uint64_t bytes);

/* The code, or "" where there are no colours. */
const char *page_style(const struct page *page, const char *code);

/* Does the lane have a cell? */
bool page_has_lane(const struct report *report, unsigned lane);

/* The head of a row, then the cells of it (style may be NULL) or words instead, then its end. */
void page_label(const struct page *page, const char *label);
void page_cell(const struct page *page, const char *text, const char *style);
void page_words(const struct page *page, const char *words);
void page_row_end(const struct page *page);

/* What follows is a group of its own; or one that has a title. */
void page_group(const struct page *page);
void page_section(const struct page *page, const char *title);

/* What the job counted itself, and how long its tasks waited: nothing where there is nothing. */
void page_put_figures(const struct page *page);

/* What each thread of a pool did: nothing without one. */
void page_put_pool(const struct page *page);

#endif
