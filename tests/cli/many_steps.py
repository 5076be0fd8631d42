# Coroutines resumed by hand, as the lines on stdin ask: "leave N" leaves N of them suspended, "end N" makes N
# processes that end in the middle of a step, "step N M" resumes N of them M times; says what it has done.
import os
import sys
import types


@types.coroutine
def pause():
    return (yield)


async def stay(n):
    for _ in range(n):
        await pause()


async def leave():
    os._exit(0)


def end(n):
    pids = []
    for _ in range(n):
        pid = os.fork()
        if not pid:
            leave().send(None)
        os.waitpid(pid, 0)
        pids.append(pid)
    return pids


def step(n, m):
    coroutines = [stay(m) for _ in range(n)]
    for _ in range(m):
        for coroutine in coroutines:
            coroutine.send(None)
    return coroutines


kept = []
for line in sys.stdin:
    verb, *numbers = line.split()
    numbers = [int(number) for number in numbers]
    if verb == "leave":
        kept.append(step(numbers[0], 1))
    elif verb == "end":
        print(*end(*numbers))
    else:
        step(*numbers)
    print("done", flush=True)
