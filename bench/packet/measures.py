"""The measurements. Each yields rows, which are dictionaries for the results file."""
import contextlib
import os
import pathlib
import time

import lane
from gates import ALLOWED, BLOCKED

TLS_PORT, BULK_PORT = 443, 5201
HZ = os.sysconf("SC_CLK_TCK")
TOGETHER = ("cost", "bulk-cost")  # all on one processor
RUNS = {"flows": 1}  # instead of --runs
ATTEMPT_S = 1


def core_seconds(cpu):
    """All that the processor did: by processes, for devices, and taken away by the machine's host."""
    with open("/proc/stat") as f:
        fields = next(line for line in f if line.startswith(f"cpu{cpu} ")).split()
    user, nice, system, _, _, irq, softirq, steal = map(int, fields[1:9])
    return (user + nice + system + irq + softirq + steal) / HZ


class Spent:
    """What the gate spends while it is open: its processes, the kernel threads that receive for it; and what
    others take of its processor."""
    def __init__(self, options, way, gate):
        self.options, self.way, self.gate = options, way, gate

    def now(self):
        return (self.gate.cpu_seconds(), self.way.kernel_seconds(), core_seconds(self.options.gate_cpu),
                time.monotonic())

    def __enter__(self):
        self.before = self.now()
        return self

    def __exit__(self, *_):
        processes, kernel, core, clock = (after - before for before, after in zip(self.before, self.now()))
        self.seconds, self.processes, self.kernel = processes + kernel, processes, kernel
        self.row = {"gate_cpu_s": self.seconds, "process_cpu_s": processes, "kernel_cpu_s": kernel,
                    "busy": self.seconds / clock, "others": max(0, core - self.seconds) / clock,
                    "load_average": os.getloadavg()[0]}


def tlsload(options, way, *words):
    servers = f"{lane.SERVERS}/{lane.SERVER_COUNT}"
    return way.client.json(options.build / "bench/packet/tlsload", "client", "-p", options.hello, *words, servers,
                           TLS_PORT)


def judges_right(options, way, gate):
    def ask(name):
        return tlsload(options, way, "-n", 1, "-l", ATTEMPT_S, "-t", ATTEMPT_S, "-s", name)["finished"] == 1
    return ask(ALLOWED) and ask(BLOCKED) != gate.judges


@contextlib.contextmanager
def server(options, way):
    process = way.server.start(options.build / "bench/packet/tlsload", "server", TLS_PORT)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def connect(options, way, gate):
    """As many new connections as go: hello, flight, request, answer of 4 kB, end."""
    with Spent(options, way, gate) as spent:
        row = tlsload(options, way, "-w", options.window, "-l", options.seconds)
    each = 1e6 / max(1, row["finished"])
    yield {**row, **spent.row, "cpu_us": spent.seconds * each, "process_us": spent.processes * each,
           "kernel_us": spent.kernel * each, "pss_mib": gate.pss_mib()}


def latency(options, way, gate):
    """At a fixed rate."""
    with Spent(options, way, gate) as spent:
        row = tlsload(options, way, "-r", options.rate, "-l", options.seconds)
    yield {**row, **spent.row}


BULK = {"tcp, to the server": [], "tcp, to the client": ["-R"], "tcp, 8 streams": ["-P", "8"],
        "udp": ["-u", "-b", "0", "-l", "1400"]}
BULK_TOGETHER = {"tcp, to the server": [], "tcp, to the client": ["-R"], "udp": ["-u", "-b", "400M", "-l", "1400"]}


def iperf(options, way, gate, what, words, merged):
    """On one processor its ends give way to the gate and its threads, for they may not sleep."""
    urgency = None if way.client.are_equal else lane.CLIENT_LAST
    process = way.server.start("iperf3", "-s", "-1", "-p", BULK_PORT, urgency=urgency and lane.SERVER_NEXT)
    time.sleep(0.3)
    try:
        with Spent(options, way, gate) as spent:
            row = way.client.json("iperf3", "-c", lane.SERVER, "-p", BULK_PORT, "-J", "-t", options.seconds, *words,
                                  urgency=urgency)
    finally:
        process.kill()
        process.wait()
    got = row["end"].get("sum_received") or row["end"]["sum"]
    return {"what": what, "merged": merged, "gbit": got["bits_per_second"] / 1e9, **spent.row,
            "cpu_us_mb": spent.seconds * 1e12 / max(1, got["bytes"])}


def bulk(options, way, gate):
    """iperf3, with packets put together before the gate, and with those of 1,500 bytes."""
    for merged in (True, False):
        way.set_merging(merged)
        for what, words in BULK.items():
            if not (what == "udp" and merged):  # UDP is never put together
                yield iperf(options, way, gate, what, words, merged)
    way.set_merging(True)


def bulk_cost(options, way, gate):
    """The same with packets of 1,500 bytes, all on one processor."""
    way.set_merging(False)
    for what, words in BULK_TOGETHER.items():
        yield iperf(options, way, gate, what, words, False)
    way.set_merging(True)


def flowload(options, way, *words):
    return [options.build / "bench/packet/flowload", *words, lane.CLIENT_FAR, lane.NOBODY_CLIENTS, lane.NOBODY_SERVERS,
            TLS_PORT]


def flood(options, way, gate):
    """SYNs of ever other clients, that nobody answers, while some connect as they should."""
    words = flowload(options, way, "flood", "-r", options.flood_rate, "-l", options.seconds + 1)
    with Spent(options, way, gate) as alone:
        sent = way.client.json(*words)["sent"]
    process = way.client.start(*words, urgency=lane.CLIENT_LAST)
    time.sleep(0.5)
    try:
        row = tlsload(options, way, "-r", options.rate, "-l", options.seconds - 0.5)
    finally:
        process.wait()
    yield {**row, **alone.row, "syns": sent, "cpu_us": alone.seconds * 1e6 / max(1, sent), "pss_mib": gate.pss_mib()}


def tracked():
    return int(pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_count").read_text())


def flows(options, way, gate):
    """Many flows, each with the first 300 bytes of a hello, that stay so."""
    process = way.server.start(options.build / "bench/packet/flowload", "server", lane.SERVER_FAR)
    before = gate.pss_mib()
    try:
        with Spent(options, way, gate) as spent:
            row = way.client.json(*flowload(options, way, "client", "-n", options.flows, "-r", 20000, "-b", 300))
    finally:
        process.kill()
        process.wait()
    after = gate.pss_mib()
    still = tlsload(options, way, "-r", options.rate, "-l", options.seconds)
    yield {**row, **spent.row, "cpu_us": spent.seconds * 1e6 / max(1, row["answered"]), "pss_before_mib": before,
           "pss_after_mib": after, "bytes_a_flow": (after - before) * 2**20 / max(1, row["answered"]),
           "tracked": tracked(), "p50_us": still["p50_us"], "p99_us": still["p99_us"],
           "finished": still["finished"], "started": still["started"]}


def run(options, way, what, gate):
    if gate.is_proxy and what in ("bulk", "bulk-cost", "flood", "flows"):
        return
    together = way.on_one_processor() if what in TOGETHER else contextlib.nullcontext()
    with together, server(options, way), gate:
        gate.wait_ready(lambda: judges_right(options, way, gate))
        gate.set_urgent()
        yield from {"cost": connect, "connect": connect, "latency": latency, "bulk": bulk,
                    "bulk-cost": bulk_cost, "flood": flood,
                    "flows": flows}[what](options, way, gate)
