#!/usr/bin/env python3
"""Two threads beside one: what a query costs the server's threads, so that it does not matter who else works.

usage: scaling.py [--runs N] [--seconds S] [--peers writ,unbound-rpz] [--rate QPS] [--window N] [--size NAMES]

Three arrangements of a server take turns, many short ones, on two processors:

    one       one thread
    together  one server of two threads: what they share costs
    apart     two servers of one thread each, which share nothing: what two busy processors cost by themselves

and each is asked twice, for all that it can give, and at a fixed rate for each thread. Every thread has two generators
for it, one on each processor, so that `together` and `apart` differ in nothing but the server. A query costs what
the scheduler counts for all threads of the process that answers; the receiver's half of a datagram's way is in it, since
loopback pays for that where it is sent. Two processors could answer 2 * one / together times the queries of one. Switches
are of the same threads: one that waits for a lock gives the processor up (voluntary); one that is taken off it
has not. Needs root.
"""
import argparse
import contextlib
import copy
import json
import pathlib
import statistics
import subprocess
import time

import bench_network
import machine
import measures
import peers
import workload
from processes import cpu_seconds
from server import Server
from upstream import Upstream

PROCESSORS = ["0", "1"]
ARRANGEMENTS = ["one", "together", "apart"]
WARM_PASSES = 5


class UnboundTwoThreads(peers.UnboundRpz):
    threads = 2


TWO = {"writ": peers.WritTwoThreads, "unbound-rpz": UnboundTwoThreads}


class Arrangement:
    """Servers that are asked at the same time."""

    def __init__(self, options, stack, peer, kind, place):
        self.options, self.peer, self.kind = options, peer, kind
        options = copy.copy(options)
        options.server_cpu = ",".join(PROCESSORS)
        self.threads = 1 if kind == "one" else 2
        self.servers = []
        for i in range(2 if kind == "apart" else 1):
            server = Server(options, peer, options.size, place=place + i)
            if kind == "together":
                server.peer = TWO[peer]()
            self.servers.append(stack.enter_context(server))
            server.start()
            # each thread keeps answers of its own, and a question may come to either
            for _ in range(WARM_PASSES):
                measures.warm(options, server)
        for server in self.servers:
            spent = server.cpu_seconds()
            server.answering = max(spent, key=spent.get)

    def switches(self):
        found = {"voluntary_ctxt_switches": 0, "nonvoluntary_ctxt_switches": 0}
        for server in self.servers:
            for path in pathlib.Path(f"/proc/{server.answering}/task").glob("*/status"):
                for line in path.read_text().splitlines():
                    name, _, value = line.partition(":")
                    if name in found:
                        found[name] += int(value)
        return list(found.values())

    def spent(self):
        return sum(cpu_seconds(server.answering) for server in self.servers)

    def generators(self, *how):
        """Two for each thread, one on each processor."""
        targets = self.servers if self.kind == "apart" else self.servers * self.threads
        for server in targets:
            for cpu in PROCESSORS:
                options = copy.copy(self.options)
                options.load_cpu = cpu
                yield measures.load_command(options, server, *how)

    def ask(self, what):
        """One turn."""
        how = ("-w", self.options.window) if what == "all it can" else ("-r", self.options.rate // 2)
        begin, before, switches = time.monotonic(), self.spent(), self.switches()
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
                   for command in self.generators(*how, "-l", self.options.seconds)]
        rows = [json.loads(process.communicate()[0]) for process in running]
        seconds, spent = time.monotonic() - begin, self.spent() - before
        answered = sum(row["answered"] for row in rows)
        voluntary, forced = (after - was for was, after in zip(switches, self.switches()))
        return {"peer": self.peer, "kind": "scaling", "arrangement": self.kind, "what": what, "answered": answered,
                "lost": sum(row["lost"] for row in rows), "cpu_us": spent * 1e6 / answered, "server_cpu": spent / seconds,
                "voluntary": voluntary * 1000 / answered, "forced": forced * 1000 / answered}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="writ,unbound-rpz", help=", ".join(TWO))
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--rate", type=int, default=20_000, help="queries a second for each thread")
    parser.add_argument("--window", type=int, default=64, help="queries outstanding of each generator")
    parser.add_argument("--size", type=int, default=100_000, help="names")
    parser.add_argument("--results", type=pathlib.Path)
    bench_network.add_places(parser)
    options = parser.parse_args()
    options.build, options.sizes = options.build.resolve(), [options.size]
    return options


def show(rows):
    print("\n| asked for | server | one: us | together | apart | 2 * one / together (middle half of turns) | 2 * apart / together "
          "| switches in 1,000 queries: voluntary, forced: one | together | apart | lost |")
    print("|---|---|" + "---:|" * 9)
    for what, peer in dict.fromkeys((r["what"], r["peer"]) for r in rows):
        own = {a: [r for r in rows if (r["what"], r["peer"], r["arrangement"]) == (what, peer, a)] for a in ARRANGEMENTS}

        def middle(arrangement, key, own=own):
            return statistics.median(r[key] for r in own[arrangement])
        cost = {a: middle(a, "cpu_us") for a in ARRANGEMENTS}
        turns = [2 * a["cpu_us"] / b["cpu_us"] for a, b in zip(own["one"], own["together"])]
        low, _, high = statistics.quantiles(turns, n=4)
        switches = [f"{middle(a, 'voluntary'):.1f}, {middle(a, 'forced'):.1f}" for a in ARRANGEMENTS]
        print(f"| {what} | {peer} | " + " | ".join(f"{cost[a]:.2f}" for a in ARRANGEMENTS) +
              f" | {2 * cost['one'] / cost['together']:.2f} ({low:.2f} to {high:.2f}) | {2 * cost['apart'] / cost['together']:.2f} | " +
              " | ".join(switches) + f" | {sum(r['lost'] for a in ARRANGEMENTS for r in own[a])} |")


def main():
    options = arguments()
    bench_network.enter()
    bench_network.build(options)
    workload.make_missing(options.workload, options.size)
    machine.come_first()
    rows = []
    with Upstream(options) as upstream, contextlib.ExitStack() as stack:
        del upstream
        arrangements = []
        for peer in options.peers.split(","):
            for kind in ARRANGEMENTS:
                arrangements.append(Arrangement(options, stack, peer, kind, place=2 * len(arrangements)))
        results = stack.enter_context(open(options.results, "a")) if options.results else None
        for run in range(options.runs):
            for what in ("all it can", "fixed rate"):
                for arrangement in arrangements[::-1 if run % 2 else 1]:
                    rows.append(arrangement.ask(what))
                    if results:
                        results.write(json.dumps(rows[-1]) + "\n")
    show(rows)


main()
