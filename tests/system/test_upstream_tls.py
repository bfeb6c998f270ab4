"""Upstream servers over TLS: only with the right name, and never in the clear."""
import pathlib
import socket
import tempfile

import dns.rcode
import pytest

from certificate import Authority
from liar import LIE, Liar, reply
from network import SLOW_UPSTREAM
from test_dns_block import ede_of
from test_upstream import NETWORK_ERROR, assert_true_answer, gate_of  # noqa: F401 (a fixture)

NAME, PORT = "dns.resolver.example", 853


@pytest.fixture(scope="module")
def signer():
    with tempfile.TemporaryDirectory(prefix="writ-authority-") as directory:
        pathlib.Path(directory).chmod(0o755)  # the gate reads it after it gave its rights away
        yield Authority(directory)


def lie(query):
    return reply(query, LIE)


@pytest.fixture
def tls_gate(gate_of, signer):  # noqa: F811
    def start(**upstream):
        return gate_of([f"{SLOW_UPSTREAM}#{NAME}"], ca_file=str(signer.certificate), **upstream)
    return start


def test_questions_share_one_connection_and_are_padded(network, tls_gate, signer):
    with Liar(network, lie, reply, PORT, signer.context(NAME)) as server:
        gate = tls_gate()
        for i in range(20):
            assert_true_answer(gate.query(f"n{'x' * i}.unlisted.example"))
        assert server.different(server.over_stream) == 20
        assert server.handshakes == 1 or len(server.over_stream) > 20  # another where an answer took too long
        assert {len(wire) % 128 for wire in server.wires} == {0}
        assert not server.over_udp and gate.counters()["upstream_denied"] == 0


def test_a_connection_that_the_server_closed_is_resumed(network, tls_gate, signer):
    context = signer.context(NAME)
    with Liar(network, lie, reply, PORT, context):
        gate = tls_gate()
        assert_true_answer(gate.query("one.unlisted.example"))
    with Liar(network, lie, reply, PORT, context) as server:
        assert_true_answer(gate.query("two.unlisted.example"))
        assert server.handshakes == server.resumed >= 1


@pytest.mark.parametrize("what", ["another name", "expired", "another authority"])
def test_a_certificate_that_is_not_right_is_no_server_and_nothing_is_said_in_the_clear(network, tls_gate, signer, what,
                                                                                          tmp_path):
    context = {"another name": lambda: signer.context("dns.other.example"),
               "expired": lambda: signer.context(NAME, 0),
               "another authority": lambda: Authority(tmp_path).context(NAME)}[what]()
    with Liar(network, lie, lie, PORT, context) as server, Liar(network, lie, lie, 53) as clear:
        gate = tls_gate(timeout="2 s")
        answer = gate.query("secret.unlisted.example")
        assert answer.rcode() == dns.rcode.SERVFAIL and ede_of(answer)[0] == NETWORK_ERROR
        assert gate.counters()["upstream_denied"] >= 1
        for one in (server, clear):
            assert not one.over_stream and not one.over_udp


def test_a_server_that_speaks_no_tls_is_servfail(network, tls_gate):
    with Liar(network, lie, lie, PORT) as server:
        assert tls_gate(timeout="2 s").query("secret.unlisted.example").rcode() == dns.rcode.SERVFAIL
        assert not server.over_stream and not server.over_udp


def test_a_server_that_takes_connections_and_is_silent_is_servfail_in_time(network, tls_gate):
    with network.gate.entered():
        listener = socket.create_server((SLOW_UPSTREAM, PORT))
    with listener:
        gate = tls_gate(timeout="1 s")
        assert gate.query("secret.unlisted.example").rcode() == dns.rcode.SERVFAIL
