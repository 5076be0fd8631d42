# SPDX-License-Identifier: GPL-2.0-only
# pair.py CPU GO PIDS KERNEL: two processes on one CPU that write their pids into PIDS and wait until somebody
# writes the pipe GO; then they hand a byte to and fro as fast as they can, until GO is no more. At the end each
# writes into KERNEL its pid, and what /proc/self/status says that it left a CPU, voluntarily and not.
import os, sys

cpu, go, pids, kernel = sys.argv[1:]
pipes = [os.pipe(), os.pipe()]


def switches():
    with open("/proc/self/status") as status:
        return [line.split()[1] for line in status if "ctxt_switches" in line]


def play(number):
    read, write = pipes[number][0], pipes[1 - number][1]
    os.close(pipes[number][1])
    os.close(pipes[1 - number][0])
    os.write(pids, f"{os.getpid()}\n".encode())
    os.close(os.open(go, os.O_RDONLY))
    n = 0
    while number or n % 1000 or os.path.exists(go):
        n += 1
        if not number:
            os.write(write, b"x")
        if not os.read(read, 1):
            break
        if number:
            os.write(write, b"x")
    os.write(kernel, " ".join([str(os.getpid()), *switches()]).encode() + b"\n")
    os._exit(0)


os.sched_setaffinity(0, [int(cpu)])
pids, kernel = (os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666) for path in (pids, kernel))
for number in range(2):
    if os.fork() == 0:
        play(number)
for pipe in pipes:
    os.close(pipe[0])
    os.close(pipe[1])
for number in range(2):
    os.wait()
