"""writ audit: what Suricata writes of a capture says what the capture says."""
import collections
import datetime
import ipaddress
import json
import shutil
import socket
import subprocess

import agency as agency_module
import captured
import pytest
import suricata

from captured import compare, names_in
from packet_agency import PacketAgency
from packet_clients import SILENCE, curl, has_certificate
from packet_lab import CLIENT, FINANCE, OTHER, RESOLVER, RESOLVER6, WEB, WEB6
from packet_servers import H2C, HRR, HTTP, HTTPS, LENIENT, NEIGHBOUR, QUIC, QUIC_RETRY, RESOLVER_NAME, SMTP
from writ import BLOCKED, FOUND, PROGRAM, wait_for

HIDDEN = f"hidden.{BLOCKED}"  # asked where nobody sees it
MUTE, NAMELESS = 9443, 9444  # a port where nobody answers, and one whose server is not asked for by a name
pytestmark = [pytest.mark.skipif(not suricata.PROGRAM, reason="suricata is not installed; Debian 12 has no package of it"),
              pytest.mark.skipif(not shutil.which("tcpdump"), reason="tcpdump is not installed")]

# title: which packets of the capture, as tcpdump says it
PARTS = {
    "DNS": f"host {RESOLVER} and port 53",
    "DNS by IPv6": f"host {RESOLVER6} and port 53",
    "DNS over TLS": "tcp port 853",
    "DNS over HTTPS": f"host {RESOLVER} and tcp port {HTTPS}",
    "TLS": f"host {WEB} and tcp port {HTTPS}",
    "TLS by IPv6": f"host {WEB6} and tcp port {HTTPS}",
    "TLS, asked for another hello": f"tcp port {HRR}",
    "TLS behind STARTTLS": f"tcp port {SMTP}",
    "HTTP": f"host {WEB} and tcp port {HTTP}",
    "HTTP by IPv6": f"host {WEB6} and tcp port {HTTP}",
    "HTTP with a body": f"tcp port {LENIENT}",
    "HTTP/2 in the clear": f"tcp port {H2C}",
}
HAS_QUIC = captured.is_possible("ngtcp2") and suricata.is_all_of_quic_read()
if HAS_QUIC:
    PARTS |= {
        "QUIC": f"host {WEB} and udp port {QUIC}",
        "QUIC by IPv6": f"host {WEB6} and udp port {QUIC}",
        "QUIC, sent back once": f"udp port {QUIC_RETRY}",
    }
KINDS = set(compare.KINDS) - (set() if HAS_QUIC else {"quic"})


@pytest.fixture(scope="module")
def capture(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("suricata")
    with captured.Recording(lab, folder, ("tcpdump",)) as made:
        captured.visit_all(lab, folder, (BLOCKED, NEIGHBOUR))
        for way in ("+tls", "+https=/dns-query"):
            done = lab.run("kdig", way, f"+tls-sni={RESOLVER_NAME}", "+timeout=20", "+retry=0", f"@{RESOLVER}", HIDDEN)
            assert b"NXDOMAIN" in done.stdout, done.stderr
        for _ in range(2):
            curl(lab, NEIGHBOUR, address=OTHER)
        with lab.server.socket(socket.SOCK_STREAM, OTHER, MUTE) as mute:
            mute.listen()
            curl(lab, BLOCKED, "--max-time", SILENCE, address=OTHER, port=MUTE)
        visit_by_address(lab)
    return made.files["tcpdump"]


def visit_by_address(lab):
    """Of a server whose certificate is the blocked name's, in a version of TLS that shows it."""
    at = f"{OTHER}:{NAMELESS}"
    certificate, key = lab.servers.files[BLOCKED]
    lab.spawn(lab.server, "openssl", "s_server", "-quiet", "-accept", at, "-cert", certificate, "-key", key,
              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for("the server without a name", lambda: lab.servers.listens(OTHER, NAMELESS))
    done = lab.run("openssl", "s_client", "-connect", at, "-bind", f"{FINANCE}:0", "-noservername", "-tls1_2", "-brief")
    assert has_certificate(done, BLOCKED), done.stderr


@pytest.fixture(scope="module")
def part(capture, tmp_path_factory):
    """Of the capture, by its title or as tcpdump says it; and what Suricata writes of it."""
    folder, made = tmp_path_factory.mktemp("parts"), {}

    def get(title):
        if title not in made:
            packets = folder / f"{len(made)}.pcap"
            words = ["tcpdump", "-q", "-Z", "root", "-r", capture, "-w", packets, PARTS.get(title, title)]
            subprocess.run(words, capture_output=True, check=True)
            made[title] = packets, suricata.read(packets, folder / f"{len(made)}")
        return made[title]
    return get


@pytest.fixture(scope="module")
def eve(capture, tmp_path_factory):
    return suricata.read(capture, tmp_path_factory.mktemp("whole") / "eve")


def audit(agency, source, product="deepseek", is_indirect=False):
    done = subprocess.run([PROGRAM, "audit", "--config", agency.directory / "writ.yaml", "--json", "--reveal", source],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == FOUND, done.stderr
    assert NEIGHBOUR not in done.stdout and HIDDEN not in done.stdout
    told = json.loads(done.stdout)
    (about,) = told["sources"]
    assert about["not_understood"] == 0 and about["problem"] is None, about
    return [f for f in told["findings"] if f["product"] == product and f.get("indirect", False) == is_indirect]


def saying(findings):
    """What is said but how often, when and how much."""
    return {tuple(f[key] for key in ("identifier", "what", "subject", "unit", "proves", "destination")) for f in findings}


def utc(text):
    return datetime.datetime.fromisoformat(text)


# --- EVE, read without Writ ---

def host_of(http):
    """The host that HTTP/2 asks for stands among the headers only."""
    return next((h["value"] for h in http.get("request_headers", ()) if h.get("name") == ":authority"), http.get("hostname"))


def questions_of(dns):
    """Of version 2 one an event, of version 3 all of them."""
    return [q["rrname"] for q in dns.get("queries", [dns])] if dns["type"] in ("query", "request") else []


NAMES = {
    "dns": lambda event: questions_of(event["dns"]),
    "tls": lambda event: [event["tls"].get("sni")],
    "quic": lambda event: [event["quic"].get("sni")],
    "http": lambda event: [host_of(event["http"])],
    "flow": lambda event: [],
}


def named(eve):
    """(flow, kind, name, client, time) of each event that names somebody."""
    for event in suricata.events(eve):
        client, server = (str(ipaddress.ip_address(event[end])) for end in ("src_ip", "dest_ip"))
        for name in filter(None, NAMES[event["event_type"]](event)):
            flow = compare.flow_of(client, event["src_port"], server, event["dest_port"])
            yield flow, event["event_type"], compare.without_port(name), client, utc(event["timestamp"])


def times_of(eve):
    """When each client named what is listed."""
    found = collections.defaultdict(list)
    for _, _, name, client, time in named(eve):
        if name == BLOCKED:
            found[client].append(time)
    return found


# --- the tests ---

def test_suricata_sees_the_same_names_flow_for_flow(capture, eve):
    ours = {key for key in names_in(capture) if key[1] in KINDS}
    theirs = {(flow, kind, name) for flow, kind, name, _, _ in named(eve) if kind in KINDS}
    assert theirs - ours == set(), "Writ does not find it in the capture"
    # of TLS Suricata writes when the server has said hello, too
    unanswered = {key for key in ours if MUTE in (port for _, port in key[0])}
    assert unanswered and ours - theirs == unanswered
    assert {kind for _, kind, _ in theirs} == KINDS


@pytest.mark.parametrize("title", PARTS)
def test_its_log_says_of_a_part_what_the_packets_say(lab_agency, part, title):
    packets, eve = part(title)
    ours, theirs = audit(lab_agency, packets), audit(lab_agency, eve)
    assert theirs and saying(theirs) == saying(ours)
    times = times_of(eve)
    of_packets = {f["subject"]: f for f in ours}
    for f in theirs:
        first, last = utc(f["first"]), utc(f["last"])
        assert (f["count"], first, last) == (len(times[f["subject"]]), min(times[f["subject"]]), max(times[f["subject"]]))
        same = of_packets[f["subject"]]
        # a hello of QUIC that is sent again within its flow is another one for Writ
        assert f["count"] == same["count"] or title.startswith("QUIC") and f["count"] < same["count"]
        # Suricata writes of TLS and HTTP when the server has answered; the packets of a flow go on behind the name
        assert utc(same["first"]) <= first <= last <= utc(same["last"])
        if title in ("DNS", "DNS by IPv6"):
            assert utc(same["first"]) == first
        # the bytes stand in the events of flows, which name nobody
        assert f["bytes_up"] == f["bytes_down"] == 0 < same["bytes_up"]


def test_its_log_says_of_the_whole_what_the_capture_says(lab_agency, capture, eve):
    ours, theirs = audit(lab_agency, capture), audit(lab_agency, eve)
    assert saying(theirs) == saying(ours)
    assert {f["subject"]: f["count"] for f in theirs} == {client: len(times) for client, times in times_of(eve).items()}


def test_what_encryption_hides_is_in_neither(capture, eve):
    assert HIDDEN not in eve.read_text() and HIDDEN not in {name for _, _, name in names_in(capture)}
    assert RESOLVER_NAME in eve.read_text()


def test_a_certificate_in_its_log_says_whose_server_it_was_that_no_name_was_asked_of(lab_agency, part):
    """Of a capture Writ reads no certificates."""
    packets, eve = part(f"tcp port {NAMELESS}")
    assert names_in(packets) == set()
    (f,) = audit(lab_agency, eve, is_indirect=True)
    assert (f["what"], f["subject"], f["destination"], f["proves"], f["count"]) == (BLOCKED, FINANCE, OTHER, "possible", 1)


# --- other ways to have it write ---

FLOWS = """      types:
        - flow
"""
ETHERNET = 14


def test_flows_say_who_was_at_an_address_and_how_much(lab, part, tmp_path):
    """Of a flow Suricata counts all frames, Writ packets from the one that says hello on, when it knows whom it is for. It is
    from its first packet on, also where it is logged hours after."""
    made = PacketAgency(lab)
    try:
        mark = agency_module.IDENTIFIER.format(id="other-1", kind="address", value=OTHER, match="exact")
        (made.directory / "catalogue/products/sample-observed.yaml").write_text(
            agency_module.PRODUCT.format(id="sample-observed", identifiers=mark))
        packets, _ = part(f"host {OTHER} and tcp port {HTTPS}")
        eve = suricata.read(packets, tmp_path / "eve", FLOWS)
        (ours,), (theirs,) = (audit(made, source, "sample-observed") for source in (packets, eve))
    finally:
        made.close()
    flows = [event["flow"] for event in suricata.events(eve)]
    assert saying([theirs]) == saying([ours]) and theirs["what"] == OTHER
    assert theirs["count"] == len(flows) == 2
    assert [utc(theirs["first"]), utc(theirs["last"])] == sorted(utc(flow["start"]) for flow in flows)
    assert utc(theirs["first"]) <= utc(ours["first"]) and utc(theirs["last"]) <= utc(ours["last"])
    for key, way in (("bytes_up", "toserver"), ("bytes_down", "toclient")):
        assert theirs[key] == sum(flow[f"bytes_{way}"] for flow in flows)
        of_packets = theirs[key] - ETHERNET * sum(flow[f"pkts_{way}"] for flow in flows)
        assert of_packets * 3 // 5 < ours[key] < of_packets


DNS_ONLY = """      types:
        - dns: {%s}
"""
SETTINGS = {
    "version 2": DNS_ONLY % "version: 2",
    "version 3": DNS_ONLY % "version: 3",
    "grouped answers": DNS_ONLY % "formats: [grouped]",
    "no questions": DNS_ONLY % "requests: no",
    "behind what syslog wants": '      prefix: "@cee: "\n' + DNS_ONLY % "version: 2",
    "with much more": "      community-id: true\n      ethernet: yes\n      pcap-file: true\n      metadata: yes\n" + DNS_ONLY %
                      "version: 2",
}


@pytest.mark.parametrize("how", SETTINGS)
def test_questions_are_found_however_they_are_written(lab_agency, part, tmp_path, how):
    """Each has an answer in this part: without questions the answers say who asked, and as often."""
    packets, usual = part("DNS")
    eve = suricata.read(packets, tmp_path / "eve", SETTINGS[how])
    versions = {event["dns"].get("version", 2) for event in suricata.events(eve)}
    assert versions == {suricata.version_of_dns(2 if "version: 2" in SETTINGS[how] else 3)}
    (ours,), (theirs,) = audit(lab_agency, packets), audit(lab_agency, eve)
    assert saying([theirs]) == saying([ours])
    assert theirs["count"] == ours["count"] == len(times_of(usual)[CLIENT])


ALERTS = """      types:
        - alert: {metadata: yes}
        - files
"""
RULES = """
alert dns any any -> any any (msg:"question"; dns.query; content:"deepseek"; sid:1;)
alert udp any 53 -> any any (msg:"answer"; content:"deepseek"; sid:2;)
alert tls any any -> any any (msg:"hello"; tls.sni; content:"deepseek"; sid:3;)
alert tcp any any -> any any (msg:"server's hello"; flow:to_client,established; content:"|16 03 03|"; depth:3; sid:4;)
alert http any any -> any any (msg:"page"; flow:to_client; http.stat_code; content:"200"; sid:5;)
alert quic any any -> any any (msg:"hello"; quic.sni; content:"deepseek"; sid:6;)
"""


def test_alerts_and_files_say_who_visited_whatever_they_are_about(lab_agency, capture, tmp_path):
    """A packet of the server's is no visit of the server's. How often is not compared: an alert is one a rule and packet."""
    eve = suricata.read(capture, tmp_path / "eve", ALERTS, RULES)
    events = suricata.events(eve)
    assert {e["alert"]["signature_id"] for e in events if "alert" in e} >= {1, 2, 3, 4, 5}
    assert any(e["event_type"] == "fileinfo" for e in events)
    ours, theirs = audit(lab_agency, capture), audit(lab_agency, eve)
    assert {f["subject"] for f in theirs} == {f["subject"] for f in ours}
    assert {f["what"] for f in theirs} == {BLOCKED}
    assert {f["destination"] for f in theirs} <= {WEB, WEB6, OTHER, RESOLVER, RESOLVER6}
