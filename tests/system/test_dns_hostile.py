"""Zones made to exhaust a resolver: what they cost is bounded, and everybody else is answered meanwhile."""
import os
import time

import dns.rcode
import pytest

import hostile
from writ import wait_for

ATTACKS = 12


@pytest.fixture
def recursing(other_agency, authority):
    other_agency.settings["dns"]["upstream"] = {"root_hints": str(authority.root_hints),
                                                "trust_anchor": str(authority.trust_anchor), "timeout": "10 s"}
    other_agency.settings["dns"]["workers"] = 1
    other_agency.write()
    return other_agency.start()


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def assert_others_are_served(gate):
    assert gate.query("www.unlisted.example").rcode() == dns.rcode.NOERROR
    assert gate.query("chat.deepseek.com").rcode() == dns.rcode.NXDOMAIN


def test_a_delegation_to_many_servers_costs_their_zone_few_questions(recursing, network):
    with hostile.Hostile(network, hostile.ATTACKER, hostile.nxns), \
            hostile.Hostile(network, hostile.VICTIM, hostile.victim) as victim:
        for i in range(ATTACKS):
            answer = recursing.query(f"attack{i}.{hostile.NXNS}")
            assert answer.rcode() == dns.rcode.SERVFAIL
            assert_others_are_served(recursing)
        asked = victim.asked.total()
    # an unbounded resolver asks for A and AAAA of each server
    assert 0 < asked <= ATTACKS * 2 * hostile.SERVERS / 8, asked


def test_many_keys_and_signatures_of_one_tag_are_not_all_tried(recursing, network):
    trap = hostile.keytrap()
    pid = recursing.role("dns")["pid"]
    with hostile.Hostile(network, hostile.ATTACKER, trap.answer) as attacker:
        assert_others_are_served(recursing)
        before = cpu_seconds(pid)
        for i in range(ATTACKS):
            answer = recursing.query(f"attack{i}.{hostile.KEYTRAP}")
            assert answer.rcode() == dns.rcode.SERVFAIL
            assert_others_are_served(recursing)
        spent = cpu_seconds(pid) - before
    assert attacker.asked["DNSKEY"] > 0 and attacker.asked["A"] > ATTACKS, "nobody validated"
    own = time.thread_time()
    trap.verify_all()
    unbounded = (time.thread_time() - own) * ATTACKS
    assert spent < unbounded / 4, (spent, unbounded)
    wait_for("memory of the attack to go", lambda: recursing.counters()["upstream_in_flight"] == 0)
