// SPDX-License-Identifier: 0BSD
/*
 * marks_loop.c - a loop written by hand, whose state machines swtch can see: each is a coroutine in
 * all but name. Four calls are there for swtch: they begin with swtch_mark_.
 *
 *	swtch stat -- build/examples/marks_loop [ROUNDS]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "swtch_marks.h"

enum phase { CONNECT, SEND, RECEIVE, PARSE, DONE };

struct machine {
	uint32_t mark; /* what swtch knows it by */
	enum phase phase;
	uint64_t n_left, sum;
};

#define N_MACHINES 8

/* One step of a machine, from one point where it would wait to the next. */
static void step(struct machine *machine)
{
	switch (machine->phase) {
	case CONNECT:
		machine->phase = SEND;
		break;
	case SEND:
		machine->phase = RECEIVE;
		break;
	case RECEIVE:
		machine->sum = machine->sum * 6364136223846793005ull + 1442695040888963407ull;
		machine->phase = PARSE;
		break;
	case PARSE:
		machine->phase = --machine->n_left ? SEND : DONE;
		break;
	case DONE:
		break;
	}
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "fetch", "parse", "store", "reply" };
	struct machine machines[N_MACHINES];
	uint64_t n_rounds = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
	unsigned long long n_steps = 0;
	unsigned n_alive = N_MACHINES;

	for (unsigned i = 0; i < N_MACHINES; i++)
		machines[i] = (struct machine){ .mark = swtch_mark_create(names[i % 4]),
						.n_left = n_rounds ? n_rounds : 1 };
	while (n_alive) {
		for (unsigned i = 0; i < N_MACHINES; i++) {
			struct machine *machine = &machines[i];

			if (machine->phase == DONE)
				continue;
			swtch_mark_resume(machine->mark);
			step(machine);
			n_steps++;
			if (machine->phase == DONE) {
				swtch_mark_end(machine->mark);
				n_alive--;
			} else {
				swtch_mark_suspend(machine->mark);
			}
		}
	}
	printf("coroutines %d steps %llu switches %llu\n", N_MACHINES, n_steps, 2 * n_steps);
	return 0;
}
