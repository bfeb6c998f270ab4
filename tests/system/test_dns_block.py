"""What a client gets that asks for a blocked name: the answer's form, its explanation, whom it is for."""
import random
import string

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest
from dns.rdtypes.svcbbase import ParamKey

import writ
from agency import CONTACT, LISTS, VOLUNTARY
from authority import SHARED
from network import CLIENT, CLIENT6, FINANCE, LABORATORY, LABORATORY6, STRANGER, STRANGER6, STRANGERS

BLOCKED, CENSORED, PROHIBITED = 15, 16, 18
TTL = 60


def ede_of(answer):
    found = [o for o in answer.options if o.otype == dns.edns.EDE]
    return (int(found[0].code), found[0].text or "") if found else (None, "")


def assert_blocked(answer, code=CENSORED):
    assert answer.rcode() == dns.rcode.NXDOMAIN
    assert not answer.answer
    assert ede_of(answer)[0] == code


def assert_answered(answer, *addresses):
    assert answer.rcode() == dns.rcode.NOERROR and ede_of(answer)[0] is None
    assert [r.address for rrset in answer.answer for r in rrset if hasattr(r, "address")] == list(addresses)


# forms


@pytest.mark.parametrize("source", [CLIENT, CLIENT6, FINANCE])
@pytest.mark.parametrize("tcp", [False, True])
def test_a_block_is_nxdomain_with_a_short_soa_over_udp_and_tcp_on_ipv4_and_ipv6(agency, source, tcp):
    answer = agency.query("chat.deepseek.com", source=source, tcp=tcp)
    assert_blocked(answer)
    assert not answer.flags & dns.flags.AA and answer.flags & dns.flags.RA and answer.flags & dns.flags.RD
    soa, = answer.authority
    assert soa.rdtype == dns.rdatatype.SOA and soa.ttl == TTL and soa[0].minimum == TTL
    assert answer.question[0].name.is_subdomain(soa.name)


@pytest.mark.parametrize("kind", ["A", "AAAA", "HTTPS", "SVCB", "TXT", "MX", "ANY", "CNAME", "NS", "SOA", "DS", "DNSKEY",
                                  "CAA", "PTR", "SRV", "TYPE65300"])
def test_every_type_of_a_blocked_name_is_blocked_and_nobody_is_asked(agency, authority, kind):
    before = authority.questions()
    for name in ("chat.deepseek.com", "deepseek.com", "files.deepseeksvc.com"):
        assert_blocked(agency.query(name, kind))
    assert authority.questions() == before


def test_a_type_that_only_queries_have_is_not_resolved(agency, authority):
    before = authority.questions()
    for kind, rcode in (("AXFR", dns.rcode.REFUSED), ("IXFR", dns.rcode.REFUSED), ("MAILB", dns.rcode.NOTIMP)):
        assert agency.query("deepseek.com", kind).rcode() == rcode
    assert authority.questions() == before


ADDRESS4, ADDRESS6 = "192.0.2.200", "2001:db8::200"
FORMS = {
    "nodata": (dns.rcode.NOERROR, None, None),
    "null": (dns.rcode.NOERROR, "0.0.0.0", "::"),
    "refused": (dns.rcode.REFUSED, None, None),
    "address": (dns.rcode.NOERROR, ADDRESS4, ADDRESS6),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_block_says_the_same_of_all_types(other_agency, form):
    rcode, v4, v6 = FORMS[form]
    block = other_agency.settings["dns"]["block"] = {"form": form, "ttl": "7 s"}
    if form == "address":
        block.update(address4=ADDRESS4, address6=ADDRESS6)
    other_agency.write()
    other_agency.start()
    for kind, address in (("A", v4), ("AAAA", v6), ("HTTPS", None), ("TXT", None), ("ANY", None)):
        for tcp in (False, True):
            answer = other_agency.query("a.chat.deepseek.com", kind, tcp=tcp)
            assert answer.rcode() == rcode and ede_of(answer)[0] == CENSORED
            assert not answer.flags & dns.flags.AA
            if address:
                rrset, = answer.answer
                assert rrset.to_text() == f"a.chat.deepseek.com. 7 IN {kind} {address}"
            else:
                assert not answer.answer
            assert [r.ttl for r in answer.authority] == ([] if address or form == "refused" else [7])


def test_a_block_by_one_address_family_has_no_data_for_the_other(other_agency):
    other_agency.settings["dns"]["block"] = {"form": "address", "address4": ADDRESS4}
    other_agency.write()
    other_agency.start()
    v6, v4 = (other_agency.query("chat.deepseek.com", kind) for kind in ("AAAA", "A"))
    assert v6.rcode() == dns.rcode.NOERROR and not v6.answer and v6.authority
    assert v4.answer[0][0].address == ADDRESS4


# explanations


def test_a_block_that_an_authority_demands_is_censored_and_names_order_and_contact(agency):
    code, text = ede_of(agency.query("chat.deepseek.com"))
    assert code == CENSORED and writ.ORDER in text and CONTACT in text


def test_a_block_that_the_organisation_chose_is_blocked_and_names_order_and_contact(agency):
    code, text = ede_of(agency.query("www.voluntary.example"))
    assert code == BLOCKED and VOLUNTARY in text and CONTACT in text


@pytest.mark.parametrize("name", LISTS)
def test_a_name_on_a_public_list_is_blocked_as_the_organisations_own_rule(agency, name):
    code, text = ede_of(agency.query(f"bad.{name}.example"))
    assert code == BLOCKED and f"own-list-{name}" in text and CONTACT in text
    assert_answered(agency.query(f"good.{name}.example"), "192.0.2.14")


def test_who_sends_no_edns_gets_the_block_without_an_explanation(agency):
    answer = agency.query("chat.deepseek.com", use_edns=-1)
    assert answer.rcode() == dns.rcode.NXDOMAIN and answer.edns == -1


# names


def test_every_name_below_a_blocked_one_is_blocked(agency):
    rng = random.Random(1)
    for zone in ("deepseek.com", "deepseeksvc.com", "chat.deepseek.com"):
        for _ in range(20):
            labels = ["".join(rng.choices(string.ascii_lowercase + string.digits, k=rng.randint(1, 20)))
                      for _ in range(rng.randint(1, 8))]
            assert_blocked(agency.query(".".join(labels + [zone])))
    longest = ".".join(["a" * 63] * 3 + ["b" * 47])
    assert_blocked(agency.query(f"{longest}.deepseek.com"))


def test_the_case_of_a_name_does_not_matter_and_is_echoed(agency):
    rng = random.Random(2)
    for name in ("chat.deepseek.com", "www.unlisted.example"):
        for _ in range(20):
            mixed = "".join(rng.choice((c.lower(), c.upper())) for c in name)
            answer = agency.query(mixed)
            assert answer.question[0].name.to_text(omit_final_dot=True) == mixed
            assert answer.rcode() == (dns.rcode.NXDOMAIN if "unlisted" not in name else dns.rcode.NOERROR)


@pytest.mark.parametrize("name, address", [("notdeepseek.com", "192.0.2.6"), ("deepseek.com.example.org", "192.0.2.7")])
def test_a_name_that_only_looks_alike_is_answered(agency, name, address):
    assert_answered(agency.query(name), address)


def test_an_escaped_dot_in_a_label_is_no_dot(agency):
    for name in (r"chat\.deepseek.com.", r"chat.deepseek\.com.", r"chat.deepseek.com\000."):
        answer = agency.query(name)
        assert answer.rcode() == dns.rcode.NXDOMAIN and ede_of(answer)[0] is None


# what answers lead to


@pytest.mark.parametrize("name, kind, code", [
    ("alias.unlisted.example", "A", CENSORED),
    ("alias.unlisted.example", "AAAA", CENSORED),
    ("alias.unlisted.example", "CNAME", CENSORED),
    ("longer.unlisted.example", "A", CENSORED),
    ("service-alias.unlisted.example", "A", CENSORED),
    ("chat.tree.unlisted.example", "A", CENSORED),
    ("to-blocked.unlisted.example", "HTTPS", CENSORED),
    ("alias-mode.unlisted.example", "HTTPS", CENSORED),
    ("_dns.unlisted.example", "SVCB", CENSORED),
    ("dedicated.unlisted.example", "A", BLOCKED),
    ("hint.unlisted.example", "HTTPS", BLOCKED),
])
def test_an_answer_that_leads_to_something_blocked_is_blocked_first_and_from_the_cache(agency, name, kind, code):
    for _ in range(3):
        assert_blocked(agency.query(name, kind), code)
    assert_blocked(agency.query(name, kind, tcp=True), code)


def test_an_alias_of_an_allowed_name_is_answered(agency):
    for _ in range(2):
        answer = agency.query("fine.unlisted.example")
        assert_answered(answer, "192.0.2.80")
        assert answer.answer[0].rdtype == dns.rdatatype.CNAME


def test_an_address_that_others_share_is_not_blocked_by_itself(agency):
    assert_answered(agency.query("shared.unlisted.example"), SHARED)


# who


@pytest.mark.parametrize("source", [LABORATORY, LABORATORY6])
def test_an_exemption_serves_its_unit_alone(agency, source):
    for name, address in (("chat.deepseek.com", "192.0.2.1"), ("service-alias.unlisted.example", "192.0.2.4")):
        for _ in range(2):
            assert_answered(agency.query(name, source=source), address)
            assert_blocked(agency.query(name, source=FINANCE))
            assert_blocked(agency.query(name, source=CLIENT))
    assert_blocked(agency.query("voluntary.example", source=source), BLOCKED)


def test_an_order_that_is_only_observed_is_answered_and_recorded(agency):
    assert_answered(agency.query("observed.example"), "192.0.2.10")
    found = agency.recorded("--verdict", "observe", "--name", "observed.example")
    assert found[0][1]["reason"] == "observe-mode" and found[0][1]["order"] == "test-observed"


@pytest.mark.parametrize("source", [STRANGER, STRANGER6])
@pytest.mark.parametrize("name", ["www.unlisted.example", "chat.deepseek.com"])
def test_other_networks_than_the_organisations_are_refused(agency, authority, source, name):
    before = authority.questions()
    answer = agency.query(name, source=source, tcp=True)
    assert answer.rcode() == dns.rcode.REFUSED and ede_of(answer)[0] == PROHIBITED
    assert not answer.answer and not answer.authority
    assert authority.questions() == before


def test_answers_to_other_networks_are_few(agency):
    source, sent, truncated, refused = STRANGERS[1], 100, 0, 0
    with agency.udp(source) as s:
        for i in range(sent):
            s.send(dns.message.make_query("www.unlisted.example", "A", id=i).to_wire())
        try:
            while True:
                answer = dns.message.from_wire(s.recv(4096))
                s.settimeout(0.3)  # the first may take longer
                truncated += bool(answer.flags & dns.flags.TC)
                refused += answer.rcode() == dns.rcode.REFUSED
        except TimeoutError:
            pass
    workers = 2
    assert 1 <= refused <= 3 * 5 * workers
    assert truncated + refused <= sent / 2 + 3 * 5 * workers
    counters = agency.counters()
    assert counters["limit_dropped"] > 0 and counters["limit_truncated"] > 0
    # one who asks often does not spoil it for others
    assert agency.query("www.unlisted.example", source=STRANGERS[2]).rcode() == dns.rcode.REFUSED
    assert_answered(agency.query("www.unlisted.example"), "192.0.2.80")


# Encrypted Client Hello


def parameters(answer):
    rrset, = [r for r in answer.answer if r.rdtype == dns.rdatatype.HTTPS]
    return rrset[0].params


@pytest.mark.parametrize("policy, unlisted, governed", [("keep", True, True), ("strip", False, False),
                                                        ("strip-governed", True, False)])
def test_ech_is_taken_out_only_where_the_organisation_says_so_and_the_record_stays(other_agency, policy, unlisted,
                                                                                   governed):
    other_agency.organisation["ech"] = policy
    other_agency.write()
    other_agency.start()
    for name, stays in (("https.unlisted.example", unlisted), ("observed.example", governed)):
        for _ in range(2):
            params = parameters(other_agency.query(name, "HTTPS"))
            assert (ParamKey.ECH in params) == stays
            assert ParamKey.ALPN in params
    assert parameters(other_agency.query("https.unlisted.example", "HTTPS"))[ParamKey.IPV4HINT].addresses == ("192.0.2.80",)
