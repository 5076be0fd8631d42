# SPDX-License-Identifier: GPL-2.0-only
# An endless loop of send(): what ends it is the coroutine's end.
import asyncio


async def count(limit=3):
    for step in range(1, limit + 1):
        print("Counting.", step)
        await asyncio.sleep(0)


coroutine = count(5)

while True:
    coroutine.send(None)
