# SPDX-License-Identifier: GPL-2.0-only
# Ten threads sleep five seconds each, and all of it takes five seconds.
import time
from threading import Thread


def sleepMe(i):
    print("Thread %i falls asleep for 5 seconds.\n" % i)
    time.sleep(5)
    print("Thread %i has woken up.\n" % i)


for i in range(10):
    th = Thread(target=sleepMe, args=(i, ))
    th.start()
