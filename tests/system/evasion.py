"""Ways to say a name so that who stands in the path does not hear it: what they have in common.

A way is one row: what it is called, which service it asks, and how it says it. Its function gets a Talk, which
knows the name that is meant, an innocent one to put in its place, and the bytes of a request for each. A way
works when the server answers as the name's own: TLS 1.2 by the certificate, HTTP by the page.
"""
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import tls_hello
from packet_lab import WEB, WEB6
from packet_servers import FAST_OPEN, H2C, HRR, HTTP, HTTPS, LENIENT, SECOND
from raw_host import RawTcp

NO_SERVER = "no server accepts"  # no evasion: what servers do with it is tested, and nothing else
SHORT = 2  # the TTL of what dies at the hop behind the gate


@dataclass(eq=False)
class Way:
    title: str
    act: callable
    service: str = "tls"
    family: int = 4
    note: str = ""  # NO_SERVER, or empty

    def __str__(self):
        return f"{self.service}{'6' if self.family == 6 else ''}: {self.title}"


class Talk:
    """One way, tried for one name."""

    ports = {"tls": HTTPS, "fastopen": FAST_OPEN, "hrr": HRR, "http": HTTP, "lenient": LENIENT, "http2": H2C}

    def __init__(self, host, way, name, port=None):
        self.host, self.way, self.name = host, way, name
        self.innocent = SECOND  # allowed, and another than the neighbour that is asked for
        self.random = random.Random(f"{way.title}")  # the same cuts each time
        self.server = WEB6 if way.family == 6 else WEB
        self.port = port or self.ports.get(way.service, HTTPS)
        self.tcp = RawTcp(host, self.server, self.port)
        self.stream = self.request(name)
        self.decoy = self.request(self.innocent)
        self.again, self.answer = None, None

    def request(self, name):
        if self.way.service in ("http", "lenient"):
            return f"GET / HTTP/1.1\r\nHost: {name}\r\nUser-Agent: test\r\n\r\n".encode()
        return tls_hello.plain(name)

    def heard(self, received):
        """Whether the server speaks as the one that was meant."""
        if self.answer:
            return self.answer in received
        if self.way.service in ("http", "lenient", "http2"):
            return b"this is " + self.name.encode() in received
        return received[:1] == b"\x16" and self.name.encode() in received

    # where things are in the stream

    @property
    def at(self):
        return self.stream.lower().index(self.name.encode())

    @property
    def middle(self):
        return self.at + len(self.name) // 2

    def fake(self, begin=0, end=None):
        """Bytes for that place of the stream, from the innocent request."""
        end = len(self.stream) if end is None else end
        return (self.decoy + bytes(len(self.stream)))[begin:end]

    def garbage(self, begin, end):
        return bytes(self.random.choice(b"abcdefghijklmnopqrstuvwxyz") for _ in range(begin, end))

    # what ways are made of

    def pieces(self, *cuts, order=None, **how):
        """Sends the stream in the parts between the cuts, in their order or another; connects before."""
        if self.tcp.expected is None:
            self.tcp.connect()
        edges = sorted({0, *cuts, len(self.stream)})
        parts = list(zip(edges, edges[1:]))
        for begin, end in order(parts) if order else parts:
            self.tcp.segment(begin, self.stream[begin:end], **how)

    def whole(self, **how):
        self.pieces(*range(1300, len(self.stream), 1300), **how)

    def part(self, begin, end=None, **how):
        self.tcp.segment(begin, self.stream[begin:end], **how)

    def shuffled(self, parts):
        self.random.shuffle(parts)
        return parts

    def finish(self):
        """Whether the server answered the name."""
        return self.tcp.exchange(self.stream, self.heard, self.again)

    def close(self):
        self.tcp.close()


def attempt(talk_class, host, way, name):
    """Whether the name's own answer came back."""
    talk = talk_class(host, way, name)
    try:
        way.act(talk)
        return talk.finish()
    except TimeoutError:
        return False
    finally:
        talk.close()


def attempt_all(host, ways, talks, name, at_once=40):
    """What became of each way, many at once: by way, whether the server answered the name."""
    with ThreadPoolExecutor(at_once) as pool:
        done = {way: pool.submit(attempt, talks.get(way.service, Talk), host, way, name) for way in ways}
        return {way: future.result() for way, future in done.items()}
