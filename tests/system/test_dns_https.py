"""DNS over HTTPS (RFC 8484) with HTTP/1.1 and HTTP/2: queries, refusals, and clients that want too much."""
import ssl
import subprocess
import time

import dns.message
import dns.query
import pytest

from network import CLIENT, GATE
from private import HOST, Client, get, head, offer, post, read_response
from test_dns_block import assert_answered, assert_blocked
from writ import wait_for

h2_connection = pytest.importorskip("h2.connection")
h2_config = pytest.importorskip("h2.config")
h2_events = pytest.importorskip("h2.events")

STREAMS_MAX = 100


def query(name="chat.deepseek.com", **options):
    options.setdefault("use_edns", 0)
    return dns.message.make_query(name, "A", id=0, **options)


def wire(name="chat.deepseek.com"):
    return query(name).to_wire()


def http1(agency, **options):
    return Client(agency, agency.https_port, alpn=("http/1.1",), **options)


class Http2:
    """A client that does what the test says, in order or not."""

    def __init__(self, agency, **settings):
        self.client = Client(agency, agency.https_port, alpn=("h2",))
        assert self.client.tls.selected_alpn_protocol() == "h2"
        self.h2 = h2_connection.H2Connection(h2_config.H2Configuration(
            client_side=True, validate_outbound_headers=False, normalize_outbound_headers=False))
        self.h2.initiate_connection()
        if settings:
            self.h2.update_settings({getattr(h2_connection.SettingCodes, k): v for k, v in settings.items()})
        self.bodies, self.statuses, self.ended, self.reset, self.fields = {}, {}, set(), {}, {}
        self.is_over = None
        self.acknowledges = True
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.raw.close()

    def flush(self):
        data = self.h2.data_to_send()
        if data:
            self.client.sendall(data)

    def start(self, method="GET", path="/dns-query", end=True, **fields):
        stream = self.h2.get_next_available_stream_id()
        headers = [(":method", method), (":scheme", "https"), (":authority", HOST), (":path", path)]
        self.h2.send_headers(stream, headers + [(k.replace("_", "-"), v) for k, v in fields.items()], end_stream=end)
        return stream

    def get(self, name="chat.deepseek.com"):
        return self.start(path=get(wire(name)).split(b" ")[1].decode())

    def receive(self):
        """Takes in what comes next; false when the connection is over."""
        data = self.client.recv(65536)
        if not data:
            return False
        for event in self.h2.receive_data(data):
            stream = getattr(event, "stream_id", None)
            if isinstance(event, h2_events.ResponseReceived):
                self.fields[stream] = {k.decode(): v.decode() for k, v in event.headers}
                self.statuses[stream] = int(self.fields[stream][":status"])
            elif isinstance(event, h2_events.DataReceived):
                self.bodies[stream] = self.bodies.get(stream, b"") + event.data
                if self.acknowledges:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, stream)
            elif isinstance(event, h2_events.StreamEnded):
                self.ended.add(stream)
            elif isinstance(event, h2_events.StreamReset):
                self.reset[stream] = event.error_code
            elif isinstance(event, h2_events.ConnectionTerminated):
                self.is_over = event.error_code
        self.flush()
        return True

    def until(self, condition):
        self.flush()
        while not condition():
            if not self.receive():
                raise EOFError

    def answer(self, stream):
        self.until(lambda: stream in self.ended)
        return dns.message.from_wire(self.bodies[stream])


def assert_alive(agency):
    with Http2(agency) as client:
        assert_blocked(client.answer(client.get()))
        assert_answered(client.answer(client.get("www.unlisted.example")), "192.0.2.80")
    assert all(r["restarts"] == 0 and r["state"] == "ready" for r in agency.status()["roles"])


def in_client_network(agency, *words, **options):
    return subprocess.run(list(map(str, words)), capture_output=True, timeout=30,
                          preexec_fn=agency.network.client.enter, **options)


# what clients of others make of it


@pytest.mark.parametrize("method", ["+https", "+https-get"])
@pytest.mark.parametrize("name, expected", [("chat.deepseek.com", b"Censored"), ("www.unlisted.example", b"192.0.2.80")])
def test_kdig_is_answered_and_padded(private, method, name, expected):
    done = in_client_network(private, "kdig", "-b", CLIENT, f"@{GATE[4]}", "-p", private.https_port, method,
                             f"+tls-ca={private.authority.certificate}", f"+tls-hostname={HOST}", "+padding", name, "A")
    assert expected in done.stdout and b"Received 468 B" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("version, number", [("--http1.1", b"1.1"), ("--http2", b"2")])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_curl_is_answered(private, version, number, method):
    target = get(wire("www.unlisted.example")).split(b" ")[1].decode() if method == "GET" else "/dns-query"
    body = [] if method == "GET" else ["--data-binary", "@-", "-H", "Content-Type: application/dns-message"]
    done = in_client_network(private, "curl", "-sS", version, "--cacert", private.authority.certificate, "--resolve",
                             f"{HOST}:{private.https_port}:{GATE[4]}", "--interface", CLIENT, "-w",
                             "%{http_version} %{http_code} %{content_type}", *body,
                             f"https://{HOST}:{private.https_port}{target}",
                             input=wire("www.unlisted.example") if body else None)
    end = number + b" 200 application/dns-message"
    assert done.stdout.endswith(end), done.stdout + done.stderr
    assert_answered(dns.message.from_wire(done.stdout[:-len(end)]), "192.0.2.80")


def test_curl_resolves_by_it(private):
    done = in_client_network(private, "curl", "-sv", "--cacert", private.authority.certificate, "--doh-insecure",
                             "--resolve", f"{HOST}:{private.https_port}:{GATE[4]}", "--max-time", "25",
                             "--doh-url", f"https://{GATE[4]}:{private.https_port}/dns-query", "http://chat.deepseek.com/")
    assert b"Could not resolve host: chat.deepseek.com" in done.stderr or done.returncode == 6, done.stderr


@pytest.mark.parametrize("is_post", [False, True])
def test_dnspython_is_answered(private, is_post):
    pytest.importorskip("httpx")
    with private.network.client.entered():
        answer = dns.query.https(query("www.unlisted.example"),
                                 f"https://{GATE[4]}:{private.https_port}/dns-query", timeout=10, post=is_post,
                                 verify=str(private.authority.certificate))
    assert_answered(answer, "192.0.2.80")


# HTTP/1.1


def test_an_answer_says_how_long_it_may_be_kept(private):
    private.query("www.unlisted.example")
    with http1(private) as client:
        client.sendall(get(wire("www.unlisted.example")))
        status, fields, body, _ = read_response(client)
    assert status == 200 and fields["content-type"] == "application/dns-message"
    assert fields["cache-control"] == f"max-age={dns.message.from_wire(body).answer[0].ttl}"


REFUSED = [
    (get(wire(), path="/other"), 404),
    (head("PUT", Content_Length="0"), 405),
    (head("HEAD"), 405),
    (head("GET"), 400),
    (head("GET", "/dns-query?dns=A"), 400),
    (head("GET", "/dns-query?dns=%41%41%41%41"), 400),
    (head("GET", "/dns-query?dns=AAAA"), 400),
    (head("POST", Content_Length="0", Content_Type="application/dns-message"), 400),
    (head("POST", Content_Length="3", Content_Type="text/plain") + b"abc", 415),
    (head("POST", Content_Length="3") + b"abc", 415),
]
BROKEN = [
    (head("POST", Content_Length="20000", Content_Type="application/dns-message") + b"x" * 20000, 413),
    (head("POST", Transfer_Encoding="chunked", Content_Type="application/dns-message") + b"0\r\n\r\n", 411),
    (head("POST", Content_Length="1", Transfer_Encoding="chunked") + b"0\r\n\r\n", 400),
    (head("GET", "/" + "x" * 9000), 414),
    (head("GET", a="x" * 9000), 431),
    (b"GET /dns-query HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    (b"GET /dns-query HTTP/3.0\r\nHost: x\r\n\r\n", 505),
    (b"\x16\x03\x01 nonsense\r\n\r\n", 400),
]


@pytest.mark.parametrize("request_bytes, status", REFUSED)
def test_what_is_refused_alone_lets_the_connection_be(private, request_bytes, status):
    with http1(private) as client:
        client.sendall(request_bytes)
        assert read_response(client)[0] == status
        client.sendall(get(wire()))
        assert_blocked(dns.message.from_wire(read_response(client)[2]))


@pytest.mark.parametrize("request_bytes, status", BROKEN)
def test_what_leaves_the_next_request_unclear_ends_the_connection(private, request_bytes, status):
    with http1(private) as client:
        client.sendall(request_bytes + get(wire()))
        code, fields, _, rest = read_response(client)
        assert rest == b"" and code == status and fields["connection"] == "close"
        assert rest == b"" and client.recv(1) == b""
    assert_alive(private)


def test_requests_sent_ahead_are_answered_in_their_order(private):
    names = ["fresh1.wild.unlisted.example", "chat.deepseek.com", "www.unlisted.example", "none.unlisted.example"]
    with http1(private) as client:
        client.sendall(b"".join((post if i % 2 else get)(wire(names[i % 4])) for i in range(200)))
        rest = b""
        for i in range(200):
            status, _, body, rest = read_response(client, rest)
            assert status == 200
            assert dns.message.from_wire(body).question[0].name.to_text(omit_final_dot=True) == names[i % 4]


@pytest.mark.parametrize("request_bytes", [get(wire()), post(wire(), Expect="100-continue")])
def test_a_client_that_sends_a_byte_at_a_time_is_answered(private, request_bytes):
    with http1(private) as client:
        for byte in request_bytes:
            client.sendall(bytes([byte]))
        status, _, body, rest = read_response(client)
        if status == 100:
            status, _, body, _ = read_response(client, rest)
        assert status == 200
        assert_blocked(dns.message.from_wire(body))


@pytest.mark.parametrize("request_bytes", [get(wire(), Connection="close"),
                                           get(wire()).replace(b"HTTP/1.1", b"HTTP/1.0")])
def test_a_connection_ends_where_the_client_says_so(private, request_bytes):
    with http1(private) as client:
        client.sendall(request_bytes)
        status, fields, body, _ = read_response(client)
        assert status == 200 and fields["connection"] == "close"
        assert_blocked(dns.message.from_wire(body))
        assert client.recv(1) == b""


def test_a_client_that_agrees_on_nothing_speaks_http1(private):
    with Client(private, private.https_port) as client:
        client.sendall(get(wire()))
        assert_blocked(dns.message.from_wire(read_response(client)[2]))


def test_a_client_of_dns_over_tls_is_sent_away(private):
    with pytest.raises((ssl.SSLError, EOFError)):
        Client(private, private.https_port, alpn=("dot",))


# HTTP/2


def test_as_many_streams_as_are_offered_are_answered_on_one_connection(private):
    names = ["chat.deepseek.com", "www.unlisted.example", "none.unlisted.example", "fresh2.wild.unlisted.example"]
    with Http2(private) as client:
        for _ in range(10):
            streams = {client.get(names[i % 4]): names[i % 4] for i in range(STREAMS_MAX)}
            client.until(lambda: client.ended >= streams.keys())
            for stream, name in streams.items():
                answer = dns.message.from_wire(client.bodies[stream])
                assert answer.question[0].name.to_text(omit_final_dot=True) == name
        assert not client.reset


def test_bodies_in_pieces_are_put_together(private):
    with Http2(private) as client:
        stream = client.start("POST", end=False, content_type="application/dns-message")
        for byte in wire():
            client.h2.send_data(stream, bytes([byte]))
            client.flush()
        client.h2.end_stream(stream)
        assert_blocked(client.answer(stream))


@pytest.mark.parametrize("method, path, fields, status", [
    ("GET", "/other", {}, 404), ("DELETE", "/dns-query", {}, 405), ("GET", "/dns-query", {}, 400),
    ("POST", "/dns-query", {"content_type": "text/plain"}, 415), ("GET", "/dns-query?dns=AAAA", {}, 400),
    ("GET", "/dns-query?dns=AAAA", {"x": "y" * 9000}, 431)])
def test_streams_are_refused_one_by_one(private, method, path, fields, status):
    with Http2(private) as client:
        stream = client.start(method, path, **fields)
        client.until(lambda: stream in client.ended)
        assert client.statuses[stream] == status
        assert_blocked(client.answer(client.get()))


def test_a_body_beyond_the_limit_is_refused(private):
    with Http2(private) as client:
        stream = client.start("POST", end=False, content_type="application/dns-message")
        for _ in range(40):
            if stream in client.statuses:
                break
            client.until(lambda: stream in client.statuses or client.h2.local_flow_control_window(stream) >= 500)
            if stream not in client.statuses:
                client.h2.send_data(stream, b"x" * 500)
                client.flush()
        client.until(lambda: stream in client.statuses)
        assert client.statuses[stream] == 413


def test_a_client_that_opens_no_window_gets_its_answers_when_it_does(private):
    with Http2(private, INITIAL_WINDOW_SIZE=0) as client:
        streams = [client.get() for _ in range(20)]
        client.until(lambda: len(client.statuses) == 20)
        assert not client.bodies
        for stream in streams:
            client.h2.increment_flow_control_window(10000, stream)
        client.h2.update_settings({h2_connection.SettingCodes.INITIAL_WINDOW_SIZE: 65535})
        for stream in streams:
            assert_blocked(client.answer(stream))


def flood(client, step):
    """Until the server ends it; returns why."""
    try:
        for _ in range(200):
            for _ in range(50):
                step(client)
            client.flush()
        client.until(lambda: client.is_over is not None)
    except (EOFError, OSError, ssl.SSLError, h2_connection.ProtocolError):
        pass
    return client.is_over


def rapid_reset(client):
    stream = client.start("POST", end=False, content_type="application/dns-message")
    client.h2.reset_stream(stream)


def empty_data(client):
    if not hasattr(client, "stream"):
        client.stream = client.start("POST", end=False, content_type="application/dns-message")
    client.h2.send_data(client.stream, b"")


FLOODS = {
    "rapid reset": rapid_reset,
    "ping": lambda c: c.h2.ping(b"12345678"),
    "settings": lambda c: c.h2.update_settings({h2_connection.SettingCodes.HEADER_TABLE_SIZE: 4096}),
    "window": lambda c: c.h2.increment_flow_control_window(1),
    "empty data": empty_data,
    "priority": lambda c: c.h2.prioritize(2**20 + 1, weight=5),
}


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_of_frames_ends_its_connection_alone(private, kind):
    before = private.counters()["queries_https"]
    with Http2(private) as client, Http2(private) as other:
        flood(client, FLOODS[kind])
        with pytest.raises((EOFError, OSError, ssl.SSLError)):
            while True:
                client.client.raw.settimeout(10)
                if not client.client.recv(65536):
                    raise EOFError
        assert_blocked(other.answer(other.get()))
    assert private.counters()["queries_https"] - before < 1000
    assert_alive(private)


def test_requests_that_are_reset_after_they_were_asked_do_not_pile_up(private):
    with Http2(private) as client:
        try:
            for i in range(1500):
                stream = client.get(f"reset{i}.wild.unlisted.example")
                client.h2.reset_stream(stream)
                if i % 100 == 99:
                    client.flush()
        except (OSError, ssl.SSLError):
            pass
    assert_alive(private)
    wait_for("the end", lambda: private.counters()["upstream_in_flight"] == 0)


def test_frames_of_nonsense_end_the_connection(private):
    before = private.counters()["https_malformed"]
    with Client(private, private.https_port, alpn=("h2",)) as client:
        client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 5000)
        while client.recv(65536):
            pass
    wait_for("the count", lambda: private.counters()["https_malformed"] == before + 1)
    assert_alive(private)


def test_a_head_that_does_not_end_is_no_way_to_stay(other_agency):
    offer(other_agency)
    other_agency.settings["dns"]["https"]["idle"] = "1 s"
    other_agency.write()
    other_agency.start()
    with http1(other_agency) as client:
        for byte in get(wire()) * 3:
            try:
                client.sendall(bytes([byte]))
            except OSError:
                break
            time.sleep(0.05)
            if byte == 10:
                client.raw.settimeout(0.01)
        else:
            pytest.fail("still open")
    wait_for("the count", lambda: other_agency.counters()["https_idle"] == 1)


def test_a_certificate_and_a_path_of_its_own(other_agency):
    offer(other_agency)
    certificate, key = other_agency.authority.issue("web", HOST, serial=77)
    other_agency.settings["dns"]["https"].update(certificate=str(certificate), key=str(key), path="/ask")
    other_agency.write()
    other_agency.start()
    with http1(other_agency) as client:
        assert client.tls.getpeercert()["serialNumber"] == "4D"
        client.sendall(get(wire(), path="/ask"))
        assert_blocked(dns.message.from_wire(read_response(client)[2]))
        client.sendall(get(wire()))
        assert read_response(client)[0] == 404
