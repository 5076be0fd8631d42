// SPDX-License-Identifier: GPL-2.0-only
/* doctor.c - what was found, what is needed, how to get it: as a table or as JSON. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/output.h"
#include "cmd/checks.h"
#include "cmd/options.h"

#define N_CHECKS_MAX 64

struct diagnosis {
	struct finding findings[N_CHECKS_MAX];
	unsigned n_of[VERDICT_MISSING + 1];
};

static void examine(struct diagnosis *diagnosis)
{
	for (unsigned i = 0; i < N_CHECKS_MAX && checks[i].name; i++) {
		struct finding *finding = &diagnosis->findings[i];

		checks[i].look(finding);
		diagnosis->n_of[finding->verdict]++;
	}
}

static void print_table(const struct diagnosis *diagnosis)
{
	printf("%-9s %-17s %-31s %s\n", "", "what", "needed", "found");
	for (unsigned i = 0; checks[i].name; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		printf("%-9s %-17s %-31s %s\n", verdict_name(finding->verdict), checks[i].name,
		       checks[i].needed, finding->found);
		if (*finding->fix)
			printf("%-9s %-17s -> %s\n", "", "", finding->fix);
	}
	if (diagnosis->n_of[VERDICT_MISSING])
		printf("\n%u missing: swtch cannot watch here until they are there.\n",
		       diagnosis->n_of[VERDICT_MISSING]);
	else if (diagnosis->n_of[VERDICT_UNSEEN])
		printf("\nNothing is missing as far as can be seen.\n");
	else
		printf("\nNothing is missing.\n");
}

static int print_json(const struct diagnosis *diagnosis)
{
	struct json json;
	struct writer writer;

	writer_init(&writer, stdout);
	json_init(&json, &writer);
	json_object(&json, NULL);
	json_u64(&json, "version", 1);
	json_bool(&json, "ready", !diagnosis->n_of[VERDICT_MISSING]);
	json_array(&json, "checks");
	for (unsigned i = 0; checks[i].name; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		json_object(&json, NULL);
		json_string(&json, "name", checks[i].name);
		json_string(&json, "needed", checks[i].needed);
		json_string(&json, "found", finding->found);
		json_string(&json, "verdict", verdict_name(finding->verdict));
		json_string(&json, "fix", *finding->fix ? finding->fix : NULL);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	json_line(&json);
	return json_finish(&json);
}

int cmd_doctor(const struct options *options)
{
	struct diagnosis diagnosis = { 0 };
	int err = 0;

	examine(&diagnosis);
	if (options->json)
		err = print_json(&diagnosis);
	else
		print_table(&diagnosis);
	if (!err && fflush(stdout))
		err = -errno;
	if (output_failed(err)) {
		fprintf(stderr, "swtch: cannot write standard output: %s\n", strerror(-err));
		return EXIT_FAILED;
	}
	return diagnosis.n_of[VERDICT_MISSING] ? EXIT_FAILED : EXIT_OK;
}
