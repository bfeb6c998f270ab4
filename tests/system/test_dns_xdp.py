"""The way around the socket layer: what goes it, what does not, and what happens when it ends or cannot be.

Each test has a gate of its own on the veth of the network; what went which way is told by the gate's counters.
"""
import os
import shutil
import signal
import socket
import struct
import subprocess

import dns.flags
import dns.message
import dns.rcode
import pytest

import writ
from network import CLIENT, CLIENT6, GATE, STRANGER
from writ import BLOCKED, wait_for

ALLOWED = "www.unlisted.example"


@pytest.fixture
def xdp(other_agency):
    """A gate that has to answer through AF_XDP."""
    other_agency.settings["dns"]["xdp"] = {"mode": "required"}
    other_agency.write()
    try:
        other_agency.start()
    except AssertionError as refused:
        for reason in ("this build is without it", "its driver cannot", "not permitted"):
            if reason in str(refused):
                pytest.skip(f"no AF_XDP here: {reason}")
        raise
    return other_agency


def ways(gate):
    """How many queries came over UDP, and how many of them around the socket layer."""
    counters = gate.counters()
    return counters["queries_udp"], counters["queries_xdp"]


def interface(gate):
    lines = subprocess.run(["ip", "-n", gate.network.gate.name, "-o", "addr", "show", "to", GATE[4]],
                           capture_output=True, text=True, check=True).stdout
    return lines.split()[1]


def said(gate, *words):
    return [line for line in gate.stderr().splitlines() if all(word in line for word in words)]


@pytest.mark.parametrize("source", [CLIENT, CLIENT6])
def test_blocked_cached_and_unknown_names_are_answered(xdp, source):
    blocked = xdp.query(BLOCKED, source=source)
    assert blocked.rcode() == dns.rcode.NXDOMAIN and blocked.options
    first = xdp.query(ALLOWED, source=source)  # by the upstream: later, through the socket
    second = xdp.query(ALLOWED, source=source)
    assert [str(a[0]) for a in first.answer] == [str(a[0]) for a in second.answer] == ["192.0.2.80"]
    assert ways(xdp) == (3, 3)
    counters = xdp.counters()
    assert (counters["blocked"], counters["cache_misses"], counters["cache_hits"]) == (1, 1, 1)


def test_an_answer_looks_alike_on_both_ways(xdp, network, authority):
    """Addresses, ports and bytes; the sockets of the client check the sums."""
    query = dns.message.make_query(BLOCKED, "AAAA", use_edns=0, payload=1232, want_dnssec=True)
    around = xdp.exchange(query.to_wire())
    assert ways(xdp) == (1, 1)
    xdp.stop()
    xdp.settings["dns"]["xdp"] = {"mode": "off"}
    xdp.write()
    xdp.start()
    through = xdp.exchange(query.to_wire())
    assert ways(xdp) == (1, 0)
    # the reference is made anew with each start
    assert dns.message.from_wire(around).authority == dns.message.from_wire(through).authority
    assert len(around) == len(through)


def test_tcp_goes_to_the_kernel(xdp):
    assert xdp.query(BLOCKED, tcp=True).rcode() == dns.rcode.NXDOMAIN
    assert ways(xdp) == (0, 0)
    assert xdp.counters()["queries_tcp"] == 1


@pytest.mark.parametrize("source", [CLIENT, CLIENT6])
def test_too_large_an_answer_is_truncated(xdp, source):
    for payload, is_cut in ((512, True), (1232, False)):
        for _ in range(2):  # from the upstream, then from the cache
            answer = xdp.query("big07.unlisted.example", "TXT", source=source, payload=payload)
            assert bool(answer.flags & dns.flags.TC) == is_cut
    large = xdp.query("big3.unlisted.example", "TXT", source=source, payload=4096)
    assert large.flags & dns.flags.TC
    assert ways(xdp) == (5, 5)


def test_an_answer_fits_the_interface(xdp, network):
    """Of an interface with a small MTU: what does not fit is truncated, not lost."""
    xdp.stop()
    name = interface(xdp)
    network.gate.run("ip", "link", "set", name, "mtu", "700")
    try:
        xdp.settings["dns"]["listen"] = [f"{GATE[4]}:{xdp.port}"]
        xdp.write()
        xdp.start()
        xdp.query("big07.unlisted.example", "TXT", payload=1232)
        answer = xdp.query("big07.unlisted.example", "TXT", payload=1232)
        assert answer.flags & dns.flags.TC and ways(xdp) == (2, 2)
        assert not xdp.query("big07.unlisted.example", "TXT", tcp=True).flags & dns.flags.TC
    finally:
        network.gate.run("ip", "link", "set", name, "mtu", "1500")
        # below 1280 the interface has lost its IPv6 addresses
        network.gate.address(name, f"{GATE[6]}/48")
        network.gate.run("ip", "route", "replace", "2001:db8:bad::/48", "dev", name)


def test_fragments_go_to_the_kernel(xdp, network):
    query = dns.message.make_query(BLOCKED, "A", use_edns=0)
    query.use_edns(options=[dns.edns.GenericOption(65001, b"x" * 1700)])
    wire = query.to_wire(max_size=4096)
    assert len(wire) > 1500
    answer = dns.message.from_wire(xdp.exchange(wire))
    assert answer.rcode() == dns.rcode.NXDOMAIN
    assert ways(xdp) == (1, 0)


def test_options_of_ip_go_to_the_kernel(xdp):
    with xdp.udp() as s:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([1, 1, 1, 0]))
        s.send(dns.message.make_query(BLOCKED, "A").to_wire())
        assert dns.message.from_wire(s.recv(4096)).rcode() == dns.rcode.NXDOMAIN
    assert ways(xdp) == (1, 0)


def test_other_ports_and_addresses_are_not_touched(xdp, network):
    with network.gate.socket(socket.SOCK_DGRAM, GATE[4], 4053) as other:
        with network.client.socket(socket.SOCK_DGRAM, CLIENT) as s:
            s.sendto(b"not for the gate", (GATE[4], 4053))
        assert other.recv(100) == b"not for the gate"
    assert ways(xdp) == (0, 0)


def test_strangers_are_refused(xdp):
    assert xdp.query(BLOCKED, source=STRANGER).rcode() == dns.rcode.REFUSED
    assert ways(xdp) == (1, 1)


def test_a_datagram_with_a_wrong_sum_is_not_answered(xdp, network):
    query = dns.message.make_query(BLOCKED, "A").to_wire()
    with network.client.entered():
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    with raw:
        raw.bind((CLIENT, 0))
        raw.sendto(struct.pack("!HHHH", 4444, xdp.port, 8 + len(query), 0x1234) + query, (GATE[4], 0))
    wait_for("it is counted", lambda: xdp.counters()["malformed_cut"] == 1)
    assert ways(xdp) == (1, 1)
    assert xdp.query(BLOCKED).rcode() == dns.rcode.NXDOMAIN


def test_many_clients_at_once(xdp):
    """More than a batch, and more than there are frames."""
    query = dns.message.make_query(BLOCKED, "A", use_edns=0)
    sockets = [xdp.udp() for _ in range(64)]
    try:
        for number in range(50):
            for i, s in enumerate(sockets):
                query.id = number * 100 + i
                s.send(query.to_wire())
            for i, s in enumerate(sockets):
                answer = dns.message.from_wire(s.recv(4096))
                assert answer.id == number * 100 + i and answer.rcode() == dns.rcode.NXDOMAIN
    finally:
        for s in sockets:
            s.close()
    assert ways(xdp) == (3200, 3200)


def test_a_killed_role_leaves_the_interface_to_the_sockets_and_takes_it_again(xdp, network):
    def filtered():
        return "xdp" in subprocess.run(["ip", "-n", network.gate.name, "link", "show", "dev", name],
                                       capture_output=True, text=True, check=True).stdout
    name = interface(xdp)
    assert filtered()
    before = xdp.role("dns")["pid"]
    os.kill(before, signal.SIGSTOP)  # it answers nothing, and frames wait with it
    os.kill(before, signal.SIGKILL)
    wait_for("another", lambda: xdp.is_ready() and xdp.role("dns")["pid"] not in (0, before))
    assert xdp.query(BLOCKED).rcode() == dns.rcode.NXDOMAIN
    assert filtered() and len(said(xdp, "answers through AF_XDP")) == 2
    xdp.stop()
    assert not filtered()


def test_an_interface_that_was_down_is_answered_again(xdp, network):
    name = interface(xdp)
    assert xdp.query(BLOCKED).rcode() == dns.rcode.NXDOMAIN
    network.gate.run("ip", "link", "set", name, "down")
    network.gate.run("ip", "link", "set", name, "up")
    # the addresses of IPv6 and its routes went with it
    network.gate.address(name, f"{GATE[6]}/48")
    network.gate.run("ip", "route", "replace", "198.51.0.0/16", "dev", name)
    network.gate.run("ip", "route", "replace", "2001:db8:bad::/48", "dev", name)
    assert xdp.query(BLOCKED).rcode() == dns.rcode.NXDOMAIN
    assert ways(xdp) == (2, 2)


def test_a_wildcard_hears_all_addresses_of_the_machine(xdp):
    xdp.stop()
    xdp.settings["dns"]["listen"] = [f"0.0.0.0:{xdp.port}", f"[::]:{xdp.port}"]
    xdp.write()
    xdp.start()
    for source in (CLIENT, CLIENT6):
        assert xdp.query(ALLOWED, source=source).answer  # the socket's answer leaves from the right address
        assert xdp.query(BLOCKED, source=source).rcode() == dns.rcode.NXDOMAIN
    assert ways(xdp) == (4, 4)


def test_by_default_it_is_chosen_where_the_interface_allows(xdp):
    xdp.stop()
    del xdp.settings["dns"]["xdp"]
    xdp.write()
    xdp.start()
    assert said(xdp, "info", interface(xdp), "answers through AF_XDP")
    assert xdp.query(BLOCKED).rcode() == dns.rcode.NXDOMAIN
    assert ways(xdp) == (1, 1)


def test_a_packet_filter_is_not_passed_by_unasked(xdp, network):
    if not shutil.which("nft", path="/usr/sbin:/usr/bin"):
        pytest.skip("nft (nftables) is not installed")
    xdp.stop()
    xdp.settings["dns"]["xdp"] = {"mode": "auto"}
    xdp.write()
    network.gate.run("nft", "add table inet t; add chain inet t c { type filter hook input priority 0; }")
    try:
        xdp.start()
        assert said(xdp, "info", interface(xdp), "answers through sockets", "filters packets")
        assert xdp.query(BLOCKED).rcode() == dns.rcode.NXDOMAIN
        assert ways(xdp) == (1, 0)
    finally:
        network.gate.run("nft", "delete table inet t")


def test_where_it_cannot_be_sockets_answer(other_agency, network):
    """A bridge has no driver that could."""
    network.gate.run("ip", "link", "add", "plain0", "type", "bridge")
    try:
        network.gate.address("plain0", "10.54.0.1/24")
        network.gate.run("ip", "link", "set", "plain0", "up")
        other_agency.settings["dns"]["xdp"] = {"mode": "auto", "interfaces": ["plain0", "absent0"]}
        other_agency.write()
        other_agency.start()
        assert said(other_agency, "info", "plain0", "answers through sockets")
        assert said(other_agency, "info", "absent0", "answers through sockets")
        assert other_agency.query(BLOCKED).rcode() == dns.rcode.NXDOMAIN
        assert ways(other_agency) == (1, 0)
    finally:
        network.gate.run("ip", "link", "del", "plain0")


def test_what_is_required_and_cannot_be_is_refused(other_agency):
    other_agency.settings["dns"]["xdp"] = {"mode": "required", "interfaces": ["absent0"]}
    other_agency.write()
    done = other_agency.run(preexec_fn=other_agency.network.gate.enter)
    assert done.returncode == writ.USAGE
    assert "absent0" in done.stderr and "required" in done.stderr


def test_a_library_that_is_too_old_is_said_to_be_so(xdp, tmp_path):
    """One that lacks what is called."""
    xdp.stop()
    subprocess.run(["cc", "-shared", "-o", tmp_path / "libbpf.so.1", "-xc", "/dev/null"], check=True)
    done = xdp.run(preexec_fn=xdp.network.gate.enter, env={**os.environ, "LD_LIBRARY_PATH": str(tmp_path)})
    assert done.returncode == writ.USAGE
    assert "libbpf or libxdp is too old" in done.stderr


def test_off_is_off(xdp):
    xdp.stop()
    xdp.settings["dns"]["xdp"] = {"mode": "off"}
    xdp.write()
    xdp.start()
    assert xdp.query(BLOCKED).rcode() == dns.rcode.NXDOMAIN
    assert ways(xdp) == (1, 0)
