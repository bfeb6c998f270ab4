"""QUIC packets as a client or a server makes them, sound or not: Initials of versions 1 and 2 with any frames
in any order, coalesced, padded or not, and opened again (RFC 9000, RFC 9001, RFC 9369).

    hello = client_hello("blocked.example")
    initial = Initial(dcid, crypto_frames(hello, [(700, None), (0, 700)]), number=0)
    datagram = pad([initial], 1200)
"""
import os
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

V1, V2 = 0x00000001, 0x6B3343CF
SALTS = {V1: bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
         V2: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")}
LABELS = {V1: "quic", V2: "quicv2"}
INITIAL, ZERO_RTT, HANDSHAKE, RETRY = "initial", "0rtt", "handshake", "retry"
TYPE_BITS = {V1: {INITIAL: 0, ZERO_RTT: 1, HANDSHAKE: 2, RETRY: 3},
             V2: {RETRY: 0, INITIAL: 1, ZERO_RTT: 2, HANDSHAKE: 3}}
RETRY_KEYS = {V1: ("be0c690b9f66575a1d766b54e368c84e", "461599d35d632bf2239825bb"),
              V2: ("8fb4b01b56ac48e260fbcbcead7ccc92", "d86969bc2d7c6d9990efb04a")}
TAG = 16


def value(number, size=None):
    """A variable-length integer, in `size` bytes where it is given, else in the fewest."""
    size = size or next(s for s in (1, 2, 4, 8) if number < 1 << (8 * s - 2))
    return (number | {1: 0, 2: 1, 4: 2, 8: 3}[size] << (8 * size - 2)).to_bytes(size, "big")


def read_value(data, at):
    size = 1 << (data[at] >> 6)
    return int.from_bytes(data[at:at + size], "big") & ((1 << (8 * size - 2)) - 1), at + size


def _hmac(key, data):
    h = hmac.HMAC(key, hashes.SHA256())
    h.update(data)
    return h.finalize()


def _expand(secret, label, size):
    label = b"tls13 " + label.encode()
    info = struct.pack("!HB", size, len(label)) + label + b"\0"
    return _hmac(secret, info + b"\1")[:size]


def keys(dcid, version=V1, server=False):
    """(key, iv, header key) of one side."""
    salt = SALTS.get(version, SALTS[V1])
    secret = _expand(_hmac(salt, dcid), "server in" if server else "client in", 32)
    prefix = LABELS.get(version, "quic")
    return tuple(_expand(secret, f"{prefix} {name}", size) for name, size in
                 (("key", 16), ("iv", 12), ("hp", 16)))


def _mask(header_key, sample):
    aes = Cipher(algorithms.AES(header_key), modes.ECB()).encryptor()
    return aes.update(sample)


def _nonce(iv, number):
    return bytes(a ^ b for a, b in zip(iv, number.to_bytes(12, "big")))


# --- frames ---

PING = b"\x01"


def padding(size):
    return bytes(size)


def crypto(offset, data, type_size=None):
    return value(6, type_size) + value(offset) + value(len(data)) + data


def crypto_frames(stream, cuts):
    """The bytes [begin, end) of the stream as one CRYPTO frame each, in the order given; end None: its end."""
    return b"".join(crypto(begin, stream[begin:end]) for begin, end in cuts)


def close(error=0, reason=b""):
    return b"\x1c" + value(error) + value(0) + value(len(reason)) + reason


# --- packets ---

@dataclass
class Initial:
    """An Initial. `key_dcid`: whose keys, where they are not those of `dcid` (after the server's answer).
    `length`: what the header says instead of the truth. `broken`: its tag is wrong."""
    dcid: bytes
    frames: bytes
    number: int = 0
    number_size: int = 1
    scid: bytes = b""
    token: bytes = b""
    version: int = V1
    key_dcid: bytes = None
    key_version: int = None
    server: bool = False
    length: int = None
    broken: bool = False
    fixed_bit: bool = True
    reserved: int = 0

    def size(self):
        return len(self.build())

    def build(self, pad_to=0):
        key, iv, header_key = keys(self.dcid if self.key_dcid is None else self.key_dcid,
                                   self.key_version or self.version, self.server)
        bits = TYPE_BITS.get(self.version, TYPE_BITS[V1])[INITIAL]
        first = (0x80 | (0x40 if self.fixed_bit else 0) | bits << 4 | self.reserved << 2 |
                 self.number_size - 1)
        head = (bytes([first]) + struct.pack("!I", self.version) + bytes([len(self.dcid)]) + self.dcid +
                bytes([len(self.scid)]) + self.scid + value(len(self.token)) + self.token)
        frames = self.frames
        # the sample must be there: 4 bytes from the number on, then 16
        frames += bytes(max(0, 4 - self.number_size - len(frames)))
        size = self.number_size + len(frames) + TAG
        frames += bytes(max(0, pad_to - (len(head) + 2 + size)))
        size = self.number_size + len(frames) + TAG
        head += value(size if self.length is None else self.length, 2)
        number = (self.number & ((1 << 8 * self.number_size) - 1)).to_bytes(self.number_size, "big")
        sealed = AESGCM(key).encrypt(_nonce(iv, self.number), frames, head + number)
        if self.broken:
            sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
        packet = bytearray(head + number + sealed)
        mask = _mask(header_key, sealed[4 - self.number_size:][:16])
        packet[0] ^= mask[0] & 0x0F
        for i in range(self.number_size):
            packet[len(head) + i] ^= mask[1 + i]
        return bytes(packet)


def long_packet(kind, dcid, payload, scid=b"", version=V1):
    """A 0-RTT or Handshake packet of which nothing is true but the header."""
    first = 0xC0 | TYPE_BITS[version][kind] << 4
    return (bytes([first]) + struct.pack("!I", version) + bytes([len(dcid)]) + dcid +
            bytes([len(scid)]) + scid + value(len(payload), 2) + payload)


def retry(client_scid, server_scid, original_dcid, token, version=V1):
    first = 0xCF | TYPE_BITS[version][RETRY] << 4
    packet = (bytes([first]) + struct.pack("!I", version) + bytes([len(client_scid)]) + client_scid +
              bytes([len(server_scid)]) + server_scid + token)
    key, nonce = (bytes.fromhex(x) for x in RETRY_KEYS[version])
    return packet + AESGCM(key).encrypt(nonce, b"", bytes([len(original_dcid)]) + original_dcid + packet)


def pad(packets, size=1200):
    """One datagram of coalesced packets; the last Initial among them is padded so that it has `size`."""
    built = [p.build() if isinstance(p, Initial) else p for p in packets]
    last = max((i for i, p in enumerate(packets) if isinstance(p, Initial)), default=None)
    missing = size - sum(map(len, built))
    if last is not None and missing > 0:
        built[last] = packets[last].build(len(built[last]) + missing)
    return b"".join(built)


def client_datagrams(hello, dcid=None, cuts=None, version=V1, scid=b"", token=b"", numbers=None, size=1200):
    """A plain client: one Initial a datagram; `cuts` has a list of (begin, end) for each of them."""
    dcid = os.urandom(8) if dcid is None else dcid
    cuts = cuts or [[(at, min(at + 1000, len(hello)))] for at in range(0, len(hello), 1000)]
    numbers = numbers or range(len(cuts))
    return [pad([Initial(dcid, crypto_frames(hello, cut), number=n, scid=scid, token=token,
                         version=version)], size) for cut, n in zip(cuts, numbers)]


# --- opening ---

def split(datagram):
    """(kind, version, dcid, scid, offset of the number, bytes) of each packet with a long header and length."""
    at = 0
    while at < len(datagram) and datagram[at] & 0x80:
        start = at
        version = struct.unpack_from("!I", datagram, at + 1)[0]
        if version not in TYPE_BITS:
            return
        kind = next(k for k, v in TYPE_BITS[version].items() if v == datagram[at] >> 4 & 3)
        at += 5
        dcid = datagram[at + 1:at + 1 + datagram[at]]
        at += 1 + len(dcid)
        scid = datagram[at + 1:at + 1 + datagram[at]]
        at += 1 + len(scid)
        if kind == RETRY:
            yield kind, version, dcid, scid, 0, datagram[start:]
            return
        if kind == INITIAL:
            size, at = read_value(datagram, at)
            at += size
        size, at = read_value(datagram, at)
        yield kind, version, dcid, scid, at - start, datagram[start:at + size]
        at += size


def open_initial(packet, number_at, key_dcid, version=V1, server=False):
    """(packet number as sent, frames) of an Initial; InvalidTag where the keys are others."""
    key, iv, header_key = keys(key_dcid, version, server)
    mask = _mask(header_key, packet[number_at + 4:number_at + 20])
    first = packet[0] ^ mask[0] & 0x0F
    size = 1 + (first & 3)
    number = bytes(a ^ b for a, b in zip(packet[number_at:number_at + size], mask[1:]))
    head = bytes([first]) + packet[1:number_at] + number
    full = int.from_bytes(number, "big")
    return full, AESGCM(key).decrypt(_nonce(iv, full), packet[number_at + size:], head)


def crypto_of(frames):
    """The CRYPTO frames of an opened Initial: (offset, data) each."""
    found, at = [], 0
    while at < len(frames):
        kind, at = read_value(frames, at)
        if kind in (0, 1):
            continue
        if kind in (2, 3):
            _, at = read_value(frames, at)
            _, at = read_value(frames, at)
            count, at = read_value(frames, at)
            for _ in range(1 + 2 * count + (3 if kind == 3 else 0)):
                _, at = read_value(frames, at)
        elif kind == 6:
            offset, at = read_value(frames, at)
            size, at = read_value(frames, at)
            found.append((offset, frames[at:at + size]))
            at += size
        elif kind == 0x1C:
            _, at = read_value(frames, at)
            _, at = read_value(frames, at)
            size, at = read_value(frames, at)
            at += size
        else:
            raise ValueError(f"frame {kind:#x} in an Initial")
    return found


def hello_of(datagrams):
    """The CRYPTO stream that a plain client's datagrams carry, from its first byte to its first gap."""
    pieces, key_dcid = {}, None
    for datagram in datagrams:
        for kind, version, dcid, _, at, packet in split(datagram):
            if kind != INITIAL:
                continue
            key_dcid = dcid if key_dcid is None else key_dcid
            pieces.update(crypto_of(open_initial(packet, at, key_dcid, version)[1]))
    stream = b""
    for offset in sorted(pieces):
        if offset <= len(stream):
            stream += pieces[offset][len(stream) - offset:]
    return stream


# --- a ClientHello ---

def _extension(kind, body):
    return struct.pack("!HH", kind, len(body)) + body


def client_hello(name, size=0, alpn=b"h3", scid=b"", random=None):
    """A ClientHello of a QUIC client that names `name`, with a padding extension up to `size` bytes. `scid` is that
    of its packets: a server compares them."""
    host = name.encode()
    entry = b"\0" + struct.pack("!H", len(host)) + host
    share = struct.pack("!HH", 0x1D, 32) + os.urandom(32)
    # idle timeout; how much, in how many streams: servers of HTTP/3 ask for some
    parameters = b"".join(value(kind) + value(4) + value(number, 4) for kind, number in
                          ((1, 30000), (4, 1 << 20), (5, 1 << 18), (6, 1 << 18), (7, 1 << 18), (8, 100), (9, 100)))
    parameters += value(0x0F) + value(len(scid)) + scid
    extensions = (_extension(0, struct.pack("!H", len(entry)) + entry) +
                  _extension(10, b"\0\2\0\x1d") + _extension(13, b"\0\6\4\3\x08\4\4\1") +
                  _extension(16, struct.pack("!HB", len(alpn) + 1, len(alpn)) + alpn) +
                  _extension(43, b"\2\3\4") + _extension(51, struct.pack("!H", len(share)) + share) +
                  _extension(57, parameters))

    def message(extra):
        body = (b"\3\3" + (random or os.urandom(32)) + b"\0" + b"\0\4\x13\1\x13\3" + b"\1\0" +
                struct.pack("!H", len(extensions + extra)) + extensions + extra)
        return b"\1" + len(body).to_bytes(3, "big") + body

    missing = size - len(message(b""))
    return message(_extension(21, bytes(missing - 4)) if missing >= 4 else b"")
