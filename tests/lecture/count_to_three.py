# SPDX-License-Identifier: GPL-2.0-only
# A coroutine driven by hand: each send() resumes it until it offers the CPU to others. The fourth
# finds it at its end, which Python raises as StopIteration.
import asyncio


async def count_to_three():
    print("Counting. 1")
    await asyncio.sleep(0)
    print("Counting. 2")
    await asyncio.sleep(0)
    print("Counting. 3")
    await asyncio.sleep(0)


coroutine_counter = count_to_three()
print(coroutine_counter)
coroutine_counter.send(None)
coroutine_counter.send(None)
coroutine_counter.send(None)
coroutine_counter.send(None)
