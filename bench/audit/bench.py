#!/usr/bin/env python3
"""Processor time and memory of what reads a capture: Writ and the peers that are installed, side by side.

usage: bench.py BUILD... [--megabytes 1450] [--runs 5] [--capture FILE] [--peers WORD,...] [--root13 ROOT] [--root-sid ROOT]

The capture is generator's unless --capture names one. Peers that are not installed are left out; those of another Debian run
from its root (see ../README.md). All take turns, so that a change of the machine's speed meets all of them alike. Of more
builds than one each is a row: before and after a change. tshark takes minutes for so much: it reads the first 79 MB of it.
"""
import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "packet"))
from readers import Ndpi, Suricata  # noqa: E402

TSHARK_BYTES = 79_000_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", type=pathlib.Path, nargs="+")
    parser.add_argument("--megabytes", type=int, default=1450)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--capture", type=pathlib.Path)
    parser.add_argument("--peers", help="only those with one of these words in their titles")
    parser.add_argument("--root13", help="root of a Debian 13, for its ndpiReader and Suricata")
    parser.add_argument("--root-sid", help="root of a newer Debian, likewise")
    return parser.parse_args()


def run(command, folder):
    """(seconds of processor time, KiB at most, exit status) of a command; its output is thrown away."""
    process = subprocess.Popen([str(c) for c in command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss, process.returncode


def make_capture(options, folder):
    if options.capture:
        return options.capture.resolve()
    path = folder / "mixed.pcap"
    made = subprocess.run([options.builds[0] / "bench/audit/generator", path, str(options.megabytes)], check=True,
                          capture_output=True, text=True)
    print(made.stdout.strip())
    return path


def first_part(capture, folder):
    path = folder / "part.pcap"
    with open(capture, "rb") as whole:
        path.write_bytes(whole.read(TSHARK_BYTES))
    return path


def is_there(root, program):
    return any((pathlib.Path(root) / folder / program).exists() for folder in ("usr/bin", "usr/sbin", "usr/local/bin"))


def of_root(root, capture, made):
    """(title, command) of the peers of a Debian, which see what is within its root only; `made` has the folders to remove."""
    inside = pathlib.Path(tempfile.mkdtemp(prefix="writ-bench-", dir=root / "var/tmp"))
    made.append(inside)
    inside.chmod(0o777)
    seen, enter = inside, []
    if root != pathlib.Path("/"):
        shutil.copyfile(capture, inside / "in.pcap")
        seen, enter, capture = pathlib.Path("/") / inside.relative_to(root), ["chroot", root], "in.pcap"
    (inside / "s.yaml").write_text(Suricata.SETTINGS.format(more=", quic"))
    words = {Ndpi("ndpiReader", root): ["-q", "-i", seen / capture],
             Suricata("suricata", root): ["-c", seen / "s.yaml", "-r", seen / capture, "-l", seen, "-S", "/dev/null", "--runmode",
                                          "single", "--pidfile", seen / "pid"]}
    for reader, more in words.items():
        if is_there(root, reader.program):
            yield f"{reader.program} {reader.version()}", [*enter, reader.program, *more]


def peers(options, capture, folder, made):
    yield "cat", ["cat", capture]
    yield "tcpdump -w /dev/null", ["tcpdump", "-r", capture, "-w", "/dev/null"]
    subprocess.run([options.builds[0].resolve() / "writ", "init", "."], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    for build in options.builds:
        title = "writ audit" if len(options.builds) == 1 else f"writ audit, {build}"
        yield title, [build.resolve() / "writ", "audit", "--config", "./writ.yaml", capture]
    for root in filter(None, ("/", options.root13, options.root_sid)):
        yield from of_root(pathlib.Path(root), capture, made)
    yield "tshark, 79 MB of it", ["tshark", "-n", "-r", first_part(capture, folder)]


def is_wanted(options, title):
    return not options.peers or any(word in title for word in options.peers.split(","))


def measure(options, capture, folder, made):
    """{title: rows}; no rows where it is not installed."""
    # of the same version in two roots the last is taken
    all_peers = {t: command for t, command in peers(options, capture, folder, made) if is_wanted(options, t)}.items()
    rows = {title: [] for title, _ in all_peers}
    for _ in range(options.runs):
        for title, command in all_peers:
            if not shutil.which(command[0]):
                continue
            rows[title].append(run(command, folder))
            if rows[title][-1][2] < 0:
                sys.exit(f"{title}: ended by signal {-rows[title][-1][2]}")
    return rows


def show(title, rows):
    if not rows:
        return f"| {title} | not installed | |"
    times = [row[0] for row in rows]
    kib, own = statistics.median(row[1] for row in rows), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = f"{kib / 1024:.0f}" if kib > own else "little"  # a child begins with what its parent has
    return (f"| {title} | {statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f}) | "
            f"{memory} |")


def main():
    options, made = arguments(), []
    with tempfile.TemporaryDirectory(prefix="writ-bench-audit-") as name:
        folder = pathlib.Path(name)
        try:
            rows = measure(options, make_capture(options, folder), folder, made)
        finally:
            for inside in made:
                shutil.rmtree(inside, ignore_errors=True)
    print("| | CPU seconds, median (least to most) | MiB, median |\n|---|---:|---:|")
    for title, found in rows.items():
        print(show(title, found))


main()
