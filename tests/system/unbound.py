"""Unbound as an upstream, in the clear and over TLS: a resolver of other people, with its own ideas."""
import pathlib
import shutil
import subprocess
import tempfile

from certificate import Authority
from network import UPSTREAM
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
STUB = """
stub-zone:
  name: "{zone}"
  stub-addr: {address}
"""


class Unbound:
    """`stubs` are pairs of a zone and the address of its name server; the rest it asks the tests' authority."""

    def __init__(self, network, stubs=()):
        self.network = network
        self.folder = tempfile.TemporaryDirectory(prefix="writ-unbound-")
        directory = pathlib.Path(self.folder.name)
        directory.chmod(0o755)
        self.signer = Authority(directory)
        certificate, key = self.signer.issue("unbound", NAME)
        config = directory / "unbound.conf"
        config.write_text(CONFIG.format(directory=directory, address=ADDRESS, upstream=UPSTREAM,
                                        certificate=certificate, key=key)
                          + "".join(STUB.format(zone=zone, address=address) for zone, address in stubs))
        self.process = subprocess.Popen([UNBOUND, "-d", "-c", config], preexec_fn=network.gate.enter,
                                        stderr=subprocess.DEVNULL)

    def __enter__(self):
        try:
            wait_for("unbound", self._listens)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.folder.cleanup()

    def _listens(self):
        with self.network.gate.entered():
            done = subprocess.run(["ss", "-Hltn", "sport", "=", ":853"], capture_output=True, text=True)
        return ADDRESS in done.stdout
