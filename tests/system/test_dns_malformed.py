"""Packets that no client should send: what is said, what is not said, what is counted; and it goes on."""
import random
import struct

import dns.message
import dns.rcode
import pytest

from network import STRANGER, framed
from test_dns_edns import opt, option
from test_dns_tcp import assert_alive

SILENCE, FORMERR, NOTIMP, REFUSED, NOTAUTH = None, 1, 4, 5, 9
BADVERS = 16
A, ANY, IN = b"\0\1", b"\0\xff", b"\0\1"
WWW = b"\3www\x08unlisted\7example\0"
CHAT = b"\4chat\x08deepseek\3com\0"


def header(flags=0x0100, counts=(1, 0, 0, 0), number=0x1234):
    return struct.pack("!HHHHHH", number, flags, *counts)


def packet(name=WWW, end=A + IN, extra=b"", **fields):
    return header(**fields) + name + end + extra


def record(owner=b"\0", kind=1, klass=1, ttl=0, data=b"\x7f\0\0\1", size=None):
    return owner + struct.pack("!HHIH", kind, klass, ttl, len(data) if size is None else size) + data


def with_extra(extra, count=1, **fields):
    return packet(extra=extra, counts=(1, 0, 0, count), **fields)


POINTER = b"\xc0\x0c"
LONG = b"".join(b"\x3f" + b"a" * 63 for _ in range(4)) + b"\0"
SIGNATURE = record(b"\3key\0", 250, 255, 0, b"\x08hmac-md5\0" + b"\0" * 6 + b"\1\x2c\0\0" + b"\x12\x34\0\0\0\0")

# what each is, its bytes, what is answered
CASES = {
    "nothing": (b"", SILENCE),
    "one byte": (b"\x12", SILENCE),
    "half a header": (header()[:6], SILENCE),
    "a header short of a byte": (header()[:11], SILENCE),
    "an answer": (packet(flags=0x8180), SILENCE),
    "an answer to a blocked name": (packet(CHAT, flags=0x8580), SILENCE),
    "a header without a question": (header(counts=(0, 0, 0, 0)), FORMERR),
    "a question counted and missing": (header(), FORMERR),
    "two questions counted, one there": (packet(counts=(2, 0, 0, 0)), FORMERR),
    "two questions": (packet(counts=(2, 0, 0, 0), extra=CHAT + A + IN), FORMERR),
    "65535 questions": (packet(counts=(65535, 0, 0, 0)), FORMERR),
    "records counted and missing": (packet(counts=(1, 1, 0, 0)), FORMERR),
    "65535 records of each kind": (packet(counts=(1, 65535, 65535, 65535)), FORMERR),
    "a name without an end": (header() + b"\3www\x08unlis", FORMERR),
    "a label longer than the packet": (header() + b"\x3fwww", FORMERR),
    "a label type 01": (packet(b"\x41www\0"), FORMERR),
    "a label type 10": (packet(b"\x81www\0"), FORMERR),
    "a name of 257 bytes": (packet(LONG), FORMERR),
    "a pointer to itself": (packet(POINTER), FORMERR),
    "a pointer to the header": (packet(b"\xc0\x00"), FORMERR),
    "a pointer past the end": (packet(b"\xff\xff"), FORMERR),
    "a pointer forward": (packet(b"\xc0\x0e\0"), FORMERR),
    "half a pointer": (header() + b"\xc0", FORMERR),
    "two pointers in a circle": (packet(b"\1a\xc0\x10\1b\xc0\x0c"), FORMERR),
    "a type cut": (header() + WWW + b"\0", FORMERR),
    "a class missing": (header() + WWW + A, FORMERR),
    "bytes behind the message": (packet(extra=b"trailing"), FORMERR),
    "a record without data": (with_extra(record(data=b"", size=4)), FORMERR),
    "a record longer than the packet": (with_extra(record(size=65535)), FORMERR),
    "a record whose owner is a circle": (with_extra(b"\xc0\x26" + record()[1:]), FORMERR),
    "two OPT": (with_extra(opt() * 2, 2), FORMERR),
    "an OPT that is not the root's": (with_extra(opt(name=b"\1x\0")), FORMERR),
    "an OPT in the answer": (packet(extra=opt(), counts=(1, 1, 0, 0)), FORMERR),
    "an OPT as question": (packet(end=b"\0\x29" + IN), FORMERR),
    "an option longer than its OPT": (with_extra(opt(options=b"\0\x0a\0\xff123")), FORMERR),
    "an option of three bytes": (with_extra(opt(options=b"\0\x0a\0")), FORMERR),
    "a cookie of 7 bytes": (with_extra(opt(options=option(10, b"1234567"))), FORMERR),
    "EDNS version 1": (with_extra(opt(version=1)), BADVERS),
    "EDNS version 255 and unknown options": (with_extra(opt(version=255, options=option(9999, b"x"))), BADVERS),
    "something behind a signature": (with_extra(SIGNATURE + opt(), 2), FORMERR),
    "a signature": (with_extra(SIGNATURE), NOTAUTH),
    "type 0": (packet(end=b"\0\0" + IN), FORMERR),
    "class 0": (packet(end=A + b"\0\0"), REFUSED),
    "class ANY": (packet(end=A + b"\0\xff"), REFUSED),
    "a zone transfer": (packet(end=b"\0\xfc" + IN), REFUSED),
    "an inverse query": (packet(flags=0x0900), NOTIMP),
    "a status query": (packet(flags=0x1100), NOTIMP),
    "opcode 3": (packet(flags=0x1900), NOTIMP),
    "a notify": (packet(flags=0x2500), NOTIMP),
    "an update": (packet(flags=0x2900), NOTIMP),
    "an update of a blocked name": (packet(CHAT, flags=0x2900), NOTIMP),
    "a stateful operation": (header(flags=0x3100, counts=(0, 0, 0, 0)), NOTIMP),
    "opcode 15 and garbage": (header(flags=0x7900, counts=(9, 9, 9, 9)) + b"\xff" * 50, NOTIMP),
}
COUNTERS = ("malformed_silent", "malformed_formerr", "malformed_notimp", "malformed_badvers", "malformed_cut",
            "not_offered")


def reply(agency, wire, tcp=False, source=None):
    """The answer's bytes, or None when a good query sent behind it is answered first."""
    probe = dns.message.make_query("chat.deepseek.com", "A", id=0xbeef).to_wire()
    if tcp:
        with agency.tcp() as s:
            s.sendall(framed(wire) + framed(probe))
            data = s.recv(65536)
            while len(data) < 4 or len(data) < 2 + struct.unpack("!H", data[:2])[0]:
                data += s.recv(65536)
            first = data[2:2 + struct.unpack("!H", data[:2])[0]]
    else:
        with agency.udp() as s:
            s.send(wire)
            s.send(probe)
            first = s.recv(65536)
    return None if first[:2] == b"\xbe\xef" else first


def rcode_of(wire):
    """With the upper bits, which are in the OPT; the parser knows few opcodes."""
    return int(dns.message.from_wire(wire[:2] + bytes([wire[2] & 0x87]) + wire[3:]).rcode())


# a packet of no bytes has an impossible length over TCP: test_dns_tcp.py has it
@pytest.mark.parametrize("case,tcp", [pytest.param(case, tcp, id=f"{case}-{'tcp' if tcp else 'udp'}")
                                      for case in CASES for tcp in (False, True) if CASES[case][0] or not tcp])
def test_a_malformed_packet_is_answered_as_the_standards_say_and_counted(agency, case, tcp):
    wire, rcode = CASES[case]
    before = agency.counters()
    answer = reply(agency, wire, tcp)
    if rcode is None:
        assert answer is None
    else:
        assert answer is not None and answer[:2] == wire[:2] and answer[2] & 0x80
        assert rcode_of(answer) == rcode
        assert answer[6:8] == b"\0\0" and not answer[2] & 4, "no answer, not authoritative"
        assert len(answer) <= len(wire) + 11 + 12, "nothing to amplify"
        assert (answer[2] ^ wire[2]) & 0x79 == 0, "opcode and RD come back"
    after = agency.counters()
    assert sum(after[c] - before[c] for c in COUNTERS) == 1
    assert after["upstream_queries"] == before["upstream_queries"]


def test_a_malformed_packet_of_a_stranger_gets_no_more_than_others(agency):
    silent = 0
    for wire, rcode in CASES.values():
        with agency.udp(STRANGER) as s:
            s.settimeout(0.02)
            s.send(wire)
            try:
                answer = s.recv(65536)
                assert rcode is not None and answer[6:8] == b"\0\0"
            except (TimeoutError, ConnectionError):
                silent += 1
    assert silent > len(CASES) / 4


def test_twenty_thousand_random_packets_harm_nobody(agency):
    rng = random.Random(4)
    good = packet(CHAT), with_extra(opt(options=option(10, b"12345678"))), with_extra(SIGNATURE + opt(), 2)
    with agency.udp() as s:
        s.setblocking(False)
        for i in range(20000):
            if i % 2:
                wire = rng.randbytes(rng.choice((0, 1, 11, 12, 13, 40, 100, 512, 1400, 4000)))
            else:
                wire = bytearray(rng.choice(good))
                for _ in range(rng.randint(1, 6)):
                    wire[rng.randrange(2, len(wire))] = rng.randrange(256)
            try:
                s.send(bytes(wire))
            except BlockingIOError:
                pass
            if i % 50 == 0:
                try:
                    while True:
                        s.recv(65536)
                except BlockingIOError:
                    pass
            if i % 250 == 0:  # so that the gate has had its turn
                assert_alive(agency)
    counters = agency.counters()
    assert sum(counters[c] for c in COUNTERS) > 5000
    assert_alive(agency)


def test_random_mutations_of_good_queries_over_tcp_harm_nobody(agency):
    rng = random.Random(5)
    for _ in range(40):
        with agency.tcp() as s:
            for _ in range(50):
                wire = bytearray(with_extra(opt(options=option(10, b"12345678")), name=CHAT))
                for _ in range(rng.randint(1, 6)):
                    wire[rng.randrange(2, len(wire))] = rng.randrange(256)
                s.sendall(framed(bytes(wire)))
    assert_alive(agency)
