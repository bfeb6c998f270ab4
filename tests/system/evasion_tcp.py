"""Ways below TLS: segments, sequence numbers, flags, options, fragments, headers of IP."""
import struct
import time

import raw_packets as raw
from evasion import NO_SERVER, SHORT, Way
from raw_packets import ACK, CWR, ECE, FIN, MD5, PSH, RST, SYN, URG

RECORD, MESSAGE = 5, 4  # sizes of the two headers
UNKNOWN = bytes([253, 4, 0xf9, 0x89])  # an option for experiments (RFC 4727)


# --- cut and reordered ---

def reverse(parts):
    return parts[::-1]


def cut(*places, order=None, **how):
    """Cut there; a place is a number, or is asked of the talk."""
    def act(t):
        t.pieces(*(p(t) if callable(p) else p for p in places), order=order and (lambda parts: order(parts)), **how)
    return act


def every(size, order=None, wait=0):
    def act(t):
        t.pieces(*range(size, len(t.stream), size), order=order(t) if order else None)
    return act


def slowly(t):
    t.tcp.connect()
    for begin, end in ((0, 3), (3, t.middle), (t.middle, None)):
        t.part(begin, end)
        time.sleep(0.7)


def first_last(t):
    t.tcp.connect()
    t.part(t.middle)
    time.sleep(0.3)
    t.part(0, t.middle)


def twice(t):
    t.pieces(t.middle)
    t.pieces(t.middle, order=reverse)


# --- overlaps ---

def older_wins(t):
    """In order, then a longer segment whose first half is other bytes: only what is new of it counts."""
    t.tcp.connect()
    t.part(0, t.middle)
    t.tcp.segment(t.at, t.garbage(t.at, t.middle) + t.stream[t.middle:])


def same_again(t):
    t.tcp.connect()
    t.part(0, t.middle)
    t.part(t.at)


def ahead_then_covered(t):
    """Other bytes wait ahead of the stream; what fills the gap covers them wholly."""
    t.tcp.connect()
    t.tcp.segment(t.at, t.garbage(t.at, t.middle))
    t.part(0)


def ahead_reaching_back(t):
    """What waits ahead begins with other bytes for places that the gap's filler has also."""
    t.tcp.connect()
    t.tcp.segment(t.at, t.garbage(t.at, t.middle) + t.stream[t.middle:])
    t.part(0, t.middle)


def ahead_twice(t):
    """Two contents for the same place wait ahead; a later segment that covers it is taken in its place."""
    t.tcp.connect()
    t.tcp.segment(t.at + 1, t.garbage(t.at + 1, t.middle))
    t.part(t.at)
    t.part(0, t.at)


def before_the_beginning(t, size=64):
    """The first segment begins before the stream does, with the innocent request."""
    t.tcp.connect()
    t.tcp.segment(-size, t.decoy[:size] + t.stream)


def before_the_beginning_reversed(t):
    t.tcp.connect()
    t.tcp.segment(t.middle - 16, t.decoy[:16] + t.stream[t.middle:])
    t.part(0, t.middle)


def other_again(t):
    """What has been received is sent again with other content, and then comes the rest."""
    t.tcp.connect()
    t.part(0, t.middle)
    t.tcp.pump(0.3, lambda: (t.tcp.acked or 0) >= t.middle)
    t.tcp.segment(0, t.fake(0, t.middle))
    t.part(t.middle)


def keep_alive(t):
    t.tcp.connect()
    t.tcp.segment(-1, b"x", flags=ACK)
    t.part(0, t.middle)
    t.tcp.segment(t.middle - 1, b"x", flags=ACK)
    t.part(t.middle)


# --- decoys: what the server does not take, or never sees ---

def decoy(where="before", **how):
    """The innocent request in the place of the real one, made so that the server leaves it."""
    def act(t):
        t.tcp.connect()
        if where == "middle":
            t.part(0, t.at)
            t.tcp.segment(t.at, t.fake(t.at), **how)
            t.part(t.at)
        else:
            t.tcp.segment(0, t.fake(), **how)
            if where == "twice":
                t.tcp.segment(0, t.fake(), **how)
            if where == "slow":
                time.sleep(0.3)
            t.whole()
    return act


def decoy_at(offset, **how):
    def act(t):
        t.tcp.connect()
        t.tcp.segment(offset, t.decoy, **how)
        t.whole()
    return act


def decoy_acknowledging(distance):
    def act(t):
        t.tcp.connect()
        t.tcp.segment(0, t.fake(), acknowledged=t.tcp.expected + distance)
        t.whole()
    return act


def decoy_after(t):
    """While the rest is missing: each part is followed by another content for it."""
    t.tcp.connect()
    t.part(0, t.middle)
    t.tcp.segment(0, t.fake(0, t.middle), ttl=SHORT)
    t.tcp.segment(t.middle, t.fake(t.middle), ttl=SHORT)
    t.part(t.middle)


def disorder_with_decoys(**how):
    def act(t):
        t.tcp.connect()
        t.part(t.middle)
        t.tcp.segment(0, t.fake(0, t.middle), **how)
        t.part(0, t.middle)
        t.tcp.segment(0, t.fake(0, t.middle), **how)
    return act


def around_the_name(**how):
    """The name's segment comes between two others of its place."""
    def act(t):
        begin, end = t.at, t.at + len(t.name)
        t.tcp.connect()
        t.part(0, begin)
        t.tcp.segment(begin, t.garbage(begin, end), **how)
        t.part(begin, end)
        t.tcp.segment(begin, t.garbage(begin, end), **how)
        t.part(end)
    return act


def forged_end(flags, offset=0, between=False, **how):
    """An end of the connection that the server does not believe, or does not see."""
    def act(t):
        t.tcp.connect()
        if between:
            t.part(0, t.middle)
        t.tcp.segment(offset, b"", flags=flags, **how)
        t.tcp.segment(offset, b"", flags=flags, **how)
        if between:
            t.part(t.middle)
        else:
            t.whole()
    return act


def short_syn(flags=SYN, moved=100000):
    """A SYN of another beginning, which the server does not see, before or after the real one."""
    def act(t):
        t.tcp.syn(flags=flags, first=t.tcp.first + moved, ip={"ttl": SHORT})
        t.tcp.connect()
        t.whole()
    return act


def short_syn_after(t):
    t.tcp.connect()
    t.tcp.syn(first=t.tcp.first + 100000, ip={"ttl": SHORT})
    t.tcp.segment(100000, t.decoy, ttl=SHORT)
    t.whole()


def other_syn_after(t):
    t.tcp.connect()
    t.tcp.syn(first=t.tcp.first + 500000)
    t.whole()


def short_answer(t):
    """A forged acknowledgement of the server's, as far as the gate sees: SYN and ACK from the client."""
    t.tcp.connect()
    t.tcp.segment(-1, b"", flags=SYN | ACK, ttl=SHORT)
    t.whole()


def split_handshake(t):
    t.tcp.syn()
    t.tcp.await_answer()
    t.tcp.segment(-1, b"", flags=SYN | ACK)
    t.tcp.acknowledge()
    t.whole()


# --- urgent bytes ---

def urgent(place, pointer=None):
    """One byte more, which is urgent: it is no part of what the server reads."""
    def act(t):
        at = place(t)
        real, t.stream = t.stream, t.stream[:at] + b"x" + t.stream[at:]
        def send(done=0):
            # the pointer names the byte behind the urgent one (RFC 9293 s3.8.5, as kernels have it)
            t.tcp.segment(0, t.stream, flags=URG | PSH | ACK, urgent=at + 1 if pointer is None else pointer)
        t.tcp.connect()
        send()
        t.again = send
        assert len(real) + 1 == len(t.stream)
    return act


def urgent_alone(t):
    at = t.middle
    t.stream = t.stream[:at] + b"x" + t.stream[at:]
    t.tcp.connect()
    def send(done=0):
        t.part(0, at)
        t.tcp.segment(at, b"x", flags=URG | PSH | ACK, urgent=1)
        t.part(at + 1)
    send()
    t.again = send


def urgent_nowhere(t):
    """The flag, with a pointer to what is not there."""
    t.whole(flags=URG | PSH | ACK, urgent=0xffff)


# --- beginnings ---

def data_in_syn(decoys):
    """Data that a server without an agreement does not take."""
    def act(t):
        t.tcp.connect(data=t.fake() if decoys else t.stream)
        t.whole()
    return act


def fast_open(t):
    """The whole request in the SYN, and the server takes it."""
    t.tcp.use_timestamps = False
    t.tcp.syn(data=t.stream, options=bytes([34, 2, 1, 1]))
    t.tcp.await_answer()
    t.tcp.acknowledge()


def fast_open_part(t):
    t.tcp.use_timestamps = False
    t.tcp.syn(data=t.stream[:t.middle], options=bytes([34, 2, 1, 1]))
    t.tcp.await_answer()
    t.part(t.middle)


def no_separate_acknowledgement(t):
    t.tcp.syn()
    t.tcp.await_answer()
    t.whole()


def decoy_early(distance=0, **how):
    def act(t):
        t.tcp.syn()
        t.tcp.await_answer()
        t.tcp.segment(0, t.fake(), acknowledged=t.tcp.expected + distance, **how)
        t.tcp.acknowledge()
        t.whole()
    return act


def timestamps_stop(t):
    t.tcp.connect()
    t.tcp.use_timestamps = False
    t.pieces(t.middle)


def window(first, then=65535):
    def act(t):
        t.tcp.window = first
        t.tcp.connect()
        t.pieces(t.middle)
        t.tcp.pump(0.5, lambda: t.tcp.acked >= len(t.stream))
        t.tcp.window = then
        t.tcp.acknowledge()
    return act


def small_segments(t):
    t.tcp.use_timestamps = False
    for _ in range(3):
        t.host.send(t.tcp.packet(t.tcp.first, SYN, options=raw.mss(88)))
        if t.tcp.pump(0.5, lambda: t.tcp.expected is not None):
            break
    t.tcp.acknowledge()
    t.whole()


def ports_again(flags):
    """An innocent connection that ends, and another one of the same ports."""
    def act(t):
        t.tcp.connect()
        t.tcp.segment(0, t.decoy)
        t.tcp.pump(2, lambda: t.innocent.encode() in t.tcp.received)
        t.tcp.segment(len(t.decoy), b"", flags=flags | ACK)
        if flags & FIN:
            t.tcp.pump(0.5, lambda: t.tcp.has_ended)
            t.tcp.acked += 1
            t.tcp.acknowledge()
        time.sleep(0.2)
        first, clock = t.tcp.first, t.tcp.clock
        t.tcp.begin()
        t.tcp.first, t.tcp.clock = (first + 200000) & 0xffffffff, clock + 5000
        t.tcp.connect()
        t.whole()
    return act


def ports_again_same_number(t):
    """An innocent connection that is cut off, and another of the same ports and the same first number."""
    t.tcp.connect()
    t.tcp.segment(0, t.decoy)
    t.tcp.pump(2, lambda: t.innocent.encode() in t.tcp.received)
    t.tcp.segment(len(t.decoy), b"", flags=RST | ACK)
    time.sleep(0.2)
    first, clock = t.tcp.first, t.tcp.clock
    t.tcp.begin()
    t.tcp.first, t.tcp.clock = first, clock + 5000
    t.tcp.connect()
    t.whole()


def syn_with_the_bytes_before(t):
    """A SYN of low TTL with an innocent request, forgotten, and one whose number is the end of that."""
    t.tcp.first -= len(t.decoy)
    t.tcp.syn(data=t.decoy, ip={"ttl": SHORT})
    t.tcp.segment(0, b"", flags=RST, ttl=SHORT)
    time.sleep(0.2)
    t.tcp.first = (t.tcp.first + len(t.decoy)) & 0xffffffff
    t.tcp.connect()
    t.whole()


def made_old(t):
    """A segment without bytes moves the server's clock, and so does a decoy come too late."""
    t.tcp.connect()
    t.tcp.clock += 5000
    t.tcp.acknowledge()
    t.tcp.segment(0, t.fake(), age=3000)
    t.whole()


def urgent_silent(t):
    """The urgent pointer comes in a segment without bytes."""
    at = t.middle
    t.stream = t.stream[:at] + b"x" + t.stream[at:]
    t.tcp.connect()
    def send(done=0):
        t.tcp.segment(0, b"", flags=URG | ACK, urgent=at + 1)
        t.tcp.segment(0, t.stream, flags=URG | PSH | ACK, urgent=at + 1)
    send()
    t.again = send


# --- IP ---

def forged_answer(t):
    """An innocent hello that dies behind the gate, and the server's answer to it in the client's own hand."""
    t.tcp.connect()
    t.tcp.segment(0, t.decoy, ttl=SHORT)
    time.sleep(0.2)
    hello = bytes.fromhex("020000260303") + bytes(range(32)) + bytes(4)
    answer = b"\x16\3\3" + struct.pack("!H", len(hello)) + hello
    acknowledged = t.tcp.first + 1 + len(t.decoy) & 0xffffffff
    segment = raw.tcp(t.server, t.tcp.source, (t.port, t.tcp.source_port), t.tcp.expected, acknowledged, PSH | ACK, answer,
                      options=raw.timestamps(t.tcp.echo + 5, t.tcp.clock))
    t.tcp.host.send(raw.ip(t.server, t.tcp.source, raw.TCP, segment))
    time.sleep(0.2)
    t.part(0)


def in_fragments(size, order=None, more=None, **how):
    """Each packet of the request in fragments."""
    def act(t):
        t.tcp.connect()
        def send(done=0):
            segment = tcp_segment(t)
            parts = list(raw.fragments(t.tcp.source, t.server, raw.TCP, segment, size, **how))
            for packet in (order(parts) if order else parts):
                t.host.send(packet)
            if more:
                more(t, segment, size)
        send()
        t.again = send
    return act


def tcp_segment(t, data=None):
    packet = t.tcp.packet(t.tcp.first + 1, PSH | ACK, t.stream if data is None else data)
    return packet[40 if ":" in t.server else 20:]


def doubled(parts):
    return [p for part in parts for p in (part, part)]


def fragment_decoy(t):
    """The first part comes twice with one number: once it dies on the way."""
    t.tcp.connect()
    def send(done=0):
        real, other = tcp_segment(t), tcp_segment(t, t.fake())
        identity = t.random.randrange(1 << 16)
        size = 64
        def piece(at, data, **how):
            t.host.send(raw.fragment(t.tcp.source, t.server, raw.TCP, real, at, size, identity, data[at:at + size], **how))
        for at in range(0, len(real), size):
            piece(at, other, ttl=SHORT)
        for at in range(0, len(real), size):
            piece(at, real)
    send()
    t.again = send


def fragments_overlapping(t):
    t.tcp.connect()
    segment, other = tcp_segment(t), tcp_segment(t, t.fake())
    size, identity = 64, t.random.randrange(1 << 16)
    for at in range(0, len(segment), size):
        t.host.send(raw.fragment(t.tcp.source, t.server, raw.TCP, segment, at, size, identity))
        if at + 2 * size < len(segment):
            t.host.send(raw.fragment(t.tcp.source, t.server, raw.TCP, segment, at + 32, size, identity,
                                     other[at + 32:at + 32 + size]))
    t.stream = b""  # what is sent again is no more this way


def with_headers(*extensions):
    def act(t):
        t.whole(ip={"extensions": list(extensions)})
    return act


def decoy_with_headers(*extensions, **how):
    def act(t):
        t.tcp.connect()
        t.tcp.segment(0, t.fake(), ip={"extensions": list(extensions), **how})
        t.whole()
    return act


# an option that says: who does not know it drops the packet (RFC 8200 s4.2)
DROP_ME = b"\0" + bytes([0x7e, 4]) + bytes(4)
SKIPPED = b"\3" + (bytes([0x1e, 4]) + bytes(4)) * 5  # options that are passed over
LONG_PADDING = b"\3" + bytes([1, 28]) + bytes(28)  # more than Linux takes

TCP_WAYS = (
    Way("as everybody does", cut()),
    Way("cut behind the first byte", cut(1)),
    Way("cut in the record's header", cut(3)),
    Way("cut behind the record's header", cut(RECORD)),
    Way("cut in the message's header", cut(RECORD + 2)),
    Way("cut behind the message's header", cut(RECORD + MESSAGE)),
    Way("cut in the length of the name", cut(lambda t: t.at - 1)),
    Way("cut before the name", cut(lambda t: t.at)),
    Way("cut in the name", cut(lambda t: t.middle)),
    Way("cut behind the name", cut(lambda t: t.at + len(t.name))),
    Way("cut before the last byte", cut(lambda t: len(t.stream) - 1)),
    Way("in pieces of 9 bytes", every(9)),
    Way("in single bytes", every(1)),
    Way("in single bytes, IPv6", every(1), family=6),
    Way("two pieces, the second first", cut(lambda t: t.middle, order=reverse)),
    Way("the second piece long before the first", first_last),
    Way("pieces of 8 bytes, backwards", every(8, lambda t: reverse)),
    Way("single bytes, backwards", every(1, lambda t: reverse)),
    Way("single bytes, shuffled", every(1, lambda t: t.shuffled)),
    Way("pieces of 5 bytes, shuffled, IPv6", every(5, lambda t: t.shuffled), family=6),
    Way("slowly", slowly),
    Way("all twice", twice),
    Way("the server's answer, forged", forged_answer),
    Way("the server's answer, forged, IPv6", forged_answer, family=6),

    Way("overlap: what is old stays", older_wins),
    Way("overlap: the same again", same_again),
    Way("overlap: what waits ahead is covered", ahead_then_covered),
    Way("overlap: what waits ahead reaches back", ahead_reaching_back),
    Way("overlap: two contents wait ahead", ahead_twice),
    Way("the first segment begins before the stream", before_the_beginning),
    Way("the same by one byte", lambda t: before_the_beginning(t, 1)),
    Way("the second piece, first, reaches back", before_the_beginning_reversed),
    Way("received bytes again, with other content", other_again),
    Way("keep-alive bytes between", keep_alive),

    Way("decoy of low TTL", decoy(ttl=SHORT)),
    Way("decoy of low TTL, IPv6", decoy(ttl=SHORT), family=6),
    Way("decoy of low TTL, twice", decoy("twice", ttl=SHORT)),
    Way("decoy of low TTL, a while before", decoy("slow", ttl=SHORT)),
    Way("decoy of low TTL in the middle", decoy("middle", ttl=SHORT)),
    Way("decoy of low TTL behind each part", decoy_after),
    Way("decoy of bad checksum", decoy(wrong_checksum=True)),
    Way("decoy of bad checksum in the middle", decoy("middle", wrong_checksum=True)),
    Way("decoy of bad checksum, IPv6", decoy(wrong_checksum=True), family=6),
    Way("decoy of an old time", decoy(age=600000)),
    Way("decoy of an old time in the middle", decoy("middle", age=600000)),
    Way("decoy behind the window", decoy_at(-100000)),
    Way("decoy just behind the window", lambda t: (t.tcp.connect(), t.tcp.segment(-len(t.decoy), t.decoy), t.whole())),
    Way("decoy beyond the window", decoy_at(900000)),
    Way("decoy with an MD5 signature", decoy(options=MD5)),
    Way("decoy without ACK", decoy(flags=PSH)),
    Way("decoy without any flag", decoy(flags=0)),
    Way("decoy that acknowledges too much", decoy_acknowledging(1 << 20)),
    Way("decoy that acknowledges too little", decoy_acknowledging(-(1 << 20))),
    Way("decoy with SYN", decoy(flags=SYN | PSH | ACK)),
    Way("decoy with SYN and FIN", decoy(flags=SYN | FIN)),
    Way("decoy with RST and bad checksum", decoy(flags=RST | ACK, wrong_checksum=True)),
    Way("decoy with FIN and low TTL", decoy(flags=FIN | PSH | ACK, ttl=SHORT)),
    Way("decoy with a short header length", decoy(words=4)),
    Way("decoy with a header longer than the packet", 
        lambda t: (t.tcp.connect(), t.tcp.segment(0, t.fake(0, 8), words=15), t.whole())),
    Way("decoy with a length beyond its end", decoy(ip={"more": 40})),
    Way("decoy with a bad IP checksum", decoy(ip={"wrong_checksum": True})),
    Way("pieces and decoys in disorder, low TTL", disorder_with_decoys(ttl=SHORT)),
    Way("pieces and decoys in disorder, bad checksum", disorder_with_decoys(wrong_checksum=True)),
    Way("pieces and decoys in disorder, MD5", disorder_with_decoys(options=MD5)),
    Way("other names around the name, low TTL", around_the_name(ttl=SHORT)),
    Way("other names around the name, old time", around_the_name(age=600000)),
    Way("other names around the name, bad checksum, IPv6", around_the_name(wrong_checksum=True), family=6),

    Way("forged RST of low TTL", forged_end(RST, ttl=SHORT)),
    Way("forged RST of low TTL in the middle", forged_end(RST | ACK, between=True, ttl=SHORT)),
    Way("forged RST of bad checksum", forged_end(RST | ACK, wrong_checksum=True)),
    Way("forged RST beyond the window", forged_end(RST, offset=900000)),
    Way("forged RST in the window, not its first byte", forged_end(RST, offset=5)),
    Way("forged FIN of low TTL", forged_end(FIN | ACK, ttl=SHORT)),
    Way("forged FIN of bad checksum in the middle", forged_end(FIN | ACK, between=True, wrong_checksum=True)),
    Way("forged FIN beyond the window", forged_end(FIN | ACK, offset=900000)),
    Way("forged FIN with an MD5 signature", forged_end(FIN | ACK, options=MD5)),
    Way("forged FIN of an old time", forged_end(FIN | ACK, age=600000)),
    Way("forged FIN that acknowledges too much", lambda t: (
        t.tcp.connect(), t.tcp.segment(0, b"", flags=FIN | ACK, acknowledged=t.tcp.expected + (1 << 20)), t.whole())),
    Way("a SYN elsewhere before, of low TTL", short_syn()),
    Way("a SYN with FIN before, of low TTL", short_syn(SYN | FIN, 0)),
    Way("a SYN elsewhere after, of low TTL, and its data", short_syn_after),
    Way("a SYN elsewhere after", other_syn_after),
    Way("SYN and ACK from the client, of low TTL", short_answer),
    Way("split handshake", split_handshake),

    Way("an urgent byte in the name", urgent(lambda t: t.middle)),
    Way("an urgent byte in the name, IPv6", urgent(lambda t: t.middle), family=6),
    Way("an urgent byte at the beginning", urgent(lambda t: 1)),
    Way("an urgent byte in a segment of its own", urgent_alone),
    Way("the urgent flag for nothing", urgent_nowhere),

    Way("the request in the SYN, and again", data_in_syn(False)),
    Way("another request in the SYN", data_in_syn(True)),
    Way("fast open", fast_open, "fastopen"),
    Way("fast open of the first half", fast_open_part, "fastopen"),
    Way("data with the handshake's last segment", no_separate_acknowledgement),
    Way("a window of one byte", window(1)),
    Way("a window of none", window(0)),
    Way("small segments asked for", small_segments),
    Way("without timestamps", lambda t: (setattr(t.tcp, "use_timestamps", False), t.pieces(t.middle))),
    Way("timestamps that stop", timestamps_stop),
    Way("decoy before the handshake's end", decoy_early(ttl=SHORT)),
    Way("decoy before the handshake's end that acknowledges too much", decoy_early(distance=70000)),
    Way("FIN with the request", lambda t: (t.tcp.connect(), t.tcp.segment(0, t.stream, flags=FIN | PSH | ACK))),
    Way("without PSH", lambda t: t.whole(flags=ACK)),
    Way("congestion flags and reserved bits", lambda t: t.whole(flags=CWR | ECE | PSH | ACK, reserved=6)),
    Way("unknown options", lambda t: t.whole(options=UNKNOWN * 3)),
    Way("an option of no length", lambda t: t.whole(options=bytes([253, 0, 1, 1]))),
    Way("the same ports again after RST", ports_again(RST)),
    Way("the same ports again after FIN", ports_again(FIN)),
    Way("the same ports and the same number again after RST", ports_again_same_number),
    Way("a SYN with bytes, of low TTL, and one whose number is their end", syn_with_the_bytes_before),
    Way("a decoy made old by a segment without bytes", made_old),
    Way("an urgent byte of a segment without bytes", urgent_silent),

    Way("IP fragments of 8 bytes", in_fragments(8)),
    Way("IP fragments of 24 bytes", in_fragments(24)),
    Way("IP fragments, backwards", in_fragments(32, reverse)),
    Way("IP fragments, each twice", in_fragments(64, doubled)),
    Way("IP fragments, decoys of low TTL", fragment_decoy),
    Way("IP fragments that overlap", fragments_overlapping, note=NO_SERVER),
    Way("IP options", lambda t: t.whole(ip={"options": bytes([1, 1, 1, 1])})),
    Way("IPv6 fragments of 24 bytes", in_fragments(24), family=6),
    Way("IPv6 fragments that cut the header of TCP", in_fragments(8), family=6, note=NO_SERVER),
    Way("IPv6 fragments, backwards", in_fragments(48, reverse), family=6),
    Way("IPv6 in one fragment", in_fragments(2048), family=6),
    Way("IPv6 fragments behind other headers", in_fragments(64, extensions=((raw.DESTINATION, raw.PADDING),)), family=6),
    Way("IPv6 fragments, decoys of low hop limit", fragment_decoy, family=6),
    Way("IPv6 hop-by-hop options", with_headers((raw.HOP_BY_HOP, raw.PADDING)), family=6),
    Way("IPv6 destination options", with_headers((raw.DESTINATION, SKIPPED)), family=6),
    Way("IPv6 hop-by-hop, destination, destination",
        with_headers((raw.HOP_BY_HOP, raw.PADDING), (raw.DESTINATION, raw.PADDING), (raw.DESTINATION, SKIPPED)), family=6),
    Way("IPv6 decoy with an option that means drop", decoy_with_headers((raw.DESTINATION, DROP_ME)), family=6),
    Way("IPv6 decoy with much padding", decoy_with_headers((raw.DESTINATION, LONG_PADDING)), family=6),
    Way("IPv6 decoy with hop-by-hop that means drop", decoy_with_headers((raw.HOP_BY_HOP, DROP_ME)), family=6),
    Way("IPv6 decoy with hop-by-hop options and low hop limit",
        decoy_with_headers((raw.HOP_BY_HOP, raw.PADDING), ttl=SHORT), family=6),
)
