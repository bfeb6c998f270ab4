"""Zones that go another way: inner resolvers, name servers, records of one's own, names that stay at home."""
import re

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from liar import LIE, TRUTH, Liar, reply
from network import SLOW_UPSTREAM, UPSTREAM
from test_dns_answers import asked
from test_dns_block import assert_blocked
from test_upstream import addresses, assert_true_answer, gate_of  # noqa: F401 (a fixture)

INNER = f"{SLOW_UPSTREAM}:5353"
RECORDS = ["@ MX 10 mail", "www 300 A 192.0.2.1", "www A 192.0.2.2", "www AAAA 2001:db8::1", "web CNAME www",
           "away CNAME www.unlisted.example.", "deep.er.note TXT \"two words\" more", "_sip._tcp SRV 1 2 5060 www",
           "bad CNAME chat.deepseek.com.", "loop CNAME loop2", "loop2 CNAME loop"]


def test_a_name_goes_to_the_servers_of_its_longest_zone(network, gate_of):  # noqa: F811
    with Liar(network, lambda q: reply(q, LIE)) as outer, Liar(network, port=5353) as inner:
        gate = gate_of(zones=[{"zone": "corp.example", "forward": [INNER]},
                              {"zone": "10.in-addr.arpa", "forward": [INNER]},
                              {"zone": "lab.corp.example", "forward": [f"{SLOW_UPSTREAM}:53"]}])
        assert_true_answer(gate.query("intranet.corp.example"))
        assert_true_answer(gate.query("corp.example"))
        assert_true_answer(gate.query("4.3.2.10.in-addr.arpa"))
        for name in ("x.lab.corp.example", "www.example.com", "notcorp.example"):
            assert addresses(gate.query(name)) == [LIE]
        assert inner.different(inner.over_udp) == 3 and outer.different(outer.over_udp) == 3


def test_a_stub_zone_asks_its_name_servers_without_recursion(gate_of, network, authority):  # noqa: F811
    with Liar(network, lambda q: reply(q, LIE)) as outer:
        gate = gate_of(zones=[{"zone": "unlisted.example", "stub": [UPSTREAM]}])
        answer, questions = asked(authority, lambda: gate.query("www.unlisted.example"))
        assert addresses(answer) == ["192.0.2.80"] and questions >= 1
        assert gate.query("none.unlisted.example").rcode() == dns.rcode.NXDOMAIN
        assert not outer.over_udp
        assert addresses(gate.query("www.other.example")) == [LIE]


@pytest.fixture
def own(network, gate_of):  # noqa: F811
    with Liar(network) as upstream:
        gate = gate_of(zones=[{"zone": "corp.example", "records": RECORDS},
                              {"zone": "mixed.example", "forward": [f"{SLOW_UPSTREAM}:53"],
                               "records": ["here A 192.0.2.9"]},
                              {"zone": "deepseek.com", "records": ["chat A 192.0.2.66"]}])
        gate.outside = upstream
        yield gate


@pytest.mark.parametrize("name, kind, said", [
    ("www", "A", ["192.0.2.1", "192.0.2.2"]), ("www", "AAAA", ["2001:db8::1"]),
    ("web", "A", ["www.corp.example.", "192.0.2.1", "192.0.2.2"]), ("web", "CNAME", ["www.corp.example."]),
    ("deep.er.note", "TXT", ['"two words" "more"']), ("_sip._tcp", "SRV", ["1 2 5060 www.corp.example."])])
def test_own_records_are_answered_with_authority(own, name, kind, said):
    for _ in range(2):
        answer = own.query(f"{name}.corp.example", kind)
        assert addresses(answer) == said and answer.flags & dns.flags.AA
    assert not own.outside.over_udp


@pytest.mark.parametrize("name, kind, rcode", [("www", "MX", "NOERROR"), ("er.note", "A", "NOERROR"),
                                               ("note", "A", "NOERROR"), ("none", "A", "NXDOMAIN"),
                                               ("x.www", "A", "NXDOMAIN")])
def test_what_a_zone_of_ones_own_does_not_have_does_not_exist(own, name, kind, rcode):
    answer = own.query(f"{name}.corp.example", kind)
    assert dns.rcode.to_text(answer.rcode()) == rcode and not answer.answer
    assert [r.rdtype for r in answer.authority] == [dns.rdatatype.SOA]
    assert not own.outside.over_udp


def test_an_alias_to_a_name_outside_is_followed(own):
    for _ in range(2):
        assert addresses(own.query("away.corp.example")) == ["www.unlisted.example.", TRUTH]
    assert own.outside.different(own.outside.over_udp) == 1 and not own.outside.over_stream


def test_a_loop_of_aliases_is_servfail(own):
    assert own.query("loop.corp.example").rcode() == dns.rcode.SERVFAIL


@pytest.mark.parametrize("target, kind, rcode, said", [
    ("www.corp.example.", "AAAA", "NOERROR", ["2001:db8::1"]), ("web.corp.example.", "AAAA", "NOERROR",
                                                               ["www.corp.example.", "2001:db8::1"]),
    ("away.corp.example.", "A", "NOERROR", ["www.unlisted.example.", TRUTH]),
    ("none.corp.example.", "A", "NXDOMAIN", []), ("localhost.", "A", "NOERROR", ["127.0.0.1"])])
def test_an_alias_outside_that_leads_to_a_record_of_ones_own_is_followed(own, target, kind, rcode, said):
    def alias(query):
        if query.question[0].name.to_text().lower() != "vpn.ok.example.":
            return reply(query)
        answer = dns.message.make_response(query, recursion_available=True)
        answer.answer.append(dns.rrset.from_text(query.question[0].name, 300, "IN", "CNAME", target))
        return answer
    own.outside.udp = alias
    for _ in range(2):  # asked for, and from the cache
        answer = own.query("vpn.ok.example", kind)
        assert dns.rcode.to_text(answer.rcode()) == rcode
        assert addresses(answer) == [target, *said] and not answer.flags & dns.flags.AA


def test_records_in_a_zone_that_is_forwarded_stand_before_it(own):
    assert addresses(own.query("here.mixed.example")) == ["192.0.2.9"]
    assert own.query("here.mixed.example", "MX").rcode() == dns.rcode.NOERROR
    assert not own.outside.over_udp
    assert_true_answer(own.query("there.mixed.example"))


def test_a_record_of_ones_own_does_not_open_a_blocked_name(own):
    assert_blocked(own.query("chat.deepseek.com"))
    assert_blocked(own.query("bad.corp.example"))


@pytest.mark.parametrize("name, kind, said", [
    ("localhost", "A", ["127.0.0.1"]), ("any.localhost", "AAAA", ["::1"]), ("localhost", "MX", []),
    ("1.0.0.127.in-addr.arpa", "PTR", ["localhost."]),
    ("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", "PTR", ["localhost."])])
def test_the_loopback_is_known_without_asking(own, name, kind, said):
    answer = own.query(name, kind)
    assert answer.rcode() == dns.rcode.NOERROR and addresses(answer) == said
    assert not own.outside.over_udp


@pytest.mark.parametrize("name", ["x.invalid", "onion", "facebookcorewwwi.onion", "a.test", "router.home.arpa",
                                  "1.1.168.192.in-addr.arpa", "1.0.0.10.in-addr.arpa", "9.20.172.in-addr.arpa", "x.alt"])
def test_names_that_nobody_outside_can_know_stay_at_home(own, name):
    answer = own.query(name)
    assert answer.rcode() == dns.rcode.NXDOMAIN and answer.authority[0].rdtype == dns.rdatatype.SOA
    assert not own.outside.over_udp


def test_special_names_go_out_when_that_is_wanted(network, gate_of):  # noqa: F811
    with Liar(network) as outside:
        gate = gate_of(special_names=False)
        assert_true_answer(gate.query("1.0.0.10.in-addr.arpa"))
        assert len(outside.over_udp) == 1


@pytest.mark.parametrize("zone, column, said", [
    ({"zone": "corp.example"}, 3, "forward, stub or records"),
    ({"zone": "corp.example", "forward": ["192.0.2.1"], "stub": ["192.0.2.1"]}, 3, "either forward or stub"),
    ({"zone": ".", "forward": ["192.0.2.1"]}, 9, "a domain name"),
    ({"zone": "corp.example", "records": ["www A 192.0.2.300"]}, 5, '"192.0.2.300" in .*expected an IPv4 address'),
    ({"zone": "corp.example", "records": ["www AAAA 192.0.2.3"]}, 5, "expected an IPv6 address"),
    ({"zone": "corp.example", "records": ["www HINFO x"]}, 5, '"HINFO" .*expected a type'),
    ({"zone": "corp.example", "records": ["www A"]}, 5, "ends too early, expected an IPv4 address"),
    ({"zone": "corp.example", "records": ["www.other.example. A 192.0.2.1"]}, 5, "expected a name in the zone"),
    ({"zone": "corp.example", "records": ["@ MX 70000 mail"]}, 5, '"70000" .*expected a number'),
    ({"zone": "corp.example", "records": ["www A 192.0.2.1 x"]}, 5, '"x" .*expected nothing more'),
    ({"zone": "corp.example", "records": ["www CNAME a", "www A 192.0.2.1"]}, 5, "alone at its name"),
])
def test_a_zone_that_cannot_work_is_refused_with_its_place(other_agency, zone, column, said):
    other_agency.settings["dns"]["zones"] = [zone]
    other_agency.write()
    done = other_agency.run()
    assert done.returncode in (2, 3), done.stderr
    assert re.search(r"writ\.yaml:\d+:\d+: .*" + said, done.stderr), done.stderr
