"""Programs that people use, through the packet gate: what is blocked, for whom, how it is told, what is recorded."""
import http.client
import re
import socket
import struct
import subprocess

import evasion
import evasion_tcp
import pytest
import raw_packets
from agency import CONTACT
from packet_agency import Browser, PacketAgency
from packet_clients import SECONDS, Visitors, curl, is_page, s_client, wget
from packet_lab import CLIENT, FINANCE, LABORATORY, LABORATORY6, OTHER, RESOLVER, RESOLVER6, WEB, WEB6
from packet_servers import (ANSWER, H2C, HRR, HTTP, HTTPS, LENIENT, NEIGHBOUR, QUIC_SERVER, RESOLVER_NAME, SECOND, SMTP)
from writ import BLOCKED, ORDER, wait_for

needs_quic = pytest.mark.skipif(not QUIC_SERVER, reason="gtlsserver (ngtcp2-server) is not installed")
needs_chromium = pytest.mark.skipif(not Browser.PROGRAM, reason="chromium is not installed")
HOUSE = {"id": "no-bypass", "product": "encrypted-dns", "reason": "House rule 7."}


# --- names in TLS ---

CLIENTS = {
    "curl, TLS 1.2": lambda lab, name, _: is_page(curl(lab, name, "--tls-max", "1.2"), name),
    "curl, TLS 1.3": lambda lab, name, _: is_page(curl(lab, name, "--tlsv1.3"), name),
    "curl, HTTP/1.1": lambda lab, name, _: is_page(curl(lab, name, "--http1.1"), name),
    "curl, IPv6": lambda lab, name, _: is_page(curl(lab, name, address=WEB6), name),
    "curl, asked for another hello": lambda lab, name, _: is_page(curl(lab, name, port=HRR), name),
    "openssl, TLS 1.2": lambda lab, name, _: b"CN = " + name.encode() in s_client(lab, name, "-tls1_2").stderr,
    "openssl, TLS 1.3": lambda lab, name, _: b"CN = " + name.encode() in s_client(lab, name, "-tls1_3").stderr,
    "openssl, mail": lambda lab, name, _: b"CN = " + name.encode() in s_client(lab, name, "-starttls", "smtp", port=SMTP).stderr,
    "wget": lambda lab, name, path: is_page(wget(lab, name, path), name),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_blocked_name_is_refused_and_neighbours_on_its_address_are_not(lab, packet_gate, client, tmp_path):
    assert not CLIENTS[client](lab, BLOCKED, tmp_path)
    assert CLIENTS[client](lab, NEIGHBOUR, tmp_path)
    assert not CLIENTS[client](lab, BLOCKED, tmp_path)
    assert CLIENTS[client](lab, SECOND, tmp_path)


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
    assert any(e["transport"] == "quic" for _, e in packet_gate.recorded("--name", BLOCKED))


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


def test_http2_in_the_clear_is_judged(lab, packet_gate):
    assert not is_page(curl(lab, BLOCKED, "--http2-prior-knowledge", scheme="http", port=H2C), BLOCKED)
    assert is_page(curl(lab, NEIGHBOUR, "--http2-prior-knowledge", scheme="http", port=H2C), NEIGHBOUR)


# --- questions to foreign resolvers ---

QUESTIONS = {
    "dig": ("dig", "+time=2", "+tries=1"),
    "dig by TCP": ("dig", "+tcp", "+time=2", "+tries=1"),
    "kdig": ("kdig", "+timeout=2", "+retry=0"),
    "kdig by TCP": ("kdig", "+tcp", "+timeout=2", "+retry=0"),
    "kdig padded": ("kdig", "+padding=256", "+timeout=2", "+retry=0"),
}


@pytest.mark.parametrize("resolver", [RESOLVER, RESOLVER6])
@pytest.mark.parametrize("program", QUESTIONS)
def test_a_foreign_resolver_is_not_asked_for_a_blocked_name(lab, packet_gate, program, resolver):
    assert ANSWER[NEIGHBOUR] in lab.run(*QUESTIONS[program], f"@{resolver}", NEIGHBOUR).stdout.decode()
    said = lab.run(*QUESTIONS[program], f"@{resolver}", BLOCKED).stdout.decode()
    assert ANSWER[BLOCKED] not in said
    assert "status: NXDOMAIN" in said, "what the DNS gate would have answered"
    assert ORDER in said, "its explanation"


TUNNELS = {
    "TLS": ("kdig", "+tls", f"+tls-sni={RESOLVER_NAME}", "+timeout=2", "+retry=0"),
    "HTTPS": ("kdig", "+https=/dns-query", f"+tls-sni={RESOLVER_NAME}", "+timeout=2", "+retry=0"),
}


def test_encrypted_questions_pass_until_they_are_forbidden(lab, packet_agency):
    def answers(way):
        return ANSWER[BLOCKED] in lab.run(*TUNNELS[way], f"@{RESOLVER}", BLOCKED).stdout.decode()
    packet_agency.start()
    assert answers("TLS") and answers("HTTPS")
    packet_agency.organisation["rules"] = [HOUSE]
    packet_agency.reload()
    assert not answers("TLS") and not answers("HTTPS")
    assert packet_agency.recorded("--name", RESOLVER_NAME)[0][1]["order"] == "own-no-bypass"
    assert is_page(curl(lab, NEIGHBOUR), NEIGHBOUR)


# --- for whom, and what is written down ---

def test_an_exemption_is_for_one_unit_only(lab, packet_gate):
    assert is_page(curl(lab, BLOCKED, source=LABORATORY), BLOCKED)
    assert is_page(curl(lab, BLOCKED, source=LABORATORY6, address=WEB6), BLOCKED)
    assert not is_page(curl(lab, BLOCKED, source=CLIENT), BLOCKED)
    assert not is_page(curl(lab, BLOCKED, source=FINANCE), BLOCKED)
    assert is_page(curl(lab, BLOCKED, source=LABORATORY), BLOCKED)


def test_an_event_says_what_was_asked_for_how_and_under_which_order(lab, packet_agency):
    packet_agency.start()
    name = f"packet.{BLOCKED}"
    assert curl(lab, name, source=FINANCE).returncode
    found, = packet_agency.recorded("--name", name)
    event = found[1]
    assert (event["gate"], event["verdict"], event["order"], event["name"]) == ("packet", "block", ORDER, name)
    assert event["transport"] == "tls" and event["unit"] == "finance" and event["product"] == "deepseek"
    assert event["destination"] == WEB


def test_nothing_that_is_allowed_is_written_down(lab, packet_agency):
    packet_agency.start()
    assert is_page(curl(lab, NEIGHBOUR), NEIGHBOUR)
    assert curl(lab, BLOCKED).returncode
    packet_agency.recorded("--name", BLOCKED)
    assert not [e for _, e in packet_agency.events() if NEIGHBOUR in str(e)]


def test_who_only_observes_lets_everything_by_and_writes_it_down(lab, packet_agency):
    packet_agency.observe_only().start()
    for scheme in ("https", "http"):
        assert is_page(curl(lab, BLOCKED, scheme=scheme), BLOCKED)
    assert ANSWER[BLOCKED] in lab.run("dig", "+short", f"@{RESOLVER}", BLOCKED).stdout.decode()
    found = packet_agency.recorded("--name", BLOCKED, count=3)
    assert {e["verdict"] for _, e in found} == {"observe"}
    assert {e["transport"] for _, e in found} >= {"tls", "http", "udp"}


def test_who_only_observes_changes_no_byte(lab, raw_host, packet_agency):
    """Every packet of a client and its server, compared behind and before the gate: only the hops are fewer."""
    packet_agency.observe_only().start()
    with lab.server.entered():
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    tap.bind(("to-hop", 3))
    tap.settimeout(2)
    way = next(w for w in evasion_tcp.TCP_WAYS if w.title == "single bytes, shuffled")
    talk = evasion.Talk(raw_host, way, BLOCKED)
    raw_host.sent = []
    way.act(talk)
    assert talk.finish()
    sent, raw_host.sent = [p for p in raw_host.sent if talk.tcp.source_bytes in p[:40]], None
    arrived = []
    while len(arrived) < len(sent):
        data, about = tap.recvfrom(65536)
        if about[2] != 4 and data[12:16] == talk.tcp.source_bytes:
            arrived.append(data)
    talk.close()
    tap.close()
    assert [travelled(p, 2) for p in sent] == arrived


def travelled(packet, hops):
    """The packet so many routers on."""
    head = packet[:8] + bytes([packet[8] - hops]) + packet[9:10] + b"\0\0" + packet[12:20]
    return head[:10] + struct.pack("!H", raw_packets.checksum(head)) + head[12:] + packet[20:]


# --- under load ---

def test_a_reload_under_load_changes_the_verdict_of_the_next_flow_and_loses_none(lab, packet_agency):
    packet_agency.observe_only().start()
    with Visitors(lab, BLOCKED, NEIGHBOUR) as visitors:
        for mode in ("enforce", "observe", "enforce"):
            packet_agency.organisation["adoptions"][0]["mode"] = mode
            packet_agency.reload()
            for _ in range(5):
                assert visitors.is_answered(BLOCKED) == (mode == "observe")
                assert visitors.is_answered(NEIGHBOUR)
        wait_for("visits", lambda: visitors.answered[NEIGHBOUR] > 50 and visitors.refused[BLOCKED] > 20)
    assert visitors.refused[NEIGHBOUR] == 0
    assert visitors.answered[BLOCKED] > 0


# --- places in the network ---

@pytest.mark.parametrize("other_lab", ["bridged", "host"], indirect=True)
def test_a_bridge_and_the_host_itself_block_as_a_router_does(other_lab, tmp_path):
    agency = PacketAgency(other_lab)
    try:
        assert is_page(curl(other_lab, BLOCKED), BLOCKED)
        agency.start()
        for client in ("curl, TLS 1.2", "curl, TLS 1.3", "curl, IPv6", "openssl, mail"):
            assert not CLIENTS[client](other_lab, BLOCKED, tmp_path)
            assert CLIENTS[client](other_lab, NEIGHBOUR, tmp_path)
        assert is_page(curl(other_lab, BLOCKED, source=LABORATORY), BLOCKED)
        assert CONTACT.encode() in curl(other_lab, BLOCKED, scheme="http").stdout
        assert ANSWER[BLOCKED] not in other_lab.run("dig", "+time=2", "+tries=1", f"@{RESOLVER}", BLOCKED).stdout.decode()
        assert agency.stop() == 0
        assert is_page(curl(other_lab, BLOCKED), BLOCKED), "no rule is left behind"
    finally:
        agency.close()


def test_evidence_holds(lab, packet_gate):
    assert curl(lab, BLOCKED, address=OTHER).returncode
    packet_gate.recorded("--name", BLOCKED)
    done = packet_gate.verify()
    assert done.returncode == 0, done.stdout + done.stderr
