# A server and its clients on one loop, with real sockets; counts itself each step of each task.
import asyncio
import collections.abc
import sys

steps = 0


class Counted(collections.abc.Coroutine):
    def __init__(self, coroutine):
        self.coroutine = coroutine

    def send(self, value):
        global steps
        steps += 1
        return self.coroutine.send(value)

    def throw(self, *args):
        return self.coroutine.throw(*args)

    def close(self):
        return self.coroutine.close()

    def __await__(self):
        return self.coroutine.__await__()


async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()


async def ask(port, n):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for i in range(n):
        writer.write(b"%d\n" % i)
        assert await reader.readline() == b"%d\n" % i
    writer.close()


async def main(n_clients, n):
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.gather(*[ask(port, n) for _ in range(n_clients)])
    server.close()


def run(n_clients, n):
    loop = asyncio.new_event_loop()
    if "--count" in sys.argv:
        loop.set_task_factory(lambda loop, coroutine, **more: asyncio.Task(Counted(coroutine), loop=loop))
    loop.run_until_complete(main(n_clients, n))


if "--wait" in sys.argv:
    print("ready", flush=True)
    sys.stdin.readline()
    steps = 0
run(int(sys.argv[1]), int(sys.argv[2]))
print(steps, flush=True)
