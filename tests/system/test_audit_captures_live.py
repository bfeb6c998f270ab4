"""Captures of programs that people use: the names in them are those that tshark finds, flow for flow, and what is listed is
found."""
import collections
import json
import shutil
import subprocess

import captured
import mmdb
import pytest

from captured import compare, names_in
from packet_lab import CLIENT, CLIENT6, LABORATORY6, WEB
from packet_servers import H2C, NEIGHBOUR
from writ import BLOCKED, FOUND, PROGRAM

CLIENTS = {CLIENT, CLIENT6, LABORATORY6}  # programs that are not told take the last of their system's addresses
DECODING = ("-d", f"tcp.port=={H2C},http2")  # where tshark knows the protocol by its port only
pytestmark = pytest.mark.skipif(not (shutil.which("tshark") and shutil.which("dumpcap") and shutil.which("tcpdump")),
                                reason="tshark or tcpdump is not installed")


@pytest.fixture(scope="module")
def recording(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("captures")
    with captured.Recording(lab, folder) as made:
        captured.visit_all(lab, folder, (BLOCKED, NEIGHBOUR))
    return made


@pytest.fixture(scope="module", params=captured.WRITERS)
def capture(recording, request):
    return recording.files[request.param]


def audit(agency, *words):
    done = subprocess.run([PROGRAM, "audit", "--config", agency.directory / "writ.yaml", *words], capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == FOUND, done.stderr
    return done.stdout


def test_the_names_are_those_that_tshark_finds_flow_for_flow(capture):
    theirs, ours = set(compare.tshark_names(capture, None, DECODING)), names_in(capture)
    assert {kind for _, kind, _ in theirs} >= set(compare.KINDS) - (set() if captured.is_possible("ngtcp2") else {"quic"})
    assert ours - theirs == set(), "tshark does not find it"
    assert theirs - ours == set(), "Writ does not find it"


def test_every_program_named_both_names(recording, capture):
    """So that nothing is compared with nothing."""
    flows = collections.Counter(name for _, _, name in names_in(capture))
    visits = sum(map(captured.is_possible, captured.VISITS))
    assert flows[BLOCKED] >= visits and flows[NEIGHBOUR] >= visits


def test_an_audit_finds_what_is_listed_and_shows_nothing_else(lab_agency, capture):
    text = audit(lab_agency, "--json", "--reveal", capture)
    told = json.loads(text)
    source, = told["sources"]
    assert source["not_understood"] == 0 and source["problem"] is None
    assert NEIGHBOUR not in text
    found = {f["subject"]: f for f in told["findings"] if f["product"] == "deepseek"}
    assert set(found) == CLIENTS
    assert all(f["what"] == BLOCKED and f["proves"] == "use" for f in found.values())
    flows = [flow for flow, _, name in names_in(capture) if name == BLOCKED]
    assert sum(f["count"] for f in found.values()) >= len(flows)


def test_bytes_are_those_of_the_flows_that_carry_it(lab_agency, capture):
    """As tshark adds up the packets of the same flows."""
    told = json.loads(audit(lab_agency, "--json", "--reveal", capture))
    flows = {flow for flow, _, name in names_in(capture) if name == BLOCKED}
    done = subprocess.run(["tshark", "-n", "-r", capture, "-T", "fields", "-E", "separator=/t", *sum(
        (["-e", f] for f in ("ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport", "udp.srcport",
                             "udp.dstport", "ip.len", "ipv6.plen")), [])], capture_output=True, text=True, check=True)
    up, down = collections.Counter(), collections.Counter()
    for line in done.stdout.splitlines():
        a4, b4, a6, b6, ta, tb, ua, ub, length4, length6 = line.split("\t")
        source, target, ports = a4 or a6, b4 or b6, (ta or ua, tb or ub)
        if not source or not ports[0] or compare.flow_of(source, ports[0], target, ports[1]) not in flows:
            continue
        size = int(length4) if length4 else int(length6) + 40
        if source in CLIENTS:
            up[source] += size
        else:
            down[target] += size
    for f in told["findings"]:
        if f["product"] == "deepseek":
            # what came before the packet that completes the name is not counted
            assert up[f["subject"]] * 3 // 5 < f["bytes_up"] <= up[f["subject"]]
            assert down[f["subject"]] * 3 // 5 < f["bytes_down"] <= down[f["subject"]]


def test_results_say_where_destinations_are(lab_agency, capture, tmp_path):
    mmdb.write(tmp_path / "country.mmdb", "198.51.100.0/24", {"country": {"iso_code": "CN"}})
    mmdb.write(tmp_path / "network.mmdb", f"{WEB}/32",
               {"autonomous_system_number": 64500, "autonomous_system_organization": "Example"})
    lab_agency.settings["packet"]["places"] = {kind: str(tmp_path / f"{kind}.mmdb") for kind in ("country", "network")}
    lab_agency.write()
    told = json.loads(audit(lab_agency, "--json", "--reveal", capture))
    first = next(f for f in told["findings"] if f["product"] == "deepseek" and f["subject"] == CLIENT)
    # not the resolver, though it was asked before
    assert (first["destination"], first["country"], first["network"]) == (WEB, "CN", "AS64500 Example")
    table = audit(lab_agency, capture)
    assert "COUNTRY" in table and "AS64500 Example" in table
    assert "\"CN\",\"AS64500 Example\"" in audit(lab_agency, "--csv", capture)
    del lab_agency.settings["packet"]["places"]
    lab_agency.write()
    assert "COUNTRY" not in audit(lab_agency, capture)


def test_a_database_that_cannot_be_read_hides_no_finding(lab_agency, capture, tmp_path):
    (tmp_path / "bad.mmdb").write_bytes(b"no database")
    lab_agency.settings["packet"]["places"] = {"country": str(tmp_path / "bad.mmdb")}
    lab_agency.write()
    done = subprocess.run([PROGRAM, "audit", "--config", lab_agency.directory / "writ.yaml", capture], capture_output=True,
                          text=True, timeout=120)
    assert done.returncode == FOUND and BLOCKED in done.stdout
    assert "bad.mmdb" in done.stderr
    del lab_agency.settings["packet"]["places"]
    lab_agency.write()
