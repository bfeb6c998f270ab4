#!/usr/bin/env python3
"""The packet gate beside its peers and plain forwarding: see ../README.md. Needs root: it makes networks of its own.

usage: bench.py [MEASUREMENT,...] [OPTION...]     measurements: cost connect latency bulk bulk-cost flood flows (default: all)
"""
import argparse
import json
import pathlib
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bench/common"))

import lane  # noqa: E402
import machine  # noqa: E402
import measures  # noqa: E402
import roots  # noqa: E402
import table  # noqa: E402
from gates import GATES  # noqa: E402

MEASUREMENTS = ["cost", "connect", "latency", "bulk", "bulk-cost", "flood", "flows"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measurements", nargs="?", default=",".join(MEASUREMENTS), help=argparse.SUPPRESS)
    parser.add_argument("--gates", default="forward,conntrack,writ,haproxy", help=", ".join(GATES))
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--before", type=pathlib.Path, default=ROOT / "build", help="of the gate writ-before")
    roots.add_option(parser)
    parser.add_argument("--names", type=int, default=10_000, help="in the list")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="length of a run")
    parser.add_argument("--window", type=int, default=64, help="connections at a time, for connect")
    parser.add_argument("--rate", type=int, default=500, help="new connections a second, for latency and flood")
    parser.add_argument("--flood-rate", type=int, default=50_000, help="SYNs a second")
    parser.add_argument("--flows", type=int, default=1_000_000, help="open ones, for flows")
    parser.add_argument("--hello", type=int, default=1200, help="bytes more in a ClientHello than OpenSSL 3.0 sends")
    parser.add_argument("--gate-cpu", type=int, default=1)
    parser.add_argument("--load-cpu", type=int, default=0)
    parser.add_argument("--results", type=pathlib.Path, default=None, help="rows of JSON are appended here")
    return parser.parse_args()


def present(options):
    """{title: gate}; of the same version in two roots the last is taken."""
    found = {}
    for name in options.gates.split(","):
        places = GATES[name].places(options)
        if not places:
            print(f"{name}: its program is not there", flush=True)
        for root in places:
            gate = GATES[name](options, root)
            found[gate.title(name)] = gate
    return found


def rounds(options, way, gates):
    """All gates take turns, so that a change of the machine's speed meets all of them alike."""
    for what in options.measurements.split(","):
        for number in range(measures.RUNS.get(what, options.runs)):
            for title, gate in gates.items():
                try:
                    for row in measures.run(options, way, what, gate):
                        yield {"gate": title, "kind": what, "run": number, **row}
                except (RuntimeError, subprocess.SubprocessError) as problem:
                    yield {"gate": title, "kind": what, "run": number, "failed": str(problem)[-800:]}


def main():
    options = arguments()
    lane.enter()
    options.build = options.build.resolve()
    subprocess.run(["ninja", "-C", options.build, "bench/packet/tlsload", "bench/packet/flowload"], check=True,
                   stdout=subprocess.DEVNULL)
    machine.come_first()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # so that nothing stays behind
    path = options.results or pathlib.Path(time.strftime("/var/tmp/writ-bench-packet-%Y%m%d-%H%M%S.jsonl"))
    rows = []
    with lane.Lane(options.gate_cpu, options.load_cpu) as way, open(path, "a") as results:
        for row in rounds(options, way, present(options)):
            rows.append(row)
            print(json.dumps(row), flush=True)
            print(json.dumps(row), file=results, flush=True)
    print(f"\nrows: {path}\n")
    table.print_all(rows)


if __name__ == "__main__":
    main()
