"""ClientHellos as clients make them, or as none would; and the records around them (RFC 5246, RFC 8446)."""
import os
import struct

HANDSHAKE, ALERT, CHANGE = 22, 21, 20
TLS12, TLS13 = 0x0303, 0x0304
X25519, P256, P384 = 29, 23, 24
WARNING = b"\1\x5a"  # user_canceled, which ends nothing


def vector(size, body):
    return len(body).to_bytes(size, "big") + body


def extension(kind, body):
    return struct.pack("!H", kind) + vector(2, body)


def entry(name, kind=0):
    return bytes([kind]) + vector(2, name.encode())


def server_name(*entries):
    return extension(0, vector(2, b"".join(entries)))


def extensions_of(version, groups, share):
    made = [extension(10, vector(2, b"".join(struct.pack("!H", g) for g in groups))), extension(11, b"\1\0"),
            extension(13, vector(2, bytes.fromhex("040308040401050308050501")))]
    if version == TLS13:
        group, key = share or (X25519, os.urandom(32))
        made += [extension(43, b"\2\3\4"), extension(51, vector(2, struct.pack("!H", group) + vector(2, key))),
                 extension(45, b"\1\1")]
    else:
        made += [extension(23, b""), extension(0xff01, b"\0")]
    return made


def client_hello(name=None, version=TLS12, *, before=(), after=(), names=None, size=0, groups=(X25519, P256), share=None,
                 session=b"", random=None, ciphers=None):
    """A handshake message. `names` in place of the one server name extension; other extensions go `before` and
    `after` it; `size`: padded to that many bytes, in front of the name."""
    ciphers = ciphers or (b"\x13\x01\x13\x02\x13\x03" if version == TLS13 else b"\xc0\x2b\xc0\x2c\xcc\xa9")
    random = random or os.urandom(32)
    name_part = names if names is not None else [server_name(entry(name))] if name else []

    def message(padding):
        body = [*padding, *before, *name_part, *extensions_of(version, groups, share), *after]
        hello = struct.pack("!H", TLS12) + random + vector(1, session) + vector(2, ciphers) + b"\1\0"
        hello += vector(2, b"".join(body))
        return b"\1" + vector(3, hello)

    missing = size - len(message([]))
    return message([extension(21, bytes(missing - 4))] if missing >= 4 else [])


def record(data, kind=HANDSHAKE, version=0x0301):
    return struct.pack("!BH", kind, version) + vector(2, data)


def records(message, *cuts, version=0x0301):
    """The message in a record for each part between the cuts."""
    edges = [0, *cuts, len(message)]
    return b"".join(record(message[a:b], version=version) for a, b in zip(edges, edges[1:]))


def plain(name, **how):
    """The usual: a hello in records as large as may be."""
    message = client_hello(name, **how)
    return records(message, *range(16000, len(message), 16000))
