"""A ministry with two units whose DNS gate stands in the network that the tests made.

It answers through sockets; with WRIT_TEST_XDP=auto through AF_XDP where that can be.
"""
import itertools
import json
import os
import shutil
import socket
import subprocess

import dns.flags
import dns.message
import dns.rcode

import writ
from authority import DEDICATED
from network import CLIENT, GATE, UPSTREAM, framed, read_framed
from writ import wait_for

CATALOGUE = writ.ROOT / "catalogue"
CONTACT = "it@agency.example"
VOLUNTARY, OBSERVED = "test-voluntary", "test-observed"

PRODUCT = """product: {id}
title: {id}
vendor: Nobody
collected: 2026-01-01
sources:
  - id: s1
    note: Made up for the tests.
identifiers:
{identifiers}
"""
IDENTIFIER = """  - id: {id}
    facets: [web]
    kind: {kind}
    value: "{value}"
    match: {match}
    role: dedicated
    confidence: high
    status: current
    sources: [s1]
"""
ORDER = """order: {id}
title: Order of the tests
issuer: Nobody
jurisdiction: {jurisdiction}
number: "1"
legal_basis: Law of the tests
type: order
announced: 2025-01-01
effective: 2025-01-01
status: in-force
products: [{product}]
designates: Something made up.
scope:
  - facet: web
    position: covered
obligations:
  - id: 1
    verb: block-network
    text: Block it.
    clause: "1"
    force: must
    binds: [central-agency]
    deadline: unknown
    source: s1
exemption:
  available: no
sources:
  - id: s1
    url: https://order.example/
    kind: official
confidence: high
"""

LISTS = {
    "plain": "# names\nbad.plain.example\n",
    "hosts": "0.0.0.0 bad.hosts.example\n127.0.0.1 localhost\n",
    "adblock": "! title\n||bad.adblock.example^\n",
    "rpz": "$TTL 60\n@ SOA localhost. root.localhost. 1 1 1 1 1\n@ NS localhost.\nbad.rpz.example CNAME .\n",
}


def catalogue(directory):
    """The catalogue that ships, with two products and orders that only the tests know."""
    shutil.copytree(CATALOGUE, directory)
    for order, jurisdiction, product, name in ((VOLUNTARY, "CZ", "sample-voluntary", "voluntary.example"),
                                               (OBSERVED, "TW", "sample-observed", "observed.example")):
        marks = IDENTIFIER.format(id=f"{product}-1", kind="domain", value=name, match="suffix")
        if product == "sample-voluntary":
            marks += IDENTIFIER.format(id=f"{product}-2", kind="address", value=DEDICATED, match="exact")
        (directory / f"products/{product}.yaml").write_text(PRODUCT.format(id=product, identifiers=marks))
        (directory / f"orders/{order}.yaml").write_text(
            ORDER.format(id=order, jurisdiction=jurisdiction, product=product))


def exemption(unit):
    """One that has every approval and meets every condition of the order."""
    steps = ("agency-ciso", "superior-ciso", "competent-authority")
    return {"id": "ex-1", "order": writ.ORDER, "product": "deepseek", "units": [unit], "reason": "Research.",
            "approvals": [{"role": role, "by": "A. Chen", "at": f"2026-02-0{i}"} for i, role in enumerate(steps, 1)],
            "conditions": ["standalone-device", "no-personal-data", "no-official-data", "offline"],
            "not_before": "2026-02-10", "not_after": "2031-12-31"}


class Agency(writ.Writ):
    ports = itertools.count(53)

    def __init__(self, network):
        super().__init__()
        self.network, self.port = network, next(self.ports)
        catalogue(self.directory / "catalogue")
        for name, text in LISTS.items():
            (self.directory / f"{name}.list").write_text(text)
        self.settings["catalogue"] = "catalogue"
        self.settings["dns"].update(xdp={"mode": os.environ.get("WRIT_TEST_XDP", "off")},
                                    listen=[f"{GATE[4]}:{self.port}", f"[{GATE[6]}]:{self.port}"],
                                    upstream={"forward": [f"{UPSTREAM}:53"], "timeout": "10 s"})
        self.settings["record"]["heartbeat_interval"] = "1 s"
        self.organisation.update(
            networks=[{"prefix": "10.53.0.0/24"}, {"prefix": "fd53::/64"}],
            units=[{"id": "finance", "networks": [{"prefix": "10.53.1.0/24"}]},
                   {"id": "laboratory", "networks": [{"prefix": "10.53.2.0/24"}, {"prefix": "fd53:0:0:2::/64"}]}],
            adoptions=[{"order": writ.ORDER, "mode": "enforce"},
                       {"order": VOLUNTARY, "mode": "enforce", "voluntary": True},
                       {"order": OBSERVED, "mode": "observe"}],
            exemptions=[exemption("laboratory")],
            lists=[{"id": f"list-{name}", "file": f"{name}.list", "format": name, "reason": "House rule 4."}
                   for name in LISTS])
        self.write()

    def start(self, **options):
        return super().start(preexec_fn=self.network.gate.enter, **options)

    # questions of clients

    def query(self, name, kind="A", source=CLIENT, tcp=False, **options):
        options.setdefault("use_edns", 0)
        return self.send(dns.message.make_query(name, kind, **options), source, tcp)

    def send(self, query, source=CLIENT, tcp=False):
        wire = self.exchange(query.to_wire(), source, tcp)
        answer = dns.message.from_wire(wire)
        assert answer.id == query.id and answer.flags & dns.flags.QR
        return answer

    def udp(self, source=CLIENT):
        return self.network.connected(socket.SOCK_DGRAM, source, self.port)

    def tcp(self, source=CLIENT):
        return self.network.connected(socket.SOCK_STREAM, source, self.port)

    def exchange(self, wire, source=CLIENT, tcp=False):
        if tcp:
            with self.tcp(source) as s:
                s.sendall(framed(wire))
                return read_framed(s)
        with self.udp(source) as s:
            s.send(wire)
            return s.recv(65536)

    # what the command line says

    def command(self, *words, status=0):
        done = subprocess.run([writ.PROGRAM, *words, "--config", self.directory / "writ.yaml"], capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stderr}"
        return done.stdout

    def counters(self):
        return json.loads(self.command("status", "--json"))["counters"]["dns"]

    def events(self, *filters):
        lines = self.command("events", "--json", "--limit", "10000", *filters).splitlines()
        return [(e["entry"], e["value"]["data"]) for e in map(json.loads, lines)]

    def recorded(self, *filters, count=1):
        """Events that pass the filters, once they stand for so many."""
        def enough():
            found = self.events(*filters)
            return sum(e["count"] for _, e in found) >= count and found
        return wait_for(f"{count} events {filters}", enough)
