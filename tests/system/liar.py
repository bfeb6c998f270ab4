"""A resolver of the tests that lies: each question is given to a function that says what is sent back, from which
port and how often. UDP, and TCP or TLS beside it on the same port."""
import contextlib
import socket
import ssl
import struct
import threading

import dns.flags
import dns.message
import dns.name
import dns.rrset

from network import SLOW_UPSTREAM, framed, read_framed

TRUTH, LIE = "192.0.2.200", "203.0.113.200"


def reply(query, address=TRUTH, name=None):
    """An answer of one address, as a good resolver gives it: with the question's letters."""
    answer = dns.message.make_response(query, recursion_available=True)
    owner = name or query.question[0].name
    answer.answer.append(dns.rrset.from_text(owner, 300, "IN", "A", address))
    return answer


def in_lower_case(query, address=TRUTH):
    """The same from one that does not keep letters."""
    lower = dns.message.from_wire(query.to_wire())
    lower.question[0].name = dns.name.from_text(query.question[0].name.to_text().lower())
    return reply(lower, address)


class Liar:
    """`udp(query)` and `stream(query)` give what is sent back: bytes or messages, in a list, or one; or None.
    A pair (bytes, True) is sent from another port."""

    def __init__(self, network, udp=reply, stream=None, port=53, tls=None, address=SLOW_UPSTREAM):
        self.network, self.udp, self.stream, self.port, self.tls = network, udp, stream, port, tls
        self.address, self.over_udp, self.over_stream, self.sources, self.wires = address, [], [], set(), []
        self.handshakes, self.resumed = 0, 0

    def __enter__(self):
        self.stopping, self.threads = False, []
        self.socket = self.network.gate.socket(socket.SOCK_DGRAM, self.address, self.port)
        self.other = self.network.gate.socket(socket.SOCK_DGRAM, self.address)
        self.socket.settimeout(0.05)
        self._start(self._serve_udp)
        if self.stream:
            with self.network.gate.entered():
                self.listener = socket.create_server((self.address, self.port), backlog=64)  # beside closed ones
            self.listener.settimeout(0.05)
            self._start(self._serve_stream)
        return self

    def _start(self, target, *arguments):
        self.threads.append(threading.Thread(target=target, args=arguments))
        self.threads[-1].start()

    def __exit__(self, *_):
        self.stopping = True
        for thread in self.threads:
            thread.join()
        self.socket.close()
        self.other.close()
        if self.stream:
            self.listener.close()

    @staticmethod
    def _packets(said):
        for one in said if isinstance(said, list) else [said]:
            wire, elsewhere = one if isinstance(one, tuple) else (one, False)
            if wire is not None:
                yield wire if isinstance(wire, bytes) else wire.to_wire(max_size=65535), elsewhere

    def _serve_udp(self):
        while not self.stopping:
            try:
                wire, peer = self.socket.recvfrom(65536)
            except (TimeoutError, ConnectionError):
                continue
            query = dns.message.from_wire(wire)
            self.over_udp.append(query)
            self.sources.add(peer)
            self.wires.append(wire)
            for answer, elsewhere in self._packets(self.udp(query)):
                (self.other if elsewhere else self.socket).sendto(answer, peer)

    def _serve_stream(self):
        while not self.stopping:
            with contextlib.suppress(TimeoutError):
                connection, _ = self.listener.accept()
                self._start(self._serve_connection, connection)

    def _serve_connection(self, connection):
        connection.settimeout(0.2)
        with contextlib.suppress(EOFError, OSError, ssl.SSLError), connection:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self.handshakes += 1
                self.resumed += connection.session_reused
            while not self.stopping:
                with contextlib.suppress(TimeoutError):
                    self._answer_on(connection)

    def _answer_on(self, connection):
        wire = read_framed(connection)
        query = dns.message.from_wire(wire)
        self.over_stream.append(query)
        self.wires.append(wire)
        for answer, _ in self._packets(self.stream(query)):
            connection.sendall(framed(answer))

    def asked(self, name):
        """How often, over UDP and over streams."""
        def count(queries):
            return sum(q.question[0].name.to_text(omit_final_dot=True).lower() == name for q in queries)
        return count(self.over_udp), count(self.over_stream)

    @staticmethod
    def different(queries):
        """How many names they ask for: on a slow machine a question is sent again."""
        return len({q.question[0].name.to_text().lower() for q in queries})


def with_id(message, change):
    """Its bytes, with another id."""
    wire = message.to_wire()
    return struct.pack("!H", message.id ^ change) + wire[2:]
