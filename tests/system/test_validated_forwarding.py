"""Signatures of answers that others gave: over any transport, of any zone, by any of several servers."""
import json
import re
import socket
import subprocess

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

import signed
from authority import BOGUS, SECURE
from liar import Liar
from network import CLIENT, SLOW_UPSTREAM, UPSTREAM
from test_dns_answers import asked
from test_dns_block import assert_blocked, ede_of
from test_upstream import addresses, gate_of  # noqa: F401 (a fixture)
from test_zones import INNER, RECORDS
from unbound import ADDRESS, NAME, UNBOUND, Unbound
from writ import wait_for

pytestmark = pytest.mark.skipif(not (UNBOUND and signed.SIGNER and signed.KEYGEN),
                                reason="unbound or dnssec-signzone is not installed")
EXPIRED, EARLY, NO_SIGNATURE, NO_PROOF = 7, 8, 10, 12
GOOD, PLAIN = f"good.{signed.PARENT}", f"expired.{signed.PARENT}"  # the second: signed so that it is checked in vain
WWW = ["192.0.2.91"]


@pytest.fixture(scope="module")
def zones(network):
    made = signed.SignedZones(network.gate)
    yield made
    made.close()


@pytest.fixture(scope="module")
def anchors(authority, zones):
    """The root's key, and those of the signed zones that the root knows nothing of."""
    file = zones.directory / "all.anchors"
    file.write_text(authority.trust_anchor.read_text() + zones.anchors.read_text())
    return str(file)


@pytest.fixture(scope="module")
def unbound(network, authority, zones):
    with Unbound(network, [(f"{name}.{signed.PARENT}", SLOW_UPSTREAM) for name in zones.names]) as made:
        yield made


@pytest.fixture(params=[ADDRESS, f"tcp://{ADDRESS}", f"{ADDRESS}#{NAME}"], ids=["udp", "tcp", "tls"])
def gate(request, gate_of, unbound, anchors):  # noqa: F811
    return gate_of([request.param], trust_anchor=anchors, ca_file=str(unbound.signer.certificate), timeout="10 s")


def is_secure(answer):
    return bool(answer.flags & dns.flags.AD)


def checked(gate, name, kind="A"):
    return gate.query(name, kind, want_dnssec=True)


def assert_secure(answer, said):
    assert answer.rcode() == dns.rcode.NOERROR and is_secure(answer)
    assert [r.to_text() for s in answer.answer if s.rdtype != dns.rdatatype.RRSIG for r in s] == said


def assert_bogus(answer, *codes):
    assert answer.rcode() == dns.rcode.SERVFAIL and not answer.answer and ede_of(answer)[0] in codes


def test_what_a_forwarder_says_is_checked(gate):
    for _ in range(2):  # asked for, and from the cache
        answer = checked(gate, f"www.{GOOD}")
        assert_secure(answer, WWW)
        assert {r.rdtype for r in answer.answer} == {dns.rdatatype.A, dns.rdatatype.RRSIG}
        assert is_secure(checked(gate, f"none.{GOOD}")) and checked(gate, f"none.{GOOD}").rcode() == dns.rcode.NXDOMAIN
        assert_secure(checked(gate, SECURE), ["192.0.2.90"])
        unsigned = checked(gate, "www.unlisted.example")
        assert addresses(unsigned) == ["192.0.2.80"] and not is_secure(unsigned)
        assert_bogus(checked(gate, BOGUS), 6, 9, 10, 12)
        assert_blocked(gate.query("chat.deepseek.com"))
    assert len(gate.query("big60.unlisted.example", "TXT", tcp=True).answer[0]) == 235
    counters = gate.counters()
    assert counters["relay_refused"] == counters["upstream_malformed"] == 0


@pytest.mark.parametrize("name, code", [("www.expired", EXPIRED), ("www.early", EARLY), ("www.stranger", NO_SIGNATURE),
                                        ("www.unsigned", NO_SIGNATURE), ("none.unproved", NO_PROOF)])
def test_why_it_is_bogus_is_said_and_who_checks_alone_gets_it(gate, name, code):
    name = f"{name}.{signed.PARENT}"
    assert_bogus(gate.query(name), code)
    query = dns.message.make_query(name, "A", want_dnssec=True)
    query.flags |= dns.flags.CD
    unchecked = gate.send(query)
    assert unchecked.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN) and not is_secure(unchecked)
    assert_bogus(gate.query(name), code)


# Zones that go another way.


@pytest.fixture(params=["recursion", "forwarded"])
def split_gate(request, other_agency, authority, zones, unbound, anchors):
    """One zone is forwarded and checked, one is forwarded and taken as unsigned, which the root says is not there."""
    file = zones.directory / "some.anchors"
    file.write_text("".join(line for line in open(anchors) if not line.startswith(PLAIN)))
    upstream = {"recursion": {"root_hints": str(authority.root_hints)},
                "forwarded": {"forward": [f"{ADDRESS}#{NAME}"], "ca_file": str(unbound.signer.certificate)}}
    other_agency.settings["dns"].update(
        workers=1, upstream={"trust_anchor": str(file), "timeout": "10 s", **upstream[request.param]},
        zones=[{"zone": GOOD, "forward": [SLOW_UPSTREAM], "validate": True}, {"zone": PLAIN, "forward": [SLOW_UPSTREAM]},
               {"zone": f"early.{signed.PARENT}", "stub": [SLOW_UPSTREAM], "validate": True},
               {"zone": "corp.example", "records": RECORDS}])
    other_agency.write()
    return other_agency.start()


def test_each_zone_is_checked_or_not_as_it_says(split_gate):
    for _ in range(2):
        assert_secure(checked(split_gate, f"www.{GOOD}"), WWW)
        assert is_secure(checked(split_gate, f"none.{GOOD}"))
        plain = checked(split_gate, f"www.{PLAIN}")
        assert WWW[0] in addresses(plain) and not is_secure(plain)
        assert_bogus(checked(split_gate, f"www.early.{signed.PARENT}"), EARLY)
        assert_secure(checked(split_gate, SECURE), ["192.0.2.90"])
        assert addresses(split_gate.query("www.corp.example")) == ["192.0.2.1", "192.0.2.2"]
    assert split_gate.counters()["relay_refused"] == 0


def test_it_is_shown_who_is_asked(split_gate):
    def route(name):
        return json.loads(split_gate.command("dns", "query", name, "--from", CLIENT, "--json"))["route"]
    assert (route(f"www.{GOOD}")["way"], route(f"www.{GOOD}")["to"]) == ("resolver", [f"{SLOW_UPSTREAM}:53"])
    assert route(f"www.early.{signed.PARENT}")["to"] == []  # a stub zone, whose servers the resolver asks


def test_an_alias_from_one_zone_into_the_other_is_followed_there(split_gate):
    answer = checked(split_gate, f"elsewhere.{GOOD}")
    assert {f"www.{PLAIN}.", *WWW} <= set(addresses(answer)) and not is_secure(answer)


def test_a_policy_and_its_reload_hold_for_what_is_checked(split_gate):
    assert_secure(checked(split_gate, f"www.{GOOD}"), WWW)
    split_gate.command("reload")
    assert_secure(checked(split_gate, f"www.{GOOD}"), WWW)
    assert_secure(checked(split_gate, SECURE), ["192.0.2.90"])
    assert_blocked(split_gate.query("chat.deepseek.com"))


# What the tests' own servers say.


def authority_says(network, query, changed=lambda message: None):
    with network.gate.entered():
        message = dns.query.udp(query, UPSTREAM, timeout=10)
    changed(message)
    return message


def without_signatures(message):
    for section in message.answer, message.authority:
        section[:] = [r for r in section if r.rdtype not in (dns.rdatatype.RRSIG, dns.rdatatype.NSEC,
                                                             dns.rdatatype.NSEC3)]


def servfail(query):
    answer = dns.message.make_response(query, recursion_available=True)
    answer.set_rcode(dns.rcode.SERVFAIL)
    return answer


@pytest.mark.parametrize("target, said", [("www.corp.example.", ["192.0.2.1", "192.0.2.2"]), ("localhost.", ["127.0.0.1"])])
def test_an_alias_outside_that_leads_to_a_record_of_ones_own_is_followed(network, gate_of, authority, target,  # noqa: F811
                                                                        said):
    def alias(message):
        if message.question[0].name.to_text().lower() == "vpn.unlisted.example.":
            message.set_rcode(dns.rcode.NOERROR)
            message.authority.clear()
            message.answer[:] = [dns.rrset.from_text(message.question[0].name, 300, "IN", "CNAME", target)]
    with Liar(network, lambda q: authority_says(network, q, alias), port=5353):
        gate = gate_of([INNER], [{"zone": "corp.example", "records": RECORDS}], timeout="10 s",
                       trust_anchor=str(authority.trust_anchor))
        for _ in range(2):
            first, *rest = addresses(gate.query("vpn.unlisted.example"))
            assert first == target and sorted(rest) == said  # libunbound turns records round


def test_a_server_that_strips_signatures_is_made_up_for_by_the_next(network, gate_of, authority):  # noqa: F811
    with Liar(network, lambda q: authority_says(network, q, without_signatures), port=5353) as stripping:
        gate = gate_of([INNER, UPSTREAM], trust_anchor=str(authority.trust_anchor), timeout="10 s")
        assert_secure(checked(gate, SECURE), ["192.0.2.90"])
        assert stripping.over_udp


def test_a_server_that_is_down_is_made_up_for_by_the_next(network, gate_of, unbound, anchors):  # noqa: F811
    gate = gate_of([f"198.18.0.8#{NAME}", f"{ADDRESS}#{NAME}"], trust_anchor=anchors, timeout="10 s",
                   ca_file=str(unbound.signer.certificate))
    for name in (f"www.{GOOD}", f"www.early.{signed.PARENT}", SECURE):
        answer = checked(gate, name)
        assert is_secure(answer) or ede_of(answer)[0] == EARLY


def test_a_question_that_fails_is_not_asked_again_and_again(network, gate_of, authority):  # noqa: F811
    name = "fails.unlisted.example"

    def said(query):
        is_it = query.question[0].name.to_text(omit_final_dot=True).lower() == name
        return servfail(query) if is_it else authority_says(network, query)
    with Liar(network, said, port=5353) as server:
        gate = gate_of([INNER], trust_anchor=str(authority.trust_anchor), timeout="10 s")
        assert gate.query(name).rcode() == dns.rcode.SERVFAIL
        # one that is only sent again has the same letters
        sent = {(bool(q.flags & dns.flags.CD), q.question[0].name.to_text(omit_final_dot=True)) for q in server.over_udp}
        assert sorted(checking for checking, letters in sent if letters.lower() == name) == [False, True]
        assert_secure(checked(gate, SECURE), ["192.0.2.90"])


def test_all_servers_silent_is_servfail_and_the_next_answer_is_right_again(network, gate_of, authority):  # noqa: F811
    with Liar(network, lambda q: None, port=5353) as server:
        gate = gate_of([INNER], trust_anchor=str(authority.trust_anchor), timeout="1 s")
        for i in range(6):
            assert gate.query(f"silent{i}.unlisted.example").rcode() == dns.rcode.SERVFAIL
        server.udp = lambda q: authority_says(network, q)
        wait_for("a checked answer", lambda: is_secure(checked(gate, SECURE)), 60)


# Who else is on the machine.


def relay_port(network):
    with network.gate.entered():
        said = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True).stdout
    return int(re.search(r"127\.0\.0\.1:(\d+)", said)[1])


def test_others_on_the_machine_get_nothing_from_the_port_on_the_loopback(network, gate_of, authority):  # noqa: F811
    gate = gate_of([UPSTREAM], trust_anchor=str(authority.trust_anchor), timeout="10 s")
    assert_secure(checked(gate, SECURE), ["192.0.2.90"])
    port = relay_port(network)
    query = dns.message.make_query("www.unlisted.example", "A")

    def ask():
        with network.gate.entered():
            said = dns.query.udp(query, "127.0.0.1", port=port, timeout=10)
            assert said.flags & dns.flags.TC and not said.answer
            with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
                s.sendall(b"\0\x1d" + query.to_wire())
                try:
                    assert s.recv(1) == b""
                except ConnectionResetError:
                    pass
    _, questions = asked(authority, ask)
    assert questions == 0
    assert gate.counters()["relay_refused"] == 1


@pytest.mark.parametrize("upstream", [{"forward": [UPSTREAM]}, {"validate": False}])
def test_a_zone_that_cannot_be_checked_is_refused(other_agency, upstream):
    other_agency.settings["dns"].update(upstream=upstream, zones=[{"zone": "corp.example", "forward": [UPSTREAM],
                                                                   "validate": True}])
    other_agency.write()
    done = other_agency.run()
    assert done.returncode in (2, 3)
    assert re.search(r"writ\.yaml:\d+:\d+: corp\.example: nothing is checked here", done.stderr), done.stderr
