"""The tests' own QUIC packets against real peers: a server takes what is made here, and what real clients send
is opened here."""
import os
import shutil
import socket
import subprocess

import pytest
from certificate import Authority
from quic_packets import (HANDSHAKE, INITIAL, RETRY, V1, Initial, client_datagrams, client_hello, crypto, crypto_frames,
                          crypto_of, hello_of, open_initial, pad, split)
from quic_peers import CLIENT, SERVER, Relay, quic_server

CHROMIUM = shutil.which("chromium")
HOST = "quic.example"
pytestmark = pytest.mark.skipif(not (SERVER and CLIENT), reason="ngtcp2-server or ngtcp2-client is not installed")


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    directory = tmp_path_factory.mktemp("quic")
    (directory / "index.html").write_text("from ngtcp2\n")
    with quic_server(*Authority(directory).issue("quic", HOST, addresses=["127.0.0.1"]), directory) as address:
        yield address


def ask(peer, datagrams, dcid, scid):
    """Sends, and returns the first bytes of the server's CRYPTO stream; None when it says nothing of it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(peer)
        s.settimeout(3)
        for datagram in datagrams:
            s.send(datagram)
        for _ in range(20):
            try:
                answer = s.recv(65535)
            except TimeoutError:
                return None
            for kind, version, to, _, at, packet in split(answer):
                if kind != INITIAL:
                    continue
                assert to == scid
                _, frames = open_initial(packet, at, dcid, version, server=True)
                if found := crypto_of(frames):
                    return found[0][1]


def ways(hello):
    """Name, and the datagrams of that way to send a hello, by DCID and SCID."""
    half = len(hello) // 2
    middle = [(half, None), (0, half)]
    return {
        "plain": lambda d, s: client_datagrams(hello, d, scid=s),
        "two datagrams": lambda d, s: client_datagrams(hello, d, [[(0, half)], [(half, None)]], scid=s),
        "out of order": lambda d, s: client_datagrams(hello, d, [middle], scid=s),
        # ngtcp2 drops a first Initial without the stream's first byte: it comes again
        "datagrams out of order": lambda d, s: client_datagrams(
            hello, d, [[(half, None)], [(0, half)], [(half, None)]], scid=s, numbers=[1, 0, 2]),
        "overlap": lambda d, s: client_datagrams(hello, d, [[(0, half + 20), (half - 20, None)]], scid=s),
        "many frames": lambda d, s: client_datagrams(hello, d, [[(i, min(i + 9, len(hello)))
                                                                 for i in range(0, len(hello), 9)]], scid=s),
        "far number": lambda d, s: [pad([Initial(d, crypto(0, hello), number=70000, number_size=4, scid=s)])],
        "coalesced": lambda d, s: [pad([Initial(d, crypto_frames(hello, [cut]), number=n, scid=s)
                                        for n, cut in enumerate(middle)])],
        "one that is broken before": lambda d, s: [
            pad([Initial(d, crypto(0, client_hello("decoy.example")), scid=s, broken=True)]),
            *client_datagrams(hello, d, scid=s, numbers=[1])],
    }


@pytest.mark.parametrize("way", ways(b""))
@pytest.mark.parametrize("size", [8, 20])
def test_a_real_server_takes_what_is_made_here(peer, way, size):
    dcid, scid = os.urandom(size), os.urandom(5)
    hello = client_hello(HOST, scid=scid)
    answer = ask(peer, ways(hello)[way](dcid, scid), dcid, scid)
    assert answer and answer[0] == 2, "no ServerHello"


def test_a_real_server_ignores_small_datagrams_and_other_keys(peer):
    dcid, scid = os.urandom(8), os.urandom(5)
    hello = client_hello(HOST, scid=scid)
    assert ask(peer, client_datagrams(hello, dcid, scid=scid, size=1000), dcid, scid) is None
    other = [pad([Initial(dcid, crypto(0, hello), scid=scid, key_dcid=os.urandom(8))])]
    assert ask(peer, other, dcid, scid) is None


def names(hello, host):
    return hello[0] == 1 and host.encode() in hello


def visit(relay):
    """To an address it says "localhost", whatever name it is given."""
    subprocess.run([CLIENT, "-q", "--exit-on-all-streams-close", "127.0.0.1", str(relay.port), f"https://{HOST}/"],
                   timeout=30, check=True, stdout=subprocess.DEVNULL)


def test_what_ngtcp2_sends_is_opened(peer):
    with Relay(peer) as relay:
        visit(relay)
    assert names(hello_of(relay.sent[:1]), "localhost")
    kinds = {kind for datagram in relay.answered for kind, *_ in split(datagram)}
    assert {INITIAL, HANDSHAKE} <= kinds


def test_a_server_that_validates_addresses_sends_a_retry(tmp_path):
    with quic_server(*Authority(tmp_path).issue("quic", HOST), tmp_path, "-V") as peer, Relay(peer) as relay:
        visit(relay)
    kind, _, _, chosen, _, _ = next(split(relay.answered[0]))
    assert kind == RETRY
    again = [d for d in relay.sent if next(split(d), (0, 0, b""))[2] == chosen]
    assert names(hello_of(relay.sent[:1]), "localhost") and names(hello_of(again[:1]), "localhost")


@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
def test_what_chromium_sends_is_opened(peer, tmp_path):
    with Relay(peer) as relay:
        browser = subprocess.Popen(
            [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--enable-quic",
             f"--user-data-dir={tmp_path}", f"--origin-to-force-quic-on={HOST}:{relay.port}",
             f"--host-resolver-rules=MAP {HOST} 127.0.0.1", "--ignore-certificate-errors", "--timeout=10000",
             "--dump-dom", f"https://{HOST}:{relay.port}/index.html"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            browser.wait(60)
        except subprocess.TimeoutExpired:
            browser.kill()
            browser.wait()
    first = next(split(relay.sent[0]))
    assert first[0] == INITIAL and first[1] == V1
    same = [d for d in relay.sent if next(split(d), (0, 0, b""))[2] == first[2]]
    assert names(hello_of(same), HOST)
