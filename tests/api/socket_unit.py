"""socket_unit.py SOCKET PROGRAM ARGUMENT...: stands in for a socket unit and its service.

Keeps the listening socket, as systemd does, and passes it to the program as
descriptor 3; also asks for signs of life.  SIGHUP is systemctl restart: SIGTERM to
the program, and when it has ended, the program anew.  SIGTERM ends both, and so
does an exit status other than 0.

Each line of the standard output is something that happened: what the program told
(READY=1, STOPPING=1, WATCHDOG=1), or ENDED and its exit status.
"""
import os
import selectors
import signal
import socket
import sys

WATCHDOG_USEC = 400_000

path, command = sys.argv[1], sys.argv[2:]
listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listening.bind(path)
os.chmod(path, 0o660)
listening.listen(1024)
told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
told.bind(f"{path}.notify")
told.setblocking(False)


def start():
    child = os.fork()
    if child != 0:
        return child
    if listening.fileno() == 3:
        os.set_inheritable(3, True)
    else:
        os.dup2(listening.fileno(), 3)
    os.execve(command[0], command, {**os.environ, "LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid()),
              "NOTIFY_SOCKET": f"{path}.notify", "WATCHDOG_USEC": str(WATCHDOG_USEC)})


def report(what):
    print(what, flush=True)


def hear():
    try:
        while True:
            report(told.recv(4096).decode())
    except BlockingIOError:
        pass


wake, woken = os.pipe()
os.set_blocking(wake, False)
os.set_blocking(woken, False)
signal.set_wakeup_fd(woken)
for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD):
    signal.signal(number, lambda *_: None)
ready = selectors.DefaultSelector()
ready.register(told, selectors.EVENT_READ)
ready.register(wake, selectors.EVENT_READ)

child, ending = start(), False
while child:
    ready.select()
    hear()
    try:
        signals = os.read(wake, 512)
    except BlockingIOError:
        continue
    if signal.SIGTERM in signals or signal.SIGHUP in signals:
        ending = ending or signal.SIGTERM in signals
        os.kill(child, signal.SIGTERM)
    if signal.SIGCHLD in signals:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        hear()
        report(f"ENDED {status}")
        child = 0 if ending or status != 0 else start()
os.unlink(path)
os.unlink(f"{path}.notify")
