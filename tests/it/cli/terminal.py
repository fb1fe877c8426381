"""Runs a command on a terminal of its own and talks to it: a list of [what it asks, what is typed then] on stdin.

The first argument is a file for the command's standard input; empty, it is the terminal. Nothing that is typed may
show from the first question to the last.

Writes JSON: exit code (minus the signal), standard output, what the terminal showed, and whether the terminal shows
again what is typed when the command has ended. A command that says nothing for a minute is ended.
"""

import fcntl
import json
import os
import pty
import select
import subprocess
import sys
import termios

talk = json.load(sys.stdin)
master, slave = pty.openpty()


def begin():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


def shows():
    wanted = termios.ECHO | termios.ICANON | termios.ISIG
    return termios.tcgetattr(slave)[3] & wanted == wanted


file = sys.argv[1]
stdin = open(file, "rb") if file else slave
child = subprocess.Popen(sys.argv[2:], stdin=stdin, stdout=subprocess.PIPE, stderr=slave, preexec_fn=begin)
screen = b""
seen = 0


def read(seconds):
    global screen
    ready = select.select([master], [], [], seconds)[0]
    if ready:
        screen += os.read(master, 65536)
    return bool(ready)


for asked, typed in talk:
    waited = 0
    while asked.encode() not in screen[seen:] and child.poll() is None and waited < 600:
        waited += not read(0.1)
        if seen and shows():
            sys.exit("the terminal shows what is typed between two questions")
    if asked.encode() not in screen[seen:]:
        break
    seen = screen.index(asked.encode(), seen) + len(asked.encode())
    if shows():
        sys.exit("the terminal shows what is typed")
    os.write(master, typed.encode("latin-1" if "\xff" in typed else "utf-8"))

try:
    stdout = child.communicate(timeout=60)[0]
except subprocess.TimeoutExpired:
    child.kill()
    sys.exit("it waits for something: " + screen.decode(errors="replace"))
while read(0):
    pass
json.dump(
    {
        "code": child.returncode,
        "stdout": stdout.decode(),
        "screen": screen.decode().replace("\r\n", "\n"),
        "shows_again": shows(),
    },
    sys.stdout,
)
