"""Signatures that are right and wrong, and what clients hear of it."""
import re
import shutil
import subprocess

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

import signed
from network import GATE, SLOW_UPSTREAM
from test_dns_block import ede_of

SIGNED = pytest.mark.skipif(not (signed.SIGNER and signed.KEYGEN), reason="dnssec-signzone is not installed")
pytestmark = SIGNED
EXPIRED, EARLY, NO_SIGNATURE, NO_PROOF = 7, 8, 10, 12


@pytest.fixture(scope="module")
def zones(network):
    made = signed.SignedZones(network.gate)
    yield made
    made.close()


@pytest.fixture
def gate(other_agency, authority, zones):
    """Resolves by itself, and asks the name servers of the signed zones for those."""
    other_agency.settings["dns"].update(
        workers=1,
        upstream={"root_hints": str(authority.root_hints), "trust_anchor": str(zones.anchors), "timeout": "10 s"},
        zones=[{"zone": f"{name}.{signed.PARENT}", "stub": [SLOW_UPSTREAM], "validate": True} for name in zones.names])
    other_agency.write()
    return other_agency.start()


@pytest.mark.parametrize("name, code", [("www.expired", EXPIRED), ("www.early", EARLY), ("www.stranger", NO_SIGNATURE),
                                        ("www.unsigned", NO_SIGNATURE), ("none.unproved", NO_PROOF)])
def test_why_an_answer_is_bogus_is_said_and_who_checks_alone_gets_it(gate, name, code):
    name = f"{name}.{signed.PARENT}"
    for _ in range(2):
        answer = gate.query(name)
        assert answer.rcode() == dns.rcode.SERVFAIL and not answer.answer
        assert ede_of(answer)[0] == code
        query = dns.message.make_query(name, "A", want_dnssec=True)
        query.flags |= dns.flags.CD
        unchecked = gate.send(query)
        assert unchecked.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN) and unchecked.flags & dns.flags.CD
        assert not unchecked.flags & dns.flags.AD
        assert bool(unchecked.answer) == name.startswith("www")
    assert gate.query(name).rcode() == dns.rcode.SERVFAIL


def test_those_who_check_alone_and_those_who_do_not_wait_for_one_answer_that_is_read_once_for_each(gate):
    queries = [dns.message.make_query(f"www.expired.{signed.PARENT}", "A", want_dnssec=True) for _ in range(40)]
    with gate.udp() as client:
        client.settimeout(20)
        for i, query in enumerate(queries):
            query.id, query.flags = i, query.flags | (dns.flags.CD if i % 2 else 0)
            client.send(query.to_wire())
        answers = [dns.message.from_wire(client.recv(65536)) for _ in queries]
    assert sorted(a.id for a in answers) == list(range(len(queries)))
    assert all(a.rcode() == (dns.rcode.NOERROR if a.id % 2 else dns.rcode.SERVFAIL) for a in answers)
    counters = gate.counters()
    assert 0 < counters["upstream_failures"] <= counters["upstream_queries"]


def test_what_is_signed_well_is_said_to_be_so(gate):
    answer = gate.query(f"www.good.{signed.PARENT}", want_dnssec=True)
    assert answer.flags & dns.flags.AD and answer.rcode() == dns.rcode.NOERROR
    assert {r.rdtype for r in answer.answer} == {dns.rdatatype.A, dns.rdatatype.RRSIG}
    assert gate.query(f"none.good.{signed.PARENT}", want_dnssec=True).flags & dns.flags.AD


@pytest.mark.skipif(not shutil.which("delv"), reason="delv is not installed")
@pytest.mark.parametrize("name, said", [("www.good", "fully validated"), ("none.good", "negative response, fully validated"),
                                        ("www.expired", "RRSIG has expired"), ("www.unsigned", "insecurity proof failed")])
def test_delv_checks_through_the_gate_and_finds_the_same(gate, network, zones, name, said):
    zone = f"{name.split('.')[1]}.{signed.PARENT}"
    anchor = next(line for line in zones.anchors.read_text().splitlines() if line.startswith(f"{zone}."))
    key = re.search(r"DNSKEY\s+(\d+ \d+ \d+)\s+(.*)", anchor)
    file = zones.directory / "delv.anchors"
    file.write_text(f'trust-anchors {{ "{zone}" static-key {key[1]} "{key[2]}"; }};\n')
    done = subprocess.run(["delv", f"@{GATE[4]}", "-p", str(gate.port), "-a", file, f"+root={zone}", "+cdflag",
                           f"{name}.{signed.PARENT}", "A"], capture_output=True, text=True, timeout=60,
                          preexec_fn=network.client.enter)
    assert said in done.stdout + done.stderr, done.stdout + done.stderr
