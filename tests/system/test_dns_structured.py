"""Blocks as structured DNS errors, cookies, and the server's name, as the tools of others see them."""
import json
import os
import signal
import subprocess

import dns.edns
import dns.message
import dns.rcode
import pytest

from agency import CONTACT, VOLUNTARY
from network import CLIENT, GATE, STRANGERS
from test_dns_block import BLOCKED, CENSORED, ede_of
from test_dns_edns import option
from writ import wait_for

SDE = dns.edns.GenericOption(65001, b"")
COOKIE = 10


def tool(agency, *words):
    done = subprocess.run([*words[:1], "-b", CLIENT, f"@{GATE[4]}", "-p", str(agency.port), *words[1:]],
                          capture_output=True, text=True, preexec_fn=agency.network.client.enter)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def structured(agency, name, **options):
    code, text = ede_of(agency.query(name, options=[SDE], **options))
    return code, json.loads(text)


def assert_names_contact(said):
    contact, = said["c"]
    assert contact.startswith(f"mailto:{CONTACT}?subject=")
    assert contact.endswith(said["j"].split()[-1])


@pytest.mark.parametrize("tcp", [False, True])
def test_a_block_says_in_json_why_who_and_whom_to_ask(agency, tcp):
    code, said = structured(agency, "www.voluntary.example", tcp=tcp)
    assert code == BLOCKED and set(said) == set("cjsol")
    assert VOLUNTARY in said["j"] and said["o"] == "Test Agency" and said["l"] == "en" and said["s"] == 5
    assert_names_contact(said)


def test_what_an_authority_demands_has_no_sub_error(agency):
    code, said = structured(agency, "chat.deepseek.com")
    assert code == CENSORED and set(said) == set("cjol")
    assert_names_contact(said)


@pytest.mark.parametrize("name", ["alias.unlisted.example", "longer.unlisted.example"])
def test_a_block_that_waited_for_its_answer_is_structured_as_well(other_agency, name):
    gate = other_agency.start()
    for _ in range(2):
        code, said = structured(gate, name)
        assert code == CENSORED and said["c"]


def test_the_reference_is_one_that_the_command_line_explains(agency):
    reference = structured(agency, "chat.deepseek.com")[1]["c"][0].split("=")[1]
    agency.recorded("--name", "chat.deepseek.com")
    assert "chat.deepseek.com" in agency.command("why", reference)


def test_json_that_does_not_fit_loses_its_texts_and_is_never_cut(other_agency):
    other_agency.organisation["name"] = "Test Agency " * 10
    other_agency.write()
    agency = other_agency.start()
    name = ".".join(["a" * 63] * 3 + ["b" * 40, "deepseek.com"])
    query = dns.message.make_query(name, "A", use_edns=0, payload=512, options=[SDE])
    wire = agency.exchange(query.to_wire())
    code, text = ede_of(dns.message.from_wire(wire))
    assert len(wire) <= 512 and code == CENSORED
    assert set(json.loads(text)) == {"c"}


def test_who_does_not_ask_for_it_gets_plain_text(agency):
    text = ede_of(agency.query("chat.deepseek.com"))[1]
    assert text.startswith("Order ")


def test_dig_and_kdig_show_it(agency):
    for words in (("dig", "+nocookie", "+ednsopt=65001"), ("kdig", "+ednsopt=65001")):
        said = tool(agency, *words, "www.voluntary.example")
        assert "NXDOMAIN" in said and "EDE: 15" in said and "mailto:" in said and "malformed" not in said.lower()


# cookies


def cookie_of(answer):
    found = [o for o in answer.options if o.otype == COOKIE]
    return found[0].to_wire() if found else b""


def with_cookie(value):
    return [dns.edns.GenericOption(COOKIE, value)]


def test_a_cookie_comes_in_every_answer_also_in_one_that_was_waited_for(other_agency):
    gate = other_agency.start()
    for name in ("www.unlisted.example", "www.unlisted.example", "chat.deepseek.com"):
        cookie = cookie_of(gate.query(name, options=with_cookie(b"clientck")))
        assert len(cookie) == 24 and cookie.startswith(b"clientck\1\0\0\0")
    assert not cookie_of(gate.query("www.unlisted.example"))


def test_dig_takes_the_cookie_for_good(agency):
    assert "(good)" in tool(agency, "dig", "+cookie", "www.unlisted.example")


def test_a_stranger_over_the_rate_is_believed_for_a_cookie_which_a_new_gate_believes_as_well(other_agency):
    other_agency.settings["dns"].update(rate={"responses": 1, "slip": 1}, workers=2)
    other_agency.write()
    gate = other_agency.start()

    def ask(cookie):
        return gate.query("www.unlisted.example", source=STRANGERS[3], options=with_cookie(cookie))
    answers = [ask(b"clientck") for _ in range(12)]
    assert dns.rcode.BADCOOKIE in {a.rcode() for a in answers}
    cookie = cookie_of(answers[-1])
    assert {ask(cookie).rcode() for _ in range(12)} == {dns.rcode.REFUSED}
    role = gate.role("dns")
    os.kill(role["pid"], signal.SIGKILL)
    wait_for("restart", lambda: gate.role("dns")["restarts"] > role["restarts"] and gate.is_ready())
    assert {ask(cookie).rcode() for _ in range(12)} == {dns.rcode.REFUSED}
    # changed by one bit it proves nothing
    bad = cookie[:-1] + bytes([cookie[-1] ^ 1])
    assert dns.rcode.BADCOOKIE in {ask(bad).rcode() for _ in range(12)}


def test_a_query_for_nothing_but_a_cookie_gets_one(agency):
    wire = bytearray(dns.message.make_query(".", "A", use_edns=0, options=with_cookie(b"clientck")).to_wire())
    wire[4:6] = b"\0\0"
    del wire[12:17]
    answer = dns.message.from_wire(agency.exchange(bytes(wire)))
    assert answer.rcode() == dns.rcode.NOERROR and not answer.question and len(cookie_of(answer)) == 24


# the server's name


def test_the_server_tells_its_name_to_who_asks(other_agency):
    other_agency.settings["dns"]["nsid"] = "gate-1"
    other_agency.write()
    gate = other_agency.start()
    assert "gate-1" in tool(gate, "kdig", "+nsid", "chat.deepseek.com")
    assert "gate-1" in tool(gate, "dig", "+nsid", "www.unlisted.example")
    assert option(3, b"gate-1") not in gate.exchange(dns.message.make_query("chat.deepseek.com", "A", use_edns=0).to_wire())
