"""What is between the kernel and the packet gate: rules, queues, marks, and what happens when nobody judges.

A gate of one rule (tests/packet/trivial_gate.c) takes the place of the role: what a client writes says what is to
become of its connection.
"""
import contextlib
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import threading

import pytest

import raw_packets as raw
import writ
from network import Namespace

PROGRAM = writ.BUILT.parent / "tests/packet/trivial_gate"
FIRST, PORT = 5390, 4433
CLIENT = {4: "10.61.0.10", 6: "fd61::10"}
GATE_OUT = {4: "10.62.0.1", 6: "fd62::1"}
SERVER = {4: "10.62.0.20", 6: "fd62::20"}
RELEASED, MASK = 0x10000000, 0xf0000000
LONG_HEADER = b"\xc3\0\0\0\1"  # of QUIC 1
FAMILIES = [4, 6]


class Path:
    """client - gate - server: through a router, through a bridge without addresses, or with no client but the gate."""

    def __init__(self, kind):
        self.kind, self.made, suffix = kind, [], secrets.token_hex(3)
        try:
            for name in "gate", "client", "server":
                self.made.append(Namespace(f"kernel-{suffix}-{name}"))
            self.gate, self.client, self.server = self.made
            getattr(self, f"_{kind}")()
            if kind == "host":
                self.client = self.gate
            self._serve()
        except BaseException:
            self.close()
            raise

    def _cable(self, other, gate_end, gate_addresses, addresses):
        self.gate.run("ip", "link", "add", gate_end, "type", "veth", "peer", "name", "eth0", "netns", other.name)
        self.gate.address(gate_end, *gate_addresses)
        other.address("eth0", *addresses)
        self.gate.run("ip", "link", "set", gate_end, "up")
        other.run("ip", "link", "set", "eth0", "up")

    def _routed(self):
        self.gate.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        self._cable(self.client, "lan", ["10.61.0.1/16", "fd61::1/64"],
                    [f"10.61.0.{n}/16" for n in range(10, 18)] + [f"fd61::{n}/64" for n in range(10, 18)])
        self._cable(self.server, "wan", ["10.62.0.1/16", "fd62::1/64"],
                    [f"10.62.0.{n}/16" for n in range(20, 24)] + [f"fd62::{n}/64" for n in range(20, 24)])
        for namespace, net in (self.client, 61), (self.server, 62):
            namespace.run("ip", "route", "add", "default", "via", f"10.{net}.0.1")
            namespace.run("ip", "route", "add", "default", "via", f"fd{net}::1")

    def _bridged(self):
        self.gate.run("ip", "link", "add", "bridge", "type", "bridge")
        self.gate.run("ip", "link", "set", "bridge", "up")
        self._cable(self.client, "lan", [], [f"{CLIENT[4]}/8", f"{CLIENT[6]}/16"])
        self._cable(self.server, "wan", [], [f"{SERVER[4]}/8", f"{SERVER[6]}/16"])
        self.client.run("ip", "route", "add", "fd62::/16", "dev", "eth0")
        self.server.run("ip", "route", "add", "fd61::/16", "dev", "eth0")
        for end in "lan", "wan":
            self.gate.run("ip", "link", "set", end, "master", "bridge")

    def _host(self):
        self._cable(self.server, "wan", ["10.62.0.1/16", "fd62::1/64"], [f"{SERVER[4]}/16", f"{SERVER[6]}/64"])

    def source(self, family):
        return (GATE_OUT if self.kind == "host" else CLIENT)[family]

    def _serve(self):
        """Repeats what it hears, and remembers it."""
        self.heard, self.listeners = [], []
        with self.server.entered():
            for family in socket.AF_INET, socket.AF_INET6:
                listener = socket.socket(family, socket.SOCK_STREAM)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind(("", PORT))
                listener.listen(64)
                self.listeners.append(listener)
        for listener in self.listeners:
            threading.Thread(target=self._accept, args=[listener], daemon=True).start()

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._repeat, args=[listener.accept()[0]], daemon=True).start()

    def _repeat(self, connection):
        with contextlib.suppress(OSError), connection:
            while data := connection.recv(65536):
                self.heard.append(data)
                connection.sendall(data)

    def connect(self, family, to=None, port=0, seconds=15, source=None):
        with self.client.entered():
            s = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.settimeout(seconds)
        s.bind((source or self.source(family), port))
        s.connect((to or SERVER[family], PORT))
        return s

    def udp(self, family):
        """A socket of the client and one of the server that know each other."""
        client = self.client.socket(socket.SOCK_DGRAM, self.source(family))
        server = self.server.socket(socket.SOCK_DGRAM, SERVER[family])
        client.connect(server.getsockname()[:2])
        server.connect(client.getsockname()[:2])
        return client, server

    def gate_run(self, *words, before=()):
        return subprocess.run([*before, PROGRAM, *map(str, words)], capture_output=True, text=True,
                              preexec_fn=self.gate.enter, timeout=60)

    def apply(self, failure="open", queues=1, interfaces=()):
        mode = "host" if self.kind == "host" else "routed"
        done = self.gate_run("apply", mode, failure, FIRST, queues, *(interfaces or self.interfaces()))
        assert done.stdout == "code=0\n", done.stdout + done.stderr
        return done

    def interfaces(self):
        return ["bridge"] if self.kind == "bridged" else []

    def read(self, *words):
        return subprocess.run(words, capture_output=True, text=True, preexec_fn=self.gate.enter, check=True).stdout

    def counter(self, name):
        return int(re.search(r"packets (\d+)", self.read("nft", "list", "counter", "inet", "writ", name))[1])

    def started(self, *words):
        return Started(self, *words)

    def judge(self, queues=1, length=1024, failure="open"):
        return Started(self, "judge", FIRST, queues, length, failure)

    def close(self):
        for listener in getattr(self, "listeners", []):
            listener.close()
        for namespace in self.made:
            namespace.remove()


class Started:
    """The program as it runs; `lines` of key=value that it said."""

    def __init__(self, path, *words):
        self.process = subprocess.Popen([PROGRAM, *map(str, words)], stdout=subprocess.PIPE, text=True,
                                        preexec_fn=path.gate.enter)
        self.lines, self.news = [], threading.Condition()
        first = self.process.stdout.readline()
        assert first == "ready\n", first
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(dict(w.split("=", 1) for w in shlex.split(line) if "=" in w))
                self.news.notify_all()

    def wait(self, condition):
        with self.news:
            assert self.news.wait_for(lambda: any(condition(x) for x in self.lines), 20), self.lines[-5:]
            return next(x for x in self.lines if condition(x))

    def of(self, port):
        """Packets of a client's port."""
        with self.news:
            return [x for x in self.lines if str(port) in (x.get("sport"), x.get("dport"))]

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(20)
        self.reader.join(20)
        return self.lines[-1]

    def kill(self):
        self.process.kill()
        self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end()
        self.process.stdout.close()


def made(kind):
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} is not built")
    for tool in "ip", "nft", "iptables-nft":
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    if kind == "bridged" and not os.path.exists("/proc/sys/net/bridge"):
        pytest.skip("the kernel's module br_netfilter is not loaded")
    return Path(kind)


@pytest.fixture(params=["routed", "bridged", "host"])
def path(request):
    with contextlib.closing(made(request.param)) as p:
        yield p


@pytest.fixture
def router():
    with contextlib.closing(made("routed")) as p:
        yield p


def say(s, text):
    """And hears it repeated."""
    data, heard = text.encode(), b""
    s.sendall(data)
    while len(heard) < len(data):
        part = s.recv(65536)
        assert part, "closed"
        heard += part
    assert heard == data


def send(s, data):
    """To a host that refuses to send it itself, that is an error of the call."""
    with contextlib.suppress(PermissionError):
        s.send(data)


def until(condition):
    for _ in range(200):
        if condition():
            return
        threading.Event().wait(0.1)
    raise AssertionError("it never came true")


def port_of(s):
    return s.getsockname()[1]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_released_flow_never_comes_back(path, family):
    path.apply()
    with path.judge() as judge, path.connect(family) as s:
        say(s, "hello")
        say(s, "please release")
        for _ in range(20):
            say(s, "x" * 3000)
        judge.end()
        assert judge.of(port_of(s))[-1]["word"] == "please release"
        assert path.counter("released") >= 40
        assert path.counter("unjudged") == 0
        first = next(x for x in judge.of(port_of(s)) if x["dport"] == str(PORT))
        assert int(first["port"] != "0") == (path.kind == "bridged")
        # what this machine sends itself has no sender's hardware address
        assert first["hardware"] == ("0" if path.kind == "host" else "6")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_refused_flow_ends_and_the_next_on_its_port_is_judged_anew(path, family):
    path.apply()
    with path.judge() as judge:
        with path.connect(family) as s:
            port = port_of(s)
            say(s, "hello")
            s.sendall(b"please refuse")
            if path.kind == "bridged":  # a bridge without addresses cannot send a reset by itself
                s.settimeout(2)
                with pytest.raises(TimeoutError):
                    s.recv(100)
            else:
                with pytest.raises(ConnectionResetError):
                    s.recv(100)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert path.counter("refused") >= 1
        assert b"please refuse" not in b"".join(path.heard)
        with path.connect(family, port=port) as s:
            say(s, "hello again")
        judge.end()
        words = [x["word"] for x in judge.of(port)]
        assert len(words) - words.index("please refuse") > 4


@pytest.mark.parametrize("family", FAMILIES)
def test_of_a_watched_flow_only_what_the_client_sends_comes(path, family):
    path.apply()
    with path.judge() as judge, path.connect(family) as s:
        say(s, "please watch")
        say(s, "hello")
        judge.end()
        packets = judge.of(port_of(s))
        words = [x["word"] for x in packets]
        more = packets[words.index("please watch") + 1:]
        assert more and all(x["dport"] == str(PORT) for x in more)
        assert path.counter("watched") >= 1


@pytest.mark.parametrize("family", FAMILIES)
def test_of_a_watched_flow_both_come_again_when_the_gate_wants_them(path, family):
    path.apply()
    with path.judge() as judge, path.connect(family) as s:
        say(s, "please watch")
        say(s, "please hear both")
        say(s, "please watch")
        say(s, "hello")
        judge.end()
        packets = judge.of(port_of(s))
        words = [x["word"] for x in packets]
        both = words.index("please hear both")
        again = both + words[both:].index("please watch")
        assert any(x["sport"] == str(PORT) for x in packets[both:again])


def test_what_is_refused_by_the_mark_of_others_is_not(path):
    """Marks of others stay as they are, and only ours mean anything."""
    path.apply()
    with path.judge(), path.connect(4) as s:
        say(s, "hello")
        path.gate.run("nft", "add table inet others; add chain inet others c "
                      "{ type filter hook prerouting priority -1; }; add rule inet others c meta mark set 0xf0000abc; "
                      "add chain inet others d { type filter hook postrouting priority 0; }; "
                      "add rule inet others d meta mark 0x00000abc counter; "
                      "add rule inet others d meta mark & 0xf0000000 != 0 counter drop")
        say(s, "hello again")
        if path.kind != "host":
            listed = path.read("nft", "list", "chain", "inet", "others", "d")
            assert re.findall(r"packets (\d+)", listed)[0] != "0"


def test_both_directions_of_all_connections_reach_one_queue(router):
    router.apply(queues=4)
    with router.judge(queues=4) as judge:
        for family in FAMILIES:
            for c in range(10, 18):
                for s in range(20, 24):
                    source, to = ("10.61.0.", "10.62.0.") if family == 4 else ("fd61::", "fd62::")
                    with router.connect(family, to=f"{to}{s}", source=f"{source}{c}") as connection:
                        say(connection, "hello")
        judge.end()
        pairs = {}
        for x in judge.lines[:-4]:  # behind them each queue says its counts
            pairs.setdefault(frozenset((x["from"], x["to"])), {}).setdefault(x["queue"], set()).add(x["from"])
        between = [queues for pair, queues in pairs.items() if any(a.startswith(("10.61", "fd61")) for a in pair)]
        assert len(between) >= 2 * 8 * 4
        assert all(len(queues) == 1 and len(*queues.values()) == 2 for queues in between)
        assert len({q for queues in between for q in queues}) == 4


def test_a_syn_that_crosses_another_is_dropped_and_counted(path):
    """The server begins a connection, whose SYN nobody answers; then the client begins one on the same ports.

    Resets are muted before the kernel follows connections: to one that was reset it would be another."""
    path.apply()
    path.client.run("nft", "add table inet mute; add counter inet mute resets; "
                    "add chain inet mute out { type filter hook output priority -300; }; "
                    "add rule inet mute out tcp flags & rst == rst counter name resets drop")
    client = path.client.socket(socket.SOCK_STREAM, path.source(4))
    server = path.server.socket(socket.SOCK_STREAM, SERVER[4])
    with client, server:
        server.setblocking(False)
        server.connect_ex(client.getsockname())
        until(lambda: "packets 0 " not in subprocess.run(
            ["nft", "list", "counter", "inet", "mute", "resets"], capture_output=True, text=True, check=True,
            preexec_fn=path.client.enter).stdout)
        assert path.counter("crossed") == 0
        client.setblocking(False)
        client.connect_ex(server.getsockname())
        until(lambda: path.counter("crossed") > 0)


@pytest.mark.parametrize("failure", ["open", "closed"])
def test_when_nobody_judges_the_option_decides(path, failure):
    path.apply(failure)
    with path.judge() as judge:
        with path.connect(4) as released, path.connect(4) as refused:
            say(released, "please release")
            refused.sendall(b"please refuse")
            judge.wait(lambda x: x.get("word") == "please refuse")
            assert b"refuse" not in b"".join(path.heard)
            judge.kill()
            say(released, "what was released goes on")
            for family in FAMILIES:
                if failure == "open":
                    with path.connect(family) as s:
                        say(s, "hello")
                else:
                    with pytest.raises(TimeoutError):
                        path.connect(family, seconds=2)
            # with `open` what TCP sends once more passes
            assert failure == "open" or b"refuse" not in b"".join(path.heard)
            assert (path.counter("unjudged") > 0) == (failure == "open")
    with path.judge(), path.connect(4) as s:
        say(s, "judged again")


@pytest.mark.parametrize("failure", ["open", "closed"])
def test_when_the_queue_is_full_the_option_decides(path, failure):
    path.apply(failure)
    with path.judge(length=4, failure=failure) as judge:
        client, server = path.udp(4)
        with client, server:
            client.send(b"first")
            assert server.recv(100) == b"first"
            judge.process.send_signal(signal.SIGSTOP)
            for n in range(4):
                client.send(b"waits")
            for n in range(16):
                client.send(b"beyond")
            if failure == "open":
                assert [server.recv(100) for _ in range(16)] == [b"beyond"] * 16
            judge.process.send_signal(signal.SIGCONT)
            assert [server.recv(100) for _ in range(4)] == [b"waits"] * 4
            client.send(b"last")
            assert server.recv(100) == b"last"
        end = judge.end()
        assert end["dropped"] == ("0" if failure == "open" else "16")
        assert (end["lost"], end["refused"], end["state"], end["waiting"]) == ("0", "0", "0", "0")
        assert path.counter("unjudged") == (16 if failure == "open" else 0)


def test_packets_of_a_batch_share_their_verdicts(router):
    router.apply()
    with router.judge() as judge:
        client, server = router.udp(4)
        with client, server:
            judge.process.send_signal(signal.SIGSTOP)
            for n in range(40):
                client.send(b"please drop" if n in (7, 8) else b"%d" % n)
            until(lambda: router.counter("queued") == 40)
            judge.process.send_signal(signal.SIGCONT)
            assert [int(server.recv(100)) for _ in range(38)] == [n for n in range(40) if n not in (7, 8)]
        end = judge.end()
        assert int(end["packets"]) == 40 and int(end["messages"]) < 20 and end["refused"] == "0"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_long_header_of_quic_is_judged_again(path, family):
    path.apply()
    with path.judge() as judge:
        client, server = path.udp(family)
        with client, server:
            for data in b"hello", b"please release", b"unheard":
                client.send(data)
                assert server.recv(100) == data
            send(client, LONG_HEADER + b"please refuse")
            until(lambda: path.counter("refused") == 1)
            send(client, b"short")
            until(lambda: path.counter("refused") == 2)
            client.send(LONG_HEADER + b"please release")
            assert server.recv(100) == LONG_HEADER + b"please release"
            client.send(b"short again")
            assert server.recv(100) == b"short again"
            judge.end()
            words = [x["word"] for x in judge.of(port_of(client))]
            assert words == ["", "please release", "please refuse", "please release"]


@pytest.mark.parametrize("family", FAMILIES)
def test_fragments_come_put_together(path, family):
    path.apply()
    with path.judge() as judge:
        client, server = path.udp(family)
        with client, server:
            data = b"x" * 4000
            client.send(data)
            assert server.recv(5000) == data
            judge.end()
            assert [int(x["size"]) for x in judge.of(port_of(client))] == [4028 if family == 4 else 4048]


def test_a_packet_can_be_replaced(path):
    path.apply()
    with path.judge():
        client, server = path.udp(4)
        with client, server:
            client.send(b"please replace me")
            assert server.recv(100) == b"it is replaced me"


def test_icmp_and_loopback_and_other_interfaces_are_not_queued(path):
    path.apply("closed", interfaces=["bridge" if path.kind == "bridged" else "lan"])
    echo = bytes([8, 0, 0xf7, 0xff, 0, 0, 0, 0])
    with path.client.entered(), socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as s:
        s.settimeout(15)
        s.sendto(echo, (SERVER[4], 0))
        assert s.recv(100)[20] == 0
    if path.kind == "host":  # `lan` is not there: none of its interfaces are the clients'
        with path.connect(4) as s:
            say(s, "hello")
    with path.gate.entered():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            with socket.create_connection(listener.getsockname(), timeout=15):
                assert listener.accept()
    assert path.counter("queued") == 0


def test_what_others_begin_with_this_host_is_not_judged():
    with contextlib.closing(made("host")) as path:
        path.apply("closed")
        with path.gate.entered():
            listener = socket.create_server((GATE_OUT[4], 0))
        with listener, path.server.socket(socket.SOCK_STREAM, SERVER[4]) as s:
            s.connect(listener.getsockname())
            accepted, _ = listener.accept()
            with accepted:
                accepted.sendall(b"welcome")
                assert s.recv(100) == b"welcome"
        assert path.counter("queued") == 0


def test_a_connection_that_was_counted_says_how_much_went_by(router):
    router.apply()
    router.gate.run("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_timeout_close=1")
    with router.judge(), router.started("ends") as ends:
        for family in FAMILIES:
            with router.connect(family) as other, router.connect(family) as s:
                say(other, "please release")
                port, others = port_of(s), port_of(other)
                say(s, "please count")
                say(s, "x" * 100000)
                for c in s, other:
                    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # the kernel forgets a connection that is over when it looks for it again
            for _ in range(40):
                for again in others, port:
                    with contextlib.suppress(OSError), router.connect(family, port=again, seconds=2) as c:
                        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if any(x.get("cport") == str(port) for x in ends.lines):
                    break
                threading.Event().wait(0.25)
            end = ends.wait(lambda x: x.get("cport") == str(port))
            assert (end["client"], end["server"], end["sport"]) == (CLIENT[family], SERVER[family], str(PORT))
            assert int(end["up"]) > 100012 and int(end["down"]) > 100012 and int(end["us"]) > 0
            assert int(end["packets_up"]) > 3
            assert int(end["mark"], 16) & MASK == 0x90000000
            assert not any(x.get("cport") == str(others) for x in ends.lines)
        assert ends.end()["lost"] == "0"


def udp_packet(source, to, sport, dport, data):
    return raw.ip(source, to, raw.UDP, raw.udp(source, to, (sport, dport), data))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_packet_that_is_made_up_arrives_in_the_name_of_the_server(path, family):
    path.apply("closed")
    client, server = path.udp(family)
    with client, server:
        packet = udp_packet(SERVER[family], path.source(family), port_of(server), port_of(client), b"in its name")
        more = []
        if path.kind == "bridged":
            shown = subprocess.run(["ip", "link", "show", "eth0"], capture_output=True, text=True, check=True,
                                   preexec_fn=path.client.enter).stdout
            index = path.read("ip", "-o", "link", "show", "lan").split(":")[0]
            more = [index, re.search("ether ([0-9a-f:]+)", shown)[1].replace(":", "")]
        done = path.gate_run("send", f"{RELEASED:x}", packet.hex(), *more)
        assert done.stdout == "code=0\n"
        assert client.recv(100) == b"in its name"
        if path.kind == "host":  # and one to the server passes by the queue, where nobody listens
            packet = udp_packet(path.source(family), SERVER[family], port_of(client), port_of(server), b"from the gate")
            assert path.gate_run("send", f"{RELEASED:x}", packet.hex()).stdout == "code=0\n"
            assert server.recv(100) == b"from the gate"
        if path.kind != "host":
            assert path.counter("queued") == 0


def test_a_copy_of_what_goes_by_is_taken(router):
    with router.started("capture", "lan") as capture:
        for family in FAMILIES:
            with router.connect(family) as s:
                say(s, "x" * 5000)
        capture.wait(lambda x: x.get("version") == "6" and int(x.get("size", 0)) > 1000)
        end = capture.end()
        assert end["dropped"] == "0"
        packets = [x for x in capture.lines if "version" in x]
        assert {x["version"] for x in packets} == {"4", "6"}
        assert all(x["size"] == x["kept"] for x in packets)
        assert any(x["open"] == "1" for x in packets)  # no card between these two wrote a checksum
        times = [int(x["at"]) for x in packets]
        assert min(times) > 1_700_000_000_000_000


def test_rules_replace_those_of_another_mode_and_leave_nothing(router):
    rules = lambda: router.read("nft", "list", "ruleset")
    router.gate.run("nft", "add table inet others; add chain inet others forward "
                    "{ type filter hook forward priority 0; }; add rule inet others forward counter accept")
    for tool in "iptables-nft", "ip6tables-nft":
        router.gate.run(tool, "-t", "security", "-A", "FORWARD", "-p", "icmp", "-j", "ACCEPT")
    for mode in "routed", "host", "host", "routed":
        assert router.gate_run("apply", mode, "open", FIRST, 2, "lan").stdout == "code=0\n"
        listed = rules()
        assert ("forward_before" in listed) == (mode == "routed")
        assert listed.count("jump writ-") in (0, 2 if mode == "routed" else 4)
    assert router.read("sysctl", "-n", "net.netfilter.nf_conntrack_acct") == "1\n"
    assert router.gate_run("remove").stdout == "code=0\n"
    assert "writ" not in rules() and rules().count("accept") >= 1 and "table inet others" in rules()
    assert "-A FORWARD -p icmp -j ACCEPT" in router.read("iptables-nft", "-t", "security", "-S")
    assert router.read("sysctl", "-n", "net.netfilter.nf_conntrack_acct") == "0\n"
    assert router.gate_run("remove").stdout == "code=0\n"


def test_rules_that_the_kernel_does_not_take_change_nothing(router):
    router.apply("closed")
    before = router.read("nft", "list", "ruleset")
    # 70,000 is no queue
    done = router.gate_run("apply", "routed", "open", 70000, 1)
    assert done.returncode == 1 and "does not take the rules of the packet gate: " in done.stdout
    assert router.read("nft", "list", "ruleset") == before


def test_a_program_that_is_not_installed_is_named(router):
    nft = os.path.realpath(shutil.which("nft"))
    without = ["unshare", "-m", "sh", "-c", f'mount --bind /dev/null {nft}; exec "$0" "$@"']
    done = router.gate_run("apply", "routed", "open", FIRST, 1, before=without)
    assert done.stdout == ("code=-1004 why=the packet gate needs the program nft, which is not installed "
                           "(package nftables)\n")


def test_a_bridge_that_is_named_is_made_to_ask():
    with contextlib.closing(made("bridged")) as path:
        switches = "net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables"
        path.gate.run("sysctl", "-qw", *(f"{s}=0" for s in switches))
        path.apply("closed")
        assert path.read("sysctl", "-n", *switches) == "1\n1\n"
        with pytest.raises(TimeoutError):
            path.connect(4, seconds=2)
        assert path.gate_run("remove").stdout == "code=0\n"
        assert path.read("sysctl", "-n", *switches) == "0\n0\n"
