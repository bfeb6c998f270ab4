"""Clients of plain DNS are told where the gate answers by TLS and HTTPS (RFC 9462), and find it there."""
import ipaddress
import ssl

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rdtypes.svcbbase as svcb
import pytest

from network import CLIENT, CLIENT6, GATE, STRANGER
from private import HOST, offer_own
from test_dns_block import assert_answered, assert_blocked
from test_dns_tls import in_client_network
from upstream import Upstream

SPECIAL = "_dns.resolver.arpa"
ALPN, PORT, HINT4, HINT6 = (svcb.ParamKey(n) for n in (1, 3, 4, 6))
PATH = 7  # dohpath, which this dnspython shows as it is


def services(answer):
    assert answer.rcode() == dns.rcode.NOERROR and answer.flags & dns.flags.AA
    assert len(answer.answer) == 1 and answer.answer[0].rdtype == dns.rdatatype.SVCB
    return sorted(answer.answer[0], key=lambda r: r.priority)


def assert_designates(agency, records, name=HOST):
    dot, https = records
    assert {r.target.to_text(omit_final_dot=True) for r in records} == {name}
    assert dot.params[ALPN].ids == (b"dot",) and dot.params[PORT].port == agency.tls_port
    assert set(dot.params[HINT4].addresses) == {GATE[4]} and set(dot.params[HINT6].addresses) == {GATE[6]}
    assert https.params[ALPN].ids == (b"h2", b"http/1.1") and https.params[PORT].port == agency.https_port
    assert set(https.params[HINT4].addresses) == {GATE[4]} and HINT6 not in https.params
    assert https.params[PATH].value == b"/dns-query{?dns}"


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize("name", [SPECIAL, "_DNS.Resolver.ARPA", f"_dns.{HOST}"])
def test_the_services_are_told(own, name, tcp):
    answer = own.query(name, "SVCB", tcp=tcp)
    assert_designates(own, services(answer))
    known = {(s.name.to_text(omit_final_dot=True), r.to_text()) for s in answer.additional for r in s}
    assert known == {(HOST, GATE[4]), (HOST, GATE[6])}


def test_dig_and_kdig_read_the_same(own):
    dig = in_client_network(own, "dig", "-b", CLIENT, f"@{GATE[4]}", "-p", own.port, "+short", SPECIAL, "SVCB").stdout
    kdig = in_client_network(own, "kdig", "-b", CLIENT, f"@{GATE[4]}", "-p", own.port, "+short", SPECIAL, "TYPE64").stdout
    kdig = kdig.replace('"', "")  # newer versions quote
    hints = f"ipv4hint={GATE[4]} ipv6hint={GATE[6]}"
    assert f'1 {HOST}. alpn="dot" port={own.tls_port} {hints}' in dig
    assert f'2 {HOST}. alpn="h2,http/1.1" port={own.https_port} ipv4hint={GATE[4]} key7="/dns-query{{?dns}}"' in dig
    assert f"1 {HOST}. alpn=dot port={own.tls_port} {hints}" in kdig
    assert f"2 {HOST}. alpn=h2,http/1.1 port={own.https_port} ipv4hint={GATE[4]}" in kdig


@pytest.mark.parametrize("source, gate", [(CLIENT, GATE[4]), (CLIENT6, GATE[6])])
def test_a_client_that_verifies_what_it_was_told_is_answered_there(own, source, gate):
    """RFC 9462 s4.2: the certificate must have the address that was asked by plain DNS."""
    service = services(own.query(SPECIAL, "SVCB", source=source))[0]
    context = ssl.create_default_context(cafile=own.authority.certificate)
    hint = service.params[HINT6 if ":" in gate else HINT4].addresses[0]
    with own.network.client.entered():
        for name in (gate, service.target.to_text(omit_final_dot=True)):
            query = dns.message.make_query("chat.deepseek.com", "A", use_edns=0)
            assert_blocked(dns.query.tls(query, hint, port=service.params[PORT].port, timeout=10, source=source,
                                         server_hostname=name, ssl_context=context))


def test_the_https_service_answers_at_the_path_that_was_told(own):
    pytest.importorskip("httpx")
    service = services(own.query(SPECIAL, "SVCB"))[1]
    path = service.params[PATH].value.decode().removesuffix("{?dns}")
    with own.network.client.entered():
        answer = dns.query.https(dns.message.make_query("www.unlisted.example", "A"), timeout=10,
                                 where=f"https://{service.params[HINT4].addresses[0]}:{service.params[PORT].port}{path}",
                                 post=False, verify=str(own.authority.certificate))
    assert_answered(answer, "192.0.2.80")


def assert_nothing(answer):
    assert answer.rcode() == dns.rcode.NOERROR and not answer.answer
    assert [(s.name.to_text(), s.rdtype) for s in answer.authority] == [("resolver.arpa.", dns.rdatatype.SOA)]


def test_nothing_of_it_goes_upstream(other_agency):
    other_agency.settings["dns"]["upstream"]["forward"] = ["198.18.0.2:53"]
    other_agency.write()
    with Upstream(other_agency.network) as upstream:
        other_agency.start()
        for name, kind in ((SPECIAL, "SVCB"), (SPECIAL, "A"), ("resolver.arpa", "NS"), ("a.b.resolver.arpa", "TXT")):
            assert_nothing(other_agency.query(name, kind))
        other_agency.query("www.unlisted.example")
        assert {q.name.to_text().lower() for q in upstream.questions} == {"www.unlisted.example."}


def test_who_is_not_served_is_told_nothing(own):
    assert own.query(SPECIAL, "SVCB", source=STRANGER).rcode() == dns.rcode.REFUSED


def test_a_rule_against_other_resolvers_does_not_hide_our_own(other_agency):
    offer_own(other_agency)
    other_agency.organisation["rules"] = [{"id": "no-bypass", "product": "encrypted-dns", "reason": "House rule 7."}]
    other_agency.write()
    other_agency.start()
    assert_designates(other_agency, services(other_agency.query(SPECIAL, "SVCB")))
    assert other_agency.query("dns.google").rcode() == dns.rcode.NXDOMAIN
    assert other_agency.counters()["designated"] == 1


def test_a_gate_behind_a_load_balancer_tells_its_addresses(other_agency):
    offer_own(other_agency, addresses=["192.0.2.53", "2001:db8::53"]).start()
    for record in services(other_agency.query(SPECIAL, "SVCB")):
        assert set(record.params[HINT4].addresses) == {"192.0.2.53"}
        assert {ipaddress.ip_address(a) for a in record.params[HINT6].addresses} == {ipaddress.ip_address("2001:db8::53")}
