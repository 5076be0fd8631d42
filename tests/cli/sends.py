# Loops of one's own, without asyncio, in several threads: coroutines and generators that are resumed by
# send(), one of them in the midst of another; counts itself each resumption by a loop.
import sys
import threading
import types


@types.coroutine
def pause():
    return (yield)


async def inner(n):
    for _ in range(n):
        await pause()


async def outer(n):
    by_hand = inner(1)
    by_hand.send(None)  # no step: the thread is in the midst of one
    by_hand.close()
    await inner(n)


def generator(n):
    for _ in range(n):
        yield


def loop(counts, n_coroutines, n):
    ready = [outer(n) for _ in range(n_coroutines)] + [generator(n + 1) for _ in range(n_coroutines)]
    steps = 0
    while ready:
        task = ready.pop(0)
        steps += 1
        try:
            task.send(None)
            ready.append(task)
        except StopIteration:
            pass
    try:
        task.send(None)  # none either: it has ended
    except StopIteration:
        pass
    counts.append(steps)


counts = []
threads = [threading.Thread(target=loop, args=(counts, int(sys.argv[2]), int(sys.argv[3])))
           for _ in range(int(sys.argv[1]))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(counts))
