// SPDX-License-Identifier: 0BSD
/*
 * marks_boost.cpp - fibers of Boost.Context under a scheduler of twenty lines, visible to swtch: the
 * marks stand around the one place where a fiber is entered, and its body knows nothing of them.
 *
 *	swtch log -- build/examples/marks_boost [ROUNDS]
 */
#include <boost/context/fiber.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <utility>

#include "swtch_marks.h"

namespace context = boost::context;

class scheduler
{
      public:
	using body = std::function<void(scheduler &)>;

	void spawn(const char *name, body what)
	{
		ready.push_back({ swtch_mark_create(name), context::fiber() });
		ready.back().fiber = context::fiber([this, what](context::fiber &&back) {
			loop = std::move(back);
			what(*this);
			return std::move(loop);
		});
		created++;
	}

	/* Called by a fiber: the others come first. */
	void yield()
	{
		loop = std::move(loop).resume();
	}

	void run()
	{
		while (!ready.empty()) {
			task now = std::move(ready.front());

			ready.pop_front();
			swtch_mark_resume(now.mark);
			now.fiber = std::move(now.fiber).resume();
			steps++;
			if (now.fiber) {
				swtch_mark_suspend(now.mark);
				ready.push_back(std::move(now));
			} else {
				swtch_mark_end(now.mark);
			}
		}
	}

	unsigned long long created = 0, steps = 0;

      private:
	struct task {
		std::uint32_t mark; /* what swtch knows it by */
		context::fiber fiber;
	};

	std::deque<task> ready;
	context::fiber loop; /* where a fiber goes when it leaves */
};

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000;
	unsigned long long produced = 0, consumed = 0;
	scheduler fibers;

	fibers.spawn("producer", [&](scheduler &here) {
		for (unsigned long i = 0; i < rounds; i++, here.yield())
			produced++;
	});
	fibers.spawn("consumer", [&](scheduler &here) {
		for (; consumed < rounds; here.yield())
			consumed = produced;
	});
	fibers.spawn("parent", [&](scheduler &here) {
		for (unsigned long i = 0; i < rounds / 10; i++, here.yield())
			here.spawn("child", [](scheduler &child) { child.yield(); });
	});
	fibers.run();
	std::printf("coroutines %llu steps %llu switches %llu\n", fibers.created, fibers.steps,
		    2 * fibers.steps);
	return 0;
}
