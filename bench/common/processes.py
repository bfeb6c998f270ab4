"""What processes spend: processor time and memory, of one or of all that it started."""
import os
import pathlib
import sys


def descendants(pid):
    """The process and all that it started."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, left = [], [pid]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def cpu_seconds(pid):
    """User and system time of all threads, as the scheduler counts it (in nanoseconds)."""
    total = 0
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(path.read_text().split()[0])
        except OSError:
            pass
    return total / 1e9


def kib_of(path, key):
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(key + ":")), 0)


def spent_by(process, title, statuses=(0,)):
    """What the kernel counted of a process when it has ended. There is no figure of one that failed: any other exit status
    ends the bench."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in statuses:
        sys.exit(f"{title}: ended with status {process.returncode}")
    return usage


def memory_mib(pids):
    """Proportional set size, which counts what processes share once, and the sum of the peaks, which
    counts it in each."""
    pss = sum(kib_of(pathlib.Path(f"/proc/{pid}/smaps_rollup"), "Pss") for pid in pids)
    peak = sum(kib_of(pathlib.Path(f"/proc/{pid}/status"), "VmHWM") for pid in pids)
    return pss / 1024, peak / 1024
