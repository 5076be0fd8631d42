// SPDX-License-Identifier: GPL-2.0-only
/*
 * html.c - a page of one file that needs nothing else: what happened, packed as it happens; behind it
 * the facts that only the end knows, and the script that draws all of it.
 *
 * An item is packed as numbers: its kind and flags, how much later than the one before it ends, and
 * what data.js reads of that kind. Tasks are numbered as they are first seen; their names, which may
 * be anything, stand in the facts and get into the page as text alone.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/markup.h"
#include "event/print.h"
#include "sink/formats.h"
#include "sink/html_pack.h"
#include "sink/html_page.h"
#include "sink/palette.h"
#include "sink/report.h"
#include "sink/tracks.h"

#define N_ITEMS_MAX 2000000u
#define N_TASKS_MAX 200000u
#define NOBODY	    0 /* number of a task that is not known */
#define IDLE	    1

enum item { ITEM_STRETCH, ITEM_COROUTINE, ITEM_MARK, N_ITEMS };
enum { KIND_BITS = 2, LEFT = 1, WAITED = 2, WOKEN = 4 }; /* of a stretch: what is told */

struct html_task {
	uint32_t task; /* task_word() */
	uint32_t process;
	char name[TASK_NAME_LEN];
};

struct sink_html {
	struct sink sink; /* first: the sink is the whole */
	struct sink_context context;
	struct tracks *tracks;
	struct html_pack *pack;
	struct html_task *tasks; /* by number */
	uint32_t n_tasks, n_tasks_room;
	uint64_t last_ns; /* of the last item */
	uint64_t n_items[N_ITEMS];
	uint64_t n_events, n_lost, n_gaps; /* lost: as far as gaps tell how many */
	uint64_t n_left_out, left_out_ns;  /* events behind the last item, and since when */
};

/* --- tasks --------------------------------------------------------------------------------------- */

static void note_name(struct sink_html *html, uint32_t number, uint32_t task)
{
	snprintf(html->tasks[number].name, TASK_NAME_LEN, "%s",
		 names_get(html->context.names, task_pid(task)));
}

static uint32_t add_task(struct sink_html *html, uint32_t task, uint32_t process)
{
	if (html->n_tasks >= N_TASKS_MAX)
		return NOBODY;
	if (html->n_tasks == html->n_tasks_room) {
		uint32_t n_room = html->n_tasks_room ? html->n_tasks_room * 2 : 1024;
		struct html_task *more = realloc(html->tasks, n_room * sizeof(*more));

		if (!more)
			return NOBODY;
		html->tasks = more;
		html->n_tasks_room = n_room;
	}
	html->tasks[html->n_tasks] = (struct html_task){ .task = task, .process = process };
	note_name(html, html->n_tasks, task);
	return html->n_tasks++;
}

static uint32_t number_of(struct sink_html *html, uint32_t task)
{
	struct life *life = tracks_life(html->tracks, task);

	if (!task_pid(task))
		return IDLE;
	if (!life)
		return NOBODY;
	if (!life->number)
		life->number = add_task(html, task, life->process);
	return life->number;
}

/* --- items --------------------------------------------------------------------------------------- */

static bool is_full(const struct sink_html *html)
{
	return html->left_out_ns != 0;
}

static void begin_item(struct sink_html *html, enum item kind, unsigned flags, uint64_t end_ns)
{
	html_pack_number(html->pack, kind | flags << KIND_BITS);
	html_pack_signed(html->pack, (int64_t)(end_ns - html->last_ns));
	html->last_ns = end_ns;
	html->n_items[kind]++;
	if (html->n_items[ITEM_STRETCH] + html->n_items[ITEM_COROUTINE] +
		    html->n_items[ITEM_MARK] >=
	    N_ITEMS_MAX)
		html->left_out_ns = end_ns;
}

static void on_stretch(const struct stretch *stretch, void *ctx)
{
	struct sink_html *html = ctx;
	bool woken = stretch->woken_ns && stretch->woken_ns <= stretch->start_ns;

	if (is_full(html))
		return;
	begin_item(html, ITEM_STRETCH,
		   (stretch->left ? LEFT : 0) | (stretch->waited_ns ? WAITED : 0) |
			   (woken ? WOKEN : 0),
		   stretch->end_ns);
	html_pack_number(html->pack, stretch->end_ns - stretch->start_ns);
	html_pack_number(html->pack, stretch->cpu);
	html_pack_number(html->pack, number_of(html, stretch->task));
	if (stretch->left)
		html_pack_number(html->pack, stretch->state);
	if (stretch->waited_ns)
		html_pack_number(html->pack, stretch->waited_ns);
	if (!woken)
		return;
	html_pack_number(html->pack, number_of(html, stretch->waker));
	html_pack_number(html->pack, stretch->start_ns - stretch->woken_ns);
	html_pack_number(html->pack, stretch->waker_cpu);
}

static void on_coroutine(const struct co_stretch *stretch, void *ctx)
{
	struct sink_html *html = ctx;

	if (is_full(html))
		return;
	begin_item(html, ITEM_COROUTINE, 0, stretch->end_ns);
	html_pack_number(html->pack, stretch->end_ns - stretch->start_ns);
	html_pack_number(html->pack, number_of(html, stretch->task));
	html_pack_number(html->pack, stretch->id);
	html_pack_number(html->pack, stretch->lane);
}

/* What has no length: the task that made it, and a task or a number that it is about. */
static void put_mark(struct sink_html *html, const struct event *event, uint64_t about)
{
	if (is_full(html))
		return;
	begin_item(html, ITEM_MARK, 0, event->time_ns);
	html_pack_number(html->pack, event->kind);
	html_pack_number(html->pack, event->cpu);
	html_pack_number(html->pack,
			 event->kind == EVENT_LOST ? NOBODY : number_of(html, event->task));
	html_pack_number(html->pack, about);
}

static void put_name(struct sink_html *html, const struct event *event)
{
	struct life *life = tracks_life(html->tracks, event->task);

	if (life && life->number)
		note_name(html, life->number, event->task);
}

static void write_event(struct sink *sink, const struct event *event, const struct delta *delta)
{
	struct sink_html *html = (struct sink_html *)sink;

	(void)delta;
	html->n_events++;
	if (is_full(html))
		html->n_left_out++;
	tracks_apply(html->tracks, event);
	switch (event->kind) {
	case EVENT_CLONE:
		put_mark(html, event, number_of(html, event->made.child));
		break;
	case EVENT_EXEC:
		put_mark(html, event, 0);
		break;
	case EVENT_EXIT:
		put_mark(html, event, event->end.code & 0xffff);
		break;
	case EVENT_LOST:
		html->n_gaps++;
		html->n_lost += event->lost.n;
		put_mark(html, event, event->lost.n);
		break;
	case EVENT_NAME:
		put_name(html, event);
		break;
	default:
		break;
	}
}

static void pass_event(struct sink *sink, const struct event *event)
{
	tracks_pass(((struct sink_html *)sink)->tracks, event);
}

/* --- the page ------------------------------------------------------------------------------------ */

/* Nothing is fetched, whatever a name may hold. */
static void put_head(struct writer *out)
{
	writer_text(out,
		    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n"
		    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		    "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
		    "<title>swtch</title>\n<style>\n:root{");
	for (unsigned hue = 0; hue < N_LANE_HUES; hue++)
		writer_print(out, "--hue-%u:%s;", hue, lane_colours[hue]);
	writer_text(out, "--hue-other:" OTHER_COLOUR "}\n");
	writer_text(out, html_page_style);
	writer_text(out, "</style>\n</head>\n<body>\n<script type=\"text/plain\" id=\"items\">\n");
}

static void put_lanes(struct sink_html *html, struct json *json)
{
	json_array(json, "lanes");
	for (unsigned lane = 0; lane < html->context.n_lanes; lane++) {
		const struct lane_label *label = &html->context.lanes[lane].label;

		json_object(json, NULL);
		json_string(json, "name", lane ? label->name : "other tasks");
		if (lane)
			json_u64(json, "hue", lane_hue(label, lane));
		else
			json_null(json, "hue");
		json_bool(json, "used", label->phase != LANE_UNUSED);
		json_object_end(json);
	}
	json_array_end(json);
}

static void put_tasks(struct sink_html *html, struct json *json)
{
	json_array(json, "tasks");
	for (uint32_t i = 0; i < html->n_tasks; i++) {
		const struct html_task *task = &html->tasks[i];

		json_array(json, NULL);
		json_u64(json, NULL, task_pid(task->task));
		json_u64(json, NULL, task_lane(task->task));
		json_u64(json, NULL, task->process);
		json_name(json, NULL, task->name);
		json_array_end(json);
	}
	json_array_end(json);
}

static void put_facts(struct sink_html *html)
{
	const struct sink_context *context = &html->context;
	struct json json;

	json_init(&json, &html->sink.out);
	json.for_page = true;
	json_object(&json, NULL);
	json_i64(&json, "from", (int64_t)(context->from_ns - context->start_ns));
	json_u64(&json, "span", context->to_ns - context->from_ns);
	json_u64(&json, "cpus", context->n_cpus);
	json_u64(&json, "events", html->n_events);
	json_u64(&json, "lost", html->n_lost);
	json_u64(&json, "gaps", html->n_gaps);
	json_u64(&json, "leftOut", html->n_left_out);
	json_u64(&json, "leftOutFrom", is_full(html) ? html->left_out_ns - context->from_ns : 0);
	json_u64(&json, "stretches", html->n_items[ITEM_STRETCH]);
	json_u64(&json, "coroutines", html->n_items[ITEM_COROUTINE]);
	json_u64(&json, "marks", html->n_items[ITEM_MARK]);
	json_array(&json, "kinds");
	for (unsigned kind = 0; kind < N_EVENT_KINDS; kind++)
		json_string(&json, NULL, event_kind_name(kind));
	json_array_end(&json);
	put_lanes(html, &json);
	put_tasks(html, &json);
	if (context->report) {
		json_string(&json, "says", context->report->run->says);
		json_string(&json, "shows", context->report->run->shows);
		report_put_json(context->report, &json, "report");
	}
	json_object_end(&json);
}

static void put_notes(struct writer *out, const struct report *report)
{
	for (unsigned lane = 1; lane < report->state->n_lanes; lane++) {
		const struct lane_label *label = &report->state->lanes[lane].label;

		if (label->phase == LANE_UNUSED || !*label->note)
			continue;
		writer_text(out, label->phase == LANE_FAILED ? "<p class=\"bad\">" : "<p>");
		markup_text(out, label->name);
		writer_text(out, ": ");
		markup_text(out, label->note);
		writer_text(out, "</p>\n");
	}
}

static void end(struct sink *sink)
{
	struct sink_html *html = (struct sink_html *)sink;
	const struct report *report = html->context.report;
	struct writer *out = &sink->out;

	tracks_end(html->tracks, html->context.to_ns);
	html_pack_end(html->pack);
	writer_text(out, "\n</script>\n<script type=\"application/json\" id=\"facts\">\n");
	put_facts(html);
	writer_text(out, "\n</script>\n<header id=\"head\"></header>\n<main>\n"
			 "<section id=\"timeline\"></section>\n"
			 "<section id=\"table\"><h2>Figures of the whole run</h2>\n"
			 "<div class=\"scroll\">\n");
	if (report) {
		report_put_html(report, out);
		writer_text(out, "</div>\n");
		put_notes(out, report);
	}
	writer_text(out, "</section>\n<section id=\"histograms\"></section>\n</main>\n"
			 "<footer id=\"foot\"></footer>\n<script>\n'use strict';\n(() => {\n");
	writer_text(out, html_page_script);
	writer_text(out, "})();\n</script>\n</body>\n</html>\n");
}

static void fini(struct sink *sink)
{
	struct sink_html *html = (struct sink_html *)sink;

	html_pack_free(html->pack);
	tracks_free(html->tracks);
	free(html->tasks);
}

struct sink *sink_html_new(FILE *out, const struct sink_context *context)
{
	struct sink_html *html = calloc(1, sizeof(*html));
	struct tracks_visitor visitor = { on_stretch, on_coroutine, html };

	if (!html)
		return NULL;
	sink_init(&html->sink, out, write_event);
	html->sink.pass = pass_event;
	html->sink.end = end;
	html->sink.fini = fini;
	html->context = *context;
	html->last_ns = context->from_ns;
	html->tracks = tracks_new(context->n_cpus, context->from_ns, &visitor);
	html->pack = html_pack_new(&html->sink.out);
	if (!html->tracks || !html->pack) {
		sink_free(&html->sink);
		return NULL;
	}
	add_task(html, 0, 0);	  /* nobody */
	add_task(html, 0, 0);	  /* idle */
	if (html->n_tasks != 2) { /* their numbers would be others' */
		sink_free(&html->sink);
		return NULL;
	}
	put_head(&html->sink.out);
	return &html->sink;
}
