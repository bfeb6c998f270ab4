"""A flush reaches what recursion and validation keep for themselves: the next question goes to the authority."""
import json
import os
import subprocess
import threading

import dns.message
import dns.rcode
import pytest

from liar import TRUTH, Liar, reply
from network import SLOW_UPSTREAM, UPSTREAM
from test_upstream import addresses, gate_of  # noqa: F401 (a fixture)
from test_validated_forwarding import authority_says
from writ import PROGRAM, wait_for

ZONE = "unlisted.example"
NAME = f"changing.{ZONE}"
BEFORE, AFTER = "192.0.2.81", "192.0.2.82"


class Changing:
    """A record of knotd's whose address can be changed."""

    def __init__(self, authority):
        self.authority, self.address = authority, None

    def set(self, address):
        old, self.address = self.address, address
        self._control("zone-begin", ZONE)
        if old:
            self._control("zone-unset", ZONE, "changing", "A")
        if address:
            self._control("zone-set", ZONE, "changing", "3600", "A", address)
        self._control("zone-commit", ZONE)

    def _control(self, *words):
        said = self.authority._control(*words)
        assert said.strip() in ("OK", ""), said


@pytest.fixture
def record(authority):
    made = Changing(authority)
    made.set(BEFORE)
    yield made
    made.set(None)


def ways(authority):
    return {"recursion": {"root_hints": str(authority.root_hints), "validate": False},
            "validated": {"root_hints": str(authority.root_hints), "trust_anchor": str(authority.trust_anchor)},
            "relayed": {"forward": [UPSTREAM], "trust_anchor": str(authority.trust_anchor)}}


@pytest.fixture(params=["recursion", "validated", "relayed"])
def gate(request, other_agency, authority):
    other_agency.settings["dns"].update(workers=1, upstream={"timeout": "10 s", **ways(authority)[request.param]})
    other_agency.write()
    return other_agency.start()


def flush(gate, *words):
    return json.loads(gate.command("dns", "flush", *words, "--json"))


@pytest.mark.parametrize("words", [(NAME,), (NAME, "A"), ("--below", ZONE), ("--all",)], ids=lambda w: " ".join(w))
def test_the_next_question_after_a_flush_is_asked_of_the_authority(gate, record, words):
    assert addresses(gate.query(NAME)) == [BEFORE]
    record.set(AFTER)
    for kind in ("A", "AAAA"):  # the second is not kept: what is asked for it teaches nothing of the first
        assert addresses(gate.query(NAME, kind)) == ([BEFORE] if kind == "A" else [])
    answer = flush(gate, *words)
    assert answer["removed"] >= 1 and answer["resolver"] == "forgotten" and "resolver_refused" not in answer
    assert addresses(gate.query(NAME)) == [AFTER]


def test_a_flush_of_another_name_is_said_to_forget_this_one_too(gate, record):
    assert addresses(gate.query(NAME)) == [BEFORE]
    record.set(AFTER)
    said = gate.command("dns", "flush", f"other.{ZONE}")
    assert said == ("0 kept answers were forgotten, 1 is left\n"
                    "what recursion and validation kept was forgotten as well, for all names\n")
    assert addresses(gate.query(NAME)) == [BEFORE]  # which the gate itself keeps
    assert flush(gate, NAME)["removed"] == 1
    assert addresses(gate.query(NAME)) == [AFTER]


def role_files(gate):
    return len(os.listdir(f"/proc/{gate.role('dns')['pid']}/fd"))


def test_every_worker_forgets(other_agency, authority, record):
    other_agency.settings["dns"].update(workers=2, upstream={"timeout": "10 s", **ways(authority)["validated"]})
    other_agency.write()
    gate = other_agency.start()
    for address in (BEFORE, AFTER):  # each from a port of its own, so that both workers are asked
        record.set(address)
        flush(gate, NAME)
        assert {tuple(addresses(gate.query(NAME))) for _ in range(16)} == {(address,)}


def test_many_flushes_leave_nothing_behind(gate, record):
    assert addresses(gate.query(NAME)) == [BEFORE]
    flush(gate, "--all")
    assert addresses(gate.query(NAME)) == [BEFORE]
    files = role_files(gate)
    for _ in range(20):
        flush(gate, "--all")
        assert addresses(gate.query(NAME)) == [BEFORE]
    wait_for("closed files", lambda: role_files(gate) <= files + 4)


# What is under way.


class Crowd:
    """Questions of a client, all at once, and their answers."""

    def __init__(self, gate, names):
        self.socket, self.names = gate.udp(), names
        self.socket.settimeout(30)
        for i, name in enumerate(names):
            query = dns.message.make_query(name, "A", use_edns=0)
            query.id = i
            self.socket.send(query.to_wire())

    def answers(self):
        with self.socket:
            return [dns.message.from_wire(self.socket.recv(65536)) for _ in self.names]


@pytest.mark.parametrize("way", ["stub", "relay"])
def test_questions_under_way_are_asked_again_and_answered(network, other_agency, authority, way):
    is_open = threading.Event()

    def said(query):
        if query.question[0].name.to_text().lower().startswith("n") and not is_open.is_set():
            return None
        return reply(query) if way == "stub" else authority_says(network, query)
    inner, names = f"{SLOW_UPSTREAM}:5353", [f"n{i}.{ZONE}" for i in range(100)]
    settings = {"stub": {"upstream": {"root_hints": str(authority.root_hints), "validate": False, "timeout": "20 s"},
                         "zones": [{"zone": ZONE, "stub": [inner]}]},
                "relay": {"upstream": {"forward": [inner], "trust_anchor": str(authority.trust_anchor),
                                       "timeout": "20 s"}}}
    other_agency.settings["dns"].update(workers=1, **settings[way])
    other_agency.write()
    with Liar(network, said, port=5353) as server:
        gate = other_agency.start()
        crowd = Crowd(gate, names)
        wait_for("the questions", lambda: all(server.asked(name)[0] for name in names), 30)
        for _ in range(2):
            assert flush(gate, names[0])["resolver"] == "forgotten"
        is_open.set()
        answers = crowd.answers()
    assert sorted(a.id for a in answers) == list(range(len(names)))
    rcode = dns.rcode.NOERROR if way == "stub" else dns.rcode.NXDOMAIN
    assert {a.rcode() for a in answers} == {rcode}
    assert {tuple(addresses(a)) for a in answers} == ({(TRUTH,)} if way == "stub" else {()})
    # the last is counted off behind its answers
    wait_for("the end of all questions", lambda: gate.counters()["upstream_in_flight"] == 0)
    assert gate.counters()["relay_refused"] == 0


# What cannot be forgotten, and what need not.


def test_what_cannot_be_forgotten_is_said_and_stays(other_agency, authority, record):
    """The key is none any more: what libunbound began with goes on."""
    anchor = other_agency.directory / "root.key"
    anchor.write_bytes(authority.trust_anchor.read_bytes())
    other_agency.settings["dns"].update(workers=1, upstream={"root_hints": str(authority.root_hints),
                                                             "trust_anchor": str(anchor), "timeout": "10 s"})
    other_agency.write()
    gate = other_agency.start()
    assert addresses(gate.query(NAME)) == [BEFORE]
    anchor.write_text(". DS not a key\n")
    record.set(AFTER)
    done = subprocess.run([PROGRAM, "dns", "flush", NAME, "--config", gate.directory / "writ.yaml"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 8 and "1 kept answer was forgotten" in done.stdout
    assert "what recursion and validation keep could not be forgotten" in done.stderr
    assert "cannot forget what recursion and validation keep" in gate.stderr()
    assert addresses(gate.query(NAME)) == [BEFORE]


def test_where_all_is_forwarded_there_is_nothing_else_to_forget(network, gate_of):  # noqa: F811
    with Liar(network):
        gate = gate_of()
        assert addresses(gate.query("www.corp.example")) == [TRUTH]
        assert flush(gate, "--all") == {"ok": True, "status": 0, "removed": 1, "entries": 0}
