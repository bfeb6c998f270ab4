"""Unbound as the upstream, in the clear and over TLS: a resolver of other people, with its own ideas."""
import dns.rcode
import dns.rdatatype
import pytest

from test_dns_block import assert_answered, assert_blocked
from unbound import ADDRESS, NAME, UNBOUND, Unbound


@pytest.fixture(scope="module")
def unbound(network, authority):
    if not UNBOUND:
        pytest.skip("unbound is not installed")
    with Unbound(network) as made:
        yield made.signer


@pytest.fixture(params=["clear", "tls"])
def gate(request, other_agency, unbound):
    upstream = {"forward": [ADDRESS if request.param == "clear" else f"{ADDRESS}#{NAME}"], "timeout": "10 s"}
    if request.param == "tls":
        upstream["ca_file"] = str(unbound.certificate)
    other_agency.settings["dns"]["upstream"] = upstream
    other_agency.write()
    return other_agency.start()


def test_answers_arrive_as_unbound_gives_them(gate):
    for _ in range(2):  # first, and from the cache
        assert_answered(gate.query("www.unlisted.example"), "192.0.2.80")
        assert_answered(gate.query("fine.unlisted.example"), "192.0.2.80")
        assert gate.query("none.unlisted.example").rcode() == dns.rcode.NXDOMAIN
        empty = gate.query("www.unlisted.example", "MX")
        assert empty.rcode() == dns.rcode.NOERROR and not empty.answer
        assert gate.query("https.unlisted.example", "HTTPS").answer[0].rdtype == dns.rdatatype.HTTPS
        assert len(gate.query("big60.unlisted.example", "TXT", tcp=True).answer[0]) == 235
    counters = gate.counters()
    assert counters["upstream_malformed"] == counters["servfail"] == 0


def test_what_leads_to_something_blocked_is_blocked(gate):
    for name in ("chat.deepseek.com", "alias.unlisted.example", "x.tree.unlisted.example"):
        for _ in range(2):
            assert_blocked(gate.query(name))
