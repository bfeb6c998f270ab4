"""A ministry whose packet gate stands in the lab: units by address, one of them with an exemption."""
import base64
import hashlib
import itertools
import json
import os
import shutil
import subprocess

import agency
import writ
from agency import OBSERVED, VOLUNTARY, Agency
from certificate import openssl
from packet_lab import RESOLVER

class PacketAgency(Agency):
    """Settings of the packet gate in the arguments; the DNS gate is there also and nobody asks it."""

    ports = itertools.count(53)

    def __init__(self, lab, **packet):
        writ.Writ.__init__(self)
        self.lab = lab
        agency.catalogue(self.directory / "catalogue")
        self.settings["catalogue"] = "catalogue"
        self.settings["packet"] = {"mode": "host" if lab.kind == "host" else "routed", **packet}
        self.settings["dns"].update(listen=[f"127.0.0.1:{next(self.ports)}"], upstream={"forward": [f"{RESOLVER}:53"]})
        self.settings["record"]["heartbeat_interval"] = "1 s"
        self.organisation.update(
            networks=[{"prefix": p} for p in ("10.54.0.0/24", "fd54::/64", "10.57.0.0/16", "fd57::/64")],
            units=[{"id": "finance", "networks": [{"prefix": "10.54.1.0/24"}]},
                   {"id": "laboratory", "networks": [{"prefix": "10.54.2.0/24"}, {"prefix": "fd54:0:0:2::/64"}]}],
            adoptions=[{"order": writ.ORDER, "mode": "enforce"},
                       {"order": VOLUNTARY, "mode": "enforce", "voluntary": True},
                       {"order": OBSERVED, "mode": "observe"}],
            exemptions=[agency.exemption("laboratory")])
        self.write()

    def start(self, **options):
        return writ.Writ.start(self, preexec_fn=self.lab.gate.enter, **options)

    def reload(self):
        self.write()
        self.command("reload")

    def counters(self, part="packet"):
        return json.loads(self.command("status", "--json"))["counters"][part]

    def observe_only(self):
        for adoption in self.organisation["adoptions"]:
            adoption["mode"] = "observe"
        self.write()
        return self


class Browser:
    """Chromium among the clients: it knows where names are and believes the servers' certificates."""

    PROGRAM = shutil.which("chromium")

    def __init__(self, lab, folder, servers, address, names):
        self.lab, self.folder = lab, folder
        folder.mkdir()
        certificates = [servers.quic_certificate, *(servers.files[n][0] for n in names)]
        self.options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                        "--host-resolver-rules=" + ",".join(f"MAP {n} {address}" for n in names),
                        "--ignore-certificate-errors-spki-list=" + ",".join(map(self.fingerprint, certificates))]

    @staticmethod
    def fingerprint(certificate):
        public = openssl("x509", "-in", certificate, "-noout", "-pubkey")
        body = "".join(line for line in public.splitlines() if not line.startswith("-----"))
        return base64.b64encode(hashlib.sha256(base64.b64decode(body)).digest()).decode()

    def open(self, url, *more, seconds=30):
        """The page's text, and what was said of the visit; a page that does not come is an error page."""
        words = ["unshare", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child", self.PROGRAM, *self.options, *more,
                 f"--user-data-dir={self.folder}/profile", "--dump-dom", url]
        done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=seconds * 3,
                              preexec_fn=self.lab.client.enter, env={**os.environ, "HOME": str(self.folder)})
        return done.stdout, done.stderr

    def open_by_quic(self, name):
        return self.open(f"https://{name}/index.html", f"--origin-to-force-quic-on={name}:443")
