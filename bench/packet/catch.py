#!/usr/bin/python3
"""The ways of evasion of the tests, and who hears the name in each: programs that listen, from captures taken where
the gate stands, and Suricata and Writ in the path, live. Needs root, and what tests/system need.

usage: catch.py [--captures DIRECTORY] [--root DIRECTORY]... [--ndpi PROGRAM]... [--without-readers | --without-gates]

A way counts when its server takes it without a gate. `--captures` keeps a capture of each, and uses them the next time.
"""
import argparse
import contextlib
import json
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests/system"), str(ROOT / "bench/common")]

import packet_agency  # noqa: E402
import packet_lab  # noqa: E402
import packet_servers  # noqa: E402
import raw_host  # noqa: E402
import readers  # noqa: E402
import roots  # noqa: E402
from evasion import Talk, attempt, attempt_all  # noqa: E402
from lab_gates import SuricataInLab  # noqa: E402
from packet_servers import NEIGHBOUR  # noqa: E402
from test_packet_evasion import REAL, TALKS  # noqa: E402
from writ import BLOCKED  # noqa: E402

PCAP_HEAD = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)
SETTLE_S = 0.05


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=pathlib.Path)
    readers.add_options(parser)
    parser.add_argument("--without-readers", action="store_true", help="only what stands in the path")
    parser.add_argument("--without-gates", action="store_true", help="only what listens")
    return parser.parse_args()


class Capture:
    """All packets of the client's link, in both directions, as the gate sees them."""
    def __init__(self, lab, path):
        with lab.gate.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind(("to-crafty", 3))
        self.socket.settimeout(SETTLE_S)
        self.path, self.is_open = path, True

    def __enter__(self):
        self.thread = threading.Thread(target=self.write)
        self.thread.start()

    def __exit__(self, *_):
        time.sleep(SETTLE_S)
        self.is_open = False
        self.thread.join()
        self.socket.close()

    def write(self):
        with open(self.path, "wb") as f:
            f.write(PCAP_HEAD)
            while self.is_open:
                with contextlib.suppress(TimeoutError):
                    frame = self.socket.recv(65536)
                    now = time.time_ns() // 1000
                    f.write(struct.pack("<IIII", now // 1000000, now % 1000000, len(frame), len(frame)) + frame)


def file_name(way):
    return "".join(c if c.isalnum() else "-" for c in str(way)) + ".pcap"


def checksums_written(lab):
    """By the sender, not left to a card that is not there: programs that listen would take them for wrong."""
    for host, devices in ((lab.server, ["to-hop"]), (lab.hop, ["to-gate", "to-server"]), (lab.gate, ["to-hop", "to-crafty"])):
        for device in devices:
            subprocess.run(["ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off"],
                           preexec_fn=host.enter, capture_output=True)


def take_captures(lab, host, folder):
    """One way at a time, without a gate; those that no server took are left out."""
    ways = []
    for way in REAL:
        path = folder / file_name(way)
        with Capture(lab, path):
            heard = attempt(TALKS.get(way.service, Talk), host, way, BLOCKED)
        if heard:
            ways.append(way)
        else:
            print(f"not taken by its server: {way}", flush=True)
            path.unlink()
    return ways


@contextlib.contextmanager
def suricata(lab, host, root):
    with lab.gate.entered(), SuricataInLab(root) as gate:
        gate.wait_until_it_judges(host)
        yield


@contextlib.contextmanager
def writ(lab):
    agency = packet_agency.PacketAgency(lab)
    try:
        agency.start()
        yield
    finally:
        agency.close()


def gates(options, lab, host):
    """(title, context) of what stands in the path."""
    for root in roots.having(SuricataInLab.program, options.roots):
        yield SuricataInLab(root).title("suricata") + " in the path", suricata(lab, host, root)
    yield "Writ", writ(lab)


def heard_by(reader, folder, ways):
    with ThreadPoolExecutor() as pool:
        return dict(zip(ways, pool.map(lambda way: BLOCKED in reader.names(folder / file_name(way)), ways)))


def judged(host, ways):
    """What is blocked, and what of the allowed name works."""
    blocked, allowed = (attempt_all(host, ways, TALKS, name) for name in (BLOCKED, NEIGHBOUR))
    return {"blocks": {way: not blocked[way] for way in ways}, "lets the allowed one work": allowed}


def print_table(ways, columns):
    """By service, and each way."""
    services = list(dict.fromkeys(way.service for way in ways))
    print("| asked by | ways | " + " | ".join(columns) + " |\n|---|" + "---:|" * (1 + len(columns)))
    for title, part in [(s, [w for w in ways if w.service == s]) for s in services] + [("all", ways)]:
        print(f"| {title} | {len(part)} | " + " | ".join(str(sum(c[w] for w in part)) for c in columns.values()) + " |")
    print("\n| way | " + " | ".join(columns) + " |\n|---|" + ":---:|" * len(columns))
    for way in ways:
        print(f"| {way} | " + " | ".join("yes" if c[way] else "-" for c in columns.values()) + " |")


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="writ-catch-") as made, contextlib.ExitStack() as stack:
        folder = options.captures or pathlib.Path(made)
        folder.mkdir(exist_ok=True)
        lab = packet_lab.Lab("routed")
        stack.callback(lab.close)
        lab.servers = packet_servers.Servers(lab)
        checksums_written(lab)
        host = raw_host.RawHost(lab)
        stack.callback(host.close)
        listed = folder / "ways.json"
        if listed.exists():
            taken = set(json.loads(listed.read_text()))
            ways = [way for way in REAL if str(way) in taken]
        else:
            ways = take_captures(lab, host, folder)
            listed.write_text(json.dumps([str(way) for way in ways]))
        columns = {}
        for title, reader in {} if options.without_readers else readers.present(options).items():
            columns[title] = heard_by(reader, folder, ways)
        for title, gate in [] if options.without_gates else gates(options, lab, host):
            with gate:
                columns |= {f"{title} {what}": of for what, of in judged(host, ways).items()}
        print_table(ways, columns)


if __name__ == "__main__":
    main()
