"""Ways of QUIC's first packets. The server is heard when a Handshake packet opens with the keys that follow from
the very hello that was sent: the certificate in it is for that name."""
import os
import queue
import random
import struct
import time

import quic_packets as quic
import raw_packets as raw
import tls_hello
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from evasion import NO_SERVER, SHORT, Talk, Way
from packet_servers import QUIC, QUIC_RETRY, QUIC_SERVER_IS_NEW
from quic_packets import INITIAL, PING, RETRY, V1, V2, Initial, crypto, crypto_frames, pad, padding, value
from raw_host import WAITS
from tls_hello import TLS13, X25519, extension

# what the server takes since its version 1.0, and what it took before
SINCE_1, UNTIL_1 = ({}, {"note": NO_SERVER}) if QUIC_SERVER_IS_NEW else ({"note": NO_SERVER}, {})


def digest(data):
    made = hashes.Hash(hashes.SHA256())
    made.update(data)
    return made.finalize()


def derive(secret, label, transcript):
    label = b"tls13 " + label
    return quic._hmac(secret, struct.pack("!HB", 32, len(label)) + label + b"\x20" + digest(transcript) + b"\1")


def server_secret(shared, hello, answer):
    """RFC 8446 s7.1: what the server's Handshake packets are sealed with."""
    early = quic._hmac(bytes(32), bytes(32))
    return derive(quic._hmac(derive(early, b"derived", b""), shared), b"s hs traffic", hello + answer)


def opens(secret, packet, at, version):
    """Whether a Handshake packet was sealed with that."""
    prefix = quic.LABELS[version]
    key, iv, header_key = (quic._expand(secret, f"{prefix} {name}", size) for name, size in (("key", 16), ("iv", 12), ("hp", 16)))
    mask = quic._mask(header_key, packet[at + 4:at + 20])
    first = packet[0] ^ mask[0] & 15
    size = 1 + (first & 3)
    number = bytes(a ^ b for a, b in zip(packet[at:at + size], mask[1:]))
    try:
        AESGCM(key).decrypt(quic._nonce(iv, int.from_bytes(number, "big")), packet[at + size:],
                            bytes([first]) + packet[1:at] + number)
    except InvalidTag:
        return False
    return True


class QuicTalk(Talk):
    ports = {"quic": QUIC, "quic retry": QUIC_RETRY}

    def __init__(self, host, way, name):
        super().__init__(host, way, name)
        self.dcid, self.scid, self.version, self.token = os.urandom(8), b"", V1, b""
        self.key_dcid, self.arrived, self.sent = None, [], []
        self.source, self.source_port = self.tcp.source, random.randrange(20000, 60000)
        self.queue = host.listen(self.source)

    def request(self, name):
        return b""

    def hello(self, name=None, size=0, **how):
        """Makes the hello that counts, unless another name is given."""
        private = X25519PrivateKey.generate()
        public = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        parameters = b"".join(value(kind) + value(4) + value(100000, 4) for kind in (1, 4, 5, 6, 7, 8, 9)) + value(15) 
        parameters += value(len(self.scid)) + self.scid
        made = tls_hello.client_hello(name or self.name, TLS13, share=(X25519, public), ciphers=b"\x13\x01", size=size,
                                      after=[extension(16, b"\0\3\2h3"), extension(57, parameters)], **how)
        if not name:
            self.private, self.stream = private, made
        return made

    def initial(self, frames, number=0, **how):
        how.setdefault("dcid", self.dcid)
        return Initial(frames=frames, number=number, scid=self.scid, **{"version": self.version, "token": self.token, **how})

    def send(self, datagram, remember=True, checksum=True, ip=None, **how):
        segment = raw.udp(self.source, self.server, (self.source_port, self.port), datagram, not checksum)
        for packet in [raw.ip(self.source, self.server, raw.UDP, segment, **how)] if not ip else ip(segment):
            self.host.send(packet)
            if remember:
                self.sent.append(packet)

    def bluff(self, datagram, **how):
        self.send(datagram, remember=False, **how)

    def receive(self, seconds):
        """One more datagram of the server's, or None."""
        try:
            protocol, segment = self.queue.get(timeout=seconds)
        except queue.Empty:
            return None
        if protocol != raw.UDP or struct.unpack("!HH", segment[:4]) != (self.port, self.source_port):
            return b""
        self.arrived.append(segment[8:])
        return segment[8:]

    def is_heard(self):
        """Whether what came answers the hello."""
        packets = [p for datagram in self.arrived for p in quic.split(datagram)]
        stream = {}
        for kind, version, _, _, at, packet in packets:
            if kind == INITIAL:
                try:
                    frames = quic.open_initial(packet, at, self.key_dcid or self.dcid, version, server=True)[1]
                except InvalidTag:
                    continue
                stream.update(quic.crypto_of(frames))
        answer = b"".join(stream[at] for at in sorted(stream))
        at = answer.find(b"\0\x33\0\x24\0\x1d\0\x20")  # its key share
        if answer[:1] != b"\2" or at < 0:
            return False
        shared = self.private.exchange(X25519PublicKey.from_public_bytes(answer[at + 8:at + 40]))
        secret = server_secret(shared, self.stream, answer[:4 + int.from_bytes(answer[1:4], "big")])
        return any(kind == quic.HANDSHAKE and opens(secret, packet, at, version)
                   for kind, version, _, _, at, packet in packets)

    def finish(self):
        for seconds in WAITS:
            end = time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                if self.receive(left) and self.is_heard():
                    return True
            for packet in self.sent:
                self.host.send(packet)
        return False


# --- what ways are made of ---

def datagrams(*cuts, size=0, order=None, **how):
    """The hello in so many datagrams; a cut is a number, or is asked of the talk."""
    def act(t):
        t.hello(size=size)
        edges = sorted({0, *(c(t) if callable(c) else c for c in cuts), len(t.stream)})
        made = [pad([t.initial(crypto(a, t.stream[a:b]), number)]) for number, (a, b) in enumerate(zip(edges, edges[1:]))]
        for datagram in order(t, made) if order else made:
            t.send(datagram, **how)
    return act


def frames(make, size=0):
    """The hello in one packet, in these frames."""
    def act(t):
        t.hello(size=size)
        t.send(pad([t.initial(make(t))]))
    return act


def small_frames(size, between=b"", shuffle=False):
    def make(t):
        parts = [crypto(at, t.stream[at:at + size]) + between for at in range(0, len(t.stream), size)]
        if shuffle:
            t.random.shuffle(parts)
        return b"".join(parts)
    return frames(make)


def middle(t):
    return t.stream.index(t.name.encode()) + len(t.name) // 2


def other(t, begin, end):
    return t.garbage(begin, end)


def older_stays(t):
    at = middle(t) - 5
    return crypto(0, t.stream[:at + 5]) + crypto(at, other(t, at, at + 5) + t.stream[at + 5:])


def reaching_back(t):
    at = middle(t)
    return crypto(at, t.stream[at:]) + crypto(0, t.stream[:at + 10])


def several_in_one(t):
    t.hello()
    at = middle(t)
    t.send(pad([t.initial(crypto(at, t.stream[at:]), 1), t.initial(crypto(0, t.stream[:at]), 0)]))


def behind_others(t):
    t.hello()
    t.send(pad([quic.long_packet(quic.ZERO_RTT, t.dcid, os.urandom(60)), t.initial(crypto(0, t.stream))]))


def before_others(t):
    t.hello()
    t.send(pad([t.initial(crypto(0, t.stream)), quic.long_packet(quic.HANDSHAKE, t.dcid, os.urandom(60))]))


def decoy(packet=None, last=False, **how):
    """An innocent Initial that the server does not take, and then the real one; or in the other order."""
    def act(t):
        t.hello()
        fake = pad([t.initial(crypto(0, t.hello(t.innocent)), **{k: v() if callable(v) else v for k, v in (packet or {}).items()})])
        real = pad([t.initial(crypto(0, t.stream))])
        if not last:
            t.bluff(fake, **how)
        at = middle(t)
        if last:
            t.send(pad([t.initial(crypto(0, t.stream[:at]))]))
            t.bluff(fake, **how)
            t.send(pad([t.initial(crypto(at, t.stream[at:]), 1)]))
        else:
            t.send(real)
    return act


def bait(t):
    """A version that nobody has: the server says which it has."""
    t.hello()
    t.bluff(pad([t.initial(crypto(0, t.hello(t.innocent)), version=0x1a2a3a4a, key_version=V1)]))
    t.receive(1)
    t.send(pad([t.initial(crypto(0, t.stream))]))


def version(number):
    def act(t):
        t.version = number
        t.hello()
        t.send(pad([t.initial(crypto(0, t.stream))]))
    return act


def identities(dcid, scid):
    def act(t):
        t.dcid, t.scid = os.urandom(dcid), os.urandom(scid)
        t.hello()
        t.send(pad([t.initial(crypto(0, t.stream))]))
    return act


def retried(first):
    """The server has the client say it again, with a token."""
    def act(t):
        t.scid = os.urandom(8)
        t.bluff(pad([t.initial(crypto(0, t.hello(first(t))))]))
        for _ in range(4):
            datagram = t.receive(1)
            found = [p for p in quic.split(datagram or b"") if p[0] == RETRY]
            if found:
                break
        else:
            return
        _, _, dcid, scid, _, packet = found[0]
        t.dcid = t.key_dcid = scid  # RFC 9000, 7.2
        t.token = packet[7 + len(dcid) + len(scid):-16]
        t.hello()
        t.send(pad([t.initial(crypto(0, t.stream))]))
    return act


def ports_again(t):
    """An innocent connection, and another one between the same ports."""
    t.hello()
    t.bluff(pad([t.initial(crypto(0, t.hello(t.innocent)), dcid=os.urandom(8))]))
    t.receive(1)
    time.sleep(0.2)
    t.send(pad([t.initial(crypto(0, t.stream))]))


def far_frame(t):
    """Bytes far behind the hello: more than the gate reads of one, and a server need not look at them yet."""
    t.hello()
    t.send(pad([t.initial(crypto(0, t.stream) + crypto(17000, b"far"))]))


def fifth(t):
    """Four innocent connections begin first, and are sent again until one of them is answered: so long it has to wait."""
    t.hello()
    others = [pad([t.initial(crypto(0, t.hello(t.innocent)), dcid=os.urandom(8))]) for _ in range(4)]
    for other in others:
        t.bluff(other)
    t.send(pad([t.initial(crypto(0, t.stream))]))
    for seconds in WAITS:
        if t.receive(seconds):
            break
        for other in others:
            t.bluff(other)


def from_port(number):
    def act(t):
        t.source_port = number
        t.hello()
        t.send(pad([t.initial(crypto(0, t.stream))]))
    return act


def in_fragments(size, backwards=False):
    def act(t):
        def cut(segment):
            parts = list(raw.fragments(t.source, t.server, raw.UDP, segment, size))
            return parts[::-1] if backwards else parts
        t.hello()
        t.send(pad([t.initial(crypto(0, t.stream))]), ip=cut)
    return act


def longer_than_its_length(t):
    t.hello()
    def add(segment):
        return [raw.ip(t.source, t.server, raw.UDP, segment + os.urandom(20))]
    t.send(pad([t.initial(crypto(0, t.stream))]), ip=add)


def no_checksum(t):
    t.hello()
    t.send(pad([t.initial(crypto(0, t.stream))]), ip=lambda s: [
        raw.ip(t.source, t.server, raw.UDP, s[:6] + bytes(2) + s[8:])])


def ping_first(t):
    t.hello()
    t.send(pad([t.initial(PING)]))
    t.send(pad([t.initial(crypto(0, t.stream), 1)]))


def slowly(t):
    t.hello()
    at = middle(t)
    t.send(pad([t.initial(crypto(at, t.stream[at:]), 1)]))
    time.sleep(0.7)
    t.send(pad([t.initial(crypto(0, t.stream[:at]))]))


def forged_close(t):
    t.hello()
    t.bluff(pad([t.initial(quic.close())]), ttl=SHORT)
    t.send(pad([t.initial(crypto(0, t.stream))]))


def garbage_before(t):
    t.hello()
    for size in (1, 30, 1200):
        t.bluff(os.urandom(size))
    t.send(pad([t.initial(crypto(0, t.stream))]))


def numbered(number, size):
    def act(t):
        t.hello()
        t.send(pad([t.initial(crypto(0, t.stream), number, number_size=size)]))
    return act


def reverse(_, parts):
    return parts[::-1]


def shuffled(t, parts):
    return t.shuffled(parts)


def twice(_, parts):
    return [p for part in parts for p in (part, part)]


Q = "quic"
QUIC_WAYS = tuple(Way(title, act, *more[:2] or (Q,), **(more[2] if len(more) > 2 else {})) for title, act, *more in (
    ("as everybody does", datagrams()),
    ("as everybody does, IPv6", datagrams(), Q, 6),
    ("two datagrams", datagrams(middle)),
    ("two datagrams, the second first", datagrams(middle, order=reverse)),
    ("two datagrams, slowly and backwards", slowly),
    ("a hello of 1.7 KiB", datagrams(1100, size=1700)),
    ("a hello of 1.7 KiB, the second part first", datagrams(1100, size=1700, order=reverse)),
    ("a hello of 1.7 KiB in eight datagrams, shuffled", datagrams(*range(200, 1700, 200), size=1700, order=shuffled)),
    ("a hello of 6 KiB", datagrams(*range(1000, 6000, 1000), size=6000)),
    ("a hello of 12 KiB, backwards", datagrams(*range(1000, 12000, 1000), size=12000, order=reverse)),
    ("every datagram twice", datagrams(100, 200, order=twice)),
    ("thirty datagrams", datagrams(*range(10, 300, 10))),
    ("two frames, the second first", frames(lambda t: crypto_frames(t.stream, [(middle(t), None), (0, middle(t))]))),
    ("frames of 4 bytes", small_frames(4)),
    ("frames of 4 bytes, shuffled", small_frames(4, shuffle=True)),
    ("frames of 6 bytes, padding between", small_frames(6, padding(3))),
    ("frames of 6 bytes, pings between, shuffled", small_frames(6, PING, shuffle=True)),
    ("padding before the hello", frames(lambda t: padding(200) + crypto(0, t.stream))),
    ("empty frames", frames(lambda t: crypto(0, b"") + crypto(0, t.stream))),
    ("frame types in long form", frames(lambda t: crypto(0, t.stream, 8)), Q, 4, {"note": NO_SERVER}),
    ("overlap: the same again", frames(reaching_back)),
    ("overlap: what is old stays", frames(older_stays)),
    ("two Initials in a datagram, the second first", several_in_one),
    ("behind a 0-RTT packet", behind_others, Q, 4, {"note": NO_SERVER}),
    ("before a Handshake packet", before_others),
    ("decoy of low TTL", decoy(ttl=SHORT)),
    ("decoy of low TTL, IPv6", decoy(ttl=SHORT), Q, 6),
    ("decoy of low TTL, of another number", decoy({"number": 7}, ttl=SHORT)),
    ("decoy of low TTL, of another identity", decoy({"dcid": lambda: os.urandom(8)}, ttl=SHORT)),
    ("decoy of low TTL in the middle", decoy(last=True, ttl=SHORT)),
    ("decoy of bad tag", decoy({"broken": True})),
    ("decoy of bad UDP checksum", decoy(checksum=False)),
    ("decoy of another version", decoy({"version": 0xff00001d, "key_version": V1})),
    ("decoy with a length beyond its end", decoy({"length": 5000})),
    ("decoy of another identity that the server takes too", decoy({"dcid": lambda: os.urandom(8)})),
    ("a version that nobody has", bait),
    ("version 2", version(V2), Q, 4, SINCE_1),
    ("identities of 20 bytes", identities(20, 20)),
    ("identities of 9 bytes and none", identities(9, 0)),
    ("an identity of no byte", identities(0, 8), Q, 4, {"note": NO_SERVER}),
    ("asked again with a token", retried(lambda t: t.name), "quic retry"),
    ("asked again, another name before", retried(lambda t: t.innocent), "quic retry"),
    ("the same ports again", ports_again),
    ("from the port of DNS", from_port(53), Q, 4, UNTIL_1),
    ("a frame far behind the hello", far_frame),
    ("the fifth connection between the same ports", fifth),
    ("IP fragments of 24 bytes", in_fragments(24)),
    ("IP fragments of 400 bytes, backwards", in_fragments(400, True)),
    ("IPv6 fragments of 400 bytes, backwards", in_fragments(400, True), Q, 6),
    ("bytes behind the end that UDP says", longer_than_its_length),
    ("without UDP's checksum", no_checksum),
    ("a ping first", ping_first),
    ("a forged end of low TTL", forged_close),
    ("garbage first", garbage_before),
    ("a large packet number", numbered(0x00f0f0f0, 4)),
    ("the fixed bit is not set", lambda t: (t.hello(), t.send(pad([t.initial(crypto(0, t.stream), fixed_bit=False)]))), Q, 4,
     UNTIL_1),
    ("a token that nobody gave", lambda t: (setattr(t, "token", os.urandom(40)), t.hello(),
                                          t.send(pad([t.initial(crypto(0, t.stream))])))),
))
TALKS = {"quic": QuicTalk, "quic retry": QuicTalk}
