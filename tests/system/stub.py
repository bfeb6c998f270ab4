"""Programs that resolve names for people, with files of their own in the places where they look for them."""
import json
import os
import pathlib
import shutil
import subprocess

import unpacked
from network import GATE
from private import HOST

RESOLVED = os.environ.get("SYSTEMD_RESOLVED") or shutil.which(
    "systemd-resolved", path=f"/lib/systemd:/usr/lib/systemd:{unpacked.FOLDER}/lib/systemd:{unpacked.FOLDER}/usr/lib/systemd")
RESOLVED_LIBRARIES = ":".join(map(str, unpacked.FOLDER.glob("usr/lib/*/systemd")))
CHROMIUM, CERTUTIL = shutil.which("chromium"), shutil.which("certutil")
# nothing that a program starts outlives it
ALONE = ("--pid", "--mount-proc", "--fork", "--kill-child")
RESOLVED_USER = "systemd-resolve:x:61999:61999::/:/usr/sbin/nologin"


class Rooms:
    """Starts programs in the clients' network, before whose eyes some files and folders are others."""

    def __init__(self, agency, name):
        self.agency, self.folder = agency, pathlib.Path(agency.directory) / name
        self.folder.mkdir()
        self.steps = ["set -e", "mount --make-rprivate /"]

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def show(self, path, at):
        self.steps.append(f"mount --bind {path} {at}")

    def command(self, *words, more=()):
        return ["unshare", "--mount", *more, "sh", "-c", "\n".join([*self.steps, 'exec "$@"']), "sh", *map(str, words)]

    def options(self, **environment):
        return {"preexec_fn": self.agency.network.client.enter, "env": {**os.environ, **environment}}


class Resolved:
    """systemd-resolved that asks the gate by TLS and believes the certificates under that authority."""

    def __init__(self, agency, authority):
        rooms = Rooms(agency, "resolved")
        for name in ("passwd", "group"):
            line = RESOLVED_USER if name == "passwd" else "systemd-resolve:x:61999:"
            rooms.show(rooms.write(name, f"{pathlib.Path('/etc', name).read_text()}{line}\n"), f"/etc/{name}")
        conf = rooms.write("gate.conf", "[Resolve]\nDNSOverTLS=yes\nDNSSEC=no\nFallbackDNS=\nLLMNR=no\nMulticastDNS=no\n"
                           f"Domains=~.\nCache=no\nDNS={GATE[4]}:{agency.tls_port}#{HOST}\n")
        rooms.steps += ["mount -t tmpfs tmpfs /run", "mkdir -p /run/systemd/resolve /run/systemd/resolved.conf.d",
                        f"cp {conf} /run/systemd/resolved.conf.d/gate.conf", "chown 61999:61999 /run/systemd/resolve"]
        self.log = rooms.folder / "log"
        self.process = subprocess.Popen(rooms.command(RESOLVED), stderr=self.log.open("wb"),
                                        **rooms.options(SSL_CERT_FILE=str(authority), SYSTEMD_LOG_LEVEL="debug",
                                                         LD_LIBRARY_PATH=RESOLVED_LIBRARIES))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)


class Chromium:
    """Chromium under the policy of an organisation: it resolves names by the gate's DoH and by nothing else."""

    def __init__(self, agency, authority=None):
        self.rooms = Rooms(agency, "chromium")
        self.home = self.rooms.folder / "home"
        store = self.home / ".pki/nssdb"
        store.mkdir(parents=True)
        subprocess.run([CERTUTIL, "-d", f"sql:{store}", "-N", "--empty-password"], check=True)
        if authority:
            subprocess.run([CERTUTIL, "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "agency", "-i", authority], check=True)
        self.rooms.write("policies/managed/dns.json", json.dumps({
            "DnsOverHttpsMode": "secure",
            "DnsOverHttpsTemplates": f"https://{HOST}:{agency.https_port}/dns-query{{?dns}}"}))
        self.rooms.steps.append("mkdir -p /etc/chromium/policies")
        self.rooms.show(self.rooms.folder / "policies", "/etc/chromium/policies")
        self.rooms.show(self.rooms.write("hosts", f"127.0.0.1 localhost\n{GATE[4]} {HOST}\n"), "/etc/hosts")
        self.rooms.show(self.rooms.write("resolv.conf", f"nameserver {GATE[4]}\n"), "/etc/resolv.conf")

    def open(self, url):
        """Returns the page's text and what was said of the visit."""
        done = subprocess.run(
            self.rooms.command(CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                               "--disable-background-networking", f"--user-data-dir={self.home}/profile",
                               "--dump-dom", url, more=ALONE),
            capture_output=True, text=True, timeout=120, **self.rooms.options(HOME=str(self.home)))
        return done.stdout, done.stderr
