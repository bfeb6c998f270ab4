#!/usr/bin/env python3
"""Processor time and memory of what reads a capture: Writ and the peers that are installed, side by side.

usage: bench.py BUILD... [--megabytes 1450] [--runs 5] [--capture FILE] [--peers WORD,...] [--root DIRECTORY]... [--ndpi PROGRAM]...

The capture is generator's unless --capture names one. Peers that are not installed are left out; those of other systems run
from their roots (see ../README.md). All take turns, so that a change of the machine's speed meets all of them alike. Of more
builds than one each is a row: before and after a change. tshark takes minutes for so much: it reads the first 79 MB of it.
"""
import argparse
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

BENCH = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(BENCH / "packet"), str(BENCH / "common")]
import processes  # noqa: E402
import readers  # noqa: E402
import roots  # noqa: E402

TSHARK_BYTES = 79_000_000
# nothing found, something found, not all read; tshark's, which sees the last packet of its part cut short
STATUSES = {"writ": (0, 11, 12), "tshark": range(256)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", type=pathlib.Path, nargs="+")
    parser.add_argument("--megabytes", type=int, default=1450)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--capture", type=pathlib.Path)
    parser.add_argument("--peers", help="only those with one of these words in their titles")
    readers.add_options(parser)
    return parser.parse_args()


def run(title, command, folder):
    """(seconds of processor time, KiB at most) of a command; its output is thrown away."""
    process = subprocess.Popen([str(c) for c in command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    usage = processes.spent_by(process, title, STATUSES.get(title.split()[0], (0,)))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


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
    with open(path, "wb") as part:
        subprocess.run(["head", "-c", str(TSHARK_BYTES), capture], stdout=part, check=True)  # read here, it were memory of ours
    return path


def suricata(capture, folder, seen):
    (folder / "s.yaml").write_text(readers.Suricata.SETTINGS.format(more=", quic"))
    return ["-c", seen / "s.yaml", "-r", capture, "-l", seen, "-S", "/dev/null", "--runmode", "single", "--pidfile", seen / "pid"]


WORDS = {readers.Ndpi: lambda capture, *_: ["-q", "-i", capture], readers.Suricata: suricata,
         readers.Tshark: lambda capture, *_: ["-n", "-r", capture]}


def command_of(reader, capture, made):
    """A peer of another root sees what is within it only, so that it gets a copy; `made` has the folders to remove."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="writ-bench-", dir=reader.root / "var/tmp"))
    made.append(folder)
    folder.chmod(0o777)
    seen = roots.inside(reader.root, folder)
    if reader.root != roots.HERE:
        shutil.copyfile(capture, folder / "in.pcap")
        capture = seen / "in.pcap"
    return [*roots.entering(reader.root), reader.path, *WORDS[type(reader)](capture, folder, seen)]


def peers(options, capture, folder, made):
    yield "cat", ["cat", capture]
    if shutil.which("tcpdump"):
        version = roots.version(roots.HERE, "tcpdump", ["--version"])
        yield f"tcpdump {version} -w /dev/null", ["tcpdump", "-r", capture, "-w", "/dev/null"]
    subprocess.run([options.builds[0].resolve() / "writ", "init", "."], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    for build in options.builds:
        title = "writ audit" if len(options.builds) == 1 else f"writ audit, {build}"
        yield title, [build.resolve() / "writ", "audit", "--config", "./writ.yaml", capture]
    part = first_part(capture, folder)
    for title, reader in readers.present(options).items():
        if isinstance(reader, readers.Tshark):
            yield f"{title}, {TSHARK_BYTES // 10**6} MB of it", command_of(reader, part, made)
        else:
            yield title, command_of(reader, capture, made)


def is_wanted(options, title):
    return not options.peers or any(word in title for word in options.peers.split(","))


def measure(options, capture, folder, made):
    """{title: rows}"""
    all_peers = {t: command for t, command in peers(options, capture, folder, made) if is_wanted(options, t)}.items()
    rows = {title: [] for title, _ in all_peers}
    for _ in range(options.runs):
        for title, command in all_peers:
            rows[title].append(run(title, command, folder))
    return rows


def show(title, rows):
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
