"""Stubs that people have, with the gate's own certificate: systemd-resolved by TLS, Chromium by HTTPS."""
import http.server
import re
import subprocess
import threading

import pytest

from certificate import Authority
from network import GATE
from private import offer_own
from stub import CERTUTIL, CHROMIUM, RESOLVED, Chromium, Resolved
from writ import wait_for

PAGE, PAGE_ADDRESS, TEXT = "www.unlisted.example", "192.0.2.80", "This page may be seen."
BLOCKED = "chat.deepseek.com"
STARTS_MAX = 12  # of a browser, which may give up before it has reached its resolver when much else runs

needs_resolved = pytest.mark.skipif(not RESOLVED, reason="systemd-resolved is not installed, and SYSTEMD_RESOLVED names none")
# Chromium's page while it still looks into why, and after that
NO_NAME = re.compile("DNS_PROBE_|ERR_NAME_NOT_RESOLVED")
needs_chromium = pytest.mark.skipif(not (CHROMIUM and CERTUTIL), reason="chromium or certutil (libnss3-tools) is not installed")


def ask_stub(agency, name):
    """What resolved's stub says, once it knows its networks and answers."""
    def ask():
        done = subprocess.run(["dig", "+time=5", "+tries=1", "@127.0.0.53", name], capture_output=True, text=True,
                              timeout=30, preexec_fn=agency.network.client.enter)
        return done.stdout if done.returncode == 0 and "SERVFAIL" not in done.stdout else None
    return wait_for("an answer of the stub", ask)


@needs_resolved
def test_systemd_resolved_is_answered_by_tls(other_agency):
    agency = offer_own(other_agency).start()
    with Resolved(agency, agency.authority.certificate):
        assert PAGE_ADDRESS in ask_stub(agency, PAGE)
        assert "NXDOMAIN" in ask_stub(agency, BLOCKED)
        counters = agency.counters()
        assert counters["queries_tls"] >= 2 and counters["queries_udp"] == counters["queries_tcp"] == 0
        assert counters["blocked"] > 0


@needs_resolved
def test_systemd_resolved_goes_on_when_the_certificate_is_renewed(other_agency):
    agency = offer_own(other_agency, certificate_life="10 s")
    agency.settings["dns"]["tls"]["idle"] = "1 s"  # so that it connects anew
    agency.write()
    agency.start()
    with Resolved(agency, agency.authority.certificate):
        for _ in range(2):
            before = agency.status()["certificates"][0]["sha256"]
            assert PAGE_ADDRESS in ask_stub(agency, PAGE)
            wait_for("a renewal", lambda: agency.status()["certificates"][0]["sha256"] != before, seconds=30)
        assert PAGE_ADDRESS in ask_stub(agency, PAGE)


@needs_resolved
def test_systemd_resolved_refuses_what_is_under_another_authority(other_agency):
    agency = offer_own(other_agency).start()
    with Resolved(agency, Authority(agency.directory).certificate) as resolved:
        wait_for("its start", lambda: b"Creating stub listener" in resolved.log.read_bytes())

        def tries():
            """Once it knows its networks."""
            done = subprocess.run(["dig", "+time=2", "+tries=1", "@127.0.0.53", PAGE], capture_output=True, text=True,
                                  preexec_fn=agency.network.client.enter)
            assert PAGE_ADDRESS not in done.stdout
            return agency.counters()["tls_opened"]
        wait_for("it tries", tries)
        assert agency.counters()["queries_tls"] == 0


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"<html><body>{TEXT}</body></html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def page(network):
    """A web server at the address that the name has."""
    network.gate.address("lo", f"{PAGE_ADDRESS}/32")
    network.client.run("ip", "route", "add", PAGE_ADDRESS, "via", GATE[4])
    with network.gate.entered():
        server = http.server.ThreadingHTTPServer((PAGE_ADDRESS, 80), Page)
    threading.Thread(target=server.serve_forever).start()
    yield
    server.shutdown()
    server.server_close()
    network.gate.run("ip", "addr", "del", f"{PAGE_ADDRESS}/32", "dev", "lo")
    network.client.run("ip", "route", "del", PAGE_ADDRESS)


@needs_chromium
def test_chromium_under_the_policy_opens_what_is_allowed_and_nothing_else(other_agency, page):
    agency = offer_own(other_agency).start()
    browser = Chromium(agency, agency.authority.certificate)
    for _ in range(STARTS_MAX):
        text, said = browser.open(f"http://{PAGE}/")
        if TEXT in text:
            break
    assert TEXT in text, said
    for _ in range(STARTS_MAX):
        text, said = browser.open(f"http://{BLOCKED}/")
        assert TEXT not in text and NO_NAME.search(text + said), said
        counters = agency.counters()
        if counters["blocked"]:
            break
    assert counters["queries_https"] > 0 and counters["blocked"] > 0
    assert counters["queries_udp"] == counters["queries_tcp"] == 0


@needs_chromium
def test_chromium_without_the_authority_does_not_believe_the_gate(other_agency, page):
    agency = offer_own(other_agency).start()
    text, said = Chromium(agency).open(f"http://{PAGE}/")
    assert TEXT not in text and NO_NAME.search(text + said), said
    assert agency.counters()["queries_https"] == 0
