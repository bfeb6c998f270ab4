#!/usr/bin/env python3
"""Sockets beside AF_XDP over a veth: what a query costs a processor, with the kernel's work in it.

usage: xdp.py [--runs N] [--seconds S] [--rates QPS,...] [--size NAMES] [--peers ...]

Between two network namespaces that only this bench is in. The server, and the kernel thread that receives for
its end of the veth (threaded NAPI), have one processor to themselves; the generator (kxdpgun) and the thread of its end
have the other; all come before other work. A query costs what the scheduler counts for server and thread; the
processor's busy time of /proc/stat, which has the work of others in it too, stands beside. Needs root, kxdpgun
(knot-dnsutils), knotd (knot), ethtool.
"""
import argparse
import contextlib
import os
import pathlib
import re
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

SERVER, CLIENT = "10.77.0.1", "10.77.0.2"
SERVER_END, CLIENT_END = "veth-server", "veth-client"


class WritSockets(peers.Writ):
    xdp = "off"

    def write(self, place):
        super().write(place)
        for name, old, new in (("organisation.yaml", "{prefix: 127.0.0.0/8, class: official}",
                                f"{{prefix: 127.0.0.0/8}}\n  - {{prefix: {CLIENT}/32}}"),
                               ("writ.yaml", f'"127.0.0.1:{place.port}"', f'"127.0.0.1:{place.port}", "{SERVER}:{place.port}"'),
                               ("writ.yaml", "  workers: 1\n", f"  workers: 1\n  xdp: {{mode: {self.xdp}}}\n")):
            path = place.directory / name
            text = path.read_text()
            assert old in text
            path.write_text(text.replace(old, new))


class WritXdp(WritSockets):
    xdp = "required"


class EchoVeth(peers.Echo):
    """The floor of the socket path."""
    def command(self, place):
        return [place.echo, str(place.port), "0.0.0.0"]


class Knot(peers.Echo):
    """An authority that knows every name: it neither caches nor judges."""
    program = "knotd"
    xdp = ""

    def write(self, place):
        (place.directory / "knot.conf").write_text(f"""server:
  rundir: {place.directory}
  listen: [{SERVER}@{place.port}, 127.0.0.1@{place.port}]
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
{self.xdp.format(place.port)}database:
  storage: {place.directory}/database
log:
- target: stderr
  any: error
zone:
- domain: .
  file: {place.options.workload}/root.zone
  zonefile-sync: -1
  journal-content: none
""")

    def command(self, place):
        return ["knotd", "-c", str(place.directory / "knot.conf")]


class KnotXdp(Knot):
    xdp = f"xdp:\n  listen: {SERVER_END}@{{}}\n"


PEERS = {"echo": EchoVeth, "knot": Knot, "knot-xdp": KnotXdp, "writ": WritSockets, "writ-xdp": WritXdp}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--size", type=int, default=1_000_000, help="names in the list")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rates", default="20000,100000", help="queries a second")
    bench_network.add_places(parser)
    return parser.parse_args()


def prepare(options):
    options.build = options.build.resolve()
    bench_network.build(options)
    workload.make_missing(options.workload, options.size)
    lines = (options.workload / "queries.txt").read_text().splitlines()
    # kxdpgun takes a name and a type; of the types it knows no HTTPS by name
    text = "".join(f"{name} {'TYPE65' if kind == 'HTTPS' else kind}\n" for name, kind, _ in map(str.split, lines))
    (options.workload / "queries.kxdpgun").write_text(text)


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


class Cable:
    """The client's namespace, and a veth to it. Both ends receive in a kernel thread of their own."""
    def __init__(self, options):
        self.options = options

    def __enter__(self):
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
        machine.wait_for(lambda: self.namespace() != machine.namespace("self"))
        run("ip", "link", "add", SERVER_END, "type", "veth", "peer", "name", CLIENT_END, "netns", str(self.holder.pid))
        self.set_up([], SERVER_END, SERVER)
        self.set_up(self.inside(), CLIENT_END, CLIENT)
        self.thread = self.pin(SERVER_END, self.options.server_cpu)
        self.pin(CLIENT_END, self.options.load_cpu)
        return self

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.wait()

    def namespace(self):
        return machine.namespace(self.holder.pid)

    def inside(self):
        return ["nsenter", "-t", str(self.holder.pid), "-n"]

    @staticmethod
    def set_up(prefix, end, address):
        run(*prefix, "ip", "addr", "add", f"{address}/24", "dev", end)
        run(*prefix, "ip", "link", "set", end, "up")
        # without these it receives by NAPI only with XDP, else on the processor that sends
        run(*prefix, "ethtool", "-K", end, "gro", "on", "tso", "off")
        # /sys shows the interfaces of the namespace in which it is mounted
        run(*prefix, "unshare", "-m", "sh", "-c",
            f"mount -t sysfs sysfs /sys && echo 1 >/sys/class/net/{end}/threaded")

    @staticmethod
    def pin(end, cpu):
        """Returns the thread; its name is cut to what fits."""
        for path in pathlib.Path("/proc").glob("[0-9]*/comm"):
            with contextlib.suppress(OSError):
                if path.read_text().startswith(f"napi/{end}"[:15]):
                    thread = int(path.parent.name)
                    os.sched_setaffinity(thread, {int(cpu)})
                    os.setpriority(os.PRIO_PROCESS, thread, -20)
                    return thread
        raise SystemExit(f"no kernel thread receives for {end}")

    @staticmethod
    def clear():
        """knotd leaves its filter behind."""
        run("ip", "link", "set", "dev", SERVER_END, "xdp", "off")

    def generate(self, port, rate, seconds):
        command = [*self.inside(), "taskset", "-c", self.options.load_cpu, "kxdpgun", "-t", str(seconds),
                   "-Q", str(rate), "-F", self.options.load_cpu, "-i", str(self.options.workload / "queries.kxdpgun"),
                   "-I", CLIENT_END, "-p", str(port), SERVER]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [int(re.search(rf"total {what}:\s+(\d+)", text)[1]) for what in ("queries", "replies")]


def core_seconds(cpu):
    with open("/proc/stat") as f:
        line = next(line for line in f if line.startswith(f"cpu{cpu} "))
    user, nice, system, _, _, irq, softirq, _ = map(int, line.split()[1:9])
    return (user + nice + system + irq + softirq) / measures.HZ


def measure(options, server, cable, rate):
    def spent():
        each = server.cpu_seconds().values()
        return sum(each), max(each), cpu_seconds(cable.thread), core_seconds(options.server_cpu)
    before = spent()
    sent, answered = cable.generate(server.port, rate, options.seconds)
    time.sleep(0.05)
    process, busiest, thread, core = (1e6 * (b - a) / max(1, answered) for a, b in zip(before, spent()))
    return {"process": process, "busiest": busiest, "thread": thread, "sum": process + thread, "core": core,
            "answered": answered / max(1, sent)}


def one_round(options, name, cable, rates):
    """A row for each rate."""
    cable.clear()
    with Server(options, name, options.size) as server:
        server.start()
        if name.startswith("writ"):
            measures.warm(options, server)
        return [measure(options, server, cable, rate) for rate in rates]


def print_table(results, rates):
    print("| server | queries a second | CPU us a query | range | processes | kernel thread | gate alone, with thread | "
          "processor busy | answered |\n|---|" + "---:|" * 8)
    for i, rate in enumerate(rates):
        for name, rounds in results.items():
            rows = [a_round[i] for a_round in rounds]
            m = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
            sums = [row["sum"] for row in rows]
            print(f"| {name} | {rate:,} | {m['sum']:.2f} | {min(sums):.2f} to {max(sums):.2f} | {m['process']:.2f} | "
                  f"{m['thread']:.2f} | {m['busiest'] + m['thread']:.2f} | {m['core']:.2f} | {m['answered']:.1%} |")


def main():
    options = arguments()
    bench_network.enter()
    prepare(options)
    machine.come_first()
    peers.PEERS.update(PEERS)
    rates = [int(word) for word in options.rates.split(",")]
    results = {name: [] for name in options.peers.split(",")}
    with Upstream(options), Cable(options) as cable:
        # all take turns, so that a change of the machine's speed meets all of them
        for _ in range(options.runs):
            for name, rounds in results.items():
                rounds.append(one_round(options, name, cable, rates))
    print_table(results, rates)


main()
