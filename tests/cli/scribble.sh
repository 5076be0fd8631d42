#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# scribble.sh - a program that writes all over the memory of its marks, while it is read: it harms its own
# marks alone. PASSES: over all of it.
. "$(dirname "$0")/../script.bash"
needs_root
include=$scripts/../../include
loop=$(realpath "$(dirname "$swtch")")/examples/marks_loop
passes=${PASSES:-30}
rounds=500 # of marks_loop: half of what its ring holds, so that nothing is lost however slow this is

cat >scribble.c <<'END'
#include <stdlib.h>
#include "swtch_marks.h"

static uint64_t seed = 1;

static uint64_t draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* What could be marks, of any coroutine and thread; and names. */
static void lie(struct swtch_mark_area *area)
{
	struct swtch_mark_ring *ring = &area->rings[draw() % 4];

	for (unsigned i = 0; i < 2000; i++) {
		struct swtch_mark *mark = &ring->marks[(ring->head + i) % SWTCH_MARKS_N_MARKS];

		mark->ticks = draw() % 2 ? draw() : swtch_mark_ticks();
		mark->coroutine = draw() % 2 ? (uint32_t)draw() : (uint32_t)draw() % 20;
		mark->kind = (uint32_t)draw() % 7;
		area->names[mark->coroutine % SWTCH_MARKS_N_NAMES].coroutine = mark->coroutine;
	}
	ring->head += draw() % 4 ? draw() % 2000 : draw();
	area->n_rings = (uint32_t)draw();
}

int main(int argc, char **argv)
{
	swtch_mark_resume(swtch_mark_create("liar"));
	if (!swtch_marks_area)
		return 1;
	for (long passes = argc > 1 ? atol(argv[1]) : 1; passes > 0; passes--) {
		volatile uint64_t *words = (volatile uint64_t *)swtch_marks_area;

		for (size_t i = 0; i < sizeof(*swtch_marks_area) / sizeof(*words); i++)
			words[i] = draw();
		for (unsigned i = 0; i < 20; i++)
			lie(swtch_marks_area);
	}
	return 0;
}
END
gcc -O2 -std=c11 -D_GNU_SOURCE "-I$include" scribble.c -o scribble 2>err
result "a program that scribbles is built" $?

timeout 100 "$swtch" stat --json -o lanes.json --lane "liar=-- ./scribble $passes" \
	--lane "honest=-- '$loop' 20000" >printed 2>err </dev/null &&
	read -r _ coroutines _ _ _ switches <printed &&
	jq -e --argjson c "$coroutines" --argjson s "$switches" '.lost.events < 1e12 and (.lanes[1] |
		.name == "honest" and .user_switches == $s and .created.coroutines == $c)' lanes.json >/dev/null
result "what a program in another lane counts is exact, and what is lost can be" $?

# Both in one lane; events of the honest one by the name of its task.
run log -f jsonl -o all.jsonl -- sh -c "./scribble $passes & '$loop' $rounds; wait" >/dev/null
result "what both tell is read" $?
jq -c 'select(.task.name == "marks_loop" and .coroutine)' all.jsonl >honest.jsonl
jq -se --argjson n $rounds 'group_by(.coroutine) | length == 8 and all(
	(map(select(.kind == "create")) | length == 1) and
	(map(select(.kind == "coname")) | length == 1) and
	(map(select(.kind == "resume")) | length == 1 + 3 * $n) and
	(map(select(.kind == "suspend")) | length == 3 * $n) and
	(map(select(.kind == "end")) | length == 1))' honest.jsonl >/dev/null
result "each mark of the honest program came, and none that is not its own" $?
[ "$(jq -r 'select(.kind == "coname") | .name' honest.jsonl | sort | uniq -c | awk '{ print $1 $2 }' | xargs)" = \
	"2fetch 2parse 2reply 2store" ]
result "with its names" $?
jq -c 'select(.coroutine and .task.name == "scribble") | .coroutine' all.jsonl | sort -u >theirs
[ "$(wc -l <theirs)" -gt 1000 ] && ! jq -c .coroutine honest.jsonl | sort -u | grep -qxFf theirs
result "and no coroutine of the liar is taken for one of its own" $?
exit $failed
