"""Makes the captures anew, with what a gate in the path records of them: programs that people use and ways of evasion,
in the lab of tests/system. As root; the difference is the review.

usage: WRIT=build/writ /usr/bin/python3 tests/golden/packet/make.py [CASE...]
"""
import json
import pathlib
import re
import shutil
import socket
import struct
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))

import evasion  # noqa: E402
import test_packet_evasion as suite  # noqa: E402
from packet_agency import PacketAgency  # noqa: E402
from packet_clients import curl, s_client  # noqa: E402
from packet_lab import CLIENT6, FINANCE, LABORATORY, RESOLVER, RESOLVER6, WEB6, Lab  # noqa: E402
from packet_servers import H2C, HRR, NEIGHBOUR, SMTP, Servers  # noqa: E402
from raw_host import RawHost  # noqa: E402
from writ import BLOCKED  # noqa: E402

FIELDS = ("destination", "identifier", "name", "order", "port", "transport", "unit", "verdict")
NAMES = (BLOCKED, NEIGHBOUR)
LINK_RAW = 101


def tls(lab, _):
    for name in NAMES:
        curl(lab, name, "--tls-max", "1.2")
        curl(lab, name, "--tlsv1.3", source=FINANCE)


def tls6(lab, _):
    for name in NAMES:
        curl(lab, name, address=WEB6)


def exempt(lab, _):
    for source in (LABORATORY, FINANCE):
        curl(lab, BLOCKED, source=source)


def asked_again(lab, _):
    for name in NAMES:
        curl(lab, name, port=HRR)


def http(lab, _):
    for name in NAMES:
        curl(lab, name, scheme="http")
        curl(lab, name, "--http2-prior-knowledge", scheme="http", port=H2C)


def mail(lab, _):
    for name in NAMES:
        s_client(lab, name, "-starttls", "smtp", port=SMTP)


def dns(lab, _):
    for name in NAMES:
        lab.run("dig", "+tries=1", "+time=2", f"@{RESOLVER}", name)
        lab.run("dig", "+tcp", "+tries=1", "+time=2", "-b", CLIENT6, f"@{RESOLVER6}", name)


def quic(lab, host):
    evade(host, r"^quic6?: (as everybody does|a hello of 1.7 KiB, the second part first|frames of 4 bytes, shuffled)")


def cut(lab, host):
    evade(host, r"^tls6?: (pieces of 5 bytes|two pieces, the second|IP fragments, back|a record for each byte$|overlap: what)")


def decoys(lab, host):
    evade(host, r"^(tls6?|http): (decoy of (low TTL|bad checksum|an old)|forged|other names around|an urgent)")


def evade(host, pattern):
    ways = [w for w in suite.REAL if re.search(pattern, str(w))]
    for name in NAMES:
        evasion.attempt_all(host, ways, suite.TALKS, name, at_once=4)


CASES = {f.__name__: f for f in (tls, tls6, exempt, asked_again, http, mail, dns, quic, cut, decoys)}


class Capture:
    """What comes from clients, and what goes to them: classic pcap, as the gate's ports on their side see it."""

    def __init__(self, lab, path):
        self.file, self.open, self.threads = path.open("wb"), True, []
        self.file.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, LINK_RAW))
        self.lock = threading.Lock()
        for device in ("to-client", "to-crafty"):
            with lab.gate.entered():
                tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
            tap.bind((device, 3))
            tap.settimeout(0.1)
            self.threads.append(threading.Thread(target=self._run, args=(tap,)))
            self.threads[-1].start()

    def _run(self, tap):
        while self.open:
            try:
                packet, about = tap.recvfrom(65536)
            except TimeoutError:
                continue
            if about[1] not in (0x0800, 0x86dd):
                continue
            second, fraction = divmod(time.time(), 1)
            with self.lock:
                self.file.write(struct.pack("=IIII", int(second), int(fraction * 1e6), len(packet), len(packet)) + packet)
        tap.close()

    def close(self):
        time.sleep(0.3)
        self.open = False
        for thread in self.threads:
            thread.join()
        self.file.close()


def installation(lab):
    agency = PacketAgency(lab)
    shutil.rmtree(agency.directory / "catalogue")
    shutil.copytree(ROOT / "catalogue", agency.directory / "catalogue")
    agency.write()
    shutil.copy(HERE / "organisation.yaml", agency.directory / "organisation.yaml")
    return agency


def make(lab, host, name):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    agency = installation(lab)
    try:
        agency.start()
        capture = Capture(lab, folder / "input.pcap")
        CASES[name](lab, host)
        capture.close()
        agency.recorded()
        time.sleep(2)  # what is alike is gathered for a second
        events = {json.dumps({f: e.get(f, 0 if f == "port" else "") for f in FIELDS}, separators=(",", ":"))
                  for _, e in agency.events()}
    finally:
        agency.close()
    (folder / "expect.ndjson").write_text("".join(f"{line}\n" for line in sorted(events)))
    print(name, len(events), "events", (folder / "input.pcap").stat().st_size, "bytes")


def main(names):
    lab = Lab()
    try:
        lab.servers = Servers(lab)
        for namespace, device in ((lab.client, "to-gate"), (lab.gate, "to-client"), (lab.gate, "to-hop"), (lab.hop, "to-gate"),
                                  (lab.hop, "to-server"), (lab.server, "to-hop")):
            # packets as they are on a cable: with their checksums, none larger than the link takes
            namespace.run("ethtool", "-K", device, "tx", "off", "gso", "off", "tso", "off", "gro", "off")
        host = RawHost(lab)
        for name in names or CASES:
            make(lab, host, name)
    finally:
        lab.close()


if __name__ == "__main__":
    main(sys.argv[1:])
