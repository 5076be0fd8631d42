# Executes itself anew in the midst of a step, three times: six steps each.
import os
import sys
import types


@types.coroutine
def pause():
    yield


async def run(n):
    for _ in range(5):
        await pause()
    if n:
        os.execv(sys.executable, [sys.executable, __file__, str(n - 1)])


coroutine = run(int(sys.argv[1]))
try:
    while True:
        coroutine.send(None)
except StopIteration:
    pass
