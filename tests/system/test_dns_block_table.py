"""What is blocked and what is not, as dig sees it: the table that few resolvers get right."""
import itertools
import subprocess

import pytest

import writ
from agency import CONTACT
from authority import SHARED
from network import CLIENT, FINANCE, GATE, LABORATORY

CENSORED, BLOCKED = "EDE: 16 (Censored)", "EDE: 15 (Blocked)"

# What, name and type, client, expected: an extended error, or what dig prints of the answer.
TABLE = [
    ("the name", "deepseek.com A", CLIENT, CENSORED),
    ("a name below it", "chat.deepseek.com A", CLIENT, CENSORED),
    ("far below it", "a.b.c.d.e.f.chat.deepseek.com A", CLIENT, CENSORED),
    ("IPv6", "deepseek.com AAAA", CLIENT, CENSORED),
    ("services", "deepseek.com HTTPS", CLIENT, CENSORED),
    ("texts", "deepseek.com TXT", CLIENT, CENSORED),
    ("the zone's own records", "deepseek.com SOA", CLIENT, CENSORED),
    ("any type", "deepseek.com ANY", CLIENT, CENSORED),
    ("a type without a name", "deepseek.com TYPE65280", CLIENT, CENSORED),
    ("mixed case", "cHaT.DeepSeek.cOm A", CLIENT, CENSORED),
    ("a chain of aliases", "longer.unlisted.example A", CLIENT, CENSORED),
    ("the alias alone", "alias.unlisted.example CNAME", CLIENT, CENSORED),
    ("a delivery name behind an alias", "service-alias.unlisted.example A", CLIENT, CENSORED),
    ("a tree of aliases", "chat.tree.unlisted.example A", CLIENT, CENSORED),
    ("the target of a service", "to-blocked.unlisted.example HTTPS", CLIENT, CENSORED),
    ("an alias of a service", "alias-mode.unlisted.example HTTPS", CLIENT, CENSORED),
    ("an address of the product alone", "dedicated.unlisted.example A", CLIENT, BLOCKED),
    ("such an address as a hint", "hint.unlisted.example HTTPS", CLIENT, BLOCKED),
    ("an order that was chosen", "www.voluntary.example A", CLIENT, BLOCKED),
    ("a public list", "bad.plain.example A", CLIENT, BLOCKED),
    ("a unit without an exemption", "chat.deepseek.com A", FINANCE, CENSORED),
    ("a unit with an exemption", "chat.deepseek.com A", LABORATORY, "192.0.2.1"),
    ("the exemption behind an alias", "alias.unlisted.example A", LABORATORY, "192.0.2.1"),
    ("the exemption is for one order", "www.voluntary.example A", LABORATORY, BLOCKED),
    ("a name that ends alike", "notdeepseek.com A", CLIENT, "192.0.2.6"),
    ("a name that has it inside", "deepseek.com.example.org A", CLIENT, "192.0.2.7"),
    ("a name beside a listed one", "good.plain.example A", CLIENT, "192.0.2.14"),
    ("an order that is observed", "observed.example A", CLIENT, "192.0.2.10"),
    ("an alias of an allowed name", "fine.unlisted.example A", CLIENT, "192.0.2.80"),
    ("an address that others share", "shared.unlisted.example A", CLIENT, SHARED),
]


def dig(agency, question, source, *words):
    done = subprocess.run(["dig", "-b", source, f"@{GATE[4]}", "-p", str(agency.port), "+nocookie", *words,
                           *question.split()], capture_output=True, text=True, preexec_fn=agency.network.client.enter)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("what, question, source, expected", TABLE, ids=[row[0] for row in TABLE])
def test_the_answer_is_the_same_first_and_cached_over_udp_and_tcp(agency, what, question, source, expected):
    for transport, _ in itertools.product(("+notcp", "+tcp"), range(2)):
        said = dig(agency, question, source, transport)
        if not expected.startswith("EDE"):
            assert "status: NOERROR" in said and "EDE:" not in said and expected in said
            continue
        assert "status: NXDOMAIN" in said and "ANSWER: 0" in said
        assert expected in said and CONTACT in said and "flags: qr rd ra;" in said


def test_every_block_of_the_table_is_evidence(agency):
    blocked = {question.split()[0].lower() for _, question, _, expected in TABLE if expected.startswith("EDE")}
    for name in blocked:
        dig(agency, f"{name} A" if "hint" not in name and "mode" not in name and "to-" not in name else f"{name} HTTPS",
            CLIENT)
        assert agency.recorded("--verdict", "block", "--name", name)
    assert writ.ORDER in {e["order"] for _, e in agency.events("--verdict", "block")}
