"""Unbound as the upstream, in the clear and over TLS: a resolver of other people, with its own ideas."""
import pathlib
import shutil
import subprocess
import tempfile

import dns.rcode
import dns.rdatatype
import pytest

from certificate import Authority
from network import UPSTREAM
from test_dns_block import assert_answered, assert_blocked
from writ import wait_for

UNBOUND = shutil.which("unbound", path="/usr/sbin:/usr/bin")
ADDRESS, NAME = "198.18.0.6", "dns.unbound.example"
CONFIG = """
server:
  directory: "{directory}"
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  interface: {address}@53
  interface: {address}@853
  tls-port: 853
  tls-service-pem: "{certificate}"
  tls-service-key: "{key}"
  access-control: 0.0.0.0/0 allow
  module-config: "iterator"
  do-not-query-localhost: no
forward-zone:
  name: "."
  forward-addr: {upstream}
"""


@pytest.fixture(scope="module")
def unbound(network, authority):
    if not UNBOUND:
        pytest.skip("unbound is not installed")
    with tempfile.TemporaryDirectory(prefix="writ-unbound-") as directory:
        pathlib.Path(directory).chmod(0o755)
        signer = Authority(directory)
        certificate, key = signer.issue("unbound", NAME)
        config = pathlib.Path(directory, "unbound.conf")
        config.write_text(CONFIG.format(directory=directory, address=ADDRESS, upstream=UPSTREAM,
                                        certificate=certificate, key=key))
        process = subprocess.Popen([UNBOUND, "-d", "-c", config], preexec_fn=network.gate.enter,
                                   stderr=subprocess.DEVNULL)
        try:
            wait_for("unbound", lambda: listens(network))
            yield signer
        finally:
            process.terminate()
            process.wait(20)


def listens(network):
    with network.gate.entered():
        return ADDRESS in subprocess.run(["ss", "-Hltn", "sport", "=", ":853"], capture_output=True, text=True).stdout


@pytest.fixture(params=["clear", "tls"])
def gate(request, other_agency, unbound):
    upstream = {"forward": [ADDRESS if request.param == "clear" else f"{ADDRESS}#{NAME}"], "timeout": "10 s"}
    if request.param == "tls":
        upstream["ca_file"] = str(unbound.certificate)
    other_agency.settings["dns"]["upstream"] = upstream
    other_agency.write()
    return other_agency.start()


def test_answers_arrive_as_unbound_gives_them(gate):
    for _ in range(2):  # first, and from the cache
        assert_answered(gate.query("www.unlisted.example"), "192.0.2.80")
        assert_answered(gate.query("fine.unlisted.example"), "192.0.2.80")
        assert gate.query("none.unlisted.example").rcode() == dns.rcode.NXDOMAIN
        empty = gate.query("www.unlisted.example", "MX")
        assert empty.rcode() == dns.rcode.NOERROR and not empty.answer
        assert gate.query("https.unlisted.example", "HTTPS").answer[0].rdtype == dns.rdatatype.HTTPS
        assert len(gate.query("big60.unlisted.example", "TXT", tcp=True).answer[0]) == 235
    counters = gate.counters()
    assert counters["upstream_strange"] == counters["upstream_malformed"] == counters["servfail"] == 0


def test_what_leads_to_something_blocked_is_blocked(gate):
    for name in ("chat.deepseek.com", "alias.unlisted.example", "x.tree.unlisted.example"):
        for _ in range(2):
            assert_blocked(gate.query(name))
