// SPDX-License-Identifier: GPL-2.0-only
/* label.c - lanes are told apart by colour: the models each have theirs, others share the rest. */
#include "event/label.h"

#include <string.h>

unsigned lane_hue(const struct lane_label *label, unsigned lane)
{
	static const char *const models[] = { "process", "thread", "coroutine" };
	enum { N_MODEL_HUES = sizeof(models) / sizeof(*models) };

	for (unsigned i = 0; i < N_MODEL_HUES; i++)
		if (!strcmp(label->model, models[i]))
			return i;
	return N_MODEL_HUES + (lane + N_LANE_HUES - 1) % (N_LANE_HUES - N_MODEL_HUES);
}
