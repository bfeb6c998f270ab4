"""PROXY protocol, version 2: whom to believe, and for whom a connection or a datagram then is."""
import ipaddress
import shutil
import socket
import struct
import subprocess

import dns.message
import dns.rcode
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
        made.settings["dns"].update(proxy_protocol={"from": [f"{CLIENT}/32"]}, tcp={"connections_per_client": 4})
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


def ask_datagram(agency, before, source=CLIENT):
    """Returns the answer, or None when another datagram, sent after it, is answered first."""
    last = b"" if source != CLIENT else header(FINANCE)
    with agency.udp(source) as s:
        s.send(before + query(1).to_wire())
        s.send(last + query(2).to_wire())
        answer = dns.message.from_wire(s.recv(65536))
        return answer if answer.id == 1 else None


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


@pytest.mark.parametrize("more", [b"", TLV])
@pytest.mark.parametrize("protocol", [1, 2], ids=["stream", "datagram"])
def test_a_datagram_is_of_the_client_behind_the_proxy(proxied, more, protocol):
    assert_blocked(ask_datagram(proxied, header(FINANCE, more=more, protocol=protocol)))
    for client in (LABORATORY, LABORATORY6):
        assert is_allowed(ask_datagram(proxied, header(client, more=more, protocol=protocol)))


def test_what_must_be_asked_for_goes_back_to_the_proxy(proxied):
    ask = dns.message.make_query("proxied.wild.unlisted.example", "A", id=7, use_edns=0)
    with proxied.udp() as s:
        s.send(header(LABORATORY) + ask.to_wire())
        answer = dns.message.from_wire(s.recv(65536))
    assert answer.id == 7 and answer.answer


def test_a_datagram_of_a_proxy_that_names_nobody_is_the_proxys(proxied):
    for before in (header(command=LOCAL), header(), header(LABORATORY, command=LOCAL)):
        assert_blocked(ask_datagram(proxied, before))


@pytest.mark.parametrize("before", BAD, ids=["none", "version 1", "version 1 in binary", "additions", "too long", "signature"])
def test_a_datagram_of_a_proxy_that_does_not_say_for_whom_it_asks_gets_nothing(proxied, before):
    refused = proxied.counters()["proxy_refused"]
    before = before[:1400] # one that says that it is longer than it is
    assert ask_datagram(proxied, before) is None
    wait_for("the count", lambda: proxied.counters()["proxy_refused"] == refused + 1)


def test_a_header_without_a_query_gets_nothing(proxied):
    refused = proxied.counters()["proxy_refused"]
    with proxied.udp() as s:
        s.send(header(LABORATORY))
    wait_for("the count", lambda: proxied.counters()["proxy_refused"] == refused + 1)


def test_nobody_elses_datagram_is_believed(proxied):
    assert ask_datagram(proxied, header(LABORATORY), source=FINANCE) is None


def test_dnsdist_speaks_it(proxied, tmp_path):
    """A real load balancer, asked by UDP and TCP."""
    if not shutil.which("dnsdist"):
        pytest.skip("dnsdist is not installed")
    port, settings = 5399, tmp_path / "dnsdist.conf"
    settings.write_text(f'''setLocal("{CLIENT}:{port}")
setACL({{"0.0.0.0/0"}})
setSecurityPollSuffix("")
newServer({{address="{GATE[4]}:{proxied.port}", source="{CLIENT}", useProxyProtocol=true}})
''')
    balancer = subprocess.Popen(["dnsdist", "--supervised", "--disable-syslog", "-C", str(settings)],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                preexec_fn=proxied.network.client.enter)
    try:
        def asked(source, tcp):
            kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
            try:
                with proxied.network.client.socket(kind, source) as s:
                    s.settimeout(1)
                    s.connect((CLIENT, port))
                    s.sendall(framed(query().to_wire()) if tcp else query().to_wire())
                    return dns.message.from_wire(read_framed(s) if tcp else s.recv(65536))
            except (OSError, EOFError):
                return None

        def answer(source, tcp):
            """It asks nobody before it has found the gate to be up."""
            return wait_for("dnsdist", lambda: (a := asked(source, tcp)) and a.rcode() != dns.rcode.SERVFAIL and a)

        for tcp in (False, True):
            assert_blocked(answer(FINANCE, tcp))
            assert is_allowed(answer(LABORATORY, tcp))
    finally:
        balancer.kill()
        balancer.wait()


@pytest.mark.parametrize("over", ["+tcp", "+notcp"])
def test_kdig_speaks_it(proxied, over):
    for client, expected in ((FINANCE, "Censored"), (LABORATORY, "status: ")):
        done = subprocess.run(["kdig", "-b", CLIENT, f"@{GATE[4]}", "-p", str(proxied.port), over, "+edns",
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
