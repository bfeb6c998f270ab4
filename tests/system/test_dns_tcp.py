"""DNS over TCP (RFC 7766): many queries on a connection, and clients that are slow, silent or wrong."""
import random
import socket
import struct
import time

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest

from network import CLIENT, FINANCE, STRANGERS, framed, read_framed
from test_dns_block import assert_answered, assert_blocked
from writ import wait_for


def query(number, name="chat.deepseek.com", kind="A"):
    return dns.message.make_query(name, kind, id=number, use_edns=0).to_wire()


def is_closed(s):
    try:
        return s.recv(65536) == b""
    except ConnectionResetError:
        return True


def assert_alive(agency):
    assert_blocked(agency.query("chat.deepseek.com"))
    assert_answered(agency.query("www.unlisted.example", tcp=True), "192.0.2.80")
    assert all(r["restarts"] == 0 and r["state"] == "ready" for r in agency.status()["roles"])


@pytest.mark.parametrize("piece", [None, 1, 7, 1000])
def test_a_hundred_queries_at_once_on_a_connection_are_all_answered(agency, piece):
    names = ["chat.deepseek.com", "www.unlisted.example", "none.unlisted.example", "big07.unlisted.example",
             "observed.example"]
    data = b"".join(framed(query(i, names[i % len(names)])) for i in range(100))
    with agency.tcp() as s:
        for at in range(0, len(data), piece or len(data)):
            s.sendall(data[at:at + (piece or len(data))])
        answers = [dns.message.from_wire(read_framed(s)) for _ in range(100)]
    assert sorted(a.id for a in answers) == list(range(100))
    for answer in answers:
        assert answer.question[0].name.to_text(omit_final_dot=True) == names[answer.id % len(names)]
        assert (answer.rcode() == dns.rcode.NXDOMAIN) == (answer.id % len(names) in (0, 2))


def test_a_blocked_name_need_not_wait_for_a_resolved_one(agency):
    with agency.tcp() as s:
        s.sendall(framed(query(1, "fresh.wild.unlisted.example")) + framed(query(2)))
        assert {dns.message.from_wire(read_framed(s)).id for _ in range(2)} == {1, 2}


def test_a_client_that_reads_late_loses_nothing(agency):
    count, size = 60, 60000
    agency.query("big60.unlisted.example", "TXT", tcp=True)
    with agency.tcp(FINANCE) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.sendall(b"".join(framed(query(i, "big60.unlisted.example", "TXT")) for i in range(count)))
        time.sleep(0.5)
        assert_alive(agency)
        got = [read_framed(s) for _ in range(count)]
    assert sorted(struct.unpack("!H", a[:2])[0] for a in got) == list(range(count))
    assert all(len(a) > size for a in got)


def test_a_client_that_goes_away_before_its_answers_harms_nobody(agency):
    for _ in range(30):
        with agency.tcp() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.sendall(b"".join(framed(query(i, "big60.unlisted.example", "TXT")) for i in range(20)))
    assert_alive(agency)


def started(agency, **limits):
    agency.settings["dns"].update(tcp=limits, workers=1)
    agency.write()
    return agency.start()


@pytest.fixture
def impatient(other_agency):
    return started(other_agency, idle="1500 ms")


@pytest.mark.parametrize("begin", [b"", b"\0", b"\0\x1d", framed(query(1))[:20]],
                         ids=["nothing", "half a length", "a length", "half a query"])
def test_a_connection_on_which_nothing_happens_is_closed(impatient, begin):
    began = time.monotonic()
    with impatient.tcp() as s:
        s.sendall(begin)
        assert is_closed(s)
        assert time.monotonic() - began > 1
    wait_for("the count", lambda: impatient.counters()["tcp_idle"] == 1)
    assert_alive(impatient)


def test_a_client_that_sends_a_byte_at_a_time_is_answered(agency):
    with agency.tcp() as s:
        for byte in framed(query(7)):
            s.sendall(bytes([byte]))
            time.sleep(0.02)
        assert_blocked(dns.message.from_wire(read_framed(s)))


def test_one_client_cannot_take_all_connections(other_agency):
    gate = started(other_agency, idle="60 s", connections_per_client=8)
    opened = [gate.tcp() for _ in range(12)]
    try:
        wait_for("turning away", lambda: gate.counters()["tcp_turned_away"] == 4)
        answers = 0
        for s in opened:
            try:
                s.sendall(framed(query(1)))
                answers += bool(read_framed(s))
            except (EOFError, ConnectionError):
                pass
        assert answers == 8
        assert_blocked(gate.query("chat.deepseek.com", source=FINANCE, tcp=True))
    finally:
        for s in opened:
            s.close()
    wait_for("closing", lambda: gate.counters()["tcp_connections"] == 0)
    assert_blocked(gate.query("chat.deepseek.com", tcp=True))


def test_hundreds_of_silent_connections_of_many_clients_leave_room_for_udp(agency):
    opened = []
    try:
        for source in (CLIENT, FINANCE, *STRANGERS[3:]):
            for _ in range(20):
                opened.append(agency.tcp(source))
        assert_blocked(agency.query("chat.deepseek.com"))
        assert_answered(agency.query("www.unlisted.example"), "192.0.2.80")
        wait_for("the connections", lambda: agency.counters()["tcp_connections"] > 100)
    finally:
        for s in opened:
            s.close()
    wait_for("closing", lambda: agency.counters()["tcp_connections"] == 0)


@pytest.mark.parametrize("data", [b"\0\0", b"\xff\xff" + b"x" * 70000, b"\x7f\xff", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
                         ids=["zero", "largest", "large", "http"])
def test_an_impossible_length_ends_the_connection(agency, data):
    before = agency.counters()["tcp_malformed"]
    with agency.tcp() as s:
        try:
            s.sendall(data)
            assert is_closed(s)
        except (BrokenPipeError, ConnectionResetError):
            pass
    wait_for("the count", lambda: agency.counters()["tcp_malformed"] == before + 1)
    assert_alive(agency)


def test_queries_before_an_impossible_length_are_answered(agency):
    with agency.tcp() as s:
        s.sendall(framed(query(1)) + framed(query(2)) + b"\0\0")
        assert {dns.message.from_wire(read_framed(s)).id for _ in range(2)} == {1, 2}
        assert is_closed(s)


def test_a_client_that_closes_its_half_still_gets_what_is_decided(agency):
    with agency.tcp() as s:
        s.sendall(framed(query(1)))
        s.shutdown(socket.SHUT_WR)
        assert_blocked(dns.message.from_wire(read_framed(s)))
        assert is_closed(s)


def test_a_client_that_closes_its_half_still_gets_what_must_be_asked_for(agency):
    with agency.tcp() as s:
        s.sendall(b"".join(framed(query(i, f"half{i}.wild.unlisted.example")) for i in range(20)))
        s.shutdown(socket.SHUT_WR)
        assert {dns.message.from_wire(read_framed(s)).id for _ in range(20)} == set(range(20))
        assert is_closed(s)


def test_the_idle_time_that_clients_are_told_shrinks_as_places_run_out(other_agency):
    started(other_agency, idle="10 s", connections=20, connections_per_client=20)

    def told():
        ask = dns.message.make_query("www.unlisted.example", "A", use_edns=0, options=[dns.edns.GenericOption(11, b"")])
        answer = other_agency.send(ask, tcp=True)
        return next(int.from_bytes(o.data, "big") for o in answer.options if o.otype == 11)

    assert told() == 100
    opened = [other_agency.tcp() for _ in range(15)]
    try:
        wait_for("the connections", lambda: other_agency.counters()["tcp_connections"] == 15)
        assert told() == 25
    finally:
        for s in opened:
            s.close()


def test_garbage_on_many_connections_harms_nobody(agency):
    rng = random.Random(3)
    for _ in range(200):
        with agency.tcp() as s:
            try:
                s.sendall(rng.randbytes(rng.randint(1, 3000)))
            except OSError:
                pass
    assert_alive(agency)
