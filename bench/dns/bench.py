#!/usr/bin/env python3
"""The DNS gate beside its peers: see ../README.md. Needs root: it makes a network of its own.

usage: bench.py [MEASUREMENT,...] [OPTION...]     measurements: qps cold load block reload private (default: all)
"""
import argparse
import json
import pathlib
import shutil
import time

import bench_network
import machine
import measures
import private
import table
import workload
from peers import PEERS
from upstream import Upstream

MEASUREMENTS = ["qps", "cold", "load", "block", "reload", "private"]


def numbers(text):
    return [int(word) for word in text.split(",")]


def measurements(text):
    names = text.split(",")
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]}: no such measurement, expected some of {', '.join(MEASUREMENTS)}")
    return names


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measurements", nargs="?", type=measurements, default=MEASUREMENTS, help=argparse.SUPPRESS)
    parser.add_argument("--peers", default="writ,unbound-rpz,echo", help=", ".join(PEERS))
    parser.add_argument("--sizes", type=numbers, default=[1000, 100_000, 1_000_000], help="names, for load")
    parser.add_argument("--size", type=int, default=1_000_000, help="names, for the others")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="length of a run")
    parser.add_argument("--window", type=int, default=128, help="queries outstanding, for the rate")
    parser.add_argument("--rate", type=int, default=20_000, help="queries a second, for latency and reload")
    parser.add_argument("--reload-seconds", type=float, default=20)
    parser.add_argument("--noise", type=float, default=0.05,
                        help="a run is repeated when others used more than this share of a processor")
    parser.add_argument("--retries", type=int, default=3)
    parser.add_argument("--results", type=pathlib.Path, help="rows of JSON are appended here")
    bench_network.add_places(parser)
    return parser.parse_args()


def prepare(options):
    options.build = options.build.resolve()
    bench_network.build(options)
    made_from = pathlib.Path(workload.__file__).stat().st_mtime
    files = [workload.list_path(options.workload, size) for size in {*options.sizes, options.size}]
    if not all(f.exists() and f.stat().st_mtime > made_from for f in files):
        made = workload.make(options.workload, sorted({*options.sizes, options.size}))
        print(f"workload: {made.unique} different allowed questions, {made.blocked:.1%} of the queries blocked")
    options.results = options.results or options.workload / time.strftime("results-%Y%m%d-%H%M%S.jsonl")


def installed(options):
    for peer in options.peers.split(","):
        program = PEERS[peer].program
        if program in ("writ", "udp_echo", "tls_echo") or shutil.which(program):
            yield peer
        else:
            print(f"{peer}: {program} is not installed")


def run(options, upstream):
    rows, peers = [], list(installed(options))
    with open(options.results, "a") as results:
        for what in options.measurements:
            of_it = private.run(options, [p for p in peers if PEERS[p].is_private], upstream) if what == "private" else \
                measures.run(options, what, peers, upstream)
            for row in of_it:
                row = {"size": options.size} | row
                rows.append(row)
                results.write(json.dumps(row) + "\n")
                results.flush()
                print(json.dumps(row), flush=True)
    return rows


def main():
    options = arguments()
    bench_network.enter()
    prepare(options)
    machine.come_first()
    with Upstream(options) as upstream:
        rows = run(options, upstream)
    print(f"\nrows: {options.results}\n")
    table.print_all(rows)


main()
