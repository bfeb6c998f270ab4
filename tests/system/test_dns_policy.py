"""Policy where administrators expect it: times of the week, alternatives, units, own rules, canaries."""
import datetime
import itertools
import json
import subprocess
import threading
import time
import zoneinfo

import dns.message
import dns.rcode
import dns.rdatatype
import pytest

import writ
from network import CLIENT, FINANCE, GATE, LABORATORY, LABORATORY6, SLOW_UPSTREAM, UPSTREAM
from test_dns_block import BLOCKED, CENSORED, assert_answered, assert_blocked, ede_of
from upstream import Upstream
from writ import wait_for

PORTAL, TARGET, PORTAL4, PORTAL6 = "fine.unlisted.example", "www.unlisted.example", "192.0.2.80", "2001:db8::80"
BANNED = "chat.deepseek.com"
RESOLVER, RELAYS = "dns.google", ("mask.icloud.com", "mask-h2.icloud.com")
CANARIES = ("use-application-dns.net", *RELAYS)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture
def desk(other_agency):
    """Writes what is changed, and starts."""
    def start(upstream=UPSTREAM, **changes):
        other_agency.settings["dns"]["upstream"]["forward"] = [f"{upstream}:53"]
        other_agency.organisation.update(exemptions=[], **changes)
        other_agency.write()
        return other_agency.start()
    return start


def adopted(**more):
    return [{"order": writ.ORDER, "mode": "enforce", **more}]


def records(answer):
    return [(rrset.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(rrset.rdtype), r.to_text().rstrip("."))
            for rrset in answer.answer for r in rrset]


# times of the week


def window(zone, opens, length=datetime.timedelta(hours=2)):
    """One that opened, or will open, so long from now."""
    begin = datetime.datetime.now(zoneinfo.ZoneInfo(zone)) + opens
    end = begin + length
    return {"days": [DAYS[begin.weekday()]], "from": f"{begin:%H:%M}", "until": f"{end:%H:%M}", "time_zone": zone}


@pytest.mark.parametrize("zone", ["Asia/Taipei", "America/New_York", "Pacific/Chatham"])
def test_an_order_blocks_only_in_its_window_of_the_zone(desk, zone):
    hour = datetime.timedelta(hours=1)
    agency = desk(adoptions=adopted(windows=[window(zone, -hour)]))
    assert_blocked(agency.query("chat.deepseek.com"))
    agency.organisation["adoptions"] = adopted(windows=[window(zone, 12 * hour)])
    agency.write()
    agency.command("reload")
    assert_answered(agency.query("chat.deepseek.com"), "192.0.2.1")


def test_check_says_which_window_is_closed(other_agency):
    other_agency.organisation.update(exemptions=[], adoptions=adopted(windows=[
        {"days": list(DAYS[:5]), "from": "08:00", "until": "18:00", "time_zone": "Asia/Taipei"}]))
    other_agency.write()
    for at, reason, status in (("2026-03-06T17:59:59+08:00", "block (prohibited)", 1),
                               ("2026-03-06T18:00:00+08:00", "allow (outside-window)", 0),
                               ("2026-03-07T12:00:00+08:00", "allow (outside-window)", 0)):
        said = other_agency.command("check", "--at", at, "chat.deepseek.com", status=status)
        assert reason in said and "window      Mon-Fri 08:00-18:00 Asia/Taipei" in said


def test_a_zone_that_the_system_does_not_have_is_refused_with_its_place(other_agency):
    other_agency.organisation["time_zone"] = "Asia/Atlantis"
    other_agency.organisation["adoptions"] = adopted(windows=[{"from": "08:00"}])
    other_agency.write()
    done = other_agency.run()
    assert done.returncode == writ.USAGE
    assert "organisation.yaml:" in done.stderr and 'time_zone "Asia/Atlantis": ' in done.stderr


# what a blocked name is answered with


def test_an_alias_has_the_records_of_its_target_for_a_stub_first_and_from_the_cache(desk):
    agency = desk(adoptions=adopted(answer={"cname": PORTAL}))
    for kind, address in (("A", PORTAL4), ("AAAA", PORTAL6), ("A", PORTAL4)):
        for tcp in (False, True):
            answer = agency.query("chat.deepseek.com", kind, tcp=tcp)
            assert answer.rcode() == dns.rcode.NOERROR and ede_of(answer)[0] == CENSORED
            assert records(answer) == [("chat.deepseek.com", "CNAME", PORTAL), (PORTAL, "CNAME", TARGET),
                                       (TARGET, kind, address)]
            assert all(rrset.ttl <= 60 for rrset in answer.answer)
    assert records(agency.query("chat.deepseek.com", "TXT")) == [("chat.deepseek.com", "CNAME", PORTAL)]
    assert agency.counters()["blocked"] == 7
    assert_answered(agency.query(PORTAL), PORTAL4)


def test_an_answer_that_leads_to_something_blocked_gets_the_alias_at_once(desk):
    agency = desk(adoptions=adopted(answer={"cname": TARGET}))
    answer = agency.query("alias.unlisted.example")
    assert records(answer) == [("alias.unlisted.example", "CNAME", TARGET), (TARGET, "A", PORTAL4)]


@pytest.mark.parametrize("change, expected", [
    ({"contact": "desk 2"}, [(BANNED, "CNAME", PORTAL), (PORTAL, "CNAME", TARGET), (TARGET, "A", PORTAL4)]),
    ({"adoptions": adopted(answer={"cname": TARGET})}, [(BANNED, "CNAME", TARGET), (TARGET, "A", PORTAL4)]),
    ({"adoptions": []}, [(BANNED, "A", "192.0.2.1")]),
], ids=["the same", "another alias", "allowed"])
def test_who_waits_for_an_alias_through_a_reload_is_answered_by_the_new_policy(desk, network, change, expected):
    reloaded = threading.Event()

    def answer(query):
        reloaded.wait(20)
        return upstream._relay(query)
    with Upstream(network, answer) as upstream:
        agency = desk(upstream=SLOW_UPSTREAM, adoptions=adopted(answer={"cname": PORTAL}))
        with agency.udp() as client:
            client.settimeout(30)
            client.send(dns.message.make_query(BANNED, "A", use_edns=0).to_wire())
            wait_for("the alias to be asked for", lambda: upstream.count(PORTAL))
            agency.organisation.update(change)
            agency.write()
            agency.command("reload")
            reloaded.set()
            said = dns.message.from_wire(client.recv(65536))
    assert said.rcode() == dns.rcode.NOERROR and records(said) == expected


def test_dig_follows_the_alias_to_its_address(desk, network):
    agency = desk(adoptions=adopted(answer={"cname": TARGET}))
    done = subprocess.run(["dig", f"@{GATE[4]}", "-p", str(agency.port), "+short", "chat.deepseek.com"],
                          capture_output=True, text=True, preexec_fn=network.client.enter)
    assert done.stdout.split() == [f"{TARGET}.", PORTAL4]


def test_an_alias_without_an_address_is_still_a_block(desk):
    agency = desk(adoptions=adopted(answer={"cname": "nowhere.unlisted.example"}))
    answer = agency.query("chat.deepseek.com")
    assert records(answer) == [("chat.deepseek.com", "CNAME", "nowhere.unlisted.example")]
    assert ede_of(answer)[0] == CENSORED


def test_units_and_products_have_answers_of_their_own(desk):
    agency = desk(adoptions=adopted(), answers=[
        {"product": "list-plain", "cname": TARGET},
        {"units": ["finance"], "address": ["203.0.113.1", "2001:db8::1"]},
        {"units": ["laboratory"], "form": "null"}])
    assert_blocked(agency.query("chat.deepseek.com", source=CLIENT))
    for source, addresses in ((FINANCE, {"A": "203.0.113.1", "AAAA": "2001:db8::1"}),
                              (LABORATORY, {"A": "0.0.0.0", "AAAA": "::"}),
                              (LABORATORY6, {"A": "0.0.0.0", "AAAA": "::"})):
        for kind, address in addresses.items():
            answer = agency.query("chat.deepseek.com", kind, source=source)
            assert records(answer) == [("chat.deepseek.com", kind, address)] and ede_of(answer)[0] == CENSORED
        assert records(agency.query("bad.plain.example", source=source))[0][2] == TARGET


# own rules


HOUSE = {"id": "no-bypass", "product": "encrypted-dns", "reason": "House rule 7."}


def test_an_own_rule_blocks_a_product_of_the_catalogue_by_its_facets_and_units(desk):
    agency = desk(rules=[{**HOUSE, "facets": ["platform"], "units": ["finance"]}])
    answer = agency.query(RESOLVER, source=FINANCE)
    assert_blocked(answer, BLOCKED)
    assert "own-no-bypass" in ede_of(answer)[1] and "House rule 7." in ede_of(answer)[1]
    assert ede_of(agency.query(RESOLVER, source=CLIENT))[0] != BLOCKED
    found = agency.recorded("--verdict", "block", "--name", RESOLVER)
    assert found[0][1]["order"] == "own-no-bypass" and found[0][1]["unit"] == "finance"


def test_an_own_rule_that_observes_answers_and_records(desk):
    agency = desk(rules=[{"id": "watch", "product": "sample-observed", "reason": "To see.", "mode": "observe"}],
                  adoptions=[])
    assert_answered(agency.query("observed.example"), "192.0.2.10")
    found = agency.recorded("--verdict", "observe", "--name", "observed.example")
    assert found[0][1]["order"] == "own-watch" and found[0][1]["reason"] == "observe-mode"


def test_an_exemption_from_an_own_rule_serves_one_client_and_ends_within_its_second(desk):
    def exemptions(end):
        return [{"id": "one", "order": "own-house", "product": "sample-observed", "clients": [LABORATORY],
                 "reason": "R.", "approvals": [{"role": "head", "by": "H.", "at": "2026-01-01"}],
                 "not_before": "2026-01-01", "not_after": end}]
    agency = desk(adoptions=[], rules=[{"id": "house", "product": "sample-observed", "reason": "R."}])
    agency.organisation["exemptions"] = exemptions("2099-01-01")
    agency.write()
    agency.command("reload")
    assert_answered(agency.query("observed.example", source=LABORATORY), "192.0.2.10")
    assert_blocked(agency.query("observed.example", source=CLIENT), BLOCKED)
    end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=3)
    agency.organisation["exemptions"] = exemptions(f"{end:%Y-%m-%dT%H:%M:%SZ}")
    agency.write()
    agency.command("reload")
    asked = 0
    while asked < end.timestamp() + 0.1:
        asked = time.time()
        answer = agency.query("observed.example", source=LABORATORY)
        if time.time() < end.timestamp():
            assert_answered(answer, "192.0.2.10")
        elif asked >= end.timestamp():
            assert_blocked(answer, BLOCKED)
        time.sleep(0.01)


# canaries


@pytest.mark.parametrize("name", CANARIES)
def test_a_canary_does_not_exist_and_leaves_no_event(desk, authority, name):
    agency = desk(adoptions=[])
    before = authority.questions()
    for kind, source in itertools.product(("A", "AAAA", "HTTPS"), (CLIENT, FINANCE, LABORATORY6)):
        answer = agency.query(name, kind, source=source)
        assert_blocked(answer, BLOCKED)
        assert answer.authority[0].rdtype == dns.rdatatype.SOA
    assert authority.questions() == before
    counters = agency.counters()
    assert counters["canaries"] == 9 and counters["events"] == 0


def test_a_canary_does_not_exist_under_a_rule_that_answers_otherwise_and_is_recorded(desk):
    agency = desk(rules=[{**HOUSE, "facets": ["web"], "answer": {"address": ["203.0.113.1"]}}])
    for name in CANARIES:
        answer = agency.query(name)
        assert_blocked(answer, BLOCKED)
        assert "House rule 7." in ede_of(answer)[1]
        assert agency.recorded("--verdict", "block", "--name", name)


def test_canaries_are_asked_for_as_other_names_when_they_are_switched_off(other_agency, authority):
    other_agency.settings["dns"]["canaries"] = False
    other_agency.write()
    other_agency.start()
    before = authority.questions()
    assert ede_of(other_agency.query(CANARIES[0]))[0] != BLOCKED
    assert authority.questions() > before


def test_check_says_what_a_canary_is(other_agency):
    said = json.loads(other_agency.command("check", "--json", CANARIES[0]))
    assert said[0]["acts"][0]["identifier"]["canary"] is True
    assert "A canary: " in other_agency.command("check", CANARIES[0])
