#!/usr/bin/env python3
"""Processor time and memory of looking at trees: Writ, and what people use who look for a word by hand.

usage: bench.py BUILD ROOT... [--runs 3] [--without PROGRAM]...

Each ROOT is a mounted image, the root of a container, or / itself; all of it is in the page cache after the first run, which
does not count. Programs that are not installed are left out. find only lists names, so it is the floor. ripgrep looks for
one word in all files, compressed ones and images left as they are. Each takes its turn in every run.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from common.processes import kib_of # noqa: E402

SAMPLE_S = 0.02


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("roots", nargs="+", type=pathlib.Path, metavar="ROOT")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--without", action="append", default=[], metavar="PROGRAM", help="leave it out, as rg on a full disk")
    return parser.parse_args()


def run(command, folder, out):
    """(seconds of processor time, seconds, MiB of proportional set size at most) of a command."""
    begin, pss = time.monotonic(), 0
    process = subprocess.Popen([str(c) for c in command], cwd=folder, stdout=out, stderr=subprocess.DEVNULL)
    rollup = pathlib.Path(f"/proc/{process.pid}/smaps_rollup")
    while True:
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if done:
            break
        pss = max(pss, kib_of(rollup, "Pss"))
        time.sleep(SAMPLE_S)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode < 0:
        sys.exit(f"{command[0]}: ended by signal {-process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, pss / 1024


def programs(build, root):
    writ = build.resolve() / "writ"
    yield "find -xdev", ["find", root, "-xdev"]
    yield "ripgrep, one word", ["rg", "-j1", "-uuu", "-i", "-l", "--one-file-system", "deepseek", root]
    yield "grep -rI, one word", ["grep", "-rIli", "-D", "skip", "--exclude-dir=proc", "--exclude-dir=sys", "deepseek", root]
    yield "writ scan", [writ, "scan", "--policy", "policy.image", "--json", root]


def measure(options, root, folder):
    rows = {title: [] for title, _ in programs(options.build, root)}
    for i in range(options.runs + 1):
        for title, command in programs(options.build, root):
            if shutil.which(command[0]) and command[0] not in options.without:
                with open(folder / "out", "wb") as out:
                    row = run(command, folder, out)
                if i:
                    rows[title].append(row)
    return rows, json.loads((folder / "out").read_text())


def show(root, rows, result):
    coverage = {row["finder"]: row for row in result["coverage"]}
    entries, read = coverage["folders"]["looked_at"], sum(row["bytes"] for row in result["coverage"])
    print(f"\n{root}: {entries:,} entries, {read / 1e6:,.0f} MB handed to finders, {len(result['findings'])} findings, "
          f"{sum(row['not_read'] for row in result['coverage'])} not read\n")
    print("| | CPU seconds, median (least to most) | seconds | PSS MiB |\n|---|---:|---:|---:|")
    for title, times in rows.items():
        if not times:
            print(f"| {title} | not run | | |")
            continue
        cpu = [row[0] for row in times]
        print(f"| {title} | {statistics.median(cpu):.2f} ({min(cpu):.2f} to {max(cpu):.2f}) | "
              f"{statistics.median(row[1] for row in times):.1f} | {max(row[2] for row in times):.0f} |", flush=True)


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="writ-bench-scan-") as name:
        folder = pathlib.Path(name)
        writ = options.build.resolve() / "writ"
        subprocess.run([writ, "init", "."], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        subprocess.run([writ, "compile", "--config", "writ.yaml"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        for root in options.roots:
            show(root, *measure(options, root.resolve(), folder))


main()
