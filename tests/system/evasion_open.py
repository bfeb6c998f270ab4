"""Ways to begin a connection in which the server helps: it connects, too, or instead.

Who helps is a program of the server's machine that connects to the client's port, and then speaks TLS as a server does.
"""
import socket
import ssl
import threading
import time

import raw_packets as raw
from evasion import SHORT, Talk, Way
from packet_lab import WEB
from raw_packets import ACK, SYN

SECONDS = 6


class Helper:
    def __init__(self, lab, name):
        with lab.server.entered():
            self.socket = socket.socket()
            self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.socket.bind((WEB, 0))
        self.socket.settimeout(SECONDS)
        self.port = self.socket.getsockname()[1]
        self.files = lab.servers.files[name]
        self.thread = None

    def connect(self, to, port):
        self.thread = threading.Thread(target=self._serve, args=[(to, port)], daemon=True)
        self.thread.start()

    def _serve(self, to):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files)
        try:
            self.socket.connect(to)
            context.wrap_socket(self.socket, server_side=True).close()
        except OSError:
            pass  # what came of it is seen by the client

    def close(self):
        self.raw.close()
        self.socket.close()
        if self.thread:
            self.thread.join(SECONDS + 5)


class HelpedTalk(Talk):
    def __init__(self, host, way, name):
        self.helper = Helper(host.lab, name)
        super().__init__(host, way, name, port=self.helper.port)
        self.tcp.use_timestamps = False

    def help(self):
        self.helper.connect(self.tcp.source, self.tcp.source_port)

    def await_syn(self, seconds=2):
        """The server's own, whether it acknowledges or not; its bytes begin behind it."""
        def is_there():
            return self.tcp.greeted is not None
        if self.tcp.pump(seconds, is_there):
            self.tcp.expected = (self.tcp.greeted + 1) & 0xffffffff
        return self.tcp.greeted is not None

    def agree(self):
        self.tcp.segment(-1, b"", flags=SYN | ACK, options=raw.mss(1460))
        self.tcp.pump(1, lambda: self.tcp.acked is not None)

    def close(self):
        super().close()
        self.helper.close()


def ordinary(t):
    """The client answers whom it asked another way to connect to it, and then speaks as a client."""
    t.help()
    t.await_syn()
    t.agree()
    t.whole()


def both_at_once(t):
    """Both send a SYN, the server first."""
    t.help()
    t.await_syn()
    t.tcp.syn()
    t.agree()
    t.whole()


def both_client_first(t):
    """The client's SYN gets no further than the gate, as far as the server is concerned; then comes the server's. Where
    that does not come, the client sends its own again."""
    t.tcp.syn(ip={"ttl": SHORT})
    time.sleep(0.1)
    t.help()
    if t.await_syn(0.7):
        t.tcp.syn()
        t.agree()
    else:
        t.tcp.connect()
    t.whole()


def split(t):
    """A SYN is answered by a SYN, and that by a SYN that acknowledges."""
    t.tcp.syn(ip={"ttl": SHORT})
    time.sleep(0.1)
    t.help()
    if t.await_syn(0.7):
        t.agree()
    else:
        t.tcp.connect()
    t.whole()


def syn_with_data(t):
    """The server's first SYN brings bytes, which are an innocent hello; nobody takes them."""
    segment = raw.tcp(t.server, t.tcp.source, (t.port, t.tcp.source_port), 777, 0, SYN, t.decoy)
    t.helper.raw.sendto(raw.ipv4(t.server, t.tcp.source, raw.TCP, segment), (t.tcp.source, 0))
    t.await_syn()
    t.tcp.greeted = t.tcp.expected = None
    both_at_once(t)


def in_pieces(begin, *places):
    def act(t):
        whole, t.whole = t.whole, lambda: t.pieces(*(p(t) for p in places), order=lambda parts: parts[::-1])
        begin(t)
        t.whole = whole
    return act


OPEN_WAYS = (
    Way("the server connects, the client asks", ordinary, "helped"),
    Way("the server connects, the client asks in pieces, backwards", in_pieces(ordinary, lambda t: 1, lambda t: t.middle), "helped"),
    Way("both connect at once, the server first", both_at_once, "helped"),
    Way("both connect at once, the server first, in pieces, backwards", in_pieces(both_at_once, lambda t: t.middle), "helped"),
    Way("both connect at once, the client first", both_client_first, "helped"),
    Way("split handshake: a SYN is answered by a SYN", split, "helped"),
    Way("a SYN of the server with an innocent hello", syn_with_data, "helped"),
)
TALKS = {"helped": HelpedTalk}
