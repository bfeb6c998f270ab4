"""Where answers to allowed names come from: the cache, one question for many clients, upstreams that fail."""
import struct
import threading
import time

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from authority import BOGUS, SECURE
from network import SLOW_UPSTREAM
from test_dns_block import assert_answered, assert_blocked, ede_of
from upstream import Upstream

NO_AUTHORITY = range(22, 24)  # no reachable authority, network error
DNSKEY_MISSING = 9
DAY = 86400


def asked(authority, ask):
    before = authority.questions()
    answer = ask()
    return answer, authority.questions() - before


@pytest.fixture
def gate_of(other_agency):
    """Starts a gate that forwards to the tests' own upstream."""
    def start(**upstream):
        other_agency.settings["dns"].update(workers=1, upstream={"forward": [f"{SLOW_UPSTREAM}:53"], **upstream})
        other_agency.write()
        return other_agency.start()
    return start


# the cache


@pytest.mark.parametrize("kind, records", [("A", 1), ("AAAA", 1), ("HTTPS", 0), ("TXT", 0)])
def test_a_second_answer_has_a_lower_ttl_and_asks_nobody(other_agency, authority, kind, records):
    other_agency.settings["dns"]["workers"] = 1
    other_agency.write()
    gate = other_agency.start()
    first, questions = asked(authority, lambda: gate.query("www.unlisted.example", kind))
    assert questions >= 1 and len(first.answer) == records
    time.sleep(1.1)
    second, questions = asked(authority, lambda: gate.query("WWW.Unlisted.Example", kind))
    assert questions == 0
    for before, after in zip(first.answer + first.authority, second.answer + second.authority):
        assert before.ttl - 30 <= after.ttl < before.ttl and list(before) == list(after)
    _, questions = asked(authority, lambda: gate.query("www.unlisted.example", kind, tcp=True))
    assert questions == 0
    assert gate.counters()["cache_hits"] == 2 and gate.counters()["cache_misses"] == 1


def test_an_answer_is_forgotten_when_its_ttl_is_over(agency, authority):
    gate = agency
    gate.query("short.unlisted.example")
    time.sleep(3.1)
    answer, questions = asked(authority, lambda: gate.query("short.unlisted.example"))
    assert questions >= 1 and 1 <= answer.answer[0].ttl <= 2  # more: sent again, on a slow machine


def test_an_answer_of_ttl_0_is_asked_for_each_time(agency, authority):
    for _ in range(3):
        answer, questions = asked(authority, lambda: agency.query("zero.unlisted.example"))
        assert questions >= 1 and answer.answer[0].ttl == 0


def test_a_ttl_of_a_month_is_kept_for_a_day_at_most(agency):
    for _ in range(2):
        assert 0 < agency.query("long.unlisted.example").answer[0].ttl <= DAY


@pytest.mark.parametrize("name, kind, rcode", [("none.unlisted.example", "A", dns.rcode.NXDOMAIN),
                                               ("www.unlisted.example", "MX", dns.rcode.NOERROR),
                                               ("empty.unlisted.example", "A", dns.rcode.NOERROR)])
def test_that_something_does_not_exist_is_said_and_the_authority_is_named(agency, name, kind, rcode):
    for _ in range(3):
        answer = agency.query(name, kind)
        assert answer.rcode() == rcode and not answer.answer
        assert ede_of(answer)[0] is None
        soa, = answer.authority
        assert soa.rdtype == dns.rdatatype.SOA and soa.ttl <= 300


@pytest.mark.parametrize("name, kind, text", [
    ("unlisted.example", "MX", "10 mail.unlisted.example."), ("unlisted.example", "TXT", '"v=spf1 -all"'),
    ("unlisted.example", "NS", "ns.unlisted.example."), ("any.wild.unlisted.example", "A", "192.0.2.85"),
    ("www.unlisted.example", "AAAA", "2001:db8::80")])
def test_records_arrive_as_the_authority_has_them(agency, name, kind, text):
    for tcp in (False, True):
        assert [r.to_text() for r in agency.query(name, kind, tcp=tcp).answer[0]] == [text]


def test_many_clients_that_ask_at_once_cost_one_question(network, authority, gate_of):
    with Upstream(network, delay=0.25) as upstream:
        gate = gate_of()
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(gate.query("www.unlisted.example")))
                   for _ in range(40)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert len(answers) == 40
        for answer in answers:
            assert_answered(answer, "192.0.2.80")
        assert upstream.count("www.unlisted.example") >= 1  # it may have been sent again meanwhile
        assert gate.counters()["upstream_queries"] == 1
        assert gate.counters()["coalesced"] + gate.counters()["cache_hits"] == 39


def test_a_new_policy_judges_what_is_in_the_cache(other_agency, authority):
    adoption = other_agency.organisation["adoptions"][0]
    adoption["mode"] = "observe"
    other_agency.settings["dns"]["workers"] = 1
    other_agency.write()
    gate = other_agency.start()
    assert_answered(gate.query("alias.unlisted.example"), "192.0.2.1")
    adoption["mode"] = "enforce"
    other_agency.write()
    gate.command("reload")
    answer, questions = asked(authority, lambda: gate.query("alias.unlisted.example"))
    assert_blocked(answer)
    assert questions == 0


# upstreams


def test_an_upstream_that_is_down_is_servfail_in_time_with_a_reason(gate_of):
    gate = gate_of(timeout="2 s")  # nobody listens
    answer = gate.query("www.unlisted.example")
    assert answer.rcode() == dns.rcode.SERVFAIL and ede_of(answer)[0] in NO_AUTHORITY
    assert_blocked(gate.query("chat.deepseek.com"))


def test_a_silent_upstream_is_servfail_in_time_and_what_is_known_is_answered(network, authority, gate_of):
    def relay_www(query):
        is_www = dns.message.from_wire(query).question[0].name.labels[0].lower() == b"www"
        return upstream._relay(query) if is_www else None
    with Upstream(network, relay_www) as upstream:
        gate = gate_of(timeout="1 s")
        assert_answered(gate.query("www.unlisted.example"), "192.0.2.80")
        began = time.monotonic()
        answer = gate.query("mail.unlisted.example")
        assert answer.rcode() == dns.rcode.SERVFAIL and ede_of(answer)[0] in NO_AUTHORITY
        assert time.monotonic() - began > 0.8
        assert gate.counters()["timeouts"] == 1
    assert_answered(gate.query("www.unlisted.example"), "192.0.2.80")
    assert_blocked(gate.query("chat.deepseek.com"))


def answer_with(change):
    def answer(query):
        message = bytearray(dns.message.make_response(dns.message.from_wire(query)).to_wire())
        return bytes(change(message))
    return answer


def as_other_name(message):
    message[13] ^= 1
    return message


WRONG_ANSWERS = {
    "garbage": lambda m: m[:2] + b"\xff" * 40,
    "cut": lambda m: m[:14],
    "header alone": lambda m: m[:12],
    "empty": lambda m: b"",
    "another question": as_other_name,
    "counts too high": lambda m: m[:6] + struct.pack("!HHH", 9, 9, 9) + m[12:],
    "FORMERR": lambda m: m[:3] + bytes([m[3] & 0xf0 | dns.rcode.FORMERR]) + m[4:],
    "REFUSED": lambda m: m[:3] + bytes([m[3] & 0xf0 | dns.rcode.REFUSED]) + m[4:],
    "SERVFAIL": lambda m: m[:3] + bytes([m[3] & 0xf0 | dns.rcode.SERVFAIL]) + m[4:],
    "no answer bit": lambda m: m[:2] + bytes([m[2] & 0x7f]) + m[3:],
}


def test_what_an_upstream_should_not_say_is_servfail_and_blocks_go_on(network, gate_of):
    labels = {f"w{i}".encode(): change for i, change in enumerate(WRONG_ANSWERS.values())}

    def answer(query):
        label = dns.message.from_wire(query).question[0].name.labels[0].lower()
        return answer_with(labels[label])(query)
    with Upstream(network, answer):
        gate = gate_of(timeout="1 s")
        for label in labels:
            said = gate.query(f"{label.decode()}.unlisted.example")
            assert said.rcode() == dns.rcode.SERVFAIL and ede_of(said)[0] is not None, label
        assert_blocked(gate.query("chat.deepseek.com"))
        assert all(r["restarts"] == 0 for r in gate.status()["roles"])


# recursion


def from_the_root(gate, authority):
    gate.settings["dns"]["upstream"] = {"root_hints": str(authority.root_hints),
                                        "trust_anchor": str(authority.trust_anchor), "timeout": "10 s"}
    gate.write()
    return gate.start()


def test_without_forwarders_it_resolves_from_the_root(other_agency, authority):
    gate = from_the_root(other_agency, authority)
    assert_answered(gate.query("www.unlisted.example"), "192.0.2.80")
    assert_answered(gate.query("deepseek.com.example.org"), "192.0.2.7")
    assert gate.query("none.unlisted.example").rcode() == dns.rcode.NXDOMAIN
    for name in ("alias.unlisted.example", "service-alias.unlisted.example", "x.tree.unlisted.example"):
        for _ in range(2):
            assert_blocked(gate.query(name))
    assert len(gate.query("big60.unlisted.example", "TXT", tcp=True).answer[0]) == 235


def test_signatures_are_checked_and_blocks_are_never_called_authentic(other_agency, authority):
    gate = from_the_root(other_agency, authority)
    for _ in range(2):
        answer = gate.query(SECURE, want_dnssec=True)
        assert answer.flags & dns.flags.AD
        assert {r.rdtype for r in answer.answer} == {dns.rdatatype.A, dns.rdatatype.RRSIG}
        assert {r.rdtype for r in gate.query(SECURE).answer} == {dns.rdatatype.A}
        assert not gate.query("www.unlisted.example", want_dnssec=True).flags & dns.flags.AD
        bogus = gate.query(BOGUS)
        assert bogus.rcode() == dns.rcode.SERVFAIL and ede_of(bogus)[0] == DNSKEY_MISSING
        blocked = gate.query("chat.deepseek.com", want_dnssec=True)
        assert_blocked(blocked)
        assert not blocked.flags & dns.flags.AD


# what is not offered


def test_queries_without_recursion_and_other_classes_are_refused(agency, authority):
    def ask():
        query = dns.message.make_query("www.unlisted.example", "A", use_edns=0)
        query.flags &= ~dns.flags.RD
        return [agency.send(query).rcode(), agency.query("version.bind", "TXT", rdclass="CH").rcode(),
                agency.query("www.unlisted.example", "A", rdclass="HS").rcode()]
    rcodes, questions = asked(authority, ask)
    assert rcodes == [dns.rcode.REFUSED] * 3 and questions == 0


def test_any_is_answered_without_asking(agency, authority):
    answer, questions = asked(authority, lambda: agency.query("www.unlisted.example", "ANY"))
    assert questions == 0 and answer.answer[0].rdtype == dns.rdatatype.HINFO  # RFC 8482
