"""Knot DNS with the zones that the tests ask for, as forwarder's target and as a root of its own."""
import base64
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile

import hostile
import writ
from network import UPSTREAM

KNOT = shutil.which("knotd", path="/usr/sbin:/usr/bin")
DEDICATED, SHARED = "203.0.113.66", "3.173.21.63"
LONG_TTL = 30 * 86400
SECURE, BOGUS = "secure.root-test", "bogus.example"  # signed; not signed although its parent says so


def ech():
    """An ECHConfigList of one made-up configuration."""
    config = bytes([7]) + struct.pack("!HHH", 0x20, 32, 0) + bytes(range(1, 33)) + b"cover.example"
    return base64.b64encode(struct.pack("!HHH", len(config) + 4, 0xfe0d, len(config)) + config).decode()


def strings(owner, count, size=250):
    return "".join(f"{owner} TXT \"{i:04d}{'x' * (size - 4)}\"\n" for i in range(count))


HEAD = """$ORIGIN {zone}
$TTL 300
@ SOA ns.{zone_tail} hostmaster.{zone_tail} 1 3600 600 86400 300
@ NS ns.{zone_tail}
ns A {upstream}
"""

ZONES = {
    "unlisted.example": f"""
www A 192.0.2.80
www AAAA 2001:db8::80
@ MX 10 mail
mail A 192.0.2.25
@ TXT "v=spf1 -all"
long {LONG_TTL} A 192.0.2.81
short 2 A 192.0.2.82
zero 0 A 192.0.2.83
ttl12 12 A 192.0.2.84
alias CNAME chat.deepseek.com.
longer CNAME alias
service-alias CNAME files.deepseeksvc.com.
fine CNAME www
https HTTPS 1 . alpn=h2 ech={ech()} ipv4hint=192.0.2.80
to-blocked HTTPS 1 chat.deepseek.com. alpn=h2
alias-mode HTTPS 0 chat.deepseek.com.
_dns SVCB 1 api.deepseek.com. alpn=h2
hint HTTPS 1 . alpn=h2 ipv4hint={DEDICATED}
dedicated A {DEDICATED}
shared A {SHARED}
tree DNAME deepseek.com.
leaf.empty A 192.0.2.84
*.wild A 192.0.2.85
{strings("big07", 3)}
{strings("big3", 12)}
{strings("big60", 235)}
""",
    "deepseek.com": "chat A 192.0.2.1\napi A 192.0.2.2\n@ A 192.0.2.3\n",
    "deepseeksvc.com": "files A 192.0.2.4\n@ A 192.0.2.5\n",
    "notdeepseek.com": "@ A 192.0.2.6\n",
    "example.org": "deepseek.com A 192.0.2.7\nlisted A 192.0.2.8\nsub.listed A 192.0.2.9\n",
    "observed.example": "@ A 192.0.2.10\n@ HTTPS 1 . alpn=h2 ech=" + ech() + "\n",
    "voluntary.example": "@ A 192.0.2.11\n",
    BOGUS: "@ A 192.0.2.15\n",
}
for list_format in ("plain", "hosts", "adblock", "rpz"):
    ZONES[f"{list_format}.example"] = "@ A 192.0.2.12\nbad A 192.0.2.13\ngood A 192.0.2.14\n"


def zone_text(zone, body):
    dotted = zone + "."
    return HEAD.format(zone=dotted, zone_tail=dotted, upstream=UPSTREAM) + body


def root_text():
    cuts = "".join(f"{zone}. NS ns.{zone}.\nns.{zone}. A {UPSTREAM}\n" for zone in ZONES)
    return (f"$ORIGIN .\n$TTL 300\n. SOA ns.root-test. nobody.root-test. 1 3600 600 86400 300\n. NS ns.root-test.\n"
            f"ns.root-test. A {UPSTREAM}\n{SECURE}. A 192.0.2.90\n{BOGUS}. DS 1 13 2 {'ab' * 32}\n{cuts}{hostile.cuts()}")


CONFIG = """
server:
  rundir: "{directory}"
  listen: ["{address}@53"]
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
log:
  - target: stderr
    any: error
database:
  storage: "{directory}"
mod-stats:
  - id: all
    request-protocol: on
template:
  - id: default
    storage: "{directory}"
    global-module: mod-stats/all
    semantic-checks: off
zone:
"""


class Authority:
    def __init__(self, namespace):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="writ-knot-"))
        config = CONFIG.format(directory=self.directory, address=UPSTREAM)
        texts = {zone: zone_text(zone, body) for zone, body in ZONES.items()} | {".": root_text()}
        for zone, text in texts.items():
            file = self.directory / f"{zone.strip('.') or 'root'}.zone"
            file.write_text(text)
            config += f"  - domain: \"{zone}\"\n    file: \"{file}\"\n"
            config += "    zonefile-sync: -1\n    dnssec-signing: on\n" if zone == "." else ""
        (self.directory / "knot.conf").write_text(config)
        self.root_hints = self.directory / "root.hints"
        self.root_hints.write_text(f". 3600000 NS ns.root-test.\nns.root-test. 3600000 A {UPSTREAM}\n")
        self.log = open(self.directory / "stderr", "w+")
        self.process = subprocess.Popen([KNOT, "-c", self.directory / "knot.conf"], stderr=self.log,
                                        preexec_fn=namespace.enter)
        writ.wait_for("knotd", self.is_ready, 20)
        self.trust_anchor = self.directory / "root.key"
        self.trust_anchor.write_text(self._run("keymgr", "-c", self.directory / "knot.conf", ".", "ds"))
        self.directory.chmod(0o755)

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError((self.directory / "stderr").read_text())
        return self._control("zone-status").count("serial") >= len(ZONES) + 1

    @staticmethod
    def _run(tool, *words):
        tool = shutil.which(tool, path="/usr/sbin:/usr/bin")
        return subprocess.run([tool, *words], capture_output=True, text=True).stdout

    def _control(self, *words):
        return self._run("knotc", "-s", self.directory / "knot.sock", *words)

    def questions(self):
        """How many queries it has received so far."""
        counts = re.findall(r"request-protocol\[[^]]*\] = (\d+)", self._control("stats", "mod-stats"))
        return sum(map(int, counts))

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)
