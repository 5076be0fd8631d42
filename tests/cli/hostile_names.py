# SPDX-License-Identifier: GPL-2.0-only
"""
What programs can be called to do harm, and programs that call themselves so.

    hostile_names.py tasks [COUNT]   each name is taken by a process, a thread and a coroutine, which switch
    hostile_names.py sleepers        a process of each name; their pids; they end with what stdin comes from
    hostile_names.py code            a C array of the names, for a program with marks
    hostile_names.py words           those that an argument can be, as hex, one a line
    hostile_names.py shown           each as it must be shown, where nothing else is escaped
    hostile_names.py clean FILE...   no byte in any that a terminal or a page would act on
"""
import asyncio
import ctypes
import os
import re
import sys
import threading
import time

PR_SET_NAME = 15

# At most 15 bytes, which is what the kernel keeps; as they must be shown.
NAMES = (
    (b'\x1b[2J\x1b[31mred', r'\x1b[2J\x1b[31mred'),
    (b'\x1b]0;title\x07', r'\x1b]0;title\x07'),
    (b'"quo",\'ted\'', None),
    (b'=cmd()', '=cmd()'),
    (b'+1,@SUM(A1)', None),
    (b'</script><b>', None),
    (b'<!--]]>&lt;', None),
    (b'bad\xff\xc3(\xe2\x82', r'bad\xff\xc3(\xe2\x82'),
    (b'c1\x9b2J\xc2\x9b2J', r'c1\x9b2J\xc2\x9b2J'),
    (b'two\nlines\r', r'two\x0alines\x0d'),
    (b'tab\tdel\x7f', r'tab\x09del\x7f'),
    ('tfel\u202ethgir'.encode(), r'tfel\xe2\x80\xaethgir'),
    (b'fifteen-bytes-x', 'fifteen-bytes-x'),
    (b'fifteen-byte\xe2\x82\xac', 'fifteen-byte\u20ac'),
    (b'fifteen-bytes\xe2\x82', r'fifteen-bytes\xe2\x82'),
    (b'%s%n%99999d', '%s%n%99999d'),
    (b'back\\slash\\', None),
    (b'nul\0after', 'nul'),
    (b'a: 1 -> b', 'a: 1 -> b'),
    (b'${x}`id`;{{', None),
)


def call_this_thread(name):
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_NAME, name, 0, 0, 0)


def live_as(name, n_turns):
    call_this_thread(name)
    for _ in range(n_turns):
        time.sleep(0.005)


async def steps():
    for _ in range(3):
        await asyncio.sleep(0)


async def coroutines():
    for name, _ in NAMES:
        coroutine = steps()
        coroutine.__name__ = name.decode('utf-8', 'replace')
        await asyncio.create_task(coroutine)


def tasks(n_turns):
    children = []
    for name, _ in NAMES:
        child = os.fork()
        if not child:
            live_as(name, n_turns)
            os._exit(0)
        children.append(child)
    threads = [threading.Thread(target=live_as, args=(name, n_turns)) for name, _ in NAMES]
    for thread in threads:
        thread.start()
    asyncio.run(coroutines())
    for thread in threads:
        thread.join()
    for child in children:
        os.waitpid(child, 0)


def sleepers():
    children = []
    for name, _ in NAMES:
        named, tell = os.pipe()
        child = os.fork()
        if not child:
            call_this_thread(name)
            os.write(tell, b'.')
            sys.stdin.read()
            os._exit(0)
        os.read(named, 1)
        children.append(child)
    print(*children, sep=',', flush=True)
    sys.stdin.read()
    for child in children:
        os.waitpid(child, 0)


def code():
    print('static const char *const names[] = {')
    for name, _ in NAMES:
        print('\t"%s",' % ''.join('\\%03o' % byte for byte in name))
    print('};')


def clean(paths):
    status = 0
    for path in paths:
        data = open(path, 'rb').read()
        if path.endswith('.html'):
            data = data.replace(b'\t', b'')  # the page's own
        # C0 but the newline, DEL; C1 and what reorders text, as UTF-8; what is no UTF-8 at all.
        found = re.search(rb'[\0-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]', data)
        try:
            data.decode()
        except UnicodeDecodeError as error:
            print('#', path, error)
            status = 1
        if found:
            print('#', path, 'at', found.start(), data[max(0, found.start() - 40):found.end() + 40])
            status = 1
        if not data:
            print('#', path, 'is empty')
            status = 1
    return status


if sys.argv[1] == 'tasks':
    tasks(int(sys.argv[2]) if len(sys.argv) > 2 else 4)
elif sys.argv[1] == 'sleepers':
    sleepers()
elif sys.argv[1] == 'code':
    code()
elif sys.argv[1] == 'words':
    for raw, _ in NAMES:
        if b'\0' not in raw:
            print(raw.hex())
elif sys.argv[1] == 'shown':
    for _, shown in NAMES:
        if shown:
            print(shown)
elif sys.argv[1] == 'clean':
    sys.exit(clean(sys.argv[2:]))
