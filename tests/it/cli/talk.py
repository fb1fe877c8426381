"""Runs a command whose standard input and output are a terminal, and talks to it: a list of [what it asks, what is typed
then] on stdin. `HANG UP` instead of what is typed takes the terminal away. Standard error is a pipe.

Writes JSON: exit code (minus the signal), what the terminal showed, and standard error. The terminal is not the one that
controls the command, so that it ends by its own will when the terminal goes away.
"""

import json
import os
import pty
import select
import subprocess
import sys
import time

talk = json.load(sys.stdin)
master, slave = pty.openpty()
child = subprocess.Popen(
    sys.argv[1:], stdin=slave, stdout=slave, stderr=subprocess.PIPE, start_new_session=True
)
os.close(slave)
screen = b""
seen = 0


def read(seconds):
    global screen
    ready = select.select([master], [], [], seconds)[0]
    try:
        more = os.read(master, 65536) if ready else b""
    except OSError:
        # Nobody holds the other end any more.
        return False
    screen += more
    return bool(more)


for asked, typed in talk:
    waited = 0
    while asked.encode() not in screen[seen:] and waited < 600:
        if not read(0.1):
            if child.poll() is not None:
                break
            waited += 1
    if asked.encode() not in screen[seen:]:
        break
    seen = screen.index(asked.encode(), seen) + len(asked.encode())
    if typed == "HANG UP":
        os.close(master)
        master = None
        break
    os.write(master, typed.encode())

end = time.monotonic() + 60
while master is not None and time.monotonic() < end and (read(0.1) or child.poll() is None):
    pass
if time.monotonic() >= end:
    child.kill()
try:
    stderr = child.communicate(timeout=60)[1]
except subprocess.TimeoutExpired:
    child.kill()
    sys.exit("it waits for something: " + screen.decode(errors="replace"))
json.dump(
    {"code": child.returncode, "screen": screen.decode().replace("\r\n", "\n"), "stderr": stderr.decode()},
    sys.stdout,
)
