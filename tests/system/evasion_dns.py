"""Ways of questions to a foreign resolver in the clear, and of mail servers' STARTTLS."""
import queue
import random
import struct
import time

import dns.edns
import dns.message
import raw_packets as raw
import tls_hello
from evasion import NO_SERVER, SHORT, Talk, Way
from network import framed
from packet_lab import RESOLVER, RESOLVER6
from packet_servers import ANSWER, SMTP
from raw_host import WAITS, RawTcp

DNS, ODD = 53, 5399


def question(name, kind="A", **how):
    return dns.message.make_query(name, kind, **how).to_wire()


class DnsTalk(Talk):
    """Heard when the name's address is in what came back, over either transport."""

    ports = {"dns": DNS, "dns elsewhere": ODD}

    def __init__(self, host, way, name):
        super().__init__(host, way, name)
        self.server = RESOLVER6 if way.family == 6 else RESOLVER
        self.tcp = RawTcp(host, self.server, self.port, source=self.tcp.source)
        self.source, self.source_port = self.tcp.source, random.randrange(20000, 60000)
        self.answer = bytes(map(int, ANSWER[name].split(".")))
        self.stream, self.decoy = (framed(question(n)) for n in (name, self.innocent))
        self.sent, self.answers = [], []

    def send(self, data, remember=True, ip=None, wrong_checksum=False, **how):
        segment = raw.udp(self.source, self.server, (self.source_port, self.port), data, wrong_checksum)
        for packet in ip(segment) if ip else [raw.ip(self.source, self.server, raw.UDP, segment, **how)]:
            self.host.send(packet)
            if remember:
                self.sent.append(packet)

    def wait(self, seconds, until):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not until():
            try:
                protocol, segment = self.tcp.arrived.get(timeout=left)
            except queue.Empty:
                break
            if protocol == raw.UDP and struct.unpack("!HH", segment[:4]) == (self.port, self.source_port):
                self.answers.append(segment[8:])
        return until()

    def finish(self):
        if self.tcp.expected is not None:
            return super().finish()
        for seconds in WAITS:
            if self.wait(seconds, lambda: any(self.answer in a for a in self.answers)):
                return True
            for packet in self.sent:
                self.host.send(packet)
        return False


def udp(make=lambda t: question(t.name), **how):
    def act(t):
        t.send(make(t), **how)
    return act


def tcp(*cuts, every=None, order=None, make=None):
    def act(t):
        if make:
            t.stream = make(t)
        places = range(every, len(t.stream), every) if every else cuts
        t.pieces(*places, order=order)
    return act


def odd_letters(t):
    return question("".join(t.random.choice((c.upper(), c)) for c in t.name))


def padded(t):
    return question(t.name, use_edns=0, options=[dns.edns.GenericOption(12, bytes(400))])


def with_options(t):
    return question(t.name, use_edns=0, options=[dns.edns.GenericOption(10, bytes(8)), dns.edns.GenericOption(65001, bytes(99))])


def flagged(bits):
    def make(t):
        wire = question(t.name)
        return wire[:2] + struct.pack("!H", bits) + wire[4:]
    return make


def counted(t):
    """Says that it has two questions, and has."""
    wire, other = question(t.innocent), question(t.name)
    return wire[:4] + struct.pack("!H", 2) + wire[6:] + other[12:]


def pointing(t):
    """The name's end is behind the question, where a pointer finds it."""
    first, rest = t.name.split(".", 1)
    tail = b"".join(bytes([len(p)]) + p.encode() for p in rest.split(".")) + b"\0"
    head = b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + bytes([len(first)]) + first.encode()
    return head + struct.pack("!H", 0xc000 | len(head) + 6) + b"\0\1\0\1" + tail


def decoy(**how):
    def act(t):
        wire = question(t.name)
        t.send(wire[:2] + question(t.innocent)[2:], remember=False, **how)
        t.send(wire)
    return act


def tcp_decoy(**how):
    def act(t):
        t.tcp.connect()
        t.tcp.segment(0, t.fake(), **how)
        t.part(0)
    return act


def second(wait):
    def act(t):
        t.stream = t.decoy
        t.tcp.connect()
        t.part(0)
        if wait:
            t.tcp.pump(1.5, lambda: len(t.tcp.received) > 20)
        begin = len(t.stream)
        t.stream += framed(question(t.name))
        t.part(begin)
    return act


def again_by_udp(t):
    """An innocent question first, from the same port."""
    t.send(question(t.innocent), remember=False)
    t.wait(1, lambda: t.answers)
    t.send(question(t.name))


def in_fragments(size, backwards=False):
    def act(t):
        def cut(segment):
            parts = list(raw.fragments(t.source, t.server, raw.UDP, segment, size))
            return parts[::-1] if backwards else parts
        t.send(padded(t), ip=cut)
    return act


# --- STARTTLS ---

class MailTalk(Talk):
    """Mail is spoken until the server takes STARTTLS; what is cut and forged is the hello behind it."""

    ports = {"mail": SMTP}

    def said(self, text, cut=None, answer=b"\n", times=1):
        begin, seen = len(self.spoken), len(self.tcp.received)
        self.spoken += text
        for at in range(begin, len(self.spoken), cut or len(text)):
            self.tcp.segment(at, self.spoken[at:at + (cut or len(text))])
        self.tcp.exchange(self.spoken, lambda received: received[seen:].count(answer) >= times)

    def start(self, hello=b"EHLO test.example\r\n", cut=None, noise=0, starttls=b"STARTTLS\r\n"):
        self.spoken = b""
        self.tcp.connect()
        self.tcp.exchange(b"", lambda received: b"220 " in received)
        self.said(hello, cut, b"250 ")
        for _ in range(noise):
            self.said(b"NOOP\r\n", cut, b"250 ")
        self.said(starttls, cut, b"220 ")
        self.clear = len(self.tcp.received)

    def begin(self, stream=None):
        begin = len(self.spoken)
        self.stream = self.spoken + (self.stream if stream is None else stream)
        return begin

    def heard(self, received):
        return self.name.encode() in received[getattr(self, "clear", 0):]


def mail(*cuts, every=None, make=None, **how):
    def act(t):
        t.start(**how)
        begin = t.begin(make and make(t))
        places = range(begin + every, len(t.stream), every) if every else [begin + c for c in cuts]
        edges = [begin, *places, len(t.stream)]
        for a, b in zip(edges, edges[1:]):
            t.part(a, b)
    return act


def mail_decoy(**how):
    def act(t):
        t.start()
        real = t.stream
        begin = t.begin()
        t.tcp.segment(begin, (t.decoy + bytes(len(real)))[:len(real)], **how)
        t.part(begin)
    return act


def mail_too_soon(make):
    """Something right behind STARTTLS, which the server drops: TLS begins when it has said so."""
    def act(t):
        t.start(starttls=b"STARTTLS\r\n" + make(t))
        t.part(t.begin())
    return act


def byte_records(t):
    message = tls_hello.client_hello(t.name)
    return tls_hello.records(message, *range(1, len(message)))


DNS_WAYS = tuple(Way(title, act, *(more or ("dns",))[:2], **(more[2] if len(more) > 2 else {})) for title, act, *more in (
    ("as everybody does", udp()),
    ("as everybody does, IPv6", udp(), "dns", 6),
    ("letters of odd sizes", udp(odd_letters)),
    ("padded", udp(padded)),
    ("options of all kinds", udp(with_options)),
    ("no recursion wanted", udp(flagged(0))),
    ("all flags", udp(flagged(0x07f0)), "dns", 4, {"note": NO_SERVER}),
    ("bytes behind the end", udp(lambda t: question(t.name) + bytes(30))),
    ("two questions", udp(counted), "dns", 4, {"note": NO_SERVER}),
    ("a name that points forward", udp(pointing), "dns", 4, {"note": NO_SERVER}),
    ("to another port", udp(), "dns elsewhere"),
    ("decoy of low TTL", decoy(ttl=SHORT)),
    ("decoy of bad checksum", decoy(wrong_checksum=True)),
    ("an innocent question before, from the same port", again_by_udp),
    ("IP fragments of 24 bytes", in_fragments(24)),
    ("IP fragments, backwards", in_fragments(16, True)),
    ("IPv6 fragments, backwards", in_fragments(16, True), "dns", 6),
    ("TCP", tcp()),
    ("TCP, IPv6", tcp(), "dns", 6),
    ("TCP, to another port", tcp(), "dns elsewhere"),
    ("TCP in single bytes", tcp(every=1)),
    ("TCP in single bytes, backwards", tcp(every=1, order=lambda parts: parts[::-1])),
    ("TCP cut in the length", tcp(1)),
    ("TCP cut behind the length", tcp(2)),
    ("TCP, decoy of low TTL", tcp_decoy(ttl=SHORT)),
    ("TCP, decoy of an old time", tcp_decoy(age=600000)),
    ("TCP, a second question", second(True)),
    ("TCP, a second question at once", second(False)),
    ("TCP, padded", tcp(make=lambda t: framed(padded(t)))),
    ("as everybody does", mail(), "mail"),
    ("as everybody does, IPv6", mail(), "mail", 6),
    ("the hello in single bytes", mail(every=1), "mail"),
    ("commands in single bytes", mail(cut=1), "mail"),
    ("STARTTLS in small letters", mail(starttls=b"starttls\r\n"), "mail"),
    ("forty idle commands before", mail(noise=40), "mail"),
    ("a record for each byte", mail(make=byte_records), "mail"),
    ("decoy of low TTL", mail_decoy(ttl=SHORT), "mail"),
    ("an innocent hello right behind STARTTLS", mail_too_soon(lambda t: t.decoy), "mail"),
    ("a byte of TLS right behind STARTTLS", mail_too_soon(lambda t: b"\x16\r\n"), "mail"),
    ("decoy of bad checksum", mail_decoy(wrong_checksum=True), "mail"),
))
TALKS = {"dns": DnsTalk, "dns elsewhere": DnsTalk, "mail": MailTalk}
