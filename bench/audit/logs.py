#!/usr/bin/env python3
"""Processor time of what searches a log for names: Writ and ripgrep, grep, awk and wc, side by side.

usage: logs.py BUILD [--lines 5000000] [--runs 5] [--keep FOLDER] [--as-written] [--only EXPRESSION]

make_logs.py makes the logs: a dns.log of Zeek in which one line in 1,000 asks for one of ten names, and a log of Squid
with one of 5,000. `writ` is asked for all findings, with fields and subjects, and with ten names, 5,000 and a million
in the policy beside the catalogue's own. The others only find lines. Peers that are not installed are left out. The log
is read from the disk once, as an older one is, and then lies in the page cache; with --as-written it lies there as the
generator left it, in small pieces, which costs all that read it more."""
import argparse
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import make_logs

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "common"))
import processes  # noqa: E402

ORDER = "tw-ey-2025-02-03"
TEN = ("chat.seek.test deep.test seek.example assistant.test models.example talk.test writer.example "
       "prompt.test answers.example tokens.test").split()
COUNTS = (10, 5000, 1000000)
STATUSES = {"writ": (0, 11), "rg": (0, 1), "grep": (0, 1)}  # which say whether something was found


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keep", type=pathlib.Path, help="make the files here and leave them")
    parser.add_argument("--only", default="", help="rows whose name this regular expression finds")
    parser.add_argument("--as-written", action="store_true", help="leave the page cache as it is when the file is made")
    return parser.parse_args()


def names(count):
    """The ten, then others of all lengths; the same in every run."""
    rng = random.Random(7)
    more = (f"{make_logs.word(rng, 5, 14)}.{rng.choice(make_logs.ENDS)}" for _ in range(count - len(TEN)))
    return TEN + [name if rng.random() < 0.7 else f"{rng.choice(make_logs.WORDS)}.{name}" for name in more]


def policy(writ, folder, count):
    """The file of names, and an image of a policy that lists them."""
    listed, body, image = folder / f"names{count}", folder / f"body{count}", folder / f"policy{count}"
    if image.exists():
        return listed, image
    listed.write_text("\n".join(names(count)) + "\n")
    shutil.rmtree(body, ignore_errors=True)
    subprocess.run([writ, "init", "--name", "A", "--class", "central-agency", "--jurisdiction", "TW", "--network",
                    "10.0.0.0/8", "--order", ORDER, "--contact", "it@body.example", "--language", "en", body],
                   check=True, capture_output=True)
    shutil.copy(listed, body / "names.txt")
    with open(body / "organisation.yaml", "a") as file:
        file.write("\nlists:\n  - id: names\n    file: names.txt\n    format: plain\n    reason: Measured.\n")
    subprocess.run([writ, "compile", "--organisation", body / "organisation.yaml", "--output", image], check=True,
                   capture_output=True)
    return listed, image


def read_from_disk(log):
    with open(log, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while file.read(1 << 20):
            pass


def program(command):
    """Its name; of `env NAME=VALUE grep` it is grep."""
    return pathlib.Path(command[2 if command[0] == "env" else 0]).name


def seconds(title, command, cores, folder):
    """Of processor time and of the clock, on the last processors: the first serves interrupts. The output goes into a
    file: into /dev/null some stop at the first line."""
    last = sorted(os.sched_getaffinity(0))[-cores:]
    pinned = ["taskset", "-c", ",".join(map(str, last)), *map(str, command)]
    before = os.times().elapsed
    with open(folder / "out", "wb") as out:
        process = subprocess.Popen(pinned, stdout=out)
        usage = processes.spent_by(process, title, STATUSES.get(program(command), (0,)))
    return usage.ru_utime + usage.ru_stime, os.times().elapsed - before


def peers(log, listed):
    """One row a peer: what it is called, its command."""
    awk = r'{n=split($10,l,"."); s=l[n]; for(i=n-1;i>0;i--){s=l[i]"."s; if(s in want){print;break}}}'
    rows = [("wc -l", ["wc", "-l", log]),
            ("ripgrep", ["rg", "-j1", "-F", "-f", listed, log]),
            ("grep", ["env", "LC_ALL=C", "grep", "-F", "-f", listed, log])]
    if log.name == "zeek-dns":
        rows.append(("awk by suffix", ["mawk", "-F\t", f"BEGIN{{while((getline n<\"{listed}\")>0)want[n]}}{awk}", log]))
    return [(title, command) for title, command in rows if shutil.which(program(command))]


def measured(rows, runs, folder):
    """In turns, so that what else the machine does meets all alike."""
    taken = {name: [] for name, _, _ in rows}
    for _ in range(runs):
        for name, command, cores in rows:
            taken[name].append(seconds(name, command, cores, folder))
    for name, _, _ in rows:
        cpu = [t[0] for t in taken[name]]
        clock = statistics.median(t[1] for t in taken[name])
        print(f"| {name} | {statistics.median(cpu):.3f} ({min(cpu):.3f} to {max(cpu):.3f}) | {clock:.2f} |", flush=True)


def bench(options, folder):
    writ = options.build.resolve() / "writ"
    lists, empty = {count: policy(writ, folder, count) for count in COUNTS}, folder / "empty"
    empty.touch()
    for kind, listed in (("zeek-dns", lists[10][0]), ("squid", lists[5000][0])):
        log = folder / kind
        if not log.exists():
            make_logs.make(kind, options.lines, listed.read_text().split(), log, 1.0, 1)
        if not options.as_written:
            read_from_disk(log)
        print(f"\n{kind}: {log.stat().st_size:,} bytes, {options.lines:,} lines\n")
        print("| | CPU seconds (least to most) | seconds |\n|---|---:|---:|")
        rows = [(f"{name}, {len(file.read_text().split()):,} names", command, 1)
                for file in dict.fromkeys((listed, lists[10][0])) for name, command in peers(log, file)
                if file == listed or name == "ripgrep"]
        for count, (_, image) in lists.items():
            audit = [writ, "audit", "--policy", image, "--csv", log]
            rows.append((f"writ audit, {count:,} names", [*audit, "--threads", 1], 1))
        rows.append((f"writ audit, {COUNTS[0]} names, two processors", [writ, "audit", "--policy", lists[10][1], "--csv",
                     log, "--threads", 2], 2))
        rows.append((f"writ audit, {COUNTS[-1]:,} names, two processors", [*audit, "--threads", 2], 2))
        rows.append((f"writ audit, {COUNTS[0]} names, and the SHA-256 of the log", [writ, "audit", "--policy", lists[10][1],
                     "--csv", log, "--threads", 1, "--digest"], 1))
        rows += [(f"writ audit, {count:,} names, an empty file", [writ, "audit", "--policy", lists[count][1], empty], 1)
                 for count in (COUNTS[0], COUNTS[-1])]
        measured([row for row in rows if re.search(options.only, row[0])], options.runs, folder)


def main():
    options = arguments()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        bench(options, options.keep)
        return 0
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        bench(options, pathlib.Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
