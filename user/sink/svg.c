// SPDX-License-Identifier: GPL-2.0-only
/* svg.c - gathers what is to be drawn; svg_draw.c draws it at the end. */
#include <stdlib.h>

#include "event/print.h"
#include "sink/formats.h"
#include "sink/svg_data.h"

struct sink_svg {
	struct sink sink; /* first: the sink is the whole */
	struct tracks *tracks;
	struct svg_data data;
};

static unsigned lane_of(uint32_t task)
{
	return task_lane(task) < N_LANES_MAX ? task_lane(task) : 0;
}

/* Its time, dealt out to the columns that it crosses. */
static void add_shares(struct svg_data *data, const struct stretch *stretch)
{
	double from = (double)data->context.from_ns;
	double width = ((double)data->context.to_ns - from) / SVG_N_COLUMNS;
	double start = (double)stretch->start_ns - from, end = (double)stretch->end_ns - from;
	unsigned lane = lane_of(stretch->task);

	if (width <= 0 || start < 0)
		return;
	for (unsigned i = (unsigned)(start / width); i < SVG_N_COLUMNS && i * width < end; i++) {
		double a = i * width > start ? i * width : start;
		double b = (i + 1) * width < end ? (i + 1) * width : end;

		if (b > a)
			svg_shares(data, stretch->cpu, i)[lane] += (float)(b - a);
	}
}

static void on_stretch(const struct stretch *stretch, void *ctx)
{
	struct svg_data *data = &((struct sink_svg *)ctx)->data;
	struct text text;

	if (stretch->start_ns >= data->context.to_ns)
		return;
	data->used[lane_of(stretch->task)] = true;
	data->cpu_used[stretch->cpu] = true;
	add_shares(data, stretch);
	if (data->n_stretches < SVG_STRETCHES_MAX) {
		struct svg_stretch *kept = &data->stretches[data->n_stretches];

		kept->stretch = *stretch;
		text_init(&text, kept->name, sizeof(kept->name));
		text_name(&text, names_get(data->context.names, task_pid(stretch->task)));
	}
	data->n_stretches++;
}

/* Coroutines are within a thread's stretch, too small for a page. */
static void on_coroutine(const struct co_stretch *stretch, void *ctx)
{
	(void)stretch;
	(void)ctx;
}

static void write_event(struct sink *sink, const struct event *event, const struct delta *delta)
{
	struct sink_svg *svg = (struct sink_svg *)sink;
	struct svg_data *data = &svg->data;

	(void)delta;
	tracks_apply(svg->tracks, event);
	if (event->kind == EVENT_LOST) {
		data->n_gaps++;
		data->n_lost += event->lost.n;
	}
	if (event->kind != EVENT_CLONE && event->kind != EVENT_EXIT)
		return;
	if (data->n_marks < SVG_MARKS_MAX)
		data->marks[data->n_marks] =
			(struct svg_mark){ .time_ns = event->time_ns,
					   .cpu = event->cpu,
					   .ends = event->kind == EVENT_EXIT,
					   .lane = (uint8_t)lane_of(event->task) };
	data->n_marks++;
}

static void pass_event(struct sink *sink, const struct event *event)
{
	tracks_pass(((struct sink_svg *)sink)->tracks, event);
}

static void end(struct sink *sink)
{
	struct sink_svg *svg = (struct sink_svg *)sink;

	tracks_end(svg->tracks, svg->data.context.to_ns);
	svg_draw(&svg->data, &sink->out);
}

static void fini(struct sink *sink)
{
	struct sink_svg *svg = (struct sink_svg *)sink;

	tracks_free(svg->tracks);
	free(svg->data.cpu_used);
	free(svg->data.shares);
}

struct sink *sink_svg_new(FILE *out, const struct sink_context *context)
{
	struct sink_svg *svg = calloc(1, sizeof(*svg));
	struct tracks_visitor visitor = { on_stretch, on_coroutine, svg };

	if (!svg)
		return NULL;
	sink_init(&svg->sink, out, write_event);
	svg->sink.pass = pass_event;
	svg->sink.end = end;
	svg->sink.fini = fini;
	svg->data.context = *context;
	svg->data.cpu_used = calloc(context->n_cpus, sizeof(*svg->data.cpu_used));
	svg->data.shares = calloc((size_t)context->n_cpus * SVG_N_COLUMNS * N_LANES_MAX,
				  sizeof(*svg->data.shares));
	svg->tracks = tracks_new(context->n_cpus, context->from_ns, &visitor);
	if (!svg->data.cpu_used || !svg->data.shares || !svg->tracks) {
		sink_free(&svg->sink);
		return NULL;
	}
	return &svg->sink;
}
