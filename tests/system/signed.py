"""Signed zones with something wrong in each, and knotd that serves them as they are."""
import pathlib
import re
import shutil
import subprocess
import tempfile

import writ
from authority import CONFIG, KNOT
from network import SLOW_UPSTREAM

SIGNER, KEYGEN = (shutil.which(f"dnssec-{tool}", path="/usr/sbin:/usr/bin") for tool in ("signzone", "keygen"))
PARENT = "signed-test"
TEXT = f"""$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A {SLOW_UPSTREAM}
www A 192.0.2.91
elsewhere CNAME www.expired.{PARENT}.
"""
PERIODS = {"expired": ["-s", "20200101000000", "-e", "20200201000000"],
           "early": ["-s", "now+2592000", "-e", "now+5184000"]}


class SignedZones:
    """`good`, `expired`, `early`, `unsigned` (no signature of www), `unproved` (no NSEC), `stranger` (another key)."""
    names = ("good", "expired", "early", "unsigned", "unproved", "stranger")

    def __init__(self, namespace):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="writ-signed-"))
        config, anchors = CONFIG.format(directory=self.directory, address=SLOW_UPSTREAM), []
        for name in self.names:
            zone = f"{name}.{PARENT}"
            file, anchor = self._sign(zone, PERIODS.get(name, []))
            records = [line for line in file.read_text().splitlines() if keeps(name, line)]
            file.write_text("\n".join(records) + "\n")
            anchors.append(self._key(zone) if name == "stranger" else anchor)
            config += f"  - domain: \"{zone}\"\n    file: \"{file}\"\n    zonefile-sync: -1\n"
        self.anchors = self.directory / "anchors"
        self.anchors.write_text("".join(anchors))
        (self.directory / "knot.conf").write_text(config)
        self.directory.chmod(0o755)
        self.process = subprocess.Popen([KNOT, "-c", self.directory / "knot.conf"], preexec_fn=namespace.enter,
                                        stderr=subprocess.DEVNULL)
        try:
            writ.wait_for("knotd", self._is_ready, 20)
        except BaseException:
            self.close()
            raise

    def _run(self, *words):
        return subprocess.run(words, cwd=self.directory, check=True, capture_output=True, text=True).stdout

    def _key(self, zone):
        """The text of a new key, whose file is beside the zone."""
        made = self._run(KEYGEN, "-a", "ECDSAP256SHA256", "-f", "KSK", zone).strip()
        return re.sub("(?m)^;.*\n", "", (self.directory / f"{made}.key").read_text())

    def _sign(self, zone, period):
        anchor = self._key(zone)
        file = self.directory / f"{zone}.zone"
        file.write_text(f"$ORIGIN {zone}.\n{TEXT}{anchor}")
        self._run(SIGNER, "-P", "-z", "-O", "full", *period, "-o", zone, "-f", f"{file}.signed", str(file))
        return pathlib.Path(f"{file}.signed"), anchor

    def _is_ready(self):
        done = subprocess.run([shutil.which("knotc", path="/usr/sbin:/usr/bin"), "-s", self.directory / "knot.sock",
                               "zone-status"], capture_output=True, text=True)
        return done.stdout.count("serial: 1") == len(self.names)

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.directory, ignore_errors=True)


def keeps(name, line):
    """Whether a record of the signed zone stays in it."""
    if name == "unsigned":
        return not re.match(r"www\.\S+\s+\d+\s+IN\s+RRSIG\s+A\s", line)
    if name == "unproved":
        return not re.search(r"\sIN\s+(NSEC|RRSIG\s+NSEC)\s", line)
    return True
