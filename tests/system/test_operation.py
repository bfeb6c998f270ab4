"""What an administrator does with a running gate: look into its cache, flush it, see decisions, watch, scrape."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import threading

import pytest

import writ
from writ import wait_for

NAME = "www.example.org"


class Answers(writ.Upstream):
    """Answers with another address each time, so that a fresh answer can be told from a kept one."""

    def __enter__(self):
        self.asked = 0
        return super().__enter__()

    def _run(self):
        while True:
            data, client = self.socket.recvfrom(4096)
            if not data:
                return
            self.asked += 1
            query = writ.dns.message.from_wire(data)
            answer = writ.dns.message.make_response(query, recursion_available=True)
            question = query.question[0]
            if question.rdtype == 1:
                answer.answer.append(
                    writ.dns.rrset.from_text(question.name, 3600, "IN", "A", f"192.0.{self.asked >> 8}.{self.asked & 255}"))
            self.socket.sendto(answer.to_wire(), client)


@pytest.fixture
def gate(installation):
    installation.settings["dns"]["workers"] = 1
    installation.write()
    with Answers(installation):
        yield installation.start()


def command(gate, *words, status=0):
    done = subprocess.run([writ.PROGRAM, *words, "--config", gate.directory / "writ.yaml"], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def ask(gate, *words):
    return json.loads(command(gate, "dns", *words, "--json"))


def asked(gate):
    """How many questions went to the upstream; one that was sent again is one."""
    return gate.status()["counters"]["dns"]["upstream_queries"]


# cache and flush


@pytest.mark.smoke
def test_the_cache_shows_what_is_kept(gate):
    gate.resolve(NAME)
    gate.resolve("a.other.example")
    gate.resolve(NAME)
    shown = ask(gate, "cache")
    assert {e["name"] for e in shown["cached"]} == {NAME, "a.other.example"}
    assert shown["entries"] == shown["matches"] == 2
    assert (shown["hits"], shown["misses"]) == (1, 2)
    below = ask(gate, "cache", "example.org")
    entry, = below["cached"]
    assert entry["name"] == NAME and entry["type"] == "A" and entry["hits"] == 1
    assert 3500 < entry["ttl_left"] <= 3600
    assert ask(gate, "cache", "--limit", "1")["shown"] == 1
    assert NAME in command(gate, "dns", "cache")


def test_a_flush_takes_what_it_names_and_nothing_else(gate):
    names = [NAME, "example.org", "a.b.example.org", "anexample.org", "other.example"]
    for name in names:
        gate.resolve(name)
    before = asked(gate)
    assert ask(gate, "flush", NAME)["removed"] == 1
    assert ask(gate, "flush", NAME)["removed"] == 0
    assert ask(gate, "flush", "example.org", "AAAA")["removed"] == 0
    assert ask(gate, "flush", "--below", "EXAMPLE.org.")["removed"] == 2
    assert {e["name"] for e in ask(gate, "cache")["cached"]} == {"anexample.org", "other.example"}
    gate.resolve("anexample.org")
    assert asked(gate) == before
    assert ask(gate, "flush", "--all") == {"ok": True, "status": 0, "removed": 2, "entries": 0}
    assert gate.status()["counters"]["dns"]["cache_entries"] == 0
    gate.resolve(NAME)
    assert asked(gate) == before + 1
    assert "flushed 2 of 2 kept answers" in gate.stderr() and "dns-flush is asked for by" in gate.stderr()


def test_many_entries_are_walked_while_queries_are_answered(gate):
    import dns.message
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", gate.port))
        s.settimeout(writ.PATIENCE)
        for i in range(3000):
            s.send(dns.message.make_query(f"n{i}.example.org", "A", use_edns=0).to_wire())
            s.recv(4096)
        failed = []

        def walk():
            for _ in range(20):
                if ask(gate, "cache", "--limit", "100000")["shown"] != 3000:
                    failed.append("entries are missing")

        walker = threading.Thread(target=walk)
        walker.start()
        query = dns.message.make_query("n1.example.org", "A", use_edns=0).to_wire()
        while walker.is_alive():
            s.send(query)
            assert s.recv(4096)
        walker.join()
    assert not failed
    assert ask(gate, "flush", "--below", "org")["removed"] == 3000


# query


def test_a_query_shows_the_decision_and_leaves_no_trace(gate):
    before = gate.status()["counters"]["dns"]
    shown = ask(gate, "query", writ.BLOCKED, "AAAA")
    assert shown["policy"]["verdict"] == "block" and shown["policy"]["order"] == writ.ORDER
    assert any(s["decides"] for s in shown["policy"]["steps"])
    assert shown["cache"]["state"] == "not asked" and "route" not in shown
    assert shown["client"]["served"] and shown["client"]["network"] == "127.0.0.0/8"
    real = gate.resolve(writ.BLOCKED)
    assert shown["answer"]["rcode"] == "NXDOMAIN" == writ.dns.rcode.to_text(real.rcode())
    said = next(o for o in real.options if o.otype == writ.dns.edns.EDE)
    assert shown["answer"]["ede"]["code"] == said.code and said.text.startswith(shown["answer"]["ede"]["text"])
    after = gate.status()["counters"]["dns"]
    assert after["blocked"] == before["blocked"] + 1 and after["queries_udp"] == before["queries_udp"] + 1
    events = wait_for("the entry", lambda: [e for e in gate.entries() if e["kind"] == "event"])
    assert sum(e["data"]["count"] for e in events) == 1


def test_a_query_asks_the_upstream_only_when_told_to(gate):
    shown = ask(gate, "query", NAME)
    assert shown["cache"]["state"] == "miss" and "answer" not in shown
    assert shown["route"]["to"] == gate.settings["dns"]["upstream"]["forward"] and not shown["route"]["asked"]
    assert asked(gate) == 0
    shown = ask(gate, "query", NAME, "--resolve")
    assert shown["route"]["answered"] and shown["route"]["took_us"] > 0 and asked(gate) == 1
    assert shown["answer"]["records"][0]["data"] == "192.0.0.1"
    shown = ask(gate, "query", NAME, "--transport", "tcp")
    assert shown["cache"]["state"] == "hit" and shown["cache"]["kept_by"] == 1
    assert shown["answer"]["records"][0]["data"] == gate.resolve(NAME).answer[0][0].address
    words = command(gate, "dns", "query", NAME)
    assert [line.split()[0] for line in words.splitlines()[1:]][:6] == [
        "client", "limit", "policy", "cache", "route", "answer"]


def test_a_query_is_judged_for_the_client_that_is_named(gate):
    shown = ask(gate, "query", NAME, "--from", "198.51.100.1")
    assert not shown["client"]["served"] and shown["limit"]["applies"]
    assert shown["answer"]["rcode"] == "REFUSED" and "policy" not in shown


def test_a_silent_upstream_is_said_to_be_silent(installation):
    installation.settings["dns"]["upstream"]["timeout"] = "1 s"
    installation.write()
    installation.start()
    shown = ask(installation, "query", NAME, "--resolve")
    assert shown["route"]["asked"] and not shown["route"]["answered"]
    assert installation.role("dns")["restarts"] == 0


# top


def test_top_counts_only_while_somebody_looks(gate):
    gate.resolve("before.example")
    with subprocess.Popen([writ.PROGRAM, "dns", "top", "names", "--seconds", "10", "--json", "--config",
                           gate.directory / "writ.yaml"], stdout=subprocess.PIPE, text=True) as watching:
        wait_for("it counts", lambda: ask_top(gate, "names")["counting"])
        for _ in range(3):
            gate.resolve(NAME)
        gate.blocks()
        blocked, clients, misses = (ask_top(gate, what)["top"] for what in ("blocked", "clients", "misses"))
        shown = json.loads(watching.communicate(timeout=30)[0])
    assert watching.returncode == 0
    assert [(r["key"], r["count"], r["error"]) for r in shown["top"]] == [(NAME, 3, 0), (writ.BLOCKED, 1, 0)]
    assert [(r["key"], r["count"]) for r in blocked] == [(writ.BLOCKED, 1)]
    assert [(r["key"], r["count"]) for r in clients] == [("127.0.0.1", 4)]
    assert [(r["key"], r["count"]) for r in misses] == [(NAME, 1)]
    assert "dns-top-begin is asked for by" in gate.stderr()
    gate.resolve("after.example")
    assert all(r["key"] != "after.example" for r in ask_top(gate, "names")["top"])
    # written nowhere
    for path in gate.directory.rglob("*"):
        if path.is_file():
            assert NAME.encode() not in path.read_bytes(), path


def test_top_tells_what_upstreams_were_asked_and_said(gate):
    upstream, dead = gate.settings["dns"]["upstream"]["forward"][0], f"127.0.0.1:{writ.free_port()}"
    with subprocess.Popen([writ.PROGRAM, "dns", "top", "upstreams", "--seconds", "10", "--json", "--config",
                           gate.directory / "writ.yaml"], stdout=subprocess.PIPE, text=True) as watching:
        wait_for("it counts", lambda: ask_top(gate, "upstreams")["counting"])
        for i in range(5):
            gate.resolve(f"n{i}.example")
            gate.resolve(f"n{i}.example")
        shown = json.loads(watching.communicate(timeout=30)[0])
    assert watching.returncode == 0
    [row] = shown["top"]
    assert (row["key"], row["answers"], row["failures"]) == (upstream, 5, 0)
    assert 0 <= row["late"] <= row["count"] - 5  # on a slow machine a question is sent again
    assert 0 <= row["mean_us"] < 10_000_000
    assert gate.stop() == writ.OK
    gate.settings["dns"]["upstream"]["forward"].append(dead) # nobody listens there
    gate.settings["dns"]["workers"] = 2
    gate.write()
    gate.start()
    with subprocess.Popen([writ.PROGRAM, "dns", "top", "upstreams", "--seconds", "10", "--config",
                           gate.directory / "writ.yaml"], stdout=subprocess.PIPE, text=True) as watching:
        wait_for("it counts", lambda: ask_top(gate, "upstreams")["counting"])
        for i in range(20):
            gate.resolve(f"m{i}.example")
        rows = {r["key"]: r for r in ask_top(gate, "upstreams")["top"]}
        shown = watching.communicate(timeout=30)[0]
    assert rows[upstream]["answers"] == 20
    assert rows[dead]["answers"] == 0 and rows[dead]["failures"] >= 1 and "mean_us" not in rows[dead]
    assert dead in shown and upstream in shown and "MEAN MS" in shown


def ask_top(gate, what):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(gate.directory / "run/control"))
        s.sendall(json.dumps({"verb": "dns-top", "what": what}).encode() + b"\n")
        return json.loads(b"".join(iter(lambda: s.recv(65536), b"")))


# the way to the role


def test_what_is_wrong_is_said_before_anything_is_asked(gate):
    for words, says in ((("query", "a..b"), "expected a domain name"),
                        (("query", NAME, "NOSUCH"), "expected a record type"),
                        (("query", NAME, "--from", "here"), "expected an IPv4 or IPv6 address"),
                        (("query", NAME, "--transport", "pigeon"), "expected one of: udp, tcp"),
                        (("flush",), "expected NAME, --below or --all"),
                        (("flush", NAME, "--all"), "expected NAME, --below or --all"),
                        (("cache", "--limit", "0"), "expected a number from 1 to 100000"),
                        (("top", "cats"), "expected one of: clients, names, blocked, types, misses, upstreams"),
                        (("top", "--seconds", "601"), "expected a number from 1 to 600")):
        assert says in command(gate, "dns", *words, status=writ.USAGE)


def test_without_an_instance_it_says_so(installation):
    for words in (("cache",), ("flush", "--all"), ("query", NAME), ("top",)):
        assert "no instance runs" in command(installation, "dns", *words, status=9)
    assert "no instance runs" in command(installation, "metrics", status=9)


def test_a_role_that_is_stopped_or_gone_is_an_answer(gate, root):
    pid = gate.role("dns")["pid"]
    os.kill(pid, signal.SIGSTOP)
    asking = threading.Thread(target=lambda: said.append(command(gate, "dns", "cache", status=8)))
    said = []
    asking.start()
    wait_for("the question", lambda: "dns-cache is asked for by" in gate.stderr())
    assert gate.status()["ready"]
    os.kill(pid, signal.SIGKILL)
    asking.join()
    assert "ended before it answered" in said[0]
    wait_for("the gate again", gate.is_ready)
    assert ask(gate, "cache")["entries"] == 0


# metrics


def check_metrics(text):
    if not shutil.which("promtool"):
        pytest.skip("promtool (prometheus) is not installed")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr


def sample(text, name):
    return float(next(line.rsplit(" ", 1)[1] for line in text.splitlines() if line.rsplit(" ", 1)[0] == name))


def test_metrics_are_well_formed_and_count(gate):
    gate.resolve(NAME)
    gate.resolve(NAME)
    gate.blocks()
    text = command(gate, "metrics")
    check_metrics(text)
    assert sample(text, "writ_dns_queries_udp_total") == 3
    assert sample(text, "writ_dns_cache_hits_total") == 1
    assert sample(text, "writ_dns_cache_entries") == 1
    assert sample(text, "writ_dns_upstream_seconds_count") == 1
    assert sample(text, 'writ_dns_upstream_seconds_bucket{le="+Inf"}') == 1
    rule = f'writ_dns_rule_decisions_total{{order="{writ.ORDER}",obligation="1",product="deepseek",action="block"}}'
    assert sample(text, rule) == 1
    assert sample(text, 'writ_dns_facet_decisions_total{facet="web",action="block"}') == 1
    assert sample(text, f'writ_order_in_force{{order="{writ.ORDER}",action="block"}}') == 1
    assert sample(text, 'writ_role_up{role="dns"}') == 1
    assert NAME not in text and "127.0.0.1" not in text


def http_get(port, path="/metrics", method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    response = connection.getresponse()
    return response, response.read().decode()


@pytest.fixture
def scraped(installation):
    installation.metrics_port = writ.free_port()
    installation.settings["daemon"]["metrics"] = {"listen": f"127.0.0.1:{installation.metrics_port}"}
    installation.write()
    installation.start()
    wait_for("the metrics role", lambda: installation.role("metrics")["state"] == "ready")
    return installation


def test_a_scraper_gets_metrics_over_http(scraped):
    response, text = http_get(scraped.metrics_port)
    assert response.status == 200 and response.getheader("Content-Type").startswith("text/plain; version=0.0.4")
    check_metrics(text)
    assert sample(text, 'writ_role_up{role="metrics"}') == 1
    assert http_get(scraped.metrics_port, "/")[0].status == 404
    response, _ = http_get(scraped.metrics_port, method="POST")
    assert response.status == 405 and response.getheader("Allow") == "GET, HEAD"
    response, text = http_get(scraped.metrics_port, method="HEAD")
    assert response.status == 200 and text == ""


def test_the_metrics_role_survives_a_reload_and_being_killed(scraped):
    scraped.organisation["adoptions"][0]["mode"] = "observe"
    scraped.write()
    assert scraped.ask("reload")["ok"]
    version = scraped.status()["policy"]["version"]
    wait_for("a new page", lambda: sample(http_get(scraped.metrics_port)[1], "writ_policy_reloads_total") == 1)
    assert f'writ_policy_info{{version="{version}"}} 1' in http_get(scraped.metrics_port)[1]
    os.kill(scraped.role("metrics")["pid"], signal.SIGKILL)
    wait_for("it again", lambda: scraped.role("metrics")["restarts"] == 1
             and scraped.role("metrics")["state"] == "ready")
    assert http_get(scraped.metrics_port)[0].status == 200
    assert scraped.stop() == writ.OK


def test_what_is_no_http_does_not_end_the_metrics_role(scraped):
    for junk in (b"\0" * 100, b"GET\r\n\r\n", b"GET /metrics HTTP/9.9\r\n\r\n", b"A" * 100000,
                 b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", scraped.metrics_port), timeout=10) as s:
            try:
                s.sendall(junk)
                s.shutdown(socket.SHUT_WR)
                while s.recv(65536):
                    pass
            except (ConnectionError, BrokenPipeError, OSError):
                pass
    assert http_get(scraped.metrics_port)[0].status == 200
    assert scraped.role("metrics")["restarts"] == 0


def test_many_idle_connections_do_not_hold_up_dns(scraped):
    idle = [socket.create_connection(("127.0.0.1", scraped.metrics_port)) for _ in range(40)]
    assert scraped.blocks()
    for s in idle:
        s.close()
    assert wait_for("room again", lambda: http_get(scraped.metrics_port)[0].status == 200)


def test_a_port_that_is_taken_is_said_at_the_start(installation):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        installation.settings["daemon"]["metrics"] = {"listen": f"127.0.0.1:{s.getsockname()[1]}"}
        installation.write()
        done = installation.run()
    assert done.returncode == writ.IN_USE and "in use" in done.stderr
