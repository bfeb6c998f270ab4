"""Ways of records, messages and hellos: what TLS servers take that is not as clients send it."""
import os


import tls_hello
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from evasion import NO_SERVER, Talk, Way
from tls_hello import ALERT, CHANGE, P256, P384, TLS13, WARNING, X25519, entry, extension, record, server_name

HELLO_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")  # RFC 8446 s4.1.3
SERVER_HELLO_RANDOM = slice(11, 43)  # behind the headers of record and message
GREASE = extension(0x0a0a, b"")


def hello(name=None, **how):
    """The whole stream is this hello in records as large as they may be."""
    def act(t):
        spoken = name(t) if name else t.name
        t.stream = tls_hello.plain(spoken, **{k: v(t) if callable(v) else v for k, v in how.items()})
        t.whole()
    return act


def stream(make):
    """The whole stream is what `make` says."""
    def act(t):
        t.stream = make(t)
        t.whole()
    return act


def in_records(size, cut=None, **how):
    def act(t):
        message = tls_hello.client_hello(t.name)
        t.stream = tls_hello.records(message, *range(size, len(message), size), **how)
        t.pieces(*range(cut or 1300, len(t.stream), cut or 1300))
    return act


def in_records_shuffled(t):
    message = tls_hello.client_hello(t.name)
    t.stream = tls_hello.records(message, *range(20, len(message), 20))
    t.pieces(*range(7, len(t.stream), 7), order=t.shuffled)


def cut_in_name(t):
    message = tls_hello.client_hello(t.name)
    return tls_hello.records(message, message.index(t.name.encode()) + 4)


def zero_between(t):
    message = tls_hello.client_hello(t.name)
    return record(message[:40]) + record(b"") + record(message[40:])


def odd_versions(t):
    message = tls_hello.client_hello(t.name)
    return record(message[:30], version=0x0301) + record(message[30:90], version=0x0303) + record(message[90:], version=0x0300)


def names(*make):
    """Server names of other forms, in the place of the usual extension."""
    return lambda t: [m(t) for m in make]


def grease_ech():
    body = b"\0" + bytes.fromhex("00010001") + os.urandom(1) + tls_hello.vector(2, os.urandom(32))
    return extension(0xfe0d, body + tls_hello.vector(2, os.urandom(208)))


def many_extensions(count):
    return [extension(0x7000 + n, b"") for n in range(count)]


# --- hellos that are asked for again ---

def shares(group):
    kind = {P256: ec.SECP256R1(), P384: ec.SECP384R1()}[group]
    return group, ec.generate_private_key(kind).public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


# of 32 bytes, as a session has: a record and a message's beginning, and a random number's
SERVER_HELLO_BEGINS = bytes([22, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3]) + bytes(range(21))


class RetryTalk(Talk):
    """A server that asks for a second hello; both have the same random and session."""

    def heard(self, received):
        """A ServerHello that asks for nothing, behind the one that did."""
        return len(received) > 600 and received[SERVER_HELLO_RANDOM] == HELLO_RETRY


def asked_again(first, second, again=None, session=None):
    def act(t):
        connect = t.tcp.connect if session is None else t.tcp.connect_small
        random, echoed = os.urandom(32), session or os.urandom(32)
        def message(name, share):
            return tls_hello.client_hello(name(t), TLS13, random=random, session=echoed, groups=(X25519, P384), share=share)
        t.stream = record(message(first, (X25519, os.urandom(32))))
        connect()
        t.whole()
        if not t.tcp.pump(1.5, lambda: t.tcp.received[SERVER_HELLO_RANDOM] == HELLO_RETRY):
            return
        begin = len(t.stream)
        spoken = message(second, shares(P384))
        t.stream += record(b"\1", CHANGE, 0x0303) + (
            tls_hello.records(spoken, *range(again, len(spoken), again), version=0x0303) if again else
            record(spoken, version=0x0303))
        t.tcp.segment(begin, t.stream[begin:begin + 100])
        t.tcp.segment(begin + 100, t.stream[begin + 100:])
    return act


def target(t):
    return t.name


def innocent(t):
    return t.innocent


TLS_WAYS = (
    Way("a record for each byte", in_records(1)),
    Way("a record for each byte, in single bytes", in_records(1, cut=1)),
    Way("a record for each byte, IPv6", in_records(1), family=6),
    Way("records of 5 bytes", in_records(5)),
    Way("records of 20 bytes in pieces of 7, shuffled", in_records_shuffled),
    Way("records cut in the name", stream(cut_in_name)),
    Way("records of 30 bytes in pieces of 3", in_records(30, cut=3)),
    Way("an empty record before", stream(lambda t: record(b"") + t.stream)),
    Way("an empty record between", stream(zero_between)),
    Way("empty records without end", stream(lambda t: record(t.stream[5:60]) + record(b"") * 30 + record(t.stream[60:]))),
    Way("records of versions that differ", stream(odd_versions)),
    Way("a record of version 3.4", in_records(16000, version=0x0304)),
    Way("a record of version 3.255", in_records(16000, version=0x03ff)),
    Way("a record of version 2.0", in_records(16000, version=0x0200), note=NO_SERVER),
    Way("a warning before the hello", stream(lambda t: record(WARNING, ALERT) + t.stream), note=NO_SERVER),
    Way("two warnings before the hello", stream(lambda t: record(WARNING, ALERT) * 2 + t.stream), note=NO_SERVER),
    Way("a warning in the middle of the hello", stream(lambda t: record(t.stream[5:60]) + record(WARNING, ALERT)
                                                      + record(t.stream[60:])), note=NO_SERVER),
    Way("a change of ciphers before the hello", stream(lambda t: record(b"\1", CHANGE) + t.stream), note=NO_SERVER),
    Way("a request for a hello before it", stream(lambda t: record(bytes(4)) + t.stream), note=NO_SERVER),
    Way("an alert before the hello, cut in bytes", lambda t: (
        setattr(t, "stream", record(WARNING, ALERT) + t.stream), t.pieces(*range(1, len(t.stream)))), note=NO_SERVER),
    Way("the name in capitals", hello(lambda t: t.name.upper())),
    Way("the name in mixed letters", hello(lambda t: t.name.title())),
    Way("the name with a last dot", hello(lambda t: t.name + ".")),
    Way("the name last", hello(names=names(), after=lambda t: [server_name(entry(t.name))])),
    Way("the name behind 1.7 KiB", hello(size=1700)),
    Way("the name behind 1.7 KiB, reversed", lambda t: (
        setattr(t, "stream", tls_hello.plain(t.name, size=1700)),
        t.pieces(*range(1200, 1705, 1200), order=lambda parts: parts[::-1]))),
    Way("the name behind 8 KiB", hello(size=8000)),
    Way("the name behind 15.9 KiB", hello(size=15900)),
    Way("two hundred extensions before the name", hello(before=many_extensions(200))),
    Way("a thousand extensions before the name", hello(before=many_extensions(1000))),
    Way("a hundred ciphers, an old session", hello(ciphers=b"\xc0\x2b\xc0\x2c" + bytes(
        b for n in range(100) for b in (0x5a, n)), session=bytes(range(32)))),
    Way("a name of another kind before the name", hello(names=names(
        lambda t: server_name(entry(t.innocent, 7), entry(t.name)))), note=NO_SERVER),
    Way("two names", hello(names=names(lambda t: server_name(entry(t.innocent), entry(t.name)))), note=NO_SERVER),
    Way("two names, the other way round", hello(names=names(lambda t: server_name(entry(t.name), entry(t.innocent)))),
        note=NO_SERVER),
    Way("two extensions for names", hello(names=names(lambda t: server_name(entry(t.innocent)),
                                                     lambda t: server_name(entry(t.name)))), note=NO_SERVER),
    Way("extensions that nobody knows, and a decoy of ECH", hello(before=[GREASE, grease_ech()])),
    Way("a decoy of ECH, of QUIC's parameters and early data", hello(version=TLS13, share=lambda t: (X25519, os.urandom(32)),
                                                                   after=[grease_ech(), GREASE]), "tls13"),
    Way("a post-quantum share", hello(version=TLS13, after=[extension(0x2a2a, os.urandom(1216))]), "tls13"),
    Way("two hellos in one record", stream(lambda t: record(tls_hello.client_hello(t.name) + tls_hello.client_hello(t.innocent)))),
    Way("other bytes behind the hello", stream(lambda t: t.stream + os.urandom(60))),
    Way("asked again, the same name", asked_again(target, target), "hrr"),
    Way("asked again, another name then", asked_again(innocent, target), "hrr"),
    Way("asked again, then in records of 9 bytes", asked_again(innocent, target, again=9), "hrr"),
    Way("asked again, by what repeats a ServerHello in its second segment",
        asked_again(innocent, target, session=SERVER_HELLO_BEGINS), "hrr"),
    Way("asked again, no name before", asked_again(lambda t: None, target), "hrr"),
    Way("asked again, another name first", asked_again(target, innocent), "hrr"),
)


class Tls13Talk(Talk):
    """The certificate is not in the clear; that there is a ServerHello and what follows it is what is seen."""

    def heard(self, received):
        return len(received) > 600 and received[:1] == b"\x16" and received[5:6] == b"\2"


TALKS = {"hrr": RetryTalk, "tls13": Tls13Talk}
