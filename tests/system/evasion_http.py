"""Ways of requests in the clear: HTTP/1.x as two servers take it, HTTP/2 without TLS."""
import struct

import hpack
from evasion import NO_SERVER, Talk, Way
from raw_packets import ACK, PSH

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 4, 6, 8, 9
END_STREAM, END_HEADERS, PADDED, HAS_PRIORITY = 1, 4, 8, 0x20


def request(template, **how):
    """The stream is this text, with the name for {n}, its halves for {a} and {b}, an innocent one for {i}."""
    def act(t):
        half = len(t.name) // 2
        t.stream = template.format(n=t.name, i=t.innocent, a=t.name[:half], b=t.name[half:], N=t.name.upper(),
                                   T=t.name.title()).encode()
        if how.get("every"):
            t.pieces(*range(how["every"], len(t.stream), how["every"]), order=how.get("order"))
        else:
            t.whole()
    return act


def second(template, wait=True, end=True):
    """An innocent request first, on the same connection; `wait` for its answer."""
    def act(t):
        t.stream = f"GET / HTTP/1.1\r\nHost: {t.innocent}\r\n\r\n".encode()
        begin = len(t.stream)
        if wait:
            t.whole()
            t.tcp.pump(1.5, lambda: b"this is " + t.innocent.encode() in t.tcp.received)
            t.stream += template.format(n=t.name).encode()
            t.part(begin)
        else:
            t.stream += template.format(n=t.name).encode()
            t.whole()
    return act


def behind(template, asked=None):
    """The request behind an innocent one that is not what it looks like, and that is answered."""
    def act(t):
        innocent = template.format(i=t.innocent).encode()
        last = asked.format(n=t.name, i=t.innocent).encode() if asked else t.stream
        t.stream = innocent
        t.whole()
        t.tcp.pump(1.5, lambda: b"HTTP/1.1 " in t.tcp.received)
        t.stream += last
        t.part(len(innocent))
    return act


def tenth(t):
    """Nine innocent requests, one after the other."""
    innocent = f"GET / HTTP/1.1\r\nHost: {t.innocent}\r\n\r\n".encode()
    t.tcp.connect()
    for number in range(9):
        t.tcp.segment(number * len(innocent), innocent)
        t.tcp.pump(1.5, lambda n=number: t.tcp.received.count(b"this is ") > n)
    t.stream = innocent * 9 + t.stream
    t.part(9 * len(innocent))


def decoy(**how):
    def act(t):
        t.tcp.connect()
        t.tcp.segment(0, t.fake(), **how)
        t.whole()
    return act


def urgent(t):
    at = t.middle
    t.stream = t.stream[:at] + b"x" + t.stream[at:]
    t.tcp.connect()
    def send(done=0):
        t.tcp.segment(0, t.stream, flags=0x20 | PSH | ACK, urgent=at + 1)
    send()
    t.again = send


GET = "GET / HTTP/1.1\r\n"
AGAIN = "GET / HTTP/1.1\r\nHost: {n}\r\n\r\n"
ABSOLUTE = "GET http://{n}/ HTTP/1.1\r\nHost: {i}\r\n\r\n"
HTTP_WAYS = [
    Way("as everybody does", request(GET + "Host: {n}\r\n\r\n"), "http"),
    Way("as everybody does, IPv6", request(GET + "Host: {n}\r\n\r\n"), "http", 6),
    Way("in single bytes", request(GET + "Host: {n}\r\n\r\n", every=1), "http"),
    Way("in pieces of 6, backwards", request(GET + "Host: {n}\r\n\r\n", every=6, order=lambda parts: parts[::-1]), "http"),
    Way("the field in odd letters", request(GET + "hOSt: {n}\r\n\r\n"), "http"),
    Way("the name in odd letters", request(GET + "Host: {T}\r\n\r\n"), "http"),
    Way("no space behind the colon", request(GET + "Host:{n}\r\n\r\n"), "http"),
    Way("many spaces and a tab around the name", request(GET + "Host:   \t {n} \t \r\n\r\n"), "lenient"),
    Way("spaces around the name", request(GET + "Host:    {n}   \r\n\r\n"), "http"),
    Way("a space before the colon", request(GET + "Host : {n}\r\n\r\n"), "lenient", note=NO_SERVER),
    Way("the name with a last dot", request(GET + "Host: {n}.\r\n\r\n"), "http"),
    Way("the name with a port", request(GET + "Host: {n}:80\r\n\r\n"), "http"),
    Way("the name with dot and port", request(GET + "Host: {n}.:80\r\n\r\n"), "http"),
    Way("the name on a folded line", request(GET + "Host:\r\n {n}\r\n\r\n"), "lenient"),
    Way("the name cut by a folded line", request(GET + "Host: {a}\r\n {b}\r\n\r\n"), "lenient", note=NO_SERVER),
    Way("absolute form", request("GET http://{n}/ HTTP/1.1\r\nHost: {n}\r\n\r\n"), "http"),
    Way("absolute form, another Host", request(ABSOLUTE), "http"),
    Way("absolute form, scheme in capitals", request("GET HTTP://{n}/ HTTP/1.1\r\nHost: {i}\r\n\r\n"), "http"),
    Way("absolute form with a user", request("GET http://u@{n}/ HTTP/1.1\r\nHost: {i}\r\n\r\n"), "http", note=NO_SERVER),
    Way("two Hosts, the innocent one last", request(GET + "Host: {n}\r\nHost: {i}\r\n\r\n"), "lenient"),
    Way("two Hosts, the innocent one first", request(GET + "Host: {i}\r\nHost: {n}\r\n\r\n"), "http", note=NO_SERVER),
    Way("lines that end with LF alone", request("GET / HTTP/1.1\nHost: {n}\n\n"), "http"),
    Way("empty lines before", request("\r\n\r\n" + GET + "Host: {n}\r\n\r\n"), "http"),
    Way("many empty lines before", request("\r\n" * 200 + GET + "Host: {n}\r\n\r\n"), "http"),
    Way("an unusual method", request("POST / HTTP/1.1\r\nContent-Length: 0\r\nHost: {n}\r\n\r\n"), "http"),
    Way("a method of no standard", request("FETCHIT / HTTP/1.1\r\nHost: {n}\r\n\r\n"), "http"),
    Way("a method in small letters", request("get / HTTP/1.1\r\nHost: {n}\r\n\r\n"), "http", note=NO_SERVER),
    Way("HTTP/1.0", request("GET / HTTP/1.0\r\nHost: {n}\r\n\r\n"), "http"),
    Way("version 1.9", request("GET / HTTP/1.9\r\nHost: {n}\r\n\r\n"), "http"),
    Way("spaces in the first line", request("GET   /   HTTP/1.1\r\nHost: {n}\r\n\r\n"), "http"),
    Way("Host behind 8 KB of other fields", request(GET + "X-Long: " + "x" * 8000 + "\r\nHost: {n}\r\n\r\n"), "http"),
    Way("Host behind a hundred fields", request(GET + "X-A: b\r\n" * 90 + "Host: {n}\r\n\r\n"), "http"),
    Way("a path of 4 KB", request("GET /" + "x" * 4000 + " HTTP/1.1\r\nHost: {n}\r\n\r\n"), "http"),
    Way("a field without colon before", request(GET + "Odd\r\nHost: {n}\r\n\r\n"), "http"),
    Way("a second request", second(AGAIN), "http"),
    Way("a second request at once", second(AGAIN, wait=False), "http"),
    Way("a second request behind an empty line", second("\r\n" + AGAIN), "http"),
    Way("the tenth request", tenth, "http"),
    Way("behind the body of an upgrade", behind("POST / HTTP/1.1\r\nHost: {i}\r\nUpgrade: x\r\nContent-Length: 5\r\n\r\n\0\0\0\0\0"), "http"),
    Way("absolute form behind a body of words", behind(GET + "Host: {i}\r\nContent-Length: 5\r\n\r\na b c", ABSOLUTE), "http"),
    Way("decoy of low TTL", decoy(ttl=2), "http"),
    Way("decoy of bad checksum", decoy(wrong_checksum=True), "http"),
    Way("an urgent byte in the name", urgent, "lenient"),
]


# --- HTTP/2 ---

def frame(kind, body=b"", flags=0, stream=0):
    return struct.pack("!I", len(body))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + body


def block(name, encoder=None, huffman=True, authority=":authority", before=(), **more):
    fields = [(":method", "GET"), (":scheme", "http"), (":path", "/"), *before]
    fields += [(authority, name)] if authority else []
    return (encoder or hpack.Encoder()).encode([*fields, *more.items()], huffman=huffman)


def asked(t, body, size=None, stream=1):
    """A request's frames: all in HEADERS, or in CONTINUATIONs of so many bytes."""
    if size is None:
        return frame(HEADERS, body, END_STREAM | END_HEADERS, stream)
    parts = [body[at:at + size] for at in range(0, len(body), size)]
    made = frame(HEADERS, parts[0], END_STREAM, stream)
    for at, part in enumerate(parts[1:], 2):
        made += frame(CONTINUATION, part, END_HEADERS if at == len(parts) else 0, stream)
    return made


def http2(make, every=None):
    def act(t):
        t.stream = PREFACE + frame(SETTINGS) + make(t)
        t.pieces(*range(every or 1300, len(t.stream), every or 1300))
    return act


def http2_second(t):
    """Another stream of the same connection, whose name is in the table that the first has made."""
    encoder = hpack.Encoder()
    t.stream = PREFACE + frame(SETTINGS) + asked(t, block(t.innocent, encoder))
    t.whole()
    t.tcp.pump(1.5, lambda: b"this is " + t.innocent.encode() in t.tcp.received)
    begin = len(t.stream)
    t.stream += frame(SETTINGS, b"", 1) + asked(t, block(t.name, encoder), stream=3)
    t.part(begin)


def http2_from_table(t):
    """The name comes first as a field of no meaning and then only as its number in the table."""
    encoder = hpack.Encoder()
    first = block(t.innocent, encoder, before=[("x-a", "b")])
    t.stream = PREFACE + frame(SETTINGS) + asked(t, first) + asked(t, block(t.name, encoder), stream=3)
    t.stream += asked(t, block(t.name, encoder), stream=5)
    t.whole()


def padded(t):
    body = block(t.name)
    return frame(HEADERS, bytes([50]) + body + bytes(50), END_STREAM | END_HEADERS | PADDED, 1)


def with_priority(t):
    return frame(HEADERS, struct.pack("!IB", 0, 15) + block(t.name), END_STREAM | END_HEADERS | HAS_PRIORITY, 1)


def noise(t):
    return (frame(WINDOW_UPDATE, struct.pack("!I", 65535)) + frame(PING, bytes(8)) + frame(0x77, b"unknown") +
            frame(PRIORITY, struct.pack("!IB", 0, 15), 0, 3) + asked(t, block(t.name)))


HTTP_WAYS += [
    Way("as everybody does", http2(lambda t: asked(t, block(t.name))), "http2"),
    Way("as everybody does, IPv6", http2(lambda t: asked(t, block(t.name))), "http2", 6),
    Way("in single bytes", http2(lambda t: asked(t, block(t.name)), every=1), "http2"),
    Way("without Huffman's code", http2(lambda t: asked(t, block(t.name, huffman=False))), "http2"),
    Way("fields in CONTINUATIONs of 8 bytes", http2(lambda t: asked(t, block(t.name), 8)), "http2"),
    Way("fields in CONTINUATIONs of one byte", http2(lambda t: asked(t, block(t.name), 1)), "http2"),
    Way("padded", http2(padded), "http2"),
    Way("with a priority", http2(with_priority), "http2"),
    Way("behind frames of all kinds", http2(noise), "http2"),
    Way("Host in the place of :authority", http2(lambda t: asked(t, block(t.name, authority="host"))), "http2"),
    Way(":authority, then another host", http2(lambda t: asked(t, block(t.name, host=t.innocent))), "http2", note=NO_SERVER),
    Way("behind 6 KB of other fields", http2(lambda t: asked(t, block(t.name, before=[("x-long", "y" * 6000)]), 4000)),
        "http2"),
    Way("a second stream", http2_second, "http2"),
    Way("a name out of the table", http2_from_table, "http2"),
    Way("two requests at once, the innocent one first", http2(
        lambda t: (lambda e: asked(t, block(t.innocent, e)) + asked(t, block(t.name, e), stream=3))(hpack.Encoder())), "http2"),
]
TALKS = {"http2": Talk}
