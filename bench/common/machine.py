"""The first place on the machine, and network namespaces."""
import os
import pathlib
import time


def come_first():
    """Other work on the machine waits: a session, and so a group of the scheduler, of our own."""
    try:
        os.setsid()
    except PermissionError:
        pass  # we lead one already
    try:
        pathlib.Path("/proc/self/autogroup").write_text("-20")
    except OSError:
        pass  # the kernel was built without
    os.setpriority(os.PRIO_PROCESS, 0, -20)


def namespace(process):
    """Of the network; "self" is this process."""
    return os.readlink(f"/proc/{process}/ns/net")


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("the network of the bench cannot be made")
        time.sleep(0.01)
