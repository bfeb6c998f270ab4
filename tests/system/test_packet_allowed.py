"""What is allowed goes through the packet gate, however it is said: many connections of each shape, several at a time.

A shape says one thing in pieces, in bulk, behind another; the server's answers and the gate's verdicts meet in whatever
order the machine makes of it. None may be refused, and none may stand still.
"""
import functools
import http.client
import os
import random
import smtplib
import socket
import ssl
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from packet_agency import PacketAgency
from packet_lab import CLIENT, RESOLVER, WEB
from packet_servers import ANSWER, BIG, H2C, HRR, HTTP, HTTPS, LENIENT, NEIGHBOUR, SECOND, SMTP
from packet_clients import is_page, curl

PATIENCE = 60  # seconds; longer than any machine is busy, shorter than for ever
COUNT = 1000 if os.environ.get("WRIT_DEEP") else 100
AT_ONCE = 4
NAMES = NEIGHBOUR, SECOND


@pytest.fixture(scope="module")
def gate(lab):
    made = PacketAgency(lab)
    try:
        yield made.start()
    finally:
        made.close()


def connect(lab, port, address=WEB):
    s = lab.client.socket(socket.SOCK_STREAM, CLIENT)
    s.settimeout(PATIENCE)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.connect((address, port))
    return s


def send_in_pieces(s, data, rng, most=3):
    cuts = sorted(rng.sample(range(1, len(data)), rng.randrange(most)))
    for begin, end in zip([0, *cuts], [*cuts, len(data)]):
        s.sendall(data[begin:end])
        if rng.random() < 0.3:
            time.sleep(rng.random() / 200)


def read_exactly(s, size):
    data = b""
    while len(data) < size:
        more = s.recv(size - len(data))
        assert more, "the connection ended"
        data += more
    return data


def get(name, path="/"):
    return f"GET {path} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode()


def read_answer(stream, name):
    answer = http.client.HTTPResponse(stream)
    answer.begin()
    assert f"this is {name}".encode() in answer.read()


def visit_in_pieces(lab, rng):
    """Requests of several segments, one after the other."""
    with connect(lab, rng.choice([HTTP, LENIENT])) as s:
        for _ in range(4):
            name = rng.choice(NAMES)
            send_in_pieces(s, get(name), rng)
            read_answer(s, name)


def visit_pipelined(lab, rng):
    """Requests that do not wait for answers: they come together as far as segments go."""
    with connect(lab, HTTP) as s, s.makefile("rb") as answers:
        for _ in range(3):
            asked = rng.choices(NAMES, k=rng.randrange(1, 6))
            send_in_pieces(s, b"".join(map(get, asked)), rng)
            for name in asked:
                read_pipelined(answers, name)


def read_pipelined(stream, name):
    length = 0
    while (line := stream.readline()) != b"\r\n":
        assert line, "the connection ended"
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    assert f"this is {name}".encode() in stream.read(length)


def upload(lab, rng):
    """A body larger than any window, and a request behind it."""
    with connect(lab, HTTP) as s:
        for _ in range(2):
            body = bytes(rng.randrange(200_000, 600_000))
            head = f"POST / HTTP/1.1\r\nHost: {NEIGHBOUR}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            send_in_pieces(s, head + body, rng)
            read_answer(s, NEIGHBOUR)


def download(lab, rng):
    with connect(lab, HTTP) as s:
        s.sendall(get(NEIGHBOUR, "/big"))
        answer = http.client.HTTPResponse(s)
        answer.begin()
        assert len(answer.read()) == BIG
        send_in_pieces(s, get(SECOND), rng)
        read_answer(s, SECOND)


@functools.cache
def context(cafile, newest):
    made = ssl.create_default_context(cafile=cafile)
    made.maximum_version = newest
    return made


def visit_by_tls(lab, rng, port=HTTPS):
    """A hello in several segments, records in both directions, a second request."""
    newest = ssl.TLSVersion.TLSv1_3 if port == HRR else rng.choice([ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    name = rng.choice(NAMES)
    tls = context(lab.servers.authority.certificate, newest).wrap_bio(incoming, outgoing, server_hostname=name)

    def until_done(step, s):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                if data := outgoing.read():
                    send_in_pieces(s, data, rng)
                more = s.recv(65536)
                assert more, "the connection ended"
                incoming.write(more)

    with connect(lab, port) as s:
        until_done(tls.do_handshake, s)
        for _ in range(2):
            tls.write(get(name))
            said = b""
            while f"this is {name}".encode() not in said:
                said += until_done(lambda: tls.read(4096), s)


def send_mail(lab, _):
    with lab.client.entered():
        mail = smtplib.SMTP(WEB, SMTP, timeout=PATIENCE, source_address=(CLIENT, 0))
    with mail:
        mail._host = NEIGHBOUR  # whom TLS asks for
        mail.starttls(context=context(lab.servers.authority.certificate, ssl.TLSVersion.TLSv1_3))
        mail.sendmail("a@example.org", ["b@example.org"], "Subject: none\r\n\r\nnothing\r\n")


def question(number, name):
    labels = b"".join(bytes([len(x)]) + x.encode() for x in name.split("."))
    message = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    return struct.pack(">H", len(message)) + message


def ask_by_tcp(lab, rng):
    """Many questions on one connection, in pieces; answers in any order."""
    with connect(lab, 53, RESOLVER) as s:
        for _ in range(3):
            asked = {n: rng.choice(NAMES) for n in rng.sample(range(65536), 8)}
            send_in_pieces(s, b"".join(question(n, name) for n, name in asked.items()), rng)
            for _ in range(len(asked)):
                size, = struct.unpack(">H", read_exactly(s, 2))
                answer = read_exactly(s, size)
                name = asked.pop(struct.unpack(">H", answer[:2])[0])
                assert socket.inet_aton(ANSWER[name]) in answer


def visit_by_http2(lab, rng):
    name = rng.choice(NAMES)
    assert is_page(curl(lab, name, "--http2-prior-knowledge", "--max-time", PATIENCE, scheme="http", port=H2C), name)


SHAPES = {
    "requests in pieces": visit_in_pieces,
    "requests behind each other": visit_pipelined,
    "bodies": upload,
    "answers": download,
    "TLS": visit_by_tls,
    "TLS that is asked for another hello": functools.partial(visit_by_tls, port=HRR),
    "mail": send_mail,
    "questions by TCP": ask_by_tcp,
    "HTTP/2 in the clear": visit_by_http2,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_allowed_goes_through(lab, gate, shape):
    before = gate.counters()
    with ThreadPoolExecutor(AT_ONCE) as clients:
        for done in [clients.submit(SHAPES[shape], lab, random.Random(n)) for n in range(COUNT)]:
            done.result()
    assert gate.counters()["judged"] > before["judged"]
    assert gate.counters()["blocked"] == before["blocked"] == 0


def test_they_together_go_through(lab, gate):
    """As one machine's traffic is: everything beside everything."""
    shapes = [shape for shape in SHAPES.values() if shape is not download]
    with ThreadPoolExecutor(2 * AT_ONCE) as clients:
        for done in [clients.submit(shapes[n % len(shapes)], lab, random.Random(n)) for n in range(2 * COUNT)]:
            done.result()
    assert gate.counters()["blocked"] == 0
