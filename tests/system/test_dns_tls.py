"""DNS over TLS (RFC 7858): what is agreed on, what is answered, and what happens to certificates."""
import socket
import ssl
import subprocess
import threading
import time

import dns.edns
import dns.message
import dns.query
import pytest

import writ
from network import CLIENT, FINANCE, GATE, framed
from private import HOST, Client, dot, offer, read_answer, serial
from test_dns_block import assert_answered, assert_blocked
from writ import wait_for

PADDING = dns.edns.GenericOption(12, b"")


def query(name="chat.deepseek.com", number=None, **options):
    options.setdefault("use_edns", 0)
    return dns.message.make_query(name, "A", id=number, **options)


def connect(agency, **options):
    return Client(agency, agency.tls_port, **options)


def in_client_network(agency, *words):
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=30,
                          preexec_fn=agency.network.client.enter)


def assert_alive(agency):
    with connect(agency) as client:
        assert_blocked(dot(client, query()))
        assert_answered(dot(client, query("www.unlisted.example")), "192.0.2.80")
    assert all(r["restarts"] == 0 and r["state"] == "ready" for r in agency.status()["roles"])


@pytest.mark.parametrize("name, expected", [("chat.deepseek.com", "Censored"), ("www.unlisted.example", "192.0.2.80")])
def test_kdig_that_verifies_the_name_is_answered_and_padded(private, name, expected):
    done = in_client_network(private, "kdig", "-b", CLIENT, f"@{GATE[4]}", "-p", private.tls_port, "+tls",
                             f"+tls-ca={private.authority.certificate}", f"+tls-hostname={HOST}", "+padding", name, "A")
    assert expected in done.stdout, done.stdout + done.stderr
    assert "Received 468 B" in done.stdout


def test_dnspython_is_answered(private):
    with private.network.client.entered():
        answer = dns.query.tls(query("www.unlisted.example"), GATE[4], port=private.tls_port, timeout=10,
                               source=CLIENT, server_hostname=HOST, ssl_context=ssl.create_default_context(
                                   cafile=private.authority.certificate))
    assert_answered(answer, "192.0.2.80")


def test_padding_is_for_who_asks_for_it_and_only_on_a_private_way(private):
    padded = query("www.unlisted.example", options=[PADDING])
    with connect(private) as client:
        client.sendall(framed(padded.to_wire()))
        assert len(read_answer(client)) == 468
        client.sendall(framed(query("www.unlisted.example").to_wire()))
        assert len(read_answer(client)) < 200
    assert len(private.exchange(padded.to_wire(), tcp=True)) < 200


def test_events_name_the_transport(private):
    with connect(private) as client:
        assert_blocked(dot(client, query("transport.chat.deepseek.com")))
    wait_for("the event", lambda: any(data.get("transport") == "tls" for _, data in private.events()))


@pytest.mark.parametrize("piece", [None, 1000])
def test_a_thousand_queries_at_once_are_all_answered(private, piece):
    names = ["chat.deepseek.com", "www.unlisted.example", "none.unlisted.example"]
    with connect(private) as client:
        client.piece = piece
        data = b"".join(framed(query(names[i % 3], number=i).to_wire()) for i in range(1000))
        sender = threading.Thread(target=client.raw.sendall, args=(seal(client, data),))
        sender.start()
        answers = [dns.message.from_wire(read_answer(client)) for _ in range(1000)]
        sender.join()
    assert sorted(a.id for a in answers) == list(range(1000))
    assert all(a.question[0].name.to_text(omit_final_dot=True) == names[a.id % 3] for a in answers)


def seal(client, data):
    for at in range(0, len(data), 1000):
        client.tls.write(data[at:at + 1000])
    return client.outgoing.read()


def test_a_client_that_sends_a_byte_at_a_time_is_answered(private):
    with connect(private) as client:
        client.piece = 1
        client.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert_blocked(dot(client, query()))
        for byte in framed(query().to_wire()):  # each a record of its own
            client.sendall(bytes([byte]))
        assert_blocked(dns.message.from_wire(read_answer(client)))


def test_a_client_that_closes_its_half_still_gets_its_answers(private):
    with connect(private) as client:
        client.sendall(b"".join(framed(query(f"tls{i}.wild.unlisted.example", number=i).to_wire()) for i in range(9)))
        client.raw.shutdown(socket.SHUT_WR)
        assert {dns.message.from_wire(read_answer(client)).id for _ in range(9)} == set(range(9))
        assert client.recv(1) == b""


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_are_resumed_whichever_worker_a_client_meets(private, version):
    before = private.counters()["handshakes_resumed"]
    with connect(private, version=version) as client:
        assert_blocked(dot(client, query()))
        session = client.session()
        assert not client.tls.session_reused
    for _ in range(10):
        with connect(private, session=session) as client:
            assert_blocked(dot(client, query()))
            assert client.tls.session_reused
    wait_for("the count", lambda: private.counters()["handshakes_resumed"] == before + 10)


def test_each_resumed_connection_brings_the_ticket_of_the_next(private):
    """A client may use one only once, and would else begin anew every second time."""
    session, seen = None, set()
    for i in range(6):
        with connect(private, session=session, version=None if session else ssl.TLSVersion.TLSv1_3) as client:
            assert_blocked(dot(client, query()))
            assert client.tls.session_reused == (i > 0)
            session = client.session()
        seen.add(session[1].id)
    assert len(seen) == 6


@pytest.mark.parametrize("option", ["-tls1_1", "-tls1"])
def test_old_versions_are_refused(private, option):
    before = private.counters()["handshakes_failed"]
    done = in_client_network(private, "openssl", "s_client", "-connect", f"{GATE[4]}:{private.tls_port}", option,
                             "-cipher", "DEFAULT:@SECLEVEL=0")
    assert done.returncode != 0 and "Cipher is (NONE)" in done.stdout
    wait_for("the count", lambda: private.counters()["handshakes_failed"] == before + 1)


@pytest.mark.parametrize("offered, agreed", [((), None), (("dot",), "dot"), (("other", "dot"), "dot")])
def test_dot_is_agreed_on_where_it_is_offered(private, offered, agreed):
    with connect(private, alpn=offered) as client:
        assert client.tls.selected_alpn_protocol() == agreed
        assert_blocked(dot(client, query()))


def test_a_client_of_another_protocol_is_sent_away(private):
    with pytest.raises((ssl.SSLError, EOFError)):
        connect(private, alpn=("h2",))
    assert_alive(private)


def test_renegotiation_is_refused(private):
    with connect(private, version=ssl.TLSVersion.TLSv1_2) as client:
        assert client.tls.version() == "TLSv1.2"
    done = subprocess.run(["openssl", "s_client", "-connect", f"{GATE[4]}:{private.tls_port}", "-tls1_2"], input="R\n",
                          capture_output=True, text=True, timeout=30, preexec_fn=private.network.client.enter)
    assert "no renegotiation" in done.stderr
    assert_alive(private)


@pytest.mark.parametrize("data", [b"\0\x1d" + b"x" * 29, b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 70000,
                                  b"\x16\x03\x01\0\x05hello", b"\x15\x03\x01\0\x02\x02\x28"],
                         ids=["dns in the clear", "http", "large record", "no hello", "alert"])
def test_what_is_no_handshake_ends_the_connection(private, data):
    before = private.counters()["handshakes_failed"]
    with private.network.connected(socket.SOCK_STREAM, CLIENT, private.tls_port) as s:
        try:
            s.sendall(data)
            while s.recv(65536):
                pass
        except OSError:
            pass
    wait_for("the count", lambda: private.counters()["handshakes_failed"] == before + 1)
    assert_alive(private)


def test_a_broken_record_ends_the_connection(private):
    before = private.counters()["tls_malformed"]
    with connect(private) as client:
        assert_blocked(dot(client, query()))
        client.tls.write(framed(query().to_wire()))
        sealed = bytearray(client.outgoing.read())
        sealed[-1] ^= 1
        client.raw.sendall(sealed)
        with pytest.raises(ssl.SSLError, match="bad record mac"):
            read_answer(client)
    wait_for("the count", lambda: private.counters()["tls_malformed"] == before + 1)
    assert_alive(private)


def test_the_idle_time_is_told_and_kept(other_agency):
    offer(other_agency, idle="1500 ms")
    other_agency.start()
    began = time.monotonic()
    with connect(other_agency) as client:
        answer = dot(client, query("www.unlisted.example", options=[dns.edns.GenericOption(11, b"")]))
        assert next(int.from_bytes(o.data, "big") for o in answer.options if o.otype == 11) == 15
        assert client.recv(1) == b""
        assert time.monotonic() - began > 1
    wait_for("the count", lambda: other_agency.counters()["tls_idle"] == 1)


def test_a_handshake_that_does_not_end_is_no_way_to_stay(other_agency):
    offer(other_agency, idle="1 s")
    other_agency.start()
    with other_agency.network.connected(socket.SOCK_STREAM, CLIENT, other_agency.tls_port) as s:
        for byte in b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"x" * 200:
            try:
                s.sendall(bytes([byte]))
            except OSError:
                break
            time.sleep(0.05)
        else:
            pytest.fail("still open after ten seconds")
    wait_for("the count", lambda: other_agency.counters()["tls_idle"] == 1)


class Asking:
    """Queries without pause on one connection that stays, and on ever new ones."""

    def __init__(self, agency):
        self.agency, self.errors, self.answers, self.stopping = agency, [], 0, False
        self.threads = [threading.Thread(target=self._run, args=(stays,)) for stays in (True, False)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def _run(self, stays):
        client = connect(self.agency) if stays else None
        while not self.stopping:
            try:
                with connect(self.agency, source=FINANCE) if not stays else open("/dev/null") as fresh:
                    assert_blocked(dot(client if stays else fresh, query()))
                    self.answers += 1
            except Exception as e: # whatever it is, the test shows it
                self.errors.append(repr(e))
                return
        if client:
            client.raw.close()

    def __exit__(self, *_):
        self.stopping = True
        for thread in self.threads:
            thread.join()


def test_a_certificate_is_exchanged_under_load_and_nothing_is_lost(other_agency):
    agency = offer(other_agency)
    agency.start()
    with connect(agency) as client:
        first = serial(client)
    with Asking(agency) as asking, connect(agency) as old:
        for number in range(1, 6):
            certificate, key = agency.authority.issue(f"next{number}", HOST)
            agency.certificate.write_bytes(certificate.read_bytes())
            agency.tls_key.write_bytes(key.read_bytes())
            agency.command("reload")
            with connect(agency) as client:
                assert serial(client) != first
                first = serial(client)
            assert_blocked(dot(old, query()))
        wait_for("some answers", lambda: asking.answers > 50 or asking.errors)
    assert asking.errors == []
    assert all(r["restarts"] == 0 for r in agency.status()["roles"])


BROKEN = {
    "another key": (lambda a: (a.certificate, a.authority.issue("other")[1]), "the key is not that of the certificate"),
    "no certificate": (lambda a: (a.tls_key, a.tls_key), "no certificate is in it"),
    "no key": (lambda a: (a.certificate, a.certificate), "no private key is in it"),
    "missing": (lambda a: (a.directory / "nowhere.pem", a.tls_key), "cannot read"),
    "cut": (lambda a: (cut(a.certificate), a.tls_key), "cut.pem:1:"),
    "weak": (lambda a: a.authority.issue("weak", algorithm="rsa:1024"), "too weak"),
}


def cut(path):
    text = path.read_text()
    broken = path.with_name("cut.pem")
    broken.write_text(text[:len(text) // 2] + text[-27:])
    return broken


@pytest.mark.parametrize("kind", BROKEN)
def test_a_bad_file_refuses_the_start_and_changes_nothing_on_reload(other_agency, kind):
    agency = offer(other_agency)
    agency.start()
    make, text = BROKEN[kind]
    with connect(agency) as client:
        before = serial(client)
    certificate, key = make(agency)
    agency.settings["dns"]["tls"].update(certificate=str(certificate), key=str(key))
    agency.write()
    done = subprocess.run([str(writ.PROGRAM), "reload", "--config", agency.directory / "writ.yaml"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and text in done.stdout + done.stderr
    with connect(agency) as client:
        assert serial(client) == before
        assert_blocked(dot(client, query()))
    assert agency.stop() == 0
    refused = agency.run(preexec_fn=agency.network.gate.enter)
    assert refused.returncode != 0 and text in refused.stderr



def test_a_certificate_that_has_expired_is_said_and_not_taken_by_a_reload(other_agency):
    agency = offer(other_agency)
    agency.start()
    certificate, key = agency.authority.issue("expired", HOST, days=0)
    agency.settings["dns"]["tls"].update(certificate=str(certificate), key=str(key))
    agency.write()
    done = subprocess.run([str(writ.PROGRAM), "reload", "--config", agency.directory / "writ.yaml"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "has expired" in done.stdout + done.stderr
    agency.stop()
    agency.start()  # who restarts has other clients, too
    assert "has expired" in agency.stderr()
    assert_blocked(agency.query("chat.deepseek.com"))


def test_settings_without_what_they_need_are_refused(other_agency):
    for tls, https, text in (({"listen": ["127.0.0.1:853"], "key": "x.pem"}, {}, "certificate beside `key`"),
                             ({}, {"key": "x.pem"}, "certificate beside `key`"),
                             ({}, {"path": "dns-query"}, "a path as /dns-query")):
        other_agency.settings["dns"].update(tls=tls, https=https)
        other_agency.write()
        done = other_agency.run()
        assert done.returncode == 2 and text in done.stderr, done.stderr
