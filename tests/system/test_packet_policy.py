"""What the packet gate does when its policy is another: observed only, with rules of the house, exchanged under load."""
import socket
import struct

import evasion
import evasion_tcp
import raw_packets
from packet_clients import SECONDS, Visitors, curl, is_page
from packet_lab import FINANCE, RESOLVER, WEB
from packet_servers import ANSWER, NEIGHBOUR, RESOLVER_NAME
from writ import BLOCKED, ORDER, PATIENCE, wait_for

HOUSE = {"id": "no-bypass", "product": "encrypted-dns", "reason": "House rule 7."}
TUNNELS = {
    "TLS": ("kdig", "+tls", f"+tls-sni={RESOLVER_NAME}", f"+timeout={SECONDS}", "+retry=0"),
    "HTTPS": ("kdig", "+https=/dns-query", f"+tls-sni={RESOLVER_NAME}", f"+timeout={SECONDS}", "+retry=0"),
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
    tap.settimeout(PATIENCE)
    way = next(w for w in evasion_tcp.TCP_WAYS if w.title == "pieces of 8 bytes, backwards")
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
