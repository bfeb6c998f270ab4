"""Thousands of clients that say nothing: what they cost, and that others are answered meanwhile.

With --deep there are more, up to 50,000 over TCP and as many over TLS, where so many open files are allowed.
"""
import contextlib
import pathlib
import resource
import ssl

import pytest

from network import FINANCE
from private import Client, offer
from test_dns_block import assert_blocked
import writ
from writ import wait_for

PER_ADDRESS = 10_000
OTHER_FILES = 2000
TCP_BYTES, TLS_BYTES = 1024, 24 * 1024 # most of the process's own memory that one may cost


@contextlib.contextmanager
def open_files(count):
    """Lets us, and the gate that we start, have so many; skips the test where they are not allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(count, hard)))
    except (ValueError, OSError):
        pytest.skip(f"{count} open files are needed, and {hard} are allowed here")
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def private_bytes(agency):
    pid = agency.role("dns")["pid"]
    rows = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(row.split()[1]) * 1024 for row in rows if row.startswith(("Private_Dirty", "Private_Clean")))


def connect_tcp(agency, source):
    return agency.tcp(source)


def connect_tls(agency, source):
    if not hasattr(agency, "context"):
        agency.context = ssl.create_default_context(cafile=agency.authority.certificate)
    return Client(agency, agency.tls_port, source=source, session=(agency.context, None))


@pytest.mark.parametrize("kind, make, most", [("tcp", connect_tcp, TCP_BYTES), ("tls", connect_tls, TLS_BYTES)])
@pytest.mark.parametrize("count", [1000, *(pytest.param(n, marks=pytest.mark.deep) for n in (15_000, 50_000))])
def test_silent_connections_cost_little_and_harm_nobody(other_agency, kind, make, most, count):
    sources = [f"10.53.0.{n}" for n in range(20, 21 + count // PER_ADDRESS)]
    for source in sources:
        with contextlib.suppress(OSError):
            other_agency.network.client.address("c" + other_agency.network.gate.name.split("-")[1], f"{source}/16")
    with open_files(count + OTHER_FILES), contextlib.ExitStack() as opened:
        offer(other_agency)
        limits = {"connections": 65536, "connections_per_client": 65536, "idle": "600 s"}
        other_agency.settings["dns"].update(workers=1, tcp=limits)
        other_agency.settings["dns"]["tls"].update(limits)
        other_agency.write()
        other_agency.start()
        with make(other_agency, FINANCE) if kind == "tls" else contextlib.nullcontext():
            pass # what is made at the first use
        before = private_bytes(other_agency)
        for i in range(count):
            opened.enter_context(make(other_agency, sources[i % len(sources)]))
        wait_for("all of them", lambda: other_agency.counters()[f"{kind}_connections"] == count)
        each = (private_bytes(other_agency) - before) / count
        print(f"{count} connections over {kind}: {each:.0f} bytes each")
        assert each < most or writ.is_sanitized(), "without what a sanitizer adds"
        for tcp in (False, True):
            assert_blocked(other_agency.query("chat.deepseek.com", source=FINANCE, tcp=tcp))
        assert other_agency.role("dns")["restarts"] == 0
    wait_for("the end of all", lambda: other_agency.counters()[f"{kind}_connections"] == 0, 60)
