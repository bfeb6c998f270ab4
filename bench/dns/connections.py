#!/usr/bin/env python3
"""Connections on which nothing is said: what each costs in memory, and to accept.

usage: connections.py [--count N] [--runs N] [--peers writ,unbound-rpz,dnsdist] [--rate A_SECOND]

A process opens so many to a server over TCP, or over TLS, and keeps them. Memory is the server's (PSS of all its
processes), before and after, by connection; beside it what the kernel's own objects (Slab of /proc/meminfo) grew by, half
of it, since both ends are on this machine. Processor time is the server's, from the first connection until all are
there. Those that the server closed again are not held. Needs root, and dnspython (Debian: python3-dnspython).
"""
import argparse
import pathlib
import resource
import statistics
import subprocess

import bench_network
import machine
import peers
import private
import workload
from processes import kib_of
from server import Server, StartFailed
from upstream import Upstream

CLIENTS = bench_network.ROOT / "tests/system/silent_clients.py"
LIMITS = "connections: 65536, connections_per_client: 65536, idle: 600 s"
KINDS = ["tcp", "tls"]


class Writ(peers.Writ):
    def private(self, place):
        certificate, key = place.private
        return f"""  tcp: {{{LIMITS}}}
  tls: {{listen: ["127.0.0.1:{place.tls_port}"], certificate: {certificate}, key: {key}, {LIMITS}}}
"""


class Unbound(peers.UnboundRpz):
    def write(self, place):
        super().write(place)
        path = place.directory / "unbound.conf"
        path.write_text(path.read_text().replace("outgoing-range: 8192", "outgoing-range: 512"))  # of the open files

    def private(self, place):
        certificate, key = place.private
        return f"""
  interface: 127.0.0.1@{place.tls_port}
  tls-port: {place.tls_port}
  tls-service-pem: {certificate}
  tls-service-key: {key}
  incoming-num-tcp: 9000
  tcp-idle-timeout: 600000
"""


class Dnsdist(peers.Dnsdist):
    def private(self, place):
        certificate, key = map(str, place.private)
        return f"""addTLSLocal('127.0.0.1:{place.tls_port}', '{certificate}', '{key}', {{maxConcurrentTCPConnections=0}})
setTCPRecvTimeout(600)
setMaxTCPClientThreads(1)
"""


def slab_kib():
    return kib_of(pathlib.Path("/proc/meminfo"), "Slab")


def crowd(options, server, kind):
    port = server.tls_port if kind == "tls" else server.port
    command = ["taskset", "-c", options.load_cpu, "/usr/bin/python3", CLIENTS, kind, options.count, options.rate, "127.0.0.1", port,
               "127.0.0.1"]
    return subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def measure(options, server, kind):
    def spent():
        return sum(server.cpu_seconds().values())
    pss, slab, cpu = server.memory_mib()[0], slab_kib(), spent()
    clients = crowd(options, server, kind)
    try:
        opened = int(clients.stdout.readline())
        cpu = spent() - cpu
        clients.stdin.write("\n")
        clients.stdin.flush()
        held = max(1, int(clients.stdout.readline()))
        # the sockets of the client process are there as long as it is
        return {"opened": opened, "held": held, "bytes": (server.memory_mib()[0] - pss) * 2**20 / held,
                "kernel": (slab_kib() - slab) * 1024 / held / 2, "cpu_us": cpu * 1e6 / opened}
    finally:
        clients.stdin.close()
        clients.wait()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="writ,unbound-rpz,dnsdist")
    parser.add_argument("--count", type=int, default=8000)
    parser.add_argument("--rate", type=int, default=1000, help="connections begun in a second, at most")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--size", type=int, default=1000, help="names")
    bench_network.add_places(parser)
    options = parser.parse_args()
    options.build, options.sizes = options.build.resolve(), [options.size]
    return options


def main():
    options = arguments()
    bench_network.enter()
    bench_network.build(options)
    workload.make_missing(options.workload, options.size)
    machine.come_first()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    peers.PEERS.update({"writ": Writ, "unbound-rpz": Unbound, "dnsdist": Dnsdist})
    files, rows = private.certificate(options), {}
    with Upstream(options):
        for _ in range(options.runs):
            for peer in options.peers.split(","):
                for kind in KINDS:
                    with Server(options, peer, options.size, private=files) as server:
                        try:
                            server.start()
                        except StartFailed as problem:
                            print(f"{peer}: {problem}")
                            continue
                        rows.setdefault((kind, peer), []).append(measure(options, server, kind))
    print(f"\n| {options.count:,} over | server | held | bytes each (range) | kernel's | CPU us to accept (range) |\n|---|---|" + "---:|" * 4)
    for (kind, peer), own in sorted(rows.items()):
        def text(key, own=own):
            values = [row[key] for row in own]
            return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"
        print(f"| {kind} | {peer} | {min(r['held'] for r in own):,} | {text('bytes')} | "
              f"{statistics.median(r['kernel'] for r in own):,.0f} | {text('cpu_us')} |")


main()
