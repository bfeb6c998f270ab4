#!/usr/bin/env python3
"""Processor time and memory of what reads a capture: Writ and the peers that are installed, side by side.

usage: bench.py BUILD [--megabytes 1450] [--runs 5] [--capture FILE]

The capture is generator's unless --capture names one. Peers that are not installed are left out. tshark takes minutes for
so much: it reads the first 79 MB of it.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

TSHARK_BYTES = 79_000_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--megabytes", type=int, default=1450)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--capture", type=pathlib.Path)
    return parser.parse_args()


def run(command, folder):
    """(seconds of processor time, KiB at most) of a command; its output is thrown away."""
    process = subprocess.Popen([str(c) for c in command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss, process.returncode


def make_capture(options, folder):
    if options.capture:
        return options.capture.resolve()
    path = folder / "mixed.pcap"
    made = subprocess.run([options.build / "bench/audit/generator", path, str(options.megabytes)], check=True,
                          capture_output=True, text=True)
    print(made.stdout.strip())
    return path


def first_part(capture, folder):
    path = folder / "part.pcap"
    with open(capture, "rb") as whole:
        path.write_bytes(whole.read(TSHARK_BYTES))
    return path


def peers(options, capture, folder):
    writ = options.build.resolve() / "writ"
    subprocess.run([writ, "init", "."], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    yield "cat", ["cat", capture]
    yield "tcpdump -w /dev/null", ["tcpdump", "-r", capture, "-w", "/dev/null"]
    yield "writ audit", [writ, "audit", "--config", "./writ.yaml", capture]
    yield "ndpiReader", ["ndpiReader", "-q", "-i", capture]
    yield "suricata", ["suricata", "-r", capture, "-l", folder, "--runmode", "single"]
    yield "tshark, 79 MB of it", ["tshark", "-n", "-r", first_part(capture, folder)]


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="writ-bench-audit-") as name:
        folder = pathlib.Path(name)
        capture = make_capture(options, folder)
        print("| | CPU seconds, median (least to most) | MiB |\n|---|---:|---:|")
        for title, command in peers(options, capture, folder):
            if not shutil.which(command[0]):
                print(f"| {title} | not installed | |")
                continue
            rows = [run(command, folder) for _ in range(options.runs)]
            times = [row[0] for row in rows]
            if rows[0][2] < 0:
                sys.exit(f"{title}: ended by signal {-rows[0][2]}")
            print(f"| {title} | {statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f}) | "
                  f"{max(row[1] for row in rows) / 1024:.0f} |", flush=True)


main()
