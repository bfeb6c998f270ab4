"""PROXY protocol, version 2: whom to believe, and for whom a connection then is."""
import ipaddress
import socket
import struct

import dns.message
import pytest

from network import CLIENT, FINANCE, GATE, LABORATORY, LABORATORY6, framed, read_framed
from private import Client, dot, offer
from test_dns_block import assert_blocked
from writ import wait_for

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LOCAL, PROXY = 0x20, 0x21
BLOCKED = "chat.deepseek.com" # everywhere but in the laboratory


def header(client=None, command=PROXY, protocol=1, more=b"", kind=None):
    rest = b""
    if client:
        address = ipaddress.ip_address(client)
        rest = address.packed * 2 + struct.pack("!HH", 1234, 53)
        kind = (0x10 if address.version == 4 else 0x20) | protocol
    rest += more
    return SIGNATURE + bytes([command, kind or 0]) + struct.pack("!H", len(rest)) + rest


@pytest.fixture(scope="module")
def proxied(network, authority):
    import agency as agency_module
    made = agency_module.Agency(network)
    try:
        offer(made)
        made.settings["dns"].update(proxy_protocol={"from": [f"{CLIENT}/32"]}, tcp={"connections_per_client": 4, "idle": "2 s"})
        made.write()
        yield made.start()
    finally:
        made.close()


def query(number=1):
    return dns.message.make_query(BLOCKED, "A", id=number, use_edns=0)


def ask(agency, before, source=CLIENT, piece=None):
    """Returns the answer, or None when the connection ends without one."""
    with agency.tcp(source) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = before + framed(query().to_wire())
        try:
            for at in range(0, len(data), piece or len(data)):
                s.sendall(data[at:at + (piece or len(data))])
            return dns.message.from_wire(read_framed(s))
        except (EOFError, ConnectionError):
            return None


def is_allowed(answer):
    return not any(o.otype == 15 and o.code == 16 for o in answer.options)


TLV = b"\x01\0\x03dot\xea\0\0\x04\0\x02\0\0"


@pytest.mark.parametrize("piece", [None, 1])
@pytest.mark.parametrize("more", [b"", TLV])
@pytest.mark.parametrize("protocol", [1, 2], ids=["stream", "datagram"])
def test_policy_is_that_of_the_client_behind_the_proxy(proxied, piece, more, protocol):
    assert_blocked(ask(proxied, header(FINANCE, more=more, protocol=protocol), piece=piece))
    for client in (LABORATORY, LABORATORY6):
        assert is_allowed(ask(proxied, header(client, more=more, protocol=protocol), piece=piece))


@pytest.mark.parametrize("before", [header(command=LOCAL), header(), header(kind=0x31, more=b"/x".ljust(216, b"\0")),
                                    header(LABORATORY, command=LOCAL)],
                         ids=["local", "unknown", "unix", "local with addresses"])
def test_a_proxy_that_names_nobody_is_the_client_itself(proxied, before):
    assert_blocked(ask(proxied, before))


BAD = [b"", b"PROXY TCP4 10.53.2.10 10.53.0.1 1 53\r\n", header(LABORATORY)[:12] + b"\x11" + header(LABORATORY)[13:],
       header(LABORATORY, more=b"\x01\xff\xffx"), header(LABORATORY, more=b"\x04\xff\xff" + b"x" * 65500),
       b"\r\n\r\n\0\r\nQUIX\n"]


@pytest.mark.parametrize("before", BAD, ids=["none", "version 1", "version 1 in binary", "additions", "too long", "signature"])
def test_a_proxy_that_does_not_say_for_whom_it_asks_gets_nothing(proxied, before):
    refused = proxied.counters()["proxy_refused"]
    assert ask(proxied, before) is None
    wait_for("the count", lambda: proxied.counters()["proxy_refused"] == refused + 1)


def test_nobody_else_is_believed(proxied):
    answer = ask(proxied, header(LABORATORY), source=FINANCE)
    assert answer is None
    assert_blocked(ask(proxied, b"", source=FINANCE))


def test_the_header_comes_before_tls(proxied):
    for client, allowed in ((FINANCE, False), (LABORATORY, True)):
        with Client(proxied, proxied.tls_port, before=header(client, more=TLV)) as connection:
            assert is_allowed(dot(connection, query())) == allowed


def test_kdig_speaks_it(proxied):
    import subprocess
    for client, expected in ((FINANCE, "Censored"), (LABORATORY, "status: ")):
        done = subprocess.run(["kdig", "-b", CLIENT, f"@{GATE[4]}", "-p", str(proxied.port), "+tcp", "+edns",
                               f"+proxy={client}#1234-{GATE[4]}#53", BLOCKED], capture_output=True, text=True,
                              preexec_fn=proxied.network.client.enter)
        assert expected in done.stdout, done.stdout + done.stderr
        assert ("Censored" in done.stdout) == (client == FINANCE)


def test_limits_are_those_of_the_clients_behind_it(proxied):
    opened = []
    try:
        for client in (FINANCE, LABORATORY):
            for _ in range(2):
                opened.append(proxied.tcp())
                opened[-1].sendall(header(client) + framed(query().to_wire()))
                read_framed(opened[-1])
        before = proxied.counters()["tcp_turned_away"]
        for _ in range(9):
            opened.append(proxied.tcp())
            opened[-1].sendall(header(FINANCE))
        wait_for("turning away", lambda: proxied.counters()["tcp_turned_away"] > before)
        assert is_allowed(ask(proxied, header(LABORATORY)))
    finally:
        for s in opened:
            s.close()
