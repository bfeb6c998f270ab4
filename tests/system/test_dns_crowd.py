"""More clients than there is room for: connections are silent or read nothing, and whoever is new is answered.

The clients are processes of their own, since each may have only so many open files. With --deep they are 50,000.
"""
import contextlib
import ctypes
import os
import pathlib
import resource
import subprocess
import sys

import dns.message
import pytest

from network import GATE
from private import Client, dot, get, offer, read_response
from test_dns_block import assert_blocked
from test_dns_many import private_bytes
import writ
from writ import wait_for

CLIENTS = pathlib.Path(__file__).with_name("silent_clients.py")
PER_ADDRESS = 10_000
PR_CAPBSET_DROP, CAP_SYS_RESOURCE = 24, 24
ENDS = ("idle", "displaced", "slow", "malformed")
UNREAD_MAX = 64 << 20  # STREAM_BYTES_MAX of src/net/stream_pool.h
BYTES_EACH = 24 * 1024  # most of the process's own memory that a TLS connection may cost


def start_with_files(agency, files):
    """The gate may open so many, and not raise that, as root could."""
    libc = ctypes.CDLL(None)

    def prepare():
        agency.network.gate.enter()
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        libc.prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE, 0, 0, 0)
    writ.Writ.start(agency, preexec_fn=prepare)


class Crowd:
    """A process of clients in their network."""

    def __init__(self, agency, kind, count, a_second, sources):
        port = agency.tls_port if kind == "tls" else agency.port
        self.process = subprocess.Popen(
            [sys.executable, CLIENTS, kind, str(count), str(a_second), GATE[4], str(port), *sources], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, preexec_fn=agency.network.client.enter)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.opened = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(120)
        self.process.stdout.close()

    def has_opened(self):
        """None until all have tried; then how many got a connection."""
        line = self.opened is None and self.process.stdout.readline()
        if line:
            self.opened = int(line)
        return self.opened

    def still_open(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(wait_for("the number", self.process.stdout.readline, 120))


def ask_udp(agency):
    return agency.query("chat.deepseek.com")


def ask_tcp(agency):
    return agency.query("chat.deepseek.com", tcp=True)


def ask_tls(agency):
    with Client(agency, agency.tls_port) as client:
        return dot(client, dns.message.make_query("chat.deepseek.com", "A", use_edns=0))


def ask_https(agency):
    with Client(agency, agency.https_port, alpn=["http/1.1"]) as client:
        client.sendall(get(dns.message.make_query("chat.deepseek.com", "A", id=0, use_edns=0).to_wire()))
        return dns.message.from_wire(read_response(client)[2])


def assert_newcomers_are_answered(agency):
    """One that was turned away, because all others are as new, comes again."""
    for ask in (ask_udp, ask_tcp, ask_tls, ask_https):
        def answer(ask=ask):
            with contextlib.suppress(OSError, EOFError):
                return ask(agency)
        assert_blocked(wait_for(f"an answer: {ask.__name__}", answer, 60))


def files_of(agency):
    return len(list(pathlib.Path(f"/proc/{agency.role('dns')['pid']}/fd").iterdir()))


def prepare(agency, count):
    sources = [f"10.53.0.{n}" for n in range(100, 101 + count // PER_ADDRESS)]
    for source in sources:
        with contextlib.suppress(OSError):
            agency.network.client.address("c" + agency.network.gate.name.split("-")[1], f"{source}/16")
    offer(agency)
    limits = {"connections": 65536, "connections_per_client": 65536, "idle": "600 s"}
    agency.settings["dns"].update(workers=2, tcp=limits)
    for transport in ("tls", "https"):
        agency.settings["dns"][transport].update(limits)
    agency.write()
    return sources


def closed_by_gate(counters):
    return sum(counters[f"{kind}_{end}"] for kind in ("tcp", "tls", "https") for end in ENDS)


@pytest.mark.parametrize("count, files, processes, a_second", [
    (2000, 1600, 4, 250), pytest.param(50_000, None, 4, 1000, marks=pytest.mark.deep)])
def test_a_crowd_of_silent_clients_keeps_nobody_out(other_agency, count, files, processes, a_second):
    agency, hard = other_agency, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < count // processes + 100:
        pytest.skip(f"{hard} open files are allowed here: too few for a process of clients")
    files = files or hard
    sources = prepare(agency, count)
    start_with_files(agency, files)
    assert_newcomers_are_answered(agency)
    before, files_before = private_bytes(agency), files_of(agency)
    with contextlib.ExitStack() as stack:
        kinds = [("tcp", "tls")[i % 2] for i in range(processes)] + ["slow"]
        crowds = [stack.enter_context(Crowd(agency, kind, count // processes if kind != "slow" else count // 50, a_second, sources))
                  for kind in kinds]
        while not all([c.has_opened() is not None for c in crowds]):
            assert_newcomers_are_answered(agency)
        assert_newcomers_are_answered(agency)
        counters, memory = agency.counters(), private_bytes(agency) - before
        held = sum(counters[f"{kind}_connections"] for kind in ("tcp", "tls", "https"))
        print(f"{sum(c.opened for c in crowds)} connected, {held} held, {files_of(agency)} files of {files}; "
              f"{memory / held:.0f} bytes of memory each; closed: {closed_by_gate(counters)}, "
              f"turned away: {sum(counters[f'{kind}_turned_away'] for kind in ('tcp', 'tls', 'https'))}")
        assert files_of(agency) <= files
        assert held >= min(count, files // 4), "what there is is used"
        assert memory < held * BYTES_EACH + 2 * UNREAD_MAX or writ.is_sanitized()
        wait_for("what clients see", lambda: sum(c.still_open() for c in crowds) <=
                 sum(agency.counters()[f"{kind}_connections"] for kind in ("tcp", "tls", "https")), 120)
        if count > files:
            assert closed_by_gate(counters) >= count - files
    wait_for("the end of all", lambda: not any(agency.counters()[f"{k}_connections"] for k in ("tcp", "tls", "https")), 120)
    wait_for("their files", lambda: files_of(agency) <= files_before + 16)
    assert agency.role("dns")["restarts"] == 0
    assert_newcomers_are_answered(agency)
    said = "connections, but only" in agency.stderr()
    assert said == (files < 400_000), "the settings are more than the limit, and that is said"


def test_what_clients_do_not_read_is_bounded(other_agency):
    agency, count = other_agency, 400
    sources = prepare(agency, count)
    agency.settings["dns"]["workers"] = 1
    agency.write()
    agency.start()
    assert_newcomers_are_answered(agency)
    before = private_bytes(agency)
    with Crowd(agency, "slow", count, 500, sources) as crowd:
        wait_for("all", lambda: crowd.has_opened() is not None, 60)
        counters = wait_for("the end of some", lambda: (c := agency.counters())["tcp_slow"] > 0 and c)
        memory = private_bytes(agency) - before
        print(f"{counters['tcp_connections']} of {crowd.opened} left, {memory >> 20} MiB of memory")
        assert memory < 2 * UNREAD_MAX or writ.is_sanitized()
        assert_newcomers_are_answered(agency)
        assert crowd.still_open() > count // 4, "only as many as must be"
    wait_for("the end of all", lambda: agency.counters()["tcp_connections"] == 0)
