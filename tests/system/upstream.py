"""A resolver of the tests that counts, waits, stays silent or answers what no resolver should."""
import socket
import threading

import dns.message

from network import SLOW_UPSTREAM, UPSTREAM


class Upstream:
    """`answer(query)` gives the answer's bytes or None; without it the authority is asked."""

    def __init__(self, network, answer=None, delay=0):
        self.network, self.answer, self.delay = network, answer or self._relay, delay
        self.questions = []

    def __enter__(self):
        self.socket = self.network.gate.socket(socket.SOCK_DGRAM, SLOW_UPSTREAM, 53)
        self.socket.settimeout(0.1)
        self.stopping = False
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()
        self.socket.close()

    def _relay(self, query):
        with self.network.gate.socket(socket.SOCK_DGRAM, UPSTREAM) as s:
            s.connect((UPSTREAM, 53))
            s.send(query)
            return s.recv(65536)

    def _run(self):
        while not self.stopping:
            try:
                query, peer = self.socket.recvfrom(65536)
            except TimeoutError:
                continue
            self.questions.append(dns.message.from_wire(query).question[0])
            threading.Timer(self.delay, self._answer, (query, peer)).start()

    def _answer(self, query, peer):
        answer = self.answer(query)
        if answer is not None and not self.stopping:
            self.socket.sendto(answer, peer)

    def count(self, name):
        return sum(q.name.to_text(omit_final_dot=True).lower() == name for q in self.questions)
