"""Programs that people use, through the packet gate: what is blocked, for whom, how it is told, what is recorded."""
import http.client
import re
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import tls_hello
from agency import CONTACT
from packet_agency import Browser, PacketAgency
from packet_clients import QUESTIONS, SECONDS, TLS_CLIENTS, curl, is_page
from packet_lab import CLIENT, CLIENT6, FINANCE, LABORATORY, LABORATORY6, OTHER, OTHER6, RESOLVER, RESOLVER6, WEB, WEB6
from packet_servers import ANSWER, H2C, HTTP, HTTPS, LENIENT, NEIGHBOUR, QUIC_SERVER, SECOND
from writ import BLOCKED, ORDER, wait_for

needs_quic = pytest.mark.skipif(not QUIC_SERVER, reason="gtlsserver (ngtcp2-server) is not installed")
needs_chromium = pytest.mark.skipif(not Browser.PROGRAM, reason="chromium is not installed")


# --- names in TLS ---

@pytest.mark.parametrize("client", TLS_CLIENTS)
def test_a_blocked_name_is_refused_and_neighbours_on_its_address_are_not(lab, packet_gate, client, tmp_path):
    assert not TLS_CLIENTS[client](lab, BLOCKED, tmp_path)
    assert TLS_CLIENTS[client](lab, NEIGHBOUR, tmp_path)
    assert not TLS_CLIENTS[client](lab, BLOCKED, tmp_path)
    assert TLS_CLIENTS[client](lab, SECOND, tmp_path)


def test_a_client_is_told_at_once_and_does_not_wait(lab, packet_gate):
    done = curl(lab, BLOCKED)
    assert b"reset" in done.stderr, done.stderr


def test_the_server_is_told_too_and_keeps_no_connection(lab, packet_gate):
    def established():
        with lab.server.entered():
            listed = subprocess.run(["ss", "-Htn", "state", "established", f"( sport = :{HTTPS} )"], capture_output=True, text=True)
        return len(listed.stdout.splitlines())
    before = established()
    for _ in range(5):
        assert not is_page(curl(lab, BLOCKED), BLOCKED)
    wait_for("connections are gone", lambda: established() <= before)


def test_much_that_is_allowed_passes_unchanged(lab, packet_gate):
    done = curl(lab, NEIGHBOUR, path="/big", address=WEB6)
    assert done.stdout == (lab.servers.folder / "big").read_bytes()


@needs_chromium
def test_chromium_opens_neighbours_and_not_what_is_blocked(lab, packet_gate, tmp_path):
    browser = Browser(lab, tmp_path / "chromium", lab.servers, WEB, (BLOCKED, NEIGHBOUR))
    assert f"this is {NEIGHBOUR}" in browser.open(f"https://{NEIGHBOUR}/")[0]  # a post-quantum hello, a decoy of ECH
    assert "this is" not in browser.open(f"https://{BLOCKED}/")[0]


@needs_chromium
@needs_quic
def test_chromium_by_quic_opens_neighbours_and_not_what_is_blocked(lab, packet_gate, tmp_path):
    browser = Browser(lab, tmp_path / "chromium", lab.servers, WEB, (BLOCKED, NEIGHBOUR))
    assert "this is QUIC" in browser.open_by_quic(NEIGHBOUR)[0]
    assert "this is" not in browser.open_by_quic(BLOCKED)[0]
    # what a browser tries next
    assert "this is" not in browser.open(f"https://{BLOCKED}/")[0]
    # tests before have recorded other events of the name
    wait_for("the event", lambda: any(e["transport"] == "quic" for _, e in packet_gate.events("--name", BLOCKED)))


# --- requests in the clear ---

def test_a_request_in_the_clear_is_answered_by_a_page_that_says_why(lab, packet_gate):
    done = curl(lab, BLOCKED, "-i", scheme="http")
    text = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert re.match(r"HTTP/1\.[01] (403|451) ", text)
    assert CONTACT in text and "this is" not in text
    reference, = set(re.findall(r"\b[A-Z2-7]{8}\b", text)) - {"DEEPSEEK"}
    found = packet_gate.recorded("--reference", reference)
    assert found[0][1]["order"] == ORDER and found[0][1]["name"] == BLOCKED
    assert is_page(curl(lab, NEIGHBOUR, scheme="http"), NEIGHBOUR)


@pytest.mark.parametrize("port", [HTTP, LENIENT])
def test_every_request_of_a_connection_is_judged(lab, packet_gate, port):
    with lab.client.entered():
        connection = http.client.HTTPConnection(WEB, port, timeout=SECONDS, source_address=(CLIENT, 0))
        connection.connect()
    for name in (NEIGHBOUR, SECOND):
        connection.request("GET", "/", headers={"Host": name})
        assert f"this is {name}".encode() in connection.getresponse().read()
    with pytest.raises((OSError, http.client.HTTPException, AssertionError)):
        connection.request("GET", "/", headers={"Host": BLOCKED})
        assert b"this is" in connection.getresponse().read()


def test_no_connection_that_goes_on_stands_still(lab, packet_gate):
    """The server's answers stop coming to the gate while some of them wait for it: in whatever order that happens."""
    def visit(_):
        with lab.client.entered():
            connection = http.client.HTTPConnection(WEB, LENIENT, timeout=30, source_address=(CLIENT, 0))
            connection.connect()
        for name in (NEIGHBOUR, SECOND, NEIGHBOUR):
            connection.request("GET", "/", headers={"Host": name})
            assert f"this is {name}".encode() in connection.getresponse().read()
        connection.close()
    with ThreadPoolExecutor(4) as visitors:
        assert len(list(visitors.map(visit, range(400)))) == 400


def test_http2_in_the_clear_is_judged(lab, packet_gate):
    assert not is_page(curl(lab, BLOCKED, "--http2-prior-knowledge", scheme="http", port=H2C), BLOCKED)
    assert is_page(curl(lab, NEIGHBOUR, "--http2-prior-knowledge", scheme="http", port=H2C), NEIGHBOUR)


# --- questions to foreign resolvers ---

WITHOUT_EDNS = ("kdig", "kdig by TCP")  # they have no place for an explanation


@pytest.mark.parametrize("resolver", [RESOLVER, RESOLVER6])
@pytest.mark.parametrize("program", QUESTIONS)
def test_a_foreign_resolver_is_not_asked_for_a_blocked_name(lab, packet_gate, program, resolver):
    client = CLIENT6 if ":" in resolver else CLIENT
    assert ANSWER[NEIGHBOUR] in lab.run(*QUESTIONS[program], "-b", client, f"@{resolver}", NEIGHBOUR).stdout.decode()
    said = lab.run(*QUESTIONS[program], "-b", client, f"@{resolver}", BLOCKED).stdout.decode()
    assert ANSWER[BLOCKED] not in said
    assert "status: NXDOMAIN" in said, "what the DNS gate would have answered"
    assert ORDER in said or program in WITHOUT_EDNS, "its explanation"


# --- for whom, and what is written down ---

def test_an_exemption_is_for_one_unit_only(lab, packet_gate):
    assert is_page(curl(lab, BLOCKED, source=LABORATORY), BLOCKED)
    assert is_page(curl(lab, BLOCKED, source=LABORATORY6, address=WEB6), BLOCKED)
    assert not is_page(curl(lab, BLOCKED, source=CLIENT), BLOCKED)
    assert not is_page(curl(lab, BLOCKED, source=FINANCE), BLOCKED)
    assert is_page(curl(lab, BLOCKED, source=LABORATORY), BLOCKED)


# --- places in the network ---

def is_reset(lab, name):
    """Whether a client that says the name is told at once that it is over."""
    with lab.client.socket(socket.SOCK_STREAM, CLIENT) as s:
        s.settimeout(SECONDS)
        s.connect((WEB, HTTPS))
        s.sendall(tls_hello.plain(name))
        try:
            s.recv(1)
        except ConnectionResetError:
            return True
    return False


@pytest.mark.parametrize("other_lab", ["bridged", "host"], indirect=True)
def test_a_bridge_and_the_host_itself_block_as_a_router_does(other_lab, tmp_path):
    agency = PacketAgency(other_lab)
    try:
        assert is_page(curl(other_lab, BLOCKED), BLOCKED)
        agency.start()
        for client in ("curl, TLS 1.2", "curl, TLS 1.3", "curl, IPv6", "openssl, mail"):
            assert not TLS_CLIENTS[client](other_lab, BLOCKED, tmp_path)
            assert TLS_CLIENTS[client](other_lab, NEIGHBOUR, tmp_path)
        assert is_reset(other_lab, BLOCKED) and not is_reset(other_lab, NEIGHBOUR)
        counters = agency.counters()
        assert counters["resets"] > 0
        assert counters["send_failed"] == 0
        assert is_page(curl(other_lab, BLOCKED, source=LABORATORY), BLOCKED)
        assert CONTACT.encode() in curl(other_lab, BLOCKED, scheme="http").stdout
        assert ANSWER[BLOCKED] not in other_lab.run("dig", "+time=2", "+tries=1", f"@{RESOLVER}", BLOCKED).stdout.decode()
        assert agency.stop() == 0
        assert is_page(curl(other_lab, BLOCKED), BLOCKED), "no rule is left behind"
    finally:
        agency.close()


@pytest.mark.parametrize("other_lab", ["bridged"], indirect=True)
@pytest.mark.parametrize("size", [0, 6000], ids=["one packet", "several"])
@pytest.mark.parametrize("client, server", [(CLIENT, OTHER), (CLIENT6, OTHER6)], ids=["IPv4", "IPv6"])
def test_through_a_bridge_the_server_is_told_of_a_hello_of_several_packets(other_lab, size, client, server):
    """Which the kernel has joined and will cut again, so that no reset can take its place."""
    agency = PacketAgency(other_lab)
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    try:
        agency.start()
        with other_lab.server.entered():
            listener = socket.create_server((server, 8443), family=family)
        with listener, other_lab.client.socket(socket.SOCK_STREAM, client) as s:
            s.settimeout(SECONDS)
            s.connect((server, 8443))
            accepted = listener.accept()[0]
            accepted.settimeout(SECONDS)
            s.sendall(tls_hello.plain(BLOCKED, size=size))
            for end in s, accepted:
                with end, pytest.raises(ConnectionResetError):
                    end.recv(1)
        counters = agency.counters()
        assert counters["resets"] == 1 and counters["send_failed"] == 0
    finally:
        agency.close()


def test_evidence_holds(lab, packet_gate):
    assert curl(lab, BLOCKED, address=OTHER).returncode
    packet_gate.recorded("--name", BLOCKED)
    done = packet_gate.verify()
    assert done.returncode == 0, done.stdout + done.stderr
