// SPDX-License-Identifier: GPL-2.0-only
/* report_page.c - how a figure is written, and where it stands. */
#include "sink/report_page.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/markup.h"

#define LABEL_WIDTH  26
#define COLUMN_WIDTH 18

void page_count(char *text, size_t size, uint64_t value)
{
	char digits[24];
	size_t n, at = 0;

	if (value == COUNT_UNKNOWN) {
		snprintf(text, size, "-");
		return;
	}
	n = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, value);
	for (size_t i = 0; i < n && at + 2 < size; i++) {
		text[at++] = digits[i];
		if ((n - i - 1) % 3 == 0 && i + 1 < n)
			text[at++] = ',';
	}
	text[at] = '\0';
}

/* Three digits, as far as they are before the point or behind it. */
static int digits_behind(double value)
{
	return value < 10 ? 2 : value < 100 ? 1 : 0;
}

void page_time(char *text, size_t size, double ns)
{
	static const struct {
		double unit;
		const char *name;
	} units[] = { { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" }, { 1, "ns" } };
	unsigned i = 0;

	if (isnan(ns)) {
		snprintf(text, size, "-");
		return;
	}
	while (i < sizeof(units) / sizeof(units[0]) - 1 && ns < units[i].unit)
		i++;
	ns /= units[i].unit;
	snprintf(text, size, "%.*f %s", digits_behind(ns), ns, units[i].name);
}

void page_duration(char *text, size_t size, uint64_t ns)
{
	if (ns == COUNT_UNKNOWN)
		snprintf(text, size, "-");
	else if (ns < 1000)
		snprintf(text, size, "%" PRIu64 " ns", ns);
	else
		page_time(text, size, (double)ns);
}

void page_rate(char *text, size_t size, double hz)
{
	if (isnan(hz))
		snprintf(text, size, "-");
	else if (hz < 1000)
		snprintf(text, size, "%.*f", digits_behind(hz), hz);
	else
		page_count(text, size, (uint64_t)(hz + 0.5));
}

void page_bytes(char *text, size_t size, uint64_t bytes)
{
	static const char *const units[] = { "B", "KB", "MB", "GB" };
	double value = (double)bytes;
	unsigned unit = 0;

	if (bytes == COUNT_UNKNOWN) {
		snprintf(text, size, "-");
		return;
	}
	for (; value >= 1024 && unit < 3; unit++)
		value /= 1024;
	snprintf(text, size, "%.*f %s",
		 !unit || value >= 100 ? 0
		 : value < 10	       ? 2
				       : 1,
		 value, units[unit]);
}

const char *page_style(const struct page *page, const char *code)
{
	return page->colour ? code : "";
}

bool page_has_lane(const struct report *report, unsigned lane)
{
	const struct lane_label *label = &report->state->lanes[lane].label;

	return label->phase != LANE_UNUSED && !label->is_apart;
}

void page_label(const struct page *page, const char *label)
{
	size_t indent = strspn(label, " ");

	if (!page->is_html) {
		writer_print(page->out, "%-*s", LABEL_WIDTH, label);
		return;
	}
	writer_text(page->out,
		    indent ? "<tr><th scope=\"row\" class=\"part\">" : "<tr><th scope=\"row\">");
	markup_text(page->out, label + indent);
	writer_text(page->out, "</th>");
}

void page_cell(const struct page *page, const char *text, const char *style)
{
	if (!page->is_html) {
		writer_print(page->out, "%s%*s%s", style ? page_style(page, style) : "",
			     COLUMN_WIDTH, text, style ? page_style(page, PLAIN) : "");
		return;
	}
	writer_print(page->out, "<td%s>",
		     !style		   ? ""
		     : !strcmp(style, RED) ? " class=\"bad\""
					   : " class=\"head\"");
	markup_text(page->out, text);
	writer_text(page->out, "</td>");
}

void page_words(const struct page *page, const char *words)
{
	if (page->is_html)
		writer_print(page->out, "<td class=\"words\" colspan=\"%u\">", N_LANES_MAX);
	if (page->is_html)
		markup_text(page->out, words);
	else
		writer_text(page->out, words);
	writer_text(page->out, page->is_html ? "</td>" : "");
}

void page_row_end(const struct page *page)
{
	writer_text(page->out, page->is_html ? "</tr>\n" : "\n");
}

void page_group(const struct page *page)
{
	writer_text(page->out, page->is_html ? "</tbody><tbody>\n" : "\n");
}

void page_section(const struct page *page, const char *title)
{
	page_group(page);
	if (page->is_html)
		writer_print(page->out, "<tr><th class=\"section\" colspan=\"%u\">",
			     N_LANES_MAX + 1);
	writer_text(page->out, title);
	writer_text(page->out, page->is_html ? "</th></tr>\n" : "\n");
}
