// SPDX-License-Identifier: GPL-2.0-only
/*
 * svg_draw.c - the page: title, scale, a row for each CPU, a legend, and what is not on it.
 *
 * For paper: black on white, the lanes' colours behind black names. Lengths are pixels.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/markup.h"
#include "sink/palette.h"
#include "sink/report_page.h"
#include "sink/svg_data.h"

#define LEFT	     70
#define RIGHT	     30
#define TOP	     92 /* title, subtitle, scale */
#define ROW	     30 /* of a CPU, */
#define GAP	     18 /* and between two: waits, marks, arrows */
#define WAIT_HEIGHT  4
#define GLYPH	     6.2 /* width of a letter of 10.5 pixels, and some air */
#define ARROWS_MOST  250 /* stretches with which arrows can still be told apart */
#define N_ROWS_MOST  64	 /* CPUs; of more, those where nothing ran are left out */
#define LEGEND_BELOW 44
#define TITLE_MOST   110 /* letters */

struct sheet {
	const struct svg_data *data;
	struct writer *out;
	unsigned n_rows;
	double ns_wide; /* of a pixel */
};

static double x_of(const struct sheet *sheet, uint64_t time_ns)
{
	uint64_t from_ns = sheet->data->context.from_ns;

	return LEFT + (time_ns > from_ns ? (double)(time_ns - from_ns) / sheet->ns_wide : 0);
}

static bool has_row(const struct sheet *sheet, unsigned cpu)
{
	return sheet->data->context.n_cpus <= N_ROWS_MOST || sheet->data->cpu_used[cpu];
}

/* The top of a CPU's row; negative: it has none. */
static double y_of(const struct sheet *sheet, unsigned cpu)
{
	unsigned row = 0;

	if (cpu >= sheet->data->context.n_cpus || !has_row(sheet, cpu))
		return -1;
	for (unsigned i = 0; i < cpu; i++)
		row += has_row(sheet, i);
	return TOP + row * (ROW + GAP);
}

static double foot(const struct sheet *sheet)
{
	return TOP + sheet->n_rows * (ROW + GAP);
}

static const char *colour_of(const struct sheet *sheet, unsigned lane)
{
	if (!lane || lane >= sheet->data->context.n_lanes)
		return OTHER_COLOUR;
	return lane_colours[lane_hue(&sheet->data->context.lanes[lane].label, lane)];
}

static const char *name_of(const struct sheet *sheet, unsigned lane)
{
	if (!lane || lane >= sheet->data->context.n_lanes)
		return "other tasks";
	return sheet->data->context.lanes[lane].label.name;
}

/* --- title and scale ----------------------------------------------------------------------------- */

/* As many letters of a title as there is room for, and dots for the rest. */
static void put_cut(const struct sheet *sheet, const char *text)
{
	char cut[TITLE_MOST + 1];
	size_t n = strlen(text);

	if (n <= TITLE_MOST) {
		markup_text(sheet->out, text);
		return;
	}
	for (n = TITLE_MOST; n && ((unsigned char)text[n] & 0xc0) == 0x80;)
		n--; /* not within a character */
	memcpy(cut, text, n);
	cut[n] = '\0';
	markup_text(sheet->out, cut);
	writer_text(sheet->out, "...");
}

static void put_title(const struct sheet *sheet)
{
	const struct sink_context *context = &sheet->data->context;
	const struct run_facts *run = context->report ? context->report->run : NULL;
	char span[PAGE_CELL_BYTES];

	writer_print(sheet->out, "<text class=\"title\" x=\"%d\" y=\"30\">", LEFT);
	if (run && *run->job) {
		markup_text(sheet->out, run->job);
		writer_text(sheet->out, ": ");
	}
	put_cut(sheet, run ? run->says : "");
	writer_print(sheet->out, "</text>\n<text class=\"sub\" x=\"%d\" y=\"50\">", LEFT);
	page_time(span, sizeof(span), (double)(context->to_ns - context->from_ns));
	writer_print(sheet->out, "%s from %.6g s on", span,
		     (double)(int64_t)(context->from_ns - context->start_ns) / NS_PER_S);
	if (run && *run->kernel) {
		writer_text(sheet->out, ", Linux ");
		markup_text(sheet->out, run->kernel);
	}
	writer_print(sheet->out, ", %u CPUs</text>\n", context->n_cpus);
}

/* 1, 2 or 5 times a power of ten, so that there are about eight of them. */
static double tick_step(double span_ns)
{
	double power = pow(10, floor(log10(span_ns / 8)));

	for (unsigned i = 0; i < 3; i++) {
		static const double steps[] = { 1, 2, 5 };

		if (span_ns / (steps[i] * power) <= 10)
			return steps[i] * power;
	}
	return 10 * power;
}

/* "+100 us"; short enough for the room at the right. */
static void put_offset(const struct sheet *sheet, double ns, double step)
{
	static const struct {
		double ns;
		const char *name;
	} units[] = { { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" }, { 1, "ns" } };
	unsigned unit = 0;

	while (unit < 3 && step < units[unit].ns)
		unit++;
	writer_print(sheet->out, "+%.6g %s", ns / units[unit].ns, units[unit].name);
}

/* Seconds, with as many digits as there are. */
static void put_start(const struct sheet *sheet, double ns)
{
	int64_t rest = llround(ns);
	int digits = 9;

	for (; digits && rest % 10 == 0; digits--)
		rest /= 10;
	writer_print(sheet->out, "%.*f s", digits, ns / NS_PER_S);
}

/* The first tick is at a time of the log, the others so much behind it. */
static void put_scale(const struct sheet *sheet)
{
	const struct sink_context *context = &sheet->data->context;
	double from = (double)(int64_t)(context->from_ns - context->start_ns);
	double to = (double)(int64_t)(context->to_ns - context->start_ns);
	double step = tick_step(sheet->ns_wide * SVG_PLOT);
	int64_t first = (int64_t)ceil(from / step);

	for (int64_t i = first; (double)i * step <= to; i++) {
		double x = LEFT + ((double)i * step - from) / sheet->ns_wide;

		writer_print(sheet->out,
			     "<path class=\"grid\" d=\"M%.1f %d V%.1f\"/>"
			     "<text class=\"tick\" x=\"%.1f\" y=\"%d\">",
			     x, TOP - 12, foot(sheet) - GAP / 2.0, x, TOP - 18);
		if (i == first)
			put_start(sheet, (double)i * step);
		else
			put_offset(sheet, (double)(i - first) * step, step);
		writer_text(sheet->out, "</text>\n");
	}
}

/* --- rows ---------------------------------------------------------------------------------------- */

static void put_rows(const struct sheet *sheet)
{
	for (unsigned cpu = 0; cpu < sheet->data->context.n_cpus; cpu++) {
		double y = y_of(sheet, cpu);

		if (y < 0)
			continue;
		writer_print(sheet->out,
			     "<rect class=\"row\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%d\"/>"
			     "<text class=\"cpu\" x=\"%d\" y=\"%.1f\">CPU %u</text>\n",
			     LEFT, y, SVG_PLOT, ROW, LEFT - 10, y + ROW / 2.0 + 4, cpu);
	}
}

static void put_stretch(const struct sheet *sheet, const struct svg_stretch *kept)
{
	const struct stretch *stretch = &kept->stretch;
	uint64_t to_ns = sheet->data->context.to_ns;
	double x = x_of(sheet, stretch->start_ns), y = y_of(sheet, stretch->cpu);
	double width = x_of(sheet, stretch->end_ns < to_ns ? stretch->end_ns : to_ns) - x;
	const char *colour = colour_of(sheet, task_lane(stretch->task));
	size_t length = strlen(kept->name);

	if (y < 0)
		return;
	if (stretch->waited_ns) {
		double from = x_of(sheet, stretch->start_ns - stretch->waited_ns);

		writer_print(sheet->out,
			     "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%d\" "
			     "fill=\"%s\" opacity=\".55\"/>",
			     from, y + ROW + 1, x - from, WAIT_HEIGHT, colour);
	}
	writer_print(sheet->out,
		     "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%d\" fill=\"%s\"%s/>", x,
		     y, width > 0.4 ? width : 0.4, ROW, colour,
		     width > 3 ? " stroke=\"#fff\" stroke-width=\".6\"" : "");
	if (width >= (double)length * GLYPH + 6) {
		writer_print(sheet->out, "<text class=\"name\" x=\"%.2f\" y=\"%.1f\">",
			     x + width / 2, y + ROW / 2.0 + 4);
		markup_text(sheet->out, kept->name);
		writer_text(sheet->out, "</text>");
	}
	writer_char(sheet->out, '\n');
}

/* From where the waker ran to where the woken task came; within a row, over it. */
static void put_arrow(const struct sheet *sheet, const struct stretch *stretch)
{
	double from = y_of(sheet, stretch->waker_cpu), to = y_of(sheet, stretch->cpu);
	double x0 = x_of(sheet, stretch->woken_ns), x1 = x_of(sheet, stretch->start_ns);

	if (!stretch->woken_ns || from < 0 || to < 0 ||
	    stretch->woken_ns < sheet->data->context.from_ns)
		return;
	if (from == to)
		writer_print(
			sheet->out,
			"<path class=\"arrow\" d=\"M%.2f %.1f C%.2f %.1f %.2f %.1f %.2f %.1f\" "
			"marker-end=\"url(#head)\"/>\n",
			x0, from, x0, from - 11, x1, from - 11, x1, from - 0.5);
	else
		writer_print(sheet->out,
			     "<path class=\"arrow\" d=\"M%.2f %.1f L%.2f %.1f\" "
			     "marker-end=\"url(#head)\"/>\n",
			     x0, from < to ? from + ROW : from, x1, from < to ? to : to + ROW);
}

static void put_mark(const struct sheet *sheet, const struct svg_mark *mark)
{
	double x = x_of(sheet, mark->time_ns), y = y_of(sheet, mark->cpu) - 2;

	if (y < 0)
		return;
	writer_print(sheet->out,
		     mark->ends
			     ? "<path d=\"M%.2f %.1f l-3 -3 3 -3 3 3z\" fill=\"%s\" "
			       "class=\"mark\"/>\n"
			     : "<path d=\"M%.2f %.1f l-3.5 -6 h7z\" fill=\"%s\" class=\"mark\"/>\n",
		     x, y, colour_of(sheet, mark->lane));
}

static void put_each(const struct sheet *sheet)
{
	const struct svg_data *data = sheet->data;

	for (uint64_t i = 0; i < data->n_stretches; i++)
		put_stretch(sheet, &data->stretches[i]);
	for (uint64_t i = 0; data->n_stretches <= ARROWS_MOST && i < data->n_stretches; i++)
		put_arrow(sheet, &data->stretches[i].stretch);
	for (uint64_t i = 0; data->n_marks <= SVG_MARKS_MAX && i < data->n_marks; i++)
		put_mark(sheet, &data->marks[i]);
}

/* A column stands for so much time; the lanes' shares of it stand one on the other. */
static void put_column(const struct sheet *sheet, unsigned cpu, unsigned column)
{
	const float *shares = svg_shares(sheet->data, cpu, column);
	double all = sheet->ns_wide * SVG_COLUMN, y = y_of(sheet, cpu) + ROW;

	for (unsigned i = 1; i <= N_LANES_MAX; i++) {
		unsigned lane = i % N_LANES_MAX; /* others on top */
		double height = shares[lane] / all * ROW;

		if (height < 0.05)
			continue;
		y -= height;
		writer_print(sheet->out,
			     "<rect x=\"%d\" y=\"%.2f\" width=\"%d\" height=\"%.2f\" fill=\"%s\"/>",
			     LEFT + (int)column * SVG_COLUMN, y, SVG_COLUMN, height,
			     colour_of(sheet, lane));
	}
}

static void put_shares(const struct sheet *sheet)
{
	for (unsigned cpu = 0; cpu < sheet->data->context.n_cpus; cpu++) {
		for (unsigned column = 0; has_row(sheet, cpu) && column < SVG_N_COLUMNS; column++)
			put_column(sheet, cpu, column);
		writer_char(sheet->out, '\n');
	}
}

/* --- below the rows ------------------------------------------------------------------------------ */

static void put_legend(const struct sheet *sheet)
{
	double x = LEFT, y = foot(sheet) + 6;

	for (unsigned i = 1; i <= N_LANES_MAX; i++) {
		unsigned lane = i % N_LANES_MAX;

		if (!sheet->data->used[lane])
			continue;
		writer_print(sheet->out,
			     "<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"12\" rx=\"2\" "
			     "fill=\"%s\"/><text class=\"key\" x=\"%.1f\" y=\"%.1f\">",
			     x, y, colour_of(sheet, lane), x + 18, y + 10);
		markup_text(sheet->out, name_of(sheet, lane));
		writer_text(sheet->out, "</text>\n");
		x += 40 + (double)strlen(name_of(sheet, lane)) * 6.6;
	}
	if (!svg_is_thick(sheet->data))
		writer_print(
			sheet->out,
			"<text class=\"note\" x=\"%.1f\" y=\"%.1f\">below a row: waits for the "
			"CPU%s%s</text>\n",
			x, y + 10, sheet->data->n_stretches <= ARROWS_MOST ? "; arrow: wakes" : "",
			sheet->data->n_marks && sheet->data->n_marks <= SVG_MARKS_MAX
				? "; \xe2\x96\xbe makes, \xe2\x97\x86 ends"
				: "");
}

static void put_notes(const struct sheet *sheet)
{
	const struct svg_data *data = sheet->data;
	double y = foot(sheet) + 38;
	char column[PAGE_CELL_BYTES];

	page_time(column, sizeof(column), sheet->ns_wide * SVG_COLUMN);

	if (svg_is_thick(data))
		writer_print(sheet->out,
			     "<text class=\"note\" x=\"%d\" y=\"%.1f\">%" PRIu64
			     " stretches are too many to be drawn one by one: each column is "
			     "%s and shows the share of each lane. --from and --to choose "
			     "less.</text>\n",
			     LEFT, y, data->n_stretches, column);
	if (!data->n_gaps)
		return;
	writer_print(sheet->out, "<text class=\"alarm\" x=\"%d\" y=\"%.1f\">", LEFT,
		     y + (svg_is_thick(data) ? 16 : 0));
	if (data->n_lost)
		writer_u64(sheet->out, data->n_lost);
	writer_text(sheet->out, data->n_lost ? " events" : "events");
	writer_text(sheet->out,
		    " of this time were lost: where nothing is drawn, something may have "
		    "run</text>\n");
}

void svg_draw(const struct svg_data *data, struct writer *out)
{
	static const char style[] =
		"text{font:11px system-ui,'Helvetica Neue',Arial,sans-serif;fill:#1a1a1a}"
		".title{font-size:17px;font-weight:600}.sub,.note{fill:#555}"
		".tick{text-anchor:middle;fill:#555}.cpu{text-anchor:end}"
		".name{text-anchor:middle;font-size:10.5px;fill:#000}"
		".row{fill:#f1f2f4}.grid{stroke:#d5d7da;stroke-width:1}.alarm{fill:#c62828}"
		".arrow{fill:none;stroke:#333;stroke-width:.8}.mark{stroke:#333;stroke-width:.6}";
	struct sheet sheet = { .data = data, .out = out };
	double span_ns = (double)(data->context.to_ns - data->context.from_ns);
	double height;

	for (unsigned cpu = 0; cpu < data->context.n_cpus; cpu++)
		sheet.n_rows += has_row(&sheet, cpu);
	sheet.ns_wide = (span_ns > 0 ? span_ns : 1) / SVG_PLOT;
	height = foot(&sheet) + LEGEND_BELOW + (data->n_gaps ? 16 : 0);
	writer_print(out,
		     "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
		     "viewBox=\"0 0 %d %.0f\">\n<style>",
		     LEFT + SVG_PLOT + RIGHT, height, LEFT + SVG_PLOT + RIGHT, height);
	writer_text(out, style);
	writer_text(out, "</style>\n<defs><marker id=\"head\" viewBox=\"0 0 6 6\" refX=\"5.5\" "
			 "refY=\"3\" markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">"
			 "<path d=\"M0 0L6 3L0 6z\" fill=\"#333\"/></marker></defs>\n"
			 "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
	put_title(&sheet);
	put_rows(&sheet);
	put_scale(&sheet);
	if (svg_is_thick(data))
		put_shares(&sheet);
	else
		put_each(&sheet);
	put_legend(&sheet);
	put_notes(&sheet);
	writer_text(out, "</svg>\n");
}
